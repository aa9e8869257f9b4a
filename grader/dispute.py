"""A verdict that a student doubts, as one file from which anybody can have it judged again, without the student's
name.

The file is JSON that its sender can read before passing it on, with all that the verdict depends on. In the text of the
submission every line and column of code stays where it was. Comments and docstrings are emptied, and so is prose
between the code of notebooks and Markdown; outputs and metadata of notebooks are dropped. In strings, addresses, the
author's words and texts assigned to names such as `author` are replaced by as many `x`.
"""

from __future__ import annotations

import getpass
import io
import json
import os
import platform
import re
import socket
import tokenize
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.exercise.load import named
from grader.grading import names_asked
from grader.model import CompanionFile, Isolation, Result, Reveal, StepResult, Submission
from grader.nearest import did_you_mean
from grader.pipeline import check
from grader.serialize import decode, encode
from grader.submission.companion_files import is_plain, with_files
from grader.submission.load import load as load_submission
from grader.submission.syntax import FENCED
from grader.temp_folders import TempFolder

SCHEMA = "grader.dispute/1"
LARGEST = 32 * 1024 * 1024
"""Maximum bytes of the file."""


@dataclass(frozen=True, slots=True)
class DisputedVerdict:
    """What was said of the step. `cell` and `line` are 1-based; None without a place."""

    outcome: str
    reason: str | None
    points: float
    max_points: float
    cell: int | None
    line: int | None


@dataclass(frozen=True, slots=True)
class DisputedFile:
    """A file by its name, relative to the submission or the exercise, and its content."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class TextFile:
    """The same of a text, which stays readable in the bundle."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """A disputed verdict on one step. `variant` is the key of the given numbers; `because` is what the student says;
    `kept` names what could not be made anonymous."""

    schema: str
    step: str
    because: str
    verdict: DisputedVerdict
    exercise: str
    exercise_text: str
    exercise_files: tuple[DisputedFile, ...]
    variant: str | None
    submission: TextFile
    beside: tuple[DisputedFile, ...]
    versions: tuple[tuple[str, str], ...]
    kept: tuple[str, ...]

    def text(self) -> str:
        """The dispute as JSON."""
        return json.dumps(json.loads(encode(self)), indent=1) + "\n"


def read(content: bytes, name: str) -> Dispute:
    """Read a dispute from untrusted content. Raises `UsageError`."""
    try:
        if len(content) > LARGEST:
            raise ValueError("too large")
        found = decode(content, Dispute)
        names = [found.submission.name, *(one.name for one in (*found.beside, *found.exercise_files))]
        if found.schema != SCHEMA or not all(map(is_plain, names)):
            raise ValueError("of another kind")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"{name} is no dispute that `grader dispute` has written.") from None
    return found


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


_LARGEST_BESIDE = 4 * 1024 * 1024
"""Maximum bytes of all companion files together: the bundle is made to be mailed."""


def dispute(exercise: str, path: str, step: str, because: str, variant: str | None) -> Dispute:
    """Make the dispute of a student about a step. The code is run as it is and as it is passed on; if what was left out
    has changed the verdict, it is put back.

    Raises `UsageError` if the exercise has no such step, and the errors of `check`."""
    loaded = named(exercise)
    submission = load_submission(path)
    beside, kept = _beside(with_files(submission, names_asked(loaded)))
    result = check(loaded, submission, variant=variant)
    verdict = _verdict(step_of(result, step))
    text = Path(path).read_bytes().decode("utf-8-sig", "replace")
    name = "submission" + os.path.splitext(path)[1]
    words = own_words()
    versions = (*result.versions, ("python", platform.python_version()), ("system", platform.system()))
    made = Dispute(
        SCHEMA, step, because, verdict, loaded.id, Path(loaded.path).read_text("utf-8-sig"),
        _files(Path(loaded.path).parent, loaded.policy.files), variant, TextFile(name, anonymous(text, name, words)),
        tuple(_hidden(one, words) for one in beside), versions, kept,
    )  # fmt: skip
    if _verdict(step_of(judged(made, "process", None), step)) == verdict:
        return made
    return replace(made, submission=TextFile(name, text), beside=beside, kept=(*kept, "comments and texts in the code"))


def judged(of: Dispute, isolation: Isolation, reveal: Reveal | None) -> Result:
    """The result of the code of a dispute, with the exercise as it is in there."""
    with _laid_down(of) as (exercise, submission):
        return check(exercise, submission, variant=of.variant, isolation=isolation, reveal=reveal)


def same_verdict(of: Dispute, result: Result) -> bool:
    """Whether a result says of the step what was disputed."""
    return _verdict(step_of(result, of.step)) == of.verdict


def step_of(result: Result, name: str) -> StepResult:
    """A step or forward quantity by its name. Raises `UsageError` if there is none."""
    steps = {step.name: step for step in (*result.forward, *result.steps)}
    if name not in steps:
        raise UsageError(f"{result.exercise} has no step {name[:80]!r}.{did_you_mean(name, steps)}")
    return steps[name]


def _verdict(step: StepResult) -> DisputedVerdict:
    where = step.where
    cell, line = (None, None) if where is None else (where.cell, where.line)
    return DisputedVerdict(step.outcome, step.reason, step.points, step.max_points, cell, line)


@contextmanager
def _laid_down(of: Dispute) -> Iterator[tuple[str, Submission]]:
    """The files of a dispute in a temporary folder: the path of the exercise, and the submission."""
    scratch = TempFolder()
    try:
        home = Path(scratch.path)
        exercise = home / "exercise" / "exercise.yaml"
        own = home / "submission" / of.submission.name
        texts = [(exercise, of.exercise_text.encode()), (own, of.submission.text.encode())]
        texts += [(exercise.parent / one.name, one.content) for one in of.exercise_files]
        texts += [(home / "beside" / one.name, one.content) for one in of.beside]
        for place, content in texts:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        beside = tuple(CompanionFile(one.name, str(home / "beside" / one.name)) for one in of.beside)
        yield str(exercise), replace(load_submission(own), beside=beside)
    finally:
        scratch.close()


def _beside(submission: Submission) -> tuple[tuple[DisputedFile, ...], tuple[str, ...]]:
    """The companion files that fit, and a remark on those that do not."""
    found, left, over = [], _LARGEST_BESIDE, []
    for one in submission.beside or ():
        content = Path(one.path).read_bytes()
        left -= len(content)
        if left >= 0:
            found.append(DisputedFile(one.name, content))
        else:
            over.append(f"without {one.name}, which is too large")
    return tuple(found), tuple(over)


def _hidden(one: DisputedFile, words: Sequence[str]) -> DisputedFile:
    if not one.name.endswith(".py"):
        return one
    return DisputedFile(one.name, anonymous(one.content.decode("utf-8-sig", "replace"), one.name, words).encode())


def _files(home: Path, names: Sequence[str]) -> tuple[DisputedFile, ...]:
    return tuple(
        DisputedFile(name, (home / name).read_bytes()) for name in names if is_plain(name) and (home / name).is_file()
    )
