"""Read the forward pass of a script that has run: what it starts from, and each line as a formula over quantities.

A line is believed only if its formula has the value that the line was seen to have. Loops and functions are read as
they ran, pass by pass and call by call; a name bound again in each pass of a loop becomes a family, `h[t]`.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from grader.diagnosis.chain_rule.arithmetic import NumpyMeaning
from grader.diagnosis.chain_rule.numbers import alike, as_number
from grader.diagnosis.lines.expressions import ENTRY
from grader.draft.functions import Functions
from grader.draft.observation import Binding
from grader.exercise.names import complaint
from grader.formula.build import number
from grader.formula.check import integer
from grader.formula.evaluate import Environment, EvaluationError, evaluate, execute
from grader.formula.operations import BY_SPELLING
from grader.formula.syntax import Assign, Call, Expression, Index, Name, Number, Sequence, Slice, names, text, walk
from grader.model import Value


class _Meaning(NumpyMeaning):
    """NumPy's meaning of formulas, with assignments to entries."""

    def put(self, whole: Any, key: Any, part: Any) -> Any:
        changed = whole.astype(float)
        changed[key] = part
        return changed


MEANING = _Meaning()

_AGAIN = "again_"
_VALUES = ("assign", "unpack", "again", "item", "whole", "appended", "entry", "parameter")


LOOKED_AHEAD = 200
"""How many bindings may lie between the parameter of a function and the line that called it."""

_ZEROS = ("zeros", "zeros_like")


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


