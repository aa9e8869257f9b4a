"""Which functions a text may evaluate away from the point of the derivation, and where."""

from __future__ import annotations

import pytest

from grader.submission.reevaluation import evaluated_elsewhere
from grader.submission.shifted import statements_until

OWN = "def f(v):\n    return v * v\n"

ELSEWHERE = {
    "a function of its own, shifted": (OWN + "d = (f(w + e) - f(w)) / e\n", [("f", (0, 1, 0))]),
    "one called in a loop": (OWN + "s = [f(z) for z in nodes]\n", [("f", (0, 1, 0))]),
    "one that is passed on": (OWN + "p = interpolate(f, nodes)\n", [("f", (0, 1, 0))]),
    "a lambda with a name": ("f = lambda v: v * v\nd = f(w + e) - f(w)\n", [("lambda", (0, 1, 4))]),
    "a lambda that is passed on": ("p = interpolate(lambda v: v, nodes)\n", [("lambda", (0, 1, 16))]),
    "differences of a library function": ("d = tanh(w + e) - tanh(w)\n", [("", (0, 1, 4))]),
    "a library function beside one of its own": (OWN + "d = tanh(w + e) - tanh(w)\n", [("", (0, 3, 4))]),
    "not where it is only called": (OWN + "y = f(w)\n", []),
    "not a library function of a sum": ("y = tanh(w * x + b)\n", []),
    "not two of them that are added apart": ("y = tanh(w + b)\nz = tanh(w)\n", []),
    "not a hook": ("w.register_hook(lambda g: print(g))\n", []),
}


@pytest.mark.parametrize(("text", "found"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_functions_evaluated_elsewhere_are_found_at_their_place(
    text: str, found: list[tuple[str, tuple[int, int, int]]]
) -> None:
    seen = evaluated_elsewhere(statements_until((text,), (0, 99)), lambda scope: True)

    # A library function is found at each of its calls; the first is enough here.
    assert [(one.scope, one.places[0]) for one in seen] == found


def test_functions_of_other_scopes_than_those_meant_are_left_out() -> None:
    text = "def f(w): return w * x\ndef g(w): return w + x\na = f(w + e) - f(w - e)\nb = g(w + e) - g(w - e)"

    (one,) = evaluated_elsewhere(statements_until((text,), (0, 99)), lambda scope: scope == "g")

    assert one.scope == "g"
