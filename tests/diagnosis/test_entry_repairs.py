"""A line on entries of arrays is mended with entries; a term or a line that is missing is written out."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from grader.diagnosis.repair_search.array_entries import ArrayEntry
from grader.formula.build import NOWHERE
from grader.formula.parse import parse_expression
from grader.formula.syntax import Expression, Name, text
from grader.model import StepResult
from grader.submission.load import load_bytes
from tests import warm

REACH = Path(__file__).parents[1] / "quality" / "reach"


def wrong(name: str, right: str, line: str) -> list[StepResult]:
    """The wrong steps of a right script in which `line` stands for `right`."""
    source = (REACH / f"{name}.py").read_text()
    assert source.count(right) == 1
    exercise = source.split("\n")[0].removeprefix("# exercise: ")
    result = warm.check(exercise, load_bytes(source.replace(right, line).encode(), "mine.py"))
    return [step for step in (*result.forward, *result.steps) if step.outcome == "wrong"]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("name", "right", "line", "fix"),
    [
        pytest.param(
            "vae_loops",
            "= dz[i, k] * eps[i, k]",
            "= dz[i, k]",
            "dsigma[i, k] = dz[i, k] * eps[i, k]",
            id="the other factor's entry",
        ),
        pytest.param(
            "rms_loops",
            "dxhat[n, j] * r[n, 0] + dms",
            "dxhat[n, j] + dms",
            "dx[n, j] = dxhat[n, j] * r[n, 0] + dms[n, 0] * 2 * x[n, j] / D",
            id="the entry of a column",
        ),
        pytest.param(
            "vae_loops",
            "dmu[i, k] = dz[i, k] + mu[i, k] / N",
            "dmu[i, k] = dz[i, k]",
            "dmu[i, k] = dz[i, k] + mu[i, k] / N",
            id="a term",
        ),
        pytest.param(
            "triplet_zip",
            " + 2 * dfar[i] * (a[i] - n[i])",
            "",
            "da[i] = 2 * dnear[i] * (a[i] - p[i]) + 2 * (a[i] - n[i]) * dfar[i]",
            id="a term with a row of each matrix",
        ),
        pytest.param(
            "triplet_zip",
            " + 2 * dfar[i] * (a[i] - n[i])",
            " + dfar[i] * (a[i] - n[i])",
            "da[i] = 2 * dnear[i] * (a[i] - p[i]) + 2 * dfar[i] * (a[i] - n[i])",
            id="no names exchanged so that `a - a` is left",
        ),
        pytest.param(
            "vae_loops",
            "0.5 * dsigma[i, k] * sigma[i, k]",
            "dsigma[i, k] * sigma[i, k]",
            "dlogvar[i, k] = 0.5 * dsigma[i, k] * sigma[i, k] + 0.5 * (np.exp(logvar[i, k]) - 1) / N",
            id="no length that happens to be 2",
        ),
        pytest.param(
            "norm_columns",
            "dvar[0] / (n - 1)",
            "dvar[0]",
            "ddiff2[i] = dvar[0] / (n - 1)",
            id="a length by its name",
        ),
        pytest.param(
            "cross_entropy_lists",
            "= -1 / n\n",
            "= 1 / n\n",
            "dlogprobs[i, y[i]] = -1 / n",
            id="a sign, and not something taken from zeros",
        ),
        pytest.param(
            "hessian_sums",
            "s[i] * X[i, j] * X[i, k]",
            "X[i, j] * X[i, k]",
            "H[j, k] += X[i, j] * X[i, k] / N * s[i]",
            id="an entry of what is read nowhere",
        ),
        pytest.param(
            "kalman_products",
            "dA += dPp.dot(A).dot(P.T)",
            "dA += dPp.dot(P.T)",
            "dA += dPp.dot(A).dot(P.T)",
            id="a matrix between two others",
        ),
        pytest.param(
            "layers_unpacked",
            "dW2 += reg * W2\n",
            "",
            "dH, dW2, db2 = affine_backward(dlogits, cache2)\ndW2 += W2 * reg",
            id="a line below the call of a function",
        ),
        pytest.param(
            "triplet_zip",
            "np.ones(N) / N",
            "np.full(N, 1 / N / N)",
            "dhinge = np.full(N, 1 / N)",
            id="inside the value an array is filled with",
        ),
    ],
)
def test_a_repair_is_written_with_what_the_line_reads(name: str, right: str, line: str, fix: str) -> None:
    (step,) = wrong(name, right, line)
    assert step.diagnosis is not None
    assert step.diagnosis.fix == fix


def test_a_line_that_fills_a_right_step_is_not_to_blame() -> None:
    (step,) = wrong("cross_entropy_lists", "g / p for g, p", "g * p for g, p")
    assert step.code.startswith("dprobs = ")


@pytest.mark.slow
def test_a_value_that_is_0_but_for_rounding_is_no_multiple() -> None:
    for step in wrong("attention_rows", "k[j] / d_k**0.5", "q[i] / d_k**0.5"):
        assert step.diagnosis is not None
        assert "times the right value" not in step.diagnosis.message


SUMS = {
    "sum": lambda of, dim=None, keepdim=False: numpy.sum(of, axis=dim, keepdims=keepdim),
    "mean": lambda of, dim=None, keepdim=False: numpy.mean(of, axis=dim, keepdims=keepdim),
}
SHAPES = {"mu": (5, 2), "nu": (2, 5), "gamma": (2,), "inv": (1, 2), "n": (), "i": (), "k": ()}


@pytest.mark.parametrize(
    ("formula", "entry"),
    [
        ("mu / n", "mu[i, k] / n"),
        ("mu * gamma", "mu[i, k] * gamma[k]"),
        ("mu * inv", "mu[i, k] * inv[0, k]"),
        ("mu * ones_like(mu)", "mu[i, k]"),
        ("exp(mu) - 1", "exp(mu[i, k]) - 1"),
        ("nu.T", "nu[k, i]"),
        ("sum(mu**2, 1, keepdim=True)", "sum(mu[i]**2)"),
        ("mu * mean(mu, 0)", "mu[i, k] * mean(mu[:, k])"),
    ],
)
def test_the_entry_of_a_formula_is_made_of_entries(formula: str, entry: str) -> None:
    keys = (Name("i", NOWHERE), Name("k", NOWHERE))
    found = ArrayEntry(keys, SHAPES["mu"], _value).of(parse_expression(formula))
    assert found is not None
    assert text(found) == text(parse_expression(entry))


def _value(node: Expression) -> object:
    held = {name: numpy.ones(shape) if shape else 1 for name, shape in SHAPES.items()}
    others = {"exp": numpy.exp, "ones_like": numpy.ones_like, "transpose_all": numpy.transpose}
    return eval(text(node), SUMS | others, held)


HELD_FIXED = {
    "sqrt of a mean of each row": (
        "s = (mean(x**2, 1, keepdim=True) + 1e-6)**-0.5\ny = x * s",
        """
