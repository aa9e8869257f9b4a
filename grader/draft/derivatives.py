"""Find out which bindings of a script are derivatives, and of what: by their names, confirmed by their values."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from grader.diagnosis.chain_rule.numbers import as_number, is_right
from grader.draft.observation import ScriptBinding
from grader.draft.quantities import Quantities, ReadLine, ScriptInput, quantities, slice_of
from grader.draft.text import Draft, DraftStep, written
from grader.errors import ExerciseError
from grader.exercise.load import loads
from grader.exercise.names import complaint
from grader.exercise.types import Exercise
from grader.formula.evaluate import EvaluationError
from grader.formula.parse import parse_expression, parse_program
from grader.formula.syntax import Program, names, statements, text
from grader.instrument.name_matching import holds_gradients, normal, spelled_in
from grader.judge.matching.compare import Measure
from grader.judge.matching.naming import derivative_names
from grader.model import Value
from grader.reference.autograd import Graph, to_value
from grader.reference.points import Point

_BOUND = ("assign", "unpack", "again", "item", "whole", "appended", "entry", "settled", "touched")

_MEMBER = re.compile(r"\[(-?\d+)\]\)$")

_ARRIVING = re.compile(r"_(out|in|next|up|upstream)$")
"""What some write behind the name of a derivative that arrives from above: `dres_out` is that of `res`."""

_AGAIN = re.compile(r"_\d+$")
"""What a quantity is told apart by from an earlier one that the script has under the same name."""

_UPSTREAM = frozenset({"dout", "upstream", "grad_output", "grad_out", "dy", "grad", "g"})
"""Names of a derivative that arrives from above, whatever the result is called."""

MAX_OUTPUTS = 12
"""How many numbers are tried as the one that is differentiated."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number that may be what the script differentiates: `lines` of the script compute it, `added` ones that the
    script does not have, or both. `others` are further numbers of which it may have derivatives."""

    output: str
    lines: tuple[ReadLine, ...]
    added: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def stated(reader: Quantities, program: Program, source: str) -> Candidate | None:
    """The numbers of a program that the author wrote, those that no later line reads; None if there are none."""
    lines = tuple(one for one in source.splitlines() if one.strip())
    last = [one.name for one in statements(program)][-1]
    draft = Draft("stated", "stated", tuple(reader.givens.values()), (), last, lines)
    exercise, graph = differentiable(draft)
    values = {step.name: to_value(graph.value(step.quantity)) for step in exercise.forward_steps}
    read = {name for one in statements(program) for name in names(one.value)}
    ends = [name for name, value in values.items() if value.size == 1 and name.partition("[")[0] not in read]
    ends.sort(key=lambda name: not _is_loss(name))
    return Candidate(ends[0], (), lines, tuple(ends[1:])) if ends else None


def differentiable(draft: Draft) -> tuple[Exercise, Graph]:
    """The program of a draft in torch, at the script's numbers. Raises `ExerciseError` and `EvaluationError`."""
    exercise = loads(written(replace(draft, steps=(DraftStep("step_of_no_script", draft.output, 0),))))
    return exercise, Graph(exercise, Point(0, {one.name: _as_given(exercise, one) for one in draft.givens}))


def candidates(reader: Quantities) -> Iterator[Candidate]:
    """The numbers the script computes, those with the usual names first, then sums of results times what the script
    takes to arrive at them: `L = sum(out * dout)`."""
    numbers = [one for one in quantities(reader.lines) if _is_number(reader.values.get(text(one)))]
    numbers.sort(key=lambda one: not _is_loss(text(one)))
    for one in numbers[:MAX_OUTPUTS]:
        name = text(one)
        yield Candidate(name, slice_of(reader.lines, names(one)))
    arriving = dict(_arriving(reader))
    if arriving:
        name = next(one for one in ("L", "loss", "total", "objective") if one not in reader.values)
        terms = " + ".join(f"sum({result} * {upstream})" for result, upstream in arriving.items())
        yield Candidate(name, slice_of(reader.lines, arriving), (f"{name} = {terms}",))


def _arriving(reader: Quantities) -> Iterator[tuple[str, str]]:
    """Each result beside the given array that stands for the derivative by it: `out` beside `dout`."""
    used: set[str] = set()
    lines = [line for line in reader.lines if not line.statement.keys]
    for given in reader.givens.values():
        if not given.handed and not given.name.startswith(("d", "grad", "upstream")):
            continue
        same = [
            line
            for line in lines
            if _shape(reader, line) == given.value.shape and _first_read(reader, given) > line.binding.event.sequence
        ]
        if not same or any(given.name in names(line.statement.value) for line in same):
            continue
        spelled = {normal(way) for line in same for way in derivative_names("L", line.statement.name, True)}
        plain = normal(_ARRIVING.sub("", given.name))
        named = [
            line
            for line in same
            if plain in {normal(way) for way in derivative_names("L", _AGAIN.sub("", line.statement.name), True)}
        ]
        if plain in spelled or given.name in _UPSTREAM:
            chosen = (named or same)[-1].statement.name
            if chosen not in used:
                used.add(chosen)
                yield chosen, given.name


