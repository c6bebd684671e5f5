"""What stands around the rows of a sheet: nothing changes that need not, and what grows stays whole."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings, strategies as st
from lxml import etree
from openpyxl.formatting.rule import ColorScaleRule, FormulaRule
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.table import Table

from xl_poverty.errors import LedgerError
from xl_poverty.workbook.encoding import Formula
from xl_poverty.workbook.frame import WORKSHEET_ORDER, Cover, Frame, Tables, areas_of, reference_of
from xl_poverty.workbook.package import Package
from xl_poverty.workbook.parts import Parts, local
from xl_poverty.workbook.references import area_of

ROWS = rb"(?s)<(\w+:)?sheetData\b[^>]*?(?:/>|>.*?</(?:\w+:)?sheetData\s*>)"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class Sheet:
    """A sheet of a workbook, with the cells that are to be written to it."""

    def __init__(self, content: bytes, index: int = 0):
        self.content = content
        self.parts = Parts(Package(content, "台账.xlsx"))
        self.name, self.part, _ = self.parts.sheets()[index]
        data = self.parts.read(self.part)
        self.before = re.sub(ROWS, rb"<\1sheetData/>", data)
        self.tables = Tables(self.parts, self.part, self.name)
        self.index = index
        self.again()

    def again(self):
        root = etree.fromstring(self.before)
        self.frame = Frame(self.parts, self.tables, root, self.name, self.index)
        return self

    def join(self, cells: dict, occupied: str, merges=(), barred=()):
        """cells: "D1" → value or "D2:D9" → one value for all."""
        self.values = {}
        for place, value in cells.items():
            top, left, bottom, right = area_of(place)
            self.values.update({(r, c): value for r in range(top, bottom + 1) for c in range(left, right + 1)})
        written = areas_of(self.values)
        self.frame.check(written, self.value_at)
        headers = self.tables.join(written, [area_of(occupied)], self.value_at, [area_of(bar) for bar in barred])
        for merge in merges:
            self.frame.merge(area_of(merge))
        self.frame.join(written, [area_of(occupied)])
        return headers

    def value_at(self, row, column):
        return self.values[row, column]

    def find(self, path: str):
        return self.frame.root.find(path.replace("/", "/{*}").removeprefix("/") if "/" in path else f"{{*}}{path}")

    def sqrefs(self, kind: str) -> list[str]:
        found = []
        for element in self.frame.root.iter(f"{{*}}{kind}"):
            inner = element.find("{*}sqref")
            found.append(element.get("sqref") if inner is None else inner.text)
        return found

    def names(self) -> dict[str, str]:
        return {n.get("name"): n.text for n in self.parts.tree(self.parts.workbook).iter("{*}definedName")}

    def table(self, number: int = 1):
        return self.parts.tree(f"xl/tables/table{number}.xml")

    def columns(self, number: int = 1) -> list[tuple[str, str]]:
        return [(column.get("id"), column.get("name")) for column in self.table(number).iter("{*}tableColumn")]

    def whole(self) -> openpyxl.Workbook:
        """The workbook with what changed, and the cells written, as openpyxl reads it."""
        data = etree.tostring(self.frame.root)
        rows = re.search(ROWS, self.parts.read(self.part))[0]
        data = re.sub(ROWS, lambda _: rows, data)
        changed = {**self.parts.changed(), self.part: data}
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(self.content)) as old, zipfile.ZipFile(target, "w") as new:
            for info in old.infolist():
                new.writestr(info, changed.get(info.filename, old.read(info)))
        return openpyxl.load_workbook(target)


def ledger(prepare=lambda sheet: None, columns: int = 3, rows: int = 5, title: str = "台账") -> bytes:
    """A header in row 1 and rows of data."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = title
    sheet.append([f"列{c + 1}" for c in range(columns)])
    for r in range(rows - 1):
        sheet.append([r * 10 + c for c in range(columns)])
    prepare(sheet)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def with_table(reference: str = "A1:C5", **options):
    def prepare(sheet):
        table = Table(id=7, displayName="表1", ref=reference, **options)
        table._initialise_columns()
        for column, cell in zip(table.tableColumns, sheet[reference][0]):
            column.name = str(cell.value)
        sheet.add_table(table)

    return prepare


