"""Whether a text is Python, and if not, where and why, in plain words."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, replace

from grader.submission.growth import overgrown
from grader.submission.spans import character_column, lines_of
from grader.trees import shared_tree


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """Why a text cannot be read as Python. Lines and character columns are 1-based and count within the text.

    `block_line` is the line that opened the block CPython missed ("after 'for' statement on line 3"),
    `legacy` what Python 3 writes instead where the line is Python 2, `prints` whether that line is a print statement,
    `stray_indent` whether the line is only indented too far."""

    line: int
    column: int
    end_line: int
    end_column: int
    reason: str
    block_line: int | None = None
    legacy: str | None = None
    prints: bool = False
    stray_indent: bool = False


_REASONS = (
    (r"invalid syntax", "something in it is not Python"),
    (r"unexpected indent", "it is indented further than the line before it"),
    (r"inconsistent use of tabs and spaces in indentation", "its indentation mixes tabs and spaces"),
    (r"unindent does not match any outer indentation level", "its indentation fits no line above it"),
    (r"unexpected EOF while parsing", "the code ends in the middle of a statement"),
    (r"invalid syntax\. Maybe you meant '==' .*", "`=` gives a name a value; to compare two values, write `==`"),
    (r"invalid syntax\. Perhaps you forgot a comma\?", "a comma or an operator such as `*` seems to be missing"),
    (r"unterminated string literal.*", "a quotation mark was never closed"),
    (r"unterminated f-string literal.*", "a quotation mark was never closed"),
    (r"unterminated triple-quoted .*", "a triple quotation mark was never closed"),
    (r"invalid character '([“”„‟«»])'.*", r"\1 is a typographic quotation mark; Python needs \" or '"),
    (r"invalid character '([‘’‚‛`´])'.*", r"\1 is a typographic quotation mark; Python needs \" or '"),
    (r"invalid character '([−–—])'.*", r"\1 is a dash; Python's minus is -"),
    (r"invalid character '([×·⋅])'.*", r"\1 is not an operator of Python; to multiply, write *"),
    (r"invalid non-printable character (U\+\w+)", r"it holds an invisible character, \1, that came with a copy"),
    (r"invalid syntax\. (.*)", r"\1"),
    (r"(.*?) \(detected at line \d+\)", r"\1"),
)

_LEGACY = (
    (r"Missing parentheses in call to 'print'.*", r"", "`print(...)`"),
    (r"Missing parentheses in call to 'exec'.*", r"", "`exec(...)`"),
    (r"multiple exception types must be parenthesized", r"", "`except SomeError as error:`"),
    (r"leading zeros in decimal integer literals.*", r"", "`0o777` for octal numbers"),
    (r"invalid decimal literal", r"\b\d+[lL]\b", "`10` instead of `10L`"),
    (r"invalid syntax", r"`[^`]*`", "`repr(...)` instead of backticks"),
    (r"invalid syntax", r"<>", "`!=` instead of `<>`"),
    (r"invalid syntax", r"^\s*raise\s+[\w.]+\s*,", "`raise SomeError(...)`"),
)


def check(source: str) -> SyntaxFault | None:
    """What keeps `source` from being compiled, None if nothing does. Nothing is run, and nothing is raised."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = shared_tree(source)
            if "finally" in source and (much := overgrown(tree)) is not None:
                return _at_line(source, much.lineno, "its `finally` blocks stand too deep within one another")
            try:
                # `return` outside a function and the like are only noticed here, and placed in bytes.
                compile(tree, "<submission>", "exec", dont_inherit=True)
            except SyntaxError as error:
                return _in_characters(_fault(error, source), source)
    except SyntaxError as error:
        return _fault(error, source)
    except (RecursionError, MemoryError, OverflowError, SystemError):
        return _whole(source, "it is nested too deeply to be read")
    except ValueError:
        return _whole(source, "it holds a character that cannot stand in Python code")
    return None


def _fault(error: SyntaxError, source: str) -> SyntaxFault:
    lines = lines_of(source)
    line = min(max(error.lineno or 1, 1), len(lines))
    past_the_end = not lines[line - 1].strip() and not any(text.strip() for text in lines[line:])
    while past_the_end and line > 1 and not lines[line - 1].strip():
        line -= 1
    text = lines[line - 1]
    column = len(text.rstrip()) + 1 if past_the_end else min(max(error.offset or 1, 1), len(text) + 1)
    end_line, end_column = error.end_lineno or 0, error.end_offset or 0
    if past_the_end or (end_line, end_column) <= (line, column) or end_line > len(lines):
        end_line, end_column = line, max(len(text.rstrip()) + 1, column)
    return _worded(SyntaxFault(line, column, end_line, end_column, reason=""), error.msg or "invalid syntax", text)


def _worded(fault: SyntaxFault, message: str, text: str) -> SyntaxFault:
    opened = re.search(r"expected an indented block after .* on line (\d+)", message)
    for pattern, on_line, instead in _LEGACY:
        if re.fullmatch(pattern, message) and re.search(on_line, text):
            return replace(fault, reason=message, legacy=instead, prints="'print'" in message)
    reason = message
    for pattern, words in _REASONS:
        if found := re.fullmatch(pattern, message):
            reason = found.expand(words).replace('\\"', '"')
            break
    return replace(
        fault,
        reason=reason,
        block_line=int(opened[1]) if opened else None,
        stray_indent=message == "unexpected indent",
    )


def _in_characters(fault: SyntaxFault, source: str) -> SyntaxFault:
    lines = lines_of(source)
    column = character_column(lines[fault.line - 1], fault.column - 1)
    end_column = character_column(lines[fault.end_line - 1], fault.end_column - 1)
    return replace(fault, column=column, end_column=end_column)


def _whole(source: str, reason: str) -> SyntaxFault:
    line = next((number for number, text in enumerate(lines_of(source), 1) if text.strip()), 1)
    return _at_line(source, line, reason)


def _at_line(source: str, line: int, reason: str) -> SyntaxFault:
    return SyntaxFault(line, 1, line, len(lines_of(source)[line - 1]) + 1, reason)
