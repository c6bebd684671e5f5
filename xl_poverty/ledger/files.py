"""From a file to sheets of cells, told by its content and not by its name.

.xlsx has two readers that give the same (a test holds them together). The quick one takes the values from calamine and
searches the sheet's bytes for what calamine does not give: error cells, empty strings, formulas, formulas without a
result, hidden rows. The thorough one walks the XML with expat and needs no calamine; it serves where the XML is not
written the usual way (prefixes, cells without references, comments), and where calamine refuses (macro sheets, #SPILL!).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from ..errors import EXCEL_ERRORS, CellError
from .entitlements import LedgerError

MOST_BYTES = 1 << 30  # of a part, unpacked, and of the file itself
#: XML of real sheets shrinks to a tenth or a thirtieth
MOST_SHRUNK, SHRUNK_FROM = 300, 1 << 26
MOST_CELLS = 50_000_000
MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14
#: a quoted field of a .csv that runs over more lines has lost its closing quote
MOST_LINES = 100
EXACT = 2**53
NO_RESULT = "公式还没有计算结果，请用 Excel、WPS 或 LibreOffice 打开并保存一次"
RESAVE = "请用 Excel 或 WPS 打开，另存为 .xlsx 后再试"

Spot = tuple[int, int]


@dataclass
class Sheet:
    """Cells from A1, zero-based: None where blank, CellError where an error stands. All rows are of one length."""

    name: str
    rows: list[list]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # top, left, bottom, right, inclusive
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formulas: dict[Spot, str] = field(default_factory=dict)  # with "="; an .xls tells where, but not what: "="


@dataclass
class Book:
    """A file as it was read. `names`: what the cell of a defined name holds (.xlsx only)."""

    path: Path
    kind: str  # xlsx (.xlsm too), xls (.et too), csv, html
    sheets: list[Sheet]
    names: dict[str, object] = field(default_factory=dict)


def read_book(path) -> Book:
    """Read a file. Raises LedgerError."""
    path = Path(path)
    content = _content(path)
    name = path.name
    if content.startswith(b"PK"):
        sheets, names = _read_xlsx(content, name)
        return Book(path, "xlsx", sheets, names)
    if content.startswith(_OLE):
        return Book(path, "xls", _read_xls(content, name))
    if re.match(rb"\x09[\x00\x02\x04]..\x00\x00", content, re.DOTALL):
        raise LedgerError(f"{name} 是 Excel 5.0 以前的格式，{RESAVE}")
    text = _decoded(content, name)
    start = text[:4096].lstrip().lower()
    if start.startswith("mime-version:"):
        raise LedgerError(f"{name} 是单个文件网页（.mht），{RESAVE}")
    if "urn:schemas-microsoft-com:office:spreadsheet" in start and start.startswith("<?xml"):
        raise LedgerError(f"{name} 是 2003 版 XML 表格，{RESAVE}")
    if start.startswith("<") and re.search(r"<(html|table|!doctype html|body|meta|head)\b", start):
        return Book(path, "html", _read_html(text, name))
    if start.startswith(("<?xml", "<!doctype", "{\\rtf", "%pdf")):
        raise LedgerError(_no_workbook(name))
    return Book(path, "csv", [Sheet(path.stem, _read_csv(text, name))])


def _content(path: Path) -> bytes:
    name = path.name
    if name.startswith(("~$", ".~")):
        raise LedgerError(f"{name} 是 Excel 或 WPS 打开文件时的临时文件，请改用台账本身")
    try:
        if path.is_dir():
            raise LedgerError(f"{name} 是文件夹，请指明其中的一个文件")
        if path.stat().st_size > MOST_BYTES:
            raise LedgerError(f"{name} 超过 {MOST_BYTES >> 20} MB，太大了，请拆成几个文件")
        content = path.read_bytes()
    except FileNotFoundError:
        raise LedgerError(f"找不到文件：{name}") from None
    except PermissionError:
        raise LedgerError(f"打不开 {name}：文件被占用或没有权限，请关闭后再试") from None
    except OSError as error:
        raise LedgerError(f"打不开 {name}（{error.strerror or type(error).__name__}），请复制到本机硬盘后再试") from None
    if not content:
        raise LedgerError(f"{name} 是空文件（0 字节），请重新下载或复制")
    return content


def _no_workbook(name: str) -> str:
    return f"{name} 不是能读的表格；能读 .xlsx、.xlsm、.xls、.csv 和网页格式的 .xls，别的{RESAVE}"


def _damaged(name: str, what: object = "") -> LedgerError:
    return LedgerError(f"{name} 已损坏，读不出来{f'（{what}）' if what else ''}；{RESAVE}，或重新下载")


# ---- cells


def error_cell(text: str) -> CellError:
    """The error of a cell that shows `text`."""
    if text == "#NAME?":
        return CellError("excel_error", "单元格是 #NAME?：公式里的函数没有认出来，可能没有加载插件", text)
    return CellError("excel_error", f"单元格是错误值 {text}，请先改正", text)


def _no_result() -> CellError:
    return CellError("excel_error", NO_RESULT, "#N/A")


def _number(value: float):
    """A whole number is an int where a float holds it exactly."""
    return int(value) if -EXACT < value < EXACT and value.is_integer() else value


def _cleaned(rows: list[list]) -> list[list]:
    """calamine's cells: blanks are "", numbers are floats."""
    cleaned = []
    for row in rows:
        if set(map(type, row)) == {str}:
            cleaned.append([cell or None for cell in row])
        else:
            cleaned.append(
                [
                    (cell or None) if cell.__class__ is str
                    else int(cell) if cell.__class__ is float and cell.is_integer() and -EXACT < cell < EXACT
                    else cell
                    for cell in row
                ]
            )  # fmt: skip
    return cleaned


def _put(rows: list[list], spot: Spot, value):
    row, column = spot
    while len(rows) <= row:
        rows.append([])
    cells = rows[row]
    if len(cells) <= column:
        cells.extend([None] * (column + 1 - len(cells)))
    cells[column] = value


