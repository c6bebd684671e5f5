"""The generated pages about ledgers: which headers are known, what is checked. `tools/write_docs.py` writes them."""
from __future__ import annotations

from itertools import groupby
from pathlib import Path

from xl_poverty.ledger.checks import checks
from xl_poverty.ledger.fields import Field, fields

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOTICE = "<!-- 由 tools/write_docs.py 生成，请不要手改 -->"
KINDS = {
    "key": "编号", "id": "证件号码", "name": "姓名", "phone": "电话", "account": "账号", "date": "日期",
    "months": "月数", "money": "金额", "number": "数", "flag": "是或否", "place": "地点", "text": "文字",
    "word": "选一项", "words": "可选几项",
}  # fmt: skip
_HEADERS = """\
# 认得的表头

台账里的一列认作什么，看表头的字。换行、空格、全角括号、括号里的单位都不影响；多出来的列不碍事。
您那里叫法不同的，在台账旁边的 `office.toml` 里加一行，如：

```toml
[headers]
"户编号" = ["家庭代码"]
```

怎样认的，用 `xl-poverty inspect` 看；拿不准的它会问。

| 认作 | 也可以写 | 内容 | 属于 |
|---|---|---|---|"""
_CHECKS = """\
# 检查项

`xl-poverty check 台账.xlsx -o 疑点表.xlsx` 做这 {count} 项检查，逐格列出疑点，台账本身不改动。
**错误**是不可能对的，**疑点**是多半不对的，**提示**是值得看一眼的。
标“先核实”的，没有核实以前，用到那一格的事项不核算；核实下来没有错的，调一调界限或关掉这一项。

不要哪一项、要改界限，在台账旁边的 `office.toml` 里写（名称在括号里），如：

```toml
[checks]
off = ["phone_shared"]
[checks.wage_high]
yuan = 50000
```
"""


def pages() -> dict[Path, str]:
    return {DOCS / "台账表头.md": headers_page(), DOCS / "检查项.md": checks_page()}


def headers_page() -> str:
    lines = [NOTICE, _HEADERS]
    lines += [_row(field) for field in fields().values()]
    return "\n".join(lines) + "\n"


def _row(field: Field) -> str:
    others = "、".join(field.headers[1:]).replace("|", "\\|")
    content = KINDS[field.kind] + (f"（{field.unit}）" if field.unit else "")
    return f"| {field.label} | {others} | {content} | {field.of or '行'} |"


def checks_page() -> str:
    known = list(checks().values())
    lines = [NOTICE, _CHECKS.format(count=len(known))]
    for group, members in groupby(known, key=lambda check: check.group):
        lines += [f"## {group}", ""]
        for check in members:
            marks = [check.severity, *(["先核实"] if check.blocks else [])]
            limits = "、".join(f"`{name} = {number}`" for name, number in check.limits.items())
            told = [check.about, f"处理：{check.remedy}", f"界限：{limits}" if limits else "", f"依据：{check.source}"]
            text = "".join(one if one.endswith("。") else f"{one}。" for one in told if one)
            lines += [f"- **{check.title}**（`{check.name}`，{'，'.join(marks)}）：{text}"]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
