"""The quantities of a script while it is read: what its names stand for, and the lines that compute them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from grader.diagnosis.chain_rule.numbers import as_number
from grader.draft.observation import MEANING, UNABLE, Binding
from grader.exercise.names import complaint
from grader.formula.build import number
from grader.formula.evaluate import Environment, execute
from grader.formula.syntax import Assign, Expression, Index, Name, names, text
from grader.model import Value


class UnreadError(Exception):
    """A line that the formula language cannot express."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value the script starts from. `typed`: its numbers stand in the script; `handed`: it comes from inside a
    function, or as its argument. `aliases` are other names the script has for it."""

    name: str
    value: Value
    typed: bool
    handed: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """A line of the forward program, and the quantity it computes."""

    statement: Assign
    quantity: Expression
    binding: Binding


@dataclass(slots=True)
class Family:
    """An array, list or dictionary whose entries are bound one by one. `size` is the length of the array; the keys of a
    dictionary (`by_key`) do not count from its end."""

    name: str
    size: int | None = None
    entries: dict[int, Expression] = field(default_factory=dict)
    by_key: bool = False


Held = Expression | Family | None
"""What a name of the script stands for; None: something that was not read."""


class Quantities:
    """The quantities found so far: `givens` by name, `lines` in their order, and the `values` of all of them by their
    text."""

    def __init__(self) -> None:
        self.givens: dict[str, Given] = {}
        self.lines: list[Read] = []
        self.values: dict[str, Value] = {}
        self.environment = Environment()
        self._held: dict[tuple[str, str], Held] = {}

    def assign(
        self,
        quantity: Expression,
        keys: tuple[Expression, ...],
        formula: Expression,
        binding: Binding,
        value: Value | None,
    ) -> Expression:
        """Add a line to the program and return the quantity it computes."""
        base = quantity.base if isinstance(quantity, Index) else quantity
        assert isinstance(base, Name)
        own = keys or (quantity.keys if isinstance(quantity, Index) else ())
        statement = Assign(base.id, own, formula, formula.place)
        try:
            execute(statement, self.environment, MEANING)
        except UNABLE:
            raise UnreadError from None
        self.lines.append(Read(statement, quantity, binding))
        if value is not None:
            self.values[text(quantity)] = value
        return quantity

    def give(self, binding: Binding, value: Value, handed: bool = False) -> Expression:
        """A value that the script starts from."""
        label = valid(binding.labels[0])
        for other in self.givens.values():
            if other.name == label and other.value == value:
                return Name(label, number(0).place)
        name = label if not self._taken(label) else self._unused(label)
        aliases = () if name == binding.labels[0] else (binding.labels[0],)
        inside = handed or bool(binding.site.scope)
        self.givens[name] = Given(name, value, binding.site.literal or binding.formula is not None, inside, aliases)
        self.values[name] = value
        self.environment.values[name] = as_number(value)
        return Name(name, number(0).place)

    def forget(self, given: Given) -> None:
        """What was given is computed after all."""
        del self.givens[given.name]
        self.values.pop(given.name, None)
        self.environment.values.pop(given.name, None)

    def renamed(self, name: str, label: str) -> Expression:
        """Call a value that a check of the script made up by the name of the parameter it is handed to."""
        given, label = self.givens.get(name), valid(label)
        if given is None or not given.handed or name == label or self._taken(label) or self._reads(name):
            return Name(name, number(0).place)
        self.forget(given)
        self.givens[label] = replace(given, name=label)
        self.values[label] = given.value
        self.environment.values[label] = as_number(given.value)
        new = Name(label, number(0).place)
        for key, held in self._held.items():
            if isinstance(held, Name) and held.id == name:
                self._held[key] = new
        return new

    def _reads(self, name: str) -> bool:
        return any(name in names(line.statement.value) for line in self.lines)

    def free(self, label: str, at: int | None = None) -> Expression:
        """A name for a quantity: the script's own, or with a number behind it if that one is taken."""
        label = valid(label)
        if at is None:
            return Name(label if not self._taken(label) else self._unused(label), number(0).place)
        family = label if label not in self.environment.values else f"{label}_at"
        made = member(family, at)
        return made if text(made) not in self.values else Name(self._unused(f"{label}_{at}"), made.place)

    def _taken(self, name: str) -> bool:
        return name in self.environment.values or name in self.environment.elements

    def _unused(self, label: str) -> str:
        return next(made for k in range(2, 10_000) if not self._taken(made := f"{label}_{k}"))

    def hold(self, binding: Binding, held: Held) -> None:
        """From now on, the names that are bound stand for this."""
        scope = "" if binding.site.owner or binding.event.owner else binding.site.scope
        for label in binding.labels:
            self._held[scope, label] = held

    def put(self, scope: str, name: str, held: Held) -> None:
        """From now on, a name of a scope stands for this."""
        self._held[scope, name] = held

    def lookup(self, name: str, scope: str) -> Held:
        """What a name stands for in a scope; `self.h1` and `cache['h1']` go by their last part."""
        plain = name.rpartition(".")[2].rpartition("[")[2].strip("]'\"") if not name.isidentifier() else name
        while True:
            if (scope, plain) in self._held and (plain == name or not scope):
                return self._held[scope, plain]
            if not scope:
                return None
            scope = scope.rpartition(".")[0]

    def is_constant(self, held: Expression) -> bool:
        """Whether a formula reads nothing but sizes."""
        return all(name in self.givens and is_size(self.givens[name].value) for name in names(held))

    def like(self, value: Value, labels: tuple[str, ...]) -> Held:
        """The quantity with exactly this value; of several, the one with the same name, else the last."""
        if is_size(value):
            return None
        same = [name for name, known in self.values.items() if known.shape == value.shape and known.data == value.data]
        if not same or (not any(value.numbers()) and not set(labels) & set(same)):
            return None
        chosen = next((name for name in same if name.partition("[")[0] in labels), same[-1])
        label, bracket, at = chosen.partition("[")
        return member(label, int(at[:-1])) if bracket else Name(label, number(0).place)

    def sizes(self) -> dict[str, int]:
        """The whole numbers that are given."""
        return {name: int(one.value.numbers()[0]) for name, one in self.givens.items() if is_size(one.value)}


def slice_of(lines: Iterable[Read], wanted: Iterable[str]) -> tuple[Read, ...]:
    """The lines that these names are computed from, in their order."""
    needed, kept = set(wanted), []
    for line in reversed(tuple(lines)):
        if line.statement.name in needed:
            kept.append(line)
            needed |= names(line.statement.value)
            for key in line.statement.keys:
                needed |= names(key)
    return tuple(reversed(kept))


def quantities(lines: Iterable[Read]) -> Iterator[Expression]:
    """Every quantity that lines compute, once."""
    yield from {text(line.quantity): line.quantity for line in lines}.values()


def member(label: str, at: int) -> Expression:
    """The entry of a family: `h[3]`."""
    return Index(Name(label, number(0).place), (number(at),), number(0).place)


def is_size(value: Value) -> bool:
    """Whether this is a whole number: a size, an index or a count."""
    return not value.shape and value.dtype == "int"


def valid(label: str) -> str:
    """The name of a quantity that is as near as possible to the script's."""
    return label if complaint(label) is None else f"{label}_"
