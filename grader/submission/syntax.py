"""Check whether a text is Python, and if not, describe where and why in plain words; or recognise the programming
language it is in (Python 2 by the error that Python 3 raises for it).

Also estimates the size of the compiled code: CPython duplicates a `finally` block for every way out of its `try`.
Twenty nested ones, a kilobyte of text, take half a minute and gigabytes to compile.
"""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from ast import PyCF_ALLOW_TOP_LEVEL_AWAIT
from dataclasses import dataclass, replace
from typing import Any

from grader.submission.spans import character_column, lines_of
from grader.syntax_trees import shared_tree

MOST_COMPILED = 300_000
"""Maximum number of nodes, each counted as often as it is compiled: a long submission has some ten thousand."""


_INDENTED = (
    "it is indented further than the line before it",
    "its indentation mixes tabs and spaces",
    "its indentation matches no line above it",
)

_REASONS = (
    (r"invalid syntax", "something in it is not Python"),
    (r"expected ':'", "a `:` is missing"),
    (r"'(.)' was never closed", r"its `\1` is never closed"),
    (r"unmatched '(.)'", r"its `\1` was never opened"),
    (r"closing parenthesis '(.)' does not match opening parenthesis '(.)'", r"its `\2` is closed by `\1`"),
    (r"unexpected indent", _INDENTED[0]),
    (r"inconsistent use of tabs and spaces in indentation", _INDENTED[1]),
    (r"unindent does not match any outer indentation level", _INDENTED[2]),
    (r"unexpected EOF while parsing", "the code ends in the middle of a statement"),
    (r"invalid syntax\. Maybe you meant '==' .*", "`=` gives a name a value; to compare two values, write `==`"),
    (r"invalid syntax\. Perhaps you forgot a comma\?", "a comma or an operator such as `*` seems to be missing"),
    (r"unterminated string literal.*", "a quotation mark is never closed"),
    (r"unterminated f-string literal.*", "a quotation mark is never closed"),
    (r"unterminated triple-quoted .*", "a triple quotation mark is never closed"),
    (r"invalid syntax\. (.*)", r"\1"),
    (r"(.*?) \(detected at line \d+\)", r"\1"),
)

_CHARACTER = re.compile(r"invalid (?:non-printable )?character .*?U\+([0-9A-F]+)\)?")

_MEANT = {
    "-": "−–—‐‑‒―",
    "*": "×·⋅∗∙•",
    "/": "÷⁄∕",
    '"': "“”„‟«»″",
    "'": "‘’‚‛´′",
    "**2": "²",
    "**3": "³",
    "...": "…",
    "!=": "≠",
    "<=": "≤",
    ">=": "≥",
}
"""The Python code, and the characters that word processors and web pages put in its place."""

_TYPESET = {ord(one): code for code, typed in _MEANT.items() for one in typed} | {0xA0: " "}

_PRINT = r"\bprint\b\s*(.*?)[\s,]*$"

_LEGACY = (
    (r"Missing parentheses in call to 'print'.*", _PRINT, r"print(\1)"),
    (r"Missing parentheses in call to 'exec'.*", r"\bexec\s+(.*?)\s*$", r"exec(\1)"),
    (r"multiple exception types must be parenthesized", r"\bexcept\s+([^:]*?)\s*,\s*(\w+)\s*:", r"except \1 as \2:"),
    (r"leading zeros in decimal integer literals.*", r"\b0([0-7]+)\b", r"0o\1"),
    (r"invalid decimal literal", r"\b(\d+)[lL]\b", r"\1"),
    (r"invalid syntax", r"`([^`]*)`", r"repr(\1)"),
    (r"invalid syntax", r"<>", r"!="),
    (r"invalid syntax", r"\b[uU][rR](?=['\"])", r"r"),
    (r"invalid syntax", r"^(\s*raise\s+[\w.]+)\s*,\s*(.*?)\s*$", r"\1(\2)"),
)
"""For each: CPython's message, a pattern in the line, and its Python 3 replacement."""


