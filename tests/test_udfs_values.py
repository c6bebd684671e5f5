"""The adapter of values by itself: cells of every kind, and what a workbook says in front of the policy."""
from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal

import pytest

from xl_poverty import CellError, office
from xl_poverty.formulas.ranges import Strip
from xl_poverty.hosts import values
from xl_poverty.hosts.values import CONTEXT, SHEET, answer, error_text, from_excel, from_office, marked_error, to_rows

S, J = "双碾乡", "奉节县"
#: 限额据实 takes the cost of 900 where 定额 gives 1500
TRAVEL = ("脱贫户", "是", "跨省", 900, *[None] * 4)
NO_DATE = (None, None)


def told(policy="", day="", readings="", folder="", argument=""):
    """What the macro puts before the policy."""
    return CONTEXT + CONTEXT.join([policy, day, readings, str(folder), argument])


def travel(before, as_of=None):
    result = answer("TRAVEL_SUBSIDY", *TRAVEL, before, as_of)
    return result.code if isinstance(result, CellError) else result


# ---- cells


@pytest.mark.parametrize(("raw", "cell"), [
    (None, None), ("", ""), (" 1 ", " 1 "), (0.0, 0.0), (True, True), (1.1010119900307e17, 1.1010119900307e17),
    (-2146826246, "#N/A"), (-2146826281, "#DIV/0!"), (-2146826273, "#VALUE!"), (-2146826243, "#SPILL!"), (7, 7),
    (-2146826000, "#VALUE!"),  # an error that is not known yet is no number
    (dt.datetime(2023, 6, 12, 8, 30, tzinfo=dt.UTC), dt.datetime(2023, 6, 12, 8, 30)),
    (Decimal("12.3456"), Decimal("12.3456")),
    ((), None), ((5.0,), 5.0), (((5.0,),), 5.0), ((1.0, None), [[1.0, None]]), (((1.0, "a"), (None, -2146826246)),
                                                                            [[1.0, "a"], [None, "#N/A"]]),
])  # fmt: skip
def test_from_excel(raw, cell):
    assert from_excel(raw) == cell
    assert type(from_excel(raw)) is type(cell)


def test_a_column_travels_flat():
    column = from_excel(((1.0,), (None,), (-2146826246,), (dt.datetime(2023, 1, 2, tzinfo=dt.UTC),)))
    assert type(column) is Strip and column == [1.0, None, "#N/A", dt.datetime(2023, 1, 2)]


class JsNull:
    """What Pyodide makes of null."""


@pytest.mark.parametrize(("raw", "cell"), [
    (None, None), ("", ""), (0, 0), (False, False), (-2146826246, -2146826246), (JsNull(), None),
    ({"type": "Error", "basicValue": "#REF!", "errorType": "Ref"}, "#REF!"),
    ({"type": "FormattedNumber", "basicValue": 45089.5, "numberFormat": "yyyy/m/d"}, dt.datetime(2023, 6, 12, 12)),
    ({"type": "FormattedNumber", "basicValue": 45089, "numberFormat": '[$-804]m"月"d'}, dt.datetime(2023, 6, 12)),
    ({"type": "FormattedNumber", "basicValue": 6.0, "numberFormat": '#,##0.00"day";[Red]General'}, 6.0),
    ({"type": "String", "basicValue": "跨省"}, "跨省"),
    ([1, None], [[1, None]]), ([[1], [JsNull()]], [1, None]),
])  # fmt: skip
def test_from_office(raw, cell):
    assert from_office(raw) == cell


def test_results():
    error = CellError("missing", "缺")
    assert to_rows(5, marked_error, str) == [[5]] and to_rows(None, marked_error, str) == [[""]]
    assert to_rows(error, marked_error, str) == [["\ue000#N/A"]] and to_rows(error, error_text, str) == [["#N/A"]]
    assert to_rows([[1, None], [error, dt.date(2023, 1, 2)]], error_text, str) == [[1, ""], ["#N/A", "2023-01-02"]]
    assert to_rows(Strip([1, 2.5, True]), error_text, str) == [(1,), (2.5,), (True,)]
    assert to_rows(Strip(["a", error]), error_text, str) == [("a",), ("#N/A",)]
    assert to_rows(Strip([1, 2, 1]), error_text, str) == [(1,), (2,), (1,)]
    assert [type(one) for (one,) in to_rows(Strip([True, 1, 1.0]), error_text, str)] == [bool, int, float]


