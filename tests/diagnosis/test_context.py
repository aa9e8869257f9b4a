"""What the exercise says about a wrong step, in the student's names: what its chain rule is made of, what may stand in
another's place or be missing, and the formulas and numbers that belong to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from grader.diagnosis.step.context import MIXED_UP, Context
from grader.diagnosis.step.exchanged_slopes import exchanged_slopes
from grader.formula.build import ONE, call
from grader.formula.syntax import Expression, text
from tests.diagnosis.test_names_of_changes import context_of

STEPS: dict[tuple[str, str], dict[str, Any]] = {
    ("tanh-chain", "dh1_dwh"): {
        "seeds": ["dh0_dwh", "dh2_dwy", "dwy_dwh", "dy2"],
        "unrelated_names": [
            "dh0_dwh",
            "dh1",
            "dh1_raw",
            "dh2",
            "dh2_dwh",
            "dh2_dwy",
            "dh2_raw",
            "dh2raw_dwh",
            "dw_h",
            "dw_y",
            "dwy_dwh",
            "dy2",
            "dy2_dwh",
            "dy2_dwy",
        ],
        "rule_quantities": ["dh1raw_dwh", "h1"],
        "swaps": [
            "h1",
            "dh1raw_dwh",
            "h2",
            "y2",
            "w_h",
            "w_y",
            "h1_raw",
            "h2_raw",
            "dh1",
            "dy2",
            "dw_h",
            "dh1_raw",
            "dh2_dwh",
            "dh2_raw",
            "dh2raw_dwh",
        ],
        "terms": ["(1 - h1**2) * dh1raw_dwh"],
        "factors": ["1 - h1**2", "1 - h2**2"],
        "parts": ["(1 - h1**2) * dh1raw_dwh", "1 - h1**2", "h1**2"],
        "exchanged": [("h1 * (1 - h1)", "1 - h1**2"), ("h2 * (1 - h2)", "1 - h2**2")],
        "single": ["dy2"],
        "stated": {
            "h1_raw": "w_h * h0",
            "h1": "tanh(h1_raw)",
            "h2_raw": "w_h * h1",
            "h2": "tanh(h2_raw)",
            "y2": "w_y * h2",
        },
        "activations": {"h1": ("tanh", "h1_raw"), "h2": ("tanh", "h2_raw")},
    },
    ("tanh-chain", "dh2raw_dwh"): {
        "seeds": ["dh0_dwh", "dh2_dwy", "dwy_dwh", "dy2"],
        "unrelated_names": [
            "dh0_dwh",
            "dh1",
            "dh1_raw",
            "dh1raw_dwh",
            "dh2",
            "dh2_dwh",
            "dh2_dwy",
            "dh2_raw",
            "dw_h",
            "dw_y",
            "dwy_dwh",
            "dy2",
            "dy2_dwh",
            "dy2_dwy",
        ],
        "rule_quantities": ["dh1_dwh", "h1", "w_h"],
        "swaps": [
            "h1",
            "w_h",
            "dh1_dwh",
            "h0",
            "h2",
            "y2",
            "w_y",
            "h1_raw",
            "h2_raw",
            "dh1",
            "dy2",
            "dw_h",
            "dh1_raw",
            "dh2_dwh",
            "dh2_raw",
        ],
        "terms": ["h1", "w_h * dh1_dwh"],
        "factors": ["1 - h1**2", "1 - h2**2"],
        "parts": ["h1 + w_h * dh1_dwh", "w_h * dh1_dwh"],
        "exchanged": [("h1 * (1 - h1)", "1 - h1**2"), ("h2 * (1 - h2)", "1 - h2**2")],
        "single": ["dy2"],
        "stated": {
            "h1_raw": "w_h * h0",
            "h1": "tanh(h1_raw)",
            "h2_raw": "w_h * h1",
            "h2": "tanh(h2_raw)",
            "y2": "w_y * h2",
        },
        "activations": {"h1": ("tanh", "h1_raw"), "h2": ("tanh", "h2_raw")},
    },
    ("sigmoid-unit", "dz"): {
        "unrelated_names": ["ds_dw", "dw", "dx", "dy_dw", "dz_dw"],
        "rule_quantities": ["ds", "s"],
        "swaps": ["s", "ds", "b", "c", "w", "x", "y", "z", "dw", "dx", "ds_dw"],
        "terms": ["s * (1 - s) * ds"],
        "factors": ["1 - s", "s * (1 - s)"],
        "parts": ["s * (1 - s) * ds", "s * (1 - s)", "1 - s"],
        "exchanged": [("1 - s**2", "s * (1 - s)")],
        "stated": {"z": "w * x + b", "s": "sigmoid(z)", "y": "v * s + c"},
        "activations": {"s": ("sigmoid", "z")},
    },
    ("mean-square", "dP"): {
        "unrelated_names": ["dw"],
        "rule_quantities": ["P", "Y", "n"],
        "swaps": ["P", "Y", "n", "X", "w", "loss", "dw"],
        "terms": ["2 * (P - Y) / n"],
        "constants": ["n", "length(w)"],
        "parts": ["2 * (P - Y) / n", "2 * (P - Y)", "P - Y"],
        "single": ["n"],
        "stated": {"P": "X @ w", "loss": "sum((P - Y)**2) / n"},
    },
    ("two-layers", "dZ1"): {
        "unrelated_names": ["dE", "dP", "dW1", "dW2", "dY", "db1"],
        "rule_quantities": ["H", "dH"],
        "swaps": [
            "H",
            "dH",
            "E",
            "P",
            "S",
            "X",
            "Y",
            "n",
            "W1",
            "W2",
            "Z1",
            "b1",
            "loss",
            "dE",
            "dY",
            "dW1",
            "dW2",
            "db1",
        ],
        "terms": ["(1 - H**2) * dH"],
        "factors": ["1 - H**2"],
        "constants": ["n", "length(W2)", "length(W1)"],
        "parts": ["(1 - H**2) * dH", "1 - H**2", "H**2"],
        "exchanged": [("H * (1 - H)", "1 - H**2")],
        "single": ["n"],
        "stated": {
            "Z1": "X @ W1 + b1",
            "H": "tanh(Z1)",
            "P": "H @ W2",
            "E": "P - Y",
            "S": "E**2",
            "loss": "sum(S) / n",
        },
        "activations": {"H": ("tanh", "Z1")},
    },
    ("penalised", "dw"): {
        "rule_quantities": ["X", "de", "lam", "w"],
        "swaps": ["X", "w", "lam", "de", "Y", "e", "n", "loss"],
        "terms": ["transpose_all(X) @ de", "2 * w * lam"],
        "constants": ["length(w)", "n"],
        "parts": [
            "transpose_all(X) @ de + 2 * w * lam",
            "transpose_all(X) @ de",
            "transpose_all(X)",
            "2 * w * lam",
            "2 * w",
        ],
        "single": ["lam", "n"],
        "stated": {"e": "X @ w - Y", "loss": "sum(e**2) / n + lam * sum(w**2)"},
    },
    ("growth", "dx"): {
        "rule_quantities": ["a", "dy", "y"],
        "swaps": ["a", "y", "dy", "x", "z"],
        "terms": ["y * log(a) * dy"],
        "parts": ["y * log(a) * dy", "y * log(a)", "log(a)"],
        "exchanged": [
            ("x * a**(x - 1)", "y * log(a)"),
            ("a * x**(a - 1)", "y * log(a)"),
            ("y * log(a)", "x * a**(x - 1)"),
        ],
        "stated": {"y": "a**x", "z": "c * y"},
    },
    ("scaled", "dx"): {
        "unrelated_names": ["dgamma"],
        "rule_quantities": ["gamma", "r", "x"],
        "swaps": ["r", "x", "gamma", "y", "z", "dy", "dgamma"],
        "terms": ["gamma * (r * dy)"],
        "spelled": [
            "2 * x * (-0.5 * (mean(x**2, dim=1, keepdim=True) + 0.1)**(-1.5)"
            " * sum(gamma * x * dy, dim=1, keepdim=True) / length(gamma))"
        ],
        "constants": ["0.1", "-1.5", "length(gamma)", "length(x)"],
        "parts": [
            "2 * x",
            "-0.5 * (mean(x**2, dim=1, keepdim=True) + 0.1)**(-1.5)",
            "(mean(x**2, dim=1, keepdim=True) + 0.1)**(-1.5)",
            "mean(x**2, dim=1, keepdim=True) + 0.1",
            "mean(x**2, dim=1, keepdim=True)",
            "x**2",
            "gamma * (r * dy)",
            "r * dy",
        ],
        "stated": {"r": "(mean(x**2, dim=1, keepdim=True) + 0.1)**(-0.5)", "z": "gamma * x * r", "y": "sum(dy * z)"},
    },
    ("lookup", "dC"): {
        "rule_quantities": ["de", "ix"],
        "swaps": ["ix", "de", "C", "e", "u", "y"],
        "terms": ["transpose_all(one_hot(ix, classes=3)) @ de"],
        "constants": ["length(C)", "length(ix)"],
        "parts": [
            "transpose_all(one_hot(ix, classes=3)) @ de",
            "transpose_all(one_hot(ix, classes=3))",
            "one_hot(ix, classes=3)",
        ],
        "stated": {"e": "C[ix]", "y": "sum(u * e**2)"},
    },
    ("quotient", "dq_dw"): {
        "unrelated_names": ["df_dw"],
        "rule_quantities": ["dg_dw", "du_dw", "g", "u"],
        "swaps": ["g", "u", "dg_dw", "a", "b", "f", "q", "w", "y"],
        "terms": ["du_dw / g", "-(u / g**2 * dg_dw)"],
        "factors": ["1 - g**2"],
        "parts": [
            "du_dw / g + -(u / g**2 * dg_dw)",
            "du_dw / g",
            "-(u / g**2 * dg_dw)",
            "u / g**2 * dg_dw",
            "u / g**2",
            "g**2",
        ],
        "exchanged": [("g * (1 - g)", "1 - g**2")],
        "stated": {"f": "exp(w)", "u": "a * f", "g": "tanh(w)", "q": "u / g", "y": "b * q"},
        "activations": {"f": ("exp", "w"), "g": ("tanh", "w")},
    },
    ("gates", "di"): {
        "unrelated_names": ["dj", "dt", "dv", "dw"],
        "rule_quantities": ["ds", "s"],
        "swaps": ["s", "ds", "i", "j", "t", "v", "w", "x", "y", "dj", "dv", "dw"],
        "terms": ["s * (1 - s) * ds"],
        "factors": ["1 - s", "s * (1 - s)", "1 - t**2"],
        "parts": ["s * (1 - s) * ds", "s * (1 - s)", "1 - s"],
        "exchanged": [("1 - s**2", "s * (1 - s)"), ("t * (1 - t)", "1 - t**2")],
        "stated": {"i": "w * x", "s": "sigmoid(i)", "j": "v * s", "t": "tanh(j)", "y": "s * t"},
        "activations": {"s": ("sigmoid", "i"), "t": ("tanh", "j")},
    },
}
"""By exercise and step, with the names of the exercise; what is not listed is empty.

    seeds        steps that are certainly 1 or 0
    unrelated_names    other steps, which do not occur in the chain rule
    rule_quantities  what occurs in it
    swaps        what may stand in another's place, the likelier first
    terms        the summands of the chain rule; `spelled` where a part has no name
    factors      what may be missing besides `swaps`
    constants    numbers that a line may be off by
    parts        parts of the right formula
    exchanged    wrong and right derivatives of activations and powers that are confused
    single       single numbers that a function may read
    stated       the formulas of the program
    activations  functions of one quantity
