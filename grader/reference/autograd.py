"""Reference values: the exercise's program in torch, its derivatives from `torch.autograd`, in float64.

Total derivatives d(a)/d(b) include every path from b to a; `via=c` is the product of d(a)/d(c) and d(c)/d(b); `partial`
differentiates only the statement that computes a, with respect to copies of its operands, so that no other path
contributes.

Some steps are 0 only because terms cancel: a shift of all logits changes no probability, and d(loss)/d(logit_maxes) is
a sum of terms that cancel, at every point. A typed 0, and the sum with the wrong sign, have the same value. To see what
a line does, the output is changed: `<R, c>` is added to it, with random R, for a quantity c that is computed directly
from the one that the step differentiates by (or from such a quantity, further up). That changes the derivatives with
respect to everything before c, so that the terms no longer cancel. A derivative is not such a step if no path leads to
the output, or if every slope on the way is 0."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from types import EllipsisType
from typing import Any, overload

import torch
from torch import Tensor

from grader.errors import ExerciseError, Fault
from grader.exercise.types import Exercise, Step
from grader.formula.check import unrolled
from grader.formula.evaluate import Environment, EvaluationError, UnsuitedOperands, element, evaluate, execute
from grader.formula.syntax import Assign, Derivative, Expression, Index, Name, Number, Place, names, text, walk
from grader.model import Value
from grader.reference.operations import TorchMeaning, to_tensor
from grader.reference.point_selection import MAX_DRAWS, UnnamedValues, ValueMonitor, draws
from grader.reference.points import Disturbance, Point, Reference, draw_points


class ProgramMeaning(TorchMeaning):
    """Like `TorchMeaning`, and refuses what readers may take for something else."""

    def apply(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        compares = operation in ("max", "min") and len(operands) == 2 and isinstance(operands[1], int)
        if compares and isinstance(operands[0], Tensor) and operands[0].dim():
            raise UnsuitedOperands(
                f"`{operation}` of an array and {operands[1]}: `{operation}imum(x, {operands[1]})` compares, "
                f"`{operation}(x, axis={operands[1]})` goes along an axis"
            )
        if operation == "floordiv" and any(isinstance(one, Tensor) and one.requires_grad for one in operands):
            raise UnsuitedOperands("`//`, which rounds down: nothing can be derived through it, `/` divides")
        return super().apply(operation, operands, options)


MEANING = ProgramMeaning()

MAX_UNNAMED_NUMBERS, MAX_UNNAMED_VALUES = 4096, 64
"""Unnamed values have at most so many entries, and there are at most so many of them."""

Element = tuple[str, int | None]
"""A quantity, or a member of a family with its index."""


def build(exercise: Exercise, secret: str = "") -> Reference:
    """Compute the right value of every quantity at every point.

    Raises `ExerciseError` if the program cannot be evaluated, or has no finite value at the given point."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        given = values_at(exercise, draw_points(exercise, secret)[0])
        step = _not_finite(exercise, given)
        if step is not None:
            found = f"a value of `{step.name}` that is not finite at the given numbers"
            masked = any(map(math.isinf, given[step.name].numbers()))
            raise _step_error(exercise, step, found, _MASKED if masked else _VALUE)
        for attempt, points in draws(exercise, secret, lambda point, watch: Graph(exercise, point, watch).environment):
            values = tuple(values_at(exercise, point) for point in points[1:])
            step = next((bad for found in values if (bad := _not_finite(exercise, found)) is not None), None)
            if step is None:
                disturbed = disturbances(exercise, points[-1], (given, *values))
                unnamed = _unnamed(exercise, points[-1], values[-1] if values else given)
                return Reference(points, (given, *values), attempt, torch.__version__, disturbed, unnamed)
        assert step is not None
        found = f"no finite value of `{step.name}` in any of {MAX_DRAWS} draws of the probes"
        raise _step_error(exercise, step, found, _PROBES)
    finally:
        torch.set_num_threads(threads)


def _unnamed(exercise: Exercise, point: Point, named: Mapping[str, Value]) -> tuple[Value, ...]:
    """The values that the program computes at a point without a name, each once, except large ones."""
    watch = UnnamedValues()
    Graph(exercise, point, watch)
    known = {*named.values(), *point.inputs.values()}
    made = (to_value(one) for one in watch.values if one.numel() <= MAX_UNNAMED_NUMBERS)
    return tuple(one for one in dict.fromkeys(made) if one not in known)[:MAX_UNNAMED_VALUES]