def xlsx(prepare) -> bytes:
    target = io.BytesIO()
    workbook = xlsxwriter.Workbook(target)
    prepare(workbook)
    workbook.close()
    return target.getvalue()


def in_order(root) -> bool:
    places = [WORKSHEET_ORDER.index(local(child)) for child in root if local(child)]
    return places == sorted(places)


NEW = {"D1": "应享", "D2:D5": 1}


# ---- nothing changes that need not


def test_an_untouched_frame_says_so():
    sheet = Sheet(ledger(with_table()))
    sheet.frame.widen_dimension(area_of("A1:C5"))
    sheet.join({"B2": 5, "F9": 1}, "A1:C5")
    assert not sheet.frame.changed and not sheet.parts.changed()


def test_a_width_that_is_there_already():
    sheet = Sheet(ledger(lambda sheet: sheet.column_dimensions.__getitem__("B").__setattr__("width", 20)))
    sheet.frame.set_width(1, 20)
    assert not sheet.frame.changed


# ---- dimension, widths, merges


def test_the_dimension_widens():
    sheet = Sheet(ledger())
    sheet.frame.widen_dimension(area_of("D2:E9"))
    assert sheet.frame.changed and sheet.find("dimension").get("ref") == "A1:E9"


def described(frame) -> dict[int, dict]:
    """column → what is said of it."""
    found = {}
    for col in frame.root.iterfind("{*}cols/{*}col"):
        for number in range(int(col.get("min")), int(col.get("max")) + 1):
            assert number not in found, "columns overlap"
            found[number] = {key: value for key, value in col.attrib.items() if key not in ("min", "max")}
    return found


COLS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 6), st.integers(0, 4)), max_size=5)


@settings(max_examples=100, deadline=None)
@given(COLS, st.lists(st.tuples(st.integers(0, 35), st.sampled_from((8.43, 13, 60.5))), max_size=5))
def test_widths(described_before, widths):
    cols, at = "", 1
    for gap, count, style in described_before:
        cols += f'<col min="{at + gap}" max="{at + gap + count - 1}" width="9" style="{style}" hidden="1" bestFit="1"/>'
        at += gap + count
    sheet = Sheet(ledger())
    cols = f"<cols>{cols}</cols>" if cols else ""
    sheet.before = sheet.before.replace(b"<sheetData/>", cols.encode() + b"<sheetData/>")
    before = described(sheet.again().frame)
    for column, width in widths:
        sheet.frame.set_width(column, width)
    after = described(sheet.frame)
    for column, width in dict(widths).items():
        found = after.pop(column + 1)
        assert (float(found.pop("width")), found.pop("customWidth")) == (width, "1")
        expected = before.pop(column + 1, {})
        assert found == {key: value for key, value in expected.items() if key in ("style", "hidden")}
    assert after == before
    places = [int(col.get("min")) for col in sheet.frame.root.iter("{*}col")]
    assert places == sorted(places) and in_order(sheet.frame.root)
    assert sheet.frame.changed == bool(widths)


def test_merging():
    def prepare(sheet):
        sheet.conditional_formatting.add("A1:C5", FormulaRule(["A1>1"]))
        sheet.print_options.gridLines = True

    sheet = Sheet(ledger(prepare))
    sheet.frame.merge(area_of("D1:D2"))
    sheet.frame.merge(area_of("E1:F1"))
    sheet.frame.merge(area_of("E1:F1"))
    sheet.frame.merge(area_of("G1"))
    assert sheet.find("mergeCells").get("count") == "2" and in_order(sheet.frame.root)
    assert [str(area) for area in sheet.whole().active.merged_cells.ranges] == ["D1:D2", "E1:F1"]
    with pytest.raises(LedgerError, match=r"台账.*D2:E3.*D1:D2.*重叠"):
        sheet.frame.merge(area_of("D2:E3"))


