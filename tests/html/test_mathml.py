"""Formulas as MathML: structure from the syntax tree, LaTeX through a library whose output is checked."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.exercise.load import folder, load
from grader.formula.parse import parse_expression
from grader.formula.syntax import statements
from grader.html.mathml import formula, sentence, typeset


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("w_h", "<msub><mi>w</mi><mrow><mi>h</mi></mrow></msub>"),
        ("h1_raw", "<msubsup><mi>h</mi><mrow><mn>1</mn></mrow><mrow><mtext>raw</mtext></mrow></msubsup>"),
        ("loss", "<mi>loss</mi>"),
        ("h[2]", "<msub><mi>h</mi><mrow><mn>2</mn></mrow></msub>"),
        ("a / b", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"),
        ("sqrt(a)", "<msqrt><mi>a</mi></msqrt>"),
        ("a.T", "<msup><mi>a</mi><mo>⊤</mo></msup>"),
        ("d(y)/d(x)", "<mfrac><mrow><mo>∂</mo><mi>y</mi></mrow><mrow><mo>∂</mo><mi>x</mi></mrow></mfrac>"),
    ],
)
def test_a_formula_is_typeset_by_its_structure(source: str, shown: str) -> None:
    assert formula(parse_expression(source)) == f"<math>{shown}</math>"


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("(a + b) * c", "(a+b)·c"),
        ("a + b * c", "a+b·c"),
        ("a - (b - c)", "a−(b−c)"),
        ("-(a + b)", "−(a+b)"),
        ("(a + b)**2", "(a+b)2"),
        ("1 - h1**2", "1−h12"),
    ],
)
def test_brackets_stand_where_the_meaning_needs_them(source: str, read: str) -> None:
    assert "".join(ElementTree.fromstring(formula(parse_expression(source))).itertext()) == read


@pytest.mark.parametrize("path", sorted(folder().glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_program_and_text_is_typeset(path: Path) -> None:
    exercise = load(path)

    for statement in statements(exercise.program):
        ElementTree.fromstring(formula(statement.value))
    assert "$" not in typeset(exercise.text)


def test_markup_in_latex_is_text() -> None:
    said = typeset(r"$a < \text{<script>alert(1)</script>}$ and $\href{javascript:alert(1)}{x}$")

    assert "<script" not in said
    assert "javascript" not in said
    assert "&lt;script&gt;" in said


@pytest.mark.parametrize(
    "source", [r"$\left($", r"$x^2^3$", "$" + "x" * 5000 + "$"], ids=["open", "two exponents", "long"]
)
def test_what_cannot_be_read_stays_as_it_was_written(source: str) -> None:
    assert typeset(f"see {source}.") == f"see {source}."


@given(st.text(alphabet="$\\{}^_<>&abc \n\"'", max_size=60))
def test_no_text_becomes_an_element_of_another_kind(words: str) -> None:
    said = typeset(words)

    tree = ElementTree.fromstring(f"<p>{said}</p>")
    assert {node.tag for node in tree.iter()} <= {
        "p", "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup",
        "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom", "merror", "semantics",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "formulas"),
    [
        ("dh1 = d(h1)/d(w_h) is wrong", ["d(h1)/d(w_h)"]),
        ("d(d(loss)/d(a))/d(w) and d(y)/d(x)", ["d(d(loss)/d(a))/d(w)", "d(y)/d(x)"]),
        ("d(a, via=c)/d(b), a part", ["d(a, via=c)/d(b)"]),
        ("read(a)/d(b) is no derivative", []),
        ("d(a b)/d(c) cannot be read", []),
    ],
)
def test_derivatives_in_a_sentence_are_typeset(words: str, formulas: list[str]) -> None:
    expected = words
    for written in formulas:
        expected = expected.replace(written, formula(parse_expression(written)))

    assert sentence(words) == expected


def test_what_the_chain_rule_says_is_one_equation() -> None:
    shown = sentence("by the chain rule, d(y2)/d(h1) = w_h * d(y2)/d(h2_raw)")

    assert shown.count("<math") == 1
    assert "<mo>=</mo>" in shown


def test_a_rule_that_cannot_be_read_stays_text_with_its_derivatives_typeset() -> None:
    shown = sentence("by the chain rule, d(y)/d(x) = <b>f</b> d(y)/d(z)")

    assert shown.startswith("by the chain rule, <math>")
    assert "&lt;b&gt;f&lt;/b&gt;" in shown