def _trimmed(rows: list[list]) -> list[list]:
    """Without blank rows and columns at the end, all rows of one length."""
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    while width and all(len(row) < width or row[width - 1] is None for row in rows):
        width -= 1
    for row in rows:
        if len(row) > width:
            del row[width:]
        elif len(row) < width:
            row.extend([None] * (width - len(row)))
    return rows


def _column(letters) -> int:
    number = 0
    for letter in letters.encode() if isinstance(letters, str) else letters:
        number = number * 26 + letter - 64
    return number - 1


def _letters(column: int) -> str:
    text, column = "", column + 1
    while column:
        column, digit = divmod(column - 1, 26)
        text = chr(65 + digit) + text
    return text


_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")


def _area(reference: str) -> tuple[int, int, int, int] | None:
    found = _AREA.fullmatch(reference.strip())
    if not found:
        return None
    left, top, right, bottom = found.groups()
    right, bottom = right or left, bottom or top
    return int(top) - 1, _column(left), int(bottom) - 1, _column(right)


# ---- .xlsx: the package


class _Package:
    """The parts of a zip, each checked before anything else unpacks it."""

    def __init__(self, content: bytes, name: str):
        self.content, self.name = content, name
        try:
            infos = zipfile.ZipFile(io.BytesIO(content)).infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, UnicodeDecodeError) as error:
            raise _damaged(name, "压缩包不完整") from error
        self.infos = {info.filename.replace("\\", "/").lstrip("/").lower(): info for info in infos}
        if any(info.flag_bits & 1 for info in infos):
            raise LedgerError(f"{name} 加了密码，请用密码打开，另存为不加密的文件后再试")
        for info in infos:
            if info.filename.lower().endswith((".xml", ".rels")):
                self._check_size(info)
        if sum(info.file_size for part, info in self.infos.items() if part.endswith(".xml")) > 2 * MOST_BYTES:
            raise self._bomb()

    def _bomb(self) -> LedgerError:
        return LedgerError(f"{self.name} 解压后大得不正常，可能是被做过手脚的压缩文件，没有读；{RESAVE}")

    def _check_size(self, info):
        if info.file_size > MOST_BYTES:
            raise self._bomb()
        if info.file_size > SHRUNK_FROM and info.file_size > MOST_SHRUNK * max(info.compress_size, 1):
            raise self._bomb()

    def read(self, part: str) -> bytes | None:
        """A part, unpacked: never more than it declares, and never less."""
        info = self.infos.get(part.lower())
        if info is None:
            return None
        start = info.header_offset
        if self.content[start : start + 4] != b"PK\x03\x04" or info.compress_type not in (0, 8):
            raise _damaged(self.name, part)
        start += 30 + sum(struct.unpack_from("<HH", self.content, start + 26))
        packed = memoryview(self.content)[start : start + info.compress_size]
        if info.compress_type == 0:
            data, ended = bytes(packed), True
        else:
            unpack = zlib.decompressobj(-15)
            try:
                data = unpack.decompress(packed, info.file_size + 1)
            except zlib.error:
                raise _damaged(self.name, part) from None
            ended = unpack.eof or not unpack.decompress(unpack.unconsumed_tail, 1)
        if len(data) > info.file_size or not ended:
            raise self._bomb()
        if len(data) != info.file_size or zlib.crc32(data) != info.CRC:
            raise _damaged(self.name, part)
        if b"<!DOCTYPE" in data:
            raise self.forbidden()
        return data

    def forbidden(self) -> LedgerError:
        return LedgerError(f"{self.name} 里有正常工作簿没有的内容（DOCTYPE），为安全起见没有读；{RESAVE}")

    def events(self, data: bytes, start, end=None, text=None):
        """Walk XML. Names come without their prefix."""
        from xml.parsers import expat

        def refuse(*_):
            raise self.forbidden()

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = refuse
        parser.StartElementHandler = lambda tag, attrs: start(tag.rpartition(":")[2], attrs)
        if end:
            parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
        if text:
            parser.CharacterDataHandler = text
        try:
            parser.Parse(data, True)
        except expat.ExpatError:
            raise _damaged(self.name, "内容不是完整的 XML") from None

    def elements(self, data: bytes | None) -> list[tuple[str, dict, list[str]]]:
        """All elements of a small part: name, attributes, own text."""
        found: list[tuple[str, dict, list[str]]] = []
        if data is None:
            return found
        open_ = []

        def start(tag, attrs):
            found.append((tag, attrs, []))
            open_.append(found[-1][2])

        self.events(data, start, lambda tag: open_.pop(), lambda text: open_[-1].append(text))
        return found

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Relationship id -> (last word of its type, part)."""
        folder, _, file = part.rpartition("/")
        related = {}
        for tag, attrs, _ in self.elements(self.read(f"{folder}/_rels/{file}.rels".lstrip("/"))):
            if tag == "Relationship" and attrs.get("TargetMode") != "External" and attrs.get("Target"):
                target = attrs["Target"].replace("\\", "/")
                steps = [] if target.startswith("/") else folder.split("/") if folder else []
                for step in target.split("/"):
                    if step == "..":
                        steps = steps[:-1]
                    elif step not in ("", "."):
                        steps.append(step)
                related[attrs.get("Id", "")] = (attrs.get("Type", "").rpartition("/")[2], "/".join(steps))
        return related


@dataclass
class _Styles:
    strings: list[str]
    kinds: list[str]  # of cell formats: "date", "duration" or ""
    epoch_1904: bool


def _read_xlsx(content: bytes, name: str) -> tuple[list[Sheet], dict[str, object]]:
    package = _Package(content, name)
    main = next((part for kind, part in package.related("").values() if kind == "officeDocument"), "xl/workbook.xml")
    if main.lower() not in package.infos or not main.lower().endswith(".xml") or "word/document.xml" in package.infos:
        raise LedgerError(_other_zip(package, name))
    workbook = package.elements(package.read(main))
    if not workbook or workbook[0][0] != "workbook":
        raise LedgerError(_no_workbook(name))
    related = package.related(main)
    styles = None
    for_calamine = _open_calamine(content)
    sheets, empties = [], None
    for tag, attrs, _ in workbook:
        if tag != "sheet":
            continue
        link = next((value for key, value in attrs.items() if key.rpartition(":")[2] == "id" and ":" in key), "")
        kind, part = related.get(link, ("", ""))
        if kind != "worksheet" or part.lower() not in package.infos:  # charts, dialogs, macros
            continue
        data = package.read(part)
        if empties is None:
            empties = _empty_strings(package, related)
        sheet = Sheet(attrs.get("name", ""), [], hidden=attrs.get("state", "visible") != "visible")
        if not (for_calamine and _quick(sheet, data, for_calamine, empties)):
            styles = styles or _read_styles(package, related, workbook)
            sheet = Sheet(sheet.name, [], hidden=sheet.hidden)
            _Thorough(package, sheet, styles).read(data)
        del data
        sheets.append(sheet)
    if not sheets:
        raise LedgerError(f"{name} 里没有工作表，请核对是不是选错了文件")
    return sheets, _names(workbook, sheets)


def _other_zip(package: _Package, name: str) -> str:
    parts = package.infos
    if "xl/workbook.bin" in parts:
        return f"{name} 是二进制工作簿（.xlsb），{RESAVE}"
    if "content.xml" in parts:
        return f"{name} 是 OpenDocument 格式（.ods），请用 LibreOffice、Excel 或 WPS 打开，另存为 .xlsx 后再试"
    if "word/document.xml" in parts:
        return f"{name} 是 Word 文档，请把其中的表格复制到 Excel，存为 .xlsx 后再试"
    if "[content_types].xml" in parts:
        return _no_workbook(name)
    return f"{name} 是压缩包，请先解压，再选其中的台账"


def _open_calamine(content: bytes):
    import python_calamine

    try:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except Exception:  # the thorough reader goes on where this one stops
        return None


def _part_of(related: dict, kind: str) -> str:
    return next((part for found, part in related.values() if found == kind), "")


def _empty_strings(package: _Package, related: dict) -> list[int]:
    """Which shared strings are empty. Most workbooks have none, which is soon seen."""
    data = package.read(_part_of(related, "sharedStrings"))
    if data is None or (data[:2] not in (b"\xff\xfe", b"\xfe\xff") and not re.search(_EMPTY_STRING, data)):
        return []
    return [i for i, text in enumerate(_strings(package, data)) if not text]


_EMPTY_STRING = rb"<(?:\w+:)?si\s*/>|<(?:\w+:)?t(?:\s[^>]*)?(?:/>|></)|<(?:\w+:)?si>\s*(?:</|<(?:\w+:)?(?:rPh|ph)|<!)|\]\]>"


def _strings(package: _Package, data: bytes | None) -> list[str]:
    found: list[str] = []
    if data is None:
        return found
    runs: list[str] = []
    level = {"rPh": 0, "t": 0}

    def start(tag, attrs):
        if tag == "si":
            runs.clear()
        elif tag in level:
            level[tag] += 1

    def end(tag):
        if tag == "si":
            found.append(_decoded_text("".join(runs)))
        elif tag in level:
            level[tag] -= 1

    def text(part):
        if level["t"] and not level["rPh"]:
            runs.append(part)

    package.events(data, start, end, text)
    return found


def _decoded_text(text: str) -> str:
    """_x000D_ stands for the character of that code."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def _read_styles(package: _Package, related: dict, workbook) -> _Styles:
    codes, kinds, inside = {}, [], False
    for tag, attrs, _ in package.elements(package.read(_part_of(related, "styles"))):
        if tag == "numFmt" and "formatCode" in attrs:
            codes.setdefault(attrs.get("numFmtId"), attrs["formatCode"])
        elif tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            number = attrs.get("numFmtId", "0")
            kinds.append(_format_kind(codes[number]) if number in codes else _BUILT_IN.get(number, ""))
    epoch = next((attrs.get("date1904") for tag, attrs, _ in workbook if tag == "workbookPr"), None)
    return _Styles(
        _strings(package, package.read(_part_of(related, "sharedStrings"))), kinds, epoch in ("1", "true", "on")
    )