_LONG = 200
"""Length from which a line alone may be nested too deeply."""

_NAMES = {
    "basestring": "str",
    "cmp": "(a > b) - (a < b)",
    "execfile": "exec(open(...).read())",
    "file": "open",
    "long": "int",
    "raw_input": "input",
    "reduce": "functools.reduce",
    "reload": "importlib.reload",
    "unichr": "chr",
    "unicode": "str",
    "xrange": "range",
}

_METHODS = {"has_key": "in", "iteritems": "items", "iterkeys": "keys", "itervalues": "values"}

_ERRORS = (
    (re.compile(r"NameError: name '(\w+)' is not defined"), _NAMES),
    (re.compile(r"AttributeError: '\w+' object has no attribute '(\w+)'"), _METHODS),
)

_PRINT_TO = re.compile(r"TypeError: unsupported operand type\(s\) for >>: 'builtin_function_or_method' and ")


FENCED = (".md", ".markdown", ".rmd", ".qmd")
"""Endings of Markdown files, which may contain Python code blocks."""

_BY_ENDING = {
    "c": "C",
    "cpp": "C++",
    "java": "Java",
    "jl": "Julia",
    "js": "JavaScript",
    "m": "MATLAB or Octave",
    "nb": "Mathematica",
    "r": "R",
    "scala": "Scala",
    "tex": "LaTeX",
    "ts": "TypeScript",
}

_BY_KERNEL = {
    "deno": "JavaScript",
    "ir": "R",
    "javascript": "JavaScript",
    "julia": "Julia",
    "octave": "Octave",
    "scala": "Scala",
    "xcpp": "C++",
    "xr": "R",
}
"""Languages by kernel name without version, used only if a notebook does not state its language."""

_READ_AS_PYTHON = ("py", "sage", "coconut")


def overgrown(tree: ast.Module) -> ast.stmt | None:
    """The top-level statement that makes a text too expensive to compile; None if there is none.

    Raises `RecursionError` if the text is nested too deeply."""
    sizes = [(_compiled(statement), statement) for statement in tree.body]
    return max(sizes, key=lambda one: one[0])[1] if sum(size for size, _ in sizes) > MOST_COMPILED else None


def _compiled(node: ast.AST) -> int:
    """The number of compiled nodes of a node with its descendants. An upper bound: it also counts exits that do not
    leave the `try`, from functions defined there and loops that end there."""
    total = 1
    for name, value in ast.iter_fields(node):
        parts = value if isinstance(value, list) else [value]
        size = sum(_compiled(part) for part in parts if isinstance(part, ast.AST))
        if name == "finalbody" and size:
            size *= 2 + sum(isinstance(part, ast.Return | ast.Break | ast.Continue) for part in ast.walk(node))
        total += size
    return total


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """Why a text cannot be read as Python. Lines and character columns are 1-based and count within the text.

    `block_line` is the line of the header whose block CPython missed ("after 'for' statement on line 3"), `legacy` the
    whole line in Python 3 if it is Python 2, `prints` whether it is a Python 2 print statement, `indented` whether only
    its indentation is wrong, `stray_character` whether a single character inserted by a word processor or a web page is
    the cause, `no_colon` whether a `:` is missing there."""

    line: int
    column: int
    end_line: int
    end_column: int
    reason: str
    block_line: int | None = None
    legacy: str | None = None
    prints: bool = False
    indented: bool = False
    stray_character: bool = False
    no_colon: bool = False


def in_python_characters(text: str) -> str:
    """The text with Python's own characters in place of those of word processors and web pages."""
    return text.translate(_TYPESET)


