"""The LaTeX of an exercise, as characters."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.exercise.load import collection, load
from grader.report.mathematics import characters, plain


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"h_1^{raw}", "h₁^raw"),
        (r"w_h\,h_0", "w_h h₀"),
        (r"\partial\,\text{loss}/\partial w_y", "∂loss/∂w_y"),
        (r"h_{t-1}", "hₜ₋₁"),
        (r"x_{n, y_n}", "x_(n, yₙ)"),
        (r"\frac{1}{n}\sum_i x_i", "1/n ∑ᵢ xᵢ"),
        (r"\frac{x_i - \mu}{\sqrt{\sigma^2 + \varepsilon}}", "(xᵢ - μ)/√(σ² + ε)"),
        (r"\tfrac12 e^2", "½ e²"),
        (r"\frac{\partial f}{\partial w} \Big/ \frac{\partial^2 f}{\partial w^2}", "(∂f/∂w) / (∂²f/∂w²)"),
        (r"e^{-z}", "e^(-z)"),
        (r"\hat{x}_i", "x̂ᵢ"),
        (r"W^\top (1 - h_t^2)", "Wᵀ (1 - hₜ²)"),
        (r"\tanh(a)", "tanh(a)"),
        (r"4 \times 5", "4 × 5"),
        (r"\bigl(y_i \ln p_i\bigr)", "(yᵢ ln pᵢ)"),
    ],
)
def test_a_formula(latex: str, shown: str) -> None:
    assert characters(latex) == shown


def test_formulas_of_a_line_of_their_own_stand_one_below_the_other() -> None:
    assert plain(r"So: $$a = w\,x \qquad h = \tanh(a)$$") == "So:     a = w x\n    h = tanh(a)"


@pytest.mark.parametrize("text", ["`$x_1$` is code", "```\n$x_1$\n```", "from $5 to $ 6", r"\$5 and \$6", "no formula"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize("path", collection(), ids=lambda path: path.stem)
def test_no_exercise_is_left_with_latex(path: object) -> None:
    exercise = load(str(path))
    shown = plain(exercise.text) + "".join(plain(step.hint or "") for step in exercise.steps)

    assert not re.search(r"\\[A-Za-z]|\$", re.sub(r"```.*?```|`[^`]*`", "", shown, flags=re.S))


@given(st.text(alphabet="$\\{}^_frac sqrthat12", max_size=60))
def test_whatever_is_written_is_shown(text: str) -> None:
    assert isinstance(plain(f"$${text}$$ ${text}$"), str)
