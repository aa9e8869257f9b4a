"""Every outcome has its words wherever outcomes are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.batch import page
from grader.diagnosis.finding import state
from grader.model import OUTCOMES, Outcome
from grader.report.table import STYLES, rows, tally
from tests.judge.test_score import verdict

from .cases import CASES


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_outcome_has_a_style_and_words(outcome: Outcome) -> None:
    made = CASES["forum"]()
    step = replace(made.steps[0], outcome=outcome)

    assert outcome in STYLES
    assert outcome in page._KINDS
    assert outcome in page._WORDS
    assert rows(replace(made, steps=(step,)))[1][1][0]
    assert tally([step]).startswith("1 step: 1 ")


def test_facts_are_stated_of_every_outcome_that_is_no_credit() -> None:
    told = {outcome for outcome in OUTCOMES if state(verdict("dx", outcome)) is not None}

    assert told == {"wrong", "compensated", "borrowed"}
