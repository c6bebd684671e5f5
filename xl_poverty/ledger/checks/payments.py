"""Tables of what is paid: what the 一卡通 asks for before a roster is handed in, and against the other tables."""
from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..cleaning import VALUE
from ..fields import table as words
from .facts import days_of, naming
from .identity import repeated
from .measures import _is_one_of, _persons_in
from .registry import Found, at, check


def _unpaid(t) -> np.ndarray:
    """Per row: does the state say that nothing was or will be paid?"""
    if "paid_state" not in t:
        return np.zeros(len(t), bool)
    return naming(t.cells("paid_state"), *words()["words"]["unpaid"])


@check("roster_id_length")
def roster_id_length(t, terms):
    for name in ("id_number", "beneficiary_id", "payee_id", "head_id"):
        if name in t:
            tailed = t.cells(name).mapped(lambda c: c.state == VALUE and c.value.disability is not None, bool)
            yield at(t, name, tailed, "是残疾人证号，发放表只要前18位")


@check("roster_repeated")
def roster_repeated(t, terms):
    about = terms.about(t)
    if t.persons is None:
        return
    batch = t.persons.codes.copy()
    for name in ("paid_measure", "paid_date"):
        if name in t:
            codes, count = _value_codes(t, name)
            batch = np.where(batch >= 0, batch * count + codes, -1)
    first = {}
    for rows in repeated(batch, ~_unpaid(t)).values():
        first.update((row, int(rows[0])) for row in rows[1:].tolist())
    rows = np.array(sorted(first), np.int64)
    same = "同一事项、同一批" if "paid_measure" in t else "本表"
    yield at(t, about.person_field, rows, lambda row: f"与第{t.row_number(first[row])}行是同一享受人，{same}发了两次")


def _value_codes(t, name: str) -> tuple[np.ndarray, int]:
    """(per row the code of the value, blank a code like others; how many codes there are)."""
    cells = t.cells(name)
    numbers: dict = {}
    codes = np.array([numbers.setdefault(clean.value, len(numbers)) for clean in cells.distinct] or [0])
    return codes[cells.codes], max(1, len(numbers))


@check("roster_group_blank")
def roster_group_blank(t, terms):
    yield at(t, "group", t.cells("group").blank, "没有填，送审时要求填写村（居）民小组")


@check("roster_payee")
def roster_payee(t, terms):
    about = terms.about(t)
    if "payee_id" in t and about.person_field and "head_id" in t:
        payee, own, head = "payee_id", about.person_field, "head_id"
    elif "payee_name" in t and "name" in t and "head_name" in t:
        payee, own, head = "payee_name", "name", "head_name"
    else:
        return
    keys: dict[str, int] = {}
    codes = []
    for name in (payee, own, head):
        own_codes, own_keys = about.key_codes(name)
        joined = np.array([keys.setdefault(key, len(keys)) for key in own_keys] + [-1])
        codes.append(joined[own_codes])
    to, person, of_home = codes
    other = (to >= 0) & (person >= 0) & (of_home >= 0) & (to != person) & (to != of_home)
    yield at(t, payee, other, "既不是享受人本人，也不是本户户主")


@check("roster_account_blank")
def roster_account_blank(t, terms):
    yield at(t, "bank_account", t.cells("bank_account").blank & ~_unpaid(t), "没有填，打不了款")


@check("roster_stop_reason")
def roster_stop_reason(t, terms):
    about = terms.about(t)
    stopped = naming(t.cells("paid_state"), "停发")
    for name in ("stop_reason", "remark"):
        if name in t:
            stopped &= t.cells(name).blank
    name = "stop_reason" if "stop_reason" in t else "remark"
    yield at(t, name, stopped & (about.staying | t.gone), "没有填，停发要写明原因")


@check("roster_corrected")
def roster_corrected(t, terms):
    amount, original = t.cells("paid_amount").numbers, t.cells("paid_original").numbers
    yield at(t, "paid_amount", amount > original, "大于更正前的金额，更正发放不能超过原金额")


@check("roster_amount")
def roster_amount(t, terms):
    cells = t.cells("paid_amount")
    none = (cells.blank | (cells.numbers <= 0)) & ~_unpaid(t)
    yield at(t, "paid_amount", none, "没有填，或不大于0，支付状态却不是停发、退回")


@check("roster_standard")
def roster_standard(t, terms):
    amount, standard = t.cells("paid_amount").numbers, t.cells("paid_standard").numbers
    times = np.divide(amount, standard, out=np.full(len(t), np.nan), where=standard > 0)
    odd = (amount > 0) & (np.abs(times - np.round(times)) > 1e-6)
    yield at(t, "paid_amount", odd, "不是补贴标准的整数倍")


@check("roster_date_ahead")
def roster_date_ahead(t, terms):
    about = terms.about(t)
    yield at(t, "paid_date", days_of(t.cells("paid_date")) > about.days, lambda row: f"还没有到，{about.told(row)}")


# ---- against the other tables


def _rosters(ledger) -> list:
    return [t for t in ledger.tables if t.kind == "发放" and t.persons is not None]


def _registers(ledger) -> list:
    return [t for t in ledger.tables if t.kind in ("人员", "户") and t.persons is not None]


@check("roster_account_differs", whole=True)
def roster_account_differs(ledger, terms):
    accounts: dict[str, str] = {}
    rosters = _rosters(ledger)
    for t in _registers(ledger) if rosters else ():
        if "bank_account" in t:
            codes, values = t.persons.codes, t.cells("bank_account").values
            for row in np.flatnonzero((codes >= 0) & t.cells("bank_account").known).tolist():
                accounts.setdefault(t.persons.keys[codes[row]], values[row])
    for t in rosters:
        if "bank_account" in t:
            known = np.array([accounts.get(key) for key in t.persons.keys] + [None], object)[t.persons.codes]
            own = t.cells("bank_account")
            differs = own.known & np.array([one is not None for one in known], bool) & (known != own.values)
            # to the head's account is another matter
            differs &= _is_payee(t, terms)
            yield at(t, "bank_account", differs, "与台账里本人的账号不同")


def _is_payee(t, terms) -> np.ndarray:
    """Per row: is the beneficiary the payee, as far as is told?"""
    if "payee_id" not in t:
        return np.ones(len(t), bool)
    key = lambda clean: clean.value.key if clean.state == VALUE else None  # noqa: E731
    payee = t.cells("payee_id").mapped(key)
    return (payee == t.cells(terms.about(t).person_field).mapped(key)) | ~t.cells("payee_id").known


@check("roster_stranger", whole=True)
def roster_stranger(ledger, terms):
    registers, rosters = _registers(ledger), _rosters(ledger)
    known = {key for t in registers for key in t.persons.keys} if rosters else set()
    for t in rosters if registers else ():
        strange = (t.persons.codes >= 0) & ~_is_one_of(t, known)
        yield at(t, terms.about(t).person_field, strange, "在台账的人员里没有找到")


@check("gone_paid", whole=True)
def gone_paid(ledger, terms) -> Iterator[Found | None]:
    gone = _persons_in(ledger.tables, lambda t: t.gone if t.gone.any() else None)
    if gone:  # who left one household may live in another
        gone -= _persons_in(ledger.tables, lambda t: ~t.gone if t.gone.any() else None)
    for t in ledger.tables:
        left = t.gone | _is_one_of(t, gone)
        for name in ("paid_amount", "travel_paid"):
            if name in t:
                paid = terms.about(t).positive(name) & ~_unpaid(t)
                yield at(t, name, left & paid, "发给了已死亡、自然减少或迁出的人")
