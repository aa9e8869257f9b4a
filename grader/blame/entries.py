"""Find which of several lines that fill one array made it wrong, by which entries, or which terms, are wrong."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from grader.blame.step_trace import Change, StepTrace, changes
from grader.instrument.site import Site
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import same
from grader.judge.matching.naming import held_by
from grader.model import Value

_NEAR = 1e-7
"""How far the missing part may be from a multiple of what a line added, relative to its largest number."""


@dataclass(slots=True)
class Filling:
    """What one line did to arrays of the step's size: per point, the entries it changed and what it added to each."""

    site: Site
    entries: list[set[int]] = field(default_factory=list)
    added: list[list[float]] = field(default_factory=list)

    def note(self, point: int, change: Change) -> None:
        """Record one change."""
        self.entries[point] |= change.entries
        pairs = zip(change.before.numbers(), change.after.numbers(), strict=True)
        self.added[point] = [sum(one) for one in zip(self.added[point], (b - a for a, b in pairs), strict=True)]


def fillings(evidence: Evidence, seen: Sequence[StepTrace], among: Set[int], own: bool) -> list[Filling]:
    """Return the lines, by site numbers in `among`, that changed arrays of the step's size, in the order of their first
    changes; if `own`, only changes of the array that became the step count."""
    found: dict[int, Filling] = {}
    for k, witness in enumerate(seen):
        made = [one for one in changes(evidence, witness.events) if one.after.size == witness.own.size]
        last = {_key(evidence, one): one.after for one in made}
        for change in made:
            site = evidence.scene.sites[change.event.site]
            if site.number not in among or (own and not same(last[_key(evidence, change)], witness.own)):
                continue
            blank = Filling(site, [set() for _ in seen], [[0.0] * one.own.size for one in seen])
            found.setdefault(site.number, blank).note(k, change)
    return list(found.values())


def beginnings(evidence: Evidence, seen: Sequence[StepTrace], among: Set[int]) -> list[Filling]:
    """Return the lines, by site numbers in `among`, that gave the array which became the step its first value, with
    that value as what they added."""
    found: dict[int, Filling] = {}
    for k, witness in enumerate(seen):
        first: dict[tuple[str, str, str], Change] = {}
        last: dict[tuple[str, str, str], Value] = {}
        for change in changes(evidence, witness.events):
            name = _key(evidence, change)
            first.setdefault(name, change)
            last[name] = change.after
        for name, change in first.items():
            site = evidence.scene.sites[change.earlier.site]
            if site.number in among and change.before.size == witness.own.size and same(last[name], witness.own):
                blank = Filling(site, [set() for _ in seen], [[0.0] * one.own.size for one in seen])
                found.setdefault(site.number, blank).added[k] = list(change.before.numbers())
    return list(found.values())


def _key(evidence: Evidence, change: Change) -> tuple[str, str, str]:
    """The variable that was changed, or the entry of a container: its scope, container and name."""
    site = evidence.scene.sites[change.event.site]
    return site.scope, held_by(change.event, site) if change.event.label else "", change.name


def by_entries(seen: Sequence[StepTrace], lines: Sequence[Filling]) -> Filling | None:
    """Return the line that changed all wrong entries, and fewer of the right ones than any other: that of the branch
    which ran for them. None if all entries are wrong, or no line stands out."""
    if any(one.wrong is None for one in seen) or not any(len(one.wrong or ()) < one.own.size for one in seen):
        return None
    spared = sum(one.own.size - len(one.wrong or ()) for one in seen)
    reaching = [
        (sum(len(entries - (one.wrong or set())) for entries, one in zip(line.entries, seen, strict=True)), line)
        for line in lines
        if all((one.wrong or set()) <= entries for entries, one in zip(line.entries, seen, strict=True))
    ]
    extra, line = min(reaching, key=lambda one: (one[0], -one[1].site.number), default=(spared, None))
    return line if extra < spared else None


def by_terms(seen: Sequence[StepTrace], lines: Sequence[Filling]) -> Site | None:
    """Of the lines that add to one sum, return the one whose terms, all multiplied by one number, are what is
    missing."""
    if len(lines) < 2:
        return None
    fitting = [line.site for line in lines if _accounts_for(line, seen)]
    return fitting[0] if len(fitting) == 1 else None


def _accounts_for(line: Filling, seen: Sequence[StepTrace]) -> bool:
    if any(one.own.size != one.right.size for one in seen):
        return False  # of another shape: no number says what is missing
    terms = [number for added in line.added for number in added]
    missing = [right - own for one in seen for own, right in zip(one.own.numbers(), one.right.numbers(), strict=True)]
    size = sum(number * number for number in terms)
    if not size or len(terms) != len(missing):
        return False
    times = sum(a * b for a, b in zip(terms, missing, strict=True)) / size
    allowed = _NEAR * max(map(abs, missing))
    return all(abs(lack - times * term) <= allowed for term, lack in zip(terms, missing, strict=True))


def unwritten(seen: Sequence[StepTrace], lines: Sequence[Filling]) -> bool:
    """Whether the wrong entries were left out: no line has changed them, so they still have the array's start value."""
    if not lines or any(one.wrong is None for one in seen):
        return False
    written = [set[int]().union(*(line.entries[k] for line in lines)) for k in range(len(seen))]
    return not any((one.wrong or set()) & entries for one, entries in zip(seen, written, strict=True))


def overwritten(seen: Sequence[StepTrace], line: Filling) -> bool:
    """Whether a line that is right elsewhere has changed entries that should have stayed 0."""
    wrong = [one.wrong or frozenset() for one in seen]
    elsewhere = any(entries - places for entries, places in zip(line.entries, wrong, strict=True))
    return elsewhere and all(_is_zero(one.right, places) for one, places in zip(seen, wrong, strict=True))


def _is_zero(value: Value, places: frozenset[int]) -> bool:
    numbers = value.numbers()
    return not any(numbers[place] for place in places)
