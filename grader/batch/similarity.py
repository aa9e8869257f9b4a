"""Submissions with more in common than the task explains: evidence to be looked at, never a verdict.

Compared is structure: runs of tokens with the student's own names taken out. Not counted is what everybody has for a
reason: the starter, the given numbers and the forward pass, statements that are the right formula of a step, and
whatever many in the class have. What is left in common is rare; where two share most of theirs, they are shown with the
lines that they alone, or few with them, have.
"""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from grader.batch.insight import Student
from grader.batch.store import Store
from grader.errors import ExerciseError, GraderError, UsageError
from grader.exercise.types import Exercise
from grader.grading import load_exercise
from grader.submission.load import load_bytes

RUN = 6
"""Tokens of a run."""

FEWEST = 12
"""Rare runs two submissions must share to be shown."""

LEAST = 0.5
"""The part of the rare runs of the one with fewer that they must share."""

FEW, FEW_SHARE = 4, 0.03
"""A run is rare that at most so many submissions, or so large a part of them, have."""

SHOWN = 25

_SKIPPED = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER}


@dataclass(frozen=True, slots=True)
class Similar:
    """Two submissions that share `shared` rare runs, which are `part` of those of the one that has fewer; `lines` are
    some that both have and few others."""

    first: Student
    second: Student
    shared: int
    part: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What is compared of one submission."""

    runs: frozenset[int]
    lines: frozenset[str]


def similar(store: Store) -> tuple[Similar, ...]:
    """The pairs of a class that share most, those that share most first. Files that are equal are told elsewhere."""
    shapes: dict[str, Shape] = {}
    people: dict[str, Student] = {}
    common = _common(store)
    explained = _explained(store)
    for student, name, file, digest, work in store.query(
        "SELECT student, name, file, digest, work FROM submissions WHERE digest IS NOT NULL GROUP BY digest"
    ):
        own = explained.get(str(work), set())
        shapes[str(digest)] = _shape(_text(store.content(str(digest)), str(file)), own, common)
        people[str(digest)] = (str(student), str(name))
    return tuple(_pairs(shapes, people))


def _pairs(shapes: Mapping[str, Shape], people: Mapping[str, Student]) -> Iterator[Similar]:
    most = max(FEW, round(FEW_SHARE * len(shapes)))
    holders: dict[int, list[str]] = defaultdict(list)
    for digest, shape in shapes.items():
        for run in shape.runs:
            holders[run].append(digest)
    rare = Counter(digest for several in holders.values() if len(several) <= most for digest in several)
    shared: Counter[tuple[str, str]] = Counter()
    for several in holders.values():
        if 2 <= len(several) <= most:
            shared.update(combinations(sorted(several), 2))
    lines = Counter(line for shape in shapes.values() for line in shape.lines)
    found = [(count / min(rare[a], rare[b]), count, a, b) for (a, b), count in shared.items() if count >= FEWEST]
    for part, count, a, b in sorted(found, reverse=True)[:SHOWN]:
        if part >= LEAST:
            both = sorted((line for line in shapes[a].lines & shapes[b].lines if lines[line] <= most), key=len)
            yield Similar(people[a], people[b], count, part, tuple(both[::-1][:4]))


def _shape(text: str, explained: set[str], common: Shape) -> Shape:
    kept = [line for line in text.split("\n") if _bare(line) not in explained]
    return Shape(
        _runs("\n".join(kept)) - common.runs,
        frozenset(line.strip() for line in kept if len(_bare(line)) > 12) - common.lines,
    )


def _runs(text: str) -> frozenset[int]:
    tokens = list(_tokens(text))
    return frozenset(hash(tuple(tokens[at : at + RUN])) for at in range(len(tokens) - RUN + 1))


def _tokens(text: str) -> Iterator[str]:
    """Tokens with names of the student's own all alike; what cannot be read ends them."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in _SKIPPED:
                continue
            if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
                yield "name"
            elif token.type == tokenize.STRING:
                yield "text"
            else:
                yield token.string if token.type != tokenize.NEWLINE else ";"
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return


def _text(content: bytes, file: str) -> str:
    try:
        return "\n".join(cell.text for cell in load_bytes(content, file).cells)
    except GraderError:
        return ""


def _bare(line: str) -> str:
    return re.sub(r"\s+", "", line.partition("#")[0])


def _explained(store: Store) -> dict[str, set[str]]:
    """For each piece of work the lines of its right steps and quantities: whoever derives rightly has them."""
    found: dict[str, set[str]] = defaultdict(set)
    for work, code in store.query(
        "SELECT work, code FROM steps WHERE outcome IN ('correct', 'carried') AND code NOT NULL"
    ):
        found[str(work)] |= {_bare(line) for line in str(code).split("\n")}
    return found


def _common(store: Store) -> Shape:
    """What everybody was handed: the starters of the exercise, in every library, and its program."""
    try:
        exercise = load_exercise(store.about("path"))
    except (ExerciseError, UsageError):
        return Shape(frozenset(), frozenset())
    texts = [exercise.program_text, *_starters(exercise)]
    return Shape(
        frozenset(run for text in texts for run in _runs(text)),
        frozenset(line.strip() for text in texts for line in text.split("\n")),
    )


def _starters(exercise: Exercise) -> Iterable[str]:
    from grader.handout.render import script
    from grader.handout.starter import starter
    from grader.reference.points import draw_points

    given = draw_points(exercise)[0].inputs
    for library in ("python", "numpy", "torch"):
        try:
            yield script(starter(exercise, given, library, False), "")
        except GraderError:
            continue  # not every exercise can be written without arrays
