"""Small changes of statements as they are typed, and the statements that are looked at."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from textwrap import dedent

import pytest

from grader.diagnosis.repair_text import spliced
from grader.diagnosis.repair_trials.statement_edits import source_edits, statement_at
from grader.diagnosis.repair_trials.suspects import suspects


def after(source: str, line: int, names: Sequence[str] = ("a", "b", "n")) -> set[str]:
    """What a line becomes, by each edit of the statement that begins there."""
    tree = ast.parse(source)
    statement = next(node for node in ast.walk(tree) if isinstance(node, ast.stmt) and node.lineno == line)
    lines = source.split("\n")
    found = set()
    for edit in source_edits(source, tree, statement, list(names)):
        if edit.place.line == edit.place.end_line == line:
            own = lines[line - 1]
            found.add((own[: edit.place.column - 1] + edit.text + own[edit.place.end_column - 1 :]).strip())
    return found


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("y = a[t]", "y = a[t - 1]"),
        ("y = a[t + 1]", "y = a[t]"),
        ("y = a[1:-1]", "y = a[1:]"),
        ("y = a[:n]", "y = a[n:]"),
        ("y = a[:n]", "y = a[-n:]"),
        ("y = a[:2]", "y = a[-2:]"),
        ("y = a.sum()", "y = a.sum(axis=0)"),
        ("y = a.sum()", "y = a.sum(axis=1)"),
        ("y = a[i]", "y = a[:, i]"),
        ("y = a[:, i]", "y = a[i]"),
        ("y = a[i, j]", "y = a[j, i]"),
        ("y = a[::-1]", "y = a"),
        ("y = a", "y = a[::-1]"),
        ("y = a.shape[1]", "y = a.shape[0]"),
        ("y = a.sum(0)", "y = a.sum(1)"),
        ("y = a.sum(axis=1)", "y = a.sum(axis=1, keepdims=True)"),
        ("y = a.mean(axis=1)", "y = a.sum(axis=1)"),
        ("y = np.outer(a, b)", "y = np.outer(b, a)"),
        ("y = a * b", "y = np.outer(a, b)"),
        ("y = round(a)", "y = a"),
        ("y = gate * x + gate", "y = a * x + a"),
        ("y = a // n", "y = a / n"),
        ("y = a ^ 2", "y = a ** 2"),
        ("y = [1 for k in a]", "y = [1 / n for k in a]"),
        ("y = [a[0] for k in b]", "y = [a[n] for k in b]"),
        ("y = [p - q for p, q in zip(a, b)]", "y = [p - q for q, p in zip(a, b)]"),
        ("y = sum(a[k] for k in range(n - 1))", "y = sum(a[k] for k in range(n))"),
        ("y = sum(a[k] for k in range(1, n))", "y = sum(a[k] for k in range(n))"),
        ("x, y = a, b", "x, y = b, a"),
        ("a[b] += n", "np.add.at(a, b, n)"),
        ("a[b] = n", "np.add.at(a, b, n)"),
        ("a[b, c] += n", "np.add.at(a, (b, c), n)"),
        ("y = a + b * n", "y = a + 2 * b * n"),
        ("y = [*map(lambda u, d: d, a, b)]", "y = [*map(lambda u, d: d + u, a, b)]"),
        ("y = a * b * (1 - b)", "y = a * (1 - b**2)"),
        ("y = b * (1 - b)", "y = 1 - b**2"),
        ("y = 1 - b**2", "y = b * (1 - b)"),
        ("y = a + -1 * b", "y = a + 1 * b"),
        ("y = a / n", "y = a / n**2"),
        ("y = a / n", "y = 1 / n"),
        ("y = a - b / n", "y = (a - b) / n"),
        ("y = [p - q / n for p, q in zip(a, b)]", "y = [(p - q) / n for p, q in zip(a, b)]"),
        ("y = -0.5 * a @ b", "y = -a @ b"),
        ("y = a @ b", "y = a @ n @ b"),
        ("y = a.dot(b)", "y = a.dot(n).dot(b)"),
        ("y = b * (1 - a)", "y = b * a"),
        ("p[:, b] -= 1", "p[np.arange(len(b)), b] -= 1"),
        ("p[b] = 1", "p[np.arange(len(b)), b] = 1"),
        ("y = a / a.size", "y = a / len(a)"),
        ("y = sum([a, b, a])", "y = sum([a, b])"),
        ("y = sum((a, b, a))", "y = sum((a, b))"),
    ],
)
def test_what_is_often_mistaken_is_among_the_changes(wrong: str, right: str) -> None:
    assert right in after(f"import numpy as np\n{wrong}\n", 2)


@pytest.mark.parametrize("right", ["y = a + u", "y = a - u", "y = a + u / n"])
def test_what_is_bound_and_never_read_may_be_a_summand(right: str) -> None:
    assert right in after("u = b\ny = a\n", 2)


@pytest.mark.parametrize("wrong", ["y = -y", "y = y + a", "y = z = y * a"])
def test_no_change_leaves_a_name_as_it_is(wrong: str) -> None:
    assert not {"y = y", "y = z = y"} & after(f"{wrong}\n", 1)


def test_minus_one_may_have_the_wrong_sign_or_be_too_small_but_not_too_large() -> None:
    changed = after("y = np.roll(a, -1)\n", 1)

    assert {"y = np.roll(a, 1)", "y = np.roll(a, 0)"} <= changed
    assert "y = np.roll(a, -2)" not in changed


def test_in_torch_an_index_that_occurs_twice_is_added_at_twice() -> None:
    assert "a.index_put_((b,), n, accumulate=True)" in after("import torch\na[b] += n\n", 2)


def test_counters_that_run_backwards_may_have_to_run_forwards() -> None:
    source = "for t in range(4):\n    for k in range(5):\n        y[t] += a[t + 4 - k]\n"

    assert "y[t] += a[t + k]" in after(source, 3)


def test_what_was_computed_and_is_read_nowhere_may_be_a_summand() -> None:
    changed = after("d = n * 2\ny = a\n", 2)

    assert {"y = a + d", "y = a - d", "y = a + d / n"} <= changed


def test_rows_are_counted_as_elsewhere_beside_the_same_labels() -> None:
    assert "p[range(n), b] -= 1" in after("q = p[range(n), b]\np[:, b] -= 1\n", 2)


def test_rows_are_counted_by_the_name_that_counts_them() -> None:
    assert "p[rows, b] -= 1" in after("import numpy as np\nrows = np.arange(n)\np[:, b] -= 1\n", 3)


def test_a_minus_gets_no_second_one() -> None:
    assert not any("--" in line for line in after("y = a[::-1]\n", 1))


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("    y = a", "y += a"), ("    y += a", "y = a"), ("    y[b] -= a", "y[b] += a"), ("    y[b] = a", "y[b] += a")],
)
def test_what_a_loop_adds_up_is_set_and_the_reverse(wrong: str, right: str) -> None:
    assert right in after(f"for k in range(3):\n{wrong}\n", 2)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("for t in range(n - 1):", "for t in range(n):"),
        ("for t in range(n):", "for t in reversed(range(n)):"),
        ("for t in range(n, 1, -1):", "for t in range(n, 0, -1):"),
        ("if n > 2:", "if n > 1:"),
        ("for t in (a, b, a):", "for t in (a, b):"),
    ],
)
def test_the_head_of_a_block_is_changed_without_the_block(wrong: str, right: str) -> None:
    changed = after(f"{wrong}\n    y = a - b\n", 1)

    assert right in changed
    assert all("y =" not in one for one in changed)


SOURCE = dedent(
    """
    def f(a):
        total = 0
        for k in range(2):
            total += a[k]
        return total

    a = make()
    right = a + 1
    b = g(a)
    y = f(b) + right
    """
).strip()


def suspected(line: int, right: set[tuple[int, int]]) -> list[int]:
    tree = ast.parse(SOURCE)
    statement = statement_at(tree, (line, 0, line, 1))
    assert statement is not None
    return [one.lineno for one in suspects(tree, statement, right)]


def test_a_function_of_ones_own_is_called_in_the_place_of_another() -> None:
    functions = "def f(x):\n    return x\n\ndef g(x):\n    return 2 * x\n\n"

    assert "y = g(a)" in after(f"{functions}y = f(a)\n", 7)


def test_a_statement_is_looked_at_first_then_the_functions_it_calls_then_what_feeds_it() -> None:
    lines = suspected(10, {(8, 0)})

    assert lines[0] == 10
    assert set(lines[1:5]) == {2, 3, 4, 5}
    assert 9 in lines
    assert 8 not in lines


def test_what_a_loop_goes_over_feeds_what_it_binds() -> None:
    tree = ast.parse(
        "r = node(2)\nf = node(3)\nfor one in (f, r):\n    for slope in one.slopes:\n        total += slope\n"
    )
    statement = statement_at(tree, (5, 8, 5, 22))

    assert statement is not None
    assert {1, 2} <= {one.lineno for one in suspects(tree, statement, ())}


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("d[n, y]", "d[n, y] -= 1"),
        ("d[n, y] - 1", "d[n, y] -= 1"),
        ("d[n] / m", "d[n] /= m"),
        ("d[n] == m", "d[n] = m"),
    ],
)
def test_what_a_line_computes_from_entries_and_drops_is_assigned(line: str, fix: str) -> None:
    source = f"d = p.copy()\n{line}\nd /= n\n"
    tree = ast.parse(source)

    assert fix in [edit.text for edit in source_edits(source, tree, tree.body[0], ["n", "m"])]


@pytest.mark.parametrize(
    ("source", "line", "forgotten"),
    [
        ("right = s[rows, y]\nd = mask / n\n", 2, "d[rows, y] -= d.sum(axis=1)"),
        ("for i in range(n):\n    m = s[i, y[i]]\n    d[i, j] += 1 / n\n", 3, "d[i, y[i]] -= 1 / n"),
        ("for i in range(n):\n    m = s[i][y[i]]\n    d[i][j] += 2\n", 3, "d[i][y[i]] -= 2"),
    ],
)
def test_what_goes_back_to_the_entry_that_is_picked_in_a_row_may_be_forgotten(
    source: str, line: int, forgotten: str
) -> None:
    whole = f"import numpy as np\nrows = np.arange(n)\n{source}"
    tree = ast.parse(whole)
    statement = next(node for node in ast.walk(tree) if isinstance(node, ast.stmt) and node.lineno == line + 2)

    edits = [edit.text for edit in source_edits(whole, tree, statement, ["n"])]

    assert forgotten in [text.split("\n")[-1].strip() for text in edits]


def test_what_an_index_reads_is_not_what_a_statement_makes() -> None:
    source = """
