"""Which functions of a submission consist of formulas, and which of their lines a formula stands in."""

from __future__ import annotations

import ast

import pytest

from grader.diagnosis.expressions import (
    entries,
    fault_of,
    functions,
    name_of,
    names_around,
    parts_read,
    read,
    runs_too_often,
    takes_entry,
    target,
    target_end,
    typed_in,
    unpackings,
    unread,
)
from grader.formula.build import NOWHERE
from grader.formula.parse import parse_expression
from grader.formula.syntax import Name, Place, text
from grader.instrument.site import Site
from grader.instrument.sites import instrument
from grader.submission.load import load_bytes


def parts(body: str) -> list[tuple[str, str, int]]:
    """The names, formulas and lines of `f`, whose body starts in line 2; "" for the returned value."""
    found = functions(["def f(x, y):\n" + "".join(f"    {line}\n" for line in body.splitlines())])
    return [(part.name, text(part.formula), part.statement[0]) for part in found["f"].parts] if found else []


def test_a_value_that_is_bound_only_to_be_returned_stands_where_it_is_computed() -> None:
    assert parts("t = x * y\nreturn t") == [("", "x * y", 2)]
    assert parts("t = x * y\nu = t + x\nreturn u") == [("t", "x * y", 2), ("", "t + x", 3)]


def test_a_name_that_is_not_bound_last_is_a_formula_of_its_own() -> None:
    assert parts("t = x * y\nu = t + x\nreturn t") == [("t", "x * y", 2), ("u", "t + x", 3), ("", "t", 4)]
    assert parts("t = x * y\nreturn y") == [("t", "x * y", 2), ("", "y", 3)]
    assert parts("return x") == [("", "x", 2)]


@pytest.mark.parametrize(
    "body", ["t = x * y", "print(x)\nreturn x", "return x\nt = y", "for t in x:\n    y = t\nreturn y", "return"]
)
def test_a_function_with_other_statements_or_without_a_value_at_its_end_is_none_of_formulas(body: str) -> None:
    assert parts(body) == []


def test_parts_are_the_same_after_a_docstring() -> None:
    assert parts('"""The product."""\nreturn x * y') == [("", "x * y", 3)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("n, d = x.shape", [(1, 5, "d, n", "d, n = x.shape")]),
        ("(n, d) = x.shape", [(2, 6, "d, n", "(d, n) = x.shape")]),
        ("é = 1; n ,  d = x.shape", [(8, 14, "d ,  n", "é = 1; d ,  n = x.shape")]),
        ("n, d = 1, 2", []),
        ("n, d, k = x.shape", []),
        ("n, k = x.shape", []),
        ("n = d = x.shape", []),
    ],
)
def test_two_names_that_one_value_is_unpacked_into_are_exchanged_as_they_are_written(
    line: str, found: list[tuple[int, int, str, str]]
) -> None:
    submission = load_bytes(f"x = 1\n{line}\n".encode(), "mine.py")

    assert list(unpackings(submission, frozenset({"n", "d"}))) == [
        (0, Place(2, start, 2, end), text, whole) for start, end, text, whole in found
    ]


def sites(source: str) -> tuple[Site, ...]:
    return instrument(source, 0).sites


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("y = a * b", [("assign", "a * b")]),
        ("y += a * b", [("again", "again_add(a * b)")]),
        ("y -= a", [("again", "again_sub(a)")]),
        ("y *= a", [("again", "again_mul(a)")]),
        ("y /= a", [("again", "again_div(a)")]),
        ("y **= a", [("again", None)]),
        ("y //= a", [("again", None)]),
        ("h[t] = a * b", [("item", "a * b"), ("whole", "a * b")]),
        ("h[t] += a", [("item", "again_add(a)"), ("whole", "again_add(a)")]),
        ("h[t] **= a", [("item", None), ("whole", None)]),
        ("self.y = grads['a']['b']", [("assign", "grads['a']['b']")]),
        ("p, q = f(a)", [("unpack", "entry_0(f()(a))"), ("unpack", "entry_1(f()(a))")]),
        ("p, *q = f(a)", [("unpack", "f()(a)"), ("unpack", "f()(a)")]),
        ("p, q = a, b", [("assign", "a"), ("assign", "b")]),
        ("y = g(a)", [("assign", None)]),
        ("y = [k for k in a]", [("assign", None)]),
    ],
)
def test_what_a_line_binds_is_read_as_a_formula(source: str, expected: list[tuple[str, str | None]]) -> None:
    found = [(one.kind, read(source, one, frozenset({"f"}))) for one in sites(source) if one.kind != "settled"]

    assert [(kind, formula and text(formula)) for kind, formula in found] == expected


