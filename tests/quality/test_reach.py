"""Mistakes where formulas are seldom read: in lists, comprehensions, zip, loops in functions, indices and arguments.

Each of `slips.py` is put into its script of `reach/` by itself. Run with `-s` to see the table.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

import pytest

from grader.model import Result, StepResult
from tests.quality.corpus import HERE, Script
from tests.quality.measure import Warm, with_repairs
from tests.quality.natural import is_natural
from tests.quality.parts import shared_folder, whole
from tests.quality.slips import SLIPS

WRONGLY_REPAIRED = 2
"""Slips that may get a repair that is right at the points alone."""


@dataclass(frozen=True)
class Slip:
    """A script of `reach/` in which `wrong` stands for `right`."""

    script: Script
    right: str
    wrong: str

    def __str__(self) -> str:
        return f"{self.script.path.stem}: {self.right!r} -> {self.wrong!r}"

    @property
    def source(self) -> str:
        assert self.script.source.count(self.right) == 1, self
        return self.script.source.replace(self.right, self.wrong)

    @property
    def lines(self) -> range:
        """The lines that the slip is in."""
        at = self.script.source.index(self.right)
        shared = _shared(self.right, self.wrong)
        first = self.script.source.count("\n", 0, at + shared) + 1
        ends = _shared(self.right[shared:][::-1], self.wrong[shared:][::-1])
        return range(first, first + self.wrong[shared : len(self.wrong) - ends].count("\n") + 1)


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


@dataclass
class Found:
    """What was found of slips: those at fault by kind, and the seconds that explaining took for each wrong step."""

    slips: int = 0
    elsewhere: list[str] = field(default_factory=list)
    unrepaired: list[str] = field(default_factory=list)
    unnatural: list[str] = field(default_factory=list)
    wrongly_repaired: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def shares(self) -> str:
        missed = len(self.unrepaired) + len(self.wrongly_repaired)
        shares = {
            "located": self.slips - len(self.elsewhere),
            "repaired": self.slips - missed,
            "natural": self.slips - missed - len(self.unnatural),
        }
        parts = (f"{name} {100 * count / self.slips:.1f} %" for name, count in shares.items())
        median, most = statistics.median(self.seconds), max(self.seconds)
        return f"{self.slips} slips, {', '.join(parts)}, {1000 * median:.0f} ms (at most {most:.2f} s)"

    def __str__(self) -> str:
        lines = [self.shares()]
        for kind in ("wrongly_repaired", "elsewhere", "unrepaired", "unnatural"):
            lines += (f"  {kind}: {one}" for one in getattr(self, kind))
        return "\n".join(lines)


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    with Warm() as one:
        yield one


def slips(each: slice = slice(None)) -> Iterator[Slip]:
    for name in SLIPS:
        yield from slips_of(name, each)


def slips_of(name: str, each: slice = slice(None)) -> Iterator[Slip]:
    script = Script(HERE / "reach" / f"{name}.py")
    for right, wrong in SLIPS[name][each]:
        yield Slip(script, right, wrong)


def found(warm: Warm, chosen: Iterable[Slip]) -> Found:
    table = Found()
    unhindered = cache(lambda script: _timed(warm, script, script.source)[1])
    for slip in chosen:
        result, seconds = _timed(warm, slip.script, slip.source)
        wrong = [step for step in (*result.forward, *result.steps) if step.outcome == "wrong"]
        table.slips += 1
        table.seconds.append(max(0.0, seconds - unhindered(slip.script)) / max(1, len(wrong)))
        if not wrong or not all(_is_at(step, slip.lines) for step in wrong):
            table.elsewhere.append(f"{slip}: {[(step.name, step.where and step.where.line) for step in wrong]}")
        mended = with_repairs(slip.source, wrong)
        if mended is None:
            table.unrepaired.append(str(slip))
        elif not _is_right(warm.check(slip.script, mended, "numbers that no repair has seen")):
            table.wrongly_repaired.append(f"{slip}: {_fixes(wrong)}")
        elif not is_natural(mended, slip.script.source):
            table.unnatural.append(f"{slip}: {_fixes(wrong)}")
    return table


def _timed(warm: Warm, script: Script, source: str) -> tuple[Result, float]:
    return warm.check(script, source), warm.seconds


def _is_at(step: StepResult, lines: range) -> bool:
    return step.where is not None and step.where.line < lines.stop and lines.start <= step.where.end_line


def _is_right(result: Result) -> bool:
    return all(step.outcome == "correct" for step in (*result.forward, *result.steps))


def _fixes(wrong: Iterable[StepResult]) -> list[str | None]:
    return [step.diagnosis and step.diagnosis.fix for step in wrong]


def test_there_are_at_least_120_in_ten_exercises() -> None:
    assert len(list(slips())) >= 120
    assert len({slip.script.exercise for slip in slips()}) >= 10


@pytest.mark.slow
@pytest.mark.parametrize("name", SLIPS)
def test_slips_in_lists_loops_and_indices(warm: Warm, tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    part = found(warm, slips_of(name))
    table = whole(shared_folder(tmp_path_factory), "slips", list(SLIPS), name, part)
    print(f"\n{name}: {part}")
    if table is None:
        return  # the part that is measured last has the whole
    print(f"\n{table.shares()}")

    assert len(table.elsewhere) <= 0.05 * table.slips
    assert len(table.unrepaired) <= 0.10 * table.slips
    assert len(table.wrongly_repaired) <= WRONGLY_REPAIRED, table.wrongly_repaired
    slow = [one for one in table.seconds if one > 3]
    assert len(slow) <= 0.10 * table.slips
