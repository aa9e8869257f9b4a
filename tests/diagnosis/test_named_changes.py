"""Names that a repair shows in the source: what the text was and what it became."""

from __future__ import annotations

import pytest

from grader.diagnosis.repair_trials.named_changes import _name_of, agrees

NAMED = [
    ("contribution-overwritten", "for i in I:\n    d[i][j] = g * h", "for i in I:\n    d[i][j] += g * h"),
    ("loop-bound-off-by-one", "for t in range(T - 1):\n    f(t)", "for t in range(T):\n    f(t)"),
    ("loop-bound-off-by-one", "for t in range(1, T):\n    f(t)", "for t in range(T):\n    f(t)"),
    ("loop-bound-off-by-one", "x = [f(t) for t in range(n)]", "x = [f(t) for t in range(n + 1)]"),
    ("stride-forgotten", "dw[k] += dy[i] * x[i + k]", "dw[k] += dy[i] * x[i * stride + k]"),
    ("stride-forgotten", "dx[i + k] += dy[i] * w[k]", "dx[2 * i + k] += dy[i] * w[k]"),
    ("repeated-index-counted-once", "dC[ix] += d", "np.add.at(dC, ix, d)"),
    ("repeated-index-counted-once", "dC[ix] = d", "dC.index_put_((ix,), d, accumulate=True)"),
    ("padding-forgotten", "dx = dxp[i]", "dx = dxp[i + pad]"),
    ("padding-forgotten", "dw[k] += x[i + k]", "dw[k] += x[i + k - self.padding]"),
    ("quotient-rule-with-plus", "d = (df * g + f * dg) / g**2", "d = (df * g - f * dg) / g**2"),
    (
        "quotient-rule-with-plus",
        "d = a * (u * (1 + u) + u * u) / (1 + u)**2",
        "d = a * (u * (1 + u) - u * u) / (1 + u)**2",
    ),
    ("updated-value-used", "w -= r * dw\ndh = w * d", "dh = w * d\nw -= r * dw"),
    (
        "updated-value-used",
        "def f():\n    w = w - r * dw\n    dh = w * d",
        "def f():\n    dh = w * d\n    w = w - r * dw",
    ),
    ("contribution-overwritten", "d = g", "d += g"),
    ("loop-bound-off-by-one", "for t in range(T):\n    f(t)", "for t in range(T - 1):\n    f(t)"),
    ("loop-bound-off-by-one", "for t in range(T):\n    f(t)", "for t in range(1, T):\n    f(t)"),
    ("loop-bound-off-by-one", "for t in range(5):\n    f(t)", "for t in range(6):\n    f(t)"),
    ("loop-bound-off-by-one", "for t in range(0, T):\n    f(t)", "for t in range(1, T):\n    f(t)"),
    ("stride-forgotten", "y = x[i]", "y = x[i * s.step]"),
    ("stride-forgotten", "y = x[i]", "y = x[3 * i]"),
    ("padding-forgotten", "dx = dxp[i]", "dx = dxp[i - PAD]"),
    ("repeated-index-counted-once", "dC[ix] = d", "np.add.at(dC, ix, d)"),
    ("quotient-rule-with-plus", "d = (g * df + f * dg) / g**2", "d = (g * df - f * dg) / g**2"),
    ("quotient-rule-with-plus", "d = (f * dg + df * g) * a / g**2", "d = (f * dg - df * g) * a / g**2"),
    ("updated-value-used", "w[0] -= r\ndh = w * d", "dh = w * d\nw[0] -= r"),
    ("updated-value-used", "w.a += r\ndh = w.a * d", "dh = w.a * d\nw.a += r"),
]


@pytest.mark.parametrize(("code", "before", "after"), NAMED)
def test_a_change_shows_the_mistake(code: str, before: str, after: str) -> None:
    assert _name_of(before, after) == code


