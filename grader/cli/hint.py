"""`grader hint`: the next hint for the first thing to fix."""

from __future__ import annotations

from grader.cli import status
from grader.cli.chosen import Chosen
from grader.cli.commands import link_to, read_secret, warn_of_others
from grader.cli.meant import refuse_swapped
from grader.cli.output import width, write
from grader.cli.shown_hints import ShownHints
from grader.model import REVEAL_LEVELS, Reveal
from grader.report.hints import LEVELS, Hint, hints, next_hint
from grader.report.numbers import counted

_SHOWS = {
    "hint": "what kind of mistake it is, or how to begin",
    "rule": "the chain rule of this step",
    "fix": "the line as it has to be",
}
"""What each level adds, for the student who decides whether to ask for it."""


def hint_one(named: Chosen, student: str | None, secret_file: str | None) -> int:
    """Check a submission, show the next hint for its first mistake, and return the exit status of the check."""
    from grader.pipeline import check
    from grader.report import terminal
    from grader.report.page import Page

    refuse_swapped(named.exercise, (named.submission,), "hint")
    warn_of_others(named.submission, "process")
    secret = "" if secret_file is None else read_secret(secret_file)
    result = check(named.exercise, named.submission, student=student, secret=secret, variant=named.variant)
    found = hints(result)
    page = Page(width())
    if not found:
        right = status.of(result) == status.ALL_RIGHT
        said = f"{counted(len(result.steps), 'step')}, all right" if right else "nothing is wrong so far"
        page.prose(f"{said}: there is nothing to give a hint on", "bold green")
        write(page.text())
        return status.of(result)
    shown = ShownHints(named.submission, result.exercise)
    hint = found[0] if found[0].step is None else next_hint(found, shown.level(found[0].step))
    write(terminal.render_block(hint.block, width(), link_to(named.submission)))
    page.prose(_footer(hint, result.reveal), "dim")
    if hint.step is not None and not shown.remember(hint.step, hint.level):
        page.prose(_unremembered(named, hint), "dim")
    elif hint.step is not None:
        page.prose(f"what you have seen is kept in {shown.path}", "dim")
    write("\n")
    write(page.text())
    return status.of(result)


def _footer(hint: Hint, most: Reveal) -> str:
    """Which hint this is, and what the next one shows."""
    if hint.step is None:
        return "fix this first: it is no hint, every report says it"
    if hint.following is not None:
        return f"`grader hint` again shows {_SHOWS[hint.following]}"
    if REVEAL_LEVELS.index(most) < len(LEVELS) - 1:
        return f"this exercise shows no more than this on `{hint.step}`"
    return f"there is no further hint on `{hint.step}`"


def _unremembered(named: Chosen, hint: Hint) -> str:
    said = "this folder cannot be written to, so what you have seen is not remembered"
    if hint.following is None:
        return said
    return f"{said}: `grader check {named.submission} --reveal {hint.following}` shows more"
