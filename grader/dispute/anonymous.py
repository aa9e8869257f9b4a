"""The text of a submission without what may name its author, every line and column of code where it was.

Comments and docstrings are emptied, and so is prose between the code of notebooks and Markdown; outputs and metadata of
notebooks are dropped. In strings, addresses, the author's words and texts assigned to names such as `author` are
replaced by as many `x`."""

from __future__ import annotations

import getpass
import io
import json
import os
import re
import socket
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from grader.submission.language import FENCED

_SPLITS = re.compile(r"#\s*(%%|In\s*\[)|#.*\bgrader\s+check\b|#.*coding[:=]")
"""Comments that decide how a file is read."""
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PERSONAL = re.compile(r"^_*(author|authors|student|name|surname|email|mail|matr|sid|uni|netid|user)", re.IGNORECASE)
_FENCE = re.compile(r"^\s*(```|~~~)")
_SHORTEST = 3


def own_words() -> tuple[str, ...]:
    """What names the user of this machine: the account, the full name, the home folder, the machine."""
    found = {os.path.expanduser("~"), Path.home().name, socket.gethostname()}
    try:
        found.add(getpass.getuser())
        import pwd

        full = pwd.getpwuid(os.getuid()).pw_gecos.partition(",")[0]
        found |= {full, *full.split()}
    except (ImportError, KeyError, OSError):
        pass
    return tuple(sorted((word for word in found if len(word) >= _SHORTEST), key=len, reverse=True))


def anonymous(text: str, name: str, words: Sequence[str]) -> str:
    """The text of a file with this name, made anonymous; `words` are hidden wherever a string has them."""
    if name.lower().endswith(".ipynb"):
        return _notebook(text, words)
    if name.lower().endswith(FENCED):
        return _fenced(text, words)
    return _code(text, words)


def _notebook(text: str, words: Sequence[str]) -> str:
    try:
        whole = json.loads(text)
        cells = [_cell(cell, words) for cell in whole["cells"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    language = whole.get("metadata", {}).get("language_info", {}).get("name", "python")
    kept = {key: whole[key] for key in ("nbformat", "nbformat_minor") if key in whole}
    return json.dumps({"cells": cells, "metadata": {"language_info": {"name": language}}, **kept}, indent=1)


def _cell(cell: dict[str, Any], words: Sequence[str]) -> dict[str, object]:
    source = cell["source"]
    text = source if isinstance(source, str) else "".join(source)
    if cell["cell_type"] != "code":
        return {"cell_type": cell["cell_type"], "metadata": {}, "source": ""}
    count = cell.get("execution_count")
    return {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": count, "source": _code(text, words)}


def _fenced(text: str, words: Sequence[str]) -> str:
    made: list[str] = []
    code: list[str] | None = None
    for line in text.split("\n"):
        if _FENCE.match(line):
            if code is not None:
                made += _code("\n".join(code), words).split("\n") if code else []
            code = [] if code is None else None
            made.append(line)
        elif code is not None:
            code.append(line)
        else:
            made.append("")
    return "\n".join([*made, *(code or ())])


def _code(text: str, words: Sequence[str]) -> str:
    lines = text.split("\n")
    try:
        # From the end, so that what is replaced moves nothing that is still to be.
        for (row, column), (last, end), new in reversed(list(_replaced(text, words))):
            before, after = lines[row - 1][:column], lines[last - 1][end:]
            lines[row - 1 : last] = f"{before}{new}{after}".split("\n")
    except (tokenize.TokenError, SyntaxError):
        lines = [re.sub(r"^(\s*)#.*", lambda found: _comment(found[0]), line) for line in text.split("\n")]
    return "\n".join(lines)


_Place = tuple[int, int]


def _replaced(text: str, words: Sequence[str]) -> Iterator[tuple[_Place, _Place, str]]:
    """Where something is replaced, from its start to its end, and by what."""
    line: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start, token.end, _comment(token.string)
        elif token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
            yield from ((one.start, one.end, _string(one.string, line, words)) for one in line
                        if one.type == tokenize.STRING)  # fmt: skip
            line = []
        elif token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
            line.append(token)


def _comment(text: str) -> str:
    found = _SPLITS.match(text.strip())
    if found is None:
        return text[: len(text) - len(text.lstrip())] + "#"
    return "# %%" if found[1] == "%%" else text


def _string(text: str, line: Sequence[tokenize.TokenInfo], words: Sequence[str]) -> str:
    quotes = re.match(r"(?i)[a-z]*('''|\"\"\"|'|\")", text)
    if quotes is None:
        return text
    inner = text[quotes.end() : len(text) - len(quotes[1])]
    alone = all(one.type == tokenize.STRING for one in line)
    personal = len(line) > 2 and line[1].string == "=" and _PERSONAL.match(line[0].string) is not None
    if alone or personal or (line[0].string == "print" and "f" not in text[: quotes.start(1)].lower()):
        inner = re.sub(r"[^\W\d_]" if not alone else r"[^\n]", "x", inner)
    for word in words:
        inner = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "x" * len(word), inner, flags=re.IGNORECASE)
    inner = _MAIL.sub(lambda found: "x" * len(found[0]), inner)
    return f"{text[: quotes.end()]}{inner}{quotes[1]}"
