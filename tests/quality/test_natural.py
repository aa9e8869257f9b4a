"""What counts as the repair the author would have written."""

from __future__ import annotations

import pytest

from tests.quality.natural import is_natural


@pytest.mark.parametrize(
    ("mended", "original"),
    [
        ("y = b * a", "y = a * b"),
        ("y = c + a * b", "y = b * a + c"),
        ("y = (a * b) / n", "y = a / n * b"),
        ("y = -a * b", "y = a * -b"),
        ("y = -(a * b)", "y = -a * b"),
        ("y = -(a - b)", "y = b - a"),
    ],
)
def test_another_order_is_the_same(mended: str, original: str) -> None:
    assert is_natural(mended, original)


@pytest.mark.parametrize(
    ("mended", "original"),
    [("y = a @ b", "y = b @ a"), ("y = h * h", "y = h**2"), ("y = a / 5", "y = a / n"), ("y = a * 1", "y = a")],
)
def test_another_formula_is_not(mended: str, original: str) -> None:
    assert not is_natural(mended, original)
