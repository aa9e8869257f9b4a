"""A tree written as text: as one would write it, with the brackets it needs and no others."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from grader.formula.parse import parse_expression, parse_program
from grader.formula.syntax import Expression, FormulaError, Place, children, names, statements, text, walk


def without_places(node: object) -> object:
    """The shape of a tree as nested tuples."""
    if isinstance(node, tuple):
        return tuple(map(without_places, node))
    if is_dataclass(node):
        parts = [getattr(node, field.name) for field in fields(node) if field.compare]
        return (type(node).__name__, *(without_places(part) for part in parts if not isinstance(part, Place)))
    return (type(node).__name__, repr(node))


@pytest.mark.parametrize(
    "written",
    [
        "a + b - c",
        "a - (b - c)",
        "a - (b + c)",
        "a / (b * c)",
        "a / b * c",
        "(a + b) * c",
        "a * b @ c",
        "a @ (b @ c)",
        "a**b**c",
        "(a**b)**c",
        "-a**2",
        "(-a)**2",
        "(-2)**2",
        "(-0.0)**2",
        "2**(-1)",
        "2**(-x)",
        "-(a * b)",
        "-a * b",
        "a * -b",
        "--a",
        "a // b % c",
        "a // (b % c)",
        "(a < b) < c",
        "a < (b < c)",
        "(a < b) == (b < c)",
        "(a > 0) * b",
        "(a + b)[0]",
        "(a @ b)[0, :, 1:, ::2, None, ...]",
        "(-a)[0]",
        "h[t - 1][0]",
        "x[[0, 1], :2:-1]",
        "[1.0, 2.0][0]",
        "stack([a, b], dim=1)",
        "stack([[1, 2], [3, 4]])",
        "concat([a])",
        "einsum('ij,j->i', A, b)",
        "sum(a, dim=[0, 1], keepdim=True)",
        "d(y)/d(x)",
        "w * (d(y)/d(x))",
        "d(y)/d(x) * w",
        "-(d(y)/d(x))",
        "(d(y)/d(x))**2",
        "(d(y)/d(x))[0]",
        "d(d(y)/d(x))/d(x)",
        "d(y, via=h[2])/d(x)",
        "partial(h[2])/partial(h[1])",
        "1e-300 + 1e+300",
        "1000000.0 * 5",
    ],
)
def test_what_is_written_with_the_brackets_it_needs_stays_as_it_is(written: str) -> None:
    assert text(parse_expression(written)) == written


@pytest.mark.parametrize(
    ("written", "shorter"),
    [
        ("(a * b) + c", "a * b + c"),
        ("((a))", "a"),
        ("(a**b) * c", "a**b * c"),
        ("a**(b**c)", "a**b**c"),
        ("-(a**2)", "-a**2"),
        ("+a", "a"),
        ("a[(0), 1]", "a[0, 1]"),
        ("a[0,]", "a[0]"),
        ("(1, 2)", "[1, 2]"),
        ("'a' \"b\"", "'ab'"),
        ("1_000", "1000"),
        ("0x10", "16"),
    ],
)
def test_brackets_that_say_nothing_are_left_out(written: str, shorter: str) -> None:
    assert text(parse_expression(written)) == shorter


NAMES = st.sampled_from(["a", "b", "h", "w_h", "λ", "x1"])
NUMBERS = (
    st.integers(-(2**62), 2**62).map(str)
    | st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | st.sampled_from(["0", "-0.0", "2", "-1"])
)


TEMPLATES = [
    "{} + {}", "{} - {}", "{} * {}", "{} / {}", "{} // {}", "{} % {}", "{} @ {}", "{} ** {}",
    "({} < {})", "({} >= {})", "({} == {})", "-{}", "+{}", "({})", "tanh({})", "max({}, {})", "np.max({}, {})",
    "({}).sum(0, keepdims=True)", "({})[{}, :{}, None, ...]", "({}).T", "where({}, {}, {})",
    "stack([{}, {}], dim=0)", "stack([[{}], [{}]])", "einsum('i,i', {}, {})", "reshape({}, 2, -1)",
    "(d({}, via=h)/d(x))", "-d({})/d(x)", "{} * d({})/d(x)", "(partial(y)/partial(x))",
]  # fmt: skip


@st.composite
def formulas(draw: st.DrawFn, depth: int = 4) -> str:
    """Text of the language, with too many brackets and with as few as Python allows."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(NAMES | NUMBERS)
    template = draw(st.sampled_from(TEMPLATES))
    parts = [draw(formulas(depth - 1)) for _ in range(template.count("{}"))]
    wrap = draw(st.booleans())
    return template.format(*(f"({part})" if wrap else part for part in parts))


def readable(source: str) -> Expression:
    """The tree of a formula; chance also makes texts such as `x * d(a)/d(b) ** 2`, which are refused."""
    try:
        return parse_expression(source)
    except FormulaError:
        reject()


@settings(max_examples=250, deadline=None)
@given(formulas())
def test_reading_back_what_was_written_gives_the_same_text(source: str) -> None:
    written = text(readable(source))

    assert text(parse_expression(written)) == written


@settings(max_examples=250, deadline=None)
@given(formulas())
def test_reading_back_what_was_written_gives_the_same_tree(source: str) -> None:
    tree = readable(source)
    again = parse_expression(text(tree))

    assert without_places(again) == without_places(tree)


def test_children_are_what_stands_directly_inside() -> None:
    inside = {
        "a + b": ["a", "b"],
        "sum(x, dim=0)": ["x", "0"],
        "x[i, 1:n]": ["x", "i", "1:n"],
        "d(y, via=h)/d(x)": ["y", "x", "h"],
        "[a, 1]": ["a", "1"],
        "a": [],
    }

    assert {source: [text(child) for child in children(parse_expression(source))] for source in inside} == inside


def test_names_are_those_read_anywhere_inside() -> None:
    assert names(parse_expression("d(y, via=h)/d(x) + tanh(w)[i:n] * sum(v, dim=k)")) == {*"yhxwinvk"}


def test_walk_goes_from_the_whole_to_its_parts() -> None:
    tree: Expression = parse_expression("a * (b + c)")

    assert [text(node) for node in walk(tree)] == ["a * (b + c)", "a", "b + c", "b", "c"]


def test_statements_are_those_inside_loops_as_well() -> None:
    program = parse_program("a = 1\nfor t in range(2):\n  h[t] = a\n  for s in range(2):\n    g[s] = a\nb = a\n")

    assert [statement.name for statement in statements(program)] == ["a", "h", "g", "b"]