def test_what_no_formula_can_say_is_told_with_its_place() -> None:
    (site,) = sites("y = a + g(a) + k(a)")
    fault = fault_of("y = a + g(a) + k(a)", site)

    assert fault is not None
    assert (fault.place.column, fault.found) == (9, "the unknown operation `g`")
    assert fault_of("y = a + f(a)", sites("y = a + f(a)")[0], frozenset({"f"})) is None


@pytest.mark.parametrize(
    ("source", "entry", "bound"),
    [
        ("h[t] = a", ("h", ["t"]), None),
        ("h[t, i + 1] += a", ("h", ["t", "i + 1"]), None),
        ("self.h[t] = a", ("self.h", ["t"]), None),
        ("g['h'][t] = a", ("g['h']", ["t"]), None),
        ("h[t:2] = a", ("h", ["t:2"]), None),
        ("h = a", None, "h"),
        ("h += a", None, "h"),
        ("self.h = a", None, "self.h"),
        ("g['h'] = a", None, "g['h']"),
        ("g = h = a", None, None),
        ("g, h = a", None, None),
        ("f(x)[t] = a", None, None),
        ("h[t][i] = a", None, None),
    ],
)
def test_a_statement_changes_a_name_or_entries(
    source: str, entry: tuple[str, list[str]] | None, bound: str | None
) -> None:
    site = sites(source)[-1]
    found = entries(source, site)

    assert (found and (found[0], list(map(text, found[1])))) == entry
    assert target(source, site) == bound


@pytest.mark.parametrize(
    ("source", "expected"),
    [("é = 1; y = a", (1, 9)), ("\ny  = a", (2, 2)), ("y += a", (1, 2)), ("h[t] = a", (1, 5))],
)
def test_a_target_ends_before_the_sign_in_characters(source: str, expected: tuple[int, int]) -> None:
    assert target_end(source, sites(source)[-1]) == expected


def test_several_targets_end_nowhere() -> None:
    with pytest.raises(ValueError, match="several names"):
        target_end("a = b = c", sites("a = b = c")[0])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("self.h", "self.h"),
        ("grads['h']", "grads['h']"),
        ("grads['a']['b']", "grads['a']['b']"),
        ("self.grads['h']", "grads['h']"),
        ("x.T", None),
        ("x.shape", None),
        ("self.data", None),
        ("a.b.c", None),
        ("h[t]", None),
        ("h[0]", None),
        ("h", None),
        ("f()['a']", None),
        ("f().a", None),
        ("g['a'][0]", None),
        ("g[0]['a']", None),
    ],
)
def test_an_entry_of_a_container_is_a_name(written: str, expected: str | None) -> None:
    assert name_of(ast.parse(written, mode="eval").body) == expected
    assert takes_entry(ast.parse(written, mode="eval").body) is (expected is not None)


@pytest.mark.parametrize(("formula", "expected"), [("h", False), ("h[0]", False), ("h + 1", False), (None, False)])
def test_a_formula_takes_an_entry_if_it_is_one(formula: str | None, expected: bool) -> None:
    assert takes_entry(None if formula is None else parse_expression(formula)) is expected
    assert takes_entry(Name("self.h", NOWHERE))
    assert takes_entry(Name("g['h']", NOWHERE))