#: formats that every Excel has; 27-36 and 50-58 are dates of Chinese, Japanese and Korean ones
_BUILT_IN = {str(n): "date" for n in (*range(14, 23), *range(27, 37), 45, 47, *range(50, 59))} | {"46": "duration"}
_FORMAT_TEXT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)


def _format_kind(code: str) -> str:
    """Whether a number format shows dates, times or durations; the format for positive numbers tells."""
    code = _FORMAT_TEXT.sub("", code).split(";")[0].lower()
    if re.search(r"\[(h+|m+|s+)\]", code):
        return "duration"
    return "date" if re.search("[ymdhs]", code.replace("general", "")) else ""


def _dated(number: float, kind: str, epoch_1904: bool):
    """A number as its date format shows it; what no date can be stays a number."""
    if kind == "duration":
        try:
            return dt.timedelta(milliseconds=round(number * 86_400_000))
        except OverflowError:
            return _number(number)
    if epoch_1904:
        number += 1462
    if not 0 <= number < 2_958_466:
        return _number(number - 1462 if epoch_1904 else number)
    days, milliseconds = divmod(round(number * 86_400_000), 86_400_000)
    clock = dt.timedelta(milliseconds=milliseconds)
    if days == 0:
        return (dt.datetime.min + clock).time()
    moment = dt.datetime(1899, 12, 30 if days >= 60 else 31) + dt.timedelta(days=days) + clock
    return moment if milliseconds else moment.date()