OTHERS = [
    ("d[i] = g", "d[i] -= g"),
    ("d[i] = g", "d[i] += h"),
    ("for t in range(T - 2):\n    f(t)", "for t in range(T):\n    f(t)"),
    ("x = y[t - 1]", "x = y[t]"),
    ("x = range(n)[i]", "x = range(n)[j]"),
    ("dw[k] += dy[i] * x[i + k]", "dw[k] += dy[i] * x[i + k] * stride"),
    ("dx = dxp[i]", "dx = dxp[i + k]"),
    ("d = (f * g + f * h) / g", "d = (f * g - f * h) / g"),
    ("d = (a * b + c * e) / g**2", "d = (a * b - c * e) / g**2"),
    ("m = r * dw\ndh = w * d", "dh = w * d\nm = r * dw"),
    ("w -= r * dw\ndh = v * d", "dh = v * d\nw -= r * dw"),
    ("x = 1", "x = 1"),
    ("d += g", "d = g"),
    ("d = g", "e += g"),
    ("for t in range(T):\n    f(t)", "for t in range(2, T):\n    f(t)"),
    ("for t in range(T):\n    f(t)", "for t in range(1, S):\n    f(t)"),
    ("for t in range(4):\n    f(t)", "for t in range(6):\n    f(t)"),
    ("for t in range(T):\n    f(t)", "for t in range(S):\n    f(t)"),
    ("for t in range(T - 1):\n    f(t)", "for t in range(S):\n    f(t)"),
    ("for t in range(x.shape[0]):\n    f(t)", "for t in range(x.shape[1]):\n    f(t)"),
    ("for t in enumerate(T - 1):\n    f(t)", "for t in enumerate(T):\n    f(t)"),
    ("y = x[i]", "y = x[i * 1]"),
    ("y = x[i]", "y = x[j * k]"),
    ("y = x[i]", "y = x[i * (j + 1)]"),
    ("y = i", "y = i * stride"),
    ("y = f(i)[0]", "y = f(i * stride)[0]"),
    ("dx = i", "dx = i + pad"),
    ("dx = dxp[i]", "dx = dxp[i + 1]"),
    ("dx = dxp[i]", "dx = dxp[i * pad2 + 1]"),
    ("dx = dxp[i]", "dx = dxp[j + pad]"),
    ("dC[ix] -= d", "np.add.at(dC, ix, d)"),
    ("dC += d", "np.add.at(dC, ix, d)"),
    ("dC[ix] += d", "np.subtract(dC, ix, d)"),
    ("d = (df * g - f * dg) / g**2", "d = (df * g + f * dg) / g**2"),
    ("d = (df * g + f * dg) / g**3", "d = (df * g - f * dg) / g**3"),
    ("d = (df * g + f * dg) * g**2", "d = (df * g - f * dg) * g**2"),
    ("d = g**2 / (df * g + f * dg)", "d = g**2 / (df * g - f * dg)"),
    ("d = (df + f * dg) / g**2", "d = (df - f * dg) / g**2"),
    ("d = df * g + f * dg", "d = df * g - f * dg"),
    ("d = a.v * b.d", "d = a.v * b.d + a.v * b.d"),
    ("d = a.v * b.d", "d = a.v * b.d - a.d * b.v"),
    ("d = a.v * b.d", "d = a.d * b.v + a.d * b.v"),
    ("w -= r\nx = a\ndh = w", "dh = w\nw -= r\nx = a"),
    ("w = r * w\ndh = w * d", "dh = w * d\nw = r * w"),
    ("dh = w * d\nw = r", "w = r\ndh = w * d"),
    ("x = (", "x = 1"),
]


@pytest.mark.parametrize(("before", "after"), OTHERS)
def test_another_change_has_no_name(before: str, after: str) -> None:
    assert _name_of(before, after) is None