def test_no_merging_within_tables():
    with pytest.raises(LedgerError, match="表1.*A1:C5"):
        Sheet(ledger(with_table())).frame.merge(area_of("C5:D5"))


# ---- refusals


def check(content: bytes, cells: dict, arrays=()):
    sheet = Sheet(content)
    values = {area_of(place)[:2]: value for place, value in cells.items()}
    sheet.frame.check(areas_of(values), lambda row, column: values[row, column], [area_of(area) for area in arrays])


def test_covered_cells_are_not_written_to():
    content = ledger(lambda sheet: sheet.merge_cells("B2:C4"))
    check(content, {"B2": "左上", "A2": 1, "D4": 1, "B5": 1})
    with pytest.raises(LedgerError, match=r"台账.*C3 被合并单元格 B2:C4.*B2"):
        check(content, {"C3": 1})


def test_headers_of_tables_stay():
    content = ledger(with_table())
    check(content, {"B1": "列2", "B2": "别的", "D1": "新"})
    for value in ("别的", None, 2):
        with pytest.raises(LedgerError, match="B1 是表格“表1”的表头“列2”"):
            check(content, {"B1": value})


def test_headers_with_line_breaks():
    content = ledger(lambda sheet: [sheet.__setitem__("B1", "补贴\n金额_x0041_")] and with_table()(sheet))
    sheet = Sheet(content)
    column = list(sheet.table().iter("{*}tableColumn"))[1]
    column.set("name", "补贴_x000a_金额_x005F_x0041_")
    sheet.tables = Tables(sheet.parts, sheet.part, sheet.name)
    sheet.again().frame.check([area_of("B1")], lambda row, column: "补贴\r\n金额_x0041_")
    with pytest.raises(LedgerError):
        sheet.frame.check([area_of("B1")], lambda row, column: "补贴金额")
    headers = sheet.join({"D1": "补贴\n金额_x0041_", "D2": 1, "E1": "行\n一"}, "A1:C5")
    assert headers == {(0, 3): "补贴\n金额_x0041_2"}
    assert [name for _, name in sheet.columns()][-2:] == ["补贴_x000a_金额_x005F_x0041_2", "行_x000a_一"]


def test_formulas_for_several_cells_stay_whole():
    check(ledger(), {"B2": 1, "C9": 1}, arrays=["C9:C9"])
    with pytest.raises(LedgerError, match="B3 在数组公式.*B2:B9"):
        check(ledger(), {"B3": 1}, arrays=["B2:B9"])


def test_the_sheet_has_an_end():
    sheet = Sheet(ledger())
    for area in ((1 << 20, 0, 1 << 20, 0), (0, 1 << 14, 0, 1 << 14)):
        with pytest.raises(LedgerError, match="一张表最多1048576行、16384列"):
            sheet.frame.check([area], lambda row, column: 1)


# ---- tables


def test_a_table_takes_in_a_new_column():
    sheet = Sheet(ledger(with_table(autoFilter=AutoFilter(ref="A1:C5"))))
    assert sheet.join(NEW, "A1:C5") == {}
    table = sheet.table()
    assert table.get("ref") == table.find("{*}autoFilter").get("ref") == "A1:D5"
    assert sheet.columns() == [("1", "列1"), ("2", "列2"), ("3", "列3"), ("4", "应享")]
    assert table.find("{*}tableColumns").get("count") == "4"
    assert set(sheet.parts.changed()) == {"xl/tables/table1.xml"} and not sheet.frame.changed
    assert sheet.whole().active.tables["表1"].column_names == ["列1", "列2", "列3", "应享"]
    sheet.again().frame.join(areas_of(sheet.values), [area_of("A1:C5")])  # the sheet goes by a second time
    sheet.frame.check(areas_of(sheet.values), sheet.value_at)
    assert table.get("ref") == "A1:D5"


