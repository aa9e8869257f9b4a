"""A roster: a table with the numbers, names or addresses of everybody in the class. It gives names and identities to
those who handed in, and lists those who did not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from grader.batch.entries import Refused, Tree
from grader.batch.gradebooks import plain
from grader.batch.gradebooks.matching import spellings
from grader.batch.gradebooks.sheet import read_sheet
from grader.batch.gradebooks.types import Person
from grader.batch.intake.types import PERSONAL, Attempt, Intake
from grader.errors import UsageError


def people_of(data: bytes, shown: str) -> list[Person]:
    """The people in a roster. Raises `UsageError` if it is none."""
    return plain.people(read_sheet(data, shown))


def roster_in(tree: Tree) -> tuple[str | None, list[Person]]:
    """The path of the roster at the top of a download, and the people in it: a CSV file with the columns id (or email,
    username) and name. None if there is none, or several."""
    found = []
    for entry in tree.at_top():
        if entry.name.lower().endswith(".csv"):
            try:
                people = people_of(entry.read(), entry.path)
            except (UsageError, Refused):
                continue
            if people and all(person.identities and person.names for person in people):
                found.append((entry.path, people))
    return found[0] if len(found) == 1 else (None, [])


def with_roster(intake: Intake, people: Sequence[Person]) -> Intake:
    """The attempts with the names and identities of the roster, and an empty attempt for everybody else in it."""
    if not people:
        return intake
    index: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        for value in {*(f"={value.casefold()}" for _, value in person.identities), *_named(person)}:
            index[value].append(person)
    attempts, present = [], set()
    for attempt in intake.attempts:
        found = _person(attempt, index)
        if found is None:
            attempts.append(attempt)
            continue
        present.add(found.row)
        known = dict.fromkeys((*attempt.identities, *found.identities))
        attempts.append(replace(attempt, name=_shown(found) or attempt.name, identities=tuple(known)))
    for person in people:
        if person.row not in present:
            key = next((value for _, value in person.identities), "") or person.shown
            attempts.append(Attempt(key, _shown(person) or key, (), identities=person.identities))
    return replace(intake, attempts=tuple(attempts))


def _person(attempt: Attempt, index: dict[str, list[Person]]) -> Person | None:
    """The only person of the roster meant by an attempt: by number, address or user name, then by name."""
    for value in (*(value for kind, value in attempt.identities if kind in PERSONAL), attempt.student):
        if len(found := index.get(f"={value.casefold()}", [])) == 1:
            return found[0]
    for name in (attempt.name, attempt.student):
        for spelling in spellings(name):
            if len(found := index.get(spelling, [])) == 1:
                return found[0]
    return None


def _named(person: Person) -> set[str]:
    return {spelling for name in person.names for spelling in spellings(name)}


def _shown(person: Person) -> str:
    return next((" ".join(name.split()) for name in person.names if name.strip()), "")
