"""Text to tree: what the language takes, where each node stands, and that everything else is refused as a fault."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.formula.parse import MAX_DEPTH, parse_expression, parse_program
from grader.formula.syntax import (
    Assign,
    Call,
    Derivative,
    For,
    FormulaError,
    FormulaFault,
    Index,
    Name,
    Number,
    Place,
    text,
    walk,
)


def faults_of(source: str) -> tuple[FormulaFault, ...]:
    with pytest.raises(FormulaError) as caught:
        parse_expression(source)
    return caught.value.faults


def program_faults(source: str) -> tuple[FormulaFault, ...]:
    with pytest.raises(FormulaError) as caught:
        parse_program(source)
    return caught.value.faults


@pytest.mark.parametrize(
    ("source", "meant"),
    [("d(y)/(x)", "`d(y)/d(x)`"), ("d(y)/dx", "`d(y)/d(x)`"), ("partial(y)/h", "`partial(y)/partial(h)`")],
)
def test_half_a_derivative_is_told_what_is_meant(source: str, meant: str) -> None:
    (fault,) = faults_of(source)

    assert fault.expected == meant


# places


def test_every_node_knows_its_range() -> None:
    tree = parse_expression("a + tanh(b)")

    assert [(type(node).__name__, node.place) for node in walk(tree)] == [
        ("Call", Place(1, 1, 1, 12)),
        ("Name", Place(1, 1, 1, 2)),
        ("Call", Place(1, 5, 1, 12)),
        ("Name", Place(1, 10, 1, 11)),
    ]


def test_columns_count_characters_not_bytes() -> None:
    tree = parse_expression("σé + b")

    assert [node.place.column for node in walk(tree)] == [1, 1, 6]


def test_lines_of_a_program_are_counted_from_one() -> None:
    first, second = parse_program("a = 1\n\nb = a\n")

    assert (first.place.line, second.place.line) == (1, 3)


def test_a_form_feed_is_no_end_of_a_line() -> None:
    _, second = parse_program("a = 1 # \x0c \x85 \u2028 \nb = é + a\n")

    assert isinstance(second, Assign)
    assert second.place == Place(2, 1, 2, 10)


def test_the_fault_of_a_part_stands_at_that_part() -> None:
    (fault,) = faults_of("a * (b ^ c)")

    assert fault == FormulaFault(
        Place(1, 6, 1, 11), "the operator `^`", "one of + - * / ** @ (a power is written `**`)"
    )


def test_all_faults_are_found_in_one_reading() -> None:
    found = [fault.found for fault in faults_of("foo(a) + (not b) + (x := 2)")]

    assert found == ["the unknown operation `foo`", "'not b'", "'x := 2'"]


# numbers and names


def test_a_minus_belongs_to_the_number() -> None:
    assert parse_expression("-2.5") == Number(-2.5, Place(1, 1, 1, 5))


@pytest.mark.parametrize(
    ("written", "value"), [("--2", 2), ("---2", -2), ("--0", 0), ("-(2.5)", -2.5), ("negative(3)", -3)]
)
def test_signs_before_a_number_are_carried_out(written: str, value: float) -> None:
    tree = parse_expression(written)

    assert isinstance(tree, Number)
    assert tree.value == value
    assert tree.place == Place(1, 1, 1, len(written) + 1)


def test_a_minus_is_weaker_than_a_power() -> None:
    assert text(parse_expression("-x**2")) == "-x**2"
    tree = parse_expression("-x**2")
    assert isinstance(tree, Call)
    assert tree.operation == "neg"


def test_pi_and_e_are_numbers_where_they_come_from_a_module() -> None:
    tree = parse_expression("np.pi + math.e")

    assert [node.value for node in walk(tree) if isinstance(node, Number)] == [3.141592653589793, 2.718281828459045]


def test_newaxis_and_none_are_the_same_key() -> None:
    assert text(parse_expression("x[:, np.newaxis]")) == text(parse_expression("x[:, None]")) == "x[:, None]"


@pytest.mark.parametrize(
    "number", ["9223372036854775808", "-9223372036854775809", "-" + "9" * 400, "1e999", "-1e999", "2j"]
)
def test_numbers_out_of_range_are_refused(number: str) -> None:
    (fault,) = faults_of(number)

    assert fault.expected == "a real number of ordinary size"


# statements


def test_an_augmented_assignment_builds_on_the_name() -> None:
    (statement,) = parse_program("loss += x")

    assert isinstance(statement, Assign)
    assert (statement.name, text(statement.value)) == ("loss", "loss + x")


def test_an_indexed_assignment_keeps_its_keys() -> None:
    (statement,) = parse_program("h[t, 0] = x")

    assert isinstance(statement, Assign)
    assert (statement.name, [text(key) for key in statement.keys]) == ("h", ["t", "0"])


@pytest.mark.parametrize(
    ("loop", "bounds", "backwards"),
    [
        ("range(T)", ("0", "T", "1"), False),
        ("range(1, T+1)", ("1", "T + 1", "1"), False),
        ("range(T, 0, -1)", ("T", "0", "-1"), False),
        ("reversed(range(1, T+1))", ("1", "T + 1", "1"), True),
    ],
)
def test_loops_over_ranges(loop: str, bounds: tuple[str, str, str], backwards: bool) -> None:
    (statement,) = parse_program(f"for t in {loop}:\n  h[t] = x\n")

    assert isinstance(statement, For)
    assert (text(statement.start), text(statement.stop), text(statement.step)) == bounds
    assert (statement.variable, statement.backwards, len(statement.body)) == ("t", backwards, 1)


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "x",
        "print(x)",
        "a.b = 1",
        "a[()] = 1",
        "del a",
        "class A:\n  x = 1",
        "while True:\n  x = 1",
        "with x:\n  y = 1",
        "try:\n  x = 1\nexcept A:\n  x = 2",
        "for t in xs:\n  a = 1",
        "for t, s in range(3):\n  a = 1",
        "for t in range(3):\n  a = 1\nelse:\n  a = 2",
        "for t in range(1, 2, 3, 4):\n  a = 1",
        "for t in range(stop=3):\n  a = 1",
        "for t in reversed(range(3), 1):\n  a = 1",
        "async def f():\n  await x",
        "global x",
        "raise x",
        "assert x",
        "x &= 1",
    ],
)
def test_other_statements_are_refused_at_their_place(source: str) -> None:
    fault = program_faults(source)[0]

    assert fault.place.line == 1
    assert fault.place.column >= 1
    assert fault.expected


# derivatives


def test_a_total_derivative() -> None:
    tree = parse_expression("d(y)/d(x)")

    place = Place(1, 1, 1, 10)
    assert tree == Derivative(Name("y", Place(1, 3, 1, 4)), Name("x", Place(1, 8, 1, 9)), None, False, place)


def test_a_derivative_through_one_quantity() -> None:
    tree = parse_expression("d(y, via=h)/d(x)")

    assert isinstance(tree, Derivative)
    assert isinstance(tree.via, Name)
    assert tree.via.id == "h"


def test_a_partial_derivative_of_an_element() -> None:
    tree = parse_expression("partial(h[2])/partial(h[1])")

    assert isinstance(tree, Derivative)
    assert tree.partial
    assert isinstance(tree.by, Index)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("w * d(a)/d(b)", "w * (d(a)/d(b))"),
        ("v * w * d(a)/d(b)", "v * w * (d(a)/d(b))"),
        ("W @ d(a)/d(b)", "W @ (d(a)/d(b))"),
        ("-d(a)/d(b)", "-(d(a)/d(b))"),
        ("-w * d(a)/d(b)", "-w * (d(a)/d(b))"),
        ("w * -d(a)/d(b)", "w * -(d(a)/d(b))"),
        ("+d(a)/d(b)", "d(a)/d(b)"),
        ("d(a)/d(b) * d(b)/d(c)", "d(a)/d(b) * (d(b)/d(c))"),
        ("d(a)/d(b) / w", "d(a)/d(b) / w"),
        ("1 - d(a)/d(b)", "1 - (d(a)/d(b))"),
        ("d(d(a)/d(b))/d(c)", "d(d(a)/d(b))/d(c)"),
    ],
)
def test_a_fraction_of_differentials_holds_together(written: str, read: str) -> None:
    written_tree = parse_expression(written)

    assert text(written_tree).replace("(d(a)/d(b))", "d(a)/d(b)") == read.replace("(d(a)/d(b))", "d(a)/d(b)")
    assert text(parse_expression(read)) == text(written_tree)


@pytest.mark.parametrize(
    "source",
    [
        "d(a)",
        "d(a)/b",
        "b/d(a)",
        "(a + d(a))/d(b)",
        "w / d(a)/d(b)",
        "d(a)/partial(b)",
        "d(a, b)/d(c)",
        "d(a)/d(b, via=c)",
        "d(a, by=c)/d(b)",
        "d(a, **c)/d(b)",
        "partial(a, via=c)/partial(b)",
        "d()/d()",
    ],
)
def test_half_a_derivative_is_refused(source: str) -> None:
    assert all(fault.place.line == 1 for fault in faults_of(source))


def test_two_slashes_between_differentials_are_told_at_the_whole_of_them() -> None:
    (fault,) = faults_of("2 * d(a)//d(b)")

    assert (fault.place.column, fault.expected) == (1, "`d(a)/d(b)` with a single `/`")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a − b", "`-` in place of `−`"),
        ("2 × a²", "`*` in place of `×` and `**2` in place of `²`"),
    ],
)
def test_printed_characters_are_told_as_they_are_typed(source: str, expected: str) -> None:
    assert [fault.expected for fault in faults_of(source)] == [expected]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("tanh(w x)", "`w * x` in place of `w x`"),
        ("1.5x**2 + 1", "`1.5 * x` in place of `1.5x`"),
        ("w + tanh x", "`tanh(x)` in place of `tanh x`"),
        ("2(a + b)", "a `*` before the bracket"),
    ],
)
def test_a_sign_that_is_missing_between_two_things_is_told(source: str, expected: str) -> None:
    assert [fault.expected for fault in faults_of(source)] == [expected]


@pytest.mark.parametrize("source", ["a if b", "1e5x", "x[0 1]", "dot('a b' c)"])
def test_no_product_is_made_of_other_faults(source: str) -> None:
    assert "in place of" not in faults_of(source)[0].expected


def test_an_unknown_function_of_an_unknown_part_of_a_module_is_one_fault() -> None:
    (fault,) = faults_of("np.random.randn()")

    assert fault.found == "the unknown operation `randn`"


def test_a_known_name_in_an_unknown_part_of_a_module_may_mean_something_else() -> None:
    (fault,) = faults_of("scipy.signal.correlate(a, b)")

    assert fault.expected == "an operation of `np`, `torch`, `math` or `scipy.special`"


# what is no formula

HOSTILE = {
    "a lambda": "lambda: 0",
    "a called lambda": "(lambda: 0)()",
    "a list comprehension": "[i for i in x]",
    "a generator": "sum(i for i in x)",
    "a set": "{1, 2}",
    "a dictionary": "{1: 2}",
    "a method of the world": "x.__class__.__mro__",
    "an attribute": "x.grad",
    "an attribute of a module": "np.os",
    "an import": "__import__('os').system('true')",
    "an evaluation": "eval('1')",
    "builtins": "__builtins__['open']('x')",
    "getattr": "getattr(x, 'y')",
    "a walrus": "(x := 1)",
    "an f-string": "f'{x}'",
    "bytes": "b'x'",
    "a starred argument": "sum(*x)",
    "starred options": "sum(**x)",
    "a starred index": "x[*y]",
    "a starred item": "[*x]",
    "a chain of comparisons": "a < b < c",
    "a logical operator": "a and b",
    "a negation": "not a",
    "an identity": "a is b",
    "a membership": "a in b",
    "an await": "await x",
    "a yield": "(yield x)",
    "two statements": "1; 2",
    "an empty text": "",
    "an unclosed bracket": "(",
    "a null byte": "a\0b",
    "a lone surrogate": "'\ud800'",
    "an empty index": "x[()]",
    "a call of a call": "tanh(x)(y)",
    "a call of an element": "x[0](y)",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_python_that_is_no_formula_is_refused(source: str) -> None:
    for fault in faults_of(source):
        assert fault.place.line >= 1
        assert fault.place.column >= 1
        assert fault.found
        assert fault.expected


def test_a_name_with_underscores_is_only_a_name() -> None:
    assert isinstance(parse_expression("__class__"), Name)


DEEP = {
    "brackets": "(" * 5_000 + "x" + ")" * 5_000,
    "signs": "-" * 20_000 + "x",
    "signs that Python can read": "-" * 1_000 + "x",
    "sums": "x" + "+x" * 20_000,
    "sums that Python can read": "x" + "+x" * 1_500,
    "powers": "x" + "**x" * 1_500,
    "indices": "x" + "[0]" * 5_000,
    "calls": "tanh(" * 190 + "x" + ")" * 190,
    "methods": "x" + ".tanh()" * 2_000,
    "lists": "[" * 190 + "]" * 190,
    "attributes": "x" + ".T" * 5_000,
    "derivatives": "d(" * 180 + "x" + ")/d(x)" * 180,
}


@pytest.mark.parametrize("source", DEEP.values(), ids=DEEP.keys())
def test_deep_nesting_is_refused(source: str) -> None:
    assert faults_of(source)
    assert program_faults("y = " + source)


def test_the_depth_of_an_ordinary_long_sum_is_allowed() -> None:
    assert text(parse_expression("x" + " + x" * (MAX_DEPTH - 10))).count("+") == MAX_DEPTH - 10


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10_000_000])
def test_a_text_of_more_than_64_kib_is_refused_unread(size: int) -> None:
    (fault,) = faults_of("x" * size)

    assert (fault.found, fault.expected) == (f"{size} characters", "at most 65536")


def test_a_number_of_too_many_digits_is_refused() -> None:
    assert faults_of("1" * 60_000)


def test_what_stood_there_is_cut_short_in_messages() -> None:
    (fault,) = faults_of("lambda: " + "x" * 1000)

    assert len(fault.found) <= 62


ALPHABET = "abxyt0129.eE_ ()[]{}+-*/%@<>=!,:;'\"\\#\n\tdλ\x00\x0c\ud800~^&|lambdforinangpv="
TOKENS = """
x h[t] tanh( ) ( [ ] d( )/d( partial( + ** @ , dim= np. .T 0 1.5 - : ... None = ' einsum('ij *
1e999 max( .values .indices stack([ .shape x:=2 f'{x}' é lambda: 99999999999999999999 for t in range( if else
"""
PIECES = st.sampled_from([*TOKENS.split(), " ", "\n", "):\n  ", "for t in range(", " if ", " else "])


def reads_or_refuses(source: str) -> None:
    for read in (parse_expression, parse_program):
        with contextlib.suppress(FormulaError):
            read(source)
            continue
        with pytest.raises(FormulaError) as caught:
            read(source)
        places = [fault.place for fault in caught.value.faults]
        assert places
        assert all(place.line >= 1 and place.column >= 1 for place in places)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from(ALPHABET), max_size=40) | st.text(max_size=20))
@example("\\")
@example("\ufeffx")
def test_any_text_is_read_or_refused(source: str) -> None:
    reads_or_refuses(source)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_any_string_of_tokens_is_read_or_refused(source: str) -> None:
    reads_or_refuses(source)


VALID = [
    "w * d(y, via=h[2])/d(x) - (1 - h1**2)",
    "einsum('ij,jk->ik', A, B)[0, :, ...] + stack([a, b], dim=1).T",
    "for t in reversed(range(1, T+1)):\n  h[t] = tanh(w * h[t-1])\n",
    "x.max(1, keepdim=True).values / np.sum(x, axis=(0, 1), keepdims=True)",
    "cross_entropy(logits, Yb, reduction='sum')",
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(VALID), st.data())
def test_a_damaged_formula_is_read_or_refused(source: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        at, length = data.draw(st.integers(0, len(source))), data.draw(st.integers(0, 3))
        source = source[:at] + data.draw(st.text(alphabet=ALPHABET, max_size=3)) + source[at + length :]

    reads_or_refuses(source)
