"""The command line as a clerk meets it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from checked import installed

import xl_poverty
from xl_poverty.cli import main

ROOT = Path(xl_poverty.__file__).parents[1]
LEDGER = ROOT / "workbooks" / "双碾乡台账.xlsx"
COMMANDS = (
    *("demo", "inspect", "check", "fill", "compare", "plan", "summary", "roster", "notice", "audit", "merge", "split"),
    *("export", "freeze", "portable", "why", "formulas", "policies", "policy"),
    *("do", "explain", "backup", "new", "install-addin", "build-oxt", "install-oxt", "remove-oxt", "doctor"),
)


def run(*arguments, cwd=None):
    """(exit code, output, errors) of the program in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-m", "xl_poverty", *map(str, arguments)],
        capture_output=True, encoding="utf-8", env=environment, cwd=cwd, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def english(text: str) -> list[str]:
    """Words in lower case that are neither a command, an option nor a kind of file."""
    words = re.findall(r"(?<![\w-])[a-z]{3,}(?!\w)", text)
    known = (*COMMANDS, "install", "build", "remove", "check", "xl", "poverty", "xlsx", "xlsm", "xls", "csv", "txt")
    return [word for word in words if word not in known]


@pytest.fixture
def call(capsys):
    """(exit code, output, errors) of the program in this process."""

    def called(*arguments):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = ended.code
        told = capsys.readouterr()
        return code, told.out, told.err

    return called


