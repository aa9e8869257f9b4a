"""Searches in a submission's text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.judge.borrowed.borrowing import COMPLEX
from grader.judge.borrowed.difference_quotients import _EXACT_NUMBERS
from grader.runner.program_ends import _ENDS
from grader.submission.plain import _WAYS
from grader.submission.text_search import _MADE_UP, _OF_THE_SYSTEM, _PARTS, _TORCH, TextPattern, words

PATTERNS = [COMPLEX, _EXACT_NUMBERS, _ENDS, *_WAYS, _MADE_UP, _OF_THE_SYSTEM, *_PARTS, _TORCH]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.parts[0])
@given(data=st.data())
def test_what_an_expression_matches_contains_one_of_its_parts(pattern: TextPattern, data: st.DataObject) -> None:
    assert pattern.is_in(data.draw(st.from_regex(pattern.expression)))


@pytest.mark.parametrize(
    ("text", "found"), [("imag", True), ("z.imag", True), ("imagine(z)", False), ("image = 1", False), ("", False)]
)
def test_a_word_is_no_part_of_another(text: str, found: bool) -> None:
    assert words("imag", "cmath").is_in(text) is found
