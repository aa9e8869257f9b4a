"""Build the starter of an exercise: text, given numbers as literals of each library, forward pass, one blank per step,
and how to check it.

The parts are the same for a script and a notebook; `render` turns them into a file.
"""

from __future__ import annotations

import ast
import builtins
import io
import math
import re
import textwrap
import tokenize
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from grader.errors import UsageError
from grader.exercise.given import known
from grader.exercise.program import with_constants
from grader.exercise.types import Exercise, Input, Step
from grader.formula.parse import parse_program
from grader.formula.spelling import Library
from grader.formula.syntax import Program, Statement, names, statements
from grader.handout.blanks import BLANK, groups, lines_of
from grader.handout.writing import CodeWriter
from grader.model import Value
from grader.reference.points import decimals, given_seed
from grader.report.hints import costs_told
from grader.syntax_trees import tree_of

IMPORTS = (
    ("math", "import math"),
    ("random", "import random"),
    ("np", "import numpy as np"),
    ("torch", "import torch"),
    ("F", "import torch.nn.functional as F"),
)

_ALWAYS: Mapping[Library, str] = {"python": "math", "numpy": "np", "torch": "torch"}

MAX_LITERAL_NUMBERS = 200
"""Maximum size of a drawn array written as literals; the starter draws a larger one again."""

WIDTH = 100


@dataclass(frozen=True, slots=True)
class FunctionSkeleton:
    """A called function: its parameters, and the names of its results (empty: they have no names)."""

    name: str
    parameters: tuple[str, ...]
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerNeeds:
    """What the `answer` needs from a submission: functions, `forward` quantities that it reads before any function has
    returned them, and `values` that nothing has computed yet."""

    functions: tuple[FunctionSkeleton, ...] = ()
    forward: frozenset[str] = frozenset()
    values: tuple[str, ...] = ()


def answer_of(exercise: Exercise) -> AnswerNeeds:
    """Read from an exercise's `answer` what it calls and reads."""
    if exercise.answer is None:
        return AnswerNeeds()
    forward = {step.family or step.name for step in exercise.forward_steps}
    known = {one.name for one in exercise.inputs} | {"np", "torch", "math"}
    functions: dict[str, FunctionSkeleton] = {}
    read: dict[str, None] = {}
    for statement in tree_of(exercise.answer).body:
        targets = _targets(statement)
        called = {}
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not _is_builtin(node.func.id):
                own = targets if node is getattr(statement, "value", None) else ()
                called[node.func.id] = FunctionSkeleton(node.func.id, _parameters(node), own)
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and not _is_builtin(node.id):
                read.update(dict.fromkeys({node.id} - known - called.keys() - functions.keys()))
        functions = {**called, **functions}
        known.update(targets)
    ordered = sorted(functions.values(), key=lambda one: (exercise.answer or "").index(one.name))
    values = tuple(name for name in read if name not in forward)
    return AnswerNeeds(tuple(ordered), frozenset(forward & read.keys()), values)


def _is_builtin(name: str) -> bool:
    return hasattr(builtins, name)


def _targets(statement: ast.stmt) -> tuple[str, ...]:
    if not isinstance(statement, ast.Assign):
        return ()
    parts = [part for target in statement.targets for part in _parts(target)]
    return tuple(part.id if isinstance(part, ast.Name) else f"result{at}" for at, part in enumerate(parts, 1))


def _parts(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, ast.Tuple | ast.List) else [target]


def _parameters(call: ast.Call) -> tuple[str, ...]:
    found: list[str] = []
    for at, argument in enumerate(call.args, 1):
        match argument:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                pass
            case ast.Starred():
                name = "*arguments"
            case _:
                name = f"argument{at}"
        found.append(name if name not in found else f"{name}{at}")
    return (*found, *(keyword.arg or "**options" for keyword in call.keywords))


