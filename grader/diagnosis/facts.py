"""States what the verdict alone says about a wrong step: facts, no guesses."""

from __future__ import annotations

from grader.judge.verdicts import Verdict
from grader.model import Diagnosis
from grader.submission.wording import taken_from


def state(verdict: Verdict) -> Diagnosis | None:
    """Return the facts about a step that needs a repair; None for other steps."""
    message = _message(verdict)
    return None if message is None else Diagnosis(message)


def _message(verdict: Verdict) -> str | None:
    name = verdict.step.name
    match verdict.outcome, verdict.reason:
        case "wrong", "shape":
            right = "" if verdict.expected is None else f" {verdict.expected.shape}"
            return f"`{name}` has another shape than the{right} of {verdict.step.text}."
        case "wrong", "tuple":
            return f"`{name}` is a tuple, not the value in it."
        case "wrong", "raised":
            return f"The line that computes `{name}` crashed."
        case "wrong", "constant":
            return f"`{name}` stays the same when the given numbers change; {verdict.step.text} does not."
        case "wrong", "given_point_only":
            return f"`{name}` equals {verdict.step.text} at your numbers, but not at others."
        case "wrong", "cancelled":
            return (
                f"`{name}` is right only because terms cancel: made from other values, it is not {verdict.step.text}."
            )
        case "wrong", "switched_off":
            return f"The line that computes `{name}` does not run: the condition above it is never true."
        case "wrong", _:
            return f"With everything before it right, `{name}` is not {verdict.step.text}."
        case "compensated", _:
            return f"`{name}` comes out right only because an earlier error cancels one in this line."
        case "borrowed", reason:
            return f"`{name}` was computed by {taken_from(reason)}; this exercise asks for it by hand."
        case _:
            return None