def _names(workbook, sheets: list[Sheet]) -> dict[str, object]:
    """What the cells of defined names hold. A name that points to no single cell is an error."""
    of = {sheet.name: sheet for sheet in sheets}
    names: dict[str, object] = {}
    for tag, attrs, text in workbook:
        name = attrs.get("name", "")
        if tag != "definedName" or "localSheetId" in attrs or name.startswith("_xlnm."):
            continue
        sheet, _, reference = "".join(text).strip().rpartition("!")
        if sheet[:1] == sheet[-1:] == "'":
            sheet = sheet[1:-1].replace("''", "'")
        area = _area(reference)
        if sheet in of and area and area[:2] == area[2:]:
            top, left = area[:2]
            rows = of[sheet].rows
            names[name] = rows[top][left] if top < len(rows) and left < len(rows[top]) else None
        else:
            names[name] = CellError("excel_error", f"工作簿的名称“{name}”没有指向一个单元格，请改正", "#REF!")
    return names


# ---- formulas that are written once for many cells

_REFERENCE = re.compile(
    r"""("(?:[^"]|"")*"|'(?:[^']|'')*'|\[[^\]]*\])"""  # texts, names of sheets, columns of tables
    r"""|(?<![\w.$])(\$?)([A-Z]{1,3})(\$?)([1-9]\d{0,6})(?![\w.(!])"""
    r"""|(?<![\w.$])(\$?)([A-Z]{1,3}):(\$?)([A-Z]{1,3})(?![\w.(!$])"""
    r"""|(?<![\w.$])(\$?)([1-9]\d{0,6}):(\$?)([1-9]\d{0,6})(?![\w.(!$])"""
)


def moved(formula: str, down: int, right: int) -> str:
    """A formula as it reads when it is copied to another cell."""

    def column(fixed: str, letters: str) -> str:
        place = _column(letters) + (0 if fixed else right)
        return fixed + _letters(place) if 0 <= place < MOST_COLUMNS else "#REF!"

    def row(fixed: str, digits: str) -> str:
        place = int(digits) + (0 if fixed else down)
        return f"{fixed}{place}" if 1 <= place <= MOST_ROWS else "#REF!"

    def one(match):
        if match[1] is not None:
            return match[1]
        if match[3] is not None:
            parts = column(match[2], match[3]), row(match[4], match[5])
            return "#REF!" if "#REF!" in parts else "".join(parts)
        if match[7] is not None:
            return f"{column(match[6], match[7])}:{column(match[8], match[9])}"
        return f"{row(match[10], match[11])}:{row(match[12], match[13])}"

    return _REFERENCE.sub(one, formula)


class _Formulas:
    """The texts of a sheet's formulas."""

    def __init__(self):
        self.found: dict[Spot, str] = {}
        self._shared: dict[str, tuple[Spot, str]] = {}
        self._waiting: list[tuple[Spot, str]] = []

    def add(self, spot: Spot, text: str, kind: str, attrs: dict):
        group = attrs.get("si") if kind == "shared" else None
        if kind == "dataTable":
            inputs = (attrs.get("r1", ""), attrs.get("r2", "")) if attrs.get("dt2D") in ("1", "true") else (
                ("", attrs.get("r1", "")) if attrs.get("dtr") not in ("1", "true") else (attrs.get("r1", ""), ""))
            text = f"TABLE({','.join(inputs)})"
        elif group is not None and text:
            self._shared[group] = (spot, text)
        elif group is not None:
            self._waiting.append((spot, group))
        self.found[spot] = f"={text}"

    def done(self) -> dict[Spot, str]:
        for (row, column), group in self._waiting:
            if group in self._shared:
                (top, left), text = self._shared[group]
                self.found[row, column] = f"={moved(text, row - top, column - left)}"
        return self.found


# ---- .xlsx, quick: calamine, and a search of the sheet's bytes

_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>)?\s*<worksheet[\s>]")
_CELL = re.compile(rb'<c r="([A-Z]{1,3})([1-9]\d{0,6})"([^>]*)>')
_ROW = re.compile(rb'<row r="([1-9]\d{0,6})"')
_TYPE = re.compile(rb'\st="(\w+)"')
_FORMULA = re.compile(rb"<f(\s[^>]*?)?(?:/>|>([^<]*)</f>)")
_RESULT = re.compile(rb"<v(?:\s[^>]*)?>[^<]")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
_BLANK_TEXTS = (
    b"<t/>", b"<t></t>", b'<t xml:space="preserve"/>', b'<t xml:space="preserve"></t>', b"<is/>", b"<is></is>",
)  # fmt: skip


class _Unusual(Exception):
    """The XML is not written the way the search of bytes relies on."""


def _quick(sheet: Sheet, data: bytes, workbook, empties: list[int]) -> bool:
    """Whether the sheet could be read quickly."""
    try:
        search = _Search(data)
        if search.extent() > MOST_CELLS:  # calamine would make every cell between
            return False
        rows = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        search.mark(_cleaned(rows), sheet, empties)
    except Exception:  # the thorough reader says what is wrong, if anything is
        return False
    return True


