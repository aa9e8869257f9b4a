"""Find out which crashed lines only follow from something else: a step that is missing, a line that cannot be read, a
package that is not there, or another line that crashed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.instrument.name_matching import spelled_in
from grader.model import Problem, Result, Span, StepResult
from grader.report.places import order, quote
from grader.submission.wording import CRASHED

_ABSENT = re.compile(
    r"name '(?P<name>\w+)' is not defined|has no attribute '(?P<attribute>\w+)'|KeyError: '(?P<key>\w+)'"
)
_TARGET = re.compile(r"\s*([A-Za-z_][\w.]*(?:\[[^\]]*\])?)\s*[-+*/@]?=(?!=)")
_KEY = re.compile(r"\[['\"](\w+)['\"]\]$")
_COMPARED = re.compile(r"\s*([A-Za-z_]\w*)\s*==")
"""A line that only compares a name, without using the result."""


@dataclass(frozen=True, slots=True)
class Crashes:
    """`follows`: crashed lines that follow from something told elsewhere, each with the step or package at its root.
    `unread`: names that lines bind which cannot be read, each with its line."""

    follows: Mapping[Problem, str]
    unread: Mapping[str, Span]


def crashes(result: Result) -> Crashes:
    """Trace every crashed line of a result back to its root."""
    unread = dict(_unread(result))
    roots = {name: name for name in unread}
    for step in (*result.forward, *result.steps):
        if step.outcome == "missing" or (step.outcome == "wrong" and step.reason in ("tuple", "raised")):
            roots.setdefault(step.name, step.name)
    for package, name in _imported(result):
        roots.setdefault(name, package)
    at = {_line(one.where): one for one in (*result.forward, *result.steps) if one.where is not None}
    causes = {
        one: step.name for step in (*result.forward, *result.steps) if (one := crash_of(result, step)) is not None
    }
    follows: dict[Problem, str] = {}
    for problem in sorted((one for one in result.problems if one.kind == "raised"), key=lambda one: order(one.where)):
        found = _ABSENT.search(problem.message)
        absent = () if found is None else _absent(found)
        here = at.get(_line(problem.where))
        if compared(result, problem) is not None:
            continue
        root = causes.get(problem) or next((roots[name] for name in absent if name in roots), None)
        if root is None and here is not None and ran_when_fed(here):
            root = here.name
        if root is not None:
            follows[problem] = root
        elif here is not None and here.outcome == "carried" and here.caused_by:
            root = here.caused_by[0]
        if root is not None:
            for name in bound(result, problem.where):
                roots.setdefault(name, root)
    return Crashes(follows, unread)


def crash_of(result: Result, step: StepResult) -> Problem | None:
    """The crash of another line that the mistake of a wrong step brings about."""
    if step.outcome != "wrong" or step.reason != "raised" or step.where is None:
        return None
    same = (one for one in result.problems if one.kind == "raised" and one.message == step.remark)
    return next((one for one in same if one.where is not None and _line(one.where) != _line(step.where)), None)


def ran_when_fed(step: StepResult) -> bool:
    """Whether a step is wrong by the value its line gives with everything before it right."""
    return step.outcome == "wrong" and step.reason not in ("raised", "tuple")


def crash_before(result: Result, step: StepResult) -> Problem | None:
    """The crash of a wrong step's own line that an earlier mistake brings about."""
    here = (one for one in result.problems if one.kind == "raised" and _line(one.where) == _line(step.where))
    return next(here, None) if ran_when_fed(step) and step.where is not None else None


def error_of(crash: Problem) -> str:
    """What a line crashed with."""
    return crash.message.removeprefix(CRASHED)


def compared(result: Result, problem: Problem) -> str | None:
    """The step that a crashed line was meant to bind, if it has `==` instead of `=`."""
    line = quote(result, problem.where) if problem.kind == "raised" else None
    found = _COMPARED.match(line.text) if line is not None else None
    missing = {step.name for step in (*result.forward, *result.steps) if step.outcome == "missing"}
    return found[1] if found is not None and found[1] in missing else None


def bound(result: Result, where: Span | None) -> tuple[str, ...]:
    """The names a line may bind: `dW` for `dW = ...` and `self.dW = ...`, `dW` and `W` for `grads["W"] = ...`."""
    line = quote(result, where)
    found = None if line is None else _TARGET.match(line.text)
    return () if found is None else _names(found[1])


def is_bound_somewhere(result: Result, name: str) -> bool:
    """Whether some line of the submission looks as if it bound a name, or was meant to and compares it."""
    lines = (line for cell in result.sources for line in cell.text.split("\n"))
    targets = (found[1] for line in lines if (found := _TARGET.match(line) or _COMPARED.match(line)) is not None)
    return any(name in _names(target) for target in targets)


def _names(target: str) -> tuple[str, ...]:
    """The names that a target may bind: `dW` of `self.dW` and `dW[0]`, `dW` and `W` of `grads["W"]`."""
    key = _KEY.search(target)
    if key is not None:
        return spelled_in(target[: key.start()], key[1])
    owner, _, name = target.partition("[")[0].rpartition(".")
    return spelled_in(owner, name)


def _absent(found: re.Match[str]) -> tuple[str, ...]:
    """The names that an error says are absent. What holds a key or attribute is not told: it may hold gradients."""
    name, inside = found["name"], found["attribute"] or found["key"]
    return (name,) if name else (inside, f"d{inside}")


def _unread(result: Result) -> Iterator[tuple[str, Span]]:
    """Names bound on lines that cannot be read, as far as recognisable, each with its line."""
    for problem in result.problems:
        if problem.kind == "syntax" and problem.where is not None:
            yield from ((name, problem.where) for name in bound(result, problem.where))


def _imported(result: Result) -> Iterator[tuple[str, str]]:
    """The missing packages, each with a name that its import was to bind."""
    for problem in result.problems:
        line = quote(result, problem.where) if problem.kind == "package" else None
        package = re.search(r"`([^`]*)`", problem.message)
        if line is not None and package is not None:
            yield from ((package[1], name) for name in re.findall(r"\w+", line.text.rpartition("import")[2]))


def _line(where: Span | None) -> tuple[int | None, int]:
    return (None, 0) if where is None else (where.cell, where.line)
