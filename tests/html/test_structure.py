"""What pages are made of, compared with what was reviewed: headings, regions, tables and drawings, but no pixels.
GRADER_UPDATE_GOLDEN=1 writes it anew; look at the pages, and review the difference."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

from grader.batch.feedback import page as feedback_page
from grader.batch.page import render as class_page
from grader.batch.store import Store
from grader.batch.student_row import Final, StudentRow
from grader.exercise.load import named
from grader.html.report import render
from grader.model import Cell, Result
from grader.reference.cache import reference_for
from tests.batch.making_results import HALF, RIGHT, filled, handed
from tests.report.cases import FORUM, correct_case, diagnosed_case, tensor_case

GOLDEN = Path(__file__).parents[1] / "golden" / "pages"
AT = datetime(2026, 11, 29, tzinfo=UTC)
ROW = StudentRow("anna", "Anna", "mine.py", "graded", None, 12.0, 16.0, False, "dh1", "w", 1, 1, AT, None, ())

SKIPPED = {"script", "style", "math", "comment"}
DRAWN = {"a", "path", "rect", "circle"}
SHOWN = {"header", "nav", "main", "section", "h1", "h2", "h3", "table", "svg", "figure", "details", "pre", "mark"}


def outline(element: Element, depth: int = 0) -> Iterator[str]:
    """A line for each element that structures the page, with what names it; equal ones in a row are counted."""
    for child in element:
        tag = _tag(child)
        if tag in SKIPPED:
            continue
        shown = tag in SHOWN
        if shown:
            yield f"{'  ' * depth}{_described(child)}"
        if tag not in ("svg", "table", "pre", "mark"):
            yield from outline(child, depth + shown)


def _tag(element: Element) -> str:
    """The tag without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "comment"


def _described(element: Element) -> str:
    kind, tag = element.attrib.get("class", ""), _tag(element)
    name = f"{tag}{''.join(f'.{one}' for one in kind.split())}"
    match tag:
        case "table":
            heads = [" ".join("".join(head.itertext()).split()) for head in element.findall("thead//th")]
            return f"{name}: {len(element.findall('tbody/tr'))} rows of {' | '.join(heads)}"
        case "svg":
            counts = Counter(map(_tag, element.iter()))
            return f"{name}: {', '.join(f'{number} {tag}' for tag, number in sorted(counts.items()) if tag in DRAWN)}"
        case "h1" | "h2" | "h3" | "mark":
            return f"{name}: {' '.join(''.join(element.itertext()).split())}"
        case _:
            return name


def _feedback(made: Result) -> str:
    exercise = named("tanh-chain")
    late = Final(7.2, 4.8, "late by 3 d")
    return feedback_page("A chain", ROW, _whole(made), late, (exercise, reference_for(exercise)))


def _report(made: Result) -> str:
    exercise = named("tanh-chain")
    return render(_whole(made), exercise, reference_for(exercise))


def _whole(made: Result) -> Result:
    return replace(made, sources=(Cell(FORUM, FORUM),))


def _class(folder: Path) -> str:
    rows = [(handed("s1", name="Anna"), RIGHT), *((handed(f"s{n}"), HALF) for n in range(2, 14)), (handed("x"), None)]
    with Store(filled(folder, rows)) as store:
        return class_page(store, {"s1": "feedback/s1.html"}, AT)


PAGES: dict[str, Callable[[Path], str]] = {
    "report": lambda _: _report(diagnosed_case()),
    "feedback-without-exercise": lambda _: feedback_page("A small network", ROW, tensor_case(), Final(3.0)),
    "feedback": lambda _: _feedback(diagnosed_case()),
    "feedback-at-full-marks": lambda _: _feedback(correct_case()),
    "class": _class,
}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_built_as_it_was_reviewed(name: str, tmp_path: Path) -> None:
    root = html5lib.parse(PAGES[name](tmp_path), namespaceHTMLElements=False)
    text = "\n".join(outline(root.find("body"))) + "\n"
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("GRADER_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")

    assert file.read_text("utf-8") == text