def values_at(exercise: Exercise, point: Point) -> dict[str, Value]:
    """Compute every forward quantity and every step at one point, by `Step.name`."""
    graph = Graph(exercise, point)
    found: dict[str, Value] = {}
    for step in (*exercise.forward_steps, *exercise.steps):
        try:
            found[step.name] = to_value(graph.value(step.quantity))
        except (EvaluationError, TypeError, ValueError, RuntimeError) as error:
            raise _step_error(exercise, step, f"`{step.text}`: {error}", getattr(error, "expected", _VALUE)) from error
    return found


class Graph:
    """The program evaluated at one point, with every quantity a tensor that can be differentiated by."""

    def __init__(self, exercise: Exercise, point: Point, watch: ValueMonitor | None = None) -> None:
        self.watch = watch
        self.point = point.number
        self.environment = Environment()
        self.definitions: dict[Element, tuple[Assign, Environment]] = {}
        self.added: Mapping[str, Tensor] = {}
        """Terms added to an expression, by its text, before it is differentiated (see `disturbances`)."""
        self.entries: dict[str, dict[tuple[int, ...], Tensor]] = {}
        """The entries of arrays that were assigned one by one, each a tensor of its own."""
        self.begun: dict[str, Tensor] = {}
        """The arrays of `entries` as they were before."""
        self.read: set[str] = set()
        self.recurrent: set[str] = set()
        """Those of them of which an entry was assigned after the array had been read."""
        constants: dict[str, int] = {}
        for one in exercise.inputs:
            value = point.inputs[one.name]
            if one.whole:
                whole = [int(number) for number in value.numbers()]
                made: Tensor | int = whole[0] if not one.shape else torch.tensor(whole).reshape(one.shape)
                if not one.shape:
                    constants[one.name] = whole[0]
            else:
                made = torch.tensor(value.numbers(), dtype=torch.float64).reshape(one.shape).requires_grad_()
            self.environment.values[one.name] = made
        for statement in unrolled(exercise.program, constants):
            self._execute(exercise, statement)

    def _execute(self, exercise: Exercise, statement: Assign) -> None:
        before = Environment(dict(self.environment.values), {k: dict(v) for k, v in self.environment.elements.items()})
        if self.watch is not None:
            self.watch.statement = statement
        self.read |= names(statement.value)
        try:
            if (keys := self._entry(statement)) is None:
                execute(statement, self.environment, self.watch or MEANING)
                self.entries.pop(statement.name, None)
                self.recurrent.discard(statement.name)
            else:
                self._put_entry(statement, keys)
        except EvaluationError as error:
            raise _error(exercise, "forward", error.place, str(error), error.expected) from error
        index = element(statement, before)
        made = self.environment.values if index is None else self.environment.elements[statement.name]
        key: Any = statement.name if index is None else index
        try:
            made[key] = _node(made[key])
        except (TypeError, ValueError, RuntimeError) as error:
            raise _error(exercise, "forward", statement.place, f"`{statement.name}`: {error}") from error
        self.definitions[statement.name, index] = (statement, before)

    def _entry(self, statement: Assign) -> tuple[int, ...] | None:
        """Which entry of an array a statement assigns; None if it assigns none, or more than one."""
        whole = self.environment.values.get(statement.name)
        keys = tuple(key.value for key in statement.keys if isinstance(key, Number) and isinstance(key.value, int))
        if not isinstance(whole, Tensor) or not keys or len(keys) != len(statement.keys) or len(keys) != whole.dim():
            return None
        return tuple(key % size for key, size in zip(keys, whole.shape, strict=True))

    def _put_entry(self, statement: Assign, keys: tuple[int, ...]) -> None:
        name, values = statement.name, self.environment.values
        entry = _node(to_tensor(evaluate(statement.value, self.environment, self.watch or MEANING)))
        if name not in self.entries:
            self.entries[name], self.begun[name] = {}, values[name]
        elif name in self.read:
            self.recurrent.add(name)
        try:
            values[name] = MEANING.put(values[name], keys, entry)
        except (IndexError, RuntimeError, TypeError) as error:
            raise EvaluationError(statement.place, str(error)) from error
        self.entries[name][keys] = entry

    def value(self, expression: Expression) -> Any:
        """The value of an expression over quantities and derivatives; itself differentiable."""
        return evaluate(expression, self.environment, MEANING, self.derivative)

    def node(self, element: Element) -> Tensor | None:
        """The tensor of a quantity; None if it cannot be differentiated by."""
        try:
            found = self.environment.node(*element)
        except KeyError:
            return None
        return found if isinstance(found, Tensor) and found.is_floating_point() else None

    def derivative(self, node: Derivative) -> Tensor:
        if node.partial:
            return self._partial(node)
        of = to_tensor(self.value(node.of))
        if not isinstance(of, Tensor):
            raise EvaluationError(node.of.place, f"`{text(node.of)}` is no number")
        of = of + self.added[key] if (key := text(node.of)) in self.added else of
        if node.via is None:
            return self._by(of, node.by)
        through = self._entry_of(node.via)
        if through is None and isinstance(node.via, Name) and node.via.id in self.recurrent:
            raise EvaluationError(node.via.place, f"entries of `{node.via.id}` lead to each other: take one, `h[i, j]`")
        through = _found(self.environment, node.via) if through is None else through
        return _chained(jacobian(of, through), self._by(through, node.by), through.dim())

    def _by(self, of: Tensor, by: Expression) -> Tensor:
        """The total derivative of a tensor by a quantity."""
        if (entry := self._entry_of(by)) is not None:
            return jacobian(of, entry)
        if not isinstance(by, Name) or by.id not in self.recurrent:
            return jacobian(of, _found(self.environment, by))
        # What an entry leads to through other entries is read from the array as it was then, not from the last one.
        made = jacobian(of, self.begun[by.id]).clone()
        for keys, entry in self.entries[by.id].items():
            place: tuple[EllipsisType | int, ...] = (..., *keys)
            made[place] = jacobian(of, entry)
        return made

    def _entry_of(self, node: Expression) -> Tensor | None:
        """The tensor of one entry of an array that was assigned entry by entry."""
        match node:
            case Index(Name(id=name), keys) if name in self.entries:
                found = tuple(key.value for key in keys if isinstance(key, Number))
                return self.entries[name].get(tuple(map(int, found))) if len(found) == len(keys) else None
            case _:
                return None

    def _partial(self, node: Derivative) -> Tensor:
        found = self.definitions.get(quantity_of(node.of))
        if found is None:
            raise EvaluationError(node.of.place, f"`{text(node.of)}` is not computed by the forward program")
        statement, before = found
        if statement.keys and quantity_of(node.of)[1] is None:
            raise EvaluationError(node.of.place, f"`{text(node.of)}` is computed in parts, not by one statement")
        read = names(statement.value)
        local = Environment(
            {name: _copy(value) for name, value in before.values.items() if name in read},
            {n: {i: _copy(v) for i, v in members.items()} for n, members in before.elements.items() if n in read},
        )
        name, index = quantity_of(node.by)
        if (name, index) not in directly_read(statement):
            near = ", ".join(f"`{one}`" for one in sorted(names(statement.value)))
            wanted, given = text(node.of), text(node.by)
            raise EvaluationError(node.place, f"`{wanted}` is not computed directly from `{given}`, but from {near}")
        value = to_tensor(evaluate(statement.value, local, MEANING))
        return jacobian(value, _found(local, node.by))


