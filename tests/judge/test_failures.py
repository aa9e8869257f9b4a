"""Why a statement raised: by itself, because of a blank, or because a function handed in does not fit."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from grader.instrument.sites import instrument
from grader.judge.evidence import Evidence
from grader.judge.failures import Gap, gap_of, is_to_blame, raised_by_blanks, raised_by_itself
from grader.judge.runs.guarded import BLANK
from grader.model import Opaque
from grader.runner.types import Event, Raised, Sites
from grader.submission.load import load_bytes


def evidence(
    source: str,
    raised: tuple[Raised, ...] = (),
    answer: str | None = None,
    blanks: tuple[str, ...] = (),
    forced: tuple[Raised, ...] = (),
) -> Evidence:
    """What is known of a submission of one cell; the exercise's own lines, if any, are the next one."""
    sites = list(instrument(source, 0).sites)
    if answer is not None:
        sites.extend(instrument(f"__answer__ = None\n{answer}", 1, len(sites)).sites)
    blank = Opaque("placeholder", BLANK)
    events = [Event(n, one.number, 0, None, "", blank) for n, one in enumerate(sites) if set(one.names) & set(blanks)]
    scene = SimpleNamespace(
        sites=Sites(tuple(sites), (source,)), raised=raised, traces=[SimpleNamespace(events=events)],
        exercise=SimpleNamespace(answer=answer),
    )  # fmt: skip
    found = SimpleNamespace(scene=scene, unbound=frozenset(), forced=[SimpleNamespace(raised=forced)])
    return cast(Evidence, found)


ANSWER = "y, cache = affine(x, w)\n"


@pytest.mark.parametrize(
    ("error", "at_cell", "kind"),
    [
        ("NameError: name 'affine' is not defined", 1, "absent"),
        ("NameError: name 'x' is not defined", 1, "held_up"),
        ("NotImplementedError: ", 0, "unwritten"),
        ("NotImplementedError: ", 1, "unwritten"),
        ("TypeError: cannot unpack non-iterable NoneType object", 1, "nothing"),
        ("TypeError: affine() takes 1 positional argument but 2 were given", 1, "misfit"),
        ("ValueError: shapes (3,) and (4,) not aligned", 0, None),  # in the function itself
        ("NameError: name 'z' is not defined", 0, None),
    ],
)
def test_what_does_not_fit_between_the_exercises_line_and_a_function(
    error: str, at_cell: int, kind: str | None
) -> None:
    gap = gap_of(evidence("z = 1\n", answer=ANSWER), Raised(1, 1, at_cell, 2, error))

    assert (gap and gap.kind) == kind


def test_the_gap_says_what_is_called_and_what_is_wanted() -> None:
    known = evidence("z = 1\n", answer=ANSWER)

    assert gap_of(known, Raised(1, 1, 1, 2, "TypeError: cannot unpack non-iterable NoneType object")) == Gap(
        "nothing", "`affine(x, w)` gave None where `y, cache` is to come: does it end in a `return`?"
    )


def test_an_error_of_the_students_own_lines_is_no_gap() -> None:
    error = "NameError: name 'affine' is not defined"

    assert gap_of(evidence("z = 1\n", answer=ANSWER), Raised(0, 0, 0, 1, error)) is None
    assert gap_of(evidence("z = 1\n"), Raised(0, 0, 0, 1, error)) is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("NameError: name 'nowhere' is not defined", True),
        ("NameError: name 'z' is not defined", False),  # something else kept it from being bound
        ("UnboundLocalError: cannot access local variable 'z' where it is not associated with a value", False),
        ("NameError: name 'f' is not defined", False),
        ("ValueError: operands could not be broadcast", True),
    ],
)
def test_an_error_is_the_statements_own_if_nothing_else_kept_a_name_from_being_bound(
    error: str, expected: bool
) -> None:
    known = evidence("z = 1\ndef f(a):\n    b = a\n    return b\ny = z\n")

    assert is_to_blame(known, Raised(0, 2, 0, 5, error)) is expected


@pytest.mark.parametrize("shared", ["", "    global q\n"])
def test_a_local_of_another_function_is_no_name_that_a_line_could_have(shared: str) -> None:
    known = evidence(f"def f():\n    return q\ndef g():\n{shared}    q = 1\nf()\n")

    assert is_to_blame(known, Raised(0, 2, 0, 2, "NameError: name 'q' is not defined")) is not bool(shared)


def test_a_statement_is_to_blame_if_it_raises_with_everything_before_it_right() -> None:
    first, later = Raised(0, 1, 0, 2, "ValueError: one"), Raised(0, 1, 0, 2, "ValueError: another")

    assert raised_by_itself(evidence("z = 1\ny = z\n", forced=(later,)), first)
    assert not raised_by_itself(evidence("z = 1\ny = z\n"), first)
    assert not raised_by_itself(evidence("z = 1\ny = z\n", forced=(Raised(0, 0, 0, 1, "ValueError: one"),)), first)


def test_what_a_blank_keeps_from_running_is_followed_from_statement_to_statement() -> None:
    source = "dh = ...\ndx = dh * 2\ndw = dx + 1; db = 3 + None\ndu = w.nothing\nif w:\n    dv = dx\n"
    errors = tuple(
        Raised(0, statement, 0, line, "TypeError: unsupported operand")
        for statement, line in ((1, 2), (2, 3), (3, 3), (4, 4), (5, 6))
    )

    found = raised_by_blanks(evidence(source, errors, blanks=("dh",)), load_bytes(source.encode(), "mine.py"))

    assert sorted(one.statement for one in found) == [1, 5]


def test_an_error_that_names_the_blank_is_one_wherever_it_is() -> None:
    source = "dh = ...\nf(1)\n"
    error = Raised(0, 1, 0, 2, f"TypeError: unsupported operand for {BLANK}")

    assert raised_by_blanks(evidence(source, (error,)), load_bytes(source.encode(), "mine.py")) == {error}
