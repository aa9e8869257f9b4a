"""Draft an exercise from a worked script: read it, find its derivatives, and confirm all of it by grading the script
with the draft."""

from __future__ import annotations

import re
from dataclasses import replace

from grader.diagnosis.expressions import fault_of
from grader.draft.derivatives import Candidate, best, candidates, stated
from grader.draft.functions import RESULT, Functions
from grader.draft.layers import plain
from grader.draft.observation import ScriptBinding, ScriptRun, observe
from grader.draft.program import ProgramReader
from grader.draft.text import Draft, DraftStep, written
from grader.errors import ExerciseError, UsageError
from grader.exercise.load import loads
from grader.formula.evaluate import EvaluationError
from grader.formula.parse import parse_program
from grader.formula.syntax import Assign, For, FormulaError, Program, names, statements, text
from grader.model import Result, Submission, Value
from grader.pipeline import check

ROUNDS = 4
"""How often the script is graded at most: what is not confirmed is left out, and the rest graded again."""


def draft_of(submission: Submission, name: str, forward: str | None = None) -> str:
    """The text of an exercise file with the id `name`, which accepts the script in full. Comments say, with their
    lines, what could not be read. `forward` is the forward program, where the author states it: then the script is
    only searched for what the program starts from, and for derivatives.

    Raises `UsageError` where no derivative is found."""
    program = None if forward is None else _program(forward)
    bound = frozenset(one.name for one in statements(program)) if program else frozenset()
    read = plain(submission)
    functions = Functions(tuple(cell.source for cell in read.cells), bound)
    run = observe(read, functions.all, functions.guesses())
    bindings = tuple(one for one in run.bindings if one.site.scope.partition(".")[0] not in functions.tapes)
    # The fields of several objects have the same names; `results` has them by object.
    own = (one for one in bindings if not any(functions.is_shared(one.site.scope, label) for label in one.labels))
    named = (*own, *run.results)
    reader = ProgramReader(bindings, functions)
    if program is not None and forward is not None:
        candidate = _stated(forward, program, reader, submission)
        found = best(reader.quantities, named, name, [candidate])
        if found is None:
            outputs = _listed(candidate.output, *candidate.others)
            raise UsageError(
                f"Nothing that {submission.file} binds is a derivative of {outputs} "
                f"by a quantity of the forward program, at the script's numbers.{_uncalled(functions)}"
            )
    else:
        reader.read()
        found = best(reader.quantities, named, name, candidates(reader.quantities))
        if found is None:
            # `q = x + y` of whole numbers may be a size, or a quantity like any other.
            reader = ProgramReader(map(_real, bindings), functions)
            reader.read()
            found = best(reader.quantities, named, name, candidates(reader.quantities))
    if found is None:
        raise UsageError(_nothing(run, reader, functions))
    draft = _named(found, submission, reader, functions)
    if broken := _broken(run):
        draft = replace(draft, comments=(" ".join(broken.split()), *draft.comments))
    return written(_confirmed(draft, submission))


def _program(forward: str) -> Program:
    try:
        program = parse_program(forward)
    except FormulaError as error:
        raise UsageError(f"The forward program cannot be read: {error}.") from error
    if not program:
        raise UsageError("The forward program is empty.")
    return program


def _stated(forward: str, program: Program, reader: ProgramReader, submission: Submission) -> Candidate:
    """What the author's program computes, from what the script has under the names that it reads."""
    needed = _read_first(program, set())
    missing = needed - reader.take(needed) - _CONSTANTS
    if missing:
        raise UsageError(
            f"The forward program reads {_listed(*sorted(missing))}, which {submission.file} never binds to numbers."
        )
    try:
        candidate = stated(reader.quantities, program, forward)
    except ExerciseError as error:
        raise UsageError(
            "The forward program cannot be used: " + "; ".join(one.sentence for one in error.faults)
        ) from error
    except EvaluationError as error:
        raise UsageError(f"The forward program cannot be computed: {error}.") from error
    if candidate is None:
        raise UsageError(
            "The forward program ends with no single number. Derivatives of an array start from what arrives from "
            "above: end it with a line like `L = sum(dout * out)`."
        )
    return candidate