def _found(environment: Environment, expression: Expression) -> Tensor:
    """The tensor of the quantity that `expression` names, to differentiate by."""
    name, index = quantity_of(expression)
    try:
        node = environment.node(name, index)
    except KeyError:
        raise EvaluationError(expression.place, f"`{text(expression)}` is no quantity") from None
    if not isinstance(node, Tensor) or not node.is_floating_point():
        raise EvaluationError(expression.place, f"`{text(expression)}` is a whole number: nothing varies with it")
    return node


@overload
def _node(value: Tensor) -> Tensor: ...
@overload
def _node(value: object) -> Tensor | int | list[object]: ...
def _node(value: object) -> Tensor | int | list[object]:
    """The value of a quantity as a tensor of its own: after `b = a`, what depends only on b does not depend on a.
    Constants can be differentiated by as well. Whole numbers stay as they are, since they may be indices."""
    if isinstance(value, int) or (isinstance(value, list) and _all_whole(value)):
        return value
    if isinstance(value, tuple):
        raise TypeError("several arrays: pick one of them, such as `...[0]`")
    tensor = to_tensor(value)
    if not isinstance(tensor, Tensor):
        raise TypeError("no number")
    if tensor.is_complex():
        raise TypeError("a complex number: name its `real(...)`, `imag(...)` or `abs(...)` instead")
    if not tensor.is_floating_point():
        return tensor
    return tensor.clone() if tensor.requires_grad else tensor.clone().requires_grad_()