def sliced(program: Program, wanted: Collection[str], known: Collection[str]) -> Program | None:
    """The statements that compute `wanted` from `known`; None if further names are needed."""
    needed, kept = set(wanted), list[Statement]()
    for statement in reversed(program):
        inside = list(statements((statement,)))
        assigned = {one.name for one in inside}
        if not assigned & needed:
            continue
        read = {name for one in inside for name in names(one.value).union(*map(names, one.keys))}
        needed = (needed - assigned) | (read - assigned)
        kept.append(statement)
    loops = {name for statement in kept for name in _loop_names(statement)}
    return tuple(reversed(kept)) if needed - loops <= set(known) else None


def _loop_names(statement: Statement) -> Iterable[str]:
    from grader.formula.syntax import For

    if isinstance(statement, For):
        yield statement.variable
        yield from (name for end in (statement.start, statement.stop, statement.step) for name in names(end))
        for inner in statement.body:
            yield from _loop_names(inner)


def steps_of(exercise: Exercise, functions: tuple[FunctionSkeleton, ...]) -> dict[str, list[Step]]:
    """The steps computed in each function: in the one that returns them, otherwise in the last that returns one."""
    found: dict[str, list[Step]] = {one.name: [] for one in functions}
    home = {name: one.name for one in reversed(functions) for name in one.results}
    keys = [step.family or step.name for step in exercise.steps]
    last = next((home[key] for key in reversed(keys) if key in home), functions[-1].name if functions else "")
    for step, key in zip(exercise.steps, keys, strict=True):
        if functions:
            found[home.get(key, last)].append(step)
    return found


@dataclass(frozen=True, slots=True)
class StarterPart:
    """A part of a starter: `text` (Markdown) or `code`, and its heading. `steps`: the code contains blanks."""

    heading: str = ""
    text: str = ""
    code: tuple[str, ...] = ()
    steps: bool = False


def starter(
    exercise: Exercise, given: Mapping[str, Value], library: Library | None = None, hints: bool = False
) -> tuple[StarterPart, ...]:
    """The parts of a starter, for the requested library, otherwise the author's, otherwise the simplest that suffices.

    `given` are the numbers of the given point. Raises `UsageError` if the library cannot express the program."""
    chosen = library or exercise.starter or ("python" if _fits_plain_python(exercise) else "numpy")
    if chosen == "python" and not _all_scalar(exercise):
        raise UsageError(f"{exercise.id} has arrays: its starter can be written for NumPy or torch, not plain Python.")
    writer = _writer(exercise, chosen)
    answer = answer_of(exercise)
    forward = _forward(exercise, writer) if exercise.answer is None else _read_forward(exercise, answer, writer)
    skeletons = _skeletons(exercise, answer, writer, hints)
    asked = [
        StarterPart("Your derivation", code=code, steps=True) for code in _asked(exercise, answer, skeletons, hints)
    ]
    inputs = [line for one in exercise.inputs for line in binding(exercise, one, given[one.name], chosen).lines]
    body = "\n".join([*inputs, *forward, *writer.helpers.values(), *(line for part in asked for line in part.code)])
    return (
        StarterPart(text=f"# {exercise.title}\n\n{exercise.text.strip()}".strip()),
        StarterPart("What you start from", code=(*_opening(exercise, chosen, writer, body), *inputs)),
        *([StarterPart("The program, forwards", code=tuple(forward))] if forward else []),
        *([StarterPart(text=_program(exercise))] if exercise.answer is not None else []),
        StarterPart(text=_task(exercise, answer)),
        *asked,
    )


def _writer(exercise: Exercise, library: Library) -> CodeWriter:
    taken = {one.name for one in exercise.inputs}
    taken |= {step.family or step.name for step in (*exercise.forward_steps, *exercise.steps)}
    pointed = frozenset(step.family or step.name for step in exercise.forward_steps if step.points)
    plain = {one.name for one in exercise.inputs if one.whole and not one.shape}
    whole = frozenset(one.name for one in exercise.inputs if one.whole and one.shape)
    return CodeWriter(library, taken, plain, whole, blank=pointed)


def _all_scalar(exercise: Exercise) -> bool:
    return not any(one.shape for one in exercise.inputs)


