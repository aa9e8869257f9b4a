"""How good the verdicts and the diagnosis are: over systematic mistakes in every solution and correct script.

Each figure is a share of the mutants that change a value. What is true of a mutant is found out by `oracle`, apart from
the grader. Run with `-s` to see the table; the whole of it is `slow`, a sample runs with the rest.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import pytest

from grader import mistakes
from grader.model import Result, StepResult
from grader.runner.session import Session
from tests.quality.corpus import ROOT, Script, changeable
from tests.quality.figures import Table, in_markdown, keep
from tests.quality.measure import Case, Warm, doubles, singles, with_repairs
from tests.quality.names import due, false_names
from tests.quality.natural import is_natural
from tests.quality.oracle import truth_of
from tests.quality.parts import shared_folder, whole


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    with Warm() as one:
        yield one


def measured(warm: Warm, cases: Iterable[Case]) -> Table:
    table = Table()
    for case in cases:
        if _is_harmless(case):
            continue
        with pytest.MonkeyPatch.context() as patch:
            spent: list[float] = []
            patch.setattr(mistakes, "diagnose", _timed(mistakes.diagnose, spent))
            result = warm.check(case.script, case.source)
        _judged(table, case, result)
        _named(table, case, result)
        wrong = len([step for step in result.steps if step.outcome == "wrong"])
        table.seconds += [sum(spent) / wrong] if wrong else []
    return table


def _timed(function: object, spent: list[float]) -> object:
    """The function, which adds the seconds of computing it takes, here and in the child, to `spent`."""

    def timed(session: Session, *arguments: object, **options: object) -> object:
        started = time.thread_time() + session.spent
        try:
            return function(session, *arguments, **options)  # type: ignore[operator]
        finally:
            spent.append(time.thread_time() + session.spent - started)

    return timed


def expected(case: Case) -> tuple[set[str], set[str]]:
    """The quantities that are to be wrong, and those that are fed. Of one line that several steps come from, the first
    one bears the mistake; of a family over time its first member."""
    family = {step.name: step.family for step in case.script.watched.quantities}
    wrong: dict[str, str] = {}
    for name in case.truth.wrong if len(case.mutants) > 1 else case.truth.wrong[:1]:
        wrong.setdefault(family[name] or name, name)
    return set(wrong.values()), set(case.truth.carried) | (set(case.truth.wrong) - set(wrong.values()))


def _is_harmless(case: Case) -> bool:
    """Whether only a forward quantity that nobody asked for is wrong, and spoils nothing: it may be left unsaid, and is
    not counted."""
    asked = {step.name for step in case.script.loaded.steps}
    return asked.isdisjoint((*case.truth.wrong, *case.truth.carried))


def _seen(case: Case, result: Result) -> list[StepResult]:
    watched = set(case.script.watched.known(case.script.exercise)[0].values)
    return [step for step in (*result.forward, *result.steps) if step.name in watched]


def _judged(table: Table, case: Case, result: Result) -> None:
    seen = _seen(case, result)
    wrong, fed = expected(case)
    got = {step.name for step in seen if step.outcome == "wrong"}
    table.cases += 1
    unsaid = {case.script.loaded.output}  # a wrong output that nobody asked for spoils nothing
    located = got in (wrong, wrong - unsaid)
    table.located += located
    table.carried += {step.name for step in seen if step.outcome == "carried"} == fed
    if not located:
        table.missed.append(f"{case.script.id}: {'; '.join(map(str, case.mutants))}: {sorted(got)} for {sorted(wrong)}")
    every = [step for step in (*result.forward, *result.steps) if step.outcome == "wrong"]
    mended = with_repairs(case.source, [step for step in seen if step.outcome == "wrong"] or every)
    if mended is not None:
        truth = truth_of(case.script.watched, mended, case.script.exercise)
        right = truth is not None and not set(truth.wrong) - unsaid and not set(truth.carried) - unsaid
        table.repaired += right
        natural = is_natural(mended, case.script.derivation)
        table.natural += natural
        if right and not natural:
            table.unnatural.append(f"{case.script.id}: {'; '.join(map(str, case.mutants))}: {fixes(result)}")
        if not right:
            table.wrongly_repaired.append(f"{case.script.id}: {'; '.join(map(str, case.mutants))}")


def fixes(result: Result) -> str:
    """What the diagnosis would have written, for reading."""
    steps = (*result.forward, *result.steps)
    return "; ".join(
        step.diagnosis.fix or "" for step in steps if step.outcome == "wrong" and step.diagnosis is not None
    )


def _named(table: Table, case: Case, result: Result) -> None:
    if len(case.mutants) > 1:
        return
    (mutant,) = case.mutants
    wrong = [step for step in _seen(case, result) if step.outcome == "wrong"]
    codes = {step.diagnosis.code for step in wrong if step.diagnosis is not None and step.diagnosis.code is not None}
    if {step.name for step in wrong} != expected(case)[0]:
        return  # what is not located is counted there
    derivative = all(step.name != step.quantity for step in wrong)
    wanted = due(mutant, derivative)
    table.due += bool(wanted)
    table.named += bool(wanted & codes)
    if wanted and not wanted & codes:
        table.unnamed.append(f"{case.script.id}: {mutant}: {sorted(codes)}")
    if false := false_names(mutant, codes):
        table.falsely_named.append(f"{case.script.id}: {mutant}: {sorted(false)}")


@cache
def on_numbers() -> tuple[Script, ...]:
    return tuple(script for script in changeable() if not script.is_about_tensors)


@cache
def on_arrays() -> tuple[Script, ...]:
    return tuple(script for script in changeable() if script.is_about_tensors)


def chain() -> Script:
    return next(script for script in changeable() if script.id == "correct/plain")


def sample(scripts: Iterable[Script], each: int, seed: int) -> Iterator[Case]:
    for script in scripts:
        yield from singles(script, each, seed)


def shown(title: str, table: Table) -> None:
    print(f"\n{title}: {table.counts}")
    for kind in ("wrongly_repaired", "falsely_named", "unnamed", "missed", "unnatural"):
        for one in getattr(table, kind):
            print(f"  {kind}: {one}")


@pytest.mark.slow
def test_a_sample_of_single_mistakes_of_every_manner(warm: Warm) -> None:
    source = random.Random(5)
    table = measured(warm, sample(source.sample(list(changeable()), 20), 1, 11))
    shown("sample", table)

    assert table.located >= 0.92 * table.cases
    assert table.repaired >= 0.85 * table.cases


WRONG_NAMES, WRONG_REPAIRS = 0, 0
"""The most of the mutants on arrays, and of the chain's for names, that may be named or repaired wrongly."""


