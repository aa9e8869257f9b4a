"""Keep what can be run of a text that is not entirely Python 3, without moving its lines; statements are found by
strings, comments and brackets alone, so that it also works for text that is not Python.

One bad line costs one line. Python 2, and a missing `:`, are read as the only thing they can mean; a line that cannot
be read is removed, with its block if it opens one, and nothing else. Of the ways to remove it that leave another fault
or none, the one that removes least is chosen; of equal ones, the one with the next fault furthest down. The names that
a lost line would have bound are bound to `...`, as in a starter: such a step counts as not filled in, and the lines
after it get the right value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.submission.magics import Skipped, looks_magic, neutralise
from grader.submission.spans import has_code, lines_of
from grader.submission.syntax import SyntaxFault, check

MOST_LOST = 40
"""Maximum number of statements removed from one text: with more faults, guessing makes no sense."""

MOST_READ = 100
"""Maximum number of lines read as the only thing they can mean."""

WORK = 2_000_000
"""Maximum number of characters parsed for one submission: every attempt costs one pass over the text."""

REACH = 12
"""Maximum number of lines by which a statement with an open bracket is extended, one at a time."""

_NAME = r"[A-Za-z_][\w.]*(?:\[[^]=]*\])*"

_TARGET = re.compile(_NAME)

_BINDS = re.compile(rf"(?:{_NAME}(?:\s*,\s*{_NAME})*\s*(?:(?:\*\*|//|[-+*/@%&|^])\s*)?=(?!=)\s*)+")
"""Pattern of the start of a line that assigns to names, attributes or entries."""

_BLOCK = re.compile(r"\s*(?:async\s+)?(?:for|while|if|with|try)\b")
"""Pattern of the first line of a block that binds in the scope around it."""

_EMPTY = re.compile(r"\b(?:zeros|empty)(?:_like)?\b|=\s*(?:0(?:\.0*)?|\[\]|\{\}|dict\(\)|list\(\))\s*(?:#.*)?$")
"""Pattern of a line that binds what a block is to fill."""

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


_HEADER = re.compile(r"(?:async\s+)?(?:def|class|if|for|while|with|try|elif|else|except|finally)\b")

_CLAUSE = re.compile(r"(?:elif|else|except|finally)\b")

_HANDLER = re.compile(r"(?:except|finally)\b")


_TRY = re.compile(r"try\b")

_DECORATOR = re.compile(r"@")


@dataclass(frozen=True, slots=True)
class Dropped:
    """A fault, and the lines `first` to `last` that were left out because of it; their replacement is on the first."""

    fault: SyntaxFault
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """What is left of a text: the removed lines, the faults that were `read` as the only thing they can mean, and
    magics found on the way. `fault` is what still prevents the text from running, `work` the remaining budget of parsed
    characters."""

    source: str
    fault: SyntaxFault | None
    dropped: tuple[Dropped, ...] = ()
    read: tuple[SyntaxFault, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    work: int = 0


def recover(source: str, fault: SyntaxFault, work: int = WORK) -> Recovered:
    """Remove what cannot be read from `source`, which fails with `fault`; parse at most `work` characters."""
    state = Recovered(source, fault, work=work)
    while state.fault is not None and state.work > 0 and len(state.dropped) < MOST_LOST:
        after = _understood(state, state.fault) or _without_magic(state, state.fault) or _without(state, state.fault)
        if after is None:
            break
        state = after
    read = tuple(one for one in state.read if not any(lost.first <= one.line <= lost.last for lost in state.dropped))
    return replace(state, read=read, fault=state.dropped[0].fault if _is_other_text(state) else state.fault)


def _is_other_text(state: Recovered) -> bool:
    """Whether guesses removed more lines than are left: then the text is prose, or another language."""
    lines = lines_of(state.source)
    guessed = [one for one in state.dropped if not one.fault.stray_character and not _is_to_be_done(lines, one)]
    return len(guessed) > max(untouched(state), 1)


def untouched(state: Recovered) -> int:
    """The number of remaining code lines that are the student's own."""
    lost = {one.first for one in state.dropped}
    lines = enumerate(lines_of(state.source), 1)
    return sum(number not in lost and has_code(line) for number, line in lines)


def _is_to_be_done(lines: tuple[str, ...], dropped: Dropped) -> bool:
    return lines[dropped.first - 1].endswith("...")


def _checked(state: Recovered, source: str) -> Recovered:
    return replace(state, source=source, fault=check(source), work=state.work - len(source))


def _understood(state: Recovered, fault: SyntaxFault) -> Recovered | None:
    """The text with the faulty line read as the only thing it can mean; None if that does not help."""
    meant = _meant(list(lines_of(state.source)), fault) if len(state.read) < MOST_READ else None
    if meant is None:
        return None
    after = _checked(state, "\n".join(meant))
    return None if after.fault == fault else replace(after, read=(*state.read, fault))


