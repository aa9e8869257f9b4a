"""Match students with the rows of a gradebook or a roster. Uncertain cases are listed, not matched.

A student is matched by unique keys (the platform's own number, user name, email, institution number), then by the
layout's key of the student, then by name, if the name is unique among those whom no key matches. A number that a
platform gave means nobody elsewhere, and one of Moodle nobody in another assignment, unless the name agrees. Leading
zeros, which spreadsheets drop, count only where they tell two apart, as do accents.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from grader.batch.gradebooks.gradebook import GradebookRow
from grader.nearest import without_accents

PLATFORM = frozenset({"brightspace", "canvas", "moodle"})
"""Kinds of identities that are numbers of one platform: the same number elsewhere is somebody else's."""

_PER_ASSIGNMENT = "moodle"
"""The kind that is a number of one assignment."""


class KnownPerson(Protocol):
    """Somebody with a key, a name and further identities: pairs of a kind and a value."""

    @property
    def student(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def identities(self) -> tuple[tuple[str, str], ...]: ...


Who = TypeVar("Who", bound=KnownPerson, covariant=True)


@dataclass(frozen=True, slots=True)
class RowMatch(Generic[Who]):
    """One student and one row, and the kind of key that matched them."""

    standing: Who
    person: GradebookRow
    by: str


@dataclass(frozen=True, slots=True)
class Matching(Generic[Who]):
    """The complete matching. `ambiguous` are students with several possible rows; `unmatched` have none; `absent` are
    rows of people who handed in nothing."""

    matches: tuple[RowMatch[Who], ...]
    ambiguous: tuple[tuple[Who, tuple[GradebookRow, ...]], ...]
    unmatched: tuple[Who, ...]
    absent: tuple[GradebookRow, ...]


def match(standings: Sequence[Who], people: Sequence[GradebookRow], told: Mapping[str, GradebookRow]) -> Matching[Who]:
    """Match each student with a row; `told` are the matches an instructor made by hand."""
    index = _index(people)
    wanted = {one.student: _by_key(one, index, told) for one in standings}
    left = index.without({person.row for found, _ in wanted.values() for person in found})
    if len({one.name for one in standings}) > 1 or len(standings) == 1:  # otherwise the name is that of no person
        wanted |= {one.student: (_by_name(one, left), "name") for one in standings if not wanted[one.student][0]}
        wanted = {one.student: _doubted(one, *wanted[one.student]) for one in standings}
    claims = Counter(found[0].row for found, _ in wanted.values() if len(found) == 1)
    matches, ambiguous, unmatched = [], [], []
    for one in standings:
        found, by = wanted[one.student]
        if len(found) == 1 and by != _DOUBT and claims[found[0].row] == 1:
            matches.append(RowMatch(one, found[0], by))
        elif found:
            ambiguous.append((one, tuple(found)))
        else:
            unmatched.append(one)
    taken = {one.person.row for one in matches} | {person.row for _, several in ambiguous for person in several}
    absent = tuple(person for person in people if person.row not in taken)
    return Matching(tuple(matches), tuple(ambiguous), tuple(unmatched), absent)


_Candidates = tuple[list[GradebookRow], str]
"""The rows that may be a student's, and the kind of key that found them."""

_DOUBT = ""
"""The kind of a key that finds a row with the name of somebody else."""

_ANY = "student"
"""The kind under which every identity is found that is no number of a platform."""


@dataclass(frozen=True, slots=True)
class _Index:
    """Rows by pairs of a kind and a value, and by name."""

    rows: dict[tuple[str, str], list[GradebookRow]]

    def at(self, kind: str, value: str) -> list[GradebookRow]:
        return self.rows.get((kind, value), [])

    def without(self, taken: set[int]) -> _Index:
        """The index of all other rows."""
        return _Index({key: [one for one in rows if one.row not in taken] for key, rows in self.rows.items()})


def _index(people: Sequence[GradebookRow]) -> _Index:
    rows: dict[tuple[str, str], list[GradebookRow]] = defaultdict(list)
    for person in people:
        kinds = [*person.identities, *((_ANY, value) for kind, value in person.identities if kind not in PLATFORM)]
        for key in dict.fromkeys((kind, written) for kind, value in kinds for written in _written(value)):
            rows[key].append(person)
        for key in _named(person.names):
            rows[key].append(person)
    return _Index(rows)


def _named(names: Sequence[str]) -> list[tuple[str, str]]:
    """Under what somebody with these names is found: the spellings, and then those without accents."""
    spelled = dict.fromkeys(spelling for name in names for spelling in spellings(name))
    bare = dict.fromkeys(without_accents(one) for one in spelled)
    return [("name", one) for one in spelled] + [("letters", one) for one in bare]


def _written(value: str) -> list[str]:
    """A value as it stands, and a number without its leading zeros."""
    exact = value.strip().casefold()
    return list(dict.fromkeys((exact, f"0*{exact.lstrip('0')}"))) if exact.isdecimal() else [exact]


def _by_key(one: KnownPerson, index: _Index, told: Mapping[str, GradebookRow]) -> _Candidates:
    if one.student in told:
        return [told[one.student]], "told"
    for kind, value in (*one.identities, (_ANY, one.student)):
        if found := _found(one, index, kind, value):
            return found, kind
    return [], _DOUBT


def _by_name(one: KnownPerson, index: _Index) -> list[GradebookRow]:
    """The rows with a student's name, without those whose number on the same platform is another."""
    numbers = {kind: value for kind, value in one.identities if kind in PLATFORM}
    for kind, name in _named([one.name]):
        found = [
            person
            for person in index.at(kind, name)
            if all(numbers.get(kind, value) == value for kind, value in person.identities)
        ]
        if found:
            return found
    return []


def _doubted(one: KnownPerson, found: list[GradebookRow], by: str) -> _Candidates:
    """The candidates; in doubt if the row with a number of one assignment has another name."""
    named = by == _PER_ASSIGNMENT and one.name != one.student
    wrong = named and not any(_agrees(one, person) for person in found)
    return found, _DOUBT if wrong else by


def _found(one: KnownPerson, index: _Index, kind: str, value: str) -> list[GradebookRow]:
    foreign = any(known in PLATFORM and other == value for known, other in one.identities)
    for written in _written(value):
        found = index.at(kind, written) if kind != _ANY else []
        if not found and kind not in PLATFORM:
            found = [person for person in index.at(_ANY, written) if not foreign or _agrees(one, person)]
        if found:
            return found
    return []


def _agrees(one: KnownPerson, person: GradebookRow) -> bool:
    """Whether the name of a student is that of a row, or the row has none, or one whose letters are lost."""
    known = [name for name in person.names if name.strip() and "?" not in name]
    return not known or not set(_named(known)).isdisjoint(_named([one.name]))


def spellings(name: str) -> list[str]:
    """Normalised spellings of a name: without case and everything but letters and digits; as given, with "Last, First"
    swapped, or with its words rotated."""
    made = [_bare(name)]
    last, comma, first = name.partition(",")
    if comma:
        made.append(_bare(f"{first} {last}"))
    else:
        words = name.split()
        made += [_bare(" ".join([*words[cut:], *words[:cut]])) for cut in range(1, len(words))]
    return [one for one in dict.fromkeys(made) if one]


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", name).casefold())