c = [0.0, 0.0]
for t in range(4):
    for i in range(2):
        d[t][i] = h[t][i] + c[i]
    for i in range(2):
        w[t] += v[i]
        u[i] += v[t]
    c = [m[j][0] * v[j] for j in range(2)]
"""
    tree = ast.parse(source)
    statement = statement_at(tree, (5, 8, 5, 32))

    assert statement is not None
    lines = [one.lineno for one in suspects(tree, statement, ())]
    assert lines[0] == 5
    assert 9 in lines
    assert not {7, 8} & set(lines)


def test_a_counter_of_other_loops_is_not_read() -> None:
    source = "for i in range(2):\n    y = a[i]\nfor j in range(2):\n    z = b[j]\n"
    tree = ast.parse(source)
    loop = tree.body[1]
    assert isinstance(loop, ast.For)

    texts = [edit.text for edit in source_edits(source, tree, loop.body[0], ["a", "b"])]

    assert not any("a[i]" in one for one in texts)


def test_an_entry_of_a_row_is_put_in_and_not_the_row() -> None:
    rows = [f"u{place}[n][k] = v{place}[n][k]" for place in range(4)]
    source = "\n    ".join(["for n in N:", "s = r[n][0]", *rows, "y[n][k] = a[n][k]"]) + "\n"
    tree = ast.parse(source)
    loop = tree.body[0]
    assert isinstance(loop, ast.For)

    texts = [edit.text for edit in source_edits(source, tree, loop.body[-1], ["a"])]

    assert "a[n][k] * r[n][0]" in texts
    assert "a[n][k] * v3[n]" not in texts


def test_a_site_inside_of_a_statement_stands_for_it() -> None:
    tree = ast.parse("for t in range(3):\n    y = t\n")
    statement = statement_at(tree, (1, 9, 1, 17))

    assert isinstance(statement, ast.For)


@pytest.mark.parametrize(
    ("wrong", "never"),
    [
        ("y = a[n] * b", "y = (-a)[n] * b"),
        ("y = a * b", "y = -(a * b)"),
        ("y = a[n - 1]", "y = a[-(n - 1)]"),
        ("y = a[::-1]", "y = a[::1]"),
        ("y = a[:, n]", "y = a[n, :]"),
        ("y = b * a / n", "y = b * a / (n - n)"),
        ("y = a.sum(axis=2)", "y = a.sum(axis=-2)"),
        ("y = 0.5 * a", "y = 0.5 * -a"),
        ("y = b * (1 - a)", "y = b * (1 * a)"),
        ("y = b * (1 - a)", "y = b * (a)"),
        ("y = a * b / n", "y = a * b / n / a"),
    ],
)
def test_nobody_would_write_it_like_this(wrong: str, never: str) -> None:
    assert never not in after(f"import numpy as np\n{wrong}\n", 2)


def test_a_sign_comes_first_and_is_put_into_a_list_before_the_array_made_of_it() -> None:
    source = "import numpy as np\ny = np.array([a * b for k in n])\n"
    tree = ast.parse(source)
    edits = [edit.text for edit in source_edits(source, tree, tree.body[1], ["a", "b", "n"])]

    assert edits.index("-a") < edits.index("-np.array([a * b for k in n])")


METHOD = """
class V:
    def times(self, o):
        out = V(self.v * o.v)

        def back():
            self.grad = self.v * out.grad

        return out
"""


def test_a_method_may_mean_another_object_or_field_and_add_to_a_field() -> None:
    changed = after(METHOD, 7)

    assert {"self.grad = o.v * out.grad", "self.grad += self.v * out.grad"} <= changed


def test_a_line_that_only_reads_a_field_is_made_to_compute_nothing() -> None:
    changed = after("a = f()\nb = g()\ny = a.grad\n", 3)

    assert changed == {"y = b.grad", "y = n.grad"}


def test_the_product_rule_is_completed_where_fields_hold_values_and_derivatives() -> None:
    assert "y = a.v * b.d + a.d * b.v" in after("y = a.v * b.d\n", 1)


def test_a_seed_of_zero_may_be_one() -> None:
    assert "a.grad = 1.0" in after("a.grad = 0.0\n", 1)


OF_ANYTHING = (".T", "[::-1]", ".sum(", ".copy()", "2 * ", "np.multiply")
"""What is put around any part of a statement."""

EVERY = """
y = a[t]
    y = -a[t] | y = a[:, t] | y = a[a[t]] | y = a[t + 1] | y = a[t - 1] | y = a[t][t]
y = a[t, k]
    y = -a[t, k] | y = a[:, k] | y = a[a[t, k], k] | y = a[k, t] | y = a[t * a[t, k], k] | y = a[t + 1, k] |
    y = a[t + a[t, k], k] | y = a[t - 1, k] | y = a[t - a[t, k], k] | y = a[t / a[t, k], k] | y = a[t, :] |
    y = a[t, a[t, k]] | y = a[t, k * a[t, k]] | y = a[t, k + 1] | y = a[t, k + a[t, k]] | y = a[t, k - 1] |
    y = a[t, k - a[t, k]] | y = a[t, k / a[t, k]] | y = a[t, k][t, k]
y = a[1:]
    y = -a[1:] | y = a[-1:] | y = a[0:] | y = a[1:-1] | y = a[1:][1:] | y = a[2:] | y = a[:, 1:] | y = a[:-1] |
    y = a[:1] | y = a[a[1:]:]
y = a[:, 0]
    y = -a[:, 0] | y = a[0] | y = a[:, -1] | y = a[:, 0 - a[:, 0]] | y = a[:, 0 / a[:, 0]] | y = a[:, 0][:, 0] |
    y = a[:, 1] | y = a[:, 2] | y = a[:, :] | y = a[:, a[:, 0]]
y = a.sum(axis=0)
    y = -a.sum(axis=0) | y = a | y = a.mean(axis=0) | y = a.sum(axis=-1) | y = a.sum(axis=0).sum() |
    y = a.sum(axis=0).sum(axis=-1) | y = a.sum(axis=0).sum(axis=0) | y = a.sum(axis=0).sum(axis=1) |
    y = a.sum(axis=0, keepdims=True) | y = a.sum(axis=1) | y = a.sum(axis=2) | y = a.trace(axis=0)
y = a.T
    y = -a.T | y = a | y = a.T.T
y = a @ b
    y = -a @ b | y = a | y = a * b | y = b | y = b @ a
y = a * b
    y = (1 - a) * b | y = (a > 0) * b | y = -a * b | y = a | y = a * (1 - b) | y = a * (b > 0) | y = a * b**2 |
    y = a * b**3 | y = a * b[:, None] | y = a + b | y = a - b | y = a / b | y = a @ b | y = a**3 * b |
    y = a[:, None] * b | y = b | y = np.outer(a, b)
y = a - b
    y = -(a - b) | y = -a - b | y = 1 - b | y = a | y = a * b | y = a + b | y = a - -b | y = a - b**2 | y = a - b**3 |
    y = a - b[:, None] | y = a**2 - b | y = a**3 - b | y = a[:, None] - b | y = b - a
y = a / n
    y = (1 - a) / n | y = -a / n | y = 1 / n | y = a | y = a * n | y = a / (1 - n) | y = a / n**2 | y = a / n**3 |
    y = a / n[:, None] | y = a**2 / n | y = a**3 / n | y = a[:, None] / n | y = n / a
y = -a
    y = --a | y = a
y = a ** 2
    y = (-a) ** 2 | y = -a ** 2 | y = a | y = a * 2 | y = a ** -2 | y = a ** 0 | y = a ** 1 | y = a ** 3
y = 2 * a
    y = -2 * a | y = 0 * a | y = 1 * a | y = 2 | y = 2 * (1 - a) | y = 2 * (a > 0) | y = 2 * 2 * a | y = 2 * a**2 |
    y = 2 * a**3 | y = 2 * a[:, None] | y = 2 + a | y = 2 - a | y = 2 / a | y = 2 @ a | y = 3 * a | y = a
y = np.outer(a, b)
    y = -np.outer(a, b) | y = np.dot(a, b) | y = np.outer(-a, b) | y = np.outer(a, -b) | y = np.outer(b, a)
y = a.mean()
    y = -a.mean() | y = a | y = a.mean(axis=0) | y = a.mean(axis=1)
y += a
    y += -a | y += a * np.eye(len(y)) | y -= a | y = a
y -= a
    y += a | y -= -a | y -= a * np.eye(len(y)) | y = a
y[t] = a
    np.add.at(y, t, a) | y[-t] = a | y[:, t] = a | y[::-1][t] = a | y[np.arange(len(t)), t] = a | y[t + 1] = a |
    y[t - 1] = a | y[t.T] = a | y[t[::-1]] = a | y[t] += a | y[t] = -a | y[t] = a * y[t] | y[t] = a + y[t] |
    y[t] = a - y[t] | y[t] = a / y[t] | y[t] = y[t] | y[y[t]] = a
