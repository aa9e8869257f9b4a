"""Read `given` and `probe`: the inputs, their numbers, and how they are drawn."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from grader.exercise.findings import Findings
from grader.exercise.names import complaint, one_of
from grader.exercise.schema import DRAWS, ExerciseFile, GivenForm, ProbeForm
from grader.exercise.types import NORMAL, Draw, Input
from grader.exercise.yaml_nodes import Listing, Node, Route, Scalar
from grader.formula.check import integer
from grader.formula.parse import parse_expression
from grader.formula.python_trees import Fixed, Known
from grader.formula.syntax import FormulaError, names
from grader.model import Value

MAX_NUMBERS = 1_000_000
MAX_AXES = 8
_LARGEST = 1e300
_WHOLE = 2**53
_RANGE = re.compile(r"\s*(normal|uniform|integers)\(\s*([^,]+?)\s*,\s*([^,]+?)\s*\)\s*")


@dataclass(frozen=True, slots=True)
class _Numbers:
    numbers: tuple[int | float, ...]
    shape: tuple[int, ...]

    @property
    def whole(self) -> bool:
        return all(isinstance(number, int) for number in self.numbers)


def read_inputs(model: ExerciseFile, findings: Findings) -> tuple[Input, ...]:
    """Read the inputs in the order of `given`; faulty ones are recorded and left out."""
    sizes = _sizes(model, findings)
    probes = _probe_draws(model, findings, sizes)
    # Read numbers before draws: a draw's shape may name a whole-number input that follows it.
    ordered = sorted(model.given, key=lambda name: _is_drawn(model.given[name]))
    made: dict[str, Input] = {}
    for name in ordered:
        route: Route = ("given", name)
        if wrong := complaint(name):
            findings.add(route, wrong, f"the name `{name}`", at_key=True)
            continue
        entry = model.given[name]
        form = entry if isinstance(entry, GivenForm) else GivenForm(value=0.0)
        reading = _GivenEntry(findings, name, form, entry is form, probes.get(name), sizes)
        one = reading.drawn(made) if _is_drawn(entry) else reading.written()
        if one is None:
            findings.broken.add("given")
        else:
            made[name] = one
    return tuple(made[name] for name in model.given if name in made)


def _is_drawn(entry: object) -> bool:
    return isinstance(entry, GivenForm) and (entry.shape is not None or entry.draw is not None)


def _sizes(model: ExerciseFile, findings: Findings) -> dict[str, int]:
    """The whole numbers of `given` that are the same at every point."""
    sizes = {}
    for name, entry in model.given.items():
        varies = isinstance(entry, GivenForm) and (entry.fixed is False or entry.probe is not None)
        route: Route = ("given", name, "value") if isinstance(entry, GivenForm) else ("given", name)
        node = findings.document.at(route)
        if isinstance(node, Scalar) and type(node.value) is int and not varies:
            sizes[name] = node.value
    return sizes


def _probe_draws(model: ExerciseFile, findings: Findings, sizes: Mapping[str, int]) -> dict[str, Draw]:
    """The draws in `probe.inputs`, by input."""
    if not isinstance(model.probe, ProbeForm):
        return {}
    draws: dict[str, Draw] = {}
    known = findings.document.keys("given")
    for name, text in model.probe.inputs.items():
        route: Route = ("probe", "inputs", name)
        if name not in known:
            findings.add(route, one_of(name, known), f"the unknown input `{name}`", at_key=True)
        elif draw := read_draw(text, route, findings, sizes):
            draws[name] = draw
    return draws


def read_draw(text: str, route: Route, findings: Findings, sizes: Mapping[str, int]) -> Draw | None:
    """Parse a draw: `normal`, `like`, `normal(0, 0.5)`, `uniform(-2, 2)`, `integers(0, 27)`, `integers(0, D)` with D in
    `sizes`."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return Draw("like") if text.strip() == "like" else NORMAL
    kind = match[1]
    ends = [_end(end, sizes, whole=kind == "integers") for end in (match[2], match[3])]
    if None in ends:
        kind_of_end = "two whole numbers" if kind == "integers" else "two numbers"
        named = any(character.isidentifier() for character in match[2] + match[3])
        findings.add(route, f"{kind_of_end}, or formulas of fixed whole inputs" if named else kind_of_end)
        return None
    low, high = (float(end) for end in ends if end is not None)
    if not (abs(low) < _WHOLE and abs(high) < _WHOLE):
        findings.add(route, "numbers of ordinary size")
        return None
    if kind == "normal":
        if high <= 0:
            findings.add(route, "`normal(mean, deviation)` with a deviation above 0")
            return None
        return Draw("normal", low, high)
    if low >= high:
        findings.add(route, "a lower end below the upper end")
        return None
    return Draw("integers" if kind == "integers" else "uniform", low, high)