@pytest.mark.parametrize(
    "cells, headers, names",
    [
        ({"D1": "列2", "E1": "列2", "F1": "LIE", "G1": "lie"}, {(0, 3): "列22", (0, 4): "列23", (0, 6): "lie2"},
         ["列22", "列23", "LIE", "lie2"]),
        ({"D1": 2024, "E1": "新"}, {(0, 3): "2024"}, ["2024", "新"]),
        ({"D1": "新", "E1": Formula("A1"), "F1": "后"}, {}, ["新"]),
        ({"D1": "新", "E2": 1}, {}, ["新"]),
        ({"D1": " ", "E1": "新"}, {}, []),
        ({"D1": "字" * 256}, {}, []),
        ({"E1": "隔", "E2": 1}, {}, []),
        ({"D3": 1}, {}, []),
        ({"D1": True}, {}, []),
    ],
)  # fmt: skip
def test_headers_of_new_columns(cells, headers, names):
    sheet = Sheet(ledger(with_table()))
    assert sheet.join(cells, "A1:C5") == headers
    assert [name for _, name in sheet.columns()[3:]] == names


def test_a_table_takes_in_rows_beneath():
    sheet = Sheet(ledger(with_table()))
    sheet.join({**NEW, "A6:A8": 1, "B8:B9": 1, "A11": 1}, "A1:C5")
    assert sheet.table().get("ref") == "A1:D9"


def test_no_table_grows_past_its_totals_or_over_others():
    def prepare(sheet):
        with_table("A1:C5", totalsRowCount=1)(sheet)

    sheet = Sheet(ledger(prepare))
    sheet.join({"A6:C6": 1, "D1": "应享", "D5": "合计"}, "A1:C5")
    assert sheet.table().get("ref") == "A1:D5"
    assert sheet.table().findall("{*}tableColumns/{*}tableColumn")[3].get("totalsRowLabel") == "合计"
    sheet = Sheet(ledger(prepare))
    sheet.join({"D1": "应享", "D5": Formula("SUBTOTAL(109,表1[应享])")}, "A1:C5")
    added = sheet.table().findall("{*}tableColumns/{*}tableColumn")[3]
    assert added.get("totalsRowFunction") == "custom" and added[0].text == "SUBTOTAL(109,表1[应享])"

    for cells, options in (
        (NEW, {"occupied": "A1:D5"}),  # the column was there before
        (NEW, {"merges": ["D1:E1"]}),
        (NEW, {"barred": ["D2:D5"]}),
        ({"A6": 1}, {"occupied": "A1:C7"}),
    ):
        sheet = Sheet(ledger(with_table()))
        merges = options.pop("merges", [])
        sheet.join(cells, options.pop("occupied", "A1:C5"), merges, barred=merges or options.get("barred", ()))
        assert sheet.table().get("ref") == "A1:C5"


def test_merged_cells_that_come_to_light_late_are_told():
    sheet = Sheet(ledger(lambda sheet: [with_table()(sheet), sheet.merge_cells("D1:E1")]))
    with pytest.raises(LedgerError, match="表1.*A1:D5.*D1:E1"):
        sheet.join(NEW, "A1:C5")


def test_tables_do_not_grow_into_each_other():
    def prepare(workbook):
        sheet = workbook.add_worksheet("台账")
        sheet.add_table("A1:B4", {"columns": [{"header": "一"}, {"header": "二"}]})
        sheet.add_table("D1:E4", {"columns": [{"header": "三"}, {"header": "四"}]})

    sheet = Sheet(xlsx(prepare))
    sheet.join({"C1": "五", "F1": "六", "F2": 1}, "A1:B4")  # what is told of the sheet is too little
    assert [sheet.table(number).get("ref") for number in (1, 2)] == ["A1:C4", "D1:F4"]
    sheet = Sheet(xlsx(lambda workbook: (prepare(workbook), workbook.worksheets()[0].add_table("A5:B7"))))
    sheet.join({"C1": "五", "A6": 1}, "A1:E7")
    assert sheet.table().get("ref") == "A1:B4"


