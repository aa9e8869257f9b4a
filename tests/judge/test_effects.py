"""What a statement reads, binds and changes, by its text alone."""

from __future__ import annotations

import pytest

from grader.judge.runs.effects import Effects, effects_of


def last(*statements: str) -> Effects:
    return effects_of(["\n".join(statements)])[0][-1]


@pytest.mark.parametrize(
    ("statement", "reads", "binds", "changes"),
    [
        ("a = b + c", {"b", "c"}, {"a"}, set()),
        ("a[0] = b", {"a", "b"}, set(), {"a", "b"}),
        ("a.grad = b", {"a", "b"}, set(), {"a", "b"}),
        ("a += b", {"a", "b"}, {"a"}, {"a"}),
        ("a.append(b)", {"a", "b"}, set(), {"a", "b"}),
        ("x = a.pop()", {"a"}, {"x"}, {"a", "x"}),
        ("print(a)", {"a"}, set(), set()),
        ("x = [b for a in c]", {"b", "c"}, {"x", "a"}, set()),
        ("del a", set(), {"a"}, set()),
        ("try:\n    a = b\nexcept OSError as e:\n    a = e", {"b", "e"}, {"a", "e"}, set()),
        ("try:\n    a = b\nexcept OSError:\n    a = 0", {"b"}, {"a"}, set()),
        ("for t in range(n):\n    a[t] = t", {"n", "a", "t"}, {"t"}, {"a", "t", "n"}),
    ],
)
def test_one_statement(statement: str, reads: set[str], binds: set[str], changes: set[str]) -> None:
    one = last(statement)

    assert (set(one.reads), set(one.binds), set(one.changes)) == (reads, binds, changes)


def test_what_is_changed_by_one_name_is_changed_for_all_it_may_go_by() -> None:
    assert last("a = [0]", "b = a", "c = b + a", "b[0] = 1").changes == {"a", "b"}


def test_what_is_bound_later_was_not_changed_before() -> None:
    first, _ = effects_of(["a.sort()\nb = a"])[0]

    assert first.changes == {"a"}


def test_a_module_is_no_object_that_names_share() -> None:
    assert last("import numpy as np", "a = np.zeros(3)", "b = np.ones(3)", "a[0] = 1").changes == {"a"}
    assert last("import numpy as np", "np.add(b, c, out=d)").changes == {"b", "c", "d"}
    assert last("import numpy as np", "np.tanh = 2 * a").changes == {"np"}


def test_whoever_calls_a_function_does_what_its_body_does() -> None:
    one = last("def f(x):\n    global n\n    n = x\n    y = w * x\n    g[0] = y\n    return y", "z = f(a)")

    assert {"w", "a", "g"} <= one.reads
    assert "n" in one.binds
    assert "g" in one.changes
    assert "y" not in one.binds | one.changes


def test_a_definition_only_binds_its_name() -> None:
    one = last("def f(x):\n    return w * x")

    assert (one.defines, set(one.binds), set(one.changes)) == (True, {"f"}, set())


@pytest.mark.parametrize("statement", ["exec('a = 1')", "globals()['a'] = 1", "def f():\n    eval('a')\nf()"])
def test_what_no_text_shows_is_opaque(statement: str) -> None:
    assert last(*statement.split("\nf()"), *(["f()"] if "def" in statement else [])).opaque


def test_only_a_plain_binding_leaves_nothing_of_what_was_there_before() -> None:
    assert last("a, (b, c) = d").kills == {"a", "b", "c"}
    assert last("if d:\n    a = 1").kills == set()
    assert last("a[0] = 1").kills == set()