@pytest.mark.parametrize("result", [2**31, Strip([5, 2**31]), [[2**31]], Strip([-(2**31), 0.5])])
def test_whole_numbers_fit_into_32_bits(result):
    """A whole number that needs more is handed over as Excel keeps it, as a double."""
    cells = [cell for row in to_rows(result, error_text, str) for cell in row]
    assert [type(cell) for cell in cells if abs(cell) > 5] == [float]


def test_an_error_that_older_hosts_do_not_know():
    assert error_text(CellError("excel_error", "", "#SPILL!")) == "#VALUE!"
    assert error_text(CellError("excel_error", "", "#REF!")) == "#REF!"


def test_columns_of_different_length():
    result = answer("DUE_NOW", Strip([1, 2, 3]), Strip([1, 2]), *NO_DATE)
    assert result.code == "inconsistent" and "3×1、2×1" in result.message


def test_a_column_beside_a_block():
    assert answer("DUE_NOW", Strip([10, 20]), [[1, 2], [3, 4]], *NO_DATE) == [[9, 8], [17, 16]]


def test_money_in_a_currency_format():
    assert answer("DUE_NOW", from_excel(Decimal("1500.5")), 600.0, *NO_DATE) == 900.5


# ---- what the workbook says


def test_the_workbook_stands_in_for_what_is_blank():
    assert travel(None) == "unknown_policy"
    assert travel(told(S)) == 1500
    assert travel(told("没有的政策")) == "unknown_policy"
    assert travel(told(J, argument=S)) == 1500  # the argument stands first
    assert travel(told(J)) == "not_specified"
    assert travel(told(S, "2031-01-01")) == 0  # out of force
    assert travel(told(S, "2031-01-01"), "2023-06-30") == 1500
    assert travel(told(S, "昨天")) == "bad_date"


def test_readings_of_the_name_and_of_the_sheet():
    assert travel(told(S, readings="交通补贴=限额据实")) == 900
    assert travel(told(S, readings="交通补贴=没有的")) == "unknown_option"
    assert travel(told(S, readings="没有的=限额据实")) == "unknown_option"  # in the name somebody meant it
    assert travel(told(S, readings=f"{SHEET}项目=值;没有的=限额据实;交通补贴=限额据实")) == 900
    assert travel(told(S, readings=f"交通补贴=定额{SHEET}交通补贴=限额据实")) == 1500
    assert travel(told(readings=f"{SHEET}政策={S};业务日期=2031-01-01")) == 0
    assert travel(told(S, readings=f"{SHEET}政策={J}")) == 1500


def test_answers_for_tables():
    """A question about a column that was answered in the sheet 核算口径."""
    table = [
        ["户编号", "证件号码", "户类型", "是否劳动力", "连续外出务工月数", "月工资"],
        ["1001", "106001195803040013", "脱贫户", "是", "8个月", 3000],
        ["1001", "106001197003040037", "脱贫户", "是", "8个月", 3000],
    ]
    assert answer("ENTITLEMENTS", table, "稳岗补助", S, "2023-06-30")[1][0].code == "not_number"
    lines = f"{SHEET}项目=值;月数文字：连续外出务工月数=是"
    assert answer("ENTITLEMENTS", table, "稳岗补助", told(S, "2023-06-30", lines), None)[1][0] == 1200


