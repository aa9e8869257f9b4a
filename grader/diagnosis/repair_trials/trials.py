"""Runs many changed versions of a few statements in a single run of the submission.

The submission runs once, up to the statements that a change can affect. There the child saves the global names and
restores them before it runs each changed version of these statements. It sends the results as numbers; the grader
compares them with the right values. This only selects versions to run by themselves; it proves nothing.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.formula.syntax import Place
from grader.model import Observed, Submission, Value
from grader.submission.spans import character_column, lines_of
from grader.syntax_trees import tree_of

SECONDS = 3.0
"""CPU seconds for running the changed versions of one submission."""

NAME = "_grader_value"
"""The name to which the child binds each result: the version's number, then the requested numbers."""

MOST_NUMBERS = 20_000

NEAR = 1e-4
"""How near a result has to be to the right value, relative to its largest entry: a long sum of float32 is no nearer.
What is selected so is proven afterwards."""

_EACH = 200
"""Results bound at one site, at most: the runner reports no more than 256 bindings of a site one by one."""

_HELPERS = r"""
def _grader_is_own(name):
    return name[:2] == "__" or name[:7] == "_grader"

def _grader_copied(values):
    import copy
    memo, found = {}, {}
    for name, value in values.items():
        try:
            found[name] = copy.deepcopy(value, memo)
        except Exception:
            found[name] = value
    return found

_grader_kept = {}

def _grader_keep(number):
    import types
    space = globals()
    values = {name: value for name, value in space.items() if not (_grader_is_own(name) or callable(value)
              or isinstance(value, types.ModuleType))}
    _grader_kept[number] = (_grader_copied(values), set(space))

def _grader_numbers(value):
    value = value.detach() if hasattr(value, "detach") else value
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, (list, tuple)):
        return [number for one in value for number in _grader_numbers(one)]
    return [float(value)]

def _grader_shaped(value):
    shape, inner = getattr(value, "shape", None), value
    if shape is None:
        shape = []
        while isinstance(inner, (list, tuple)):
            if len(shape) > 32:  # a list that contains itself
                raise ValueError(shape)
            shape.append(len(inner))
            inner = inner[0] if inner else None
        shape += getattr(inner, "shape", ())
    return [float(len(shape)), *map(float, shape), *_grader_numbers(value)]

class _grader_Endless(BaseException):
    pass

_grader_passes = [0, 0]  # of `while` loops: how many there were in this run, and how many there may be

def _grader_pass():
    _grader_passes[0] += 1
    if _grader_passes[0] > _grader_passes[1]:
        raise _grader_Endless

def _grader_counted(statements):
    import ast
    for node in (node for statement in statements for node in ast.walk(statement)):
        if isinstance(node, ast.While):
            node.body.insert(0, ast.parse("_grader_pass()").body[0])
    return statements

def _grader_piece(text):  # the words of a statement and its code; no code if it cannot be read
    import ast, builtins, re
    try:
        statements = _grader_counted(ast.parse(text).body)
    except SyntaxError:
        return None
    codes = []
    for statement in statements:
        try:
            codes.append(builtins.compile(ast.Module([statement], []), "version", "exec"))
        except Exception:
            pass
    return {*re.findall(r"\w+", text)}, codes

def _grader_run(number, pieces, asked):
    import builtins, contextlib, io
    _grader_passes[0] = 0
    space = globals()
    values, names = _grader_kept[number]
    for name in [name for name in space if name not in names and not _grader_is_own(name)]:
        del space[name]
    # What the text does not mention, such as data made before, stays as it is.
    mentioned = values.keys() & set().union(*[words for words, _ in pieces])
    space.update(_grader_copied({name: values[name] for name in mentioned}))
    with contextlib.redirect_stdout(io.StringIO()):
        for code in [code for _, codes in pieces for code in codes]:  # what comes after a check that fails is run, too
            try:
                builtins.exec(code, space)
            except (Exception, SystemExit, _grader_Endless):
                pass
    found = []
    for names in asked:  # each by the first of its names that is there
        found.append(None)
        for one in names:
            try:
                found[-1] = _grader_shaped(builtins.eval(one, space))
                break
            except (Exception, SystemExit, _grader_Endless):
                pass
    return found

def _grader_alike(found, own):
    if own is None:
        return True  # whatever it holds after a line that raised
    if found is None or len(found) != len(own):
        return False
    size = max([abs(one) for one in own] + [1e-300])
    return all(abs(one - other) <= 1e-6 * size for one, other in zip(found, own))

def _grader_versions(told, seconds):
    import json, time
    began = time.process_time()
    for group, base, asked, versions in json.loads(told):
        if group not in _grader_kept:
            continue
        pieces = [one for one in map(_grader_piece, base) if one]
        if len(pieces) < len(base):
            continue
        _grader_passes[1] = float("inf")
        found = _grader_run(group, pieces, [[one] for names, own in asked for one in names])
        _grader_passes[1] = 1000 + 10 * _grader_passes[0]
        held = {}
        for place, (names, own) in enumerate(asked):
            for name in names:
                if _grader_alike(found.pop(0), own):
                    held.setdefault(place, []).append(name)
        if not held:
            continue
        yield [-1.0, *map(float, held)]
        for number, at, start, end, text in versions:
            if time.process_time() - began > seconds:
                return
            changed = _grader_piece(base[at][:start] + text + base[at][end:])
            if changed:
                numbers = _grader_run(group, [*pieces[:at], changed, *pieces[at + 1:]], held.values())
                yield [float(number), *[one for some in numbers for one in [len(some or ()), *(some or ())]]]
"""