def test_a_table_without_headers_and_one_of_a_query():
    def prepare(workbook):
        workbook.add_worksheet("台账").add_table("A1:B4", {"header_row": False})

    sheet = Sheet(xlsx(prepare))
    sheet.join({"C1:C3": 1}, "A1:B4")
    assert sheet.table().get("ref") == "A1:C4" and sheet.columns()[-1] == ("3", "列3")
    sheet = Sheet(ledger(with_table(tableType="queryTable")))
    sheet.join(NEW, "A1:C5")
    assert sheet.table().get("ref") == "A1:C5" and not sheet.parts.changed()


def test_the_row_that_waits_for_data():
    sheet = Sheet(ledger(with_table("A1:C2", insertRow=True), rows=1))
    sheet.join({"A2:C2": 1}, "A1:C1")
    assert sheet.table().get("insertRow") is None and sheet.table().get("ref") == "A1:C2"


def test_columns_keep_their_numbers():
    sheet = Sheet(ledger(with_table()))
    for column, number in zip(sheet.table().iter("{*}tableColumn"), ("4", "9", "2")):
        column.set("id", number)
    sheet.tables = Tables(sheet.parts, sheet.part, sheet.name)
    sheet.again().join({**NEW, "E1": "二"}, "A1:C5")
    assert [number for number, _ in sheet.columns()] == ["4", "9", "2", "10", "11"]


# ---- filter, names, print area


@pytest.mark.parametrize("title", ["台账", "2022年 甲村's"])
def test_the_filter_of_the_sheet_and_its_name(title):
    def prepare(workbook):
        sheet = workbook.add_worksheet("别的")
        sheet.autofilter("A1:C5")
        sheet.print_area("A1:C5")
        sheet = workbook.add_worksheet(title)
        sheet.autofilter("A1:C5")
        sheet.print_area("A1:C5")
        sheet.write("C5", 1)

    sheet = Sheet(xlsx(prepare), 1)
    sheet.join({**NEW, "A6:D6": 1}, "A1:C5")
    assert sheet.find("autoFilter").get("ref") == "A1:D6" and sheet.frame.changed
    names = sheet.parts.tree(sheet.parts.workbook).iter("{*}definedName")
    spelt = title if title == "台账" else "'" + title.replace("'", "''") + "'"
    expected = {("0", "别的!$A$1:$C$5"), ("1", f"{spelt}!$A$1:$D$6")}
    assert {(name.get("localSheetId"), name.text) for name in names} == expected
    before = sheet.parts.changed()
    sheet.again().frame.join(areas_of(sheet.values), [area_of("A1:C5")])
    assert sheet.find("autoFilter").get("ref") == "A1:D6" and sheet.parts.changed() == before


def test_a_filter_under_a_header_of_two_rows():
    def prepare(sheet):
        sheet.auto_filter.ref = "A2:C5"

    sheet = Sheet(ledger(prepare))
    sheet.join({"D1": "应享", "D3:D5": 1}, "A1:C5", merges=["D1:D2"])
    assert sheet.find("autoFilter").get("ref") == "A2:D5"
    sheet = Sheet(ledger(prepare))
    sheet.join({"D4": "旁注"}, "A1:C5")  # no header, so no column of the list
    assert not sheet.frame.changed


@pytest.mark.parametrize(
    "before, after",
    [
        ("台账!$A$1:$C$5", "台账!$A$1:$D$6"),
        ("台账!$A$1:$B$5", "台账!$A$1:$B$6"),  # ended before the edge, not at the bottom
        ("台账!$A$1:$C$3", "台账!$A$1:$D$3"),
        ("台账!$A$1:$F$20", "台账!$A$1:$F$20"),
        ("台账!$A:$C", "台账!$A:$D"),
        ("'台账'!$A$1:$C$5,台账!$A$1:$A$2", "'台账'!$A$1:$D$6,台账!$A$1:$A$2"),
        ("OFFSET(台账!$A$1,0,0,5,3)", "OFFSET(台账!$A$1,0,0,5,3)"),
        ("台账!$A$1:INDEX(台账!$C:$C,5)", "台账!$A$1:INDEX(台账!$C:$C,5)"),
        ("台账!#REF!", "台账!#REF!"),
        ("别的!$A$1:$C$5", "别的!$A$1:$C$5"),
    ],
)
def test_what_is_printed(before, after):
    def prepare(workbook):
        sheet = workbook.add_worksheet("台账")
        sheet.print_area("A1:C5")
        sheet.write("C5", 1)

    sheet = Sheet(xlsx(prepare))
    for name in sheet.parts.tree(sheet.parts.workbook).iter("{*}definedName"):
        name.text = before
    sheet.join({**NEW, "A6:D6": 1}, "A1:C5")
    assert sheet.names() == {"_xlnm.Print_Area": after}