def check(source: str) -> SyntaxFault | None:
    """The fault that prevents `source` from being compiled, or None. Runs nothing and never raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = shared_tree(source)
            if "finally" in source and (much := overgrown(tree)) is not None:
                return _at_line(source, much.lineno, "its `finally` blocks stand too deep within one another")
            try:
                # `return` outside a function and similar errors are only found here, with columns in bytes.
                compile(tree, "<submission>", "exec", PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            except SyntaxError as error:
                return _in_characters(_fault(error, source), source)
    except SyntaxError as error:
        return _fault(error, source)
    except (RecursionError, MemoryError, OverflowError, SystemError):
        return _too_deep(source)
    except ValueError:
        return _whole(source, "it holds a character that cannot stand in Python code")
    return None


def _too_deep(source: str) -> SyntaxFault:
    """The fault of a text that is nested too deeply: at the line that is so alone, if there is one."""
    reason = "it is nested too deeply"
    for number, line in enumerate(lines_of(source), 1):
        if len(line) < _LONG:
            continue
        try:
            compile(shared_tree(line.strip()), "<submission>", "exec", dont_inherit=True)
        except (RecursionError, MemoryError, OverflowError, SystemError):
            return _at_line(source, number, reason)
        except (SyntaxError, ValueError):
            continue
    return _whole(source, reason)


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
    for pattern, in_line, instead in _LEGACY:
        if re.fullmatch(pattern, message) and re.search(in_line, text):
            line = re.sub(in_line, instead, text)
            return replace(fault, reason=message, legacy=line, prints=in_line is _PRINT)
    if found := _CHARACTER.fullmatch(message):
        return replace(fault, reason=_of_character(chr(int(found[1], 16))), stray_character=True)
    opened = re.search(r"expected an indented block after .* on line (\d+)", message)
    reason = _in_words(message)
    return replace(
        fault,
        reason=reason,
        block_line=int(opened[1]) if opened else None,
        indented=reason in _INDENTED,
        no_colon=message == "expected ':'",
    )


def _in_words(message: str) -> str:
    for pattern, words in _REASONS:
        if found := re.fullmatch(pattern, message):
            return found.expand(words)
    return message


def _of_character(character: str) -> str:
    code = f"U+{ord(character):04X}"
    if unicodedata.category(character) == "Zs":
        return f"it has a space ({code}) from a word processor where Python needs an ordinary one"
    if not character.isprintable():
        return f"it has an invisible character ({code}) that came with a copy"
    plain = unicodedata.normalize("NFKC", character)
    meant = next((keys for keys, typed in _MEANT.items() if character in typed), plain if plain.isascii() else None)
    if meant is None:
        return f"it has a `{character}` ({code}), which means nothing in Python"
    return f"it has a `{character}` ({code}) from a word processor where Python needs `{meant}`"


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


def said_of_python_2(error: str) -> str | None:
    """The Python 3 replacement for a line that raised this error; None if it is not due to Python 2."""
    if _PRINT_TO.match(error):
        return "this line is Python 2: write `print(..., file=f)` for `print >>f, ...`"
    for pattern, instead in _ERRORS:
        if (found := pattern.match(error)) and found[1] in instead:
            return f"this line is Python 2: write `{instead[found[1]]}` for `{found[1]}`"
    return None


def foreign_ending(name: str) -> str | None:
    """The language of a file by its ending; None if it may be Python."""
    return _BY_ENDING.get(name.lower().rpartition(".")[2]) if "." in name else None


def foreign_notebook(metadata: object) -> str | None:
    """The language that a notebook states; None if it is Python or not stated."""
    for section, field in (("language_info", "name"), ("kernelspec", "language")):
        if name := _entry(metadata, section, field):
            return foreign_name(name)
    kernel = _entry(metadata, "kernelspec", "name").lower()
    return _BY_KERNEL.get(kernel.partition("-")[0])


def foreign_name(name: str) -> str | None:
    """The display name of a language; None for Python under any of its names."""
    if any(word in name.lower() for word in _READ_AS_PYTHON):
        return None
    return (name if name != name.lower() else _BY_KERNEL.get(name, name.capitalize()))[:40]


def _entry(metadata: Any, section: str, field: str) -> str:
    inner = metadata.get(section) if isinstance(metadata, dict) else None
    name = inner.get(field) if isinstance(inner, dict) else None
    return name.strip() if isinstance(name, str) else ""