class ProgramReader:
    """Reads bindings in the order in which they happened. Afterwards `givens`, `lines`, and `unread`: the bindings that
    depend on a quantity and could not be read."""

    def __init__(self, bindings: Iterable[Binding], functions: Functions) -> None:
        self.givens: dict[str, Given] = {}
        self.lines: list[Read] = []
        self.unread: list[Binding] = []
        self.values: dict[str, Value] = {}
        """The value of each quantity, by its text."""
        self._functions = functions
        self._results: list[tuple[Value, Expression]] = []
        self._at = 0
        self._environment = Environment()
        self._held: dict[tuple[str, str], Held] = {}
        self._loops: dict[str, int] = {}
        self._returned: dict[str, deque[tuple[Held, ...]]] = {}
        self._bindings = tuple(bindings)
        self._passes = Counter(one.site.number for one in self._bindings if one.site.in_loop)

    def read(self) -> None:
        """Read up to the end, or to where something that the script starts from is changed: a check, a training."""
        for self._at, binding in enumerate(self._bindings):
            if self._changes_given(binding):
                return
            try:
                self._one(binding)
            except UnreadError:
                self._skip(binding)

    def place_of(self, name: str) -> int:
        """Where in the run a name was bound first."""
        label = name.partition("[")[0]
        return min((one.event.sequence for one in self._bindings if label in one.labels), default=0)

    def _changes_given(self, binding: Binding) -> bool:
        if binding.site.kind not in ("again", "item", "whole") or not self.lines or not binding.labels:
            return False
        held = self._lookup(binding.labels[0], binding.site.scope)
        given = self.givens.get(held.id) if isinstance(held, Name) else None
        return given is not None and any(given.value.numbers())

    # one binding

    def _one(self, binding: Binding) -> None:
        site, value = binding.site, binding.event.value
        if site.kind == "loop":
            self._begin_pass(binding)
        elif site.kind == "returned":
            self._leave(binding)
        elif site.kind in _VALUES:
            listed = isinstance(binding.formula, Sequence) and not site.literal
            if listed or not isinstance(value, Value):
                self._hold(binding, self._container(binding))
            elif site.kind == "parameter":
                self._enter(binding, value)
            elif site.kind == "whole" and self._whole_of_item(binding):
                pass
            else:
                self._bind(binding, value)

    def _container(self, binding: Binding) -> Held:
        """A list that is filled later, or begins with some quantities: `hs = [h0]`."""
        if isinstance(binding.formula, Sequence) and len(binding.labels) == 1:
            family = Family(_valid(binding.labels[0]))
            try:
                for at, item in enumerate(binding.formula.items):
                    family.entries[at] = self._resolved(item, binding.site.scope)
            except UnreadError:
                return None
            return family
        return None

    def _begin_pass(self, binding: Binding) -> None:
        value, scope = binding.event.value, binding.site.scope
        if isinstance(value, Value) and _is_size(value):
            if self._functions.is_index(binding.site.cell, binding.site.statement):
                self._loops[scope] = int(value.numbers()[0])
            self._hold(binding, number(value.numbers()[0]))
        else:
            self._hold(binding, self._like(value, binding.labels) if isinstance(value, Value) else None)

    def _leave(self, binding: Binding) -> None:
        """Keep what a function returns for the line that called it."""
        result: Held = None
        name = binding.site.scope.rpartition(".")[2]
        value = binding.event.value
        if binding.formula is not None and isinstance(value, Value):
            try:
                result = self._proven(self._resolved(binding.formula, binding.site.scope), value)
            except UnreadError:
                result = self._like(value, binding.labels)
            if result is not None and not isinstance(result, Name | Index | Number):
                self._results.append((value, result))
                if name in self._functions.outer and binding.event.occurrence == 0:
                    result = self._assign(self._free("out"), (), result, binding, value)
        self._returned.setdefault(name, deque(maxlen=64)).append((result,))

    def _enter(self, binding: Binding, value: Value) -> None:
        """A parameter is the quantity that was handed over, known by its value."""
        function, label = binding.site.scope.rpartition(".")[2], binding.labels[0]
        known = self._like(value, binding.labels)
        if isinstance(known, Name) and function in self._functions.outer:
            known = self._renamed(known.id, label)
        if known is None and function not in self._functions.outer:
            known = self._argument(binding, function, label, value)
        if known is None and (_is_size(value) or (not value.shape and (function, label) in self._functions.defaults)):
            known = number(value.numbers()[0])
        if known is None and binding.event.occurrence == 0:
            known = self._give(binding, value, handed=True)
        self._hold(binding, known)

    def _argument(self, binding: Binding, function: str, label: str, value: Value) -> Expression | None:
        """The formula that is handed over as a parameter, from the line that makes the call: it is bound later."""
        place = self._functions.place(function, label)
        start = self._at + 1
        for later in self._bindings[start : start + LOOKED_AHEAD]:
            if place is None or later.formula is None or later.site.scope == binding.site.scope:
                continue
            for part in walk(later.formula):
                if isinstance(part, Call) and part.operation == f"{function}()" and place < len(part.arguments):
                    try:
                        formula = self._resolved(part.arguments[place], later.site.scope)
                    except UnreadError:
                        continue
                    if (proven := self._proven(formula, value)) is not None:
                        return proven
        return None

    def _renamed(self, name: str, label: str) -> Expression:
        """Call a value that a check of the script made up by the name of the parameter it is handed to."""
        given, label = self.givens.get(name), _valid(label)
        if given is None or not given.handed or name == label or self._taken(label) or self._reads(name):
            return Name(name, number(0).place)
        self._forget(given)
        self.givens[label] = replace(given, name=label)
        self.values[label] = given.value
        self._environment.values[label] = as_number(given.value)
        new = Name(label, number(0).place)
        for key, held in self._held.items():
            if isinstance(held, Name) and held.id == name:
                self._held[key] = new
        return new

    def _reads(self, name: str) -> bool:
        return any(name in names(line.statement.value) for line in self.lines)

    def _whole_of_item(self, binding: Binding) -> bool:
        """Whether a change of an array is that of one entry, which was seen by itself."""
        held = self._lookup(binding.labels[0], binding.site.scope) if binding.labels else None
        return isinstance(held, Family)

    def _bind(self, binding: Binding, value: Value) -> None:
        site = binding.site
        if site.kind in ("item", "appended"):
            self._fill(binding, value)
            return
        formula = binding.formula
        if site.kind == "whole":
            self._change(binding, value)
            return
        if _is_size(value) and not site.literal:
            self._hold(binding, number(value.numbers()[0]))
            return
        known = self._like(value, binding.labels)
        if formula is None and not value.shape and site.scope and not self._depends(binding):
            self._hold(binding, number(value.numbers()[0]))
            return
        if formula is None or (isinstance(formula, Call) and formula.operation.startswith(ENTRY)):
            part = known or self._part(binding, value) or self._result(binding, value)
            if part is not None:
                self._hold(binding, part)
            elif self._depends(binding):
                self._skip(binding)
            else:
                self._hold(binding, self._give(binding, value))
            return
        self._compute(binding, formula, value, known)

    def _compute(self, binding: Binding, formula: Expression, value: Value, known: Held) -> None:
        site = binding.site
        constant = not names(formula) or (isinstance(formula, Call) and formula.operation in _ZEROS)
        if site.literal or (constant and site.kind != "again" and value.shape):
            # Arrays of zeros may be filled later; all others are what the script starts from.
            in_function = bool(site.scope) and not value.shape
            self._hold(binding, number(value.numbers()[0]) if in_function else self._give(binding, value))
            return
        try:
            own = self._lookup(binding.labels[0], site.scope) if site.kind == "again" else None
            resolved = self._resolved(formula, site.scope, own)
        except UnreadError:
            if known is not None:
                self._hold(binding, known)
            elif self._depends(binding):
                self._skip(binding)
            else:
                self._hold(binding, self._give(binding, value))
            return
        if isinstance(resolved, Name | Index | Number) and text(resolved) in self.values:
            self._hold(binding, resolved)
            return
        proven = self._proven(resolved, value)
        if proven is not None:
            self._hold(binding, self._name_it(binding, proven, value))
        elif known is not None:
            self._hold(binding, known)
        else:
            self._skip(binding)

    def _name_it(self, binding: Binding, formula: Expression, value: Value) -> Expression:
        """Give the value of a line a name of its own."""
        label, site = _valid(binding.labels[0]), binding.site
        if site.kind == "again":
            held = self._lookup(binding.labels[0], site.scope)
            own = held if isinstance(held, Name) and held.id not in self.givens else self._free(label)
            return self._assign(own, (), formula, binding, value)
        if label in names(formula) and isinstance(formula, Call) and formula.operation in ("add", "sub", "mul", "div"):
            return self._assign(Name(label, formula.place), (), formula, binding, value)
        if site.in_loop and self._passes[site.number] > 1:
            at = self._loops.get(site.scope)
            if at is None:
                return self._assign(self._free(label), (), formula, binding, value)
            if text(self._member(label, at)) in self.values:
                return formula  # no name that tells its passes apart: written out where it is read
            return self._assign(self._free(label, at), (), formula, binding, value)
        return self._assign(self._free(label), (), formula, binding, value)

    def _fill(self, binding: Binding, value: Value) -> None:
        """An entry of an array or a list."""
        label, site = binding.labels[0], binding.site
        held = self._lookup(label, site.scope)
        family = held if isinstance(held, Family) else self._opened(binding, held)
        key = len(family.entries) if family is not None and site.kind == "appended" else binding.event.key
        if family is None or key is None or binding.formula is None:
            return
        at = key + family.size if key < 0 and family.size else key
        try:
            own = family.entries.get(at)
            resolved = self._proven(self._resolved(binding.formula, site.scope, own), value)
            if resolved is None:
                raise UnreadError
        except UnreadError:
            known = self._like(value, ())
            if isinstance(known, Name | Index | Call):
                family.entries[at] = known
            else:
                self._skip(binding)
            return
        family.entries[at] = self._assign(self._free(family.name, at), (), resolved, binding, value)

    def _opened(self, binding: Binding, held: Held) -> Family | None:
        """An array of zeros that turns out to be filled entry by entry."""
        label = binding.labels[0]
        given = self.givens.get(held.id) if isinstance(held, Name) else None
        if held is None and binding.event.key is not None:
            family = Family(_valid(label), by_key=True)
            self._hold(binding, family)
            return family
        if given is None or not given.value.shape or any(given.value.numbers()) or binding.event.key is None:
            return None
        self._forget(given)
        family = Family(_valid(label), given.value.shape[0])
        self._hold(binding, family)
        return family

    def _change(self, binding: Binding, value: Value) -> None:
        """Entries of an array, changed by one line: `out[:, 1:-1] = x`."""
        label, site = binding.labels[0], binding.site
        held = self._lookup(label, site.scope)
        if not isinstance(held, Name) or binding.formula is None or not binding.keys:
            return
        given = self.givens.get(held.id)
        if given is not None and not given.value.shape:
            return
        try:
            keys = tuple(self._resolved(key, site.scope) for key in binding.keys)
            before = Index(held, keys, held.place)
            formula = self._resolved(binding.formula, site.scope, before)
        except UnreadError:
            self._skip(binding)
            return
        if given is not None:
            self._forget(given)
            shape = Sequence(tuple(map(number, given.value.shape)), held.place)
            zeros = Call("zeros", (), (("shape", shape),), held.place)
            held = self._assign(Name(_valid(label), held.place), (), zeros, binding, given.value)
        self._hold(binding, self._assign(held, keys, formula, binding, value))

    def _forget(self, given: Given) -> None:
        del self.givens[given.name]
        self.values.pop(given.name, None)
        self._environment.values.pop(given.name, None)

    # names

    def _assign(
        self, quantity: Expression, keys: tuple[Expression, ...], formula: Expression, binding: Binding,
        value: Value | None,
    ) -> Expression:
        """Add a line to the program and return the quantity it computes."""
        base = quantity.base if isinstance(quantity, Index) else quantity
        assert isinstance(base, Name)
        own = keys or (quantity.keys if isinstance(quantity, Index) else ())
        statement = Assign(base.id, own, formula, formula.place)
        try:
            execute(statement, self._environment, MEANING)
        except (EvaluationError, ArithmeticError, ValueError, TypeError, KeyError, IndexError):
            raise UnreadError from None
        self.lines.append(Read(statement, quantity, binding))
        if value is not None:
            self.values[text(quantity)] = value
        return quantity

    def _give(self, binding: Binding, value: Value, handed: bool = False) -> Expression:
        """A value that the script starts from."""
        label = _valid(binding.labels[0])
        for other in self.givens.values():
            if other.name == label and other.value == value:
                return Name(label, number(0).place)
        name = label if not self._taken(label) else self._unused(label)
        aliases = () if name == binding.labels[0] else (binding.labels[0],)
        inside = handed or bool(binding.site.scope)
        self.givens[name] = Given(name, value, binding.site.literal or binding.formula is not None, inside, aliases)
        self.values[name] = value
        self._environment.values[name] = as_number(value)
        return Name(name, number(0).place)

    def _free(self, label: str, at: int | None = None) -> Expression:
        """A name for a quantity: the script's own, or with a number behind it if that one is taken."""
        label = _valid(label)
        if at is None:
            return Name(label if not self._taken(label) else self._unused(label), number(0).place)
        family = label if label not in self._environment.values else f"{label}_at"
        made = self._member(family, at)
        return made if text(made) not in self.values else Name(self._unused(f"{label}_{at}"), made.place)

    @staticmethod
    def _member(label: str, at: int) -> Expression:
        return Index(Name(label, number(0).place), (number(at),), number(0).place)

    def _taken(self, name: str) -> bool:
        return name in self._environment.values or name in self._environment.elements

    def _unused(self, label: str) -> str:
        return next(made for k in range(2, 10_000) if not self._taken(made := f"{label}_{k}"))

    def _hold(self, binding: Binding, held: Held) -> None:
        scope = "" if binding.site.owner or binding.event.owner else binding.site.scope
        for label in binding.labels:
            self._held[scope, label] = held

    def _lookup(self, name: str, scope: str) -> Held:
        plain = name.rpartition(".")[2].rpartition("[")[2].strip("]'\"") if not name.isidentifier() else name
        while True:
            if (scope, plain) in self._held and (plain == name or not scope):
                return self._held[scope, plain]
            if not scope:
                return None
            scope = scope.rpartition(".")[0]

    def _depends(self, binding: Binding) -> bool:
        """Whether a line reads a quantity that was computed, or given as numbers with axes."""
        for name in binding.site.reads:
            held = self._lookup(name, binding.site.scope)
            if isinstance(held, Family) or (held is not None and not self._is_constant(held)):
                return True
            if held is None and any(name in one.labels for one in self.unread):
                return True
        return False

    def _is_constant(self, held: Expression) -> bool:
        """Whether a formula reads nothing but sizes."""
        return all(name in self.givens and _is_size(self.givens[name].value) for name in names(held))

    def _part(self, binding: Binding, value: Value) -> Expression | None:
        """A part of a quantity that the line reads, as `np.split` makes it: a slice of one axis."""
        for name in binding.site.reads:
            held = self._lookup(name, binding.site.scope)
            known = self.values.get(text(held)) if isinstance(held, Name | Index) else None
            if held is None or isinstance(held, Family) or known is None or len(known.shape) != len(value.shape):
                continue
            for axis, (whole, size) in enumerate(zip(known.shape, value.shape, strict=True)):
                for start in range(0, whole - size + 1, size or 1):
                    ends = Slice(number(start), number(start + size), None, held.place)
                    everything = Slice(None, None, None, held.place)
                    part = Index(held, (*([everything] * axis), ends), held.place)
                    if size < whole and self._proven(part, value) is not None:
                        return self._assign(self._free(binding.labels[0]), (), part, binding, value)
        return None

    def _result(self, binding: Binding, value: Value) -> Expression | None:
        """A result of a function that returns several, by its value."""
        same = [made for own, made in self._results if own.shape == value.shape and own.data == value.data]
        return self._assign(self._free(binding.labels[0]), (), same[-1], binding, value) if same else None

    def _skip(self, binding: Binding) -> None:
        self.unread.append(binding)
        self._hold(binding, None)

    def _like(self, value: Value, labels: tuple[str, ...]) -> Held:
        """The quantity with exactly this value; of several, the one with the same name, else the last."""
        if _is_size(value):
            return None
        same = [name for name, known in self.values.items() if known.shape == value.shape and known.data == value.data]
        if not same or (not any(value.numbers()) and not set(labels) & set(same)):
            return None
        chosen = next((name for name in same if name.partition("[")[0] in labels), same[-1])
        label, bracket, at = chosen.partition("[")
        return self._member(label, int(at[:-1])) if bracket else Name(label, number(0).place)

    # formulas

    def _proven(self, formula: Expression, value: Value) -> Expression | None:
        """The formula, if it has this value; with what its library divides a variance by, where that is left open."""
        for way in (_with_correction(formula, 0), _with_correction(formula, 1)):
            try:
                if _same(evaluate(way, self._environment, MEANING), value):
                    return way
            except (EvaluationError, ArithmeticError, ValueError, TypeError, KeyError, IndexError):
                return None
            if way is formula:
                break
        return None

    def _resolved(self, node: Expression, scope: str, own: Held = None) -> Expression:
        """A formula as typed, over quantities. `own` is the old value of the name that `x += e` changes."""

        def put(part: Expression) -> Expression:
            return self._resolved(part, scope)

        match node:
            case Name(id=name):
                return self._read_name(name, scope)
            case Index(base=Name(id=name), keys=keys) if isinstance(held := self._indexed(name, scope), Family):
                return self._entry(held, tuple(map(put, keys)))
            case Index(base=base, keys=(Name(id=name),)) if isinstance(held := self._lookup(name, scope), Family):
                return replace(node, base=put(base), keys=tuple(held.entries.values()))
            case Index(base=base, keys=keys):
                return replace(node, base=put(base), keys=tuple(map(put, keys)))
            case Slice(start, stop, step):
                ends = (None if end is None else put(end) for end in (start, stop, step))
                return Slice(*ends, node.place)
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
        held = self._lookup(name, scope)
        if held is None and (name, -1) in self._functions.before_the_first:
            held = self._held[scope, name] = Family(_valid(name), by_key=True)
        return held

    def _read_name(self, name: str, scope: str) -> Expression:
        held = self._lookup(name, scope)
        if isinstance(held, Family) and held.entries:
            return self._stacked(held)
        if held is None or isinstance(held, Family):
            raise UnreadError
        return held

    def _stacked(self, family: Family) -> Expression:
        own = {text(self._member(family.name, at)) for at in family.entries}
        entries = [family.entries[at] for at in sorted(family.entries)]
        if own == {text(one) for one in entries}:
            return Name(family.name, number(0).place)
        return Call("stack", tuple(entries), (), number(0).place)

    def _entry(self, family: Family, keys: tuple[Expression, ...]) -> Expression:
        at = integer(keys[0], self._sizes())
        if at is None:
            return Index(self._stacked(family), keys, number(0).place)
        length = family.size if family.size is not None else len(family.entries)
        at = at + length if at < 0 and not family.by_key else at
        if at not in family.entries:
            begun = self._functions.before_the_first.get((family.name, at))
            if begun is None or not family.by_key:
                raise UnreadError
            family.entries[at] = self._resolved(begun, "")
        return family.entries[at] if len(keys) == 1 else Index(family.entries[at], keys[1:], number(0).place)

    def _sizes(self) -> dict[str, int]:
        return {name: int(one.value.numbers()[0]) for name, one in self.givens.items() if _is_size(one.value)}

    def _built(self, operation: str, added: Expression, own: Held) -> Expression:
        if own is None or isinstance(own, Family):
            if operation == "add" and own is None:
                return added  # the first of several, added to zeros
            raise UnreadError
        given = self.givens.get(own.id) if isinstance(own, Name) else None
        zero = given is not None and not any(given.value.numbers())
        if given is not None and zero and operation == "add":
            self._forget(given)
            return added
        if isinstance(own, Number) and own.value == 0 and operation == "add":
            return added
        return Call(operation, (own, added), (), added.place)

    def _called(self, name: str, arguments: tuple[Expression, ...], node: Call) -> Expression:
        """A call of the script's own function: the operation of that name if it has the same value, otherwise what the
        function returned."""
        results = self._returned.get(name)
        result = results.popleft()[0] if results else None
        if result is None or isinstance(result, Family):
            raise UnreadError
        if name in BY_SPELLING and len(arguments) == 1:
            known = Call(BY_SPELLING[name].name, arguments, (), node.place)
            if self._alike(known, result):
                return known
        return result

    def _alike(self, left: Expression, right: Expression) -> bool:
        try:
            one, other = (evaluate(side, self._environment, MEANING) for side in (left, right))
        except (EvaluationError, ArithmeticError, ValueError, TypeError, KeyError, IndexError):
            return False
        return alike(one, other)


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