"""


def told(formulas: Iterable[Expression]) -> list[str]:
    return [text(one) for one in formulas]


def all_of(context: Context) -> dict[str, Any]:
    return {
        "seeds": sorted(context.seeds),
        "unrelated_names": sorted(context.unrelated_names),
        "rule_quantities": sorted(context.rule_quantities),
        "swaps": list(context.swaps),
        "terms": told(context.terms),
        "spelled": told(context.spelled_terms),
        "factors": [one for one in told(context.factors) if one not in context.swaps],
        "constants": told(context.constants),
        "parts": told(context.parts),
        "exchanged": [(text(wrong), text(right)) for wrong, right in exchanged_slopes(context)],
        "single": list(context.single_numbers),
        "stated": {name: text(formula) for name, formula in context.stated.items()},
        "activations": dict(context.activations),
    }


def test_of_three_slopes_that_are_confused_each_of_the_others_may_be_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MIXED_UP, "softplus", lambda out: call("sub", ONE, out))
    found = [(text(wrong), text(right)) for wrong, right in exchanged_slopes(context_of("tanh-chain", "dh1_dwh"))]

    assert found[:2] == [("h1 * (1 - h1)", "1 - h1**2"), ("1 - h1", "1 - h1**2")]


@pytest.mark.parametrize(("name", "expected"), STEPS.items(), ids=map(" ".join, STEPS))
def test_what_belongs_to_a_step(name: tuple[str, str], expected: dict[str, Any]) -> None:
    assert {key: value for key, value in all_of(context_of(*name)).items() if value} == expected
