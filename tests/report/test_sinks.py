"""Foreign text in HTML, XML and tables: what a reader of the format finds is the text, and nothing that acts."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.text import safe_csv_cell, safe_html, safe_text, safe_xml

anything = st.text(st.characters(), max_size=60) | st.lists(
    st.sampled_from(
        ["<script>", "</script>", "&", "&lt;", "]]>", "<!--", "'", '"', "\x1b[2J", "\u202e", "\u2028", "\ud800", "\0",
         "\n", "\r", "\r\n", "=1+1", "\t", "\x9d", "<img onerror=a>", "\uffff", "javascript:", "\u0301", "é"]
    ),
    max_size=12,
).map("".join)  # fmt: skip


def visible(text: str) -> str:
    """What a reader is to see: line by line what a terminal would be shown."""
    return "\n".join(map(safe_text, text.replace("\r\n", "\n").split("\n")))


class Page(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[tuple[str, object]] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.seen.append(("comment", data))


@given(anything)
def test_html_reads_back_as_text_alone(text: str) -> None:
    page = Page(f'<p title="{safe_html(text)}">{safe_html(text)}</p>')

    assert (page.text, page.seen) == (visible(text), [("p", {"title": visible(text)})])


@given(anything)
def test_xml_reads_back_as_text_alone(text: str) -> None:
    """Attack 111."""
    read = ElementTree.fromstring(f'<a b="{safe_xml(text)}">{safe_xml(text)}</a>'.encode())

    assert (read.text or "", read.attrib, list(read)) == (visible(text), {"b": visible(text)}, [])


@given(st.lists(anything, min_size=1, max_size=4))
def test_a_table_has_the_cells_it_was_given_and_none_is_a_formula(texts: list[str]) -> None:
    file = io.StringIO()
    csv.writer(file).writerow([safe_csv_cell(text) for text in texts])
    (row,) = csv.reader(io.StringIO(file.getvalue()))

    assert [cell.removeprefix("'") for cell in row] == [safe_text(text).removeprefix("'") for text in texts]
    assert not [cell for cell in row if cell.lstrip()[:1] in tuple("=+-@")]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("  @SUM(1)", "'  @SUM(1)"),
        ("-1", "'-1"),
        ("\t=1", "'    =1"),
        ("＝1", "'＝1"),
        ("Ana", "Ana"),
        ("", ""),
        (-1.5, "-1.5"),
        (3, "3"),
        (None, ""),
    ],
)
def test_a_cell_of_a_table(value: str | float | None, cell: str) -> None:
    assert cell == safe_csv_cell(value)


@given(anything)
def test_whatever_is_shown_can_be_written_as_utf_8_and_as_json(text: str) -> None:
    for shown in (safe_text(text), safe_html(text), safe_xml(text), safe_csv_cell(text)):
        assert json.loads(json.dumps(shown).encode("utf-8")) == shown.encode("utf-8").decode("utf-8")


def test_marks_that_pile_up_on_a_letter_are_written_out() -> None:
    shown = safe_text("e" + "\u0301" * 1000)

    assert shown.startswith("e\u0301\u0301\u0301\u0301\\u0301\\u0301")
    assert shown.count("\u0301") == 4