def _all_whole(items: list[object]) -> bool:
    return all(_all_whole(item) if isinstance(item, list) else isinstance(item, int) for item in items)


def directly_read(statement: Assign) -> set[Element]:
    """The quantities that a statement reads."""
    found: set[Element] = set()
    for part in walk(statement.value):
        if isinstance(part, Name):
            found.add((part.id, None))
        elif isinstance(part, Index) and isinstance(part.base, Name) and isinstance(part.keys[0], Number):
            found.add((part.base.id, int(part.keys[0].value)))
    return found


def _copy(value: object) -> object:
    # The clone stays in the graph of the whole program, so that a partial can be differentiated again.
    return value.clone() if isinstance(value, Tensor) else value


def quantity_of(expression: Expression) -> Element:
    """The quantity that an expression names. Raises `EvaluationError` if it names none."""
    match expression:
        case Name(id=name):
            return name, None
        case Index(Name(id=name), (Number(value=int() as index),)):
            return name, index
        case _:
            raise EvaluationError(expression.place, f"`{text(expression)}` is no quantity")


def jacobian(of: Tensor, by: Tensor) -> Tensor:
    """d(of)/d(by), of shape `of.shape + by.shape`; itself differentiable. Zero if no path leads from `by` to `of`."""
    if not of.requires_grad:
        return torch.zeros(of.shape + by.shape, dtype=torch.float64)
    rows = []
    for entry in of.reshape(-1):
        (row,) = torch.autograd.grad(entry, by, create_graph=True, retain_graph=True, allow_unused=True)
        rows.append(torch.zeros_like(by) if row is None else row)
    return torch.stack(rows).reshape(of.shape + by.shape)


def _chained(outer: Tensor, inner: Tensor, dims: int) -> Tensor:
    return torch.tensordot(outer, inner, dims=dims) if dims else _outer(outer, inner)


def _outer(left: Tensor, right: Tensor) -> Tensor:
    return left.reshape(left.shape + (1,) * right.dim()) * right


def to_value(value: object) -> Value:
    """Convert a tensor or number to a `Value`, as used for caching and transfer."""
    tensor = to_tensor(value)
    if not isinstance(tensor, Tensor):
        raise TypeError("no number")
    if tensor.is_complex():
        raise TypeError("a complex number: ask for `real(...)`, `imag(...)` or `abs(...)` of it")
    tensor = tensor.detach().to(torch.float64).contiguous()
    return Value.of(tensor.reshape(-1).tolist(), tuple(tensor.shape))


def _not_finite(exercise: Exercise, values: Mapping[str, Value]) -> Step | None:
    steps = (*exercise.forward_steps, *exercise.steps)
    return next((step for step in steps if not all(map(math.isfinite, values[step.name].numbers()))), None)


_VALUE = "a value that can be computed"
_PROBES = 'inputs drawn where it has one, such as `x: {value: 0.5, probe: "uniform(0.1, 0.9)"}`'
_MASKED = (
    "finite numbers: `-1e9` where a score is masked, or the mask in the formula that reads it: `softmax(where(...))`"
)


def _step_error(exercise: Exercise, step: Step, found: str, expected: str = _VALUE) -> ExerciseError:
    field = "forward" if step in exercise.forward_steps else f"steps.{step.name}"
    return _error(exercise, field, step.place, found, expected)


def _error(exercise: Exercise, field: str, place: Place | None, found: str, expected: str = _VALUE) -> ExerciseError:
    line, column = (place.line, place.column) if place else (0, 0)
    return ExerciseError((Fault(exercise.path, line, column, field, found, expected),))


ZERO_RTOL = 1e-12
"""Below this, relative to the largest value of its point, a number is 0 up to rounding."""

