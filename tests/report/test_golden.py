"""Whole reports, compared letter by letter. GRADER_UPDATE_GOLDEN=1 writes them anew; review the difference."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from grader.report.account import blocks
from grader.report.table import tally
from grader.report.terminal import render

from .cases import CASES

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("case", CASES)
def test_the_report_is_the_one_that_was_reviewed(case: str) -> None:
    file = GOLDEN / f"{case}.txt"
    text = render(CASES[case](), 100).plain
    if os.environ.get("GRADER_UPDATE_GOLDEN"):
        file.write_text(text, "utf-8")

    assert file.read_text("utf-8") == text


@pytest.mark.parametrize("width", [40, 57, 80, 100])
@pytest.mark.parametrize("case", CASES)
def test_every_line_fits_and_can_be_printed(case: str, width: int) -> None:
    result = CASES[case]()
    lines = render(result, width).plain.split("\n")
    repairs = {line.strip() for block in blocks(result) for line in block.code}

    too_wide = [line for line in lines if cell_len(line) > width and "-->" not in line and line.strip() not in repairs]
    assert too_wide == []
    assert all(line.isprintable() and line == line.rstrip() for line in lines)


@pytest.mark.parametrize("case", CASES)
def test_at_level_location_no_value_and_no_hint_is_seen(case: str) -> None:
    text = render(replace(CASES[case](), reveal="location"), 100).plain

    for hidden in ("where autograd gives", "tanh has a derivative", "0.2099871708", "off by", "h0 = 0.7312"):
        assert hidden not in text
    assert "dh1_dwh = (1 - h1**2)" not in text


def test_what_a_misconception_is_is_told_once_and_its_further_places_point_there() -> None:
    text = render(CASES["diagnosed"](), 100).plain

    assert text.count("You squared `h1_raw`") == 1
    assert text.count("the same kind of mistake as in 1") == 2
    assert "more on 1, 2 and 3: `grader explain tanh-derivative-on-pre-activation`" in text


def test_at_level_rule_the_chain_rule_is_the_next_step_and_no_fix_is_shown() -> None:
    text = render(replace(CASES["diagnosed"](), reveal="rule"), 100).plain

    assert "help: use the chain rule: d(h1)/d(w_h) = (1 - h1**2) * d(h1_raw)/d(w_h)" in text
    assert "dh1_dwh = (1 - h1**2) * dh1raw_dwh" not in text


def test_fed_steps_are_right() -> None:
    fed = CASES["diagnosed"]().steps[3]

    assert tally([fed]) == "1 step: 1 right but fed by a wrong one"
    assert tally([fed, fed]) == "2 steps: 2 right but fed by a wrong one"


def test_where_the_repair_is_hidden_a_misconception_is_said_without_it() -> None:
    text = render(replace(CASES["diagnosed"](), reveal="hint"), 100).plain

    assert "this squares what goes into tanh; the derivative of tanh is 1 - (output of tanh)**2" in text
    assert "square `h1`" not in text
