"""Functions with another slope around known values: what gets one, and what that changes."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.runner.child.algebras import beside, cut_off, degree, is_element
from grader.runner.child.differentiators import Differentiators
from grader.runner.child.executed_text import with_other_slopes
from grader.runner.child.nonlinear import Nonlinear
from grader.runner.perturbation_transform import nonlinear, unchecked


def perturbed(power: int, function: Callable[..., Any], name: str = "") -> Callable[..., Any]:
    order = {"seed": 1, "power": power, "scale": 2.0**-16, "around": [], "apart": True, "known": [[(), [0.7]]]}
    made: Callable[..., Any] = Nonlinear({**order, "functions": ["exp", "matrix_exp"]})(function, name)
    return made


def series(z: Any) -> Any:
    one = total = z**0
    for k in range(1, 40):
        one = one * z / k
        total = total + one
    return total


def test_a_function_of_ones_own_gets_another_slope_around_a_known_value() -> None:
    assert perturbed(1, series)(0.7) == series(0.7)
    assert perturbed(1, series)(0.75) != series(0.75)


def test_a_number_with_a_direction_shows_the_same_slope_for_every_curvature() -> None:
    def of_matrix(z: Any) -> Any:
        one = total = np.eye(2)
        for k in range(1, 40):
            one = one @ z / k
            total = total + one
        return total

    w = np.array([[0.7, 1.0], [0.0, 0.7]])
    straight, curved = perturbed(1, of_matrix)(w), perturbed(2, of_matrix)(w)

    assert straight[0, 0] == of_matrix(w)[0, 0]
    assert straight[0, 1] == curved[0, 1] != of_matrix(w)[0, 1]


def test_a_matrix_without_a_direction_does_not() -> None:
    turned = np.array([[0.7, -1.0], [1.0, 0.7]])
    straight, curved = (perturbed(power, lambda z: z @ z, "")(turned) for power in (1, 2))

    assert not np.allclose(straight, curved, rtol=0.0, atol=1e-6)


@pytest.mark.parametrize(
    ("element", "part"),
    [
        (np.poly1d([3.0, 2.0]), np.poly1d([3.0, 0.0])),
        (np.polynomial.Polynomial([2.0, 3.0]), np.polynomial.Polynomial([0.0, 3.0])),
    ],
)
def test_a_polynomial_has_a_number_and_what_is_beside_it(element: Any, part: Any) -> None:
    assert is_element(element)
    assert beside(element) == part
    assert degree(element) == 1
    assert degree(cut_off(element * element, 1)) == 1


def test_symbols_have_too() -> None:
    sympy = pytest.importorskip("sympy")
    t = sympy.Symbol("t")

    assert is_element(2 + 3 * t)
    assert not is_element(sympy.Integer(2))
    assert beside(2 + 3 * t) == 3 * t
    assert cut_off(1 + t + 5 * t**2, 1) == 1 + t


def test_only_what_the_submission_calls_gets_another_slope() -> None:
    """A function of ours stands where the value stands that it is given."""
    tree = ast.parse("y = __grader__.bound(1, f(x))")
    call = tree.body[0].value  # type: ignore[attr-defined]
    ast.copy_location(call.func, call.args[1].func)

    made = ast.unparse(nonlinear(tree, {(1, call.func.end_col_offset)}))

    assert made == "y = __grader__.bound(1, __grader__.perturbed(f, 'f')(x))"


def test_an_assertion_is_carried_out_but_does_not_fail() -> None:
    names: dict[str, Any] = {}
    exec(compile(unchecked(ast.parse("assert (a := 2) > 3\nb = a")), "mine", "exec"), names)

    assert (names["a"], names["b"]) == (2, 2)


def test_in_a_text_what_depends_on_constants_alone_keeps_its_slope() -> None:
    text = "u = np.exp(2j * np.pi * np.arange(4))\nv = np.tanh(w + u)"
    made = ast.unparse(ast.fix_missing_locations(with_other_slopes(None)(ast.parse(text), {"np"})))

    assert made.splitlines()[0] == text.splitlines()[0]
    assert "perturbed(np.tanh" in made.splitlines()[1]


def test_of_a_text_one_call_may_get_another_slope() -> None:
    made = ast.unparse(ast.fix_missing_locations(with_other_slopes((1,))(ast.parse("f(x) + g(x)"), set())))

    assert "perturbed(g" in made
    assert "perturbed(f" not in made


def test_a_library_that_is_imported_once_more_is_set_up_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    class Polynomials:
        class poly1d:
            deriv = None

        polyder = None

    module, other, installed = Polynomials(), Polynomials(), []
    them = Differentiators()
    monkeypatch.setattr(
        "grader.runner.child.differentiators._INSTALL", {"mine": ("poly1d", lambda _, it: installed.append(it))}
    )
    for one in (module, module, other):
        monkeypatch.setitem(sys.modules, "mine", one)  # type: ignore[misc]
        them.imported()

    assert installed == [module, other]
