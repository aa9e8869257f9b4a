"""Read the forward pass of a script that has run: what it starts from, and each line as a formula over quantities.

A line is believed only if its formula has the value that the line was seen to have. Loops and functions are read as
they ran, pass by pass and call by call; a name bound again in each pass of a loop becomes a family, `h[t]`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable
from dataclasses import replace

from grader.diagnosis.expressions import ENTRY
from grader.draft.functions import RESULT, Functions
from grader.draft.observation import ScriptBinding, proven
from grader.draft.quantities import (
    Family,
    FormulaReader,
    Held,
    Quantities,
    UnreadError,
    as_change,
    is_size,
    member,
    valid,
)
from grader.formula.build import call, number
from grader.formula.syntax import Call, Expression, Index, Name, Number, Sequence, Slice, names, text, walk
from grader.model import Value

_VALUES = ("assign", "unpack", "again", "item", "whole", "appended", "entry", "parameter")

LOOKED_AHEAD = 200
"""How many bindings may lie between the parameter of a function and the line that called it."""

DRAWING = frozenset({"rand", "randn", "randint", "random", "random_sample", "standard_normal", "normal", "uniform"})
"""Operations that draw random numbers: a formula has none."""

_ZEROS = ("zeros", "zeros_like")


class ProgramReader:
    """Reads bindings in the order in which they happened. Afterwards `quantities`, and `unread`: the bindings that
    depend on a quantity and could not be read."""

    def __init__(self, bindings: Iterable[ScriptBinding], functions: Functions) -> None:
        self.quantities = Quantities(functions.classes)
        self.unread: list[ScriptBinding] = []
        self._formulas = FormulaReader(self.quantities, functions)
        self._functions = functions
        self._results: list[tuple[Value, Expression]] = []
        self._lost: list[Value] = []
        self._fields: list[tuple[str, Name]] = []
        self._dictionaries: set[str] = set()
        self._at = 0
        self._loops: dict[str, int] = {}
        self._bindings = tuple(bindings)
        self._passes = Counter(one.site.number for one in self._bindings if one.site.in_loop)

    def read(self) -> None:
        """Read up to the end, or to where something that the script starts from is changed: a check, a training."""
        for at, binding in enumerate(self._bindings):
            self._at = at
            if self._changes_given(binding):
                return
            try:
                self._one(binding)
            except UnreadError:
                self._skip(binding)
            after = self._bindings[at + 1] if at + 1 < len(self._bindings) else None
            if not binding.site.scope and (after is None or after.site.statement != binding.site.statement):
                self._formulas.returned.clear()  # what a function returns is used by the line that calls it

    def take(self, wanted: Collection[str]) -> frozenset[str]:
        """Take what the script first binds under each of these names as what it starts from, and return the names
        found."""
        found: set[str] = set()
        for binding in self._bindings:
            value, label = binding.event.value, next(iter(binding.labels), "")
            if label in wanted and label not in found and isinstance(value, Value):
                found.add(label)
                self.quantities.give(binding, value, handed=binding.site.kind == "parameter")
        return frozenset(found)

    def place_of(self, name: str) -> int:
        """Where in the run a name was bound first."""
        label = name.partition("[")[0]
        return min((one.event.sequence for one in self._bindings if label in one.labels), default=0)

    def _changes_given(self, binding: ScriptBinding) -> bool:
        if binding.site.kind not in ("again", "item", "whole") or not self.quantities.lines or not binding.labels:
            return False
        held = self.quantities.lookup(binding.labels[0], binding.site.scope)
        given = self.quantities.givens.get(held.id) if isinstance(held, Name) else None
        return given is not None and any(given.value.numbers())

    def _one(self, binding: ScriptBinding) -> None:
        site, value = binding.site, binding.event.value
        if site.kind == "loop":
            self._begin_pass(binding)
        elif site.kind == "returned":
            self._leave(binding)
        elif site.kind == "touched" and isinstance(value, Value):
            self._grow(binding, value)
        elif site.kind in _VALUES:
            if not site.scope:
                self._own_fields(binding)
            listed = isinstance(binding.formula, Sequence) and not site.literal
            if listed or not isinstance(value, Value):
                self.quantities.hold(binding, self._container(binding))
            elif site.kind == "parameter":
                self._enter(binding, value)
            elif site.kind == "whole" and self._whole_of_item(binding):
                pass
            else:
                self._bind(binding, value)
            self._note_field(binding)
            if site.kind in ("item", "entry") and site.owner and self._holds_quantity(binding):
                self._dictionaries.add(site.owner)

    def _holds_quantity(self, binding: ScriptBinding) -> bool:
        """Whether an entry with a name, `cache["A0"] = X`, is a quantity, or could not be read."""
        held = self.quantities.lookup(binding.labels[0], "") if binding.labels else None
        return held is None or isinstance(held, Family) or not self.quantities.is_constant(held)

    def _own_fields(self, binding: ScriptBinding) -> None:
        """Where an object is bound of a class with several: what it starts from goes by its name."""
        made = getattr(binding.event.value, "type_name", "")
        if made in self._functions.several and len(binding.labels) == 1:
            for label, held in self._fields:
                self.quantities.owned(held.id, binding.labels[0], label)
        self._fields.clear()

    def _note_field(self, binding: ScriptBinding) -> None:
        """Remember what a field of an object starts from, until the object has a name."""
        made, _, method = binding.site.scope.rpartition(".")
        if method == "__init__" and binding.site.owner and made in self._functions.several:
            held = self.quantities.lookup(binding.labels[0], "")
            if isinstance(held, Name):
                self._fields.append((binding.labels[0], held))

    def _container(self, binding: ScriptBinding) -> Held:
        """A list that is filled later, or begins with some quantities: `hs = [h0]`."""
        if isinstance(binding.formula, Sequence) and len(binding.labels) == 1:
            family = Family(valid(binding.labels[0]))
            try:
                for at, item in enumerate(binding.formula.items):
                    family.entries[at] = self._formulas.resolved(item, binding.site.scope)
            except UnreadError:
                return None
            return family
        return None

    def _begin_pass(self, binding: ScriptBinding) -> None:
        value, scope = binding.event.value, binding.site.scope
        if isinstance(value, Value) and is_size(value):
            if self._functions.is_index(binding.site.cell, binding.site.statement):
                self._loops[scope] = int(value.numbers()[0])
            self.quantities.hold(binding, number(value.numbers()[0]))
        else:
            self.quantities.hold(binding, self._member(binding, value) if isinstance(value, Value) else None)

    def _member(self, binding: ScriptBinding, value: Value) -> Held:
        """What a loop goes over: an entry of an array, in the order of the passes, or a quantity; else, of a list of
        arrays that were not read, a value the script starts from."""
        if (known := self.quantities.like(value, binding.labels)) is not None:
            return known
        for name, whole in self.quantities.values.items():
            if whole.shape[1:] != value.shape or not whole.shape or "[" in name or not whole.shape[0]:
                continue
            at, size = binding.event.occurrence % whole.shape[0], value.size
            for place in (at, whole.shape[0] - 1 - at):
                if whole.numbers()[place * size : (place + 1) * size] == value.numbers():
                    return member(name, place)
        return self.quantities.give(binding, value) if value.shape else None

    def _leave(self, binding: ScriptBinding) -> None:
        """Keep what a function returns for the line that called it."""
        result: Held = None
        name = binding.site.scope.rpartition(".")[2]
        value = binding.event.value
        if isinstance(value, Value):
            try:
                result = None if binding.formula is None else self._understood(binding, binding.formula, value)
            except UnreadError:
                result = self.quantities.like(value, binding.labels)
            if result is None and not is_size(value):
                self._lost.append(value)
            if not isinstance(result, Name | Index | Number | Family | None):
                self._results.append((value, result))
                if name in {*self._functions.outer, *self._functions.methods} and binding.event.occurrence == 0:
                    result = self.quantities.assign(self.quantities.free(RESULT), (), result, binding, value)
        self._formulas.returned.setdefault(name, deque(maxlen=64)).append(result)

    def _enter(self, binding: ScriptBinding, value: Value) -> None:
        """A parameter is the quantity that was handed over, known by its value."""
        function, label = binding.site.scope.rpartition(".")[2], binding.labels[0]
        known = self.quantities.like(value, binding.labels)
        if isinstance(known, Name) and function in self._functions.outer:
            known = self.quantities.renamed(known.id, label)
        if known is None and function not in self._functions.outer:
            known = self._argument(binding, function, label, value)
        if known is None:
            known = self._result(binding, value, RESULT) or self.quantities.only_zeros(value)
        if known is None and (is_size(value) or (not value.shape and (function, label) in self._functions.defaults)):
            known = number(value.numbers()[0])
        # What a line computed that could not be read is nothing to start from.
        if known is None and binding.event.occurrence == 0 and value not in self._lost:
            known = self.quantities.give(binding, value, handed=True)
        self.quantities.hold(binding, known)

    def _argument(self, binding: ScriptBinding, function: str, label: str, value: Value) -> Expression | None:
        """The formula that is handed over as a parameter, from the line that makes the call: it is bound later."""
        place = self._functions.place(function, label)
        start = self._at + 1
        for later in self._bindings[start : start + LOOKED_AHEAD]:
            if place is None or later.formula is None or later.site.scope == binding.site.scope:
                continue
            for part in walk(later.formula):
                if isinstance(part, Call) and part.operation == f"{function}()" and place < len(part.arguments):
                    try:
                        formula = self._formulas.resolved(part.arguments[place], later.site.scope)
                    except UnreadError:
                        continue
                    if (proven := self._proven(formula, value)) is not None:
                        return proven
        return None

    def _whole_of_item(self, binding: ScriptBinding) -> bool:
        """Whether a change of an array is that of one entry, which was seen by itself; of an entry that is an array of
        its own, the line that computed it is written anew."""
        held = self.quantities.lookup(binding.labels[0], binding.site.scope) if binding.labels else None
        if not isinstance(held, Family):
            return False
        entry, value = self._entry_like(held, binding), binding.event.value
        if entry is not None and isinstance(value, Value):
            before = self.quantities.values[text(entry)]
            chosen = [at for at, one in enumerate(value.numbers()) if one]
            if any(before.numbers()) or [value.numbers()[at] for at in chosen] != [1.0]:
                self._skip(binding)
                return True
            formula: Expression = call("one_hot", number(chosen[0]), classes=number(value.size))
            if len(value.shape) > 1:
                sizes = Sequence(tuple(map(number, value.shape)), formula.place)
                formula = call("reshape", formula, shape=sizes)
            self.quantities.replace(entry, formula, binding, value)
        return True

    def _is_within_an_entry(self, binding: ScriptBinding) -> bool:
        """Whether a line changes an entry of an entry: `xs[t][k] = 1`."""
        after = self._bindings[self._at + 1] if self._at + 1 < len(self._bindings) else None
        held = self.quantities.lookup(binding.labels[0], binding.site.scope)
        if after is None or not isinstance(held, Family) or after.labels != binding.labels:
            return False
        same = after.site.kind == "whole" and after.site.statement == binding.site.statement
        return same and self._entry_like(held, after) is not None

    def _entry_like(self, family: Family, binding: ScriptBinding) -> Expression | None:
        """The entry of this pass, if it has the shape of a value."""
        entry = family.entries.get(self._loops.get(binding.site.scope, -1))
        known = self.quantities.values.get(text(entry)) if entry is not None else None
        value = binding.event.value
        same = known is not None and isinstance(value, Value) and known.shape == value.shape and bool(value.shape)
        return entry if same else None

    def _bind(self, binding: ScriptBinding, value: Value) -> None:
        site = binding.site
        if site.kind == "item" and self._is_within_an_entry(binding):
            return  # the next binding shows the whole of the entry
        if site.kind in ("item", "appended") and not binding.event.label:
            self._fill(binding, value)
            return
        formula = binding.formula
        if site.kind == "whole":
            self._change(binding, value)
            return
        if is_size(value) and not site.literal:
            self.quantities.hold(binding, number(value.numbers()[0]))
            return
        known = self.quantities.like(value, binding.labels)
        if formula is None and not value.shape and site.scope and not self._depends(binding):
            self.quantities.hold(binding, number(value.numbers()[0]))
            return
        if formula is None or (isinstance(formula, Call) and formula.operation.startswith(ENTRY)):
            part = known or self._part(binding, value) or self._result(binding, value, binding.labels[0])
            if part is not None:
                self.quantities.hold(binding, part)
            elif self._depends(binding):
                self._skip(binding)
            else:
                self.quantities.hold(binding, self.quantities.give(binding, value))
            return
        self._compute(binding, formula, value, known)

    def _compute(self, binding: ScriptBinding, formula: Expression, value: Value, known: Held) -> None:
        site = binding.site
        label, *others = binding.labels
        if not others and self.quantities.is_empty_sum(self.quantities.lookup(label, site.scope)):
            change = as_change(formula, label)
            if change is not None:  # the first of several
                binding, formula = replace(binding, site=replace(site, kind="again"), formula=change), change
                site = binding.site
        constant = not names(formula) or (isinstance(formula, Call) and formula.operation in _ZEROS)
        if site.literal or (constant and site.kind != "again" and value.shape):
            # Arrays of zeros may be filled later; all others are what the script starts from.
            in_function = bool(site.scope) and site.scope not in self._functions.classes and not value.shape
            self.quantities.hold(
                binding, number(value.numbers()[0]) if in_function else self.quantities.give(binding, value)
            )
            return
        try:
            own = self.quantities.lookup(binding.labels[0], site.scope) if site.kind == "again" else None
            proven = self._understood(binding, formula, value, own)
        except UnreadError:
            if known is not None:
                self.quantities.hold(binding, known)
            elif self._depends(binding):
                self._skip(binding)
            else:
                self.quantities.hold(binding, self.quantities.give(binding, value))
            return
        if isinstance(proven, Name | Index | Number) and text(proven) in self.quantities.values:
            self.quantities.hold(binding, proven)
        elif proven is not None:
            self.quantities.hold(binding, self._name_it(binding, proven, value))
        elif known is not None:
            self.quantities.hold(binding, known)
        else:
            self._skip(binding)

    def _name_it(self, binding: ScriptBinding, formula: Expression, value: Value) -> Expression:
        """Give the value of a line a name of its own."""
        label, site = valid(binding.labels[0]), binding.site
        if site.kind == "again":
            held = self.quantities.lookup(binding.labels[0], site.scope)
            own = (
                held
                if isinstance(held, Name) and held.id not in self.quantities.givens
                else self.quantities.free(label)
            )
            return self.quantities.assign(own, (), formula, binding, value)
        changed = label in names(formula) and label not in self.quantities.givens
        if changed and isinstance(formula, Call) and formula.operation in ("add", "sub", "mul", "div"):
            return self.quantities.assign(Name(label, formula.place), (), formula, binding, value)
        if site.in_loop and self._passes[site.number] > 1:
            at = self._loops.get(site.scope)
            if at is None:
                return self.quantities.assign(self.quantities.free(label), (), formula, binding, value)
            if text(member(label, at)) in self.quantities.values:
                return formula  # no name that tells its passes apart: written out where it is read
            return self.quantities.assign(self.quantities.free(label, at), (), formula, binding, value)
        return self.quantities.assign(self.quantities.free(label), (), formula, binding, value)

    def _fill(self, binding: ScriptBinding, value: Value) -> None:
        """An entry of an array or a list."""
        label, site = binding.labels[0], binding.site
        held = self.quantities.lookup(label, site.scope)
        family = held if isinstance(held, Family) else self._opened(binding, held)
        key = len(family.entries) if family is not None and site.kind == "appended" else binding.event.key
        if family is None or key is None or binding.formula is None:
            return
        at = key + family.size if key < 0 and family.size else key
        try:
            own = family.entries.get(at)
            resolved = self._understood(binding, binding.formula, value, own)
            if resolved is None:
                raise UnreadError
        except UnreadError:
            known = self.quantities.like(value, ())
            if isinstance(known, Name | Index | Call):
                family.entries[at] = known
            else:
                self._skip(binding)
            return
        family.entries[at] = self.quantities.assign(self.quantities.free(family.name, at), (), resolved, binding, value)

    def _grow(self, binding: ScriptBinding, value: Value) -> None:
        """A list to which a quantity that has a name was appended."""
        held = self.quantities.lookup(binding.labels[0], binding.site.scope) if binding.labels else None
        if isinstance(held, Family) and value.shape and value.shape[0] == len(held.entries) + 1:
            size = value.size // value.shape[0]
            known = self.quantities.like(Value.of(list(value.numbers()[-size:]), value.shape[1:], value.dtype), ())
            if isinstance(known, Name | Index):
                held.entries[len(held.entries)] = known

    def _opened(self, binding: ScriptBinding, held: Held) -> Family | None:
        """An array of zeros that turns out to be filled entry by entry."""
        label = binding.labels[0]
        given = self.quantities.givens.get(held.id) if isinstance(held, Name) else None
        if held is None and binding.event.key is not None:
            family = Family(valid(label), by_key=True)
            self.quantities.rebind(binding, family)
            return family
        if given is None or not given.value.shape or any(given.value.numbers()) or binding.event.key is None:
            return None
        self.quantities.forget(given)
        family = Family(valid(label), given.value.shape[0])
        self.quantities.rebind(binding, family)
        return family

    def _change(self, binding: ScriptBinding, value: Value) -> None:
        """Entries of an array, changed by one line: `out[:, 1:-1] = x`."""
        label, site = binding.labels[0], binding.site
        held = self.quantities.lookup(label, site.scope)
        if not isinstance(held, Name) or binding.formula is None or not binding.keys:
            return
        given = self.quantities.givens.get(held.id)
        if given is not None and not given.value.shape:
            return
        try:
            keys = tuple(self._formulas.resolved(key, site.scope) for key in binding.keys)
            before = Index(held, keys, held.place)
            formula = self._formulas.resolved(binding.formula, site.scope, before)
        except UnreadError:
            self._skip(binding)
            return
        if given is not None:
            self.quantities.forget(given)
            shape = Sequence(tuple(map(number, given.value.shape)), held.place)
            zeros = Call("zeros", (), (("shape", shape),), held.place)
            held = self.quantities.assign(Name(valid(label), held.place), (), zeros, binding, given.value)
        self.quantities.hold(binding, self.quantities.assign(held, keys, formula, binding, value))

    def _depends(self, binding: ScriptBinding) -> bool:
        """Whether a line reads a quantity that was computed, or given as numbers with axes."""
        for name in binding.site.reads:
            held = self.quantities.lookup(name, binding.site.scope)
            if self._functions.reads_shape_only(binding.site.cell, binding.site.statement, name):
                continue
            if isinstance(held, Family) or (held is not None and not self._is_size(held, binding)):
                return True
            filled = name in self._dictionaries and name != binding.site.owner
            if held is None and (filled or any(name in one.labels for one in self.unread)):
                return True
        return False

    def _is_size(self, held: Expression, binding: ScriptBinding) -> bool:
        """Whether a quantity can only say how many numbers there are: where random numbers are drawn, whole numbers
        in a list too, `rng.randn(sizes[0], sizes[1])`."""
        if self.quantities.is_constant(held):
            return True
        given = self.quantities.givens.get(held.id) if isinstance(held, Name) else None
        return given is not None and given.value.dtype == "int" and not DRAWING.isdisjoint(binding.site.reads)

    def _part(self, binding: ScriptBinding, value: Value) -> Expression | None:
        """A part of a quantity that the line reads, as `np.split` makes it: a slice of one axis."""
        for name in binding.site.reads:
            held = self.quantities.lookup(name, binding.site.scope)
            known = self.quantities.values.get(text(held)) if isinstance(held, Name | Index) else None
            if held is None or isinstance(held, Family) or known is None or len(known.shape) != len(value.shape):
                continue
            for axis, (whole, size) in enumerate(zip(known.shape, value.shape, strict=True)):
                for start in range(0, whole - size + 1, size or 1):
                    ends = Slice(number(start), number(start + size), None, held.place)
                    everything = Slice(None, None, None, held.place)
                    part = Index(held, (*([everything] * axis), ends), held.place)
                    if size < whole and self._proven(part, value) is not None:
                        return self.quantities.assign(self.quantities.free(binding.labels[0]), (), part, binding, value)
        return None

    def _result(self, binding: ScriptBinding, value: Value, label: str) -> Expression | None:
        """A result of a function that no line has bound, by its value."""
        same = [made for own, made in self._results if own.shape == value.shape and own.data == value.data]
        return self.quantities.assign(self.quantities.free(label), (), same[-1], binding, value) if same else None

    def _skip(self, binding: ScriptBinding) -> None:
        self.unread.append(binding)
        if isinstance(binding.event.value, Value):
            self._lost.append(binding.event.value)
        self.quantities.hold(binding, None)

    def _understood(
        self, binding: ScriptBinding, formula: Expression, value: Value, own: Held = None
    ) -> Expression | None:
        """The formula of a line over quantities, if it has this value in one of the ways to read its fields. Raises
        `UnreadError` if it reads something that was not read."""
        results = {name: tuple(kept) for name, kept in self._formulas.returned.items()}
        is_read = False
        for _ in self.quantities.readings(names(formula)):
            self._formulas.returned = {name: deque(kept, maxlen=64) for name, kept in results.items()}
            try:
                resolved = self._formulas.resolved(formula, binding.site.scope, own)
            except UnreadError:
                continue
            is_read = True
            if (proven := self._proven(resolved, value)) is not None:
                return proven
        if not is_read:
            raise UnreadError
        return None

    def _proven(self, formula: Expression, value: Value) -> Expression | None:
        return proven(formula, value, self.quantities.environment)