def _with_correction(node: Expression, correction: int) -> Expression:
    """A formula in which every variance says how it is divided: torch and NumPy differ where it does not."""
    match node:
        case Call("var" | "std", arguments, options) if "correction" not in dict(options):
            own = tuple(sorted([*options, ("correction", number(correction))], key=lambda option: option[0]))
            return replace(node, arguments=tuple(_with_correction(one, correction) for one in arguments), options=own)
        case Call(arguments=arguments):
            made = tuple(_with_correction(one, correction) for one in arguments)
            same = all(one is other for one, other in zip(made, arguments, strict=True))
            return node if same else replace(node, arguments=made)
        case Index(base=base):
            inner = _with_correction(base, correction)
            return node if inner is base else replace(node, base=inner)
        case _:
            return node


def _is_size(value: Value) -> bool:
    return not value.shape and value.dtype == "int"


def _same(made: object, value: Value) -> bool:
    shape = tuple(getattr(made, "shape", ()))
    if shape != value.shape:
        return False
    numbers = value.numbers()
    flat = [float(made)] if not shape else [float(one) for one in made.ravel()]  # type: ignore[arg-type, attr-defined]
    most = max(map(abs, numbers), default=0.0)
    loose = 1e-4 if value.dtype in ("float32", "float16", "bfloat16") else 1e-9
    return all(
        math.isfinite(own) and abs(own - one) <= loose * most + 1e-12 for own, one in zip(flat, numbers, strict=True)
    )


def _valid(label: str) -> str:
    return label if complaint(label) is None else f"{label}_"