y[t] += a
    np.add.at(y, t, a) | y[-t] += a | y[:, t] += a | y[::-1][t] += a | y[np.arange(len(t)), t] += a | y[t + 1] += a |
    y[t - 1] += a | y[t.T] += a | y[t[::-1]] += a | y[t] += -a | y[t] += a * y[t] | y[t] += a + y[t] | y[t] += a - y[t]
    | y[t] += a / y[t] | y[t] += y[t] | y[t] -= a | y[t] = a | y[y[t]] += a
y[a] += b
    np.add.at(y, a, b) | y[-a] += b | y[:, a] += b | y[::-1][a] += b | y[a + 1] += b | y[a - 1] += b | y[a.T] += b |
    y[a[::-1]] += b | y[a] += -b | y[a] += b * y[a] | y[a] += b + y[a] | y[a] += b - y[a] | y[a] += b / y[a] |
    y[a] += y[a] | y[a] -= b | y[a] = b | y[np.arange(len(a)), a] += b | y[y[a]] += b
y = a if n else b
    y = -a if n else b | y = a if -n else b | y = a if n else -b
y = a > b
    y = a < b
y = np.zeros(n)
    y = -np.zeros(n) | y = n | y = np.ones(n) | y = np.zeros(-n)
y = sum(a)
    y = -sum(a) | y = a | y = sum(-a)
y = f(a, b)
    y = -f(a, b) | y = f(-a, b) | y = f(a, -b) | y = f(b, a)
y = (a, b)
    y = (-a, b) | y = (a, -b) | y = (b, a)
y = [a for k in b]
    y = [-a for k in b] | y = [a for k in -b] | y = [a for k in zip(*b)]
y = range(1, n)
    y = range(-1, n) | y = range(0, n) | y = range(1, n + 1) | y = range(1, n - 1) | y = range(2, n) | y = range(n) |
    y = range(n, 1) | y = reversed(range(1, n))
return a
    return -a | return 2 * a
y = a.reshape(n, b)
    y = -a.reshape(n, b) | y = a.reshape(-n, b) | y = a.reshape(b, n) | y = a.reshape(n, -b)
y = np.where(a > 0, a, b)
    y = -np.where(a > 0, a, b) | y = np.where(a < 0, a, b) | y = np.where(a > -1, a, b) | y = np.where(a > 0, -a, b) |
    y = np.where(a > 0, a, -b) | y = np.where(a > 0, b, a) | y = np.where(a > 1, a, b) | y = np.where(a > 2, a, b) |
    y = np.where(a, a > 0, b) | y = np.where(b, a, a > 0)
y = np.sum(a, axis=1, keepdims=True)
    y = -np.sum(a, axis=1, keepdims=True) | y = np | y = np.mean(a, axis=1, keepdims=True) |
    y = np.sum(-a, axis=1, keepdims=True) | y = np.sum(a, axis=-1, keepdims=True) | y = np.sum(a, axis=0, keepdims=True)
    | y = np.sum(a, axis=1, keepdims=-True) | y = np.sum(a, axis=1, keepdims=False) |
    y = np.sum(a, axis=1, keepdims=True).sum() | y = np.sum(a, axis=1, keepdims=True).sum(axis=-1) |
    y = np.sum(a, axis=1, keepdims=True).sum(axis=0) | y = np.sum(a, axis=1, keepdims=True).sum(axis=1) |
    y = np.sum(a, axis=2, keepdims=True) | y = np.trace(a, axis=1, keepdims=True)
y = a + b * n
    y = (a + b) * n | y = -(a + b * n) | y = -a + b * n | y = a | y = a * (b * n) | y = a + (1 - b) * n |
    y = a + (b + n) | y = a + (b - n) | y = a + (b > 0) * n | y = a + -b * n | y = a + b | y = a + b * (1 - n) |
    y = a + b * (n > 0) | y = a + b * n**2 | y = a + b * n**3 | y = a + b * n[:, None] | y = a + b / n | y = a + b @ n |
    y = a + b**3 * n | y = a + b[:, None] * n | y = a + n | y = a + np.outer(b, n) | y = a - b * n |
    y = a[:, None] + b * n | y = b * n
y = a.shape[0]
    y = -a.shape[0] | y = a.shape[-1] | y = a.shape[0].shape[0] | y = a.shape[0][0] | y = a.shape[1] | y = a.shape[2] |
    y = a.shape[:, 0] | y = a.shape[a.shape[0]]
y = len(a)
    y = -len(a) | y = a | y = len(-a) | y = len(a * len(a)) | y = len(a + len(a)) | y = len(a - len(a)) |
    y = len(a / len(a)) | y = len(len(a))
y = a[::-1]
    y = -a[::-1] | y = a | y = a[:, ::-1] | y = a[::-1][::-1] | y = a[::-a[::-1]]
y = np.tanh(a)
    y = -np.tanh(a) | y = a | y = np.tanh(-a)
y = np.concatenate([a, b])
    y = -np.concatenate([a, b]) | y = [a, b] | y = np.concatenate([-a, b]) | y = np.concatenate([a, -b]) |
    y = np.concatenate([b, a])
y = np.einsum('ij,jk->ik', a, b)
    y = -np.einsum('ij,jk->ik', a, b) | y = np.einsum('ij,ik->ik', a, b) | y = np.einsum('ij,jk->ij', a, b) |
    y = np.einsum('ij,jk->ik', -a, b) | y = np.einsum('ij,jk->ik', a, -b) | y = np.einsum('ij,jk->ik', b, a) |
    y = np.einsum('ij,jk->jk', a, b) | y = np.einsum('ij,jk->ki', a, b) | y = np.einsum('ij,kj->ik', a, b) |
    y = np.einsum('ik,jk->ik', a, b) | y = np.einsum('ji,jk->ik', a, b) | y = np.einsum(-'ij,jk->ik', a, b) |
    y = np.einsum(a, 'ij,jk->ik', b) | y = np.einsum(b, a, 'ij,jk->ik')
y = a.transpose(1, 0)
    y = -a.transpose(1, 0) | y = a | y = a.transpose(-1, 0) | y = a.transpose(0, 0) | y = a.transpose(0, 1) |
    y = a.transpose(1, -0) | y = a.transpose(1, -1) | y = a.transpose(1, 1) | y = a.transpose(1, 2) |
    y = a.transpose(2, 0)
y = 1.0
    y = -1.0 | y = 0.0
y = abs(a)
    y = -abs(a) | y = a | y = abs(-a)
x, y = a, b
    x, y = -a, b | x, y = a, -b | x, y = b, a | y, x = a, b
if a > b: y = a
    if a < b: y = a | if a > b.T: y = a | if a > b[::-1]: y = a | if a.T > b: y = a | if a[::-1] > b: y = a
for t in range(n): y = a
    for t in n: y = a | for t in range(n + 1): y = a | for t in range(n - 1): y = a | for t in range(n).T: y = a |
    for t in range(n.T): y = a | for t in range(n[::-1]): y = a | for t in range.T(n): y = a |
    for t in range[::-1](n): y = a | for t in reversed(range(n)): y = a
y = a == b
    y = a != b
y = a // n
    y = -a // n | y = a | y = a / n | y = a // -n
y = a.dot(b)
    y = -a.dot(b) | y = a.dot(-b) | y = a.outer(b) | y = b
y = a['k']
    y = -a['k'] | y = a['k']['k'] | y = a[:, 'k']
y = np.exp(-a)
    y = -a | y = -np.exp(-a) | y = np.exp(--a) | y = np.exp(a) | y = np.log(-a)
y = a[-1]
    y = -a[-1] | y = a[-1][-1] | y = a[-a[-1]] | y = a[0] | y = a[1] | y = a[:, -1]
y = a[2]
    y = -a[2] | y = a[0] | y = a[1] | y = a[2][2] | y = a[3] | y = a[:, 2] | y = a[a[2]]
y = a[:n]
    y = -a[:n] | y = a[-n:] | y = a[:, :n] | y = a[:-n] | y = a[:a[:n]] | y = a[:n + 1] | y = a[:n - 1] | y = a[:n][:n]
    | y = a[n:]
y = a[n:]
    y = -a[n:] | y = a[-n:] | y = a[:, n:] | y = a[:-n] | y = a[:n] | y = a[a[n:]:] | y = a[n + 1:] | y = a[n - 1:] |
    y = a[n:][n:]
y = a[1:-1]
    y = -a[1:-1] | y = a[-1:-1] | y = a[-1:1] | y = a[-1:] | y = a[0:-1] | y = a[1:-1][1:-1] | y = a[1:-a[1:-1]] |
    y = a[1:0] | y = a[1:1] | y = a[1:] | y = a[2:-1] | y = a[:, 1:-1] | y = a[:-1] | y = a[:1] | y = a[a[1:-1]:-1]
y = a[i, j]
    y = -a[i, j] | y = a[:, j] | y = a[a[i, j], j] | y = a[i * a[i, j], j] | y = a[i + 1, j] | y = a[i + a[i, j], j] |
    y = a[i - 1, j] | y = a[i - a[i, j], j] | y = a[i / a[i, j], j] | y = a[i, :] | y = a[i, a[i, j]] |
    y = a[i, j * a[i, j]] | y = a[i, j + 1] | y = a[i, j + a[i, j]] | y = a[i, j - 1] | y = a[i, j - a[i, j]] |
    y = a[i, j / a[i, j]] | y = a[i, j][i, j] | y = a[j, i]
y = a.sum()
    y = -a.sum() | y = a | y = a.mean() | y = a.sum().sum() | y = a.sum().sum(axis=-1) | y = a.sum().sum(axis=0) |
    y = a.sum().sum(axis=1) | y = a.sum(axis=0) | y = a.sum(axis=1) | y = a.trace()
