"""Group physical lines into statements, using only strings, comments and brackets, so that it also works for text that
is not Python."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.submission.spans import lines_of

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"""|\Z)|' + r"'''(?:\\.|[^\\])*?(?:'''|\Z)|"
    r'"(?:\\.|[^"\\\n])*"?|' + r"'(?:\\.|[^'\\\n])*'?|" + r"#[^\n]*|\\\n|[()\[\]{}\n]",
    re.DOTALL,
)
"""Tokens that decide where a statement ends. An unclosed string extends to the end of its line, or of the text:
retrying from each of its characters would take too long."""

_BEGINS = re.compile(
    r"(?:def|class|for|while|if|with|try)\b.*:[ \t]*(?:#.*)?$|(?:return|import|from|print)\b|@\w[\w.]*(?:\(.*\))?$"
    r"|[A-Za-z_][\w.\[\]]*(?:[ \t]*,[ \t]*\w+)*[ \t]*[-+*/@]?=[^=].*[^\s,(\[{]$"
)
"""Pattern of a line that begins a statement and is not a continuation."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """An open bracket, at its 1-based line and character column."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Layout:
    """`starts[n - 1]` is the line on which the statement of line n begins; `left_open` are unclosed brackets."""

    starts: tuple[int, ...]
    left_open: tuple[Bracket, ...]

    def last(self, line: int) -> int:
        """The last line of the statement that `line` is part of."""
        start = self.starts[line - 1]
        while line < len(self.starts) and self.starts[line] == start:
            line += 1
        return line


def layout(text: str) -> Layout:
    """Find the statements of a text. An open bracket is abandoned where a line clearly begins a new statement."""
    lines = lines_of(text)
    starts, brackets, given_up = [1], list[Bracket](), list[Bracket]()
    line_begins = 0
    for token in _TOKEN.finditer(text):
        found = token[0]
        if found in "([{":
            brackets.append(Bracket(found, len(starts), token.start() - line_begins + 1))
        elif found in ")]}":
            del brackets[-1:]
        elif "\n" in found:
            if brackets and found == "\n" and _begins(lines[len(starts)], lines[starts[-1] - 1]):
                given_up += brackets
                brackets = []
            goes_on = bool(brackets) or found != "\n"
            starts += [starts[-1] if goes_on else len(starts) + 1] * found.count("\n")
            line_begins = token.start() + found.rindex("\n") + 1
    return Layout(tuple(starts), (*given_up, *brackets))


def _begins(line: str, above: str) -> bool:
    return len(indentation(line)) <= len(indentation(above)) and _BEGINS.match(line.lstrip()) is not None


def indentation(line: str) -> str:
    """The leading whitespace of a line, with every character except tabs replaced by an ordinary space."""
    blanks = line[: len(line) - len(line.lstrip())]
    return "".join(blank if blank == "\t" else " " for blank in blanks)


_HEADER = re.compile(r"(?:async\s+)?(?:def|class|if|for|while|with|try|elif|else|except|finally)\b")
_CLAUSE = re.compile(r"(?:elif|else|except|finally)\b")
_HANDLER = re.compile(r"(?:except|finally)\b")


def compound(lines: tuple[str, ...], first: int, last: int) -> tuple[int, int] | None:
    """The lines that depend on the header in lines `first` to `last`: its block, the clauses after it, the decorators
    above it, and the `try` of a handler; None if the header opens no block."""
    end = block_end(lines, first, last)
    if end == last or not _HEADER.match(lines[first - 1].lstrip()):
        return None
    margin = len(indentation(lines[first - 1]))
    if not _CLAUSE.match(lines[first - 1].lstrip()) or _HANDLER.match(lines[first - 1].lstrip()):
        while (after := _next(lines, end)) is not None and _stands(lines[after - 1], margin, _CLAUSE):
            end = block_end(lines, after, after)
    if _HANDLER.match(lines[first - 1].lstrip()):
        tries = (number for number in range(first - 1, 0, -1) if _stands(lines[number - 1], margin, _TRY))
        first = next(tries, first)
    while first > 1 and _stands(lines[first - 2], margin, _DECORATOR):
        first -= 1
    return first, end


_TRY = re.compile(r"try\b")
_DECORATOR = re.compile(r"@")


def _stands(line: str, margin: int, pattern: re.Pattern[str]) -> bool:
    return len(indentation(line)) == margin and pattern.match(line.lstrip()) is not None


def _next(lines: tuple[str, ...], line: int) -> int | None:
    """The first non-blank line after `line`."""
    return next((number for number in range(line + 1, len(lines) + 1) if lines[number - 1].strip()), None)


def block_end(lines: tuple[str, ...], first: int, last: int) -> int:
    """The last line of the block that the statement in lines `first` to `last` opens; `last` if it opens none."""
    margin = len(indentation(lines[first - 1]))
    end = last
    for number in range(last + 1, len(lines) + 1):
        line = lines[number - 1]
        if line.strip() and len(indentation(line)) <= margin:
            break
        if line.strip():
            end = number
    return end