# ---- conditional formats and validations


def test_formats_and_validations_over_all_columns():
    def prepare(sheet):
        for area, rule in (
            ("A2:C5", FormulaRule(['$B2="死亡"'])),
            ("A1:C3 B9", FormulaRule(["A1=1"])),
            ("A2:B5", FormulaRule(["A2=2"])),
            ("C2:C5", FormulaRule(["C2=3"])),
            ("A1:C5", ColorScaleRule("min", None, "FF0000", "max", None, "00FF00")),
        ):
            sheet.conditional_formatting.add(area, rule)
        for number, area in enumerate(("A2:C5", "A7:C9")):
            validation = DataValidation("whole", formula1=str(number))
            validation.add(area)
            sheet.add_data_validation(validation)

    sheet = Sheet(ledger(prepare))
    sheet.join({**NEW, "E1": "二", "A6:D6": 1}, "A1:C5")
    assert sheet.sqrefs("conditionalFormatting") == ["A2:E6", "A1:E3 B9", "A2:B5", "C2:C5", "A1:C5"]
    assert sheet.sqrefs("dataValidation") == ["A2:E6", "A7:C9"]
    sheet.whole()


def test_formats_within_a_table_that_grows_downwards():
    def prepare(sheet):
        with_table()(sheet)
        for area in ("B2:B5", "B2:B4", "A1:A5"):
            sheet.conditional_formatting.add(area, FormulaRule(["A1=1"]))

    sheet = Sheet(ledger(prepare))
    sheet.join({"A6:C7": 1}, "A1:C5")
    assert sheet.sqrefs("conditionalFormatting") == ["B2:B7", "B2:B4", "A1:A5"]


def test_validations_do_not_come_upon_each_other():
    def prepare(sheet):
        for area in ("A2:C5", "D3:D4"):
            validation = DataValidation("whole", formula1="1")
            validation.add(area)
            sheet.add_data_validation(validation)

    sheet = Sheet(ledger(prepare))
    sheet.join(NEW, "A1:C5")
    assert sheet.sqrefs("dataValidation") == ["A2:C5", "D3:D4"] and not sheet.frame.changed


EXTENDED = """<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" uri="{78C0D931}">\
<x14:conditionalFormattings xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:conditionalFormatting>\
<x14:cfRule type="expression" priority="1" id="{1}"><xm:f>别的!$A$1=1</xm:f></x14:cfRule><xm:sqref>A2:C5</xm:sqref>\
</x14:conditionalFormatting><x14:conditionalFormatting><x14:cfRule type="dataBar" id="{2}"><x14:dataBar/></x14:cfRule>\
<xm:sqref>A2:C5</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings><x14:dataValidations count="1"\
 xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation type="list"><x14:formula1>\
<xm:f>别的!$A$1:$A$3</xm:f></x14:formula1><xm:sqref>A2:C5 F9</xm:sqref></x14:dataValidation></x14:dataValidations>\
</ext></extLst>"""


def test_those_in_the_form_of_2010():
    sheet = Sheet(ledger())
    sheet.before = sheet.before.replace(b"</worksheet>", EXTENDED.encode() + b"</worksheet>")
    sheet.again().join(NEW, "A1:C5")
    assert sheet.sqrefs("conditionalFormatting") == ["A2:D5", "A2:C5"]
    assert sheet.sqrefs("dataValidation") == ["A2:D5 F9"]


# ---- prefixes and strict namespaces