def _meant(lines: list[str], fault: SyntaxFault) -> list[str] | None:
    first, last = fault.line - 1, fault.end_line - 1
    head, tail = lines[first][: fault.column - 1], lines[last][fault.end_column - 1 :]
    if fault.no_colon:
        lines[first] = f"{head.rstrip()}:{lines[first][len(head) :]}"
    elif fault.prints and (first == last or not tail.strip()):
        # As wide as before, so that text after it keeps its column.
        passed = head + "pass".ljust(max(fault.end_column - fault.column, 0) if first == last else 0) + tail
        lines[first : last + 1] = [passed, *[""] * (last - first)]
    elif fault.legacy is not None and not fault.prints:
        lines[first] = fault.legacy
    else:
        return None
    return lines


def _without_magic(state: Recovered, fault: SyntaxFault) -> Recovered | None:
    """The text without magics that an unclosed bracket has hidden so far."""
    if not looks_magic(lines_of(state.source)[fault.line - 1]):
        return None
    neutral = neutralise(state.source)
    if neutral.source is None or neutral.source == state.source:
        return None
    return replace(_checked(state, neutral.source), skipped=(*state.skipped, *neutral.skipped))


def _without(state: Recovered, fault: SyntaxFault) -> Recovered | None:
    """The text without the unreadable statement, removing as little as possible."""
    best: tuple[tuple[bool, int, int], Recovered] | None = None
    work = state.work
    for first, last in sorted(set(_regions(state.source, fault)), key=lambda one: (one[1] - one[0], one)):
        if best is not None and (work < 0 or (best[0][0] and first - last < best[0][1])):
            break
        for source in _without_lines(state.source, first, last, fault):
            after = _checked(state, source)
            work -= len(source)
            rank = _rank(source, after.fault, fault, (first, last))
            if best is None or rank > best[0]:
                lost = Dropped(_own_fault(state.source, first, last, fault), first, last)
                best = rank, replace(after, dropped=(*state.dropped, lost))
            if rank[0]:
                break
    return None if best is None else replace(best[1], work=work)


def _rank(source: str, after: SyntaxFault | None, before: SyntaxFault, lost: tuple[int, int]) -> tuple[bool, int, int]:
    """How good it is to leave out the lines that are `lost` in `source`: whether the fault is gone, how few lines are
    removed, and how far down the next fault is."""
    first, last = lost
    if after is None:
        return True, first - last, 1 << 60
    same = (after.line, after.reason) == (before.line, before.reason)
    torn = after.indented and after.line > last and not any(map(str.strip, lines_of(source)[last : after.line - 1]))
    return not (same or torn or first <= after.line <= last), first - last, after.line


def _regions(source: str, fault: SyntaxFault) -> Iterator[tuple[int, int]]:
    """Ranges of lines that may be the unreadable part."""
    arranged, lines = layout(source), lines_of(source)
    line = min(fault.block_line or fault.line, len(lines))
    first, last = arranged.starts[line - 1], arranged.last(line)
    if fault.block_line is not None:
        yield first, last
        return
    begins = {first, line, *(arranged.starts[bracket.line - 1] for bracket in _open_above(arranged, line))}
    if fault.indented and line > 1:
        begins |= _ill_indented(lines, arranged, line)
    for begin in begins:
        yield from _extents(lines, begin, arranged.last(begin))
    yield _top_level(lines, line)


def _open_above(arranged: Layout, line: int) -> list[Bracket]:
    """The last unclosed bracket before a line."""
    return [bracket for bracket in arranged.left_open if bracket.line < line][-1:]


def _extents(lines: tuple[str, ...], first: int, last: int) -> Iterator[tuple[int, int]]:
    """Possible extents of the statement that begins on a line, if it may have an unclosed bracket."""
    whole = [found for end in (first, last) if (found := compound(lines, first, end)) is not None]
    if whole:
        yield from whole
        return
    deepest = block_end(lines, first, first)
    yield from ((first, end) for end in range(first, min(deepest, first + REACH) + 1))
    yield from ((first, end) for end in (last, deepest, block_end(lines, first, last)))


def _ill_indented(lines: tuple[str, ...], arranged: Layout, line: int) -> set[int]:
    """The beginnings of the statements on a line and above it, one of which is wrongly indented. If exactly one of them
    is not indented by a multiple of four, as is usual, only that one."""
    above = next((number for number in range(line - 1, 0, -1) if lines[number - 1].strip()), line)
    both = {arranged.starts[number - 1] for number in (line, above)}
    odd = {begin for begin in both if len(indentation(lines[begin - 1])) % 4}
    return odd if len(odd) == 1 else both


