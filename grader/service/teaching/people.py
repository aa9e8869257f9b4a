"""How the people of a course are called: by name, or under anonymous marking by pseudonym, in every place alike."""

from __future__ import annotations

import os
import re
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.batch.pseudonyms import naming
from grader.batch.student_row import StudentRow
from grader.model import Result, Value
from grader.service.store.tables import Course, Enrolment, User

T = TypeVar("T")

REMOVED = "somebody who was removed"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a course, as instructors see them. `key` tells namesakes apart: address or login name, under
    anonymous marking the pseudonym. `identities` are what a gradebook may know them by; empty where names are
    hidden."""

    user_id: int
    role: str
    name: str
    key: str
    active: bool
    identities: tuple[tuple[str, str], ...] = ()


class People:
    """The people of a course. Under anonymous marking students have their pseudonyms, and all that names them is taken
    out of texts about them."""

    def __init__(self, session: Session, course: Course) -> None:
        rows = session.execute(
            select(Enrolment.user_id, Enrolment.role, Enrolment.pseudonym, Enrolment.active,
                   User.name, User.email, User.login, User.subject)
            .join(User, User.id == Enrolment.user_id)
            .where(Enrolment.course_id == course.id)
        ).all()  # fmt: skip
        self.anonymous = course.anonymous
        self._naming: dict[int, tuple[str, StudentRow]] = {}
        known: dict[int, Person] = {}
        for user_id, role, pseudonym, active, name, email, login, subject in rows:
            identities = _identities(email, login, subject)
            if course.anonymous and role == "student":
                known[user_id] = Person(user_id, role, pseudonym, pseudonym, active)
                self._naming[user_id] = (pseudonym, _row(name, identities))
            else:
                shown = name or login or email or pseudonym
                known[user_id] = Person(user_id, role, shown, email or login or pseudonym, active, identities)
        self._known = _told_apart(known, {user_id: pseudonym for user_id, _, pseudonym, *_ in rows})

    def of(self, user_id: int | None) -> Person:
        """Somebody by id; somebody without a name, if there is no such person any more."""
        found = None if user_id is None else self._known.get(user_id)
        return found or Person(user_id or 0, "", REMOVED, "", False)

    def name(self, user_id: int | None) -> str:
        return self.of(user_id).name

    def students(self) -> list[Person]:
        """All students, also those who have left, by name: under anonymous marking by pseudonym, which tells nothing of
        the order of names."""
        return sorted((one for one in self._known.values() if one.role == "student"), key=_order)

    def staff(self) -> list[Person]:
        """Instructors and assistants, by name."""
        staff = (one for one in self._known.values() if one.role in ("instructor", "assistant"))
        return sorted(staff, key=_order)

    def file(self, user_id: int, file: str) -> str:
        """The name of a file; under anonymous marking the pseudonym, with the ending of the file."""
        if user_id not in self._naming:
            return file
        return self.name(user_id) + os.path.splitext(file)[1]

    def text(self, user_id: int, text: str) -> str:
        """A text about a student, in which the pseudonym stands for what names the student."""
        if not text or user_id not in self._naming:
            return text
        pseudonym, row = self._naming[user_id]
        return naming(row).sub(pseudonym, text)

    def result(self, user_id: int, result: Result) -> Result:
        """A result. Under anonymous marking, what names the student is covered, letter by letter: every column stays
        where it was."""
        if user_id not in self._naming:
            return replace(result, student=None)
        _, row = self._naming[user_id]
        covered = _covered(naming(row), result)
        shown = self.file(user_id, result.submission)
        return _in_file(replace(covered, student=None, submission=shown), shown)

    def source(self, user_id: int, content: bytes) -> bytes:
        """A file as it was handed in, with the name covered under anonymous marking."""
        if user_id not in self._naming:
            return content
        _, row = self._naming[user_id]
        text = content.decode("utf-8", "surrogateescape")
        return naming(row).sub(_stars, text).encode("utf-8", "surrogateescape")


def new_pseudonym(taken: Iterable[str]) -> str:
    """A pseudonym that nobody has yet: random, so that it tells nothing."""
    known = set(taken)
    while (drawn := f"student-{secrets.token_hex(3)}") in known:
        pass
    return drawn


def _told_apart(known: dict[int, Person], pseudonyms: dict[int, str]) -> dict[int, Person]:
    """The people, each with a key of one's own: whoever shares one has the pseudonym added."""
    uses = Counter(one.key for one in known.values())
    return {
        user_id: replace(one, key=f"{one.key} ({pseudonyms[user_id]})") if uses[one.key] > 1 else one
        for user_id, one in known.items()
    }


def _identities(email: str, login: str | None, subject: str) -> tuple[tuple[str, str], ...]:
    found = [("email", email), ("username", login or ""), ("username", email.partition("@")[0]), ("subject", subject)]
    return tuple((kind, value) for kind, value in found if value)


def _row(name: str, identities: tuple[tuple[str, str], ...]) -> StudentRow:
    return StudentRow(
        "", name, "", "", None, None, None, False, None, None, 0, 0, None, None, identities
    )  # fmt: skip


def _order(one: Person) -> tuple[str, str]:
    return one.name.casefold(), one.key


def _stars(found: re.Match[str]) -> str:
    return "*" * len(found[0])


def _covered(pattern: re.Pattern[str], value: T) -> T:
    """A value of the model with every text in it treated. Numbers stay as they are."""
    covered: object = value
    if isinstance(value, str):
        covered = pattern.sub(_stars, value)
    elif isinstance(value, tuple):
        covered = tuple(_covered(pattern, one) for one in value)
    elif is_dataclass(value) and not isinstance(value, type | Value):
        changed = {one.name: _covered(pattern, getattr(value, one.name)) for one in fields(value)}
        covered = replace(value, **changed)
    return covered  # type: ignore[return-value]  # of the same type


def _in_file(value: T, file: str) -> T:
    """A value of the model in which every place is in a file of this name."""
    changed: object = value
    if isinstance(value, tuple):
        changed = tuple(_in_file(one, file) for one in value)
    elif is_dataclass(value) and not isinstance(value, type | Value):
        inner = {
            one.name: file if one.name == "file" else _in_file(getattr(value, one.name), file) for one in fields(value)
        }
        changed = replace(value, **inner)
    return changed  # type: ignore[return-value]  # of the same type