def _fits_plain_python(exercise: Exercise) -> bool:
    if not _all_scalar(exercise) or re.search(r"\b(np|torch)\.", exercise.answer or ""):
        return False
    try:
        _forward(exercise, _writer(exercise, "python"))
    except UsageError:
        return False
    return True


def _opening(exercise: Exercise, library: Library, writer: CodeWriter, body: str) -> list[str]:
    body += exercise.answer or ""
    lines = [line for word, line in IMPORTS if word == _ALWAYS[library] or re.search(rf"(?<![\w.]){word}\.", body)]
    lines.append("")
    if library == "torch":
        lines += ["torch.set_default_dtype(torch.float64)", ""]
    if writer.helpers:
        lines += ["# The program below is written with these functions: leave them as they are."]
    for text in writer.helpers.values():
        lines += ["", *text.split("\n"), "", ""]
    return lines


def _parsed(exercise: Exercise) -> Program:
    program = parse_program(exercise.program_text, known(exercise.inputs))
    return with_constants(program, tuple(one.name for one in exercise.inputs))


def _forward(exercise: Exercise, writer: CodeWriter) -> list[str]:
    """The program with the author's comments and empty lines in their places."""
    source = exercise.program_text
    comments, above = _comments(source), 0
    texts = source.split("\n")
    lines: list[str] = []
    for line, text in writer.program(_parsed(exercise)):
        indent = text[: len(text) - len(text.lstrip())]
        for passed in range(above + 1, line):
            if passed in comments:
                lines.append(indent + comments[passed])
            elif not texts[passed - 1].strip() and lines and lines[-1]:
                lines.append("")
        lines.append(f"{text}  {comments[line]}" if line in comments else text)
        above = max(above, line)
    return lines


def _read_forward(exercise: Exercise, answer: AnswerNeeds, writer: CodeWriter) -> list[str]:
    """The part of the program that computes the arguments of the `answer`'s functions; they compute the rest."""
    program = sliced(
        _parsed(exercise),
        answer.forward,
        {one.name for one in exercise.inputs},
    )
    return [line for _, line in writer.program(program or ())]


def _program(exercise: Exercise) -> str:
    return f"## The program\n\n```\n{exercise.program_text.rstrip()}\n```"


def _comments(source: str) -> dict[int, str]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return {}
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def _task(exercise: Exercise, answer: AnswerNeeds) -> str:
    where = f" in {_listed([f'`{one.name}`' for one in answer.functions])}" if answer.functions else ""
    costs = costs_told(exercise.policy)
    return (
        f"## What is asked\n\nPut a formula in the place of each `{BLANK}`{where}. Write formulas, not numbers: your "
        "code is run again with other given numbers. What you leave as it is counts as not filled in yet."
        + (f"\n\n{costs}" if costs else "")
    )


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _asked(
    exercise: Exercise, answer: AnswerNeeds, skeletons: list[tuple[str, ...]], hints: bool
) -> list[tuple[str, ...]]:
    values = tuple(f"{name} = {BLANK}  # what the functions above are called with" for name in answer.values)
    if skeletons:
        return [*skeletons, *([values] if values else [])]
    begun: set[str] = set()
    blanks = [tuple(lines_of(exercise, group, begun, hints)) for group in groups(exercise.steps)]
    return [*blanks, *([values] if values else [])]


def _skeletons(exercise: Exercise, answer: AnswerNeeds, writer: CodeWriter, hints: bool) -> list[tuple[str, ...]]:
    inside = steps_of(exercise, answer.functions)
    made = []
    for at, function in enumerate(answer.functions):
        later = {name: one.name for one in reversed(answer.functions[at + 1 :]) for name in one.parameters}
        lines = [f"def {function.name}({', '.join(function.parameters)}):"]
        lines += [f"    {line}" for line in _body(exercise, function, inside[function.name], later, writer, hints)]
        lines.append(f"    return {', '.join(function.results) or BLANK}")
        made.append(tuple(lines))
    return made


