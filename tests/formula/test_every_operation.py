"""Every operation of the formula language stands in every table that has a row for each.

One table would hold them side by side, but torch may be imported in `reference` alone, and the tables belong to layers
that may not import each other. So this lists every operation and every place, and a missing entry fails by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from grader.diagnosis.chain_rule.arithmetic import TABLE as NUMPY_VALUES
from grader.diagnosis.chain_rule.meaning import ScalarMeaning
from grader.diagnosis.chain_rule.rare_arithmetic import TABLE as RARE_NUMPY_VALUES
from grader.formula.array_rules import RULES as ARRAY_RULES
from grader.formula.compositions import has_formula, is_composed
from grader.formula.operations import OPERATIONS
from grader.formula.parse import parse_expression
from grader.formula.rare_array_rules import RARE_RULES
from grader.formula.rare_operations import HOMES, RARE_OPERATIONS
from grader.formula.spelling import TABLES, WRITTEN_OUT, Library
from grader.formula.syntax import Call, walk
from grader.formula.vjp import FLAT, SLOPES
from grader.lint.shapes import RULES as AXIS_RULES
from grader.reference.operations import TABLE as TORCH_VALUES

from .test_evaluate import SAMPLES
from .test_vjp import FORMULAS


def spelled_in(library: Library) -> frozenset[str]:
    of_torch = " ".join(HOMES.values()).split() if library == "torch" else ()
    composed = filter(is_composed, OPERATIONS) if library != "python" else ()
    return WRITTEN_OUT.union((key.split("/")[0].rstrip("+") for key in TABLES[library]), of_torch, composed)


def used_in(formulas: Iterable[str]) -> frozenset[str]:
    return frozenset(
        node.operation for one in formulas for node in walk(parse_expression(one)) if isinstance(node, Call)
    )


@dataclass(frozen=True, slots=True)
class Place:
    """A table of operations. `without`: those it is known to have no entry for, with the reason."""

    file: str
    entries: frozenset[str]
    without: str = ""


DERIVED = [name for name in OPERATIONS if has_formula(name)]
"""Operations whose derivative is that of another formula."""

ARITHMETIC = ("add", "sub", "neg", "mul", "div", "pow")
"""Operations whose derivatives `vjp` writes without a table."""

OF_ARRAYS = """
    argmax arange broadcast_to concat conv1d cross_entropy cumsum diag einsum eye flatten flip full inner length
    log_softmax logsumexp mse_loss norm one_hot ones permute reshape shape_of softmax stack std trace transpose
    tril triu unsqueeze var zeros
"""

PLACES = {
    "value in torch": Place(
        "reference/operations.py",
        frozenset({*TORCH_VALUES, "pow"}),  # a power keeps a plain exponent as it is: `TorchMeaning.apply`
    ),
    "value in NumPy": Place(
        "diagnosis/chain_rule/arithmetic.py",
        # `NumpyMeaning.apply` has `var` and `std`: libraries divide by different numbers.
        frozenset({*NUMPY_VALUES, *RARE_NUMPY_VALUES, "var", "std", *filter(is_composed, OPERATIONS)}),
    ),
    "value of single numbers": Place(
        "diagnosis/chain_rule/meaning.py",
        frozenset(ScalarMeaning.table),
        # Those of arrays; the rest is evaluated in NumPy.
        without=f"{OF_ARRAYS} matmul and_ or_ clip isnan max min prod",
    ),
    "derivative": Place(
        "formula/vjp.py or formula/array_rules.py",
        frozenset({*SLOPES, *ARRAY_RULES, *RARE_RULES, *FLAT, *ARITHMETIC, *DERIVED}),
        without="arange eye full ones zeros",  # nothing to differentiate by
    ),
    "spelling in NumPy": Place("formula/spelling.py", spelled_in("numpy")),
    "spelling in torch": Place("formula/spelling.py", spelled_in("torch")),
    "spelling in plain Python": Place(
        "formula/spelling.py",
        spelled_in("python"),
        without=f"{OF_ARRAYS} dot matrix_transpose ones_like outer squeeze transpose_all zeros_like",  # no arrays there
    ),
    "axes": Place("lint/shapes.py", frozenset(AXIS_RULES)),
    "sample with its value": Place("tests/formula/test_evaluate.py", used_in(source for source, _ in SAMPLES)),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_stands_in_every_table(operation: str, place: str) -> None:
    table = PLACES[place]
    known, excused = operation in table.entries, operation in table.without.split()

    assert not (known and excused), f"`{operation}` has a {place} by now: take it from the list of those without"
    assert known or excused, f"`{operation}` has no {place}: add it to {table.file}"


@pytest.mark.parametrize("place", PLACES)
def test_no_table_has_anything_else(place: str) -> None:
    table = PLACES[place]

    assert table.entries - OPERATIONS.keys() - RARE_OPERATIONS.keys() == set()
    assert {*table.without.split()} - OPERATIONS.keys() == set()


def test_every_derivative_of_one_operand_is_compared_with_autograd() -> None:
    lacking = sorted(SLOPES.keys() - used_in(FORMULAS) - {"same"})
    assert lacking == [], f"add a formula with {', '.join(lacking)} to FORMULAS in tests/formula/test_vjp.py"
