"""Pairs of submissions that share more than the task explains: evidence to be reviewed, never a verdict.

The comparison is structural: runs of tokens with the student's own names replaced. It excludes code that everybody has
for a reason: the starter, the given numbers and the forward pass, statements with the right formula of a step, and
everything that many in the class have. The remaining common runs are rare; two submissions that share most of theirs
are listed, with the lines that contain these runs.
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

from grader.batch.class_statistics import Student
from grader.batch.store import Store
from grader.errors import ExerciseError, GraderError, UsageError
from grader.exercise.load import named
from grader.exercise.types import Exercise
from grader.submission.load import load_bytes

RUN = 6
"""Tokens per run."""

FEWEST = 24
"""Minimum number of shared rare runs: about four lines of code."""

MIN_COMMON_FRACTION = 0.5
"""Minimum share of common runs among the rare runs of the submission that has fewer."""

FEW, FEW_SHARE = 4, 0.03
"""A run is rare if at most this number of submissions, or at most this share of them, contain it."""

SHOWN, SHOWN_LINES = 25, 6

_IDIOM = re.compile(r"^\s*(?:(?:from|import)\b.*|(?:self\.)?\w+\s*=\s*(?:self\.)?\w+\s*)$")
"""Boilerplate lines, excluded from the comparison: imports, `self.w = w`."""

_SKIPPED = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER}


@dataclass(frozen=True, slots=True)
class Similar:
    """Two submissions that share `shared` rare runs, a share `part` of the runs of the one with fewer; `lines` are the
    lines of the first and of the second that contain most of these runs."""

    first: Student
    second: Student
    shared: int
    part: float
    lines: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Shape:
    """What is compared of one submission: its rare runs, and the `text` in which they can be located."""

    runs: frozenset[int]
    text: str


def similar(store: Store) -> tuple[Similar, ...]:
    """The most similar pairs of a class, most similar first. Identical files are reported elsewhere."""
    shapes: dict[str, Shape] = {}
    people: dict[str, Student] = {}
    common = _common(store)
    explained = _explained(store)
    for student, name, file, digest, work in store.query(
        "SELECT student, name, file, digest, work FROM submissions WHERE digest IS NOT NULL"
        " GROUP BY digest ORDER BY MIN(position)"
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
            shared.update(combinations(several, 2))
    found = [(count / min(rare[a], rare[b]), count, a, b) for (a, b), count in shared.items() if count >= FEWEST]
    for part, count, a, b in sorted(found, reverse=True)[:SHOWN]:
        if part >= MIN_COMMON_FRACTION:
            both = {run for run in shapes[a].runs & shapes[b].runs if len(holders[run]) <= most}
            lines = _lines_with(shapes[a].text, both), _lines_with(shapes[b].text, both)
            yield Similar(people[a], people[b], count, part, lines)


def _lines_with(text: str, runs: set[int]) -> tuple[str, ...]:
    """The lines in which most of these runs begin, in file order."""
    lines = text.split("\n")
    begun = Counter(line for run, line in _placed_runs(text) if run in runs)
    most = sorted(begun, key=lambda line: (-begun[line], line))[:SHOWN_LINES]
    return tuple(lines[line - 1].rstrip() for line in sorted(most))


def _shape(text: str, explained: set[str], common: frozenset[int]) -> Shape:
    kept = "\n".join(
        line for line in text.split("\n") if _bare(line) not in explained and not _IDIOM.match(line.partition("#")[0])
    )
    return Shape(_runs(kept) - common, kept)


def _runs(text: str) -> frozenset[int]:
    return frozenset(run for run, _ in _placed_runs(text))


def _placed_runs(text: str) -> Iterator[tuple[int, int]]:
    """Yield each run with the line on which it begins."""
    tokens = list(_tokens(text))
    for at in range(len(tokens) - RUN + 1):
        yield hash(tuple(token for token, _ in tokens[at : at + RUN])), tokens[at][1]


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Yield tokens with their lines, all of the student's own names replaced by one token. Stops at unreadable code."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in _SKIPPED:
                continue
            if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
                yield "name", token.start[0]
            elif token.type == tokenize.STRING:
                yield "text", token.start[0]
            else:
                yield token.string if token.type != tokenize.NEWLINE else ";", token.start[0]
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
    """For each job, the lines of its right steps and quantities: every right derivation may contain them."""
    found: dict[str, set[str]] = defaultdict(set)
    for work, code in store.query(
        "SELECT work, code FROM steps WHERE outcome IN ('correct', 'carried') AND code NOT NULL"
    ):
        found[str(work)] |= {_bare(line) for line in str(code).split("\n")}
    return found


def _common(store: Store) -> frozenset[int]:
    """Runs that everybody was given: those of the exercise's starters, in every library, and of its program."""
    try:
        exercise = named(store.about("path"))
    except (ExerciseError, UsageError):
        return frozenset()
    return frozenset(run for text in (exercise.program_text, *_starters(exercise)) for run in _runs(text))


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
