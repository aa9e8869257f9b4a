"""The search for the smallest repair of an expression: which of two repairs is the smaller change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy
import pytest

from grader.diagnosis.chain_rule.arithmetic import NumpyMeaning
from grader.diagnosis.chain_rule.meaning import ScalarMeaning
from grader.diagnosis.repair_search.reasons import Reasons
from grader.diagnosis.repair_search.search import STRANGE, Repair, search
from grader.diagnosis.repair_search.task import Task
from grader.formula.build import NOWHERE
from grader.formula.evaluate import Environment, evaluate
from grader.formula.parse import parse_expression
from grader.formula.syntax import Call, Name, text
from grader.judge.matching.compare import Measure

Shapes = Mapping[str, tuple[int, ...] | int]

POINTS = ({"a": 2.0, "b": 3.0, "c": 5.0}, {"a": 7.0, "b": 1.5, "c": -4.0})


def repairs(wrong: str, right: str) -> tuple[Repair, ...]:
    values = tuple(float(eval(right, {}, dict(at))) for at in POINTS)
    by = Measure(1e-9, 1e-12)
    return search(Task(parse_expression(wrong), tuple((at,) for at in POINTS), values, (by, by), (), ()))


def test_two_names_that_change_places_in_a_difference_are_a_small_change() -> None:
    (found,) = repairs("(a - c) * b", "(a - b) * c")

    assert text(found.result) == "(a - b) * c"
    assert found.cost < STRANGE


def test_two_names_that_change_places_so_that_a_difference_is_0_are_none() -> None:
    assert all(found.cost >= STRANGE for found in repairs("(a - b) * a", "0"))


NUMBERS: Shapes = dict.fromkeys("abcdhuv", ())
ARRAYS: Shapes = {"X": (4, 3), "W": (3, 2), "G": (4, 2), "H": (4, 2), "b": (2,), "n": 4, "r": (4,), "k": ()}
"""The names there are, each with the shape of its values; a whole number is the same at every point."""

OF_NUMBERS = """
a * b              ~ a * c             : a * c
a * b              ~ a * b * c         : a * b * c
a * b              ~ a * b / c         : a * b / c
a * b              ~ a * b + c         : a * b + c
a * b              ~ a * b - c         : a * b - c
a * b              ~ c - a * b         : c - a * b
a * b              ~ 2 * a * b         : 2 * a * b
a + b              ~ a - b             : a - b
a - b              ~ b - a             : b - a
a - b              ~ a + b             : a + b
a * b              ~ a / b             : a / b
a / b              ~ b / a             : b / a
a / b              ~ a * b             : a * b
a * b * c          ~ a * b             : a * b
a * b + c          ~ a * b             : a * b
a                  ~ 1 / a             : 1 / a
a                  ~ 1 - a             : 1 - a
a                  ~ a - 1             : a - 1
a                  ~ 1 + a             : 1 + a
a                  ~ a**2              : a**2
a                  ~ a**3              : a**3
a                  ~ -a                : -a
a**2               ~ a                 : a
a**2               ~ 2 * a             : 2 * a
2 * a              ~ a**2              : a * a
a**3               ~ a**2              : a**2
3 * a**3 * b       ~ 3 * a**2 * b      : 3 * a**2 * b
a**2 * b           ~ 3 * a**2 * b      : 3 * a**2 * b
d * (1 - h)        ~ d * (1 - h**2)    : d * (1 - h**2)
d * (1 + h**2)     ~ d * (1 - h**2)    : d * (1 - h**2)
d * h**2           ~ d * (1 - h**2)    : d * (1 - h**2)
1 - h**2           ~ d * (1 - h**2)    : (1 - h**2) * d
d                  ~ d * (1 - h**2)    : -
d * (1 - h**2) * a ~ d * (1 - h**2)    : d * (1 - h**2)
1 - h**2 * d       ~ (1 - h**2) * d    : (1 - h**2) * d
tanh(a)            ~ a                 : a
a                  ~ tanh(a)           : tanh(a)
tanh(a)            ~ sigmoid(a)        : sigmoid(a)
tanh(a) * b        ~ tanh(b) * a       : tanh(b) * a
(a + b) * c        ~ a + b * c         : a + b * c
a + b * c          ~ (a + b) * c       : (a + b) * c
a / b * c          ~ a / (b * c)       : a / (b * c)
a / 2 * c          ~ a / (2 * c)       : a / (2 * c)
a * b + c * d      ~ a * d + c * b     : c * b + a * d
a * b + c * d      ~ a * b - c * d     : a * b - c * d
a * b + c * d      ~ a * b + c * h     : a * b + c * h
a * c - b * d      ~ b * d - a * c     : b * d - a * c
a * b              ~ c * d             : c * d
a * b + c          ~ c * b - a         : -
a * b              ~ -a * c            : -a * c
a**2 * b           ~ a * c             : a * c
a + b + b          ~ a + b             : a + b
a * b * b          ~ a * b             : a * b
a - b - b          ~ a - b             : a - b
a * b              ~ a * b * (c + d)   : -
a * b              ~ a * c * d         : -
a                  ~ b * c + d         : -
0.5 * a * b        ~ a * b             : a * b
2 * a / 2          ~ a                 : a
a * b / 2          ~ a * b             : a * b
a * b / 2          ~ a * b / 3         : a * b / 3
a * b              ~ 0.5 * a * b       : 0.5 * a * b
a * b              ~ 3 * a * b         : 3 * a * b
a * b              ~ 5 * a * b         : -
a - a              ~ a                 : a
a * b - c          ~ a * b             : a * b
exp(a) * b         ~ a * exp(b)        : exp(b) * a
exp(-a)            ~ exp(a)            : exp(a)
exp(a)             ~ exp(-a)           : exp(-a)
log(a)             ~ 1 / a             : -
sqrt(a)            ~ 1 / (2 * sqrt(a)) : -
a / sqrt(b)        ~ a / b             : a / b
a / b              ~ a / sqrt(b)       : a / sqrt(b)
a / b              ~ a / b**2          : a / b**2
a / b**2           ~ -a / b**2         : -a / b**2
a / b**2           ~ a / b**3          : a / b**3
u * (a - b)        ~ u * (b - a)       : u * (b - a)
(a - b) * c        ~ (a - b)           : a - b
(a - b) / c        ~ (a - b) * c       : (a - b) * c
a**b               ~ b * a**(b - 1)    : -
a * 1              ~ a * b             : a * b
1                  ~ a                 : a
1                  ~ a * b             : -
0.0                ~ a                 : a
a * b              ~ a                 : a
a // b             ~ a / b             : a / b
a * (b > c)        ~ a * (b < c)       : a * (b < c)
a * (b >= c)       ~ a * (b > c)       : a * (b > c)
"""
OF_ARRAYS = """
X @ W                     ~ X @ W + b                       : X @ W + b
W.T @ X.T                 ~ X @ W                           : X @ W
X.T @ H                   ~ X.T @ G                         : X.T @ G
X @ G                     ~ X.T @ G                         : X.T @ G
G @ W                     ~ G @ W.T                         : G @ W.T
W @ G.T                   ~ G @ W.T                         : G @ W.T
G.T @ X                   ~ X.T @ G                         : X.T @ G
sum(G)                    ~ sum(G, dim=0)                   : sum(G, dim=0)
sum(G, dim=1)             ~ sum(G, dim=0)                   : sum(G, dim=0)
mean(G, dim=0)            ~ sum(G, dim=0)                   : sum(G, dim=0)
sum(G, dim=0)             ~ mean(G, dim=0)                  : mean(G, dim=0)
sum(G, dim=0)             ~ sum(G * H, dim=0)               : sum(G * H, dim=0)
G                         ~ sum(G, dim=0)                   : sum(G, dim=0)
G * H                     ~ sum(G * H)                      : sum(G * H)
sum(G * H)                ~ G * H                           : G * H
G * H                     ~ G                               : G
G @ H                     ~ G * H                           : G * H
2 * G                     ~ 2 * G / n                       : 2 * G / n
2 * G / n                 ~ 2 * G                           : 2 * G
G / n                     ~ 2 * G / n                       : 2 * G / n
G                         ~ G / n                           : G / n
G                         ~ 2 * G / n                       : 0.5 * G
G - H                     ~ H - G                           : H - G
G * r                     ~ G * r[:, None]                  : -
G                         ~ G * r[:, None]                  : -
G                         ~ G * b                           : G * b
G                         ~ k * G                           : G * k
G / sum(G, dim=1)         ~ G / sum(G, dim=1, keepdim=True) : G / sum(G, dim=1, keepdim=True)
G / sum(G, dim=0)         ~ G / sum(G, dim=1, keepdim=True) : -
X.T @ G                   ~ X.T @ G + W                     : X.T @ G + W
X.T @ G                   ~ X.T @ G + k * W                 : -
X.T @ G + W               ~ X.T @ G + k * W                 : X.T @ G + W * k
X.T @ G + 2 * W           ~ X.T @ G + 2 * k * W             : X.T @ G + 2 * W * k
X.T @ G - k * W           ~ X.T @ G + k * W                 : X.T @ G + k * W
X.T @ (G - H)             ~ X.T @ (H - G)                   : X.T @ (H - G)
X.T @ G / 4               ~ X.T @ G                         : X.T @ G
X.T @ G / length(W)       ~ X.T @ G / length(G)             : X.T @ G / n
G.T                       ~ G                               : G
G                         ~ G.T                             : G.T
G * (H > 0)               ~ G * (H < 0)                     : G * (H < 0)
G * H                     ~ G * (H > 0)                     : G * (H > 0)
where(H > 0, G, 0)        ~ where(H > 0, G, 1)              : where(H > 0, G, 1)
tanh(G) * H               ~ (1 - tanh(G)**2) * H            : -
G * H                     ~ G * (1 - H**2)                  : -
G * (1 - G**2)            ~ G * (1 - H**2)                  : G * (1 - H**2)
H * G - mean(G)           ~ H * G - sum(G)                  : H * G - sum(G)
sum(sum(G, dim=0), dim=0) ~ sum(G, dim=0)                   : sum(G, dim=0)
r[0]                      ~ r[1]                            : r[1]
r[1] * k                  ~ r[2] * k                        : r[2] * k
r * k                     ~ sum(r) * k                      : sum(r * k)
r * k                     ~ sum(r * k)                      : sum(r * k)
outer(b, r)               ~ outer(r, b)                     : outer(r, b)
G + b                     ~ G * b                           : G * b
-G                        ~ G                               : G
G / H                     ~ G * H                           : G * H
G / H                     ~ G / H**2                        : G / H**2
"""


def points(shapes: Shapes) -> tuple[dict[str, Any], ...]:
    """Values of the names at three points; numbers are positive, but for `u` and `v`."""
    source = numpy.random.default_rng(3)

    def draw(name: str, shape: tuple[int, ...] | int) -> Any:
        if isinstance(shape, int):
            return shape
        return source.normal(size=shape) if shape else source.uniform(0.3, 2) * (-1 if name in "uv" else 1)

    return tuple({name: draw(name, shape) for name, shape in shapes.items()} for _ in range(3))


def task_of(wrong: str, right: str, shapes: Shapes, **more: Any) -> Task:
    """The task to make of a wrong line one that is worth what the right one is; any name may be missing."""
    meaning = NumpyMeaning() if shapes is ARRAYS else ScalarMeaning()
    at, formula = points(shapes), parse_expression(right)
    reasons = Reasons((formula,), at[0], frozenset(), frozenset(), lambda node: node, {}, {})
    return Task(
        parse_expression(wrong),
        tuple((held,) for held in at),
        tuple(evaluate(formula, Environment(dict(held)), meaning) for held in at),
        (Measure(1e-9, 1e-12),) * len(at),
        tuple(shapes),
        tuple(Name(name, NOWHERE) for name in shapes),
        meaning=meaning,
        reasons=reasons,
        **more,
    )


def lines(table: str) -> list[tuple[str, str, list[str]]]:
    found = []
    for line in table.strip().splitlines():
        formulas, _, repaired = line.partition(" : ")
        wrong, _, right = formulas.partition(" ~ ")
        found.append((wrong.strip(), right.strip(), [] if repaired == "-" else repaired.split(" | ")))
    return found


def told(formula: str) -> str:
    return text(parse_expression(formula))


@pytest.mark.parametrize(("wrong", "right", "repaired"), lines(OF_NUMBERS))
def test_the_smallest_change_of_a_formula_of_numbers(wrong: str, right: str, repaired: list[str]) -> None:
    found = search(task_of(wrong, right, NUMBERS))

    assert [text(one.result) for one in found] == [told(one) for one in repaired]


@pytest.mark.parametrize(("wrong", "right", "repaired"), lines(OF_ARRAYS))
def test_the_smallest_change_of_a_formula_of_arrays(wrong: str, right: str, repaired: list[str]) -> None:
    found = search(task_of(wrong, right, ARRAYS))

    assert [text(one.result) for one in found] == [told(one) for one in repaired]


BUILT_UP = [
    ("+=", "a * b", "x + a * c", "+= a * c"),
    ("+=", "a * b", "x + a * b * c", "+= a * b * c"),
    ("+=", "a * b", "x - a * b", "-= a * b"),
    ("-=", "a * b", "x + a * b", "+= a * b"),
    ("+=", "a * b", "a * b", "a * b"),
    ("-=", "a", "a", "a"),
    ("*=", "a", "x * b", "*= b"),
    ("*=", "a", "x / a", "/= a"),
    ("/=", "a", "x * a", "*= a"),
    ("/=", "a", "x / b", "/= b"),
    ("+=", "a", "x", "nothing a"),
    ("-=", "a", "x - b", "-= b"),
    ("+=", "a / b", "x + b / a", "+= b / a"),
    ("+=", "2 * a", "x + a", "+= a"),
    ("+=", "a", "x + 2 * a", "+= 2 * a"),
]
"""What is done with `x` in each pass, what has to be done, and the change of the line."""

OPERATORS = {"+=": "again_add", "-=": "again_sub", "*=": "again_mul", "/=": "again_div", "nothing": "again_nothing"}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("operator", "wrong", "step", "repaired"), BUILT_UP)
def test_a_line_that_builds_on_an_old_value(operator: str, wrong: str, step: str, repaired: str, count: int) -> None:
    shapes: Shapes = dict.fromkeys("abc", ())
    source = numpy.random.default_rng(5)
    passes = tuple(
        tuple({name: float(source.uniform(0.3, 2)) for name in shapes} for _ in range(count)) for _ in range(3)
    )
    right = []
    for held in passes:
        x = 1.5
        for one in held:
            x = eval(step, {}, {**one, "x": x})
        right.append(x)
    line = Call(OPERATORS[operator], (parse_expression(wrong),), (), NOWHERE)
    names = tuple(Name(name, NOWHERE) for name in shapes)
    by = Measure(1e-9, 1e-12)

    found = search(Task(line, passes, tuple(right), (by,) * 3, tuple(shapes), names, before=(1.5,) * 3))

    sign, _, formula = repaired.partition(" ") if repaired.split()[0] in OPERATORS else ("", "", repaired)
    wanted = told(formula)
    assert [text(one.result) for one in found] == [f"{OPERATORS[sign]}({wanted})" if sign else wanted]


@pytest.mark.parametrize(("right", "added"), [("d * (1 - b**2)", 0.0), ("d * (1 - h**2)", 0.3)], ids=["free", "stated"])
def test_a_repair_that_needs_the_programs_formulas_costs_more(right: str, added: float) -> None:
    """`h` is tanh(c) in the program; the repair writes it so."""
    at = tuple(held | {"h": math.tanh(held["c"])} for held in points(NUMBERS))
    formula = parse_expression(right)
    stated = {"h": parse_expression("tanh(c)")}
    wrong = "d * (1 - a**2)" if not added else "d * (1 - tanh(a)**2)"
    reasons = Reasons((formula,), at[0], frozenset(), frozenset({"h"}), lambda node: node, {}, stated)
    values = tuple(evaluate(formula, Environment(dict(held)), ScalarMeaning()) for held in at)
    by = (Measure(1e-9, 1e-12),) * len(at)

    names = ("a", "b", "c", "d")
    (found,) = search(
        Task(parse_expression(wrong), tuple((held,) for held in at), values, by, names, (), reasons=reasons)
    )

    assert found.cost == pytest.approx(1.0 + added)
