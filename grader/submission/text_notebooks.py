"""Read notebooks that are text files: code blocks of Markdown (MyST, R Markdown, Quarto, marimo's and plain), and
marimo's scripts, in which each cell is a function, run in the order of dataflow: after the cells that bind the names
they read.

Jupytext reads these formats too, but its cells do not have the line in the file, which every verdict needs.

Cells of marimo are found by decorators and indentation, not by parsing, so that a line with a syntax error affects only
its cell.
"""

from __future__ import annotations

import ast
import heapq
import re
import symtable
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.model import Cell, Problem
from grader.submission.decoding import decode
from grader.submission.piece import ReadResult, cut, read_pieces, unreadable
from grader.submission.recovery import Layout, indentation, layout
from grader.submission.spans import has_code, lines_of
from grader.submission.syntax import foreign_name
from grader.syntax_trees import shared_tree

_FENCE = re.compile(r"([ \t]*)(`{3,}|~{3,})[ \t]*([^`]*)$")

_PYTHON = frozenset({"py", "py3", "python", "python3", "ipython", "ipython3"})

_OTHERS = frozenset({"r", "julia", "octave", "matlab", "scala", "javascript", "js", "ojs"})

_OPTION = re.compile(r":[\w-]+:")

_KERNEL = re.compile(r"^[ \t]+language:[ \t]*(\w+)", re.MULTILINE)

_APP = re.compile(r"^app\s*=\s*\w+\.App\(", re.MULTILINE)

_CELL = re.compile(r"@app\.cell\b")

_DEFINITION = re.compile(r"@app\.(?:function|class_definition)\b")

_SETUP = re.compile(r"with app\.setup\b")

_BROKEN = re.compile(r"app\._unparsable_cell\(")

