"""Neutralise IPython syntax without moving a line or a column of the Python around it.

IPython's own transformer decides what is a magic. It rewrites one at a time; of each rewriting only the place is used,
and `pass`, or `None` for an assigned magic, is put there instead of IPython's call."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, replace

from grader.submission.spans import character_column, lines_of
from grader.submission.syntax import check
from grader.syntax_trees import tree_of

_LOOKS_MAGIC = re.compile(r"^[ \t]*[%!?]|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)
_CELL_MAGIC = re.compile(r"%%\s*(\w+)(?!.*\?\s*$)")
_TIMED = re.compile(r"%time(?=\s+\S)")
_NAME = re.compile(r"\s*%{0,2}\s*(\w+)")
_CALL = "get_ipython()"
_SELF_CHECK = re.compile(r"!.*\bgrader check\b")
"""The command with which a student checks the notebook; no note is needed."""

RUNS_PYTHON = frozenset({"capture", "grade", "lprun", "memit", "mprun", "prun", "snakeviz", "time", "timeit"})
"""Cell magics whose body is Python that runs in the notebook's own namespace."""

HARMLESS = frozenset({"autoreload", "capture", "config", "grade", "load_ext", "matplotlib", "reload_ext", "time"})
"""Magics that do not matter for grading and need no note."""

WORK = 1_000_000
"""Maximum number of characters tokenised per text: every magic costs one pass over the whole text."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A magic or shell command that was not run: its text, and its line within the text (1-based)."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Neutral:
    """A text with the same lines but without IPython syntax; `source` is None for another language."""

    source: str | None
    skipped: tuple[Skipped, ...] = ()


def looks_magic(text: str) -> bool:
    """Whether a text may contain IPython syntax."""
    return _LOOKS_MAGIC.search(text) is not None


def neutralise(text: str) -> Neutral:
    """`text` without magics, shell commands and help requests. Anything not recognised stays as it is."""
    if not looks_magic(text):
        return Neutral(text)
    lines = list(lines_of(text))
    skipped: list[Skipped] = []
    first = next((i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), 0)
    if found := _CELL_MAGIC.match(lines[first]):
        skipped += _noted(found[1], lines[first], first)
        if found[1] not in RUNS_PYTHON:
            return Neutral(None, (Skipped(lines[first].strip(), first + 1),))
        lines[first] = ""
    lines, more = _without_line_magics(lines)
    return Neutral("\n".join(lines), (*skipped, *more))


def _without_line_magics(lines: list[str]) -> tuple[list[str], list[Skipped]]:
    from IPython.core.inputtransformer2 import TransformerManager

    manager = TransformerManager()  # type: ignore[no-untyped-call]  # the library has no annotations
    skipped: list[Skipped] = []
    for _ in range(min(500, max(4, WORK // (sum(map(len, lines)) + 1)))):
        before = [line + "\n" for line in lines]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                changed, after = manager.do_one_token_transform(before)  # type: ignore[no-untyped-call]  # the library has no annotations
        except Exception:  # IPython guarantees nothing about text that is not Python; the syntax check decides
            break
        if not changed:
            break
        first = next((i for i, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), None)
        if first is None or _CALL not in after[first]:
            break  # `/ 2` at the start of a line is IPython's autocall, but in a student's code a broken line of Python
        count = len(before) - len(after) + 1
        lines, note = _put_out(lines, first, count, prefix=after[first].split(_CALL)[0])
        skipped += note
    return lines, skipped


def _put_out(lines: list[str], first: int, count: int, prefix: str) -> tuple[list[str], list[Skipped]]:
    """Replace the magic, which begins after `prefix`, in `count` lines from index `first`."""
    old = lines[first : first + count]
    assigned = prefix.strip() != ""
    magic = old[0][len(prefix) :]
    if _TIMED.match(magic):
        # The timed statement is the student's own. "if 1:" is as long as "%time", so that columns do not change.
        kept = [prefix + ("     " if assigned else "if 1:") + magic[len("%time") :], *old[1:]]
        if assigned or check("\n".join(kept).strip()) is None:
            return [*lines[:first], *kept, *lines[first + count :]], []
    new = [prefix + ("None" if assigned else "pass"), *[""] * (count - 1)]
    name = _NAME.match(magic)
    harmless = name[1] if name and magic.startswith("%") and name[1] != "time" else ""
    return [*lines[:first], *new, *lines[first + count :]], _noted(harmless, magic, first)


def _noted(name: str, text: str, index: int) -> list[Skipped]:
    return [] if name in HARMLESS or _SELF_CHECK.match(text) else [Skipped(text.rstrip("\\ \t").strip(), index + 1)]


def silence_calls(source: str) -> Neutral:
    """Replace the calls `get_ipython().…(…)`, which an export writes for magics, by `None` in valid Python."""
    if "get_ipython" not in source:
        return Neutral(source)
    calls = [
        node.value
        for node in ast.walk(tree_of(source))
        if isinstance(node, ast.Expr | ast.Assign) and _asks_ipython(node.value)
    ]
    lines = list(lines_of(source))
    skipped: list[Skipped] = []
    for call in calls:
        if not isinstance(call, ast.Call):
            continue
        first, last = call.lineno - 1, (call.end_lineno or call.lineno) - 1
        start = character_column(lines[first], call.col_offset) - 1
        end = character_column(lines[last], call.end_col_offset or 0) - 1
        shown = lines[first][start:end] if first == last else lines[first][start:] + "…"
        skipped += _noted(_magic_name(call), shown, first)
        if first == last:
            lines[first] = lines[first][:start] + "None".ljust(end - start) + lines[first][end:]
        else:
            # Brackets keep the code after the call on its last line in its column.
            lines[last] = ")".rjust(end) + lines[last][end:]
            lines[first] = lines[first][:start] + "(None"
            lines[first + 1 : last] = [""] * (last - first - 1)
    silent = Neutral("\n".join(lines), tuple(sorted(skipped, key=lambda s: s.line)))
    return silent if check("\n".join(lines)) is None else replace(silent, source=source, skipped=())


def _asks_ipython(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython")))):
            return True
    return False


def _magic_name(call: ast.Call) -> str:
    """The magic that a `run_line_magic` or `magic` call runs; "" for anything else, in particular a cell magic."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if method in {"run_line_magic", "magic"} and call.args and isinstance(call.args[0], ast.Constant):
        name = _NAME.match(str(call.args[0].value))
        return name[1] if name and name[1] != "time" else ""
    return ""