_CONSTANTS = frozenset({"pi", "e"})


def _read_first(program: Program, bound: set[str]) -> set[str]:
    """The names that a program reads before it binds them, if it does; `bound` grows by those it binds."""
    found: set[str] = set()
    for statement in program:
        match statement:
            case For(variable, start, stop, step, _, body):
                found |= (names(start) | names(stop) | names(step)) - bound
                bound.add(variable)
                found |= _read_first(body, bound)
            case Assign(name, keys, value):
                found |= names(value).union(*map(names, keys)) - bound
                bound.add(name)
    return found


def _listed(*quoted: str) -> str:
    return ", ".join(f"`{one}`" for one in quoted)


def _real(binding: ScriptBinding) -> ScriptBinding:
    """A binding whose whole number, or numbers, are numbers like any other."""
    value = binding.event.value
    if binding.site.kind == "loop" or not isinstance(value, Value) or value.dtype != "int":
        return binding
    return replace(binding, event=replace(binding.event, value=replace(value, dtype="float64")))


def _nothing(run: ScriptRun, reader: ProgramReader, functions: Functions) -> str:
    submission = run.submission
    uncalled = _uncalled(functions)
    unread = [f"line {one.line}" for one in reader.unread[1:8]]
    why = ""
    if reader.unread:
        first = reader.unread[0]
        cell = submission.cells[first.site.cell]
        code = _code(first, submission)
        fault = fault_of(cell.source, first.site, functions.all)
        reason = f": found {fault.found}" if fault else ""
        if fault is None and _uses_modules(submission):
            reason = ": it calls a module of torch that is not read"
        why = f" Line {first.line}, `{code}`, could not be read{reason}."
        if fault is not None and "unknown operation" in fault.found and _uses_modules(submission):
            why += (
                " Of torch modules, layers are read where they are called one by one, `fc1(x)` or `layers[0](x)`: not"
                " in a loop over layers, and no recurrent cells. Write those as `x @ W1.T + b1`, with `W1 = ...` above."
            )
        if fault is not None and (drawn := _DRAWN.search(fault.found)):
            why += f" Give the numbers that `{drawn[1]}` draws a name on a line of their own: `noise = ...`."
        if unread:
            why += f" Then neither could {', '.join(dict.fromkeys(unread))}."
    computed = [reader.quantities.values.get(text(line.quantity)) for line in reader.quantities.lines]
    if uncalled and not reader.quantities.lines:
        why = uncalled
    elif not reader.unread and computed and not any(one is not None and one.size == 1 for one in computed):
        why = (
            " The script computes no single number that its derivatives could be of: write the loss on a line of its "
            "own, `loss = ...`, before them."
        )
    else:
        why += (
            " An exercise is read from a forward pass and the derivatives of what it computes: if there are only "
            "derivatives, write the forward pass above them, or state it with `--forward`."
        )
    if not reader.unread and not uncalled:
        why = _no_derivatives(run, reader) + why
    broken = _broken(run)
    if broken and not run.bindings:
        why = ""
    stopped = f" {broken}." if broken else ""
    return f"No derivatives were found in {submission.file}.{stopped}{why}"


def _broken(run: ScriptRun) -> str:
    """What could not be read or run of the script, the first of it; empty if nothing."""
    for problem in run.submission.problems:
        if problem.kind != "note":
            return problem.message[:1].upper() + problem.message[1:].rstrip(".")
    if run.stopped is None:
        return ""
    cell = run.submission.cells[run.stopped.at_cell]
    line, lines = cell.first_line + run.stopped.line - 1, cell.text.splitlines()
    code = lines[run.stopped.line - 1].strip() if 0 < run.stopped.line <= len(lines) else ""
    return f"Line {line}, `{code}`, raised {run.stopped.error.rstrip('.')}"


