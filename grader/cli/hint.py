"""`grader hint`: the next hint for the first thing to fix."""

from __future__ import annotations

import contextlib
import json
import math
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from grader.cli import exits
from grader.cli.arguments import CheckTarget, hints_file, refuse_swapped
from grader.cli.commands import link_to, read_secret, warn_of_others
from grader.cli.output import width, write
from grader.errors import UsageError
from grader.exercise.types import Policy
from grader.model import REVEAL_LEVELS, Result, Reveal
from grader.report.hints import LEVELS, SHOWS, Hint, PaidHint, hints, less, next_hint, price
from grader.report.numbers import count, counted
from grader.whole_files import write_whole

SCHEMA = "grader.hints/1"

MAX_FILE_BYTES = 64 * 1024
"""Maximum bytes of the file; a larger one is not ours."""


class ShownHints:
    """The highest level shown, per step of one exercise.

    A file that cannot be read counts as empty: at worst a hint is shown again from its lowest level."""

    def __init__(self, submission: str, exercise: str) -> None:
        self.path = Path(hints_file(submission))
        self._exercise = exercise
        self._whole = _read(self.path)

    def level(self, step: str) -> Reveal | None:
        """The highest level shown for a step; None if nothing has been shown."""
        found = self._own().get(step)
        return next((level for level in REVEAL_LEVELS if level == found), None)

    def taken(self) -> tuple[PaidHint, ...]:
        """The hints that cost something, each at the cost that was told."""
        costs = _mapping(_mapping(self._whole.get("costs")).get(self._exercise))
        return tuple(
            PaidHint(step, level, float(cost))
            for step, levels in costs.items()
            for level in REVEAL_LEVELS
            if isinstance(cost := _mapping(levels).get(level), int | float) and 0 < cost < math.inf
        )

    def remember(self, step: str, level: Reveal, cost: float = 0.0) -> bool:
        """Write down that this level was shown, at this cost. Returns whether that was possible."""
        before = self._whole
        shown, costs = _mapping(before.get("shown")), _mapping(before.get("costs"))
        self._whole = {"schema": SCHEMA, "shown": {**shown, self._exercise: {**self._own(), step: level}}}
        if cost:
            own = _mapping(costs.get(self._exercise))
            costs = {**costs, self._exercise: {**own, step: {**_mapping(own.get(step)), level: cost}}}
        if costs:
            self._whole = {**self._whole, "costs": costs}
        try:
            write_whole(self.path, (json.dumps(self._whole, indent=1) + "\n").encode())
        except UsageError:
            self._whole = before
            return False
        return True

    def _own(self) -> Mapping[str, object]:
        return _mapping(_mapping(self._whole.get("shown")).get(self._exercise))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _read(path: Path) -> Mapping[str, object]:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        if path.is_file() and path.stat().st_size <= MAX_FILE_BYTES:
            whole = _mapping(json.loads(path.read_text("utf-8")))
            return whole if whole.get("schema") == SCHEMA else {}
    return {}


@dataclass(frozen=True, slots=True)
class HintOptions:
    """The options of `grader hint`; None where one was not given. With `agreed` a hint is shown whatever it costs."""

    student: str | None = None
    secret_file: str | None = None
    agreed: bool = False


def hint_one(named: CheckTarget, options: HintOptions) -> int:
    """Check a submission, show the next hint for its first mistake, and return the exit status of the check.

    A hint that costs points is shown if the student has agreed, or agrees when asked."""
    from grader.exercise.load import find, load
    from grader.pipeline import check
    from grader.report.page import Page

    refuse_swapped(named.exercise, (named.submission,), "hint")
    warn_of_others(named.submission, "process")
    secret = "" if options.secret_file is None else read_secret(options.secret_file)
    policy = load(find(named.exercise)).policy
    result = check(
        named.exercise,
        named.submission,
        student=options.student,
        reveal=policy.reveal,
        secret=secret,
        variant=named.variant,
    )
    found = hints(result)
    if not found:
        page = Page(width())
        right = exits.status_of(result) == exits.ALL_RIGHT
        said = f"{counted(len(result.steps), 'step')}, all right" if right else "nothing is wrong so far"
        page.prose(f"{said}: there is nothing to give a hint on", "bold green")
        write(page.text())
    elif found[0].step is None:
        _show(named, found[0], "fix this first: it is no hint, every report says it")
    else:
        _Hints(named, result, policy, found).show_next(found[0].step, options.agreed)
    return exits.status_of(result)