class _Search:
    def __init__(self, data: bytes):
        self.data = data
        root = _ROOT.match(data)
        if not root or (root[1] and not re.search(rb"encoding=.utf-8.|^(?!.*encoding)", root[1], re.IGNORECASE)):
            raise _Unusual
        after = root.end(1) if root[1] else 0
        for oddity in (b"<!", b"<?", b"='"):
            if data.find(oddity, after) >= 0:
                raise _Unusual
        self.start, self.end = data.find(b"<sheetData"), data.rfind(b"</sheetData>")
        if self.start < 0:
            raise _Unusual
        if self.end < 0:  # <sheetData/>
            self.end = self.start
        for usual in (b'<c r="', b'<row r="'):
            if data.count(usual[:2], self.start, self.end) != data.count(usual, self.start, self.end) and (
                usual[:2] == b"<c" or data.count(b"<row", self.start, self.end) != data.count(usual, self.start, self.end)
            ):
                raise _Unusual

    def places(self, wanted: bytes) -> Iterator[int]:
        place = self.data.find(wanted, self.start, self.end)
        while place >= 0:
            yield place
            place = self.data.find(wanted, place + 1, self.end)

    def extent(self) -> int:
        """Rows × columns that the cells span."""
        data, last_row, last_column = self.data, 0, 0
        for place in self.places(b'<row r="'):
            last_row = max(last_row, int(_ROW.match(data, place)[1]))
            cell = data.rfind(b'<c r="', place, data.find(b"</row>", place))
            if cell >= 0:
                column = _CELL.match(data, cell)[1]
                if len(column) >= last_column:
                    last_column = max(last_column, len(column), _column(column) + 1)
        return last_row * last_column

    def cell(self, place: int) -> tuple[Spot, bytes, bytes]:
        """The cell around a place: where, its type, what it contains."""
        data = self.data
        found = _CELL.match(data, data.rfind(b'<c r="', self.start, place + 1))
        if not found:
            raise _Unusual
        kind = _TYPE.search(found[3])
        inside = b"" if found[3].endswith(b"/") else data[found.end() : data.find(b"</c>", found.end())]
        return (int(found[2]) - 1, _column(found[1])), kind[1] if kind else b"n", inside

    def tag(self, place: int) -> bytes:
        """The start tag that a place lies in, or b"" if it lies in a text."""
        tag = self.data[self.data.rfind(b"<", self.start, place) : place]
        return b"" if b">" in tag else tag

    def mark(self, rows: list[list], sheet: Sheet, empties: list[int]):
        """Set what calamine leaves out."""
        data = self.data
        for wanted in (b"<v></v>", b"<v/>", *(b"<v>%d</v>" % index for index in empties)):
            for place in self.places(wanted):
                spot, kind, _ = self.cell(place)
                if kind == (b"s" if wanted[3:4].isdigit() else b"str"):
                    _put(rows, spot, "")
        if data.find(b'"inlineStr"', self.start, self.end) >= 0:
            for wanted in _BLANK_TEXTS:
                for place in self.places(wanted):
                    spot, kind, inside = self.cell(place)
                    if kind == b"inlineStr" and not re.sub(rb"<[^>]*>", b"", inside):
                        _put(rows, spot, "")
        for place in self.places(b"<v>-"):  # calamine's dates know no sign
            (row, column), kind, inside = self.cell(place)
            if row < len(rows) and column < len(rows[row]) and isinstance(rows[row][column], dt.time):
                rows[row][column] = _number(float(re.search(rb"<v>([^<]*)", inside)[1]))
        formulas = _Formulas()
        for place in self.places(b"<f"):
            if data[place + 2 : place + 3] not in (b">", b" ", b"/"):
                raise _Unusual
            spot, kind, inside = self.cell(place)
            found = _FORMULA.search(inside)
            attrs = {key.decode(): value.decode() for key, value in _ATTRIBUTE.findall(found[1] or b"")}
            formulas.add(spot, _unescaped((found[2] or b"").decode("utf-8")), attrs.get("t", ""), attrs)
            if not _RESULT.search(inside, found.end()) and not _RESULT.search(inside[: found.start()]):
                _put(rows, spot, "" if kind == b"str" else _no_result())
        for place in self.places(b't="e"'):
            if self.tag(place).startswith(b'<c r="'):
                spot, kind, inside = self.cell(place)
                shown = re.search(rb"<v>([^<]+)", inside)
                if shown:
                    _put(rows, spot, error_cell(shown[1].decode("utf-8")))
        for wanted in (b' hidden="1"', b' hidden="true"', b' ht="0"'):
            for place in self.places(wanted):
                found = _ROW.match(self.tag(place))
                if found:
                    sheet.hidden_rows.add(int(found[1]) - 1)
        for tag in re.findall(rb"<col\s([^>]*)>", data[: self.start]):
            _hide_columns(sheet, {key.decode(): value.decode() for key, value in _ATTRIBUTE.findall(tag)})
        for reference in re.findall(rb'<mergeCell\s[^>]*?ref="([^"]*)"', data[self.end :]):
            _merge(sheet, reference.decode())
        sheet.rows, sheet.formulas = _trimmed(rows), formulas.done()


def _hide_columns(sheet: Sheet, attrs: dict):
    if attrs.get("hidden") in ("1", "true") or attrs.get("width") == "0":
        first, last = int(attrs.get("min", 0)), int(attrs.get("max", 0))
        sheet.hidden_columns.update(range(max(first, 1) - 1, min(last, MOST_COLUMNS)))


def _merge(sheet: Sheet, reference: str):
    area = _area(reference)
    if area and area[:2] != area[2:]:
        sheet.merged.append(area)


def _unescaped(text: str) -> str:
    if "&" in text:
        import html

        text = html.unescape(text)
    return text.replace("\r\n", "\n")


# ---- .xlsx, thorough