@pytest.mark.parametrize(
    ("source", "typed", "not_read"),
    [
        ("e = 1.7", {"e"}, {"e"}),
        ("e = -2", {"e"}, {"e"}),
        ("n, r = 4, a", {"n"}, {"n", "r"}),
        ("n, self.r = 4, 1", {"n"}, {"n"}),
        ("e = a", set(), {"e"}),
        ("e = 'x'", set(), {"e"}),
        ("self.e = 1", set(), set()),
        ("n, r = f()", set(), {"n", "r"}),
        ("x = 1\nprint(x)", {"x"}, {"x"}),
        ("x = 1\nassert x", {"x"}, {"x"}),
        ("x = 1\nf(x)", {"x"}, {"x"}),
        ("x = 1\ny = f(x)", {"x"}, {"y"}),
        ("x += 1", set(), {"x"}),
    ],
)
def test_names_that_hold_a_typed_number_and_names_that_nothing_reads(
    source: str, typed: set[str], not_read: set[str]
) -> None:
    assert typed_in([source]) == typed
    assert unread([source]) == not_read


def test_what_another_cell_reads_is_read() -> None:
    assert unread(["x = 1", "y = x"]) == {"y"}
    assert typed_in(["x = 1", "y = 2"]) == {"x", "y"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("cache.h1 = a", {"cache.h1": "h1"}),
        ("y = g['a']['b']", {"g['a']": "a", "g['a']['b']": "b"}),
        ("g = {'a': 1, 'b': x, 3: y}", {"g['a']": "a", "g['b']": "b"}),
        ("g = {**k}", {}),
        ("y = x.T", {}),
    ],
)
def test_entries_of_containers_by_their_last_parts(source: str, expected: dict[str, str]) -> None:
    assert parts_read([source]) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("for i in n:\n    s += a\n", True),
        ("for i in n:\n    s += a[i]\n", False),
        ("for i, j in n:\n    s += j\n", False),
        ("for i in n:\n    s = a\n", False),
        ("while n:\n    s += a\n", False),
        ("for i in n:\n    if i:\n        s += a\n", False),
        ("s += a\n", False),
    ],
)
def test_what_is_added_in_a_loop_that_it_reads_nothing_of_is_added_too_often(source: str, expected: bool) -> None:
    assert runs_too_often(source, sites(source)[-1]) is expected


def test_the_names_around_a_line_are_those_of_its_own_function() -> None:
    source = (
        "def f(x):\n    y = x * w\n    def g(z):\n        q = z + self.h\n        return q\n    return y\np = f(1)\n"
    )
    around = {one.names[0]: names_around(source, one) for one in sites(source) if one.kind == "assign"}

    assert around["q"] == {"q", "self", "self.h", "z"}
    assert around["y"] == {"q", "self", "self.h", "w", "x", "y", "z"}
    assert around["p"] == frozenset()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(x):\n    return x * w\n", {"f": (("x",), ["x * w"], {"w"})}),
        ("f = lambda x, y: x * y\n", {"f": (("x", "y"), ["x * y"], set())}),
        ("d = {'a': lambda x: x * w, 'b': 3}\n", {"d['a']": (("x",), ["x * w"], {"w"})}),
        ("def f(x):\n    t = x * w\n    return t + v\n", {"f": (("x",), ["x * w", "t + v"], {"v", "w"})}),
        ("def f(x):\n    if x:\n        return x\n    return w\n", {"f": (("x",), ["w"], {"w"})}),
        ("def f(x):\n    if x:\n        raise x\n    return w * x\n", {"f": (("x",), ["w * x"], {"w"})}),
        ("def f(x):\n    if x:\n        y = x\n    return w * y\n", {}),
        ("def f(x):\n    return x\ndef f(x):\n    return 2 * x\n", {"f": (("x",), ["2 * x"], set())}),
        ("def f(x, *y):\n    return x\n", {}),
        ("def f(x, **y):\n    return x\n", {}),
        ("def f(x, *, y):\n    return x\n", {}),
        ("def f(x, y=1):\n    return x\n", {}),
        ("def f(x):\n    return g(x)\ndef g(x):\n    return x\n", {"g": (("x",), ["x"], set())}),
    ],
)
def test_functions_that_consist_of_formulas(
    source: str, expected: dict[str, tuple[tuple[str, ...], list[str], set[str]]]
) -> None:
    found = functions([source])

    assert {
        name: (one.parameters, [text(part.formula) for part in one.parts], set(one.free)) for name, one in found.items()
    } == expected