_IMPORT = re.compile(r"^import marimo as (\w+)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FencedBlock:
    """A code block: its language in lower case, the info string of its fence, and its lines, the first of which is line
    `first` of the file. `margin` is the indentation of the fence."""

    language: str
    info: str
    first: int
    lines: tuple[str, ...]
    margin: int


def read_fences(data: bytes, file: str) -> ReadResult:
    """Read the Python blocks of a Markdown file shown as `file`; never fails."""
    decoded = decode(data)
    notes = (Problem("note", decoded.note),) if decoded.note else ()
    found = [block for block in blocks(decoded.text) if has_code("\n".join(block.lines))]
    mine = [block for block in found if block.language in _PYTHON]
    if not mine:
        others = [shown for block in found if block.language in _OTHERS and (shown := foreign_name(block.language))]
        if others:
            return unreadable(f"its code is written in {others[0]}; only Python can be graded", notes)
        return unreadable("the file has no Python code; a block of it begins with ```python", notes)
    reading = read_pieces([_cell_of_block(block) for block in mine], file, "this code block was left out", notes)
    reactive = any("marimo" in block.info for block in mine)
    return ReadResult(in_order(reading.cells), reading.problems) if reactive else reading


def has_python(data: bytes) -> bool:
    """Whether a Markdown file has Python code blocks."""
    return any(block.language in _PYTHON for block in blocks(decode(data).text))


def blocks(text: str) -> Iterator[FencedBlock]:
    """The code blocks of a text. An unclosed block ends at the next fence, or at the end of the text."""
    lines = lines_of(text)
    usual = _usual_language(lines)
    number = 0
    while number < len(lines):
        opened = _FENCE.match(lines[number])
        number += 1
        if opened is None:
            continue
        first = number
        while number < len(lines) and not _ends(lines[number], opened[2]):
            number += 1
        yield FencedBlock(
            _language(opened[3].strip(), usual), opened[3], first + 1, lines[first:number], len(opened[1])
        )
        if number < len(lines) and not _FENCE.sub(r"\3", lines[number]).strip():
            number += 1


def _ends(line: str, fence: str) -> bool:
    """Whether a block opened by `fence` ends at this line: it is closed there, or another block is opened."""
    found = _FENCE.match(line)
    return found is not None and found[2].startswith(fence)


def _language(info: str, usual: str) -> str:
    """The language in a fence's info string: `python`, `{python, echo=FALSE}`, `{code-cell} ipython3`, `{.python
    .input}`."""
    words: list[str] = re.findall(r"[\w+-]+", info.lower())
    if not words or info.startswith(("{code-block", "{code}")):
        return ""
    if words[0] == "code-cell":
        return words[1] if len(words) > 1 else usual
    return words[0]


def _usual_language(lines: tuple[str, ...]) -> str:
    """The language of the file's kernel, from its front matter; Python by default."""
    if lines[0].strip() != "---":
        return "python"
    end = next((number for number, line in enumerate(lines[1:], 1) if line.strip() in ("---", "...")), 1)
    found = _KERNEL.search("\n".join(lines[1:end]))
    return found[1].lower() if found else "python"


def _cell_of_block(block: FencedBlock) -> Cell:
    text = cut(block.lines, block.margin)
    lines = list(lines_of(text))
    lines[: _options(lines)] = [""] * _options(lines)
    return Cell("\n".join(lines), text, None, block.first, None, block.margin)


def _options(lines: list[str]) -> int:
    """The number of option lines at the start of a block: MyST's options, as YAML between dashes or line by line."""
    if lines[0].strip() == "---":
        return next((number for number, line in enumerate(lines[1:], 2) if line.strip() == "---"), 0)
    return next((number for number, line in enumerate(lines) if not _OPTION.match(line)), len(lines))


def is_marimo(text: str) -> bool:
    """Whether a script is a marimo notebook."""
    return "import marimo" in text and _APP.search(text) is not None


def read_marimo(text: str, file: str) -> ReadResult:
    """The cells of a marimo notebook shown as `file`; never fails."""
    lines = lines_of(text)
    found = [_cell_of_function(lines[first - 1 : last], first) for first, last in _bodies(lines, layout(text))]
    found = [cell for cell in found if has_code(cell.source)]
    if not found:
        return unreadable("the notebook has no code")
    reading = read_pieces(found, file, "this cell was left out")
    return ReadResult(in_order(without_display(reading.cells)), reading.problems)


def _bodies(lines: Sequence[str], arranged: Layout) -> Iterator[tuple[int, int]]:
    """The first and the last line of each cell's code."""
    number = 1
    while number <= len(lines):
        line, last = lines[number - 1], arranged.last(number)
        below = arranged.last(min(last + 1, len(lines)))
        if _CELL.match(line):
            last = _body_end(lines, arranged, below)
            yield below + 1, last
        elif _DEFINITION.match(line):
            first, last = last + 1, _body_end(lines, arranged, below)
            yield first, last
        elif _SETUP.match(line):
            first, last = last + 1, _body_end(lines, arranged, last)
            yield first, last
        elif _BROKEN.match(line):
            # marimo stores unparsable code as a string, whose quotes are on lines of their own.
            yield number + 2, _closing_quotes(lines, number + 2) - 1
        number = last + 1


def _body_end(lines: Sequence[str], arranged: Layout, header: int) -> int:
    """The last line that is not empty before the next statement that is not indented."""
    end = header
    for number in range(header + 1, len(lines) + 1):
        line = lines[number - 1]
        if line.strip() and not line[0].isspace() and arranged.starts[number - 1] == number:
            break
        end = number if line.strip() else end
    return end


def _closing_quotes(lines: Sequence[str], first: int) -> int:
    return next((number for number in range(first, len(lines) + 1) if lines[number - 1].strip()[:3] == '"""'), first)


def _cell_of_function(lines: Sequence[str], first: int) -> Cell:
    margin = next((len(indentation(line)) for line in lines if line.strip()), 0)
    text = cut(lines, margin)
    return Cell(_without_return(text.replace('\\"\\"\\"', '"""')), text, None, first, None, margin)


def _without_return(text: str) -> str:
    """The body of a cell's function without the `return` that passes its names to other cells."""
    lines, arranged = list(lines_of(text)), layout(text)
    for number, line in enumerate(lines, 1):
        if re.match(r"return\b", line) and arranged.starts[number - 1] == number:
            last = arranged.last(number)
            lines[number - 1 : last] = [""] * (last - number + 1)
    return "\n".join(lines)


def without_display(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Remove what the cells display with marimo itself, such as Markdown, and its import if nothing else needs it:
    marimo need not be installed for grading."""
    names = {name for cell in cells for name in _IMPORT.findall(cell.source)}
    shown = [replace(cell, source=_without_display_calls(cell.source, names)) for cell in cells]
    used = {node.id for cell in shown for node in ast.walk(shared_tree(cell.source)) if isinstance(node, ast.Name)}
    idle = [replace(cell, source=_IMPORT.sub(lambda m: m[0] if m[1] in used else "", cell.source)) for cell in shown]
    return tuple(cell for cell in idle if has_code(cell.source))


def _without_display_calls(source: str, names: set[str]) -> str:
    lines = list(lines_of(source))
    for node in shared_tree(source).body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _root(node.value) in names:
            last = node.end_lineno or node.lineno
            if node.col_offset == 0 and not lines_of(source)[last - 1][node.end_col_offset :].strip():
                lines[node.lineno - 1 : last] = [""] * (last - node.lineno + 1)
    return "\n".join(lines)


def _root(node: ast.expr) -> str | None:
    """The name that an expression such as `mo.ui.table(...)` begins with."""
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def in_order(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Sort the cells topologically, otherwise in their given order. Cells in cycles keep that order, at the end."""
    names = [_names(cell.source) for cell in cells]
    makers: dict[str, list[int]] = {}
    for number, (bound, _) in enumerate(names):
        for name in bound:
            makers.setdefault(name, []).append(number)
    needs = [{maker for name in read for maker in makers.get(name, ())} - {own} for own, (_, read) in enumerate(names)]
    return tuple(cells[number] for number in _sorted(needs))


def _sorted(needs: list[set[int]]) -> list[int]:
    """The numbers of all cells in topological order; of several possible next ones, the lowest."""
    readers: list[list[int]] = [[] for _ in needs]
    for number, needed in enumerate(needs):
        for maker in needed:
            readers[maker].append(number)
    waiting = [len(needed) for needed in needs]
    ready = [number for number, count in enumerate(waiting) if not count]
    done: list[int] = []
    while ready:
        number = heapq.heappop(ready)
        done.append(number)
        for reader in readers[number]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, reader)
    return [*done, *sorted(set(range(len(needs))) - set(done))]


def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names a cell binds for other cells, and those it reads from them. A name that begins with `_` is local."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        top = symtable.symtable(source, "<cell>", "exec")
    symbols = top.get_symbols()
    bound = frozenset(one.get_name() for one in symbols if one.is_assigned() or one.is_imported())
    read = {one.get_name() for one in symbols if one.is_referenced()}
    inner = list(top.get_children())
    while inner:
        table = inner.pop()
        inner += table.get_children()
        read |= {one.get_name() for one in table.get_symbols() if one.is_global() and one.is_referenced()}
    return frozenset(name for name in bound if not name.startswith("_")), frozenset(read - bound)
