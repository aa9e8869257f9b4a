"""Formulas as typed in a script, as formulas over quantities."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from grader.draft.functions import Functions
from grader.draft.observation import equal
from grader.draft.quantities import Family, Held, Quantities, UnreadError, member, valid
from grader.formula.build import number
from grader.formula.check import integer
from grader.formula.operations import by_spelling
from grader.formula.syntax import Call, Expression, Index, Name, Number, Sequence, Slice, text

_AGAIN = "again_"


class Formulas:
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
                return self._entry(held, tuple(map(put, keys)))
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

    def _entry(self, family: Family, keys: tuple[Expression, ...]) -> Expression:
        at = integer(keys[0], self._quantities.sizes())
        if at is None:
            return Index(self._stacked(family), keys, number(0).place)
        length = family.size if family.size is not None else len(family.entries)
        at = at + length if at < 0 and not family.by_key else at
        if at not in family.entries:
            begun = self._functions.before_the_first.get((family.name, at))
            if begun is None or not family.by_key:
                raise UnreadError
            family.entries[at] = self.resolved(begun, "")
        return family.entries[at] if len(keys) == 1 else Index(family.entries[at], keys[1:], number(0).place)

    def _built(self, operation: str, added: Expression, own: Held) -> Expression:
        if own is None or isinstance(own, Family):
            if operation == "add" and own is None:
                return added  # the first of several, added to zeros
            raise UnreadError
        given = self._quantities.givens.get(own.id) if isinstance(own, Name) else None
        zero = given is not None and not any(given.value.numbers())
        if given is not None and zero and operation == "add":
            self._quantities.forget(given)
            return added
        if isinstance(own, Number) and own.value == 0 and operation == "add":
            return added
        return Call(operation, (own, added), (), added.place)

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