y = a.sum(axis=1, keepdims=True)
    y = -a.sum(axis=1, keepdims=True) | y = a | y = a.mean(axis=1, keepdims=True) | y = a.sum(axis=-1, keepdims=True) |
    y = a.sum(axis=0, keepdims=True) | y = a.sum(axis=1, keepdims=-True) | y = a.sum(axis=1, keepdims=False) |
    y = a.sum(axis=1, keepdims=True).sum() | y = a.sum(axis=1, keepdims=True).sum(axis=-1) |
    y = a.sum(axis=1, keepdims=True).sum(axis=0) | y = a.sum(axis=1, keepdims=True).sum(axis=1) |
    y = a.sum(axis=2, keepdims=True) | y = a.trace(axis=1, keepdims=True)
y = a.max(axis=0)
    y = -a.max(axis=0) | y = a.max(axis=-1) | y = a.max(axis=0, keepdims=True) | y = a.max(axis=1) | y = a.max(axis=2) |
    y = a.min(axis=0)
y = a + b + b
    y = (a + b) * b | y = -(a + b + b) | y = -(a + b) + b | y = -a + b + b | y = a * b + b | y = a + -b + b | y = a + b
    | y = a + b + -b | y = a + b + b[:, None] | y = a + b - b | y = a + b[:, None] + b | y = a - b + b |
    y = a[:, None] + b + b | y = b | y = b + b
y = a * b * c
    y = (1 - a) * b * c | y = (a + b) * c | y = (a - b) * c | y = (a > 0) * b * c | y = -a * b * c | y = a * (1 - b) * c
    | y = a * (b > 0) * c | y = a * b | y = a * b * (1 - c) | y = a * b * (c > 0) | y = a * b * c**2 | y = a * b * c**3
    | y = a * b * c[:, None] | y = a * b + c | y = a * b - c | y = a * b / c | y = a * b @ c | y = a * b**3 * c |
    y = a * b[:, None] * c | y = a * c | y = a / b * c | y = a @ b * c | y = a**3 * b * c | y = a[:, None] * b * c |
    y = b * c | y = c | y = np.outer(a * b, c) | y = np.outer(a, b) * c
y = a + b * c
    y = (a + b) * c | y = -(a + b * c) | y = -a + b * c | y = a | y = a * (b * c) | y = a + (1 - b) * c |
    y = a + (b + c) | y = a + (b - c) | y = a + (b > 0) * c | y = a + -b * c | y = a + b | y = a + b * (1 - c) |
    y = a + b * (c > 0) | y = a + b * c**2 | y = a + b * c**3 | y = a + b * c[:, None] | y = a + b / c | y = a + b @ c |
    y = a + b**3 * c | y = a + b[:, None] * c | y = a + c | y = a + np.outer(b, c) | y = a - b * c |
    y = a[:, None] + b * c | y = b * c
y = (a + b) * c
    y = (-(a + b)) * c | y = (-a + b) * c | y = (a * b) * c | y = (a + -b) * c | y = (a + b) * (1 - c) |
    y = (a + b) * (c > 0) | y = (a + b) * c**2 | y = (a + b) * c**3 | y = (a + b) * c[:, None] | y = (a + b) / c |
    y = (a + b) @ c | y = (a + b[:, None]) * c | y = (a - b) * c | y = (a[:, None] + b) * c | y = a * c | y = a + b |
    y = a + b + c | y = a + b - c | y = a + c * b | y = b * c | y = c | y = c * a + b | y = np.outer(a + b, c)
y = a - b / c
    y = (a - b) / c | y = -(a - b / c) | y = -a - b / c | y = 1 - b / c | y = a | y = a * (b / c) | y = a + b / c |
    y = a - (1 - b) / c | y = a - -b / c | y = a - 1 / c | y = a - b | y = a - b * c | y = a - b / (1 - c) |
    y = a - b / c**2 | y = a - b / c**3 | y = a - b / c[:, None] | y = a - b**2 / c | y = a - b**3 / c |
    y = a - b[:, None] / c | y = a - c / b | y = a**2 - b / c | y = a**3 - b / c | y = a[:, None] - b / c |
    y = b / c - a
y = a / b / c
    y = (1 - a) / b / c | y = -a / b / c | y = 1 / b / c | y = a * b / c | y = a / (1 - b) / c | y = a / b |
    y = a / b * c | y = a / b / (1 - c) | y = a / b / c**2 | y = a / b / c**3 | y = a / b / c[:, None] |
    y = a / b**2 / c | y = a / b**3 / c | y = a / b[:, None] / c | y = a / c | y = a**2 / b / c | y = a**3 / b / c |
    y = a[:, None] / b / c | y = b / a / c | y = c / (a / b)
y = 2 * a / n
    y = (2 + a) / n | y = (2 - a) / n | y = -2 * a / n | y = 0 * a / n | y = 1 * a / n | y = 2 * (1 - a) / n |
    y = 2 * (a > 0) / n | y = 2 * 2 * a / n | y = 2 * a | y = 2 * a * n | y = 2 * a / (1 - n) | y = 2 * a / (2 * n) |
    y = 2 * a / n**2 | y = 2 * a / n**3 | y = 2 * a / n[:, None] | y = 2 * a**2 / n | y = 2 * a**3 / n |
    y = 2 * a[:, None] / n | y = 2 / a / n | y = 2 / n | y = 2 @ a / n | y = 3 * a / n | y = a / n | y = n / (2 * a)
y = a + 1
    y = -(a + 1) | y = -a + 1 | y = 1 | y = a | y = a * (a + 1) + 1 | y = a * 1 | y = a + (1 - (a + 1)) |
    y = a + (a + 1) | y = a + (a + 1) + 1 | y = a + -1 | y = a + 0 | y = a + 1 + 1 | y = a + 1 / (a + 1) | y = a + 2 |
    y = a - (a + 1) + 1 | y = a - 1 | y = a / (a + 1) + 1 | y = a[:, None] + 1
y = a - 1
    y = -(a - 1) | y = -a - 1 | y = 1 - 1 | y = 1 - a | y = a | y = a * (a - 1) - 1 | y = a * 1 | y = a + (a - 1) - 1 |
    y = a + 1 | y = a - (1 - (a - 1)) | y = a - (a - 1) | y = a - (a - 1) - 1 | y = a - -1 | y = a - 0 | y = a - 1 - 1 |
    y = a - 1 / (a - 1) | y = a - 2 | y = a / (a - 1) - 1 | y = a**2 - 1 | y = a**3 - 1 | y = a[:, None] - 1
y = 1 / a
    y = -1 / a | y = 0 / a | y = 1 | y = 1 / (1 - a) | y = 1 / a**2 | y = 1 / a**3 | y = 1 / a[:, None] | y = 2 / a |
    y = a / 1
y = a ** 0.5
    y = (-a) ** 0.5 | y = -a ** 0.5 | y = a | y = a * 0.5 | y = a ** -0.5
y = a ** -1
    y = (-a) ** -1 | y = -a ** -1 | y = a | y = a * -1 | y = a ** --1 | y = a ** 0 | y = a ** 1
y = -a * b
    y = --a * b | y = -a | y = -a * (1 - b) | y = -a * (b > 0) | y = -a * -b | y = -a * b**2 | y = -a * b**3 |
    y = -a * b[:, None] | y = -a + b | y = -a - b | y = -a / b | y = -a @ b | y = a * b | y = b | y = np.outer(-a, b)
y = b - a * c
    y = (b - a) * c | y = -(b - a * c) | y = -b - a * c | y = 1 - a * c | y = a * c - b | y = b | y = b * (a * c) |
    y = b + a * c | y = b - (1 - a) * c | y = b - (a + c) | y = b - (a - c) | y = b - (a > 0) * c | y = b - -a * c |
    y = b - a | y = b - a * (1 - c) | y = b - a * (c > 0) | y = b - a * c**2 | y = b - a * c**3 | y = b - a * c[:, None]
    | y = b - a / c | y = b - a @ c | y = b - a**3 * c | y = b - a[:, None] * c | y = b - c | y = b - np.outer(a, c) |
    y = b**2 - a * c | y = b**3 - a * c | y = b[:, None] - a * c
y = a @ b @ c
    y = -a @ b @ c | y = a * b @ c | y = a @ b | y = a @ b * c | y = a @ c | y = b @ a @ c | y = b @ c | y = c |
    y = c @ (a @ b)
y = a.T @ b
    y = -a.T @ b | y = a @ b | y = a.T | y = a.T * b | y = a.T @ b.T | y = a.T.T @ b | y = b | y = b @ a.T
y = a @ b.T
    y = -a @ b.T | y = a | y = a * b.T | y = a @ b | y = a @ b.T.T | y = a.T @ b.T | y = b.T | y = b.T @ a
y = np.dot(a, b)
    y = -np.dot(a, b) | y = np.dot(-a, b) | y = np.dot(a, -b) | y = np.dot(b, a) | y = np.outer(a, b)
y = np.sqrt(a)
    y = -np.sqrt(a) | y = a | y = np.sqrt(-a) | y = np.sqrt(a * np.sqrt(a)) | y = np.sqrt(a + np.sqrt(a)) |
    y = np.sqrt(a - np.sqrt(a)) | y = np.sqrt(a / np.sqrt(a)) | y = np.sqrt(a).sqrt(a) | y = np.sqrt(np.sqrt(a)) |
    y = np.square(a)
y = np.log(a)
    y = -np.log(a) | y = a | y = np.exp(a) | y = np.log(-a)
y = np.maximum(a, 0)
    y = -np.maximum(a, 0) | y = np.maximum(-a, 0) | y = np.maximum(0, a) | y = np.maximum(a, -0) | y = np.maximum(a, -1)
    | y = np.maximum(a, 1) | y = np.maximum(a, 2) | y = np.minimum(a, 0)
