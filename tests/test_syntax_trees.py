"""Trees made by several threads at once."""

from __future__ import annotations

import ast
import gc
import threading
import time

import pytest

from grader.syntax_trees import LONGEST, nodes_of, same_tree, shared_tree, tree_of

SOURCE = "x = " + "+".join(["(a*b*b*b)"] * 60) + "\n"


def test_several_threads_may_make_trees_at_once() -> None:
    """What Python does when it looks for garbage, in the midst of a tree, lets other threads have their turn."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                tree_of(SOURCE)
        except BaseException as error:
            failed.append(error)

    def give_way(*_: object) -> None:
        time.sleep(0.0001)

    threads = [threading.Thread(target=work) for _ in range(4)]
    before = gc.get_threshold()
    gc.callbacks.append(give_way)
    gc.set_threshold(50)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(give_way)

    assert failed == []


def test_who_only_reads_is_given_the_tree_that_others_have() -> None:
    assert shared_tree(SOURCE) is shared_tree(SOURCE)
    assert tree_of(SOURCE) is not shared_tree(SOURCE)


@pytest.mark.slow
def test_a_tree_that_takes_much_memory_is_not_kept() -> None:
    long = "x = 1\n" * LONGEST

    assert shared_tree(long) is not shared_tree(long)


def test_what_is_no_python_is_said_to_be_none_each_time() -> None:
    for _ in range(2):
        with pytest.raises(SyntaxError):
            shared_tree("x = (")


def test_nodes_come_in_the_order_of_python_itself() -> None:
    tree = tree_of("def f(a, *b, c=1):\n    d[a], e = {**c}, [i for i in b if i]\n    return lambda: f'{d!r:>{e}}'\n")

    assert nodes_of(tree) == [one for one in ast.walk(tree) if not isinstance(one, ast.expr_context)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a + f(b, c=1)", "(a  +  f(b, c=1))", True),
        ("a + b", "a - b", False),
        ("f(a)", "f(a, a)", False),
        ("a * 1", "a * 1.0", False),
        ("a[:1]", "a[1:]", False),
    ],
)
def test_trees_are_the_same_wherever_they_stand(one: str, other: str, same: bool) -> None:
    assert same_tree(tree_of(one), tree_of(other)) is same