@pytest.fixture
def ledger(tmp_path):
    """Two persons."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "台账"
    sheet.append(["户编号", "与户主关系", "户类型", "劳动技能", "务工去向", "连续外出务工月数", "月工资"])
    sheet.append(["A1", "户主", "脱贫户", "普通劳动力", "跨省", 6, 1000])
    sheet.append(["A2", "户主", "脱贫户", "普通劳动力", "外省打工", 5, 1000])
    book.create_sheet("别的").append(["没有表头"])
    book.save(tmp_path / "台账.xlsx")
    return tmp_path / "台账.xlsx"


USUAL = ("--policy", "双碾乡", "--as-of", "2025-06-30")


def headers(file) -> list:
    return [cell.value for cell in openpyxl.load_workbook(file)["台账"][1]]


# ---- as a program


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(option):
    assert run(option) == (0, f"xl-poverty {xl_poverty.__version__}\n", "")


def test_demo(tmp_path):
    code, out, err = run("demo", "--out", "试用", cwd=tmp_path)
    assert code == 0 and err == ""
    assert re.search(r"^交通补贴 +第10条 +现金 .* 98,400$", out, re.MULTILINE)
    assert re.search(r"^应享现金合计：[\d,.]+ 元（已核算 389 行，另有 11 行待改，未计入）$", out, re.MULTILINE)
    assert "政策：双碾乡 双发〔2022〕67号　工作表：台账　数据 400 行" in out
    assert len(re.findall(r"^第\d+行　双发〔2022〕67号：", out, re.MULTILINE)) == 5
    assert {path.name for path in (tmp_path / "试用").iterdir()} == {"双碾乡台账.xlsx", "双碾乡台账_已核算.xlsx"}
    assert (tmp_path / "试用" / "双碾乡台账.xlsx").read_bytes() == LEDGER.read_bytes()
    sheet = openpyxl.load_workbook(tmp_path / "试用" / "双碾乡台账_已核算.xlsx")["台账"]
    assert [cell.value for cell in sheet[3]][-1] == "依据"


def test_a_message_is_no_traceback(tmp_path):
    code, out, err = run("fill", tmp_path / "没有.xlsx")
    assert (code, out, err) == (1, "", "xl-poverty：找不到文件：没有.xlsx\n")


def test_an_interrupted_pipe_is_no_traceback(tmp_path):
    code, out, err = run("formulas")
    assert code == 0 and err == "" and out.count("\n") > 60


# ---- help


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_is_chinese(call, command, option):
    code, out, err = call(*command, option)
    assert code == 0 and err == ""
    assert out.startswith("用法：xl-poverty") and "显示帮助" in out
    assert not english(out.replace("xl-poverty", ""))
    if not command:
        assert all(name in out for name in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "缺少参数：命令"),
        (("fill",), "缺少参数：台账"),
        (("why",), "缺少参数：事项"),
        (("别的",), "没有 '?别的'?，可用：.*demo"),
        (("fill", "台账.xlsx", "--out"), "后面要跟一个值"),
        (("fill", "台账.xlsx", "--measures"), "后面至少要跟一个值"),
        (("demo", "--别的"), "不认识的参数：--别的"),
        (("demo", "--help=1"), "1"),
    ],
)
def test_a_wrong_call_is_told_in_chinese(call, arguments, told):
    code, out, err = call(*arguments)
    assert code == 2 and out == ""
    assert re.search(told, err), err
    assert not english(err.replace("xl-poverty", ""))


# ---- fill


def test_fill_beside_the_ledger(call, ledger):
    before = ledger.read_bytes()
    code, out, err = call("fill", ledger, *USUAL)
    assert code == 0 and err == ""
    assert "已写入" in out and "台账_已核算.xlsx" in out and "原台账未改动" in out
    assert re.search(r"^交通补贴 +第10条 +现金 +1 +0 +1 +1,500$", out, re.MULTILINE)
    assert re.search(r"^稳岗补助 +第11条 +现金 +1 +\d +\d +1,200$", out, re.MULTILINE)
    assert "应享现金合计：2,700 元（已核算 1 行，另有 1 行待改，未计入）" in out
    assert "未核算 创业补贴：缺列：返乡回流、自主创业" in out
    assert ledger.read_bytes() == before
    assert headers(ledger.with_name("台账_已核算.xlsx"))[7:] == ["应享交通补贴", "应享稳岗补助", "应享现金合计", "依据"]


@pytest.mark.parametrize("option", ["-o", "--out"])
def test_fill_elsewhere(call, ledger, option):
    code, _, _ = call("fill", ledger, *USUAL, option, ledger.with_name("结果.xlsx"))
    assert code == 0 and {p.name for p in ledger.parent.iterdir()} == {"台账.xlsx", "结果.xlsx"}


@pytest.mark.parametrize(
    "name", ["双碾乡", "shuangnian_2022", "双发〔2022〕67号", "双发[2022]67号", "双发（2022）67号"]
)
def test_a_document_by_any_of_its_names(call, ledger, name):
    code, out, _ = call("fill", ledger, "--policy", name, "--as-of", "2025-06-30")
    assert code == 0 and out.startswith("政策：双碾乡 双发〔2022〕67号")


@pytest.mark.parametrize("day", ["2025-06-30", "2025年6月30日", "20250630", "2025.6.30"])
def test_a_date_in_any_way(call, ledger, day):
    code, out, _ = call("fill", ledger, "--policy", "双碾乡", "--as-of", day)
    assert code == 0 and "1,500" in out


def test_a_date_outside_the_period(call, ledger):
    code, out, _ = call("fill", ledger, "--policy", "双碾乡", "--as-of", "2026-01-01")
    assert code == 0 and "应享现金合计：0 元" in out


@pytest.mark.parametrize("names", [["交通补贴", "STABLE_JOB_BONUS"], ["travel_subsidy", "稳岗补助"]])
def test_chosen_measures(call, ledger, names):
    code, _, _ = call("fill", ledger, *USUAL, "--measures", *names)
    assert code == 0
    assert headers(ledger.with_name("台账_已核算.xlsx"))[7:] == ["应享交通补贴", "应享稳岗补助", "应享现金合计", "依据"]
    code, _, _ = call("fill", ledger, *USUAL, "--measures", names[0])
    assert headers(ledger.with_name("台账_已核算.xlsx"))[7:] == ["应享交通补贴", "应享现金合计", "依据"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((*USUAL, "--measures", "交通费"), "没有名为“交通费”的事项"),
        ((*USUAL, "--measures", "场租补贴"), "没有可核算的事项：场租补贴（缺列：返乡回流、自主创业、年租金）"),
        ((*USUAL, "--sheet", "汇总"), "没有工作表“汇总”，有：台账、别的"),
        ((*USUAL, "--sheet", "别的"), "没有找到人员或户的台账"),
        (("--as-of", "2025-06-30"), "没有指明政策"),
        (
            ("--policy", "别的乡", "--as-of", "2025-06-30"),
            f"没有名为“别的乡”的政策，已装：{'、'.join(data['short_name'] for data in installed())}",
        ),
        (("--policy", "双碾乡", "--as-of", "去年"), "“业务日期”填的是“去年”"),
        ((*USUAL, "-o", "没有的/结果.xlsx"), "输出文件夹不存在"),
    ],
)
def test_what_cannot_be_filled(call, ledger, arguments, told):
    code, out, err = call("fill", ledger, *arguments)
    assert code == 1 and out == ""
    assert err.startswith("xl-poverty：") and told in err
    assert [path.name for path in ledger.parent.iterdir()] == ["台账.xlsx"]


def test_the_ledger_is_no_result(call, ledger):
    code, _, err = call("fill", ledger, *USUAL, "-o", ledger)
    assert code == 1 and "输出文件不能是台账自己" in err


def test_a_broken_office_file(call, ledger):
    ledger.with_name("office.toml").write_text("colour = 1\nas_of = 'x'", encoding="utf-8")
    code, _, err = call("fill", ledger, *USUAL)
    assert code == 1 and "colour" in err and "as_of" in err and "政策文件或设置有误" in err


# ---- why

FACTS = ("政策=双碾乡", "户类型=脱贫户", "是否劳动力=是", "业务日期=2025-06-30")


def test_why(call):
    code, out, err = call("why", "交通补贴", *FACTS, "务工去向=跨省")
    assert code == 0 and err == ""
    assert out.startswith("交通补贴1500元") and "双发〔2022〕67号第10条" in out and out.count("\n") == 1
    facts = ("policy=双碾乡", "household_type=脱贫户", "is_labor=是", "as_of=2025-06-30", "destination=跨省")
    assert call("why", "travel_subsidy", *facts) == (0, out, "")


def test_why_with_a_list(call):
    for comma in (",", "，"):
        wages = comma.join(["1000", "", "999", "1000", "1000", "1000", "1000", "1000", "1500"])
        code, out, _ = call("why", "稳岗补助按月", *FACTS, f"逐月工资={wages}")
        assert code == 0 and out.startswith("稳岗补助按月1200元"), out
    code, out, _ = call("why", "稳岗补助按月", *FACTS, "逐月工资=1000,1000,1000,1000,1000,999")
    assert code == 0 and out.startswith("稳岗补助按月0元")


def test_why_says_why_not(call):
    code, out, _ = call("why", "交通补贴", *FACTS, "务工去向=区内")
    assert code == 0 and "不在跨省或省内区外务工" in out
    code, out, _ = call("why", "交通补贴", *FACTS, "务工去向=外省打工")
    assert code == 0 and "#VALUE!" in out and "外省打工" in out
    code, out, _ = call("why", "交通补贴", *FACTS[:-1], "务工去向=跨省")
    assert "未填业务日期，未检验有效期" in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("交通费", *FACTS), "没有名为“交通费”的函数或事项"),
        (("交通补贴", "去向=跨省"), "交通补贴没有参数“去向”，有：户类型、是否劳动力、务工去向"),
        (("交通补贴", "跨省"), "“跨省”应写成 参数=值"),
    ],
)
def test_a_wrong_why(call, arguments, told):
    code, out, err = call("why", *arguments)
    assert code == 1 and out == "" and told in err


def test_why_of_a_measure_that_the_document_does_not_have(call):
    code, out, _ = call("why", "孝善养老奖补", "政策=双碾乡")
    assert code == 0 and "没有规定孝善养老奖补" in out


@pytest.mark.parametrize(
    "facts", [("条款原文", "事项=10"), ("政策参数", "事项=交通补贴", "参数=跨省"), ("条款原文", "事项=1=2")]
)
def test_why_of_a_function_that_explains(call, facts):
    code, out, err = call("why", *facts, "政策=双碾乡")
    assert (code, err) == (0, "") and out


# ---- lists


def test_formulas(call):
    code, out, _ = call("formulas")
    assert code == 0
    for name, alias in (("TRAVEL_SUBSIDY", "交通补贴"), ("POVERTY_INSURANCE_GAP", "防贫差额补偿"), ("WHY", "计算依据")):
        assert re.search(rf"^  {name} +{alias}$", out, re.MULTILINE)


@pytest.mark.parametrize("name", ["TRAVEL_SUBSIDY", "travel_subsidy", "交通补贴"])
def test_one_formula(call, name):
    code, out, _ = call("formulas", name)
    assert code == 0
    assert out.startswith("交通补贴　=TRAVEL_SUBSIDY(户类型, 是否劳动力, 务工去向, [实际交通费]")
    assert "务工去向（destination）：跨省、省内区外、区内" in out
    assert "双碾乡 双发〔2022〕67号第10条" in out and "从最高不超过300元提高到600元" in out
    assert "口径 标准：定额、限额据实（默认 定额" in out


@pytest.mark.parametrize("name", ["POLICIES", "INDICATOR_OK", "WHY", "ELDER_SUBSIDY"])
def test_a_formula_that_is_no_measure(call, name):
    code, out, err = call("formulas", name)
    assert code == 0 and name in out and err == ""


def test_an_unknown_formula(call):
    code, out, err = call("formulas", "交通费")
    assert code == 1 and out == "" and "没有名为“交通费”的函数" in err


def test_policies(call):
    code, out, _ = call("policies")
    assert code == 0
    for policy in (
        "奉节县　《奉节县促进低收入脱贫人口稳定增收的具体措施》　2022-10-08 至 未定（施行中）　编号 fengjie_2022",
        "阜阳市　《阜阳市促进脱贫人口增收工作方案》　2023-09-21 至 未定（施行中）　编号 fuyang_2023",
        "前进区　佳前乡振发[2022]6号　2022-01-01 至 2022-12-31（不检验）　编号 qianjin_2022",
        "双碾乡　双发〔2022〕67号　2022-08-12 至 2025-12-31",
        "枣庄高新区　枣高社字【2023】16号　2023-01-01 至 2025-12-31",
    ):
        assert re.search(f"^{re.escape(policy)}", out, re.MULTILINE), policy
    assert "编号 shuangnian_2022" in out and "编号 zaozhuang_2023" in out
    assert "中共朔州市平鲁区双碾乡委员会关于加大力度支持脱贫人口增收的若干措施" in out
    counted = {"fengjie_2022": 3, "fuyang_2023": 3, "qianjin_2022": 2, "shuangnian_2022": 1, "zaozhuang_2023": 0}
    found = dict(re.findall(r"编号 (\w+)[^编]*?\d+ 个事项、\d+ 个指标、(\d+) 个时限", out))
    assert found == {data["id"]: str(len(data.get("deadlines", ()))) for data in installed()}
    assert {name: int(found[name]) for name in counted} == counted


def test_a_formula_of_several_documents(call):
    code, out, _ = call("formulas", "孝善养老奖补")
    assert code == 0
    assert "奉节县 《奉节县促进低收入脱贫人口稳定增收的具体措施》第八条：上限内" in out
    assert "枣庄高新区 枣高社字【2023】16号第20条：上限内" in out
    assert "双碾乡" not in out and "阜阳市" not in out and "前进区" not in out
    assert "政府按缴纳金额给予10%的补贴" in out and "30%是区、街道合计" in out
    code, out, _ = call("formulas", "收益分配方式")
    assert code == 0 and "前进区 佳前乡振发[2022]6号第三部分第2项：标准线" in out
    code, out, _ = call("formulas", "四个确保")
    assert code == 0 and "第几个确保" in out and "阜阳市 《阜阳市促进脱贫人口增收工作方案》第二部分" in out


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (
            ("孝善养老奖补", "政策=奉节县", "属于政策对象=是", "周岁年龄=65", "子女月缴赡养金=300", "月数=2"),
            ("孝善养老奖补60元", "《奉节县促进低收入脱贫人口稳定增收的具体措施》第八条"),
        ),
        (
            ("减收原因", "政策=前进区", "上年各项收入=1,2,3,4,5,6,7,8", "本年各项收入=1,2,3,4,0,6,7,8"),
            ("减收原因：5", "本年各项收入的低保0元", "佳前乡振发[2022]6号第二部分（二）"),
        ),
        (
            ("减收原因", "政策=前进区", "上年各项收入=1,2,3,4,5,6,7,8", "本年各项收入=1，2，3，4，5，6，7，8"),
            ("减收原因：无", "佳前乡振发[2022]6号第二部分（二）"),
        ),
        (
            ("缺走访月数", "政策=枣庄高新区", "逐月走访次数=1,1,1,1,1,1,1,1,1,1,1,", "收入档次=低收入"),
            ("缺走访月数：1个月（12月）", "枣高社字【2023】16号第3条"),
        ),
        (
            ("是否按期", "政策=奉节县", "时限事项=一户一策核查", "完成日期=2023-07-01", "年份=2023"),
            ("是否按期：是", "2023年7月1日至2023年7月31日", "第九条"),
        ),
        (
            ("四个确保", "政策=阜阳市", "第几个确保=1", "全市农村居民收入增幅=0.08", "全国增幅=0.08"),
            ("四个确保", "：否", "《阜阳市促进脱贫人口增收工作方案》第二部分"),
        ),
        (("交通补贴", "政策=阜阳市", "务工去向=跨省"), ("写到交通补贴，但没有写明标准", "第9条")),
        (("交通补贴", "政策=奉节县", "务工去向=跨省"), ("没有规定交通补贴",)),
        (
            ("重点关注", "政策=阜阳市", "户类型=脱贫户", "上年人均纯收入=12000", "本年人均纯收入=9000"),
            ("低于1万元+收入下降",),
        ),
    ],
)
def test_why_under_other_documents(call, facts, told):
    code, out, err = call("why", *facts)
    assert (code, err) == (0, "") and out.count("\n") == 1
    assert all(part in out for part in told), out


def test_the_documents_that_come_with_the_package_are_right(call):
    code, out, err = call("policy", "check", Path(xl_poverty.__file__).parent / "policies")
    assert code == 0 and err == ""
    right = re.findall(r"^(\w+)：没有错误，\d+ 个核对例都对$", out, re.MULTILINE)
    assert sorted(right) == [data["id"] for data in installed()] and len(right) >= 5, out