class _Thorough:
    """A sheet from its XML alone."""

    def __init__(self, package: _Package, sheet: Sheet, styles: _Styles):
        self.package, self.sheet, self.styles = package, sheet, styles
        self.cells: dict[int, dict[int, object]] = {}
        self.formulas = _Formulas()
        self.row = self.column = -1
        self.inside = False  # sheetData
        self.text: list[str] | None = None  # what is being collected
        self.phonetic = 0
        self.attrs: dict = {}
        self.value: str | None = None
        self.inline: list[str] | None = None
        self.formula: tuple[str, dict] | None = None

    def read(self, data: bytes):
        self.package.events(data, self.start, self.end, self.collect)
        sheet = self.sheet
        width = max((max(cells) + 1 for cells in self.cells.values() if cells), default=0)
        height = max((row + 1 for row, cells in self.cells.items() if cells), default=0)
        if width * height > MOST_CELLS:
            raise LedgerError(
                f"{self.package.name} 的工作表“{sheet.name}”一直到 {_letters(width - 1)}{height} 都有内容，太大了；"
                "请删除表格以外多余的行和列，保存后再试"
            )
        sheet.rows = [[None] * width for _ in range(height)]
        for row, cells in self.cells.items():
            for column, value in cells.items():
                sheet.rows[row][column] = value
        _trimmed(sheet.rows)
        sheet.formulas = self.formulas.done()

    def collect(self, text: str):
        if self.text is not None:
            self.text.append(text)

    def start(self, tag: str, attrs: dict):
        if self.inside:
            if tag == "c":
                self._start_cell(attrs)
            elif tag == "v" or (tag == "t" and not self.phonetic):
                self.text = []
            elif tag == "is":
                self.inline = []
            elif tag == "f":
                self.text, self.formula = [], ("", attrs)
            elif tag == "rPh":
                self.phonetic += 1
            elif tag == "row":
                self.row = int(attrs["r"]) - 1 if attrs.get("r", "").isdigit() else self.row + 1
                self.column = -1
                if attrs.get("hidden") in ("1", "true") or attrs.get("ht") == "0":
                    self.sheet.hidden_rows.add(self.row)
        elif tag == "sheetData":
            self.inside = True
        elif tag == "col":
            _hide_columns(self.sheet, attrs)
        elif tag == "mergeCell":
            _merge(self.sheet, attrs.get("ref", ""))

    def _start_cell(self, attrs: dict):
        area = _area(attrs.get("r", ""))
        if area:
            self.place = area[:2]
            self.column = area[1]
        else:
            self.column += 1
            self.place = (self.row, self.column)
        self.attrs, self.value, self.inline, self.formula = attrs, None, None, None

    def end(self, tag: str):
        if not self.inside:
            return
        if tag == "c":
            value = self._value()
            if value is not None:
                row, column = self.place
                if not (0 <= row < MOST_ROWS and column < MOST_COLUMNS):
                    raise _damaged(self.package.name, "单元格位置不对")
                self.cells.setdefault(row, {})[column] = value
        elif tag == "rPh":
            self.phonetic -= 1
        elif tag == "sheetData":
            self.inside = False
        elif self.text is not None and tag in ("v", "t", "f"):
            text, self.text = "".join(self.text), None
            if tag == "v":
                self.value = text
            elif tag == "f":
                self.formula = (text, self.formula[1])
            elif self.inline is not None:
                self.inline.append(text)

    def _value(self):
        kind, text = self.attrs.get("t", "n"), self.value
        if self.formula:
            self.formulas.add(self.place, self.formula[0], self.formula[1].get("t", ""), self.formula[1])
            if not text:
                return "" if kind == "str" else _no_result()
        if kind == "inlineStr":
            return None if self.inline is None else _decoded_text("".join(self.inline))
        if text is None or (not text and kind != "str"):
            return None
        try:
            return self._typed(kind, text)
        except (ValueError, IndexError, OverflowError):
            raise _damaged(self.package.name, f"工作表“{self.sheet.name}”{_letters(self.place[1])}{self.place[0] + 1}") from None

    def _typed(self, kind: str, text: str):
        if kind == "s":
            return self.styles.strings[int(text)]
        if kind == "str":
            return _decoded_text(text)
        if kind == "b":
            return text.strip() in ("1", "true")
        if kind == "e":
            return error_cell(text)
        if kind == "d":
            return _iso(text)
        number = float(text)
        style = int(self.attrs.get("s", 0))
        shown = self.styles.kinds[style] if style < len(self.styles.kinds) else ""
        return _dated(number, shown, self.styles.epoch_1904) if shown else _number(number)


def _iso(text: str):
    """A date as strict workbooks may spell it."""
    for kind in (dt.date, dt.time, dt.datetime):
        try:
            return kind.fromisoformat(text)
        except ValueError:
            pass
    return text


