"""Where a program may end: what is asked before it does, and what is remembered of it."""

from __future__ import annotations

import ast

import pytest

from grader.instrument.sites import instrument
from grader.runner.program_ends import Endings, asking, unchanged
from grader.runner.types import Raised, Trace


def asked(source: str) -> str:
    made = asking(instrument(source, 2).statements, source, 2)
    return "\n".join(ast.unparse(tree) for tree in made)


@pytest.mark.parametrize(
    "statement", ["exit('wrong')", "quit()", "sys.exit(2)", "raise SystemExit", "raise SystemExit(1)"]
)
def test_what_may_end_a_program_is_put_behind_a_question(statement: str) -> None:
    assert asked(f"x\n{statement}").startswith(f"x\nif __grader__.ends(2, 2):\n    {statement}")


@pytest.mark.parametrize("source", ["assert x, 'no'", "if x > 1:\n    exit('wrong')"])
def test_an_end_that_hangs_on_a_condition_is_put_behind_a_question_of_its_own(source: str) -> None:
    assert "if __grader__.ends_if(2, " in asked(source)


def test_an_exit_that_would_take_the_process_along_ends_the_program_alone() -> None:
    assert asked("os._exit(3)").startswith("if __grader__.ends(2, 1):\n    raise SystemExit(3)")


@pytest.mark.parametrize(
    "source",
    ["try:\n    exit()\nexcept SystemExit:\n    pass", "code = exit", "raise ValueError('exit')", "print(exit())"],
)
def test_what_may_be_caught_or_is_no_end_stays_as_it_is(source: str) -> None:
    assert "ends" not in asked(source)


LEFT = Raised(0, 3, 0, 7, "SystemExit")
STOPPED = Raised(0, 4, 0, 8, "TimeLimit")


def test_places_of_the_first_run_are_those_at_which_a_program_may_end() -> None:
    endings = Endings(False)
    before = endings.known
    endings.learn(Trace((), (Raised(0, 1, 0, 2, "AssertionError"),), "finished", left=LEFT))
    endings.learn(Trace((), (), "finished", left=Raised(0, 5, 0, 9, "SystemExit")))

    assert (before, endings.known) == (None, {(0, 2), (0, 7)})


def test_what_used_up_its_time_is_remembered() -> None:
    endings = Endings(False)
    endings.learn(Trace((), (), "timeout", left=STOPPED))

    assert endings.stopped == {(0, 4)}


def test_a_program_that_left_by_itself_is_run_again() -> None:
    endings = Endings(True)
    endings.learn(Trace((), (), "finished", left=LEFT))

    assert endings.stopped == frozenset()


ENDLESS = "h1 = 1\nwhile True:\n    h1 += 1"


@pytest.mark.parametrize(
    ("changed", "known"),
    [
        (ENDLESS.replace("h1 = 1", "h1 = 2"), True),
        (ENDLESS.replace("h1 += 1", "h1 += 2"), False),
        (f"h0 = 1\n{ENDLESS}", False),
        ("h1 = (", False),
    ],
    ids=["another line", "itself", "a line more", "no Python"],
)
def test_a_statement_that_never_ended_is_known_where_only_another_line_was_changed(changed: str, known: bool) -> None:
    assert bool(unchanged({(0, 1)}, [ENDLESS], [changed])) is known


def test_a_statement_of_a_cell_that_is_gone_is_not_known() -> None:
    assert unchanged({(1, 0)}, ["h1 = 1", ENDLESS], ["h1 = 1"]) == frozenset()
