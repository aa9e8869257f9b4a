"""Which libraries a submission needs before it starts."""

from __future__ import annotations

import pytest

from grader.submission.imports import libraries_needed
from grader.submission.load import load_bytes


def libraries(source: str) -> tuple[str, ...]:
    return libraries_needed(load_bytes(source.encode(), "mine.py"))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import numpy as np", ("numpy",)),
        ("import torch\nfrom scipy.special import expit", ("scipy", "torch")),
        ("import math", ()),
    ],
)
def test_libraries_that_take_seconds_to_import_are_found(source: str, found: tuple[str, ...]) -> None:
    assert libraries(source) == found


@pytest.mark.parametrize(
    ("body", "library"),
    [
        ("return X.T @ dY", "numpy"),
        ("return X@dY", "numpy"),
        ("return X.T.dot(dY)", "numpy"),
        ("return dY.sum(axis=0) / X.shape[0]", "numpy"),
        ("return dY.sum(dim=0)", "torch"),
        ("return dY.unsqueeze(0) @ X", "torch"),
    ],
)
def test_a_function_without_imports_is_written_for_the_library_whose_arrays_it_uses(body: str, library: str) -> None:
    assert libraries(f"def backward(X, dY):\n    {body}\n") == (library,)


@pytest.mark.parametrize(
    "source",
    [
        "def backward(X, dY):\n    return [[sum(a * b for a, b in zip(r, c)) for c in zip(*dY)] for r in zip(*X)]\n",
        "class Matrix:\n    def __matmul__(self, other):\n        return other\n\ndx = Matrix() @ Matrix()\n",
        "class Node:\n    def __init__(self, shape):\n        self.shape = shape\n\nn = Node(3).shape\n",
    ],
)
def test_lists_and_classes_of_ones_own_need_no_library(source: str) -> None:
    assert libraries(source) == ()


def test_no_other_library_is_taken_where_one_is_imported() -> None:
    assert libraries("import torch\n\ndef backward(X, dY):\n    return X.T @ dY\n") == ("torch",)