y = (a > 0) * b
    y = (a < 0) * b | y = (a > -1) * b | y = (a > 0) * (1 - b) | y = (a > 0) * (b > 0) | y = (a > 0) * -b |
    y = (a > 0) * b**2 | y = (a > 0) * b**3 | y = (a > 0) * b[:, None] | y = (a > 0) + b | y = (a > 0) - b |
    y = (a > 0) / b | y = (a > 0) @ b | y = (a > 1) * b | y = (a > 2) * b | y = a > 0 | y = b | y = np.outer(a > 0, b)
y = a * (a >= 0)
    y = (1 - a) * (a >= 0) | y = (a > 0) * (a >= 0) | y = -a * (a >= 0) | y = a | y = a * (a <= 0) | y = a * (a > 0) |
    y = a * (a >= -1) | y = a * (a >= 1) | y = a * (a >= 2) | y = a + (a >= 0) | y = a - (a >= 0) | y = a / (a >= 0) |
    y = a >= 0 | y = a @ (a >= 0) | y = a**3 * (a >= 0) | y = a[:, None] * (a >= 0) | y = np.outer(a, a >= 0)
y = np.zeros_like(a)
    y = -np.zeros_like(a) | y = a | y = np.ones_like(a) | y = np.zeros_like(-a)
y = [p * q for p, q in zip(a, b)]
    y = [(1 - p) * q for p, q in zip(a, b)] | y = [(p > 0) * q for p, q in zip(a, b)] |
    y = [-p * q for p, q in zip(a, b)] | y = [np.outer(p, q) for p, q in zip(a, b)] |
    y = [p * (1 - q) for p, q in zip(a, b)] | y = [p * (q > 0) for p, q in zip(a, b)] |
    y = [p * q for p, q in -zip(a, b)] | y = [p * q for p, q in zip(-a, b)] | y = [p * q for p, q in zip(a, -b)] |
    y = [p * q for p, q in zip(b, a)] | y = [p * q for q, p in zip(a, b)] | y = [p * q**2 for p, q in zip(a, b)] |
    y = [p * q**3 for p, q in zip(a, b)] | y = [p * q[:, None] for p, q in zip(a, b)] |
    y = [p + q for p, q in zip(a, b)] | y = [p - q for p, q in zip(a, b)] | y = [p / q for p, q in zip(a, b)] |
    y = [p @ q for p, q in zip(a, b)] | y = [p for p, q in zip(a, b)] | y = [p**3 * q for p, q in zip(a, b)] |
    y = [p[:, None] * q for p, q in zip(a, b)] | y = [q * p for q, p in zip(a, b)] | y = [q for p, q in zip(a, b)]
y = sum(p for p in a)
    y = (p for p in a) | y = -sum(p for p in a) | y = sum(-p for p in a) | y = sum(p for p in -a) |
    y = sum(p for p in zip(*a))
y = [a[i] for i in range(1, n)]
    y = [-a[i] for i in range(1, n)] | y = [a[:, i] for i in range(1, n)] | y = [a[a[i]] for i in range(1, n)] |
    y = [a[i + 1] for i in range(1, n)] | y = [a[i - 1] for i in range(1, n)] | y = [a[i] for i in a[i]] |
    y = [a[i] for i in range(-1, n)] | y = [a[i] for i in range(0, n)] | y = [a[i] for i in range(1 - a[i], n)] |
    y = [a[i] for i in range(1 / a[i], n)] | y = [a[i] for i in range(1, a[i])] | y = [a[i] for i in range(1, n * a[i])]
    | y = [a[i] for i in range(1, n + 1)] | y = [a[i] for i in range(1, n + a[i])] | y = [a[i] for i in range(1, n - 1)]
    | y = [a[i] for i in range(1, n - a[i])] | y = [a[i] for i in range(1, n / a[i])] | y = [a[i] for i in range(2, n)]
    | y = [a[i] for i in range(a[i], n)] | y = [a[i] for i in range(n)] | y = [a[i] for i in range(n, 1)] |
    y = [a[i] for i in reversed(range(1, n))] | y = [a[i][i] for i in range(1, n)]
y, z = f(a)
    y, z = -f(a) | y, z = a | y, z = f(-a) | z, y = f(a)
y = z = a
    y = z = -a
y *= a
    y *= -a
y /= n
    y /= -n
y **= 2
    y **= -2 | y **= 0 | y **= 1 | y **= 3
y[i] -= a
    y[-i] -= a | y[:, i] -= a | y[::-1][i] -= a | y[i + 1] -= a | y[i - 1] -= a | y[i.T] -= a | y[i[::-1]] -= a |
    y[i] += a | y[i] -= -a | y[i] -= a * y[i] | y[i] -= a + y[i] | y[i] -= a - y[i] | y[i] -= a / y[i] | y[i] -= y[i] |
    y[i] = a | y[np.arange(len(i)), i] -= a | y[y[i]] -= a
y[:, i] = a
    y[:, -i] = a | y[:, i * y[:, i]] = a | y[:, i + 1] = a | y[:, i + y[:, i]] = a | y[:, i - 1] = a |
    y[:, i - y[:, i]] = a | y[:, i / y[:, i]] = a | y[:, i.T] = a | y[:, i[::-1]] = a | y[:, i] += a | y[:, i] = -a |
    y[:, i] = a * y[:, i] | y[:, i] = a + y[:, i] | y[:, i] = a - y[:, i] | y[:, i] = a / y[:, i] | y[:, i] = y[:, i] |
    y[:, y[:, i]] = a | y[::-1][:, i] = a | y[i, :] = a | y[i] = a | y[np.arange(len(i)), i] = a
y = a.reshape(-1)
    y = -1 | y = -a.reshape(-1) | y = a.reshape(--1) | y = a.reshape(0) | y = a.reshape(1)
y = 3
    y = -3 | y = 2 | y = 4
y = 0.5 * a
    y = -0.5 * a | y = 0.5 | y = 0.5 * (1 - a) | y = 0.5 * (a > 0) | y = 0.5 * a**2 | y = 0.5 * a**3 |
    y = 0.5 * a[:, None] | y = 0.5 + a | y = 0.5 - a | y = 0.5 / a | y = 0.5 @ a | y = a
y = a.size
    y = -a.size | y = a.shape[1] | y = len(a)
y = a / a.size
    y = (1 - a) / a.size | y = -a / a.size | y = 1 / a.size | y = a | y = a * a.size | y = a / a.shape[1] |
    y = a / a.size[:, None] | y = a / len(a) | y = a**2 / a.size | y = a**3 / a.size | y = a.size / a |
    y = a[:, None] / a.size
y = sum([a, b])
    y = -sum([a, b]) | y = [a, b] | y = sum([-a, b]) | y = sum([a, -b]) | y = sum([b, a])
y = 1 - a ** 2 * b
    y = (1 - a ** 2) * b | y = -(1 - a ** 2 * b) | y = -1 - a ** 2 * b | y = 0 - a ** 2 * b | y = 1 | y = 1 + a ** 2 * b
    | y = 1 - (-a) ** 2 * b | y = 1 - (a ** 2 + b) | y = 1 - (a ** 2 - b) | y = 1 - -a ** 2 * b | y = 1 - 2 * a ** 2 * b
    | y = 1 - a * 2 * b | y = 1 - a * b | y = 1 - a ** -2 * b | y = 1 - a ** 0 * b | y = 1 - a ** 1 * b | y = 1 - a ** 2
    | y = 1 - a ** 2 * (1 - b) | y = 1 - a ** 2 * (b > 0) | y = 1 - a ** 2 * b**2 | y = 1 - a ** 2 * b**3 |
    y = 1 - a ** 2 * b[:, None] | y = 1 - a ** 2 / b | y = 1 - a ** 2 @ b | y = 1 - a ** 3 * b | y = 1 - b |
    y = 1 - np.outer(a ** 2, b) | y = 2 * (1 - a ** 2 * b) | y = 2 - a ** 2 * b | y = a ** 2 * b | y = a ** 2 * b - 1
y = a[i, j, k]
    y = -a[i, j, k] | y = a[:, j, k] | y = a[a[i, j, k], j, k] | y = a[i * a[i, j, k], j, k] | y = a[i + 1, j, k] |
    y = a[i + a[i, j, k], j, k] | y = a[i - 1, j, k] | y = a[i - a[i, j, k], j, k] | y = a[i / a[i, j, k], j, k] |
    y = a[i, :, k] | y = a[i, a[i, j, k], k] | y = a[i, j * a[i, j, k], k] | y = a[i, j + 1, k] |
    y = a[i, j + a[i, j, k], k] | y = a[i, j - 1, k] | y = a[i, j - a[i, j, k], k] | y = a[i, j / a[i, j, k], k] |
    y = a[i, j, :] | y = a[i, j, a[i, j, k]] | y = a[i, j, k * a[i, j, k]] | y = a[i, j, k + 1] |
    y = a[i, j, k + a[i, j, k]] | y = a[i, j, k - 1] | y = a[i, j, k - a[i, j, k]] | y = a[i, j, k / a[i, j, k]] |
    y = a[i, j, k][i, j, k] | y = a[i, k, j] | y = a[j, i, k] | y = a[k, j, i]
y = f(a, b, c)
    y = -f(a, b, c) | y = f(-a, b, c) | y = f(a, -b, c) | y = f(a, b, -c) | y = f(a, c, b) | y = f(b, a, c) |
    y = f(c, b, a)
y = (a, b, c)
    y = (-a, b, c) | y = (a, -b, c) | y = (a, b, -c) | y = (a, c, b) | y = (b, a, c) | y = (b, c, a) | y = (c, a, b) |
    y = (c, b, a)