def _top_level(lines: tuple[str, ...], line: int) -> tuple[int, int]:
    """The top-level block around a line, by indentation alone."""
    first = line
    while first > 1 and (not lines[first - 1].strip() or lines[first - 1][0].isspace() or _goes_on(lines[first - 1])):
        first -= 1
    while first > 1 and lines[first - 2].startswith("@"):
        first -= 1
    last = line
    while last < len(lines) and (not lines[last].strip() or lines[last][0].isspace() or _goes_on(lines[last])):
        last += 1
    return first, last


def _goes_on(line: str) -> bool:
    return line.startswith((")", "]", "}", "else", "elif", "except", "finally"))


def _without_lines(source: str, first: int, last: int, fault: SyntaxFault) -> Iterator[str]:
    """The text without these lines, in variants to try in turn: their targets bound to `...`, or removed. Inside a
    block they are replaced by `pass`, since they may be its only lines."""
    lines = lines_of(source)
    line = lines[first - 1]
    margin = _margin_around(lines, first, last) if fault.indented else indentation(line)
    inert = f"{margin}pass" if margin and not fault.indented and line.strip() else ""
    is_block = _BLOCK.match(line) is not None
    bound = _block_to_be_done(lines[:last], first, margin) if is_block else _to_be_done(line, margin)
    for stands_for in dict.fromkeys((bound, inert)):
        text = "\n".join([*lines[: first - 1], stands_for, *[""] * (last - first), *lines[last:]])
        if text != source and (stands_for or not margin or fault.indented):
            yield text


def _margin_around(lines: tuple[str, ...], first: int, last: int) -> str:
    """The intended indentation of wrongly indented lines: as above or, if they begin a block, as below."""
    above = next((line for line in reversed(lines[: first - 1]) if line.strip()), "")
    below = next((line for line in lines[last:] if line.strip()), "")
    return indentation(below if above.rstrip().endswith(":") else above)


def _block_to_be_done(lines: tuple[str, ...], first: int, margin: str) -> str:
    """A line that binds to `...` all names that the lines of a block, from `first` on, seem to bind or to fill, and
    that hold nothing before it; "" for none."""
    before = {name: line for line in lines[: first - 1] for name in _bound_by(line)}
    names = dict.fromkeys(name for line in lines[first - 1 :] for name in _bound_by(line))
    names = {name: None for name in names if name not in before or _EMPTY.search(before[name])}
    whole = f"{margin}{' = '.join(names)} = ..."
    return whole if names and check(whole.strip()) is None else ""


def _bound_by(line: str) -> Iterator[str]:
    """The names that a line seems to bind, or to give entries."""
    found = _BINDS.match(line.strip())
    yield from (one.partition("[")[0] for one in _TARGET.findall(found[0])) if found is not None else ()


def _to_be_done(line: str, margin: str) -> str:
    """A line that binds to `...` whatever the line seems to bind, ending at the same column, or that returns `...` in
    place of something; "" for any other."""
    if margin and line.strip().startswith("return "):
        return f"{margin}return ..."
    bound = _BINDS.match(line.strip())
    if bound is None:
        return ""
    targets = " = ".join(dict.fromkeys(_TARGET.findall(bound[0])))
    stands_for = f"{margin}{targets} ="
    whole = f"{stands_for} {'...'.rjust(len(line.rstrip()) - len(stands_for) - 1)}"
    return whole if check(whole.strip()) is None else ""


def _own_fault(source: str, first: int, last: int, fault: SyntaxFault) -> SyntaxFault:
    """The fault of lines `first` to `last` themselves: CPython may have noticed it only further down."""
    lines = lines_of(source)[first - 1 : last]
    sure = fault.stray_character or "never closed" in fault.reason
    if not sure and (never := layout("\n".join(lines)).left_open):
        one = never[0]
        end = len(lines[one.line - 1]) + 1
        return SyntaxFault(first + one.line - 1, one.column, first + one.line - 1, end, _open(one.text))
    if first <= fault.line <= last or fault.block_line is not None:
        return fault
    return replace(fault, line=first, column=1, end_line=first, end_column=len(lines[0]) + 1)


def _open(bracket: str) -> str:
    return f"its `{bracket}` is never closed"


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
    whitespace = line[: len(line) - len(line.lstrip())]
    return "".join("\t" if character == "\t" else " " for character in whitespace)


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


def _stands(line: str, margin: int, pattern: re.Pattern[str]) -> bool:
    return len(indentation(line)) == margin and pattern.match(line.lstrip()) is not None


def _next(lines: tuple[str, ...], line: int) -> int | None:
    """The first line after `line` that is not empty."""
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