def _body(
    exercise: Exercise,
    function: FunctionSkeleton,
    steps: list[Step],
    later: Mapping[str, str],
    writer: CodeWriter,
    hints: bool,
) -> list[str]:
    """The body of a function: returned forward quantities are computed if its parameters suffice, the rest is blank."""
    asked = {step.family or step.name for step in steps}
    forward = {one.name for one in statements(exercise.program)} & set(function.results) - writer.blank
    fixed = {one.name for one in exercise.inputs if one.whole and not one.shape}
    program = sliced(_parsed(exercise), forward, {*function.parameters, *fixed}) if forward else None
    lines = [text for _, text in writer.program(program)] if program else []
    computed = forward if program else set()
    for name in function.results:
        if name not in asked and name not in computed:
            lines.append(f"{name} = {BLANK}" + (f"  # what `{later[name]}` is to know" if name in later else ""))
    begun: set[str] = set()
    for group in groups(steps):
        lines += lines_of(exercise, group, begun, hints)
    return lines


@dataclass(frozen=True, slots=True)
class InputBinding:
    """The lines of the statement that binds an input. `draws`: it needs the module `random`."""

    lines: tuple[str, ...]
    draws: bool = False


def binding(exercise: Exercise, one: Input, value: Value, library: Library) -> InputBinding:
    """The statement `name = ...` for an input, with `value` to the last digit. Plain Python has no arrays."""
    owned = one.given is not None or one.name in dict(exercise.variant)
    if one.shape and not owned and value.size > MAX_LITERAL_NUMBERS:
        return InputBinding((f"{one.name} = {_drawn_again(exercise, one, library)}",), draws=True)
    if not one.shape:
        text = _number(value.numbers()[0], one.whole)
        needs_tensor = library == "torch" and not one.whole
        return InputBinding((f"{one.name} = {f'torch.tensor({text})' if needs_tensor else text}",))
    text = nested([_number(number, one.whole) for number in value.numbers()], one.shape)
    maker = "np.array" if library == "numpy" else "torch.tensor"
    return InputBinding(tuple(f"{one.name} = {maker}({text})".split("\n")))


def nested(numbers: list[str], shape: tuple[int, ...]) -> str:
    """Nested lists, one row per line; long rows are broken at commas."""
    if len(shape) == 1:
        row = f"[{', '.join(numbers)}]"
        if len(row) <= WIDTH:
            return row
        lines = textwrap.wrap(", ".join(numbers) + ",", WIDTH)
        return "[\n" + "".join(f"    {line}\n" for line in lines) + "]"
    size = math.prod(shape[1:])
    rows = [nested(numbers[at * size : (at + 1) * size], shape[1:]) for at in range(shape[0])]
    return "[\n" + "".join(textwrap.indent(row, "    ") + ",\n" for row in rows) + "]"


def _number(number: float, whole: bool) -> str:
    return str(int(number)) if whole else repr(number)


def _drawn_again(exercise: Exercise, one: Input, library: Library) -> str:
    """An expression that draws the numbers of an array exactly as the reference does."""
    draw = one.draw
    match draw.kind:
        case "integers":
            each = f"source.randrange({int(draw.low)}, {int(draw.high)})"
        case "uniform":
            each = f"round(source.uniform({draw.low!r}, {draw.high!r}), {decimals(draw)})"
        case _:
            each = f"round(source.gauss({draw.low!r}, {draw.high!r}), {decimals(draw)})"
    source = f'random.Random("{given_seed(exercise.id, one.name)}")'
    numbers = f"[{each} for source in [{source}] for _ in range({math.prod(one.shape)})]"
    kind = "float" if draw.kind == "integers" and not one.whole else ""
    if library == "numpy":
        made = f"np.array({numbers}{', dtype=float' if kind else ''})"
    else:
        made = f"torch.tensor({numbers}{', dtype=torch.float64' if kind else ''})"
    return f"{made}.reshape({', '.join(map(str, one.shape))})"
