"""Which binding is which quantity, in whole submissions: by name, by value, and where both say something else."""

from __future__ import annotations

import pytest

from tests.judge.runs import bound, line_at, observed

CHAIN = """exercise: chain
title: A chain
given: {x: 0.7, w: 1.3}
forward: |
  a = w * x
  b = a**2
  y = b**2 + w
steps:
  db: d(y)/d(b)
  da: d(y)/d(a)
  dw: d(y)/d(w)
"""
GIVEN = "x = 0.7\nw = 1.3\n"
FORWARD = f"{GIVEN}a = w * x\nb = a**2\ny = b**2 + w\n"
"""Five lines: those of a derivation are counted from the sixth."""

FORWARD_AT = {"a": ("a", 3), "b": ("b", 4), "y": ("y", 5)}


def found(*cells: str) -> dict[str, tuple[str, int | None]]:
    """Per quantity the name it was found under, and the line."""
    return {name: (under, line) for name, (under, _, line) in bound(observed(CHAIN, *cells)).items()}


STEPS = {
    "under their names": (
        "db = 2 * b\nda = db * 2 * a\ndw = da * x + 1\n",
        {"db": ("db", 6), "da": ("da", 7), "dw": ("dw", 8)},
    ),
    "under other names": (
        "g = 2 * b\nh = g * 2 * a\nk = h * x + 1\n",
        {"db": ("g", 6), "da": ("h", 7), "dw": ("k", 8)},
    ),
    "at other numbers alone": (
        "if x != 0.7:\n    t = 2 * b\n    db = t\nda = 4 * a * b\ndw = da * x + 1\n",
        {"db": ("db", None), "da": ("da", 9), "dw": ("dw", 10)},
    ),
    "at the given numbers alone": (
        "if x == 0.7:\n    t = 2 * b\n    db = t\nda = 4 * a * b\ndw = da * x + 1\n",
        {"db": ("db", 8), "da": ("da", 9), "dw": ("dw", 10)},
    ),
    "under other names, and wrong": ("g = 3 * b\nh = g * 2 * a\nk = h * x + 1\n", {}),
    "bound anew after it was read": (
        "db = 2 * b\nda = db * 2 * a\ndw = da * x + 1\ndb = 5.0 * x\n",
        {"db": ("db", 6), "da": ("da", 7), "dw": ("dw", 8)},
    ),
    "bound anew before it was read": (
        "db = 2 * b\ndb = 5.0 * x\nda = 4 * b * a\ndw = da * x + 1\n",
        {"db": ("db", 7), "da": ("da", 8), "dw": ("dw", 9)},
    ),
    "put right": (
        "db = 5.0 * x\ndb = 2 * b\nda = db * 2 * a\ndw = da * x + 1\n",
        {"db": ("db", 7), "da": ("da", 8), "dw": ("dw", 9)},
    ),
    "its name then holds the next one": (
        "db = 2 * b\ndb = db * 2 * a\ndw = db * x + 1\n",
        {"db": ("db", 6), "da": ("db", 7), "dw": ("dw", 8)},
    ),
    "in a container": (
        "g = {'b': 2 * b}\ng['a'] = g['b'] * 2 * a\ng['w'] = g['a'] * x + 1\n",
        {"db": ("db", 6), "da": ("da", 7), "dw": ("dw", 8)},
    ),
    "copied into a container": (
        "db = 2 * b\nda = db * 2 * a\ndw = da * x + 1\ngrads = {'db': db, 'da': da, 'dw': dw}\n",
        {"db": ("db", 6), "da": ("da", 7), "dw": ("dw", 8)},
    ),
    "its name is also that of a function in a table": (
        "table = {'db': abs}\ndb = 2 * b\nda = db * 2 * a\ndw = da * x + 1\n",
        {"db": ("db", 7), "da": ("da", 8), "dw": ("dw", 9)},
    ),
    "added up from 0": (
        "dw = 0\ndb = 2 * b\nda = db * 2 * a\ndw += da * x + 1\n",
        {"db": ("db", 7), "da": ("da", 8), "dw": ("dw", 9)},
    ),
    "a zero that a function replaces": (
        "dw = 0\ndef back():\n    global dw\n    dw = 4 * b * a * x + 1\nback()\ndb = 2 * b\nda = 4 * a * b\n",
        {"db": ("db", 11), "da": ("da", 12), "dw": ("dw", 9)},
    ),
    "a number at the top level, and another one in a function": (
        "dw = 5.0 * x\ndef back():\n    dw = 4 * b * a * x + 1\nback()\ndb = 2 * b\nda = 4 * a * b\n",
        {"db": ("db", 10), "da": ("da", 11), "dw": ("dw", 6)},
    ),
    "returned under the name of a local that is something else": (
        "def f():\n    db = b\n    return db + b\ng = f()\nda = g * 2 * a\ndw = da * x + 1\n",
        {"db": ("", 8), "da": ("da", 10), "dw": ("dw", 11)},
    ),
    "nowhere right, and a local has its name": (
        "def f():\n    db = b\n    return db + 2 * b\ng = f()\nda = g * 2 * a\ndw = da * x + 1\n",
        {"db": ("db", 7), "da": ("da", 10), "dw": ("dw", 11)},
    ),
    "a function of its name returns it": (
        "def db():\n    return 2 * b\ndef da():\n    return db() * 2 * a\nprint(da())\ndw = da() * x + 1\n",
        {"db": ("", 7), "da": ("", 9), "dw": ("dw", 11)},
    ),
    "a wrong one that a function of its name returns": (
        "def db():\n    return 3 * b\nprint(db())\nda = 4 * a * b\ndw = da * x + 1\n",
        {"db": ("db", 7), "da": ("da", 9), "dw": ("dw", 10)},
    ),
    "a function with a parameter may be anything": (
        "def db(u):\n    return 3 * u\nprint(db(b))\nda = 4 * a * b\ndw = da * x + 1\n",
        {"da": ("da", 9), "dw": ("dw", 10)},
    ),
    "of what a function returns the right one": (
        "u = 3\ndef db():\n    return u * b\ndb()\nu = 2\ndb()\nu = 5\ndb()\nda = 4 * a * b\ndw = da * x + 1\n",
        {"db": ("", 8), "da": ("da", 14), "dw": ("dw", 15)},
    ),
}