for i in range(5):
    s = 1 / np.sqrt(np.mean(x[i] ** 2) + 1e-6)
    for j in range(3):
        dx[i, j] = dy[i, j] * s
""",
        "dx[i, j] = dy[i, j] * s - x[i, j] * s**3 * np.sum(x[i] * dy[i]) / m",
    ),
    "of each column": (
        "s = (mean(x**2, 0) + 1e-6)**0.5\ny = x / s",
        """
for j in range(3):
    s = np.sqrt(np.mean(x[:, j] ** 2) + 1e-6)
    for i in range(5):
        dx[i, j] = dy[i, j] / s
""",
        "dx[i, j] = dy[i, j] / s - x[i, j] * np.sum(x[:, j] / s**2 * dy[:, j]) / s / n",
    ),
    "norm of rows at once": (
        "s = sum(x**2, 1, keepdim=True)**0.5\ny = x / s",
        """
for i in range(5):
    s = np.sqrt((x[i] ** 2).sum())
    dx[i] = dy[i] / s
""",
        "dx[i] = dy[i] / s - x[i] * (x[i] / s**2 * dy[i]).sum() / s",
    ),
    "mean that is subtracted": (
        "mu = mean(x, 1, keepdim=True)\ns = (mean((x - mu)**2, 1, keepdim=True) + 1e-5)**0.5\ny = (x - mu) / s",
        """
for i in range(5):
    s = np.sqrt(x[i].var() + 1e-5)
    hat = (x[i] - x[i].mean()) / s
    for j in range(3):
        dx[i, j] = dy[i, j] / s - hat[j] / m * np.sum(dy[i] * hat) / s
""",
        "dx[i, j] = dy[i, j] / s - hat[j] / m * np.sum(dy[i] * hat) / s - np.sum(dy[i] / s) / m",
    ),
}


@pytest.mark.parametrize(("program", "loop", "fix"), HELD_FIXED.values(), ids=HELD_FIXED.keys())
def test_the_term_through_a_statistic_is_written_with_the_entries_of_the_line(
    tmp_path: Path, program: str, loop: str, fix: str
) -> None:
    exercise, script = tmp_path / "held.yaml", tmp_path / "held.py"
    lines = "\n".join(f"  {line}" for line in (*program.split("\n"), "L = sum(dy * y)"))
    given = "".join(f"  {name}: {{shape: [5, 3], draw: normal}}\n" for name in ("x", "dy"))
    exercise.write_text(f"exercise: held\ntitle: held\ngiven:\n{given}forward: |\n{lines}\nsteps:\n  dx: d(L)/d(x)\n")
    head = "import numpy as np\n\nx = np.random.randn(5, 3)\ndy = np.random.randn(5, 3)\nn, m = x.shape\n"
    script.write_text(f"{head}dx = np.zeros((n, m)){loop}")
    (step,) = warm.check(exercise, script).steps
    assert step.diagnosis is not None
    assert step.diagnosis.fix == fix


def test_a_branch_whose_gradient_is_known_further_down_is_added_there() -> None:
    script = Path(__file__).parents[1] / "cases" / "wrong" / "batchnorm_square_branch_missing.py"
    step = next(one for one in warm.check("batch-norm", script).steps if one.outcome == "wrong")
    assert step.where is not None
    assert step.where.line == 29
    assert step.diagnosis is not None
    assert step.diagnosis.fix == "ddiff2 = np.ones((N, D)) * dvar / (N - 1)\nddiff += 2 * diff * ddiff2"
