"""The quantities of a script while it is read: what its names stand for, the lines that compute them, and formulas as
typed as formulas over quantities.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from grader.diagnosis.chain_rule.numbers import as_number
from grader.draft.functions import Functions
from grader.draft.observation import MEANING, UNABLE, ScriptBinding, equal
from grader.exercise.names import complaint
from grader.formula.build import negative, number
from grader.formula.check import integer
from grader.formula.evaluate import Environment, execute
from grader.formula.operations import by_spelling
from grader.formula.syntax import Assign, Call, Expression, Index, Name, Number, Sequence, Slice, names, text
from grader.model import Value

MAX_READINGS = 64
"""How many choices of what the fields in a formula stand for are tried."""


class UnreadError(Exception):
    """A line that the formula language cannot express."""


@dataclass(frozen=True, slots=True)
class ScriptInput:
    """A value the script starts from. `typed`: its numbers stand in the script; `handed`: it comes from inside a
    function, or as its argument. `aliases` are other names the script has for it, `line` is where it is bound."""

    name: str
    value: Value
    typed: bool
    handed: bool = False
    aliases: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of the forward program, and the quantity it computes."""

    statement: Assign
    quantity: Expression
    binding: ScriptBinding


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

    def __init__(self, classes: Collection[str] = ()) -> None:
        """`classes` are the script's own: what stands in them are fields of their objects."""
        self._classes = classes
        self.givens: dict[str, ScriptInput] = {}
        self.lines: list[ReadLine] = []
        self.values: dict[str, Value] = {}
        self.environment = Environment()
        self._held: dict[tuple[str, str], Held] = {}
        self._fields: dict[str, list[Held]] = {}
        self._chosen: dict[str, Held] = {}

    def assign(
        self,
        quantity: Expression,
        keys: tuple[Expression, ...],
        formula: Expression,
        binding: ScriptBinding,
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
        self.lines.append(ReadLine(statement, quantity, binding))
        if value is not None:
            self.values[text(quantity)] = value
        return quantity

    def replace(self, quantity: Expression, formula: Expression, binding: ScriptBinding, value: Value) -> None:
        """Compute a quantity by another formula than before."""
        self.lines = [line for line in self.lines if text(line.quantity) != text(quantity)]
        self.assign(quantity, (), formula, binding, value)

    def give(self, binding: ScriptBinding, value: Value, handed: bool = False) -> Expression:
        """A value that the script starts from."""
        label = valid(binding.labels[0])
        for other in self.givens.values():
            if other.name == label and other.value == value:
                return Name(label, number(0).place)
        before = self.givens.get(label)
        if before is not None and not (binding.site.scope or binding.site.owner or self._reads(label)):
            self.forget(before)  # it gets other numbers before anything reads it: `nn.init.zeros_(fc.bias)`
        name = label if not self._taken(label) else self._unused(label)
        # A field of a second object has the name of the first one's: that is no name of its own.
        aliases = () if binding.labels[0] in (name, *self.givens) else (binding.labels[0],)
        inside = handed or bool(binding.site.scope)
        # Numbers with many digits were drawn or computed.
        typed = binding.site.literal or (binding.formula is not None and all(map(_is_short, value.numbers())))
        self.givens[name] = ScriptInput(name, value, typed, inside, aliases, binding.line)
        self.values[name] = value
        self.environment.values[name] = as_number(value)
        return Name(name, number(0).place)

    def forget(self, given: ScriptInput) -> None:
        """What was given is computed after all."""
        del self.givens[given.name]
        self.values.pop(given.name, None)
        self.environment.values.pop(given.name, None)

    def owned(self, given: str, owner: str, label: str) -> None:
        """Call a value that an object starts from by the object and its field: `l1_W`, as several have such a field."""
        name, known = valid(f"{owner}_{label}"), self.givens.get(given)
        if known is not None and known.handed and not self._reads(given) and not self._taken(name):
            self._rename(known, name)

    def renamed(self, name: str, label: str) -> Expression:
        """Call a value that a check of the script made up by the name of the parameter it is handed to."""
        given, label = self.givens.get(name), valid(label)
        if given is None or not given.handed or name == label or self._taken(label) or self._reads(name):
            return Name(name, number(0).place)
        return self._rename(given, label)

    def _rename(self, given: ScriptInput, name: str) -> Expression:
        self.forget(given)
        self.givens[name] = replace(given, name=name, aliases=())
        self.values[name] = given.value
        self.environment.values[name] = as_number(given.value)
        old, new = Name(given.name, number(0).place), Name(name, number(0).place)
        self._held = {key: new if held == old else held for key, held in self._held.items()}
        self._fields = {key: [new if one == old else one for one in known] for key, known in self._fields.items()}
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

    def hold(self, binding: ScriptBinding, held: Held) -> None:
        """From now on, the names that are bound stand for this."""
        own = binding.site.owner or binding.event.owner or binding.site.scope in self._classes
        scope = "" if own else binding.site.scope
        for label in binding.labels:
            self._held[scope, label] = held
            if not scope:
                known = self._fields.setdefault(label, [])
                if held not in known:
                    known.append(held)

    def rebind(self, binding: ScriptBinding, held: Held) -> None:
        """From now on, the name whose entry is bound stands for this, in the scope that has it."""
        (label, *_), scope = binding.labels, binding.site.scope
        while scope and (scope, label) not in self._held:
            scope = scope.rpartition(".")[0]
        if (binding.event.owner or binding.site.owner) == label:
            self._held[scope, label] = held
        else:
            self.hold(binding, held)

    def put(self, scope: str, name: str, held: Held) -> None:
        """From now on, a name of a scope stands for this."""
        self._held[scope, name] = held

    def lookup(self, name: str, scope: str) -> Held:
        """What a name stands for in a scope; `self.h1` and `cache['h1']` go by their last part."""
        if name in self._chosen:
            return self._chosen[name]
        plain = _last_part(name)
        while True:
            if (scope, plain) in self._held and (plain == name or not scope):
                return self._held[scope, plain]
            if not scope:
                return None
            scope = scope.rpartition(".")[0]

    def readings(self, fields: Collection[str]) -> Iterator[None]:
        """What these fields (`self.W`) may stand for, one choice after the other, the latest first: objects of one
        class share the names of their fields. While the iterator is suspended, `lookup` goes by that choice."""
        own = sorted(name for name in fields if not name.isidentifier())
        known = [tuple(reversed(self._fields.get(_last_part(name), ()))) for name in own]
        try:
            # Those of one object first: of two biases of zeros either gives the right value.
            choices = itertools.islice(itertools.product(*known), MAX_READINGS)
            for chosen in sorted(choices, key=lambda made: len(set(map(_owner_of, own, made)))):
                self._chosen = dict(zip(own, chosen, strict=True))
                yield
        finally:
            self._chosen = {}

    def is_empty_sum(self, held: Held) -> bool:
        """Whether something is 0, or given as zeros that nothing has read."""
        if isinstance(held, Name) and held.id in self.givens:
            return not any(self.givens[held.id].value.numbers()) and not self._reads(held.id)
        return isinstance(held, Number) and held.value == 0

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

    def only_zeros(self, value: Value) -> Expression | None:
        """The one quantity of this shape that is all zeros, if the value is."""
        if any(value.numbers()) or not value.shape:
            return None
        same = [name for name, known in self.values.items() if known.shape == value.shape and not any(known.numbers())]
        return Name(same[0], number(0).place) if len(same) == 1 and "[" not in same[0] else None

    def sizes(self) -> dict[str, int]:
        """The whole numbers that are given."""
        return {name: int(one.value.numbers()[0]) for name, one in self.givens.items() if is_size(one.value)}


def _is_short(number: float) -> bool:
    return number == round(number, 6)


def _owner_of(field: str, held: Held) -> str:
    """The object that a field is of, by the name of what it stands for: `l1` of `l1_W`."""
    suffix = f"_{_last_part(field)}"
    return held.id.removesuffix(suffix) if isinstance(held, Name) and held.id.endswith(suffix) else ""


def _last_part(name: str) -> str:
    return name if name.isidentifier() else name.rpartition(".")[2].rpartition("[")[2].strip("]'\"")


def slice_of(lines: Iterable[ReadLine], wanted: Iterable[str]) -> tuple[ReadLine, ...]:
    """The lines that these names are computed from, in their order."""
    needed, kept = set(wanted), []
    for line in reversed(tuple(lines)):
        if line.statement.name in needed:
            kept.append(line)
            needed |= names(line.statement.value)
            for key in line.statement.keys:
                needed |= names(key)
    return tuple(reversed(kept))


def quantities(lines: Iterable[ReadLine]) -> Iterator[Expression]:
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


_AGAIN = "again_"


def as_change(formula: Expression, name: str) -> Call | None:
    """The formula of `name = name + e` as that of `name += e`; None for any other."""
    match formula:
        case Call("add" | "sub" as operation, (Name(id=first), added), ()) if first == name:
            return Call(f"{_AGAIN}{operation}", (added,), (), formula.place)
        case Call("add", (added, Name(id=second)), ()) if second == name:
            return Call(f"{_AGAIN}add", (added,), (), formula.place)
        case _:
            return None


class FormulaReader:
    """Resolves the names of formulas by what they stand for at the moment. `returned` are the results of functions that
    no line has used yet, by function."""

    def __init__(self, quantities: Quantities, functions: Functions) -> None:
        self._quantities, self._functions = quantities, functions
        self.returned: dict[str, deque[Held]] = {}

    def resolved(self, node: Expression, scope: str, own: Held = None) -> Expression:
        """A formula as typed, over quantities. `own` is the old value of the name that `x += e` changes."""

        def put(part: Expression) -> Expression:
            return self.resolved(part, scope)

        match node:
            case Name(id=name):
                return self._read_name(name, scope)
            case Index(base=Name(id=name), keys=keys) if isinstance(held := self._indexed(name, scope), Family):
                return self._entry(held, tuple(map(put, keys)), scope)
            case Index(base=base, keys=(Name(id=name),)) if isinstance(
                held := self._quantities.lookup(name, scope), Family
            ):
                return replace(node, base=put(base), keys=tuple(held.entries.values()))
            case Index(base=base, keys=keys):
                return replace(node, base=put(base), keys=tuple(map(put, keys)))
            case Slice(start, stop, step):
                first, last, width = (None if end is None else put(end) for end in (start, stop, step))
                return Slice(first, last, width, node.place)
            case Sequence(items=items):
                return replace(node, items=tuple(map(put, items)))
            case Call(operation=operation) if operation.startswith(_AGAIN):
                return self._built(operation.removeprefix(_AGAIN), put(node.arguments[0]), own)
            case Call(operation=operation) if operation.endswith("()"):
                return self._called(operation[:-2], tuple(map(put, node.arguments)), node)
            case Call(arguments=arguments, options=options):
                made = tuple(map(put, arguments))
                return replace(node, arguments=made, options=tuple((key, put(option)) for key, option in options))
            case _:
                return node

    def _indexed(self, name: str, scope: str) -> Held:
        """What an indexed name holds; a dictionary, where nothing but its entry before the first was put into it."""
        held = self._quantities.lookup(name, scope)
        if held is None and (name, -1) in self._functions.before_the_first:
            held = Family(valid(name), by_key=True)
            self._quantities.put(scope, name, held)
        return held

    def _read_name(self, name: str, scope: str) -> Expression:
        held = self._quantities.lookup(name, scope)
        if isinstance(held, Family) and held.entries:
            return self._stacked(held)
        if held is None or isinstance(held, Family):
            raise UnreadError
        return held

    def _stacked(self, family: Family) -> Expression:
        own = {text(member(family.name, at)) for at in family.entries}
        entries = [family.entries[at] for at in sorted(family.entries)]
        if own == {text(one) for one in entries}:
            return Name(family.name, number(0).place)
        return Call("stack", tuple(entries), (), number(0).place)

    def _entry(self, family: Family, keys: tuple[Expression, ...], scope: str) -> Expression:
        at = integer(keys[0], self._quantities.sizes())
        if at is None:
            return Index(self._stacked(family), keys, number(0).place)
        length = family.size if family.size is not None else len(family.entries)
        at = at + length if at < 0 and not family.by_key else at
        if at not in family.entries:
            begun = self._functions.before_the_first.get((family.name, at))
            if begun is None or not family.by_key:
                raise UnreadError
            family.entries[at] = self.resolved(begun, scope)
        return family.entries[at] if len(keys) == 1 else Index(family.entries[at], keys[1:], number(0).place)

    def _built(self, operation: str, added: Expression, own: Held) -> Expression:
        if own is None or isinstance(own, Family):
            if operation == "add" and own is None:
                return added  # the first of several, added to zeros
            raise UnreadError
        if operation not in ("add", "sub") or not self._quantities.is_empty_sum(own):
            return Call(operation, (own, added), (), added.place)
        if isinstance(own, Name):
            self._quantities.forget(self._quantities.givens[own.id])
        return added if operation == "add" else negative(added)

    def _called(self, name: str, arguments: tuple[Expression, ...], node: Call) -> Expression:
        """A call of the script's own function: the operation of that name if it has the same value, otherwise what the
        function returned."""
        results = self.returned.get(name)
        result = results.popleft() if results else None
        if result is None or isinstance(result, Family):
            raise UnreadError
        if (operation := by_spelling(name)) is not None and len(arguments) == 1:
            known = Call(operation.name, arguments, (), node.place)
            if equal(known, result, self._quantities.environment):
                return known
        return result
