"""What a folder's or file's name says about whose it is: a number, an e-mail address, a name, or nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![^\W_])[A-Za-z]{0,2}\d{4,}(?![^\W_])")
_BRACKETED = re.compile(r"[(\[{]((?=[\w.-]*[^\W\d_])(?=[\w.-]*\d)[\w.-]{3,})[)\]}]")
_WORDS = re.compile(r"[^\W\d_]+")
_COMMON = frozenset({
    "answer", "answers", "assignment", "assignments", "backprop", "code", "copy", "derivation", "derivations",
    "draft", "exercise", "exercises", "final", "gradient", "gradients", "helper", "helpers", "homework", "hw",
    "lab", "main", "notebook", "old", "part", "problem", "problems", "ps", "pset", "script", "solution",
    "solutions", "submission", "submissions", "task", "tasks", "test", "untitled", "util", "utils", "version",
    "week",
})  # fmt: skip
"""Words in names of files that say what a file is and not whose."""


@dataclass(frozen=True, slots=True)
class Whose:
    """The name to display, and the identities in a folder's name."""

    name: str
    identities: tuple[tuple[str, str], ...] = ()


def whose(folders: Sequence[str]) -> dict[str, Whose]:
    """What each folder's name says. A number that several names have, such as a year or a course's, is nobody's."""
    times = Counter(number for folder in folders for number in set(_NUMBER.findall(_MAIL.sub("", folder))))
    login = Counter(word for folder in folders for word in _BRACKETED.findall(folder))
    found = {}
    for folder in folders:
        mail = _MAIL.search(folder)
        rest = _MAIL.sub(" ", folder)
        numbers = [number for number in _NUMBER.findall(rest) if times[number] == 1]
        numbers = numbers or [word for word in _BRACKETED.findall(rest) if login[word] == 1]
        known = [("email", mail[0])] if mail is not None else []
        if numbers:
            number = max(numbers, key=len)
            known.append(("id", number))
            rest = rest.replace(number, " ", 1)
        name = re.sub(r"[\s_()\[\]{}#-]*[_()\[\]{}#][\s_()\[\]{}#-]*|^[\s-]+|[\s-]+$|\s+", " ", rest).strip(" ,;.-")
        found[folder] = Whose(name if known and _WORDS.search(name) else folder, tuple(known))
    return found


def holding(names: Collection[str], identities: Collection[str]) -> dict[str, str]:
    """Names that hold one identity as a word of theirs, and no other name holds it: `u001_hw1` that of `u001`."""
    words = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, identities))})(?![^\W_])", re.IGNORECASE)
    held = {name: list(dict.fromkeys(word.casefold() for word in words.findall(name))) for name in names}
    times = Counter(word for words_held in held.values() for word in words_held)
    return {name: found[0] for name, found in held.items() if len(found) == 1 and times[found[0]] == 1}


def says_nobody(stem: str, exercise: str) -> bool:
    """Whether the name of a file says what it is, and not who wrote it: `hw2_final`, or the exercise's id."""
    words = [word.lower() for word in _WORDS.findall(stem)]
    own = {word.lower() for word in _WORDS.findall(exercise)}
    return bool(words) and all(word in _COMMON or word in own for word in words)


def numbered(stems: Collection[str]) -> bool:
    """Whether several names are one name with different numbers: `submission_1` and `submission_2` are two students."""
    words = {tuple(_WORDS.findall(stem)) for stem in stems}
    return len(stems) > 1 and len(words) == 1 and all(re.search(r"\d", stem) for stem in stems)


def common_start(names: Sequence[str], separator: str) -> str:
    """The common prefix of all names, up to and including its last separator; "" for a single name."""
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[: first.rfind(separator, 0, same) + 1]
