"""What a repair or a rule calls: functions that the student's library has, under the names the student imported."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from grader.diagnosis.repair_text import Writer
from grader.formula.parse import parse_expression
from grader.formula.syntax import Name, Place
from tests.formula.operation_samples import GROUPS, VALUES

NUMPY_VALUES = {name: value.numpy() if isinstance(value, torch.Tensor) else value for name, value in VALUES.items()}

LIBRARIES = {
    "NumPy": ("import numpy as np\nx = np.ones(3)", {"np": np, **NUMPY_VALUES}),
    "torch": (
        "import torch\nimport torch.nn.functional as F\nx = torch.ones(3)",
        {"torch": torch, "F": F, **VALUES},
    ),
}

OWN_MEANING = ("torch.std(x, dim=0)",)
"""In a line for NumPy, `std` is NumPy's, which divides by another number."""


def written(formula: str, source: str) -> str:
    """A formula as it is put into a line of `source`."""
    return Writer(source, Name("", Place(0, 0, 0, 0))).write(parse_expression(formula))


def value_of(code: str, known: dict[str, Any]) -> Any:
    """The value of a line; None for one with a function that the library does not have, which no library precedes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return eval(code, dict(known))
        except NameError:
            return None


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("group", GROUPS)
def test_a_repair_calls_only_functions_of_the_library_and_has_the_value_of_its_formula(
    group: str, library: str
) -> None:
    source, known = LIBRARIES[library]
    wrong = []
    for sample in GROUPS[group]:
        code = written(sample, source)
        found, right = value_of(code, known), value_of(sample, LIBRARIES["torch"][1])
        if found is not None and not np.allclose(found, right, rtol=1e-9, atol=1e-9) and sample not in OWN_MEANING:
            wrong.append((sample, code))

    assert wrong == []


@pytest.mark.parametrize(
    ("formula", "source", "expected"),
    [
        ("inv(A)", "y = np.exp(A)", "np.linalg.inv(A)"),
        ("inv(A)", "y = numpy.exp(A)", "numpy.linalg.inv(A)"),
        ("inv(A)", "y = torch.exp(A)", "torch.linalg.inv(A)"),
        ("ndtr(x)", "y = torch.exp(x)", "torch.special.ndtr(x)"),
        ("softplus(x)", "y = torch.exp(x)", "torch.nn.functional.softplus(x)"),
        ("softplus(x)", "import torch.nn.functional as F\ny = torch.exp(x)", "F.softplus(x)"),
        ("softplus(x)", "y = np.exp(x)", "np.logaddexp(0, x)"),
        ("erf(x)", "y = math.exp(x)", "math.erf(x)"),
        ("erf(x)", "import math\ny = x", "math.erf(x)"),
        ("erf(x)", "y = np.exp(x)", "erf(x)"),
        ("2 * rsqrt(x)", "y = np.exp(x)", "2 * (1 / np.sqrt(x))"),
        ("inv(A)", "from numpy.linalg import inv\ny = inv(B)", "inv(A)"),
        ("max(x, dim=1, keepdim=True)", "y = torch.exp(x)", "x.amax(1, keepdim=True)"),
    ],
)
def test_a_function_is_written_as_the_student_imported_its_library(formula: str, source: str, expected: str) -> None:
    assert written(formula, source) == expected


@pytest.mark.parametrize("formula", ["0.5**x", "0.0**x", "(-0.5)**x"])
def test_only_a_negative_number_is_put_in_brackets(formula: str) -> None:
    assert written(formula, "y = np.exp(x)") == formula


@pytest.mark.parametrize(("axis", "code"), [(0, "x[None]"), (1, "x[:, None]"), (2, "x[:, :, None]")])
def test_a_new_axis_is_an_index(axis: int, code: str) -> None:
    assert written(f"unsqueeze(x, dim={axis})", "import numpy as np\nx = np.ones(3)") == code


TYPED = "y = a * (b +\n    c)\nz = (w)\nf(x)\nq = (a)[0]\n"
SUM, ALONE, ARGUMENT, FACTOR = Place(1, 10, 2, 6), Place(3, 6, 3, 7), Place(4, 3, 4, 4), Place(1, 5, 1, 6)
"""Where `b + c`, `w`, `x` and `a` stand."""


@pytest.fixture
def typed() -> Writer:
    return Writer(TYPED, Name("", Place(0, 0, 0, 0)))


def test_the_text_at_a_place_may_go_over_several_lines(typed: Writer) -> None:
    assert [typed.text_at(place) for place in (SUM, ALONE, FACTOR)] == ["b +\n    c", "w", "a"]


def test_brackets_belong_to_what_stands_alone_in_them_and_not_to_an_argument(typed: Writer) -> None:
    assert typed.with_brackets(ALONE) == Place(3, 5, 3, 8)
    assert typed.with_brackets(SUM) == Place(1, 9, 2, 7)
    assert typed.with_brackets(ARGUMENT) == ARGUMENT
    assert typed.with_brackets(FACTOR) == FACTOR


def test_what_stands_in_brackets_is_told_by_the_text_on_both_sides(typed: Writer) -> None:
    assert [typed.stands_in_brackets(place) for place in (SUM, ALONE, ARGUMENT, FACTOR)] == [True, True, True, False]


def test_what_is_indexed_has_something_attached(typed: Writer) -> None:
    assert typed.is_attached(Place(5, 5, 5, 8))
    assert not typed.is_attached(ALONE)