def test_the_order_of_a_loop_repairs_no_missing_term() -> None:
    before, after = "for t in range(T):\n    f(t)", "for t in reversed(range(T)):\n    f(t)"

    assert not agrees("branch-contribution-missing", before, after)


@pytest.mark.parametrize(
    "after", ["d = a.v * b.d + a.d * b.v", "d = a.v * b.d - r"], ids=["the product rule's other term", "a term"]
)
def test_a_term_repairs_no_missing_factor(after: str) -> None:
    assert not agrees("power-rule-factor-missing", "d = a.v * b.d", after)


def test_a_factor_repairs_a_missing_factor() -> None:
    assert agrees("power-rule-factor-missing", "d = b.d", "d = 2 * a.v * b.d")


def test_the_other_term_of_a_product_of_fields_is_named() -> None:
    assert _name_of("d = a.v * b.d", "d = a.v * b.d + a.d * b.v") == "product-rule-term-missing"


def test_what_is_thrown_away_is_no_use_that_was_forgotten() -> None:
    before, after = "dx[i] = d * g", "dx[i] += d * g"

    assert not agrees("shared-weight-contribution-missing", before, after)
    assert agrees("contribution-overwritten", before, after)


AGREES = [
    ("loop-bound-off-by-one", "for t in range(T):\n    f(t)", "for t in range(1, T):\n    f(t)", True),
    ("loop-bound-off-by-one", "for t in range(a.shape[0]):\n    f(t)", "for t in range(a.shape[1]):\n    f(t)", False),
    ("sum-missing", "for t in range(T):\n    f(t)", "for t in range(T + 1):\n    f(t)", False),
    ("sum-missing", "for t in range(T):\n    y = f(t)", "for t in range(T):\n    y = sum(f(t))", True),
    ("tanh-derivative-one-minus-missing", "self.y = x", "self.y = np.tanh(x)", False),
    ("tanh-derivative-one-minus-missing", "self.y = x + 1", "self.y = x + np.tanh(1)", True),
    ("tanh-derivative-one-minus-missing", "y = x", "y = np.tanh(x)", True),
    ("repeated-index-counted-once", "d[i] = g", "d[i] += g", True),
    ("sign-flipped", "d[i] = g", "d[i] += g", False),
    ("contribution-overwritten", "d = g", "d += h", True),
    ("updated-value-used", "w -= r\ny = w", "y = w\nw -= r", True),
    ("updated-value-used", "w -= r", "w -= 2 * r", True),
    ("updated-value-used", "y = w", "y = w - r", False),
    ("summand-constant-wrong", "y = a + 2 * b", "y = a + 3 * b", True),
    ("summand-constant-wrong", "y = a + 2 * b", "y = a + 2 * c", False),
    ("summand-constant-wrong", "y = a + b", "y = a + 2 * b", True),
    ("contribution-counted-twice", "y = a + b + b", "y = a + b", True),
    ("contribution-counted-twice", "y = a + b", "y = a + b + b", False),
    ("contribution-counted-twice", "y = a + b", "y = a + c", False),
    ("weight-factor-missing", "y = a", "y = a * b", True),
    ("weight-factor-missing", "y = a", "y = a + b", False),
    ("weight-factor-missing", "y = a", "y = b - a", False),
    ("weight-factor-missing", "y = a", "y = b + c", True),
    ("weight-factor-missing", "y = a * b", "y = a", False),
    ("regularisation-missing", "y = a", "y = a + b", True),
    ("regularisation-missing", "y = a + b", "y = a", False),
    ("regularisation-missing", "y = a", "y = b", False),
    ("sign-flipped", "y = a", "y = b", True),
    ("sign-flipped", "y = a", "y = a", True),
    ("sum-missing", "y = (", "y = a", True),
]


@pytest.mark.parametrize(("code", "before", "after", "expected"), AGREES)
def test_a_change_repairs_a_mistake_or_something_else(code: str, before: str, after: str, expected: bool) -> None:
    assert agrees(code, before, after) is expected
