"""Whether a second download is of the class whose results a folder holds, and who is who when two are put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.batch.intake.recognise import PLAIN
from grader.batch.intake.types import Attempt, Intake

_PLATFORM = ("brightspace", "canvas", "moodle")
"""Kinds of identities that are numbers of one platform: the same number elsewhere is somebody else's."""

_SAME_COURSE = 0.25
"""The share of the smaller of two downloads that has to be in the other one."""


@dataclass(frozen=True, slots=True)
class Known:
    """A student whose results are there: the displayed name, and whether the key is a number of a platform."""

    name: str
    numbered: bool


def known_by(key: str, name: str, identities: Iterable[tuple[str, str]]) -> Known:
    return Known(name, any(kind in _PLATFORM and value == key for kind, value in identities))


def foreign(intake: Intake, layout: str, known: Mapping[str, Known]) -> str | None:
    """What is different about a download: its layout or its course; None if it is of the known class."""
    if not known or not intake.attempts:
        return None
    new, old = ({_family(one) for one in text.split(", ")} for text in (intake.layout, layout))
    if layout and not new <= old:
        return f"it holds a class from {layout}, and this one is from {intake.layout}"
    came = {one.student: one for one in intake.attempts}
    both = sum(key in known and not _another(one, known[key]) for key, one in came.items())
    if both < _SAME_COURSE * min(len(came), len(known)):
        return f"of its {len(known)} students {both} are among the {len(came)} of this one"
    return None


def apart(attempts: Sequence[Attempt], known: Mapping[str, Known]) -> tuple[Attempt, ...]:
    """The attempts, with a key of their own for those who have the number of another student of another platform or
    course."""
    seen = dict(known)
    made = []
    for one in attempts:
        if one.student in seen and _another(one, seen[one.student]):
            one = replace(one, student=f"{one.student} ({one.name})")
        seen.setdefault(one.student, known_by(one.student, one.name, one.identities))
        made.append(one)
    return tuple(made)


def _another(attempt: Attempt, known: Known) -> bool:
    """Whether an attempt with a known key is somebody else's: the names differ, and the key is a platform's number."""
    numbered = known.numbered or known_by(attempt.student, attempt.name, attempt.identities).numbered
    return numbered and _plain(attempt.name) != _plain(known.name)


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


def _family(layout: str) -> str:
    return "plain" if layout in PLAIN else layout
