"""Match the students of a batch with the rows of a gradebook. Uncertain cases are listed, not matched.

A student is matched by unique keys (the platform's own number, user name, email, institution number), then by the
layout's key of the student, then by name, if the name is unique on both sides.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.batch.gradebooks.types import GradebookRow
from grader.batch.student_row import StudentRow


@dataclass(frozen=True, slots=True)
class RowMatch:
    """One student and one row, and the kind of key that matched them."""

    standing: StudentRow
    person: GradebookRow
    by: str


@dataclass(frozen=True, slots=True)
class Matching:
    """The complete matching. `ambiguous` are students with several possible rows; `unmatched` have none; `absent` are
    rows of people who handed in nothing."""

    matches: tuple[RowMatch, ...]
    ambiguous: tuple[tuple[StudentRow, tuple[GradebookRow, ...]], ...]
    unmatched: tuple[StudentRow, ...]
    absent: tuple[GradebookRow, ...]


def match(
    standings: Sequence[StudentRow], people: Sequence[GradebookRow], told: Mapping[str, GradebookRow]
) -> Matching:
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


def _index(people: Sequence[GradebookRow]) -> Index:
    index: Index = defaultdict(list)
    for person in people:
        for kind, value in person.identities:
            index[kind, value.casefold()].append(person)
            index["student", value.casefold()].append(person)
        for name in person.names:
            for spelling in spellings(name):
                if person not in index["name", spelling]:
                    index["name", spelling].append(person)
    return index


def _candidates(one: StudentRow, index: Index, told: Mapping[str, GradebookRow]) -> tuple[list[GradebookRow], str]:
    if one.student in told:
        return [told[one.student]], "told"
    for kind, value in (*one.identities, ("student", one.student)):
        found = index.get((kind, value.casefold()))
        if kind == "username" and not found:
            found = index.get(("email", value.casefold()))
        if kind == "id" and not found:
            found = index.get(("student", value.casefold()))
        if found:
            return list({person.row: person for person in found}.values()), kind
    for spelling in spellings(one.name):
        if found := index.get(("name", spelling)):
            return found, "name"
    return [], ""


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
