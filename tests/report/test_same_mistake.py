"""Steps that are wrong by the mistake of another step, as reports tell them from steps that are fed."""

from __future__ import annotations

import pytest

from grader.model import StepResult
from grader.report.account import blocks
from grader.report.block_text import step_text
from grader.report.table import outcome_words, tally

from .cases import result, step

BEARER = step("dh1_dwh", "d(h1)/d(w_h)", "wrong", 0.0, 0.21)
SHARING = step("dh2_dwh", "d(h2)/d(w_h)", "carried", reason="same_mistake", caused_by=("dh1_dwh",))
FED = step("dy2_dwh", "d(y2)/d(w_h)", "carried", caused_by=("dh1_dwh",))


def told_of(*steps: StepResult) -> list[str]:
    """The facts beside the wrong step, or the headlines of notes where no wrong step is told of."""
    found = blocks(result(steps))
    return [*found[0].facts] if BEARER in steps else [block.headline for block in found]


def test_a_step_with_the_same_mistake_is_not_said_to_be_fed() -> None:
    assert "`dh2_dwh` is wrong by the same mistake, which is counted once" in told_of(BEARER, SHARING)
    assert not any("fed by" in fact for fact in told_of(BEARER, SHARING))


def test_fed_steps_are_told_of_apart() -> None:
    facts = told_of(BEARER, SHARING, FED)

    assert "`dh2_dwh` is wrong by the same mistake, which is counted once" in facts
    assert "`dy2_dwh` is fed by this; its own formula is right, so it is not counted again" in facts


def test_where_it_earns_less_it_is_not_said_to_be_counted_once() -> None:
    less = step("dh2_dwh", "d(h2)/d(w_h)", "carried", reason="same_mistake", caused_by=("dh1_dwh",), points=0.5)

    assert "`dh2_dwh` is wrong by the same mistake" in told_of(BEARER, less)


def test_the_only_step_of_a_mistake_that_others_have_too_is_called_the_first() -> None:
    assert blocks(result((BEARER, SHARING)))[0].headline == "`dh1_dwh` = d(h1)/d(w_h) is the first wrong step"
    assert blocks(result((BEARER, FED)))[0].headline == "`dh1_dwh` = d(h1)/d(w_h) is the only wrong step"


@pytest.mark.parametrize(
    ("one", "words"), [(SHARING, "same mistake as dh1_dwh"), (FED, "fed by dh1_dwh"), (BEARER, "wrong, see 1")]
)
def test_the_table_says_which_it_is(one: StepResult, words: str) -> None:
    assert outcome_words(one, {"dh1_dwh": 1}) == words


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((BEARER, SHARING), "2 steps: 1 wrong, 1 wrong by the same mistake"),
        ((BEARER, FED), "2 steps: 1 wrong, 1 right but fed by a wrong one"),
        ((BEARER, SHARING, FED), "3 steps: 1 wrong, 1 wrong by the same mistake, 1 right but fed by a wrong one"),
    ],
)
def test_the_tally_counts_them_apart(steps: tuple[StepResult, ...], said: str) -> None:
    assert tally(steps) == said


def test_the_report_of_a_test_names_the_step_that_is_charged() -> None:
    assert step_text(result((BEARER, SHARING)), SHARING) == (
        "`dh2_dwh` on line 18 is wrong by the mistake in `dh1_dwh`"
    )
