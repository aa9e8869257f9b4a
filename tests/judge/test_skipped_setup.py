"""Which statements later runs skip: slow ones that no counted binding can depend on, by the text alone."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

import pytest

from grader.instrument.sites import instrument
from grader.judge.matching.types import Alignment, Match
from grader.judge.runs.skipped_setup import _is_part, awaited, dispensable, shows_the_same, unchanged
from grader.model import Value
from grader.runner.types import Ended, Event, Key, Raised, Role, Sites, Trace
from tests.judge.runs import observed
from tests.judge.test_alignment import CHAIN, FORWARD

STEPS = "dw = 2 * w\n"


def skipped(
    before: str,
    *slow: int,
    after: str = STEPS,
    given: str = "",
    answer: str | None = None,
    ended: Ended = "finished",
) -> set[int]:
    """The lines that are skipped, where those in `slow` are and the last statement counts. `given` are inputs."""
    source = before + after
    sources = [source] if answer is None else [source, answer]
    made = [site for cell, text in enumerate(sources) for site in instrument(text, cell).sites]
    sites = Sites(tuple(replace(site, number=number) for number, site in enumerate(made)), tuple(sources))
    parsed = enumerate(ast.parse(text).body for text in sources)
    lines = {(cell, top): node.lineno for cell, body in parsed for top, node in enumerate(body)}
    tops = {line: top for (cell, top), line in lines.items() if cell == 0}
    last = (0, max(top for cell, top in lines if cell == 0))
    decisions: dict[Key, str] = {
        (one.number, 0): one.names[0] for one in sites.all if one.names and one.names[0] in given.split()
    }
    trace = Trace((), (), ended, slow=frozenset((0, tops[line]) for line in slow))
    found = dispensable(sources, answer is not None, sites, trace, {last} if answer is None else set(), decisions)
    return {lines[one] for one in found}


SET_UP = {
    "a model that nothing reads": ("m = train()\nw = 3\n", (1,), {1}),
    "it is not slow": ("m = train()\nw = 3\n", (), set()),
    "what reads it too": ("m = train()\nprint(m)\nw = 3\n", (1,), {1, 2}),
    "what reads that": ("m = train()\nn = m + 1\nprint(n)\nw = 3\n", (1,), {1, 2, 3}),
    "not what comes before": ("d = load()\nm = train(d)\nw = 3\n", (2,), {2}),
    "a step reads it": ("w = train()\n", (1,), set()),
    "a step reads what is made of it": ("m = train()\nw = m + 1\n", (1,), set()),
    "it changes what a step reads": ("w = [3]\nw.append(train())\n", (2,), set()),
    "it is bound anew before a step reads it": ("w = train()\nw = 3\n", (1,), {1}),
    "its name is bound anew": ("m = train()\nm = 2\nprint(m)\nw = 3\n", (1,), {1}),
    "a slow definition": ("def f():\n    return 1\nw = 3\n", (1,), set()),
    "what calls a function of it": ("m = train()\ndef f():\n    return m\nf()\nw = 3\n", (1,), {1, 4}),
    "text that is executed": ("exec('w = 3')\nm = train()\nw = 3\n", (2,), set()),
    "a step that calls what uses it": ("m = train()\ndef f():\n    return m\nw = f()\n", (1,), set()),
}


@pytest.mark.parametrize(("before", "slow", "expected"), SET_UP.values(), ids=SET_UP)
def test_slow_set_up_is_skipped_with_all_that_depends_on_it(
    before: str, slow: tuple[int, ...], expected: set[int]
) -> None:
    assert skipped(before, *slow) == expected


def test_where_a_run_was_cut_short_nothing_is_skipped() -> None:
    assert skipped("m = train()\nw = 3\n", 1, ended="enough") == {1}
    assert skipped("m = train()\nw = 3\n", 1, ended="timeout") == set()


def test_an_input_that_is_drawn_by_slow_code_is_bound_from_the_exercise() -> None:
    drawn = "m = train()\nw = draw(m)\n"

    assert skipped(drawn, 1) == set()
    assert skipped(drawn, 1, given="w") == {1, 2}


def test_the_exercises_own_lines_count() -> None:
    assert skipped("def f(w):\n    return 2 * w\nm = train()\n", 3, after="z = 1\n", answer="dw = f(3)\n") == {3}
    assert skipped("m = train()\n", 1, after="def f(w):\n    return m\n", answer="dw = f(3)\n") == set()


# whether a run without it shows the same

SITES = Sites(instrument("m = 1\nw = 2\ndef f():\n    u = 3\ndw = 4\n", 0).sites)
NUMBER = {one.names[0]: one.number for one in SITES.all if one.names}
DEFAULT = (("m", 1.0), ("w", 2.0), ("u", 3.0), ("u", 4.0), ("dw", 5.0))


def run(*bound: tuple[str, float], roles: dict[str, Role] | None = None, **more: Any) -> Trace:
    events: list[Event] = []
    for sequence, (name, value) in enumerate(bound, 1):
        occurrence = sum(e.site == NUMBER[name] for e in events)
        role = (roles or {}).get(name, "own")
        events.append(Event(sequence, NUMBER[name], occurrence, None, "", Value.scalar(value), role))
    return Trace(tuple(events), more.pop("raised", ()), more.pop("ended", "finished"))


def same(whole: Trace, cut: Trace, *decided: str, counted: tuple[str, ...] = ("dw",)) -> bool:
    """Whether the run without the statement that binds `m` shows the same."""
    places = frozenset((NUMBER[name], 0) for name in counted)
    return unchanged(whole, cut, SITES, frozenset({(0, 0)}), [(NUMBER[name], 0) for name in decided], places)


CUT = DEFAULT[1:]


def test_a_run_that_lacks_only_what_was_skipped_shows_the_same() -> None:
    assert same(run(*DEFAULT), run(*CUT))


def test_what_a_skipped_statement_called_may_be_lacking() -> None:
    assert same(run(*DEFAULT), run(("w", 2.0), ("u", 4.0), ("dw", 5.0)))
    assert same(run(*DEFAULT), run(("w", 2.0), ("dw", 5.0)))
    assert not same(run(*DEFAULT), run(("w", 2.0), ("dw", 5.0)), counted=("u",))
    assert not same(run(*DEFAULT), run(("w", 2.0), ("u", 9.0), ("dw", 5.0)))
    assert not same(run(*DEFAULT), run(("w", 2.0), ("u", 4.0), ("u", 3.0), ("dw", 5.0)))


@pytest.mark.parametrize(
    "cut",
    [
        run(("w", 2.0), ("u", 3.0), ("u", 4.0), ("dw", 6.0)),
        run(("w", 2.5), ("u", 3.0), ("u", 4.0), ("dw", 5.0)),
        run(("u", 3.0), ("u", 4.0), ("dw", 5.0)),
        run(("dw", 5.0), ("u", 3.0), ("u", 4.0), ("w", 2.0)),
        run(*CUT, ended="enough"),
        run(*CUT, raised=(Raised(0, 1, 0, 2, "ValueError"),)),
    ],
    ids=["another value", "another value before", "a binding less", "another order", "another end", "an error"],
)
def test_a_run_that_differs_shows_that_set_up_is_needed(cut: Trace) -> None:
    assert not same(run(*DEFAULT), cut)


def test_an_input_has_to_be_bound_all_the_same() -> None:
    as_input: dict[str, Role] = {"m": "input"}

    assert same(run(*DEFAULT, roles=as_input), run(*DEFAULT, roles=as_input), "m")
    assert not same(run(*DEFAULT, roles=as_input), run(*CUT), "m")
    assert not same(run(*DEFAULT), run(*CUT), "m")


@pytest.mark.parametrize(
    ("part", "whole", "is_part"),
    [("ac", "abc", True), ("", "abc", True), ("ca", "abc", False), ("aa", "abc", False), ("d", "abc", False)],
)
def test_a_part_has_the_order_of_the_whole(part: str, whole: str, is_part: bool) -> None:
    assert _is_part(part, whole) is is_part


def test_the_same_bindings_have_to_be_the_quantities() -> None:
    one, other = run(("w", 2.0), ("dw", 5.0)).events

    def found(event: Event | None) -> Alignment:
        return Alignment({"dw": Match("dw", "dw", "name", (event, None))})

    assert shows_the_same(found(one), found(replace(one, sequence=9)))
    assert not shows_the_same(found(one), found(other))
    assert not shows_the_same(found(one), found(replace(one, value=Value.scalar(3.0))))
    assert not shows_the_same(found(one), found(None))
    assert shows_the_same(found(None), found(None))
    assert not shows_the_same(found(one), Alignment({}))


# what counts


def counting(steps: str, answer: bool = False) -> set[int]:
    """The lines of the statements that count, of those after the forward ones."""
    evidence = observed(CHAIN + ("answer: |\n  z = 1\n" if answer else ""), FORWARD + steps)
    found = awaited(evidence.scene, evidence.alignment)
    lines = {(site.cell, site.top): site.statement[0] for site in reversed(evidence.scene.sites.all) if site.cell == 0}
    return {lines[one] for one in found if one in lines and lines[one] > 5}


def test_what_binds_a_quantity_counts_and_so_does_what_was_about_to() -> None:
    assert counting("db = 2 * b\nz = 5\nda = db * 2 * a\n") == {6, 8}
    assert counting("db = 2 * b / 0\nz = 5\nda = 4 * a * b\n") == {6, 8}
    assert counting("db = 2 * b / 0\ndb = 2 * b\nda = 4 * a * b\n") == {7, 8}  # bound anew
    assert counting("z = 5 / 0\ndb = 2 * b\n") == {7}
    assert counting("db = 2 * b\ndb += 1 / 0\n") == {6, 7}


def test_where_nobody_knows_which_call_raised_all_that_raised_counts() -> None:
    function = "def f():\n    raise OSError\n    db = 2 * b\ng = f()\nz = q\n"

    assert counting(function) == {9, 10}
    assert counting(function.replace("db =", "z =")) == set()
    assert counting("for db in f():\n    pass\n") == set()  # a loop's target is no quantity