# ---- .xls

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XLS_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def _read_xls(content: bytes, name: str) -> list[Sheet]:
    import python_calamine

    locked = f"{name} 加了密码，请用密码打开，另存为不加密的文件后再试"
    try:
        streams = _Streams(content)
        if "encryptedpackage" in streams.found:
            raise LedgerError(locked)
        stream = streams.read("workbook") or streams.read("book")
    except (struct.error, IndexError, ValueError):
        raise _damaged(name) from None
    if stream is None:
        if "worddocument" in streams.found:
            raise LedgerError(f"{name} 是 Word 文档，请把其中的表格复制到 Excel，存为 .xlsx 后再试")
        if name.lower().endswith(".et"):
            raise LedgerError(f"{name} 是 WPS 自己的格式，请用 WPS 打开，另存为 .xlsx 后再试")
        raise LedgerError(_no_workbook(name))
    try:
        marks = _xls_marks(stream)
        if marks is None:
            raise LedgerError(locked)
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        metadata = workbook.sheets_metadata
        if len(metadata) != len(marks):
            raise _damaged(name, "工作表数目不一致")
        return [
            _xls_sheet(workbook, about, found)
            for about, found in zip(metadata, marks)
            if about.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
    except python_calamine.PasswordError:
        raise LedgerError(locked) from None
    except (python_calamine.CalamineError, struct.error, IndexError) as error:
        raise _damaged(name, type(error).__name__) from None


def _xls_sheet(workbook, about, marks: _Marks) -> Sheet:
    found = workbook.get_sheet_by_name(about.name)
    rows = _cleaned(found.to_python(skip_empty_area=False))
    for spot in marks.texts:
        row, column = spot
        if row >= len(rows) or column >= len(rows[row]) or rows[row][column] is None:
            _put(rows, spot, "")
    for spot, code in marks.errors.items():
        _put(rows, spot, error_cell(_XLS_ERRORS.get(code, "#UNKNOWN!")))
    merged = [(*top_left, *bottom_right) for top_left, bottom_right in found.merged_cell_ranges or ()]
    return Sheet(
        about.name, _trimmed(rows), merged, str(about.visible).rpartition(".")[2] != "Visible",
        marks.hidden_rows, marks.hidden_columns, dict.fromkeys(marks.formulas, "="),
    )  # fmt: skip


class _Streams:
    """The streams of an OLE file."""

    def __init__(self, content: bytes):
        self.content = content
        shift, small_shift = struct.unpack_from("<HH", content, 30)
        if shift not in (9, 12) or small_shift != 6:
            raise ValueError("sector size")
        self.size = 1 << shift
        directory, = struct.unpack_from("<I", content, 48)
        self.cutoff, small, _, more, count = struct.unpack_from("<5I", content, 56)
        tables = list(struct.unpack_from("<109I", content, 76))
        for _ in range(count):
            if more >= 0xFFFFFFFA:
                break
            sector = self._sector(more)
            *found, more = struct.unpack(f"<{self.size // 4}I", sector)
            tables += found
        self.next: list[int] = []
        for sector in tables:
            if sector < 0xFFFFFFFA:
                self.next += struct.unpack(f"<{self.size // 4}I", self._sector(sector))
        chain = self._chain(small)
        self.small_next = struct.unpack(f"<{len(chain) // 4}I", chain)
        self.found: dict[str, tuple[int, int]] = {}
        entries = self._chain(directory)
        self.small = b""
        for place in range(0, len(entries), 128):
            length, kind = struct.unpack_from("<HB", entries, place + 64)
            first, size = struct.unpack_from("<II", entries, place + 116)
            title = entries[place : place + max(length - 2, 0)].decode("utf-16-le", "replace").lower()
            if kind == 5:
                self.small = self._chain(first)
            elif kind == 2:
                self.found.setdefault(title, (first, size))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        return self.content[start : start + self.size].ljust(self.size, b"\0")

    def _chain(self, first: int) -> bytes:
        parts, seen = [], set()
        while first < 0xFFFFFFFA:
            if first in seen:
                raise ValueError("loop")
            seen.add(first)
            parts.append(self._sector(first))
            first = self.next[first]
        return b"".join(parts)

    def read(self, title: str) -> bytes | None:
        if title not in self.found:
            return None
        first, size = self.found[title]
        if size >= self.cutoff:
            return self._chain(first)[:size]
        parts, seen = [], set()
        while first < 0xFFFFFFFA and first not in seen:
            seen.add(first)
            parts.append(self.small[first * 64 : first * 64 + 64])
            first = self.small_next[first]
        return b"".join(parts)[:size]


@dataclass
class _Marks:
    """What calamine does not tell of a sheet of an .xls."""

    errors: dict[Spot, int] = field(default_factory=dict)
    formulas: set[Spot] = field(default_factory=set)
    texts: set[Spot] = field(default_factory=set)  # cells that hold a text, be it empty
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def _xls_marks(stream: bytes) -> list[_Marks] | None:
    """One per sheet, in their order; None if the workbook is encrypted."""
    unpack = struct.unpack_from
    starts, place = [], 0
    while place + 4 <= len(stream):
        record, length = unpack("<HH", stream, place)
        if record == 0x2F:  # FILEPASS
            return None
        if record == 0x85:  # BOUNDSHEET
            starts.append(unpack("<I", stream, place + 4)[0])
        if record == 0x0A:
            break
        place += 4 + length
    return [_xls_sheet_marks(stream, start) for start in starts]


def _xls_sheet_marks(stream: bytes, place: int) -> _Marks:
    marks, depth, unpack = _Marks(), 0, struct.unpack_from
    while place + 4 <= len(stream):
        record, length = unpack("<HH", stream, place)
        body = place + 4
        place = body + length
        if record == 0x0809:  # BOF: a chart inside the sheet has its own
            depth += 1
        elif record == 0x0A:
            depth -= 1
            if depth <= 0:
                break
        elif depth != 1:
            continue
        elif record == 0xFD:  # LABELSST
            marks.texts.add(unpack("<HH", stream, body))
        elif record == 0x0006:  # FORMULA
            spot = unpack("<HH", stream, body)
            marks.formulas.add(spot)
            if stream[body + 12 : body + 14] == b"\xff\xff":
                kind = stream[body + 6]
                if kind == 2:
                    marks.errors[spot] = stream[body + 8]
                elif kind != 1:
                    marks.texts.add(spot)
        elif record == 0x0205:  # BOOLERR
            row, column, _, value, is_error = unpack("<HHHBB", stream, body)
            if is_error:
                marks.errors[row, column] = value
        elif record == 0x0208:  # ROW
            if unpack("<H", stream, body + 12)[0] & 0x20:
                marks.hidden_rows.add(unpack("<H", stream, body)[0])
        elif record == 0x7D:  # COLINFO
            first, last, width, _, options = unpack("<5H", stream, body)
            if options & 1 or not width:
                marks.hidden_columns.update(range(first, min(last, 255) + 1))
    return marks


# ---- texts

_ARMOUR = re.compile(r'="((?:[^"]|"")*)"')
_DELIMITERS = ",\t;|"


def _decoded(content: bytes, name: str) -> str:
    """The text of a file. Raises LedgerError if it is none."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
        said = re.search(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", content[:4096], re.IGNORECASE)
        if said and said[1].lower() in (b"gb2312", b"gbk", b"gb18030", b"cp936"):
            encodings.reverse()
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            if encoding == "utf-8-sig" and _nearly_utf8(content):
                raise LedgerError(f"{name} 里有几处文字坏了（不是 UTF-8 编码）；{RESAVE}，或重新导出") from None
            continue
        if re.search("[\x00-\x08\x0e-\x19\x1c-\x1f]", text):
            break
        return text.rstrip("\x1a")
    raise LedgerError(_no_workbook(name))


def _nearly_utf8(content: bytes) -> bool:
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return broken * 20 < len(re.findall("[\u0080-\ufffc]", text))


def _text_cell(text: str) -> str | None:
    """A cell of a file that knows only text: without the ="…" that keeps Excel from making a number of it."""
    found = _ARMOUR.fullmatch(text.strip()) if text[:2] == '="' or '="' in text else None
    return (found[1].replace('""', '"') if found else text) or None


def _read_csv(text: str, name: str) -> list[list]:
    delimiter = ""
    said = re.match(r"sep=(.)\r?\n", text)
    if said:
        delimiter, text = said[1], text[said.end() :]
    delimiter = delimiter or _delimiter(text)
    rows = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        for cells in reader:
            if any(cell.count("\n") > MOST_LINES for cell in cells):
                raise LedgerError(f"{name} 第{reader.line_num}行以前有引号没有成对，读下去会串行；{RESAVE}")
            rows.append([_text_cell(cell) for cell in cells])
    except csv.Error:
        raise LedgerError(f"{name} 第{reader.line_num}行以前有引号没有成对，或内容太长；{RESAVE}") from None
    if len(rows) * max(map(len, rows), default=0) > MOST_CELLS:
        raise LedgerError(f"{name} 太大了，请拆成几个文件")
    return _trimmed(rows)


def _delimiter(text: str) -> str:
    """The one that splits the first lines into the same number of cells most often."""
    best = (0.0, 0, ",")
    for delimiter in _DELIMITERS:
        widths = []
        try:
            for cells in csv.reader(io.StringIO(text[:65536], newline=""), delimiter=delimiter):
                if any(cells):
                    widths.append(len(cells))
                if len(widths) == 50:
                    break
        except csv.Error:
            continue
        split = [width for width in widths if width > 1]
        if split:
            usual = max(set(split), key=lambda width: (split.count(width), width))
            share = round(split.count(usual) / len(widths), 1)
            if (share, usual) > best[:2]:
                best = (share, usual, delimiter)
    return best[2]


# ---- HTML


def _read_html(text: str, name: str) -> list[Sheet]:
    parser = _Tables()
    try:
        parser.feed(text)
        parser.close()
    except _TooLarge:
        raise LedgerError(f"{name} 的表格大得不正常；{RESAVE}") from None
    tables = [table for table in parser.tables if table.rows]
    if not tables:
        raise LedgerError(f"{name} 是网页，里面没有表格；请重新从系统导出，或{RESAVE}")
    titles = re.findall(r"<x:Name>([^<]*)</x:Name>", text)
    for number, table in enumerate(tables, 1):
        table.name = _unescaped(titles[number - 1]) if len(titles) == len(tables) else f"表{number}"
        _trimmed(table.rows)
        bottom = len(table.rows) - 1
        table.merged = [(t, left, min(b, bottom), r) for t, left, b, r in table.merged
                        if t <= bottom and (left, t) != (r, min(b, bottom))]  # fmt: skip
    return tables


class _TooLarge(Exception):
    pass


class _Tables(HTMLParser):
    """The tables of a page, also where closing tags are left out; a table within a cell is a table of its own."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tables: list[Sheet] = []
        self._open: list[_OpenTable] = []
        self._silent = 0  # in <style> or <script>

    def handle_starttag(self, tag, attrs):
        attrs = {key: value or "" for key, value in attrs}
        if tag == "table":
            self._open.append(_OpenTable(Sheet("", [])))
            self.tables.append(self._open[-1].sheet)
        elif tag in ("style", "script", "title"):
            self._silent += 1
        elif self._open:
            if tag == "tr":
                self._open[-1].start_row("display:none" in attrs.get("style", "").replace(" ", "").lower())
            elif tag in ("td", "th"):
                self._open[-1].start_cell(attrs)
            elif tag in ("br", "p", "div") and self._open[-1].text:
                self._open[-1].text.append("\n")

    def handle_startendtag(self, tag, attrs):
        if tag == "br":
            self.handle_starttag(tag, attrs)
        elif tag in ("td", "th", "tr"):
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag in ("style", "script", "title"):
            self._silent = max(self._silent - 1, 0)
        elif self._open:
            if tag == "table":
                self._open.pop().end_cell()
            elif tag in ("td", "th"):
                self._open[-1].end_cell()
            elif tag == "tr":
                self._open[-1].end_row()

    def handle_data(self, data):
        if self._open and self._open[-1].text is not None and not self._silent:
            self._open[-1].text.append(re.sub(r"[ \t\r\n\f]+", " ", data))

    def close(self):
        super().close()
        while self._open:
            self._open.pop().end_cell()


class _OpenTable:
    def __init__(self, sheet: Sheet):
        self.sheet = sheet
        self.row = self.column = -1
        self.taken: dict[int, int] = {}  # column -> last row that a cell from above reaches
        self.text: list[str] | None = None
        self.attrs: dict = {}
        self.cells = 0

    def start_row(self, hidden: bool = False):
        self.end_cell()
        self.row += 1
        self.column = -1
        self.sheet.rows.append([])
        if hidden:
            self.sheet.hidden_rows.add(self.row)

    def end_row(self):
        self.end_cell()
        self.column = MOST_COLUMNS  # a cell outside any row opens a new one

    def start_cell(self, attrs: dict):
        self.end_cell()
        if self.row < 0 or self.column == MOST_COLUMNS:
            self.start_row()
        self.attrs, self.text = attrs, []

    def end_cell(self):
        if self.text is None:
            return
        text, self.text = "".join(self.text).replace("\xa0", " "), None
        text = "\n".join(line.strip(" ") for line in text.split("\n")).strip("\n")
        column = self.column + 1
        while self.taken.get(column, -1) >= self.row:
            column += 1
        width, height = _span(self.attrs, "colspan", 1000), _span(self.attrs, "rowspan", 65534)
        self.column = column + width - 1
        self.cells += width
        if self.column >= MOST_COLUMNS or self.cells > MOST_CELLS:
            raise _TooLarge
        error = self.attrs.get("x:err")
        value = error_cell(text if text in EXCEL_ERRORS else error) if error else _text_cell(text)
        _put([self.sheet.rows[self.row]], (0, self.column), None)
        self.sheet.rows[self.row][column] = value
        if height > 1:
            self.taken.update(dict.fromkeys(range(column, self.column + 1), self.row + height - 1))
        if width * height > 1:
            self.sheet.merged.append((self.row, column, self.row + height - 1, self.column))


def _span(attrs: dict, key: str, most: int) -> int:
    found = re.match(r"\s*(\d{1,9})", attrs.get(key, ""))
    return min(max(int(found[1]), 1), most) if found else 1
