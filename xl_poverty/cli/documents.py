"""why, formulas, policies, policy check: what the documents say."""
from __future__ import annotations

#: mistakes shown of one document: a wrong rule lets hundreds of cases fail
MOST_MISTAKES = 50


def why(options) -> int:
    from ..errors import CellError
    from ..formulas import WHY
    from ..formulas.documents import known_function
    from ..formulas.office import current

    signature = known_function(options.measure, current())
    named = {}
    for fact in options.facts:
        label, sign, value = fact.partition("=")
        if not sign:
            raise CellError("unknown_option", f"“{fact}”应写成 参数=值，如 户类型=脱贫户")
        name = signature.labels.get(label.strip(), label.strip())
        if name not in (*signature.by_name, "policy", "as_of"):
            known = "、".join(signature.labels)
            raise CellError("unknown_option", f"{signature.alias}没有参数“{label}”，有：{known}")
        argument = signature.by_name.get(name)
        is_list = argument is not None and argument.kind == "numbers"
        named[name] = value.replace("，", ",").split(",") if is_list else value
    print(WHY(signature.name, **named))
    return 0


def formulas(options) -> int:
    from ..formulas.documents import documents, known_function
    from ..formulas.office import current
    from ..formulas.signatures import own_signatures, signatures

    installed = documents(current())
    if options.name is None:
        group = ""
        for signature in signatures().values():
            if signature.group != group:
                group = signature.group
                print(f"\n{group}")
            print(f"  {signature.name:<28}{signature.alias}")
        for policy in installed:
            own = own_signatures(policy).values()
            if own:
                print(f"\n{policy.short_name}自己的")
            for signature in own:
                print(f"  {signature.name:<28}{signature.alias}")
        print("\n看一个函数的参数：xl-poverty formulas 交通补贴")
        return 0
    signature = known_function(options.name, current())
    print(f"{signature.alias}　={signature.call_text}")
    print(f"结果：{signature.result}{f'，{signature.nature}' if signature.nature else ''}")
    for argument in signature.arguments:
        marks = [argument.unit, "、".join(argument.options), "可不填" if argument.optional else ""]
        marks = [mark for mark in marks if mark]
        print(f"  {argument.label}（{argument.name}）{'：' + '；'.join(marks) if marks else ''}")
    for policy in installed:
        measure = policy.measures.get(signature.name)
        if measure:
            print(f"{policy.short_name} {policy.cite(measure)}："
                  f"{measure.kind}{measure.unit and '，' + measure.unit}　“{'……'.join(measure.quotes)}”")  # fmt: skip
            if measure.note:
                print(f"  说明：{measure.note}")
            for reading in measure.readings:
                choices = "、".join(reading.alternatives)
                print(f"  口径 {reading.name}：{choices}（默认 {reading.default}，{reading.because}）")
    return 0


def policies(options) -> int:
    import datetime as dt

    from ..formulas.documents import documents
    from ..formulas.office import current

    today = dt.date.today()
    for policy in documents(current()):
        if not policy.tested:
            state = "不检验"
        else:
            state = "已到期" if policy.expired(today) else "施行中" if policy.covers(today) else "未施行"
        until = policy.until or "未定"
        print(f"{policy.short_name}　{policy.cited}　{policy.start} 至 {until}（{state}）　编号 {policy.id}")
        print(f"  {policy.title}")
        print(f"  {len(policy.measures)} 个事项、{len(policy.indicators)} 个指标、{len(policy.deadlines)} 个时限")
    return 0


def policy_check(options) -> int:
    from pathlib import Path

    from ..errors import LedgerError
    from ..formulas.checking import check_documents, read_cases

    folder = Path(options.folder)
    try:
        found = check_documents(folder)
    except FileNotFoundError:
        raise LedgerError(f"{folder} 里没有 policy.toml") from None
    for name, mistakes in found.items():
        if mistakes:
            print(f"{name}：{len(mistakes)} 处错误")
            print("\n".join(f"  {line}" for line in mistakes[:MOST_MISTAKES]))
            if len(mistakes) > MOST_MISTAKES:
                print(f"  另有 {len(mistakes) - MOST_MISTAKES} 处，改正以上各处后再检查")
        else:
            document = folder if (folder / "policy.toml").exists() else folder / name
            print(f"{name}：没有错误，{len(read_cases(document))} 个核对例都对")
    return 1 if any(found.values()) else 0