def _end(text: str, sizes: Mapping[str, int], whole: bool) -> float | None:
    """A number in a draw, or what a formula of fixed whole inputs is; None if it is neither."""
    try:
        return int(text) if whole else float(text)
    except ValueError:
        return _whole(text, sizes)


def _names(text: str) -> frozenset[str]:
    try:
        return names(parse_expression(text))
    except FormulaError:
        return frozenset()


def _whole(text: str, sizes: Mapping[str, int]) -> int | None:
    """The whole number that a formula of fixed whole inputs is: `4 * H`."""
    try:
        return integer(parse_expression(text), sizes)
    except FormulaError:
        return None


@dataclass(frozen=True, slots=True)
class _GivenEntry:
    """Reads one entry of `given`. `long`: the entry is in its long form, `form`."""

    findings: Findings
    name: str
    form: GivenForm
    long: bool
    override: Draw | None
    sizes: Mapping[str, int]

    def route(self, *rest: str) -> Route:
        return ("given", self.name, *rest)

    def probe(self, own: Draw, fixed_by_default: bool) -> Draw | None:
        """How the input is drawn at the probe points: as written, otherwise by `own`; None if it is never redrawn."""
        written, form = self.override, self.form
        if form.probe is not None:
            written = read_draw(form.probe, self.route("probe"), self.findings, self.sizes) or own
        if form.fixed and written is not None:
            place: Route = self.route("probe") if form.probe is not None else ("probe", "inputs", self.name)
            self.findings.add(place, "no draw for an input with `fixed: true`")
        if form.probe is not None and self.override is not None:
            self.findings.add(("probe", "inputs", self.name), f"one draw: there is `probe` in `given.{self.name}`")
        if form.fixed is None:
            return None if fixed_by_default and written is None else written or own
        return None if form.fixed else written or own

    def written(self) -> Input | None:
        """An input whose numbers are written in the file."""
        route = self.route("value") if self.long else self.route()
        node = self.findings.document.at(route)
        if node is None or self.form.value is None:
            # The value is missing, or was removed from the model as faulty; only the former is a new fault.
            if node is None and not self.findings.spoilt(self.route()):
                self.findings.add(self.route(), "`value`, or `shape` and `draw`", "neither `value` nor `shape`")
            elif isinstance(node, Scalar) and node.value is None:
                self.findings.add(route, "a number or a list of numbers")
            return None
        numbers = self.numbers(node, route)
        if numbers is None:
            return None
        if self.name in self.findings.sizes:
            numbers = _Numbers((self.findings.sizes[self.name],), ())
        probe = self.probe(Draw("like"), numbers.whole)
        whole = numbers.whole and (probe is None or probe.kind == "integers")
        flat = [float(number) for number in numbers.numbers]
        value = Value.of(flat, numbers.shape, "int64" if whole else "float64")
        aliases = tuple(self.form.aliases)
        return Input(self.name, numbers.shape, value, probe or Draw("like"), probe, whole, aliases)

    def drawn(self, known: dict[str, Input]) -> Input | None:
        """An input whose numbers are drawn at the given point too."""
        if self.form.value is not None:
            self.findings.add(self.route("value"), "either `value` or a draw", "`value` beside `shape` or `draw`")
            return None
        shape = self.shape(known)
        draw = read_draw(self.form.draw or "normal", self.route("draw"), self.findings, self.sizes)
        if draw is not None and draw.kind == "like":
            self.findings.add(self.route("draw"), DRAWS)
            draw = None
        if draw is None or shape is None:
            return None
        probe = self.probe(draw, fixed_by_default=False)
        whole = draw.kind == "integers" and (probe is None or probe.kind == "integers")
        return Input(self.name, shape, None, draw, probe, whole, tuple(self.form.aliases))

    def shape(self, known: dict[str, Input]) -> tuple[int, ...] | None:
        made: list[int] = []
        for number, axis in enumerate(self.form.shape or []):
            if isinstance(axis, int):
                made.append(axis)
                continue
            size = _whole(axis, constants(tuple(known.values())))
            if size is None or size < 1:
                self.no_size((*self.route("shape"), number), axis, size, known)
                return None
            made.append(size)
        if math.prod(made) > MAX_NUMBERS:
            self.findings.add(self.route("shape"), f"at most {MAX_NUMBERS}", f"{math.prod(made)} numbers")
            return None
        return tuple(made)

    def no_size(self, route: Route, axis: str, value: int | None, known: Mapping[str, Input]) -> None:
        """Record why the name of an axis is none, unless the input of that name is at fault itself."""
        if axis not in known and axis in self.findings.document.keys("given") and "given" in self.findings.broken:
            return
        found = None
        if value is not None and str(value) != axis:
            found = f"`{axis}`, which is {value}"
        elif axis in known:
            found = f"`{axis}`, which is not the same whole number at every point"
        self.findings.add(route, "a whole number from 1 up, or a formula of fixed whole inputs, such as `4 * H`", found)

    def numbers(self, node: Node, route: Route) -> _Numbers | None:
        """A number, or the numbers of a nested list with their shape."""
        if isinstance(node, Scalar):
            return self.number(node, route)
        if not isinstance(node, Listing) or not node.items or len(route) > MAX_AXES + 3:
            found = "an empty list" if isinstance(node, Listing) and not node.items else None
            self.findings.add(route, "a number or a list of numbers", found)
            return None
        rows = [self.numbers(item, (*route, number)) for number, item in enumerate(node.items)]
        good = [row for row in rows if row is not None]
        if len(good) < len(rows):
            return None
        for number, row in enumerate(good):
            if row.shape != good[0].shape:
                expected = f"{_sized(good[0].shape)}, as in the first row"
                self.findings.at(
                    node.items[number].line, node.items[number].column, (*route, number), _sized(row.shape), expected
                )
                return None
        return _Numbers(tuple(one for row in good for one in row.numbers), (len(good), *good[0].shape))

    def number(self, node: Scalar, route: Route) -> _Numbers | None:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.findings.add(route, "a number")
            return None
        if not abs(value) < (_WHOLE if isinstance(value, int) else _LARGEST):
            self.findings.add(route, "a finite number of ordinary size")
            return None
        return _Numbers((value,), ())