class _Hints:
    """The hints on one submission, and which of them have been seen."""

    def __init__(self, named: CheckTarget, result: Result, policy: Policy, found: tuple[Hint, ...]) -> None:
        self._named, self._result, self._policy, self._found = named, result, policy, found
        self._shown = ShownHints(named.submission, result.exercise)

    def show_next(self, step: str, agreed: bool) -> None:
        """Show the next hint on a step; if it costs points and nobody agrees, the last one again."""
        seen = self._shown.level(step)
        hint = next_hint(self._found, seen)
        cost = self._cost(step, hint.level) if hint.level != seen else 0.0
        if cost and not agreed and not self._agreed(hint.level, cost):
            self._show_last(seen, cost, hint)
            return
        kept = self._shown.remember(step, hint.level, cost)
        if cost and not kept:
            said = "this folder cannot be written to: a hint that costs points is shown only where that is remembered"
            _show(self._named, None, said)
            return
        paid = f"it cost {counted(cost, 'point')}" if cost else ""
        where = f"what you have seen is kept in {self._shown.path}" if kept else _unremembered(self._named, hint)
        _show(self._named, hint, paid, self._footer(step, hint), where)

    def _cost(self, step: str, level: Reveal) -> float:
        return price(self._policy, self._result, step, level, self._shown.taken())

    def _agreed(self, level: Reveal, cost: float) -> bool:
        """Whether the student agrees to the cost; False where nobody can be asked."""
        return _can_ask() and click.confirm(f"{self._offer(level, cost)}\nShow it?")

    def _offer(self, level: Reveal, cost: float) -> str:
        offer = f"the next hint, {SHOWS[level]}, costs {counted(cost, 'point')}"
        if self._result.score is None:
            return offer
        now = less(self._result.score, sum(one.cost for one in self._shown.taken()))
        most = count(self._result.max_score)
        return f"{offer}: {count(less(now, cost))} of {most} instead of {count(now)}, as things stand"

    def _show_last(self, seen: Reveal | None, cost: float, refused: Hint) -> None:
        """Show the last hint that was seen, and what the next one costs."""
        free = [one for one in self._found if seen and REVEAL_LEVELS.index(one.level) <= REVEAL_LEVELS.index(seen)]
        command = shlex.join(["grader", "hint", *_words(self._named), "--yes"])
        _show(self._named, free[-1] if free else None, self._offer(refused.level, cost), f"`{command}` shows it")

    def _footer(self, step: str, hint: Hint) -> str:
        """What the next hint shows and costs."""
        if hint.following is not None:
            cost = self._cost(step, hint.following)
            price_told = f", for {counted(cost, 'point')}" if cost else ""
            return f"`grader hint` again shows {SHOWS[hint.following]}{price_told}"
        if REVEAL_LEVELS.index(self._result.reveal) < len(LEVELS) - 1:
            return f"this exercise shows no more than this on `{step}`"
        return f"there is no further hint on `{step}`"


def _can_ask() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _words(named: CheckTarget) -> tuple[str, ...]:
    return (named.exercise, named.submission, *(("--variant", named.variant) if named.variant else ()))


def _show(named: CheckTarget, hint: Hint | None, *sentences: str) -> None:
    """Print a hint, and sentences below it."""
    from grader.report import terminal
    from grader.report.page import Page

    page = Page(width())
    for sentence in filter(None, sentences):
        page.prose(sentence, "dim")
    if hint is not None:
        write(terminal.render_block(hint.block, width(), link_to(named.submission)))
        write("\n")
    write(page.text())


def _unremembered(named: CheckTarget, hint: Hint) -> str:
    said = "this folder cannot be written to, so what you have seen is not remembered"
    if hint.following is None:
        return said
    return f"{said}: `grader check {named.submission} --reveal {hint.following}` shows more"