@pytest.mark.parametrize(("steps", "expected"), STEPS.values(), ids=STEPS)
def test_where_a_step_is_bound(steps: str, expected: dict[str, tuple[str, int]]) -> None:
    assert found(FORWARD + steps) == {**FORWARD_AT, **expected}


DERIVED = "y = {b}**2 + w\ndb = 2 * {b}\nda = db * 2 * {a}\ndw = da * x + 1\n"
LINES = {"y": ("y", 5), "db": ("db", 6), "da": ("da", 7), "dw": ("dw", 8)}


@pytest.mark.parametrize(
    ("forward", "expected"),
    [
        ("a = (w * x)**2\nh = w * x\n" + DERIVED.format(a="h", b="a"), {"a": ("h", 4), "b": ("a", 3)}),
        ("b = w * x\na = b**2\n" + DERIVED.format(a="b", b="a"), {"a": ("b", 3), "b": ("a", 4)}),
        # Then one of the two is a mistake.
        ("a = (w * x)**2\nb = (w * x)**2\n" + DERIVED.format(a="(w * x)", b="b"), {"a": ("a", 3), "b": ("b", 4)}),
        ("a = w * x + 1\nb = (w * x)**2\n" + DERIVED.format(a="(w * x)", b="b"), {"a": ("a", 3), "b": ("b", 4)}),
    ],
    ids=["its value has another name", "exchanged", "the value of another one that is there too", "wrong"],
)
def test_a_forward_name_is_what_it_holds(forward: str, expected: dict[str, tuple[str, int]]) -> None:
    assert found(GIVEN + forward) == {**LINES, **expected}


RIGHT = "db = 2 * b\nda = db * 2 * a\ndw = da * x + 1\n"


def origins(*cells: str) -> dict[str, list[int]]:
    """The lines of the earlier bindings that are a step as well."""
    evidence = observed(CHAIN, *cells)
    matches = evidence.alignment.matches.items()
    return {name: [line_at(evidence.scene, one) for one in match.origins] for name, match in matches if match.origins}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("t = 2 * b\ndb = t\n", {"db": [6]}),
        ("t = 2 * b\ns = t\ndb = s\n", {"db": [6, 7]}),
        ("def f():\n    t = 2 * b\n    return t\ndb = f()\n", {"db": [7, 8]}),
        ("t = 3 * b\ndb = t\n", {"db": [6]}),  # a wrong value too
        ("t = 2 * b\ndb = t + 0 * x\n", {"db": [6]}),
        ("t = b\ndb = 2 * t\n", {}),
        ("db = 2 * b\nt = db\n", {}),  # what comes later is made from it
        ("def f(t):\n    return t\ndb = f(2 * b)\n", {}),  # a parameter is no binding
        ("db = 0\ndb += 2 * b\n", {}),
        ("db = 2 * b\ndb += 0\n", {}),  # a partial sum
        ("db = 2.0\nt = 2.0\n", {}),
        ("t = 2.0\ndb = 2.0\n", {}),  # a constant is no evidence
    ],
)
def test_earlier_bindings_of_the_same_value_are_the_same_step(steps: str, expected: dict[str, list[int]]) -> None:
    rest = "da = 4 * a * b\ndw = da * x + 1\n"

    assert origins(FORWARD + steps + rest) == expected


@pytest.mark.parametrize("condition", ["x == 0.7", "x != 0.7"])
def test_what_is_not_bound_at_every_point_has_no_earlier_bindings(condition: str) -> None:
    steps = f"if {condition}:\n    t = 2 * b\n    db = t\nda = 4 * a * b\ndw = da * x + 1\n"

    assert origins(FORWARD + steps) == {}


def test_the_bindings_before_those_of_another_quantity_with_the_same_value_belong_to_that() -> None:
    # `da` is wrong: it takes the value of db, whose line and local are not those of da.
    assert origins(FORWARD + "t = 2 * b\ndb = t\nda = db\ndw = da * x + 1\n") == {"db": [6]}


AGAIN = "db = 3 * b\nda = db * 3 * a\ndw = da * x + 2\n"


@pytest.mark.parametrize(
    ("cells", "lines"),
    [
        ([FORWARD + RIGHT, AGAIN], [6, 7, 8]),  # the answer ended with the first cell
        ([FORWARD + AGAIN, RIGHT], [2, 3, 4]),  # a cell that derives wrong steps anew; its first line is `# %%`
        ([FORWARD + RIGHT, "print(dw)\n", AGAIN], [6, 7, 8]),
        ([FORWARD + RIGHT + "for i in range(3):\n    w -= 0.1 * dw\n    dw = w * i\n"], [6, 7, 8]),
        ([FORWARD + RIGHT + "for s in (0.1, 0.2):\n    db = 2 * s\n    da = db * 3\n    dw = s\n"], [6, 7, 8]),
    ],
    ids=["tried out afterwards", "a second attempt", "a cell between", "training", "a scan"],
)
def test_the_answer_ends_where_most_is_right(cells: list[str], lines: list[int]) -> None:
    at = found(*cells)

    assert [at[name][1] for name in ("db", "da", "dw")] == lines
