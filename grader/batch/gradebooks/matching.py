"""Match students with the rows of a gradebook or a roster. Uncertain cases are listed, not matched.

A student is matched by unique keys (the platform's own number, user name, email, institution number), then by the
layout's key of the student, then by name, if the name is unique on both sides. A number that a platform gave means
nobody elsewhere, unless the name agrees. Leading zeros, which spreadsheets drop, count only where they tell two apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from grader.batch.gradebooks.types import GradebookRow

PLATFORM = frozenset({"brightspace", "canvas", "moodle"})
"""Kinds of identities that are numbers of one platform: the same number elsewhere is somebody else's."""


class Known(Protocol):
    """Somebody with a key, a name and further identities: pairs of a kind and a value."""

    @property
    def student(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def identities(self) -> tuple[tuple[str, str], ...]: ...


Who = TypeVar("Who", bound=Known, covariant=True)


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
    wanted = {one.student: _candidates(one, index, told) for one in standings}
    claims: dict[int, list[str]] = defaultdict(list)
    for student, (found, _) in wanted.items():
        if len(found) == 1:
            claims[found[0].row].append(student)
    matches, ambiguous, unmatched = [], [], []
    for one in standings:
        found, by = wanted[one.student]
        if len(found) == 1 and len(claims[found[0].row]) == 1:
            matches.append(RowMatch(one, found[0], by))
        elif found:
            ambiguous.append((one, tuple(found)))
        else:
            unmatched.append(one)
    taken = {one.person.row for one in matches} | {person.row for _, several in ambiguous for person in several}
    absent = tuple(person for person in people if person.row not in taken)
    return Matching(tuple(matches), tuple(ambiguous), tuple(unmatched), absent)


Index = dict[tuple[str, str], list[GradebookRow]]

_ANY = "student"
"""The kind under which every identity is found that is no number of a platform."""


def _index(people: Sequence[GradebookRow]) -> Index:
    index: Index = defaultdict(list)
    for person in people:
        kinds = [*person.identities, *((_ANY, value) for kind, value in person.identities if kind not in PLATFORM)]
        for key in dict.fromkeys((kind, written) for kind, value in kinds for written in _written(value)):
            index[key].append(person)
        for key in _named(person.names):
            index[key].append(person)
    return index


def _named(names: Sequence[str]) -> list[tuple[str, str]]:
    """Under what somebody with these names is found: the spellings, and then those without accents."""
    spelled = dict.fromkeys(spelling for name in names for spelling in spellings(name))
    return [("name", one) for one in spelled] + [("letters", one) for one in dict.fromkeys(map(_letters, spelled))]


def _written(value: str) -> list[str]:
    """A value as it stands, and a number without its leading zeros."""
    exact = value.strip().casefold()
    return list(dict.fromkeys((exact, f"0*{exact.lstrip('0')}"))) if exact.isdecimal() else [exact]


def _candidates(one: Known, index: Index, told: Mapping[str, GradebookRow]) -> tuple[list[GradebookRow], str]:
    if one.student in told:
        return [told[one.student]], "told"
    for kind, value in (*one.identities, (_ANY, one.student)):
        if found := _found(one, index, kind, value):
            return found, kind
    for key in _named([one.name]):
        if found := index.get(key, []):
            return found, "name"
    return [], ""


def _found(one: Known, index: Index, kind: str, value: str) -> list[GradebookRow]:
    foreign = any(known in PLATFORM and other == value for known, other in one.identities)
    for written in _written(value):
        found = index.get((kind, written), []) if kind != _ANY else []
        if not found and kind not in PLATFORM:
            found = [person for person in index.get((_ANY, written), []) if not foreign or _agrees(one, person)]
        if found:
            return found
    return []


def _agrees(one: Known, person: GradebookRow) -> bool:
    """Whether the name of a student is that of a row, or the row has none."""
    return not person.names or not set(_named(person.names)).isdisjoint(_named([one.name]))


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


def _letters(text: str) -> str:
    """A spelling without accents."""
    return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", name).casefold())
