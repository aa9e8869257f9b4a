"""Results built by hand, as grading would make them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from grader.model import Cell, Diagnosis, Opaque, Outcome, Problem, Result, Span, StepResult, Value

FORUM = """\
from math import tanh

# the numbers of the question
h0 = 0.5
w_h = 2.0
w_y = 40.0

h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2

dh0_dwh = 0.0
dh1raw_dwh = h0 + w_h * dh0_dwh
dh1_dwh = (1 - h1_raw**2) * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = (1 - h2_raw**2) * dh2raw_dwh
dy2_dwh = w_y * dh2_dwh

dy2 = 1.0
dh2 = w_y * dy2
dh2_raw = (1 - h2_raw**2) * dh2
dw_h = dh2_raw * h1
"""


def span(line: int, column: int = 1, end: int = 1, file: str = "mine.py", cell: int | None = None) -> Span:
    return Span(file, cell, line, column, line, end)


def of(source: str, name: str, file: str = "mine.py", cell: int | None = None) -> tuple[Span, str]:
    """The place of the expression that binds `name`, and its statement."""
    for number, line in enumerate(source.split("\n"), 1):
        if line.startswith(f"{name} = "):
            return span(number, len(name) + 4, len(line) + 1, file, cell), line
    raise LookupError(name)


def step(
    name: str,
    quantity: str,
    outcome: Outcome = "correct",
    got: float | Value | Opaque | None = None,
    expected: float | Value | None = None,
    source: str | None = FORUM,
    **more: Any,
) -> StepResult:
    """A step worth one point, bound in `source` where it is given."""
    where, code = of(source, name, more.pop("file", "mine.py"), more.pop("cell", None)) if source else (None, None)
    given: dict[str, Any] = {
        "points": 1.0 if outcome in ("correct", "carried") else 0.0,
        "max_points": 1.0,
        "bound_as": None if outcome == "missing" else name,
        "where": where,
        "code": code,
        "got": Value.scalar(got) if isinstance(got, float) else got,
        "expected": Value.scalar(expected) if isinstance(expected, float) else expected,
        "points_checked": 4,
        "reason": "value" if outcome == "wrong" else None,
    }
    return StepResult(name, quantity, outcome, **{**given, **more})


def forward(source: str | None = FORUM, **more: Any) -> tuple[StepResult, ...]:
    values = {"h1_raw": 1.0, "h1": 0.761594156, "h2_raw": 1.523188312, "h2": 0.909629, "y2": 36.38517}
    return tuple(
        step(name, name, got=value, expected=value, source=source, points=0.0, max_points=0.0, **more)
        for name, value in values.items()
    )


def result(steps: tuple[StepResult, ...], source: str = FORUM, **more: Any) -> Result:
    wrong = [one.name for one in steps if one.outcome == "wrong"]
    total, largest = sum(one.points for one in steps), sum(one.max_points for one in steps)
    given: dict[str, Any] = {
        "exercise": "tanh-chain",
        "title": "Two tanh steps that share one weight",
        "submission": "mine.py",
        "student": None,
        "score": total,
        "max_score": largest,
        "complete": total >= largest,
        "first_error": wrong[0] if wrong else None,
        "forward": forward() if source == FORUM else (),
        "misconceptions": (),
        "problems": (),
        "isolation": "process",
        "reveal": "values",
        "seconds": 0.012,
        "versions": (("grader", "0.1.0"), ("torch", "2.13.0")),
        "sources": (Cell(source, source),),
    }
    return Result(steps=steps, **{**given, **more})


HINT = "tanh has a derivative you can write with its own output."
POINT = (("h0", Value.scalar(0.7312)), ("w_h", Value.scalar(-1.31)), ("w_y", Value.scalar(2.9)))


def forum_case() -> Result:
    return result(
        (
            step("dh0_dwh", "d(h0)/d(w_h)", got=0.0, expected=-0.0),
            step("dh1raw_dwh", "d(h1_raw)/d(w_h)", got=0.5, expected=0.5),
            step("dh1_dwh", "d(h1)/d(w_h)", "wrong", 0.0, 0.20998717080701305, hint=HINT),
            step("dh2raw_dwh", "d(h2_raw)/d(w_h)", "carried", 0.761594156, 1.181568498, caused_by=("dh1_dwh",)),
            step("dh2_dwh", "d(h2)/d(w_h)", "wrong", -1.559797, 0.2047195),
            step("dy2_dwh", "d(y2)/d(w_h)", "carried", -40.2153, 8.18878, caused_by=("dh1_dwh", "dh2_dwh")),
            step("dy2", "d(y2)/d(y2)", got=1.0, expected=1.0),
            step("dh2", "d(y2)/d(h2)", got=40.0, expected=40.0),
            step("dh2_raw", "d(y2)/d(h2_raw)", "wrong", -52.80410, 6.903036),
            step("dw_h", "d(y2)/d(w_h)", "carried", -40.2153, 8.18878, caused_by=("dh2_raw",)),
        )
    )


def diagnosed_case() -> Result:
    """The forum case with its diagnoses: one misconception at three places."""
    made = forum_case()
    found = {
        "dh1_dwh": (16, "h1", "d(h1)/d(w_h) = (1 - h1**2) * d(h1_raw)/d(w_h)", "dh1_dwh = (1 - h1**2) * dh1raw_dwh"),
        "dh2_dwh": (18, "h2", "d(h2)/d(w_h) = (1 - h2**2) * d(h2_raw)/d(w_h)", "dh2_dwh = (1 - h2**2) * dh2raw_dwh"),
        "dh2_raw": (23, "h2", "d(y2)/d(h2_raw) = (1 - h2**2) * d(y2)/d(h2)", "dh2_raw = (1 - h2**2) * dh2"),
    }
    said = "This squares what goes into tanh; the derivative of tanh is 1 - (output of tanh)**2."

    def explained(one: StepResult) -> StepResult:
        if one.name not in found:
            return one
        line, put, rule, fix = found[one.name]
        diagnosis = Diagnosis(said, "certain", "tanh-derivative-on-pre-activation", rule, put, fix)
        return replace(one, diagnosis=diagnosis, where=span(line, 16, 22))

    return replace(made, steps=tuple(map(explained, made.steps)))


def correct_case() -> Result:
    made = forum_case()
    steps = tuple(
        replace(one, outcome="correct", reason=None, points=1.0, got=one.expected, caused_by=()) for one in made.steps
    )
    return replace(made, steps=steps, score=10.0, complete=True, first_error=None)


def coincidence_case() -> Result:
    """Right at the given numbers only; a typed-in forward value; a step that cancels; one from autograd."""
    made = correct_case()
    changes: dict[str, dict[str, Any]] = {
        "dh1_dwh": {
            "outcome": "wrong",
            "reason": "given_point_only",
            "points": 0.0,
            "got": Value.scalar(0.3),
            "expected": Value.scalar(0.31),
            "at": POINT,
        },
        "dy2_dwh": {"outcome": "compensated", "reason": "value", "points": 0.0, "got": Value.scalar(4.0)},
        "dw_h": {"outcome": "borrowed", "reason": "autograd", "points": 0.0},
    }
    steps = tuple(replace(one, **changes.get(one.name, {})) for one in made.steps)
    typed = {"outcome": "wrong", "reason": "constant", "at": POINT, "got": Value.scalar(0.76159)}
    values = tuple(replace(one, **typed) if one.name == "h1" else one for one in made.forward)
    source = FORUM.replace("h1 = tanh(h1_raw)", "h1 = 0.76159     ")
    made = replace(made, sources=(Cell(source, source),))
    return replace(made, steps=steps, forward=values, score=7.0, complete=False, first_error="h1")


NOTEBOOK = "def back(dh):\n    dh_raw = (1 - h_raw**2) * dh\n    return dh_raw\n\ndh1_raw = back(dh1)"


def notebook_case() -> Result:
    cells = (Cell("h = 1", "h = 1", 2), Cell(NOTEBOOK, NOTEBOOK, 7))
    file = "week 3/notebook.ipynb"
    return result(
        (
            step(
                "dh1_raw",
                "d(y2)/d(h1_raw)",
                "wrong",
                0.0,
                2.5,
                source=None,
                where=Span(file, 7, 2, 14, 2, 33),
                code="dh_raw = (1 - h_raw**2) * dh",
                bound_as="dh_raw",
                remark="your `dh_raw` has its value",
            ),
        ),
        "",
        submission=file,
        student="s4711",
        sources=cells,
        problems=(
            Problem("note", "the magic `%matplotlib inline` was not run", Span(file, 1, 1, 1, 1, 19)),
            Problem(
                "order",
                "cell 7 was last run before cell 2 (saved counts 3 and 9); the notebook is graded top to bottom",
                Span(file, 7, 1, 1, 1, 14),
            ),
        ),
        isolation="strict",
    )


def empty_case() -> Result:
    """The starter file, hardly touched."""
    steps = (
        step("dh0_dwh", "d(h0)/d(w_h)", got=0.0, expected=0.0),
        step("dh1raw_dwh", "d(h1_raw)/d(w_h)", "missing", reason="placeholder", got=Opaque("placeholder", "ellipsis")),
        step("dh1_dwh", "d(h1)/d(w_h)", "missing", reason="placeholder", hint=HINT, max_points=2.0),
        step("dh2raw_dwh", "d(h2_raw)/d(w_h)", "missing", reason="not_bound", source=None),
        step("dh2_dwh", "d(h2)/d(w_h)", "missing", reason="optional", source=None, points=1.0),
    )
    return result(steps)


def raised_case() -> Result:
    source = FORUM.replace("h1 + w_h * dh1_dwh", "h1 + w_h * dh1_dw")
    where, _ = of(source, "dh2raw_dwh")
    raised = "NameError: name 'dh1_dw' is not defined"
    steps = (
        step("dh1_dwh", "d(h1)/d(w_h)", got=0.2, expected=0.2),
        step(
            "dh2raw_dwh",
            "d(h2_raw)/d(w_h)",
            "unjudged",
            source=None,
            where=replace(where, column=1),
            reason="raised",
            remark=f"this line crashed: {raised}",
        ),
        step("dh2_dwh", "d(h2)/d(w_h)", "unjudged", reason="not_finite", got=float("nan")),
        step("dy2_dwh", "d(y2)/d(w_h)", "unjudged", reason="timeout", source=None),
        step("dh2", "d(y2)/d(h2)", "unjudged", reason="timeout", source=None),
    )
    problems = (
        Problem("raised", f"this line crashed: {raised}", replace(where, column=1)),
        Problem("raised", "this line crashed: FileNotFoundError: no file 'names.txt'", span(12, 1, 14)),
        Problem("timeout", "it took more than 10 s and was stopped"),
    )
    return result(steps, source, problems=problems, first_error=None)


def unreadable_case() -> Result:
    steps = tuple(
        StepResult(name, f"d({name})", "unjudged", "unreadable", max_points=1.0) for name in ("dh1_dwh", "dh2_dwh")
    )
    message = "line 3 cannot be read: its `(` is never closed: `x = (1`; nothing else was found"
    return result(
        steps,
        "",
        score=None,
        complete=False,
        sources=(),
        problems=(Problem("syntax", message, span(3, 5, 6)),),
    )


TENSORS = """\
dlogits = (probs - onehot)
dlogits /= n
dW2 = dlogits.T @ h
dh = (
    dlogits
    @ W2.T
)
db2 = dlogits.sum(1)
dC = 3
for t in (2, 1):
    dhs = dhs @ W.T * (1 - hs[t])