def _first_read(reader: Quantities, given: ScriptInput) -> int:
    read = [line.binding.event.sequence for line in reader.lines if given.name in names(line.statement.value)]
    return min(read, default=10**9)


def _shape(reader: Quantities, line: ReadLine) -> tuple[int, ...] | None:
    value = reader.values.get(text(line.quantity))
    return None if value is None else value.shape


def _is_number(value: Value | None) -> bool:
    return value is not None and value.size == 1


def _is_loss(name: str) -> bool:
    return normal(name) in ("l", "loss", "cost", "j", "e", "error", "totalloss", "nll", "objective", "total")


class StepFinder:
    """Finds the steps for one candidate output."""

    def __init__(self, reader: Quantities, bindings: Iterable[ScriptBinding], candidate: Candidate, name: str) -> None:
        self._reader, self._candidate = reader, candidate
        used = {read for line in candidate.lines for read in names(line.statement.value)}
        used |= {read for line in candidate.lines for key in line.statement.keys for read in names(key)}
        added = statements(parse_program("\n".join(candidate.added))) if candidate.added else ()
        used |= {read for line in added for read in names(line.value)}
        self.givens = tuple(one for one in reader.givens.values() if one.name in used or not candidate.lines)
        self._draft = Draft(name, name, self.givens, candidate.lines, candidate.output, candidate.added)
        self._bindings = tuple(one for one in bindings if one.site.kind in _BOUND)
        self._outputs = (candidate.output, *candidate.others)
        self._computed = tuple(text(one) for one in quantities(candidate.lines))
        self._graph: Graph | None = None
        with contextlib.suppress(ExerciseError, EvaluationError):
            exercise, self._graph = differentiable(self._draft)
            self._computed = tuple(step.name for step in exercise.forward_steps)
        self._known: dict[str, Value | None] = {}
        self._spellings = self._spelled()

    def _spelled(self) -> dict[str, list[str]]:
        """Normal spellings of derivatives, each with what it may mean, likeliest first."""
        every = [*(one.name for one in self.givens), *self._computed]
        found: dict[str, list[str]] = {}
        output = self._candidate.output
        ordered = sorted(((of, by) for of in every for by in every), key=lambda pair: pair[0] != output)
        for of, by in ordered:
            label, at = by.partition("[")[0], by.partition("[")[2].rstrip("]")
            labels = {label, label.removesuffix("s")} if at else {label}
            ways = [way for one in labels for way in derivative_names(of.partition("[")[0], one, of == output)]
            # `dJ` alone, where there is but one thing to differentiate by.
            ways += (
                [f"d{output}", f"grad_{output}", "grad", "gradient", "g"]
                if of == output and by in self._given_names
                else []
            )
            for way in ways:
                for spelled in (way, f"{way}{at}") if at else (way,):
                    found.setdefault(normal(spelled), []).append(f"d({of})/d({by})")
        return found

    def derived(self) -> Draft | None:
        """The draft with every step that was found; None if the program cannot be differentiated."""
        if self._graph is None:
            return None
        steps: dict[str, tuple[int, DraftStep]] = {}
        for binding in self._bindings:
            if self._step_name(binding) is not None and isinstance(binding.event.value, Value):
                name, quantity = self._named(binding, binding.event.value)
                if quantity:
                    # The first time a sum is complete, and not a later copy of it.
                    steps.setdefault(name, (binding.event.sequence, DraftStep(name, quantity, binding.line)))
                    self._learn(name, quantity)
        taken = {step.quantity for _, step in steps.values()}
        # Where no name says what it is, values may, if it is clear what is differentiated.
        known = _is_loss(self._candidate.output) or bool(self._candidate.added)
        last = max((place for place, _ in steps.values()), default=10**9 if known else -1)
        for binding in self._bindings:
            if binding.event.sequence < last or any(normal(one).startswith(_SAID) for one in binding.labels):
                self._by_value(binding, steps, taken)
        ordered = tuple(step for _, step in sorted(steps.values(), key=lambda pair: pair[0]))
        return replace(self._draft, steps=ordered, comments=tuple(self._mistaken(set(steps))))

    def _mistaken(self, found: set[str]) -> Iterator[str]:
        """What has the name of a derivative and its shape, but never its value: the script may be wrong there."""
        last: dict[str, ScriptBinding] = {}
        for binding in self._bindings:
            name = self._step_name(binding)
            if name is not None and name not in found and "[" not in name and not binding.site.literal:
                last[name] = binding
        for name, binding in last.items():
            meant, value = self._spellings.get(normal(name), []), binding.event.value
            right = self._known.get(meant[0]) if meant else None
            if right is None or not isinstance(value, Value) or _squeezed(right.shape) != _squeezed(value.shape):
                continue
            if self._is_of_output(meant[0]) and not any(self._is(one, value) for one in meant):
                yield f"not confirmed: line {binding.line}: `{name}` does not have the value of {meant[0]}"

    def _is_of_output(self, quantity: str) -> bool:
        return quantity.startswith(f"d({self._candidate.output})/")

    def _by_value(self, binding: ScriptBinding, steps: dict[str, tuple[int, DraftStep]], taken: set[str]) -> None:
        """A binding whose name says nothing, but which is a derivative that no other step is."""
        value, name = binding.event.value, self._step_name(binding)
        if name is None or name in steps or not isinstance(value, Value) or not any(value.numbers()):
            return
        if name.partition("[")[0] in {one.partition("[")[0] for one in self._computed}:
            return
        if (binding.site.in_loop and binding.event.occurrence) or not _is_telling(value):
            return
        known = (*self._computed, *self._given_names)
        if any(self._reader.values[one].data == value.data for one in known if one in self._reader.values):
            return
        ways = (*self._computed, *(one.name for one in self.givens if not self._arrives(one.name)))
        for output, by in itertools.product(self._outputs, ways):
            quantity = f"d({output})/d({by})"
            if quantity not in taken and self._is(quantity, value):
                steps[name] = (binding.event.sequence, DraftStep(name, quantity, binding.line, guessed=True))
                taken.add(quantity)
                return

    def _arrives(self, given: str) -> bool:
        """Whether what is given is a derivative that arrives from above: nobody derives by it."""
        return given in _UPSTREAM or normal(given) in {normal(f"d{one}") for one in self._computed}

    def _learn(self, name: str, quantity: str) -> None:
        """From now on, names may be derivatives of this step by an input: `ddr_dw` is d(dr)/d(w), `H` or `d2J` is the
        second derivative by the same input."""
        output = self._candidate.output
        for by in (one.name for one in self.givens):
            nested, twice = f"d({quantity})/d({by})", (f"d2{by}", f"d2{output}", f"d2{output}_d{by}2", "H", "hessian")
            for way in (f"d{name}_d{by}", *(twice if quantity == f"d({output})/d({by})" else ())):
                known = self._spellings.setdefault(normal(way), [])
                if nested not in known:
                    known.append(nested)

    def _step_name(self, binding: ScriptBinding) -> str | None:
        if len(binding.labels) != 1:
            return None
        if binding.site.kind == "item" and binding.event.key is not None:
            return f"{binding.labels[0]}[{binding.event.key}]"
        name = binding.labels[0]
        if holds_gradients(binding.event.owner or binding.site.owner):
            return name
        known = name in self._computed or name in self._given_names
        return name if complaint(name) is None and name.strip("_") and not known else None

    @property
    def _given_names(self) -> set[str]:
        return {one.name for one in self.givens}

    def _named(self, binding: ScriptBinding, value: Value) -> tuple[str, str]:
        """The name by which a binding is a derivative, and which one, if it has that value; empty if it is none."""
        at = binding.event.key
        owner = "" if at is not None else binding.event.owner or binding.site.owner
        for way in spelled_in(owner, binding.labels[0]):
            for meant in self._spellings.get(normal(way), ()):
                if at is not None and not meant.endswith(f"[{at}])"):
                    continue
                name = way if at is None else f"{way}[{at}]"
                if at is None and binding.site.in_loop and (member := _MEMBER.search(meant)):
                    name = f"{way}[{member[1]}]"  # one name, bound again in each pass
                if self._is(meant, value):
                    return name, meant
                local = meant.replace("d(", "partial(")
                if meant.count("d(") == 2 and self._is(local, value):
                    return name, local
        return "", ""

    def _is(self, quantity: str, value: Value) -> bool:
        if quantity not in self._known:
            self._known[quantity] = self._value(quantity)
        right = self._known[quantity]
        if right is None or right.size != value.size:
            return False
        loose = 1e-4 if value.dtype in ("float32", "float16", "bfloat16") else 1e-8
        shaped = Value(right.shape, value.data) if _squeezed(right.shape) == _squeezed(value.shape) else None
        if shaped is None:
            return False
        return is_right(as_number(shaped), as_number(right), Measure(loose, 1e-10))

    def _value(self, quantity: str) -> Value | None:
        assert self._graph is not None
        try:
            return to_value(self._graph.value(parse_expression(quantity)))
        except (EvaluationError, TypeError, ValueError, RuntimeError, KeyError):
            return None


_SAID = ("d", "g")
"""How names of derivatives begin, as `dW1`, `grad_w`, `gW`."""


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


def _is_telling(value: Value) -> bool:
    """Whether a value is not one that many things have: all zeros or ones."""
    return not set(value.numbers()) <= {0.0, 1.0, -1.0}


def _as_given(exercise: Exercise, given: ScriptInput) -> Value:
    whole = exercise.input(given.name).whole
    return replace(given.value, dtype="int" if whole else "float64")


def best(reader: Quantities, bindings: Iterable[ScriptBinding], name: str, among: Iterable[Candidate]) -> Draft | None:
    """The draft in which most derivatives are recognised; None if there are none."""
    seen = tuple(bindings)
    found = [StepFinder(reader, seen, one, name).derived() for one in among]
    return max((one for one in found if one is not None and one.steps), key=lambda one: len(one.steps), default=None)