def _no_derivatives(run: ScriptRun, reader: ProgramReader) -> str:
    """The names that promise a derivative by something the script computes with, and hold none."""
    known = {quantity.partition("[")[0] for quantity in reader.quantities.values}
    told = {
        label: one.line
        for one in run.bindings
        for label in one.labels
        if (found := _PROMISING.fullmatch(label)) and found[1] in known
    }
    if not told:
        return ""
    listed = " or ".join(f"`{label}` (line {line})" for label, line in told.items())
    return f" At the script's numbers, no single number that it computes has {listed} as a derivative."


_PROMISING = re.compile(r"(?:d_?|grad_?|g_)(\w+)")


_DRAWN = re.compile(
    r"unknown operation `(rand\w*|standard_normal|normal|uniform|choice|integers|permutation|bernoulli)`"
)
"""Operations that draw random numbers: a formula has none."""


def _uses_modules(submission: Submission) -> bool:
    return any(re.search(r"\btorch\.nn\b|\bfrom torch import .*\bnn\b", cell.source) for cell in submission.cells)


def _uncalled(functions: Functions) -> str:
    """The advice to call a function or class that the script only defines."""
    for name in functions.outer:
        if not functions.is_called(name):
            return f" `{name}` is never called: call it once, so that the shapes of its arguments are known."
    for node in functions.unused.values():
        return f" `{node.name}` is never used: make an object of it and call its methods, to show their arguments."
    return ""


def _named(draft: Draft, submission: Submission, reader: ProgramReader, functions: Functions) -> Draft:
    """The draft with its title, the lines that call its functions, and what could not be read."""
    inside = any(one.handed for one in draft.givens)
    steps = {step.name.partition("[")[0] for step in draft.steps}
    results = {line.statement.name for line in draft.lines}
    calls = inside or functions.waiting
    answer = functions.answer({one.name for one in draft.givens}, steps | results) if calls else ()
    last = max(reader.place_of(step.name) for step in draft.steps)
    lost = [one for one in reader.unread if one.event.sequence < last and not set(one.labels) & steps]
    draft = replace(
        draft, title=_title(submission), answer=answer, comments=(*_comments(lost, submission), *draft.comments)
    )
    return _with_usual_names(draft)


def _with_usual_names(draft: Draft) -> Draft:
    """The draft with `dx` for each derivative that a function returns without a name."""
    steps: list[DraftStep] = []
    answer = draft.answer
    taken = {step.name for step in draft.steps} | {given.name for given in draft.givens}
    for step in draft.steps:
        usual = "d" + step.quantity.rpartition("/d(")[2].partition("[")[0].rstrip(")")
        if re.fullmatch(rf"{RESULT}(_\d+)?", step.name) and usual not in taken:
            answer = tuple(re.sub(rf"\b{step.name}\b", usual, line) for line in answer)
            taken.add(usual)
            step = replace(step, name=usual)
        steps.append(step)
    return replace(draft, steps=tuple(steps), answer=answer)


def _title(submission: Submission) -> str:
    first = submission.cells[0].source.lstrip() if submission.cells else ""
    line = first.lstrip("\"'").split("\n")[0].strip() if first.startswith(('"""', "'''")) else ""
    return line.rstrip("\"'").partition(":")[0].rstrip(".")[:70] or f"From {submission.file}"


def _comments(lost: list[ScriptBinding], submission: Submission) -> tuple[str, ...]:
    """One comment per line that could not be read, with the line as it stands."""
    made: dict[tuple[int | None, int], str] = {}
    for one in lost:
        code = _code(one, submission)
        where = f"line {one.line}" if one.cell is None else f"cell {one.cell}, line {one.line}"
        made.setdefault((one.cell, one.line), f"not read: {where}: {code}"[:110])
    return tuple(made.values())