@pytest.mark.slow
def test_every_single_mistake_in_the_tanh_chain(warm: Warm) -> None:
    table = measured(warm, singles(chain(), 10_000, 0))
    shown("tanh chain, one mistake", table)
    keep("tanh chain, one mistake", table)

    assert table.located >= 0.99 * table.cases
    assert table.carried >= 0.99 * table.cases
    assert table.repaired >= 0.99 * table.cases
    assert table.natural >= 0.95 * table.cases
    assert table.wrongly_repaired == []
    assert len(table.falsely_named) <= WRONG_NAMES, table.falsely_named


@pytest.mark.slow
def test_two_mistakes_in_the_tanh_chain(warm: Warm) -> None:
    table = measured(warm, doubles(chain(), 400))
    shown("tanh chain, two mistakes", table)
    keep("tanh chain, two mistakes", table)

    assert table.located >= 0.95 * table.cases
    assert table.carried >= 0.95 * table.cases
    assert table.wrongly_repaired == []


PARTS = tuple(map(str, range(6)))
"""The long measurements are made in parts of about equal length."""


def in_part(scripts: Sequence[Script], part: str) -> Sequence[Script]:
    return scripts[int(part) :: len(PARTS)]


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_single_mistakes_in_scripts_on_numbers(warm: Warm, tmp_path_factory: pytest.TempPathFactory, part: str) -> None:
    title = "all scripts on numbers, one mistake"
    own = measured(warm, sample(in_part(on_numbers(), part), 12, 1))
    table = whole(shared_folder(tmp_path_factory), title, PARTS, part, own)
    shown(f"{title}, part {part}", own)
    if table is None:
        return  # the part that is measured last has the whole
    keep(title, table)

    assert table.located >= 0.97 * table.cases
    assert table.carried >= 0.97 * table.cases
    assert table.repaired >= 0.98 * table.cases
    assert table.natural >= 0.90 * table.cases
    assert table.wrongly_repaired == []
    assert table.named >= 0.95 * table.due
    assert table.falsely_named == []


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_single_mistakes_in_scripts_on_arrays(warm: Warm, tmp_path_factory: pytest.TempPathFactory, part: str) -> None:
    title = "all scripts on arrays, one mistake"
    own = measured(warm, sample(in_part(on_arrays(), part), 8, 1))
    table = whole(shared_folder(tmp_path_factory), title, PARTS, part, own)
    shown(f"{title}, part {part}", own)
    if table is None:
        return
    keep(title, table)

    assert table.located >= 0.96 * table.cases
    assert table.carried >= 0.96 * table.cases
    assert table.repaired >= 0.97 * table.cases
    assert table.natural >= 0.85 * table.cases
    assert len(table.wrongly_repaired) <= WRONG_REPAIRS, table.wrongly_repaired
    assert table.named >= 0.95 * table.due
    assert len(table.falsely_named) <= WRONG_NAMES, table.falsely_named


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_two_mistakes_in_scripts_of_every_manner(
    warm: Warm, tmp_path_factory: pytest.TempPathFactory, part: str
) -> None:
    title = "all scripts, two mistakes"
    own = measured(warm, (case for script in in_part(changeable(), part) for case in doubles(script, 3)))
    table = whole(shared_folder(tmp_path_factory), title, PARTS, part, own)
    shown(f"{title}, part {part}", own)
    if table is None:
        return
    keep(title, table)

    assert table.located >= 0.95 * table.cases
    assert table.carried >= 0.95 * table.cases
    assert table.repaired >= 0.94 * table.cases
    assert table.wrongly_repaired == []


def test_the_documentation_shows_the_figures() -> None:
    assert in_markdown() in (ROOT / "grader" / "docs" / "quality.md").read_text()
