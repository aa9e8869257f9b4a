"""What may name a quantity of an exercise."""

from __future__ import annotations

import pytest

from grader.exercise.names import complaint


@pytest.mark.parametrize("name", ["np", "torch", "d", "partial"])
def test_a_name_with_a_meaning_in_formulas_is_refused(name: str) -> None:
    assert complaint(name) == f"another name (`{name}` has a meaning of its own in formulas)"


@pytest.mark.parametrize("name", ["h1_raw", "nn1", "D"])
def test_any_other_name_of_python_is_accepted(name: str) -> None:
    assert complaint(name) is None