@pytest.mark.parametrize("space", [MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"])
def test_prefixed_and_strict_sheets(space):
    sheet = Sheet(ledger())
    sheet.before = f"""<?xml version="1.0"?><x:worksheet xmlns:x="{space}"><x:dimension ref="A1:C5"/><x:sheetData/>\
<x:autoFilter ref="A1:C5"/><x:conditionalFormatting sqref="A2:C5"><x:cfRule type="expression"/>\
</x:conditionalFormatting><x:pageMargins/></x:worksheet>""".encode()
    sheet.again()
    sheet.frame.widen_dimension(area_of("D1"))
    sheet.frame.set_width(3, 12)
    sheet.join(NEW, "A1:C5", merges=["F1:G2"])
    assert etree.tostring(sheet.frame.root).decode() == (
        f'<x:worksheet xmlns:x="{space}"><x:dimension ref="A1:D5"/><x:cols><x:col min="4" max="4" width="12"'
        ' customWidth="1"/></x:cols><x:sheetData/><x:autoFilter ref="A1:D5"/><x:mergeCells count="1"><x:mergeCell'
        ' ref="F1:G2"/></x:mergeCells>'
        '<x:conditionalFormatting sqref="A2:D5"><x:cfRule type="expression"/></x:conditionalFormatting><x:pageMargins/>'
        "</x:worksheet>"
    )


# ---- areas

spots = st.sets(st.tuples(st.integers(0, 12), st.integers(0, 8)), max_size=40)
areas = st.tuples(st.integers(0, 12), st.integers(0, 8), st.integers(0, 5), st.integers(0, 4)).map(
    lambda a: (a[0], a[1], a[0] + a[2], a[1] + a[3])
)


def cells(area) -> set:
    return {(r, c) for r in range(area[0], area[2] + 1) for c in range(area[1], area[3] + 1)}


@given(spots)
def test_areas_of_cells(found):
    made = areas_of(found)
    assert sorted(spot for area in made for spot in cells(area)) == sorted(found)
    assert all(area_of(reference_of(area)) == area_of(reference_of(area, fixed=True)) == area for area in made)


@given(st.lists(areas, max_size=6), areas, st.integers(0, 20))
def test_covered(covering, area, row):
    cover, covered = Cover(covering), set().union(*map(cells, covering))
    assert sorted(cover.spots(area)) == sorted(covered & cells(area))
    assert cover.touches(area) == bool(covered & cells(area))
    last = row
    while any((last, column) in covered for column in range(area[1], area[3] + 1)):
        last += 1
    assert cover.down_from(row, area[1], area[3]) == last - 1


LETTERS = st.lists(st.text("甲ab_x000\n2", max_size=3), min_size=16, max_size=16)


@settings(max_examples=60, deadline=None)
@given(areas.filter(lambda area: area[2] > area[0]), st.lists(areas, max_size=5), LETTERS)
def test_tables_stay_whole(area, written, texts):
    """Whatever is written: names differ, their number is that of the columns, numbers differ, headers agree."""
    top, left, bottom, right = area

    def prepare(sheet):
        for column in range(left, right + 1):
            sheet.cell(top + 1, column + 1, f"列{column}")
        with_table(reference_of(area))(sheet)

    sheet = Sheet(ledger(prepare, columns=right + 1, rows=bottom + 1))
    written = [new for new in written if not cells(new) & cells((top, left, top, right))]
    values = {spot: texts[spot[1]] if spot[0] == top else 1 for new in written for spot in cells(new)}
    headers = sheet.tables.join(areas_of(values), [area], lambda row, column: values[row, column])
    values.update(headers)
    now = area_of(sheet.table().get("ref"))
    names = sheet.tables._tables[0].names
    assert now[:2] == area[:2] and now[2] >= bottom and len(names) == now[3] - now[1] + 1
    assert len({name.casefold() for name in names}) == len(names) and all(names)
    assert len({number for number, _ in sheet.columns()}) == len(names)
    assert [values[top, c] for c in range(right + 1, now[3] + 1)] == names[right - left + 1 :]
    assert sheet.table().find("{*}tableColumns").get("count") == str(len(names))
    assert (now != area) == bool(sheet.parts.changed())