@dataclass(frozen=True, slots=True)
class Version:
    """A change to try: `place` in the source of a cell becomes `text`."""

    cell: int
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that is not right: the names that may hold its value, its value in the student's own run (None if it is
    not bound there), and the right value."""

    step: str
    names: tuple[str, ...]
    own: Value | None
    right: Value


@dataclass(frozen=True, slots=True)
class Trial:
    """A submission prepared to run its changed `versions`, given by number, at the end of `answer`."""

    submission: Submission
    answer: str
    versions: frozenset[int]
    result: str = NAME
    """The name that each result is bound to."""


class Trials:
    """Makes trials of one submission. `last` is the cell and top-level statement with which its answer ends. The code
    that the exercise itself runs (`answer`, "" for none) counts as one more cell."""

    def __init__(self, submission: Submission, answer: str, last: tuple[int, int]) -> None:
        self._submission, self._answer = submission, answer
        self._cells = [_Cell(source) for source in (*(cell.source for cell in submission.cells), answer)]
        order = [(cell, top) for cell, one in enumerate(self._cells) for top in range(len(one.statements))]
        self._order = [one for one in order if one <= last]

    def of(self, versions: Sequence[Version], asked: Sequence[Asked]) -> Trial | None:
        """Return the trial of these versions; None if none of them can be run this way."""
        groups: dict[tuple[int, int], list[tuple[int, Version, int]]] = {}
        for number, version in enumerate(versions):
            top = self._cells[version.cell].statement_at(version.place)
            start = None if top is None else self._start((version.cell, top))
            if start is not None and top is not None:
                groups.setdefault(start, []).append((number, version, top))
        told = []
        wanted = [(one.names, None if one.own is None else _shaped(one.own)) for one in asked]
        if not groups or sum(one.right.size for one in asked) > MOST_NUMBERS:
            return None
        for group, (start, found) in enumerate(groups.items()):
            base, places = self._base(start, {(version.cell, top) for _, version, top in found})
            changed = []
            for number, version, top in found:
                changed.append(
                    (
                        number,
                        places[version.cell, top],
                        *self._cells[version.cell].within(top, version.place),
                        version.text,
                    )
                )
            told.append((group, base, wanted, changed))
        numbers = frozenset(number for found in groups.values() for number, _, _ in found)
        return self._written(list(groups), json.dumps(told), numbers)

    def _start(self, place: tuple[int, int]) -> tuple[int, int] | None:
        """Return the first statement that a change at `place` affects: itself, or for a definition the first statement
        after it that uses it, directly or through other definitions."""
        if place not in self._order:
            return None
        node = self._cells[place[0]].statements[place[1]]
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            return place
        reached = {node.name}
        for one in self._order:
            other = self._cells[one[0]].statements[one[1]]
            if other is node or not reached & self._cells[one[0]].names[one[1]]:
                continue
            if isinstance(other, ast.FunctionDef | ast.ClassDef):
                reached.add(other.name)
            elif one > place:
                return one
        return None

    def _base(
        self, start: tuple[int, int], changed: set[tuple[int, int]]
    ) -> tuple[list[str], dict[tuple[int, int], int]]:
        """Return the statements that each version runs, and the index of each among them: the functions defined before
        `start`, the changed statements, and everything from `start` on."""
        run = [
            one
            for one in self._order
            if one >= start or one in changed or isinstance(self._cells[one[0]].statements[one[1]], ast.FunctionDef)
        ]
        return [self._cells[cell].text(top) for cell, top in run], {one: at for at, one in enumerate(run)}

    def _written(self, starts: Sequence[tuple[int, int]], told: str, versions: frozenset[int]) -> Trial:
        results = len(versions) + len(starts)
        sources = [cell.source for cell in self._cells]
        for group, (cell, top) in sorted(enumerate(starts), key=lambda one: one[1], reverse=True):
            sources[cell] = self._cells[cell].before(sources[cell], top, f"_grader_keep({group})")
        asking = f"{NAME}s = _grader_versions({told!r}, {SECONDS})\n"
        asking += f"for {NAME}_count in range({min(results, _EACH)}):\n    {NAME} = next({NAME}s, [])\n" * math.ceil(
            results / _EACH
        )
        cells = [
            replace(cell, source=source, text=source)
            for cell, source in zip(self._submission.cells, sources[:-1], strict=True)
        ]
        helpers = f"__import__('builtins').exec({_HELPERS!r})\n"
        cells[0] = replace(cells[0], source=_after_future(cells[0].source, helpers))
        return Trial(replace(self._submission, cells=tuple(cells)), f"{sources[-1]}\n{asking}", versions)


def right_versions(results: Sequence[Observed], asked: Sequence[Asked], step: str) -> tuple[list[int], list[int]]:
    """Return the numbers of the versions that make all observed steps right, and of the others that make `step`
    right."""
    held: list[Asked] = []
    whole: list[int] = []
    part: list[int] = []
    for result in results:
        numbers = result.numbers() if isinstance(result, Value) else []
        if not numbers:
            continue
        if numbers[0] < 0:
            held = [asked[int(place)] for place in numbers[1:] if int(place) < len(asked)]
            continue
        right = {one.step: _is_near(values, one.right) for one, values in zip(held, _parts(numbers[1:]), strict=False)}
        if right and all(right.values()):
            whole.append(int(numbers[0]))
        elif right.get(step):
            part.append(int(numbers[0]))
    return sorted(whole), sorted(part)


def _parts(numbers: Sequence[float]) -> Iterator[Sequence[float]]:
    at = 0
    while at < len(numbers):
        count = int(numbers[at])
        yield numbers[at + 1 : at + 1 + count]
        at += 1 + count


def _shaped(value: Value) -> list[float]:
    """Return a value in the format the child sends: number of axes, their lengths, then the numbers."""
    return [float(len(value.shape)), *map(float, value.shape), *value.numbers()]


def _is_near(sent: Sequence[float], right: Value) -> bool:
    """Whether a sent value equals the right one (relative to its largest entry), ignoring axes of size 1."""
    axes = int(sent[0]) + 1 if sent else 0
    shape, numbers, wanted = sent[1:axes], sent[axes:], right.numbers()
    if not sent or [one for one in shape if one != 1] != [one for one in right.shape if one != 1]:
        return False
    size = max(map(abs, wanted), default=0.0)
    return len(numbers) == len(wanted) and all(
        abs(one - other) <= NEAR * size for one, other in zip(numbers, wanted, strict=True)
    )


class _Cell:
    """The top-level statements of a source and their character offsets."""

    def __init__(self, source: str) -> None:
        self.source, self._lines = source, lines_of(source)
        self._begins = [0]
        for line in self._lines:
            self._begins.append(self._begins[-1] + len(line) + 1)
        self.statements = statements_of(source)
        self._spans = [self._span_of(node) for node in self.statements]
        self.names = [
            {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)} for statement in self.statements
        ]

    def _span(self, top: int) -> tuple[int, int]:
        return self._spans[top]

    def _span_of(self, node: ast.stmt) -> tuple[int, int]:
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
        column = character_column(self._lines[node.lineno - 1], node.col_offset) if first == node.lineno else 1
        last = node.end_lineno or node.lineno
        end = character_column(self._lines[last - 1], node.end_col_offset or 0)
        return self._begins[first - 1] + column - 1, self._begins[last - 1] + end - 1

    def _ends(self, place: Place) -> tuple[int, int]:
        start = self._begins[place.line - 1] + place.column - 1
        return start, self._begins[place.end_line - 1] + place.end_column - 1

    def statement_at(self, place: Place) -> int | None:
        """Return the index of the top-level statement that contains a place; None if no single one does."""
        start, end = self._ends(place)
        within = (
            top for top in range(len(self.statements)) if self._span(top)[0] <= start and end <= self._span(top)[1]
        )
        return next(within, None)

    def text(self, top: int) -> str:
        start, end = self._span(top)
        return self.source[start:end]

    def within(self, top: int, place: Place) -> tuple[int, int]:
        """Return the start and the end of a place as offsets in the text of a statement."""
        start, end = self._ends(place)
        first = self._span(top)[0]
        return start - first, end - first

    def before(self, source: str, top: int, line: str) -> str:
        """Insert `line` before the statement `top`. `source` must be unchanged before that statement."""
        start = self._span(top)[0]
        alone = start in self._begins
        return f"{source[:start]}{line}{NEWLINE if alone else '; '}{source[start:]}"


NEWLINE = "\n"


def statements_of(source: str) -> list[ast.stmt]:
    """Return the top-level statements of a source; none if it cannot be read."""
    try:
        return tree_of(source).body
    except (SyntaxError, ValueError):
        return []


def _after_future(source: str, line: str) -> str:
    """Insert `line` at the start of a source, after any `from __future__` imports, which must come first."""
    future = [one for one in statements_of(source) if isinstance(one, ast.ImportFrom) and one.module == "__future__"]
    lines = source.split(NEWLINE)
    last = max((one.end_lineno or one.lineno for one in future), default=0)
    return NEWLINE.join([*lines[:last], line.rstrip(), *lines[last:]])