def _code(binding: ScriptBinding, submission: Submission) -> str:
    """The line of a binding as it stands."""
    cell = submission.cells[binding.site.cell]
    lines = cell.text.splitlines()
    at = binding.line - cell.first_line
    return lines[at].strip() if at < len(lines) else ""


def _confirmed(draft: Draft, submission: Submission) -> Draft:
    """The draft without the steps that grading the script calls wrong; those it cannot judge are named in a comment."""
    for _ in range(ROUNDS):
        try:
            result = check(loads(written(draft)), submission)
        except ExerciseError as error:
            raise UsageError(f"{submission.file} was read, but the exercise cannot be used: {error}") from error
        refused = _doubtful(draft, result)
        if not refused and not any(step.outcome == "correct" for step in result.steps):
            break
        if not refused:
            return replace(draft, comments=(*draft.comments, *_unjudged(draft, result)))
        told = tuple(
            f"not confirmed: {_place(one)}`{one.name}` is not {one.quantity} at other numbers"
            for one in refused
            if not one.guessed
        )
        kept = tuple(one for one in draft.steps if one not in refused)
        draft = replace(draft, steps=kept, comments=(*draft.comments, *told))
        if not kept:
            break
    raise UsageError(
        f"{submission.file} was read, but grading it by what was read confirms none of its derivatives."
        f"{_set_again(draft, submission) or _unnamed(draft)}"
    )


def _set_again(draft: Draft, submission: Submission) -> str:
    """The advice to start from values with names where a script sets the weights of a module after it was made."""
    for cell in submission.cells:
        for at, line in enumerate(cell.source.split("\n")):
            if found := _SETTING.search(line):
                weight = (found[1] or found[2]).replace(".", "_")
                if any(weight.startswith(one.name) for one in draft.givens):
                    return (
                        f" Line {cell.first_line + at} sets the weights of a module after it was made, to the same "
                        "numbers in every run: leave it out, or start from `W1 = ...` and `x @ W1.T`."
                    )
    return ""


_SETTING = re.compile(
    r"\binit\.\w+_\(\s*([\w.]+\.(?:weight|bias))\b|\b([\w.]+\.(?:weight|bias))(?:\.data)?(?:\.\w+_\(|\s*=[^=])"
)


def _unnamed(draft: Draft) -> str:
    """The advice to name what a script starts from inside functions: it is run with other numbers too."""
    inside = [one for one in draft.givens if one.handed and one.line]
    if not inside:
        return ""
    places = ", ".join(f"`{one.name}` (line {one.line})" for one in inside)
    return (
        f" The script must run with other numbers too, so what it starts from needs names outside functions: {places}. "
        "Bind them above, as `W1 = ...`, and hand them over."
    )


def _doubtful(draft: Draft, result: Result) -> tuple[DraftStep, ...]:
    """The steps to leave out next: what was only guessed, then families, as these may be what spoils the others."""
    outcomes = {step.name: step.outcome for step in result.steps}
    refused = [one for one in draft.steps if outcomes.get(one.name) not in ("correct", "unjudged")]
    guessed = [one for one in draft.steps if one.guessed and outcomes.get(one.name) != "correct"]
    families = {_family(one) for one in refused} - {""}
    rebound = [one for one in draft.steps if _family(one) in families]
    return tuple(guessed or rebound or refused)


def _unjudged(draft: Draft, result: Result) -> tuple[str, ...]:
    unjudged = {step.name for step in result.steps if step.outcome == "unjudged"}
    return tuple(
        f"not confirmed: {_place(one)}`{one.name}` could not be judged (`grader check` says why)"
        for one in draft.steps
        if one.name in unjudged
    )


def _place(step: DraftStep) -> str:
    return f"line {step.line}: " if step.line else ""


def _family(step: DraftStep) -> str:
    """The name of the family a step belongs to; empty for a step of its own."""
    return step.name.partition("[")[0] if "[" in step.name else ""