y = a.sum(dim=1)
    y = -a.sum(dim=1) | y = a | y = a.mean(dim=1) | y = a.sum(dim=-1) | y = a.sum(dim=0) | y = a.sum(dim=1).sum() |
    y = a.sum(dim=1).sum(axis=-1) | y = a.sum(dim=1).sum(axis=0) | y = a.sum(dim=1).sum(axis=1) |
    y = a.sum(dim=1, keepdim=True) | y = a.sum(dim=2) | y = a.trace(dim=1)
y = a.sum(keepdim=True)
    y = -a.sum(keepdim=True) | y = a | y = a.mean(keepdim=True) | y = a.sum(keepdim=-True) | y = a.sum(keepdim=False) |
    y = a.sum(keepdim=True).sum() | y = a.sum(keepdim=True).sum(axis=-1) | y = a.sum(keepdim=True).sum(axis=0) |
    y = a.sum(keepdim=True).sum(axis=1) | y = a.sum(keepdim=True, dim=0) | y = a.sum(keepdim=True, dim=1) |
    y = a.trace(keepdim=True)
y = a.sum(dim=0, keepdim=True)
    y = -a.sum(dim=0, keepdim=True) | y = a | y = a.mean(dim=0, keepdim=True) | y = a.sum(dim=-1, keepdim=True) |
    y = a.sum(dim=0, keepdim=-True) | y = a.sum(dim=0, keepdim=False) | y = a.sum(dim=0, keepdim=True).sum() |
    y = a.sum(dim=0, keepdim=True).sum(axis=-1) | y = a.sum(dim=0, keepdim=True).sum(axis=0) |
    y = a.sum(dim=0, keepdim=True).sum(axis=1) | y = a.sum(dim=1, keepdim=True) | y = a.sum(dim=2, keepdim=True) |
    y = a.trace(dim=0, keepdim=True)
y = a.sum(0)
    y = -a.sum(0) | y = a | y = a.mean(0) | y = a.sum(-0) | y = a.sum(-1) | y = a.sum(0).sum() |
    y = a.sum(0).sum(axis=-1) | y = a.sum(0).sum(axis=0) | y = a.sum(0).sum(axis=1) | y = a.sum(0, axis=0) |
    y = a.sum(0, axis=1) | y = a.sum(1) | y = a.sum(2) | y = a.trace(0)
y = a.max()
    y = -a.max() | y = a.max(axis=0) | y = a.max(axis=1) | y = a.min()
y = a[i][j]
    y = -a[i][j] | y = a[:, i][j] | y = a[a[i][j]][j] | y = a[i + 1][j] | y = a[i - 1][j] | y = a[i][:, j] |
    y = a[i][a[i][j]] | y = a[i][j + 1] | y = a[i][j - 1] | y = a[i][j][i][j] | y = a[i][j][j] | y = a[j][i]
y = a[1:3]
    y = -a[1:3] | y = a[-1:3] | y = a[-1:] | y = a[-3:] | y = a[0:3] | y = a[1:-1] | y = a[1:2] | y = a[1:3][1:3] |
    y = a[1:4] | y = a[1:] | y = a[1:a[1:3]] | y = a[2:3] | y = a[3:1] | y = a[3:] | y = a[:, 1:3] | y = a[:-1] |
    y = a[:-3] | y = a[:1] | y = a[:3] | y = a[a[1:3]:3]
y = a[-2:]
    y = -a[-2:] | y = a[-1:] | y = a[-2:][-2:] | y = a[-3:] | y = a[-a[-2:]:] | y = a[0:] | y = a[1:-1] | y = a[1:] |
    y = a[2:] | y = a[:, -2:] | y = a[:-1] | y = a[:-2] | y = a[:2]
y = a[::2]
    y = -a[::2] | y = a[:, ::2] | y = a[::2][::2] | y = a[::a[::2]]
y = a[:, 1:]
    y = -a[:, 1:] | y = a[1:] | y = a[:, -1:] | y = a[:, 0:] | y = a[:, 1:-1] | y = a[:, 1:][:, 1:] | y = a[:, 2:] |
    y = a[:, :-1] | y = a[:, :1] | y = a[:, a[:, 1:]:]
y = a[:, :n]
    y = -a[:, :n] | y = a[:, -n:] | y = a[:, :-n] | y = a[:, :a[:, :n]] | y = a[:, :n + 1] | y = a[:, :n - 1] |
    y = a[:, :n][:, :n] | y = a[:, n:] | y = a[:n]
y = range(n, 1, -1)
    y = range(-1, 1, n) | y = range(1, n, -1) | y = range(n + 1, 1, -1) | y = range(n - 1, 1, -1) | y = range(n, -1, -1)
    | y = range(n, -1, 1) | y = range(n, 0, -1) | y = range(n, 1, 0) | y = range(n, 1, 1) | y = range(n, 2, -1) |
    y = reversed(range(n, 1, -1))
y = range(2, n)
    y = range(0, n) | y = range(1, n) | y = range(2, n + 1) | y = range(2, n - 1) | y = range(3, n) | y = range(n) |
    y = range(n, 2) | y = reversed(range(2, n))
y = True
    y = -True | y = False
y = 5
    y = -5 | y = 0 | y = 4 | y = 6
y = 2.5
    y = -2.5 | y = 1.5
y = -3
    y = --3 | y = -2 | y = -4 | y = 0 | y = 3
y = a ** 3
    y = (-a) ** 3 | y = -a ** 3 | y = a | y = a * 3 | y = a ** -3 | y = a ** 2 | y = a ** 4
y = a[i].b
    y = -a[i].b | y = a[:, i].b | y = a[a[i]].b | y = a[i + 1].b | y = a[i - 1].b | y = a[i] | y = a[i].b * a[i] |
    y = a[i].b + a[i] | y = a[i].b - a[i] | y = a[i].b / a[i] | y = a[i][i].b
y = np.multiply(a, b)
    y = -np.multiply(a, b) | y = np.divide(a, b) | y = np.multiply(-a, b) | y = np.multiply(a, -b) |
    y = np.multiply(b, a) | y = np.multiply.outer(a, b)
y = a[:, ::-1]
    y = -a[:, ::-1] | y = a | y = a[:, ::-1][:, ::-1] | y = a[:, ::-a[:, ::-1]]
y = reversed(a)
    y = -reversed(a) | y = a | y = reversed(-a)
y = a != b
    y = a == b
y = np.argmax(a)
    y = -np.argmax(a) | y = a | y = np.argmax(-a) | y = np.argmin(a)
y = np.sqrt(a) / b
    y = -np.sqrt(a) / b | y = a / b | y = b / np.sqrt(a) | y = np.sqrt(-a) / b | y = np.sqrt(a * np.sqrt(a)) / b |
    y = np.sqrt(a + np.sqrt(a)) / b | y = np.sqrt(a - np.sqrt(a)) / b | y = np.sqrt(a / np.sqrt(a)) / b | y = np.sqrt(a)
    | y = np.sqrt(a) * b | y = np.sqrt(a) / (1 - b) | y = np.sqrt(a) / b * np.sqrt(a) | y = np.sqrt(a) / b + np.sqrt(a)
    | y = np.sqrt(a) / b - np.sqrt(a) | y = np.sqrt(a) / b**2 | y = np.sqrt(a) / b**3 | y = np.sqrt(a) / b[:, None] |
    y = np.sqrt(a) / np.sqrt(a) | y = np.sqrt(a).sqrt(a) / b | y = np.sqrt(np.sqrt(a)) / b | y = np.square(a) / b
y = a[-1:]
    y = -a[-1:] | y = a[-1:][-1:] | y = a[-a[-1:]:] | y = a[0:] | y = a[1:-1] | y = a[1:] | y = a[:, -1:] | y = a[:-1] |
    y = a[:1]
y = a[i:j]
    y = -a[i:j] | y = a[-i:] | y = a[-j:] | y = a[:, i:j] | y = a[:-i] | y = a[:-j] | y = a[:i] | y = a[:j] |
    y = a[a[i:j]:j] | y = a[i + 1:j] | y = a[i - 1:j] | y = a[i:] | y = a[i:a[i:j]] | y = a[i:j + 1] | y = a[i:j - 1] |
    y = a[i:j][i:j] | y = a[j:] | y = a[j:i]