def _sized(shape: tuple[int, ...]) -> str:
    if not shape:
        return "a single number"
    return f"a list of {shape[0]}" if len(shape) == 1 else "lists of shape " + " x ".join(map(str, shape))


def constants(inputs: tuple[Input, ...]) -> dict[str, int]:
    """The whole-number inputs with the same value at every point: loops and shapes may use them."""
    return {
        one.name: int(one.given.numbers()[0])
        for one in inputs
        if one.whole and one.fixed and not one.shape and one.given is not None
    }


def known(inputs: tuple[Input, ...]) -> Known:
    """What a program may rely on before it runs."""
    lists = {
        one.name: _rows(tuple(map(int, one.given.numbers())), one.shape)
        for one in inputs
        if one.whole and one.fixed and one.shape and one.given is not None
    }
    return Known(constants(inputs), lists, {one.name: one.shape for one in inputs})


def _rows(numbers: tuple[int, ...], shape: tuple[int, ...]) -> tuple[Fixed, ...]:
    if len(shape) == 1:
        return numbers
    size = len(numbers) // shape[0]
    return tuple(_rows(numbers[at * size : (at + 1) * size], shape[1:]) for at in range(shape[0]))


def read_sizes(model: ExerciseFile, inputs: tuple[Input, ...], findings: Findings) -> tuple[str, ...]:
    """The inputs that a submission may choose: the fixed whole numbers that are lengths of axes."""
    if model.sizes == "given":
        return ()
    written = [axis for form in model.given.values() if isinstance(form, GivenForm) for axis in form.shape or ()]
    axes = {name for axis in written if isinstance(axis, str) for name in _names(axis)}
    found = tuple(name for name in constants(inputs) if name in axes)
    if not found and "given" not in findings.broken:
        findings.add(("sizes",), "a shape in `given` that names a whole number, such as `shape: [N, 3]` with `N: 5`")
    if model.variants:
        findings.add(("sizes",), "either this or `variants`")
    return found