def test_a_column_of_policies_carries_it_in_its_first_cell():
    column = Strip([told("", "2031-01-01"), S, S])
    assert answer("TRAVEL_SUBSIDY", *TRAVEL, column, None)[1:] == [0, 0]
    assert answer("TRAVEL_SUBSIDY", *TRAVEL, Strip([told("", "2031-01-01", argument=S), S]), None) == [0, 0]
    assert answer("TRAVEL_SUBSIDY", *TRAVEL, [[told(S), J]], None)[0][0] == 1500
    errors = answer("TRAVEL_SUBSIDY", *TRAVEL, Strip([told(S, "2031-01-01", argument="#N/A"), S]), None)
    assert errors[0].cell == "#VALUE!" and errors[1] == 0


def test_functions_without_a_policy_carry_it_in_the_first_argument():
    sentence = answer("WHY", told(S, argument="交通补贴"), *TRAVEL)
    assert sentence.startswith("交通补贴1500元") and "政策取自工作簿" in sentence
    pairs = ("户类型", "脱贫户", "是否劳动力", "是", "务工去向", "跨省")
    assert answer("BENEFIT", told(S, argument="交通补贴"), *pairs) == 1500
    assert answer("WHY", told(S)).code == "missing"


def test_why_tells_what_is_wrong_with_the_workbook():
    sentence = answer("WHY", told(S, "昨天", argument="交通补贴"), *TRAVEL)
    assert sentence == "算不出（#VALUE!）：工作簿里的业务日期：“业务日期”填的是“昨天”，请填日期，如2023-02-01。"


def test_office_beside_the_workbook(tmp_path):
    folder = tmp_path / "台账 与 表"
    folder.mkdir()
    (folder / "office.toml").write_text(f'policy = "{S}"\n[readings]\n"交通补贴" = "限额据实"\n', encoding="utf-8")
    assert travel(told(folder=folder)) == 900
    assert travel(told(readings="交通补贴=定额", folder=folder)) == 1500  # the workbook stands before it
    with office(policy=J):  # an option of the caller stands before the user's, not before the workbook's
        assert travel(told(folder=folder)) == 900
        assert travel(told(folder=tmp_path)) == "not_specified"
    assert travel(told(folder=tmp_path)) == "unknown_policy"


def test_a_changed_office_is_noticed(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(values.time, "monotonic", lambda: now[0])
    file = tmp_path / "office.toml"
    file.write_text(f'policy = "{J}"', encoding="utf-8")
    assert travel(told(folder=tmp_path)) == "not_specified"
    file.write_text(f'policy = "{S}"', encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert travel(told(folder=tmp_path)) == "not_specified"
    now[0] += values._LOOK_AGAIN
    assert travel(told(folder=tmp_path)) == 1500
    file.unlink()
    now[0] += values._LOOK_AGAIN
    assert travel(told(folder=tmp_path)) == "unknown_policy"


@pytest.mark.parametrize(("text", "saying"), [
    ("policy = 双碾乡".encode(), "office.toml：不是有效的 TOML"),
    ("[lines]".encode("utf-16"), "office.toml：文字编码不是 UTF-8"),
    ("# 双碾乡".encode("gbk"), "office.toml：文字编码不是 UTF-8，请用记事本另存为 UTF-8"),
    (b"polcy = 1", "office.toml：不认识的项 polcy"),
])  # fmt: skip
def test_a_wrong_office_is_an_error_in_every_cell(tmp_path, text, saying):
    (tmp_path / "office.toml").write_bytes(text)
    result = answer("TRAVEL_SUBSIDY", *TRAVEL, told(S, folder=tmp_path), None)
    assert result.cell == "#VALUE!" and result.message.startswith(saying)
    assert saying in answer("WHY", told(S, folder=tmp_path, argument="交通补贴"), *TRAVEL)


def test_an_office_as_windows_saves_it(tmp_path):
    (tmp_path / "office.toml").write_text(f'policy = "{S}"', encoding="utf-8-sig")
    assert travel(told(folder=tmp_path)) == 1500


def test_what_is_known_of_workbooks_does_not_grow(monkeypatch):
    monkeypatch.setattr(values, "_known", {})
    for day in range(3 * values._MOST_KNOWN):
        assert travel(told(S, str(dt.date(2023, 1, 1) + dt.timedelta(day)))) == 1500
    assert len(values._known) <= values._MOST_KNOWN
