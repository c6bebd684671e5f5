"""The pages that are written from the data: current, complete, true, and with links that lead somewhere."""
from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from checked import function

from xl_poverty.errors import CELLS, CellError
from xl_poverty.formulas.signatures import signatures

ROOT = Path(__file__).resolve().parent.parent
RUN = "run: python tools/write_docs.py"


def load_tool():
    spec = importlib.util.spec_from_file_location("write_docs", ROOT / "tools" / "write_docs.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


tool = load_tool()
PAGES = tool.pages()


@pytest.mark.parametrize("file", list(PAGES), ids=lambda file: file.name)
def test_page_is_current(file):
    assert file.exists(), f"{file.name} is not written; {RUN}"
    assert file.read_text(encoding="utf-8") == PAGES[file], f"{file.name} is stale; {RUN}"


def test_pages_come_out_the_same_again():
    assert load_tool().pages() == PAGES


def test_no_page_is_left_over():
    assert not tool.left_over(), f"pages of documents that are no longer there; {RUN}"


@pytest.mark.parametrize("signature", signatures().values(), ids=lambda s: s.name)
def test_function_says_what_it_gives_and_has_an_example_that_computes(signature):
    table = tool.told()[signature.name]
    assert table.get("about", "").endswith("。"), f"{signature.name} lacks `about` in signatures.toml"
    example = table.get("example", "")
    assert example.startswith(f"={signature.name}("), f"{signature.name} lacks `example` in signatures.toml"
    result = tool.compute(tool.example_of(signature.name))
    rows = result if isinstance(result, list) else [result]
    cells = [cell for row in rows for cell in (row if isinstance(row, list) else [row])]
    wrong = [cell for cell in cells if cell is None or isinstance(cell, CellError)]
    assert not wrong, f"the example of {signature.name} has no result: {wrong}"


def test_every_error_is_told():
    assert set(tool.ERRORS) == set(CELLS)


def test_clauses_stand_verbatim_and_every_measure_on_its_page():
    for policy in tool.installed():
        page = PAGES[tool.page_of(policy)]
        plain = re.sub(r"(?m)^> |  $", "", page)
        plain = re.sub(r"\\([\\`*_~<])", r"\1", plain)
        for number, clause in policy.clauses.items():
            assert clause.text.strip() in plain, f"{policy.short_name} {number}"
        for name in policy.measures:
            alias = function(policy, name).alias
            # the document's own functions are not in the manual
            heading = f"**[{alias}](" if name in signatures() else f"**{alias}（{name}）**"
            assert heading in page or "延续以前文件的" in page, f"{policy.short_name} {name}"
        for name in (*policy.indicators, *policy.deadlines):
            assert f"“{name}”" in page, f"{policy.short_name} {name}"


def test_examples_name_nobody():
    """Identity numbers in examples are of an area that does not exist."""
    for text in (*PAGES.values(), *(table["example"] for table in tool.told().values())):
        for number in re.findall(r"(?<!\d)\d{17}[\dX](?!\d)", text):
            assert number.startswith("106001")


# ---- links


def pages_with_links() -> list[Path]:
    return [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"(?ms)^```.*?^```", "", text))


def anchors(file: Path) -> list[str]:
    headings = re.findall(r"(?m)^#{1,6} +(.+?) *#*$", without_code(file.read_text(encoding="utf-8")))
    return [tool.slug(heading) for heading in headings]


@pytest.mark.parametrize("file", pages_with_links(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(file):
    known: dict[Path, list[str]] = {}
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(file.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (file.parent / path).resolve() if path else file
        assert target.exists(), f"{file.name}: {link}"
        if anchor:
            if target not in known:
                known[target] = anchors(target)
            assert known[target].count(anchor) == 1, f"{file.name}: {link}"