DISTURBED_STATEMENTS = 3
"""For how many statements further up the gradient is disturbed: a student's line may combine several statements."""


def disturbances(exercise: Exercise, point: Point, values: Sequence[Mapping[str, Value]]) -> tuple[Disturbance, ...]:
    """For each step that is 0 by cancellation, the values of all steps at `point` with other upstream gradients,
    nearest first. `values` are the right values at every point."""
    found = [
        step for step in exercise.steps if _is_derivative(step) and all(_is_nothing(step.name, at) for at in values)
    ]
    if not found:
        return ()
    graph = Graph(exercise, point)
    return tuple(made for step in found for made in _of_step(exercise, graph, step))


def _is_derivative(step: Step) -> bool:
    """Whether a step is a plain total derivative."""
    return isinstance(step.quantity, Derivative) and not step.quantity.partial and step.quantity.via is None


def _is_nothing(name: str, values: Mapping[str, Value]) -> bool:
    most = max((abs(number) for value in values.values() for number in value.numbers()), default=0.0)
    return all(abs(number) <= ZERO_RTOL * most for number in values[name].numbers())


def _of_step(exercise: Exercise, graph: Graph, step: Step) -> Iterator[Disturbance]:
    assert isinstance(step.quantity, Derivative)
    output, by = graph.value(step.quantity.of), quantity_of(step.quantity.by)
    node = graph.node(by)
    if not isinstance(output, Tensor) or output.numel() != 1 or node is None or not output.requires_grad:
        return
    draw = random.Random(f"{exercise.id} {step.name}")
    level, seen = [by], {by}
    for number in range(1, DISTURBED_STATEMENTS + 1):
        level = [one for one in _made_from(graph, level) if one not in seen]
        seen.update(level)
        # One at a time: a line that combines several statements depends only on the gradient arriving at the last of
        # them.
        for one in level:
            added = _added(graph, one, output, draw)
            if added is not None and bool(jacobian(added, node).abs().max() > 0):
                values, goes_on = _disturbed(exercise, graph, step, by, added)
                yield Disturbance(step.name, graph.point, number, values, goes_on)


def _made_from(graph: Graph, several: Sequence[Element]) -> list[Element]:
    """The quantities whose statements read one of these."""
    return [one for one, (statement, _) in graph.definitions.items() if directly_read(statement) & set(several)]


def _added(graph: Graph, one: Element, output: Tensor, draw: random.Random) -> Tensor | None:
    """The term added to the output: each entry of a quantity times a random number of the size of the largest
    derivative by it; None if no path leads from there to the output."""
    node = graph.node(one)
    if node is None or not node.requires_grad:
        return None
    (slope,) = torch.autograd.grad(output.reshape(()), node, retain_graph=True, allow_unused=True)
    if slope is None:
        return None
    size = float(slope.abs().max()) or 1.0
    numbers = [draw.choice((-1, 1)) * draw.uniform(0.5, 1.5) * size for _ in range(node.numel())]
    return (torch.tensor(numbers, dtype=torch.float64).reshape(node.shape) * node).sum()


def _disturbed(
    exercise: Exercise, graph: Graph, step: Step, by: Element, added: Tensor
) -> tuple[dict[str, Value], dict[str, Value]]:
    """All steps with the added term, and the steps computed from this one, with its contribution removed."""
    assert isinstance(step.quantity, Derivative)
    of, node = text(step.quantity.of), graph.node(by)
    assert node is not None
    values = _values(exercise, graph, of, added)
    fed = torch.tensor(values[step.name].numbers(), dtype=torch.float64).reshape(node.shape)
    without = _values(exercise, graph, of, added - (fed * node).sum())
    read = directly_read(graph.definitions[by][0]) if by in graph.definitions else set()
    goes_on = tuple(
        one.name
        for one in exercise.steps
        if _is_derivative(one)
        and isinstance(one.quantity, Derivative)
        and text(one.quantity.of) == of
        and quantity_of(one.quantity.by) in read
    )
    return values, {name: without[name] for name in goes_on}


def _values(exercise: Exercise, graph: Graph, of: str, added: Tensor) -> dict[str, Value]:
    graph.added = {of: added}
    try:
        return {step.name: to_value(graph.value(step.quantity)) for step in exercise.steps}
    finally:
        graph.added = {}
