"""The page of a report: one file, valid, complete without scripts, with nothing the reveal level hides."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import html5lib
import pytest

import grader
from grader.exercise.load import named
from grader.html.drawing import entries
from grader.html.report import marked_source, render
from grader.model import Cell, Result, Reveal, Value
from grader.reference.cache import reference_for
from grader.reference.points import Reference
from grader.report.account import blocks

from ..report.cases import CASES, FORUM, diagnosed_case, forum_case, hostile_case

EXERCISE = named("tanh-chain")
CASES_FOLDER = Path(__file__).parents[1] / "cases" / "wrong"


@pytest.fixture(scope="module")
def reference() -> Reference:
    return reference_for(EXERCISE)


def page(result: Result, reference: object) -> str:
    return render(result, EXERCISE, reference)  # type: ignore[arg-type]


@pytest.mark.parametrize("reveal", ["location", "values"])
@pytest.mark.parametrize("case", CASES)
def test_it_is_valid_html(case: str, reveal: Reveal, reference: object) -> None:
    text = re.sub(r"<style>.*?</style>", "", page(replace(CASES[case](), reveal=reveal), reference), flags=re.S)

    html5lib.HTMLParser(strict=True).parse(text)


@pytest.mark.parametrize("case", CASES)
def test_it_loads_nothing_and_its_policy_allows_its_own_script_and_style_only(case: str, reference: object) -> None:
    text = page(CASES[case](), reference)

    text = re.sub(r"url\(data:font/woff2;base64,[A-Za-z0-9+/=]*\)", "", text)  # the font for formulas
    assert not re.search(r"""(?:src|href|action|url)\s*=?\s*[("']\s*(?:https?:|//|data:)""", text)
    assert " style=" not in text
    assert " onclick=" not in text
    policy = re.search(r'content="(default-src[^"]*)"', text)
    assert policy is not None
    assert "unsafe" not in policy[1]
    assert policy[1].count("sha256-") == 2


@pytest.mark.parametrize("case", CASES)
def test_every_link_leads_to_one_place_of_the_page(case: str, reference: object) -> None:
    text = page(CASES[case](), reference)

    anchors = re.findall(r'\bid="([^"]*)"', text)
    assert len(set(anchors)) == len(anchors)
    assert set(re.findall(r'href="#([^"]*)"', text)) <= set(anchors)


def test_the_whole_source_stands_in_it_as_typed() -> None:
    result = replace(forum_case(), sources=(Cell(FORUM, FORUM),))

    cells = marked_source(result, blocks(result))

    written = ["".join(piece.text for piece in line.pieces) for cell in cells for line in cell.lines]
    assert written == FORUM.split("\n")[: len(written)]
    assert len(written) >= len(FORUM.splitlines())


def test_the_explanation_stands_beside_its_line() -> None:
    result = replace(forum_case(), sources=(Cell(FORUM, FORUM),))

    lines = [line for cell in marked_source(result, blocks(result)) for line in cell.lines if line.blocks]

    assert [line.number for line in lines][:1] == [16]
    assert lines[0].blocks[0].steps == ("dh1_dwh",)
    assert "".join(piece.text for piece in lines[0].pieces if piece.outcome) == "(1 - h1_raw**2) * dh1raw_dwh"


def test_a_module_beside_the_submission_stands_under_its_own_name(reference: object) -> None:
    module = Cell("w_h = 2.0\n" * 20, "w_h = 2.0\n" * 20, file="data.py")
    result = replace(forum_case(), sources=(module, Cell(FORUM, FORUM)))

    first, own = marked_source(result, blocks(result))

    assert [line.number for line in first.lines if line.blocks] == []
    assert [line.number for line in own.lines if line.blocks][:1] == [16]
    assert re.findall('<h3 class="cell">(.*?)</h3>', page(result, reference)) == ["data.py", "mine.py"]


def test_each_quantity_is_a_node_that_leads_to_its_row(reference: object) -> None:
    text = page(forum_case(), reference)

    for name in ("h0", "w_h", "w_y", "h1-raw", "h1", "h2-raw", "h2", "y2"):
        name = name.replace("-", "_")
        assert text.count(f'<a href="#q-{name}"') == 2  # across and down
        assert f'<tr role="row" id="q-{name}"' in text


def test_the_picture_of_a_wrong_slope_names_both_slopes(reference: object) -> None:
    text = page(diagnosed_case(), reference)

    assert "slope by autograd: 0.209987" in text
    assert "slope by your line: 0.0" in text


@pytest.mark.parametrize(
    ("reveal", "shown"),
    [
        ("location", ()),
        ("hint", ()),
        ("rule", ("rule",)),
        ("fix", ("rule",)),
        ("values", ("rule", "value")),
    ],
)
def test_rules_and_values_wait_for_their_level(reveal: Reveal, shown: tuple[str, ...], reference: object) -> None:
    text = page(replace(diagnosed_case(), reveal=reveal), reference)

    assert ("its whole chain rule" in text) == ("rule" in shown)
    assert ('class="local"' in text) == ("rule" in shown)
    assert ("slope by autograd" in text) == ("value" in shown)
    assert ("0.761594156" in text) == ("value" in shown)


def test_without_reference_values_the_source_and_the_explanations_stand() -> None:
    text = render(diagnosed_case(), EXERCISE, None)

    assert "the first wrong step" in text
    assert "<svg class=" not in text


def test_what_a_stranger_wrote_is_text(reference: object) -> None:
    text = page(hostile_case(), reference)

    assert "<script>alert" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_node_of_a_number_shows_its_value_and_gradient(reference: object) -> None:
    text = page(replace(forum_case(), reveal="values"), reference)

    assert re.findall(r'class="below"[^>]*>([^<]*)<', text)[:4] == ["0.5", "grad 11.6", "2.0", "grad 8.19"]


def test_a_node_of_an_array_shows_its_shape() -> None:
    attention = named("attention")
    text = render(replace(forum_case(), reveal="values"), attention, reference_for(attention))

    assert "(4, 6)" in re.findall(r'class="below"[^>]*>([^<]*)<', text)


def test_nodes_show_no_computed_value_below_its_level(reference: object) -> None:
    text = page(replace(forum_case(), reveal="fix"), reference)

    assert re.findall(r'class="below"[^>]*>([^<]*)<', text)[:3] == ["0.5", "2.0", "40.0"]  # what was given
    assert ">grad " not in text


def test_the_first_mistake_is_linked_at_the_top(reference: object) -> None:
    text = page(replace(forum_case(), sources=(Cell(FORUM, FORUM),)), reference)

    assert '<p>Look first at <a href="#mistake-1">line 16</a>.</p>' in text


@pytest.mark.parametrize(
    ("shape", "last"),
    [((4,), (3, 0)), ((2, 3), (2, 1)), ((2, 2, 3), (6, 1)), ((2, 2, 2, 3), (6, 4))],
)
def test_blocks_of_an_array_stand_beside_and_below_each_other(shape: tuple[int, ...], last: tuple[int, int]) -> None:
    size = math.prod(shape)

    drawn = entries(Value.of([1.0] * size, shape), Value.of([1.0] * (size - 1) + [2.0], shape))

    assert drawn is not None
    assert (drawn[-1].x, drawn[-1].y) == last
    assert [one.wrong for one in drawn] == [False] * (size - 1) + [True]
    assert drawn[-1].title == f"{[one - 1 for one in shape]}: 1.0, where autograd gives 2.0"


def test_the_entries_of_a_wrong_array_stand_beside_its_line() -> None:
    exercise = named("attention")
    result = grader.check(exercise, CASES_FOLDER / "attention_softmax_diagonal.py", reveal="values")

    beside = render(result, exercise, reference_for(exercise)).partition('id="mistake-1"')[2].partition("</div>")[0]

    assert ' off"' in beside
    assert "The entries of your <code>dscores</code>" in beside