"""
"""All other changes of a statement that reads no other names."""


def every() -> list[tuple[str, list[str]]]:
    statements = re.split(r"\n(?=\S)", EVERY.strip())
    parts = (one.partition("\n") for one in statements)
    return [(wrong, [one.strip() for one in re.split(r"\|", changes) if one.strip()]) for wrong, _, changes in parts]


@pytest.mark.parametrize(("wrong", "expected"), every())
def test_every_change_of_a_statement(wrong: str, expected: list[str]) -> None:
    target = wrong.partition("=")[0]
    found = after(f"import numpy as np\n{wrong}\n", 2, ())

    assert (
        sorted(one for one in found if not any(_is_put(part, one[len(target) :], wrong) for part in OF_ANYTHING))
        == expected
    )


def _is_put(part: str, changed: str, wrong: str) -> bool:
    return part in changed and part not in wrong


def test_what_any_part_of_a_statement_may_lack() -> None:
    assert {
        one for one in after("import numpy as np\ny = a @ b\n", 2, ()) if any(part in one for part in OF_ANYTHING)
    } == {
        "y = (a @ b).sum()",
        "y = (a @ b).sum(axis=-1)",
        "y = (a @ b).sum(axis=0)",
        "y = (a @ b).sum(axis=1)",
        "y = 2 * a @ b",
        "y = a.T @ b",
        "y = a @ b.T",
        "y = a[::-1] @ b",
        "y = a @ b[::-1]",
    }


OF_LINES = [
    ("for k in range(n):\n    s += a[k]\n    t += b\n", 3, [], ["for k in range(n):\n    t += b\n    s += a[k]\n"]),
    (
        "for k in range(n):\n    t += b\n    s += a[k]\n",
        2,
        [],
        ["for k in range(n):\n    s += a[k]\n    t += b\n", "t += b\nfor k in range(n):\n    s += a[k]\n"],
    ),
    ("for k in range(n):\n    t += a[k]\n    s += k\n", 2, [], ["for k in range(n):\n    s += k\n    t += a[k]\n"]),
    ("for k in range(n):\n    t = b\n    s += a[k]\n", 2, [], ["for k in range(n):\n    s += a[k]\n    t = b\n"]),
    ("for k in range(n):\n    t += b\n", 2, [], []),
    (
        "for k in range(n):\n    s += a[k]\nt += s\n",
        3,
        [],
        ["for k in range(n):\n    s += a[k]\n    t += s\n", "t += s\nfor k in range(n):\n    s += a[k]\n"],
    ),
    (
        "for k in range(n):\n    for j in m:\n        s += a[k]\nt += s\n",
        4,
        [],
        [
            "for k in range(n):\n    for j in m:\n        s += a[k]\n        t += s\n",
            "for k in range(n):\n    for j in m:\n        s += a[k]\n    t += s\n",
            "t += s\nfor k in range(n):\n    for j in m:\n        s += a[k]\n",
        ],
    ),
    ("for k in range(n):\n    s += a[k]\nt = s\n", 3, [], ["t = s\nfor k in range(n):\n    s += a[k]\n"]),
    ("while k:\n    s += a[k]\nt += s\n", 3, [], ["t += s\nwhile k:\n    s += a[k]\n"]),
    (
        "def f(a):\n    for k in a:\n        s += k\n        return s\n",
        4,
        [],
        ["def f(a):\n    for k in a:\n        return s\n        s += k\n"],
    ),
    (
        "def f(a):\n    for k in a:\n        s += k\n        return s\n",
        3,
        [],
        [
            "def f(a):\n    for k in a:\n        return s\n        s += k\n",
            "def f(a):\n    for k in a:\n        s += k\n    return s\n",
        ],
    ),
    ("def f(a):\n    for k in a: return k\n", 2, [], []),
    (
        "def f(a):\n    for k in a:\n        s += k\n    return s\n",
        4,
        [],
        ["def f(a):\n    return s\n    for k in a:\n        s += k\n"],
    ),
    ("x = a\ny = b\nz = c\n", 2, [], ["x = a\nz = c\ny = b\n", "y = b\nx = a\nz = c\n"]),
    ("x = a; y = b\n", 1, [], []),
    ("d[0] += a\nd[1] = b\n", 1, [], []),
    ("d[0] += a\ne[1] = b\n", 1, [], ["e[1] = b\nd[0] += a\n"]),
    ("d += a\nd[1] = b\n", 2, [], []),
    ("x = a\nif x:\n    y = b\n", 2, [], ["if x:\n    y = b\nx = a\n"]),
    ("def f():\n    x = a\n    y = b\n", 3, [], ["def f():\n    y = b\n    x = a\n"]),
    ("d = p.copy()\nq = s[rows, y]\n", 1, [], ["q = s[rows, y]\nd = p.copy()\n"]),
    (
        "import numpy as np\nd = p.copy()\nq = s[rows, y]\n",
        2,
        [],
        ["d = p.copy()\nimport numpy as np\nq = s[rows, y]\n", "import numpy as np\nq = s[rows, y]\nd = p.copy()\n"],
    ),
    (
        "import torch\nd = p.clone()\nq = s[rows, y]\n",
        2,
        [],
        ["d = p.clone()\nimport torch\nq = s[rows, y]\n", "import torch\nq = s[rows, y]\nd = p.clone()\n"],
    ),
    ("d[i] -= 1\n", 1, ["n", "d"], ["d[i] -= 1\nd *= n\n", "d[i] -= 1\nd /= n\n"]),
    ("for i in n:\n    d[i] -= 1\n", 2, ["n"], []),
    ("d[i] = 1\n", 1, ["n"], ["d[i] = 1\nd *= n\n", "d[i] = 1\nd /= n\n"]),
    ("d = 1\n", 1, ["n"], []),
    (
        "c = 0\nfor t in r:\n    h[t] = y[t] + c\n",
        3,
        ["c", "W"],
        [
            "c = 0\nfor t in r:\n    h[t] = y[t] + c\n    c = W * h[t]\n",
            "c = 0\nfor t in r:\n    h[t] = y[t] + c\n    c = W.T @ h[t]\n",
            "c = 0\nfor t in r:\n    h[t] = y[t] + c\n    c = h[t] @ W.T\n",
            "c = 0\nfor t in r:\n    h[t] = y[t] + c\n    c = h[t] @ y[t].T\n",
            "c = 0\nfor t in r:\n    h[t] = y[t] + c\n    c = y[t] * h[t]\n",
            "c = 0\nfor t in r:\n    h[t] = y[t] + c\n    c = y[t].T @ h[t]\n",
        ],
    ),
    ("c = 1\nfor t in r:\n    h[t] = y[t] + c\n", 3, ["c", "W"], []),
    (
        "c = 0\nfor t in r:\n    h[t] = y[t] + c\n    c = h[t]\n",
        3,
        ["c", "W"],
        [
            "c = 0\nfor t in r:\n    c = h[t]\n    h[t] = y[t] + c\n",
            "c = 0\nfor t in r:\n    h[W] = y[W] + c\n    c = h[W]\n",
            "c = 0\nfor t in r:\n    h[c] = y[c] + c\n    c = h[c]\n",
        ],
    ),
    ("d = p\nd[n, y] - 1\n", 1, [], ["d = p\nd[n, y] -= 1\n", "d[n, y] - 1\nd = p\n"]),
    ("d = p\nd[n] == m\n", 1, [], ["d = p\nd[n] = m\n", "d[n] == m\nd = p\n"]),
    ("d = p\ne[n] == m\n", 1, [], ["e[n] == m\nd = p\n"]),
    ("d[n, y] - 1\nd = p\n", 2, [], ["d = p\nd[n, y] - 1\n"]),
    ("d = p\nd[n] @ m\n", 1, [], ["d = p\nd[n] @= m\n", "d[n] @ m\nd = p\n"]),
    (
        "a = 1\nfor i in n:\n    x = v[i, y[i]]\n    d[i, j] -= e\n",
        4,
        [],
        [
            "a = 1\nfor i in n:\n    d[i, j] -= e\n    x = v[i, y[i]]\n",
            "a = 1\nfor i in n:\n    x = v[i, y[i]]\n    d[i, j] -= e\n    d[i, y[i]] += e\n",
        ],
    ),
    (
        "for i in n:\n    x = v[k, y[k]]\n    d[i, j] -= e\n",
        3,
        [],
        ["for i in n:\n    d[i, j] -= e\n    x = v[k, y[k]]\n"],
    ),
    ("for i in n:\n    x = v[i, j]\n    d[i, j] += e\n", 3, [], ["for i in n:\n    d[i, j] += e\n    x = v[i, j]\n"]),
    (
        "for i in n:\n    x = v[i][y[i]]\n    d[i][j] -= e\n",
        3,
        [],
        [
            "for i in n:\n    d[i][j] -= e\n    x = v[i][y[i]]\n",
            "for i in n:\n    x = v[i][y[i]]\n    d[i][j] -= e\n    d[i][y[i]] += e\n",
        ],
    ),
    (
        "def f(x):\n    u = x\n    v = u\n    return v\n",
        3,
        [],
        ["def f(x):\n    u = x\n    return v\n    v = u\n", "def f(x):\n    v = u\n    u = x\n    return v\n"],
    ),
]
"""A program, the line that is looked at, the names that may be put in, and what becomes of the program."""


@pytest.mark.parametrize(("source", "line", "names", "expected"), OF_LINES)
def test_lines_that_are_moved_or_put_in(source: str, line: int, names: list[str], expected: list[str]) -> None:
    tree = ast.parse(source)
    statement = next(node for node in ast.walk(tree) if isinstance(node, ast.stmt) and node.lineno == line)
    edits = source_edits(source, tree, statement, names)
    found = {
        spliced(source, one.place, one.text)
        for one in edits
        if one.place.line != line or one.place.end_line != line or "\n" in one.text
    }

    assert sorted(found) == expected


IN_BLOCKS = [
    (
        "for t in range(n):\n    y += a[t]\n",
        2,
        [
            "y += (a + a[t])[t]",
            "y += (a - a[t])[t]",
            "y += -a[t]",
            "y += a[:, t]",
            "y += a[a[t]]",
            "y += a[t + 1]",
            "y += a[t + a[t]]",
            "y += a[t - 1]",
            "y += a[t - a[t]]",
            "y += a[t] * y[t]",
            "y += a[t] + a[t]",
            "y += a[t] + y[t]",
            "y += a[t] - a[t]",
            "y += a[t] - y[t]",
            "y += a[t] / y[t]",
            "y += a[t][t]",
            "y += a[y[t]]",
            "y += y[t]",
            "y += y[t][t]",
            "y -= a[t]",
            "y = a[t]",
        ],
    ),
    (
        "for t in range(n):\n    y = a[t]\n",
        2,
        [
            "y += a[t]",
            "y -= a[t]",
            "y = (a + a[t])[t]",
            "y = (a - a[t])[t]",
            "y = -a[t]",
            "y = a[:, t]",
            "y = a[a[t]]",
            "y = a[t + 1]",
            "y = a[t + a[t]]",
            "y = a[t - 1]",
            "y = a[t - a[t]]",
            "y = a[t] * y[t]",
            "y = a[t] + a[t]",
            "y = a[t] + y[t]",
            "y = a[t] - a[t]",
            "y = a[t] - y[t]",
            "y = a[t] / y[t]",
            "y = a[t][t]",
            "y = a[y[t]]",
            "y = y[t]",
            "y = y[t][t]",
        ],
    ),
    (
        "for t in range(n):\n    y[t] -= a\n",
        2,
        [
            "y[-t] -= a",
            "y[:, t] -= a",
            "y[::-1][t] -= a",
            "y[range(len(t)), t] -= a",
            "y[t + 1] -= a",
            "y[t - 1] -= a",
            "y[t, t] -= a",
            "y[t.T] -= a",
            "y[t] += a",
            "y[t] -= -a",
            "y[t] -= a * y[t]",
            "y[t] -= a + y[t]",
            "y[t] -= a - y[t]",
            "y[t] -= a / y[t]",
            "y[t] -= y[t]",
            "y[t] = a",
            "y[y[t]] -= a",
        ],
    ),
    (
        "for i in range(n):\n    y = a[0]\n",
        2,
        [
            "y += a[0]",
            "y -= a[0]",
            "y = -a[0]",
            "y = a[-1]",
            "y = a[0] * i[i]",
            "y = a[0] * y[i]",
            "y = a[0] + i[i]",
            "y = a[0] + y[i]",
            "y = a[0] - i[i]",
            "y = a[0] - y[i]",
            "y = a[0] / i[i]",
            "y = a[0] / y[i]",
            "y = a[0][0]",
            "y = a[1]",
            "y = a[2]",
            "y = a[:, 0]",
            "y = a[a[0]]",
            "y = a[i[i]]",
            "y = a[i]",
            "y = a[y[i]]",
            "y = i[i]",
            "y = i[i][0]",
            "y = y[i]",
            "y = y[i][0]",
        ],
    ),
    ("for r in a:\n    y = r\n", 1, ["for r in -a:", "for r in zip(*a):"]),
    ("for c in zip(*a):\n    y = c\n", 1, ["for c in *a:", "for c in -zip(*a):", "for c in a:", "for c in zip(*-a):"]),
    ("def f(a):\n    self.w = a\n", 2, ["self.w += a", "self.w = -a"]),
    ("y = 0\ny = a\n", 2, ["y += a", "y = -a", "y = a + y", "y = a - y"]),
    ("def f(a):\n    y = 0\ny = a\n", 3, ["y += a", "y = -a", "y = a + y", "y = a - y"]),
    (
        "for i in range(n):\n    y = -a\n",
        2,
        [
            "y -= -a",
            "y -= a",
            "y = --a",
            "y = -a * i[i]",
            "y = -a * y[i]",
            "y = -a + i[i]",
            "y = -a + y[i]",
            "y = -a - i[i]",
            "y = -a - y[i]",
            "y = -a / i[i]",
            "y = -a / y[i]",
            "y = -i[i]",
            "y = -y[i]",
            "y = a",
        ],
    ),
    (
        "for i in range(n):\n    y //= a\n",
        2,
        [
            "y //= -a",
            "y //= a * i[i]",
            "y //= a * y[i]",
            "y //= a + i[i]",
            "y //= a + y[i]",
            "y //= a - i[i]",
            "y //= a - y[i]",
            "y //= a / i[i]",
            "y //= a / y[i]",
            "y //= i[i]",
            "y //= y[i]",
            "y /= a",
        ],
    ),
]
"""A program, one of its lines, and all changes of that line but those of anything."""


@pytest.mark.parametrize(("source", "line", "expected"), IN_BLOCKS)
def test_every_change_of_a_line_in_a_block(source: str, line: int, expected: list[str]) -> None:
    wrong = source.split("\n")[line - 1].strip()
    start = len(wrong.partition("=")[0]) if wrong.startswith("y") else 0
    found = after(source, line, ())

    assert (
        sorted(one for one in found if not any(_is_put(part, one[start:], wrong) for part in OF_ANYTHING)) == expected
    )


REGROUPED = [
    ("y = a * (b / c + d)", "y = a * (b / c) + d"),
    ("y = a * (b / c + d)", "y = b / c + a * d"),
    ("y = a * (b + c / d)", "y = b + a * (c / d)"),
    ("y = a * (b + c / d)", "y = a * b + c / d"),
    ("y = (b - c) * a", "y = b - a * c"),
    ("y = (b - c) * a", "y = a * b - c"),
    ("y = f(b + c)", "y = b + f(c)"),
    ("y = f(b + c)", "y = f(b) + c"),
    ("y = f(b - c / d)", "y = b - f(c / d)"),
    ("y = f(b - c / d)", "y = f(b) - c / d"),
    ("y = a * b + c", "y = a * (b + c)"),
    ("y = a / b - c", "y = a / (b - c)"),
    ("y = a * b - (c + d)", "y = a * (b - (c + d))"),
    ("y = a + b / c", "y = (a + b) / c"),
    ("y = a - b * c", "y = (a - b) * c"),
    ("y = a - b / (c * d)", "y = (a - b) / (c * d)"),
    ("y = (a - b) ** 2", "y = a - b**2"),
    ("y = (a + b * c) ** n", "y = a + (b * c)**n"),
    ("y = f(b) + c", "y = f(b + c)"),
    ("y = a / f(b) + c", "y = a / f(b + c)"),
    ("y = a * f(b) - c", "y = a * f(b - c)"),
    ("y = f(b) - (c - d)", "y = f(b - (c - d))"),
    ("y = a.size", "y = len(a)"),
    ("y = a.size", "y = a.shape[1]"),
    ("y = (a + b).size", "y = len(a + b)"),
    ("y = (a + b).size", "y = (a + b).shape[1]"),
    ("y = a.numel()", "y = len(a)"),
    ("y = a.numel()", "y = a.shape[1]"),
    ("y = 0", "y = 1"),
    ("y = 1", "y = 0"),
    ("y = 0.0", "y = 1.0"),
    ("y = 1.0", "y = 0.0"),
    ("y = 2", "y = 1"),
    ("y = 2", "y = 3"),
    ("y = a ^ b", "y = a ** b"),
    ("y = (a + b) ^ 2", "y = (a + b) ** 2"),
    ("y = a - b - c", "y = a - b + c"),
    ("y = a - b - c", "y = a - c"),
    ("y = (a - b) / (c - d)", "y = (b - a) / (c - d)"),
    ("y = (a - b) / (c - d)", "y = (a - b) * (c - d)"),
    ("y = -(a + b)", "y = a + b"),
    ("y = a / b / c", "y = a / b * c"),
    ("y = 1 - a * b", "y = (1 - a) * b"),
    ("y = a @ b + c @ d", "y = a @ b - c @ d"),
    ("y = a @ b + c @ d", "y = a @ b"),
    ("y = a @ b + c @ d", "y = c @ d"),
    ("y = (1 - a) * b", "y = 1 - b * a"),
]
"""Statements with compound parts, and what they may have been meant as: brackets only where they are needed."""


@pytest.mark.parametrize(("wrong", "right"), REGROUPED)
def test_a_compound_part_keeps_its_brackets(wrong: str, right: str) -> None:
    assert right in after(f"import numpy as np\n{wrong}\n", 2, ())


@pytest.mark.parametrize("wrong", sorted({wrong for wrong, _ in REGROUPED} - {"y = a ^ b", "y = (a + b) ^ 2"}))
def test_every_change_is_a_statement_and_another_one(wrong: str) -> None:
    found = after(f"import numpy as np\n{wrong}\n", 2, ("a", "b"))

    assert found
    assert ast.dump(ast.parse(wrong)) not in {ast.dump(ast.parse(one)) for one in found}


SUSPECTED = [
    ("d = np.zeros(3)\nfor i in r:\n    d[i] = a[i]\n    e[i] = a[i]\ny = d\n", 1, [], [1, 2, 3]),
    ("d = 0\nd += a\nd = d + b\ne = 1\n", 1, [], [1, 2, 3]),
    ("d = 0\nfor i in r:\n    d += a\n", 1, [], [1]),
    ("d = 0\nd += a\n", 1, [(2, 0)], [1]),
    ("def f(x):\n    t = x\n    return g(t)\ndef g(z):\n    return z\ny = f(a)\n", 6, [], [6, 3, 2, 5]),
    ("def f(x):\n    t = x\n    u = t\n    return u\na = f(1)\nb = f(2)\n", 2, [], [2, 3, 5, 6, 4]),
    (
        "class K:\n    def go(self):\n        self.w = 1\n        self.v = 2\nk = K()\nk.go()\ny = k.w\n",
        7,
        [],
        [7, 3, 6, 5, 4],
    ),
    ("if p:\n    for i in r:\n        while q:\n            y = a\n", 4, [], [4, 3, 2, 1]),
    ("a = 1\nb = a\nc = b\ny = c\n", 4, [], [4, 3, 2]),
    ("a = 1\nb = a\nc = b\ny = c\n", 4, [(3, 0)], [4, 2]),
    ("a = 1\ny = b\nb = a\n", 2, [], [2, 3, 1]),
    ("for i in zip(p, q):\n    y = i\np = 1\n", 2, [], [2, 1, 3]),
    ("x.append(a)\ny = x\n", 2, [], [2, 1]),
    ("y = 0\ny += a\nz = 1\n", 2, [], [2, 1]),
    ("def f(n):\n    return n\nz = f\ny = f(1)\n", 4, [], [4, 2]),
    ("for i in r:\n    y = i\n    z = y\n", 1, [], [1, 3, 2]),
    ("a, b = c\n(d, [e, *g]) = h\ny = g\n", 3, [], [3, 2]),
]
"""A program, the line with a wrong value, what begins right lines, and the lines that are looked at, in this order."""


@pytest.mark.parametrize(("source", "line", "right", "expected"), SUSPECTED)
def test_where_a_wrong_value_may_come_from(
    source: str, line: int, right: list[tuple[int, int]], expected: list[int]
) -> None:
    tree = ast.parse(source)
    statement = next(node for node in ast.walk(tree) if isinstance(node, ast.stmt) and node.lineno == line)

    assert [one.lineno for one in suspects(tree, statement, set(right))] == expected
