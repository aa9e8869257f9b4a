"""Write a draft as an exercise file."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.draft.quantities import ReadLine, ScriptInput
from grader.formula.check import substitute
from grader.formula.syntax import Assign, Call, Expression, Number, text
from grader.model import Value

MAX_NUMBERS = 120
"""How many numbers of an input are written out; those of a larger one are drawn."""

FEWEST_PASSES = 3
"""How many passes are written as a loop."""


@dataclass(frozen=True, slots=True)
class DraftStep:
    """A step: the name the script binds, what it is, and the line at which it was found. `guessed`: by its value
    alone."""

    name: str
    quantity: str
    line: int
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """An exercise as read from a script. `added` are lines of the program that the script does not have; `comments`
    what could not be read."""

    id: str
    title: str
    givens: tuple[ScriptInput, ...]
    lines: tuple[ReadLine, ...]
    output: str
    added: tuple[str, ...] = ()
    steps: tuple[DraftStep, ...] = ()
    answer: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()

    def by(self) -> frozenset[str]:
        """The names that a step differentiates by."""
        return frozenset(name for step in self.steps for name in re.findall(r"/d\((\w+)", step.quantity))


def written(draft: Draft) -> str:
    """The exercise file of a draft."""
    whole = [
        f"# Read from a worked script. `grader lint {draft.id}.yaml` says what it would hide; `text` is yours.",
        *(f"# {comment}" for comment in draft.comments),
        "",
        f"exercise: {draft.id}",
        f"title: {_quoted(draft.title)}",
        "text: |",
        "  What does the program below compute, and how fast does its result change with each of its inputs?",
        "",
        "given:",
        *(line for given in draft.givens for line in _given(given, given.name in draft.by())),
        "",
        "forward: |",
        *(f"  {line}" for line in program(draft)),
        "",
        "steps:",
        *_steps(draft.steps),
        "",
        f"output: {draft.output}",
    ]
    if draft.answer:
        whole += ["", "answer: |", *(f"  {line}" for line in draft.answer)]
    return "\n".join(whole) + "\n"


def program(draft: Draft) -> tuple[str, ...]:
    """The lines of the forward program, with loops over what several passes do alike."""
    return (*rolled([(pass_of(line.statement), spelled(line.statement)) for line in draft.lines]), *draft.added)


def pass_of(statement: Assign) -> int | None:
    """The number of the pass of a loop that a line is from, by the entry it computes."""
    match statement.keys:
        case (Number(value=int() as at),):
            return at
        case _:
            return None


def rolled(lines: Sequence[tuple[int | None, str]]) -> Iterator[str]:
    """The same lines, with a loop in the place of passes that differ in their number alone."""
    blocks: list[tuple[int | None, list[str]]] = []
    for at, line in lines:
        goes_on = blocks and blocks[-1][0] is not None and at in (None, blocks[-1][0])
        if goes_on and (at is not None or _is_added(line)):
            blocks[-1][1].append(line)
        else:
            blocks.append((at, [line]))
    k = 0
    while k < len(blocks):
        first, body = blocks[k]
        end, general = k + 1, None if first is None else _general(body, first)
        while end < len(blocks) and general is not None and blocks[end][0] == (first or 0) + end - k:
            if _general(blocks[end][1], (first or 0) + end - k) != general:
                break
            end += 1
        if general is not None and end - k >= FEWEST_PASSES:
            yield f"for t in range({first}, {(first or 0) + end - k}):"
            yield from (f"    {line}" for line in general)
        else:
            end = k + 1
            yield from body
        k = end


def _is_added(line: str) -> bool:
    """Whether a line adds to a name: `L = L + ...`."""
    name, _, formula = line.partition(" = ")
    return formula.startswith(f"{name} + ")


def _general(lines: Sequence[str], at: int) -> list[str]:
    """The lines of a pass, with `t` for its number in indices of one number."""
    spoken = {at: "t", at - 1: "t-1", at + 1: "t+1"}
    return [re.sub(r"\[(\d+)(?=[,\]])", lambda found: f"[{spoken.get(int(found[1]), found[1])}", one) for one in lines]


def spelled(statement: Assign) -> str:
    """One line, as authors write it."""
    keys = f"[{', '.join(map(_formula, statement.keys))}]" if statement.keys else ""
    return f"{statement.name}{keys} = {_formula(statement.value)}"


def _formula(node: Expression) -> str:
    # Substituting any name works out the arithmetic of indices: `h[2 - 1]` is `h[1]`.
    plain = text(_without_aliases(substitute(node, {"": 0})))
    plain = re.sub(r"\btranspose_all\((\w+(?:\[\d+\])?)\)", r"\1.T", plain)
    plain = re.sub(r"\bshape_of\((\w+)\)", r"\1.shape", plain)
    plain = re.sub(r"\b(arange|zeros|ones)\((?:stop|shape)=", r"\1(", plain)
    return re.sub(r"\blength\(", "len(", plain).replace(repr(math.pi), "pi")


def _without_aliases(node: Expression) -> Expression:
    """Without the calls that only copy, as `np.array(x)` does."""
    return node.arguments[0] if isinstance(node, Call) and node.operation == "same" and node.arguments else node


def _given(given: ScriptInput, is_varied: bool) -> list[str]:
    value, form = given.value, ""
    if not value.shape:
        form = _number(value.numbers()[0], value, is_varied)
        if given.aliases:
            form = f"value: {form}"
    elif _is_drawn(given):
        form = f"shape: {list(value.shape)}, draw: {_quoted(_draw(value))}"
    else:
        numbers = [_number(one, value, is_varied, given.typed) for one in value.numbers()]
        form = _nested(numbers, value.shape)
        if _is_mask(value) and not is_varied:
            form = f"value: {form}, fixed: true"
        elif _is_share(value):
            form = f'value: {form}, probe: "uniform(0.02, 0.98)"'
        elif given.aliases:
            form = f"value: {form}"
    if given.aliases:
        form += f", aliases: [{', '.join(given.aliases)}]"
    return [f"  {given.name}: {{{form}}}" if ":" in form else f"  {given.name}: {form}"]


def _is_drawn(given: ScriptInput) -> bool:
    return given.value.size > MAX_NUMBERS or not any(given.value.numbers())


def _is_mask(value: Value) -> bool:
    return value.size > 1 and set(value.numbers()) <= {0.0, 1.0}


def _is_share(value: Value) -> bool:
    """Whether these may be probabilities, which must stay between 0 and 1."""
    return value.dtype != "int" and all(0 < one < 1 for one in value.numbers())


def _draw(value: Value) -> str:
    numbers = value.numbers()
    low, high = min(numbers), max(numbers)
    if value.dtype == "int":
        return f"integers({int(low)}, {int(high) + 1})"
    if low == high:
        return "uniform(-0.5, 0.5)"
    deviation = math.sqrt(sum(one * one for one in numbers) / len(numbers))
    if low < 0 < high and max(-low, high) > 2.2 * deviation and 0.7 < deviation < 1.4:
        return "normal"
    return f"uniform({_rounded(low)}, {_rounded(high)})"


def _rounded(number: float) -> str:
    return f"{number:.2g}" if abs(number) < 1e6 else repr(number)


def _number(number: float, value: Value, is_varied: bool, typed: bool = True) -> str:
    if value.dtype == "int" and not is_varied:
        return str(int(number))
    return repr(number if typed else round(number, 4))


def _nested(numbers: Sequence[str], shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return f"[{', '.join(numbers)}]"
    size = len(numbers) // shape[0]
    return f"[{', '.join(_nested(numbers[k * size : (k + 1) * size], shape[1:]) for k in range(shape[0]))}]"


_MEMBER = re.compile(r"(\w+)\[(\d+)\]")


def _steps(steps: Iterable[DraftStep]) -> list[str]:
    """One line per step; the members of a family in one entry, at the place of the first."""
    families: dict[str, list[tuple[int, str]]] = {}
    for step in steps:
        if member := _MEMBER.fullmatch(step.name):
            families.setdefault(member[1], []).append((int(member[2]), step.quantity))
    made: dict[str, str] = {}
    for step in steps:
        member = _MEMBER.fullmatch(step.name)
        loop = _loop(families[member[1]]) if member else None
        if member and loop:
            formula = step.quantity.replace(f"[{member[2]}]", "[t]")
            made.setdefault(
                f"{member[1]}[t]",
                f"{{is: {_quoted(formula)}, for: {_quoted(loop)}, points: {len(families[member[1]])}}}",
            )
        else:
            made[step.name] = step.quantity
    return [f"  {name}: {form}" for name, form in made.items()]


def _loop(members: Sequence[tuple[int, str]]) -> str | None:
    """The loop over the members of a family in their order; None where they follow no range."""
    places = [place for place, _ in members]
    if len({quantity.replace(f"[{place}]", "[t]") for place, quantity in members}) > 1 or len(members) < 2:
        return None
    ends = f"range({min(places)}, {max(places) + 1})"
    inner = list(range(min(places), max(places) + 1))
    return f"t in {ends}" if places == inner else f"t in reversed({ends})" if places[::-1] == inner else None


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False) if re.search(r"""[:#'"{}\[\],&*?|>%@`]|^[-\s]|\s$""", words) else words