"""


def tensor_case() -> Result:
    def array(*sizes: int, start: float = 0.5, step: float = 0.25) -> Value:
        total = 1
        for size in sizes:
            total *= size
        return Value.of([start + step * k for k in range(total)], sizes, "float32")

    nearly = Value.of([0.5, 0.75, 1.0, 1.25, 1.5, 1.75000001, 2.0, 2.25, 2.5, 2.75, 3.0, 3.25], (4, 3))
    loop = Span("mine.py", None, 11, 11, 11, 34)
    transposed = Value.of([0.5, 1.25, 0.75, 1.5, 1.0, 1.75], (3, 2))
    remark = "its shape is (3, 2); d(loss)/d(W2) has shape (2, 3)"
    family = {"source": None, "where": loop, "code": "dhs = dhs @ W.T * (1 - hs[t])"}
    steps = (
        step("dlogits", "d(loss)/d(logits)", got=nearly, expected=array(4, 3), source=TENSORS),
        step("dW2", "d(loss)/d(W2)", "wrong", transposed, array(2, 3), TENSORS, reason="shape", remark=remark),
        step(
            "dh",
            "d(loss)/d(h)",
            "wrong",
            array(4, 3, start=0.625),
            array(4, 3),
            None,
            where=Span("mine.py", None, 4, 6, 7, 2),
            code="dh = (\n    dlogits\n    @ W2.T\n)",
        ),
        step("db2", "d(loss)/d(b2)", got=array(1, 3), expected=array(3), source=TENSORS, reason="squeezed"),
        step("dC", "d(loss)/d(C)", "wrong", 3.0, array(2, 2), TENSORS, reason="constant"),
        step("dh[2]", "d(loss)/d(h[2])", "wrong", array(2), array(2, start=1.0), bound_as="dhs", **family),
        step("dh[1]", "d(loss)/d(h[1])", "wrong", array(2), array(2, step=9.0), bound_as="dhs", **family),
    )
    return result(steps, TENSORS, title="A small network", exercise="net")


HOSTILE = (
    "dh1_dwh = '\x1b[2J\x9b31m' + 1 # \u202erotcerid \ud800 [bold]`x`[/bold] :smile:\n"
    "\tdh2 = '漢字漢字'\t* oops(1) # \u200b\n"
    "dw_h = " + " + ".join(f"term{k}" for k in range(60)) + "\n"
)


def hostile_case() -> Result:
    file = "evil\x1b[31m\u202eyp.py"
    where = Span(file, None, 2, 16, 2, 23)
    steps = (
        step("dh1_dwh", "d(h1)/d(w_h)", "wrong", 0.0, 1.0, HOSTILE, file=file, hint="\x1b]0;title\x07 a\nb"),
        step("dh2", "d(y2)/d(h2)", "wrong", 1.0, 2.0, None, where=where, code="", bound_as="x\x1b[8m"),
        step(
            "dw_h",
            "d(y2)/d(w_h)",
            "wrong",
            1.0,
            2.0,
            None,
            where=Span(file, None, 3, 300, 3, 306),
            code="dw_h = ...",
            caused_by=("\x1b[0m",),
        ),
    )
    problems = (Problem("raised", "this line crashed: ValueError: \x1b[2Jgone\r\n\u2066x", where),)
    return result(steps, HOSTILE, submission=file, student="a\x07b", problems=problems, title="\x1b[5mtitle[/]")


def location_case() -> Result:
    made = coincidence_case()
    steps = (*forum_case().steps[2:6], made.steps[2], *diagnosed_case().steps[2:3])
    named = tuple(replace(one, name=f"{one.name}{'_' * n}") for n, one in enumerate(steps))
    return replace(made, steps=named, reveal="location")


CASES = {
    "forum": forum_case,
    "diagnosed": diagnosed_case,
    "correct": correct_case,
    "coincidence": coincidence_case,
    "notebook": notebook_case,
    "empty": empty_case,
    "raised": raised_case,
    "unreadable": unreadable_case,
    "tensors": tensor_case,
    "hostile": hostile_case,
    "location": location_case,
}
