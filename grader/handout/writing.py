"""Write formulas and forward programs as Python for NumPy, torch or plain numbers.

The written code means the same as `grader.reference.operations`; tests run both and compare. Elements assigned one by
one (`h[t] = ...`) are stored in a dict, so that indices may start anywhere and elements may have any shape."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from grader.errors import UsageError
from grader.formula.array_rules import whole_number
from grader.formula.compositions import defined, given_in, options_of
from grader.formula.operations import CONSTANTS
from grader.formula.python_trees import bracketed, strength_of
from grader.formula.spelling import (
    HOLE,
    TABLES,
    TRUTHS,
    Library,
    call_of_torch,
    is_nothing,
    template_of,
)
from grader.formula.syntax import (
    ARITHMETIC,
    COMPARISONS,
    STRENGTH,
    Assign,
    Call,
    Everything,
    Expression,
    Flag,
    For,
    Index,
    Name,
    Number,
    Program,
    Sequence,
    Slice,
    Text,
    is_branch,
    statements,
)
from grader.handout.helpers import HELPERS
from grader.syntax_trees import tree_of

_ATOM, _SIGN, _COMPARED = STRENGTH["x"], STRENGTH["-x"], STRENGTH["<"]
_SHAPES = frozenset({"shape", "dims", "normalized_shape"})
_INDEXED = frozenset(
    {"cross_entropy", "nll_loss", "multi_margin_loss", "multilabel_margin_loss", "one_hot", "embedding", "gather"}
    | {"take_along_dim", "index_select", "scatter", "scatter_add", "index_add"}
)
"""Operations whose operands may be class labels: torch requires integers there."""

_REAL = frozenset({"mean", "var", "std", "norm", "softmax", "log_softmax", "logsumexp", "matmul", "dot", "inner"})
"""Operations that torch does not support for integer tensors."""


def wrapped(text: str, at_least: int) -> str:
    """The text of a Python expression, in brackets if its precedence is lower."""
    return bracketed(text, strength_of(tree_of(text, mode="eval").body), at_least)


def is_spelled(operation: str, library: Library) -> bool:
    """Whether a library's table contains an operation."""
    return any(key.split("/")[0].rstrip("+") == operation for key in TABLES[library])


@dataclass(slots=True)
class CodeWriter:
    """Writes code for one library.

    `taken` are names unavailable for helpers; `plain` are names of plain numbers instead of arrays; `whole` are names
    of integer arrays; `families` are names assigned element by element; `blank` are names whose values the student
    fills in; `masks` are names of conditions.
    `helpers` collects the text of each helper used, by the name under which it is called."""

    library: Library
    taken: Collection[str] = ()
    plain: set[str] = field(default_factory=set)
    whole: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    blank: frozenset[str] = frozenset()
    helpers: dict[str, str] = field(default_factory=dict)
    masks: set[str] = field(default_factory=set)

    # programs

    def program(self, program: Program) -> Iterator[tuple[int, str]]:
        """Yield the lines of a program, each with its line in the exercise (0: none).

        Raises `UsageError` if the library cannot express something."""
        self.families = families_of(program)
        changed = {one.name for one in statements(program) if one.keys} - self.families
        for name in dict.fromkeys(one.name for one in statements(program) if one.name in self.families):
            yield 0, f"{name} = {{}}"
        yield from self._block(program, "", changed)

    def _block(self, program: Program, indent: str, changed: Collection[str]) -> Iterator[tuple[int, str]]:
        for statement in program:
            line = statement.place.line
            if isinstance(statement, For):
                self.plain.add(statement.variable)
                yield line, f"{indent}for {statement.variable} in {self._passes(statement)}:"
                yield from self._block(statement.body, indent + "    ", changed)
            else:
                yield line, indent + self.statement(statement, changed)

    def statement(self, statement: Assign, changed: Collection[str] = ()) -> str:
        """One assignment. A name that is `changed` in place later gets a copy of its own."""
        value = "..." if statement.name in self.blank else self.expression(statement.value)
        if statement.keys:
            return f"{statement.name}[{self._keys(statement.keys)}] = {value}"
        if isinstance(statement.value, Call) and statement.value.operation in {*COMPARISONS, *TRUTHS}:
            self.masks.add(statement.name)
        if self.is_plain(statement.value):
            self.plain.add(statement.name)
        elif statement.name in changed:
            value = f"np.array({value}, dtype=float)" if self.library == "numpy" else f"{wrapped(value, _ATOM)}.clone()"
        return f"{statement.name} = {value}"

    def _passes(self, loop: For) -> str:
        start, stop, step = (self.expression(end) for end in (loop.start, loop.stop, loop.step))
        ends = [stop] if start == "0" and step == "1" else [start, stop] if step == "1" else [start, stop, step]
        text = f"range({', '.join(ends)})"
        return f"reversed({text})" if loop.backwards else text

    # expressions

    def expression(self, node: Expression) -> str:
        """An expression on one line. Raises `UsageError`."""
        match node:
            case Number(value=value):
                return self._number(value)
            case Name(id=name):
                return self._family(name) if name in self.families else name
            case Text(value=text):
                return repr(text)
            case Flag(value=flag):
                return repr(flag)
            case Everything():
                return "..."
            case Slice(start, stop, step):
                ends = ":".join("" if end is None else self.expression(end) for end in (start, stop))
                return ends if step is None else f"{ends}:{self.expression(step)}"
            case Sequence(items=items):
                return self._array(items)
            case Index(base, keys):
                return self._index(base, keys)
            case Call():
                return self._call(node)
            case _:
                raise UsageError("A derivative cannot be written out.")

    def is_plain(self, node: Expression) -> bool:
        """Whether a value is a plain Python number: from numbers, whole-number inputs, loop variables and shapes."""
        match node:
            case Number():
                return True
            case Name(id=name):
                return name in self.plain
            case Call("length") | Index(base=Call("shape_of")):
                return True
            case Call(operation, arguments):
                return operation in {*ARITHMETIC, "neg"} and all(self.is_plain(one) for one in arguments)
            case _:
                return False

    def _number(self, value: float) -> str:
        for name, constant in CONSTANTS.items():
            if abs(value) == constant:
                sign = "-" if value < 0 else ""
                return f"{sign}{'np' if self.library == 'numpy' else 'math'}.{name}"
        return repr(value)

    def _family(self, name: str) -> str:
        """All elements of a family as one array."""
        self._needs_arrays(f"the whole of `{name}`")
        module = "np" if self.library == "numpy" else "torch"
        return f"{module}.stack([{name}[i] for i in sorted({name})])"

    def _array(self, items: tuple[Expression, ...]) -> str:
        self._needs_arrays("a list of numbers")
        if self.library == "numpy":
            return f"np.array({self._listed(items)})"
        if all(self.is_plain(leaf) for leaf in _leaves(items)):
            return f"torch.tensor({self._listed(items, real=True)})"
        parts = [
            self._array(one.items) if isinstance(one, Sequence) else self._operand(one, "stack", as_function=True)
            for one in items
        ]
        return f"torch.stack([{', '.join(parts)}])"

    def _listed(self, items: tuple[Expression, ...], real: bool = False) -> str:
        def item(node: Expression) -> str:
            if isinstance(node, Sequence):
                return self._listed(node.items, real)
            return repr(float(node.value)) if real and isinstance(node, Number) else self.expression(node)

        return f"[{', '.join(map(item, items))}]"

    def _index(self, base: Expression, keys: tuple[Expression, ...]) -> str:
        if isinstance(base, Name) and base.id in self.families and self.is_plain(keys[0]):
            # The first key selects an element; the remaining keys index into that element.
            first = f"{base.id}[{self.expression(keys[0])}]"
            return f"{first}[{self._keys(keys[1:])}]" if keys[1:] else first
        if self.library == "torch" and any(_is_backwards(key) for key in keys):
            axes = tuple(n for n, key in enumerate(keys) if _is_backwards(key))
            if not all(isinstance(key, Slice) and (key.step is None or _is_backwards(key)) for key in keys):
                raise UsageError("A slice from back to front beside other indices cannot be written in torch.")
            turned = f"torch.flip({self._operand(base, 'flip', True)}, {axes})"
            rest = [_turned(key) if isinstance(key, Slice) and _is_backwards(key) else key for key in keys]
            plain = all(isinstance(one, Slice) and one.start is one.stop is one.step is None for one in rest)
            return turned if plain else f"{turned}[{self._keys(tuple(rest))}]"
        return f"{wrapped(self.expression(base), _ATOM)}[{self._keys(keys)}]"

    def _keys(self, keys: tuple[Expression, ...]) -> str:
        # In `x[[0, 2]]` a list suffices as index; no array is needed.
        return ", ".join(map(self._key, keys))

    def _key(self, key: Expression) -> str:
        is_mask = (isinstance(key, Name) and key.id in self.masks) or (
            isinstance(key, Call) and key.operation in {*COMPARISONS, *TRUTHS}
        )
        if is_mask:
            return self._truth(key)
        return self._listed(key.items) if isinstance(key, Sequence) else self.expression(key)

    # calls

    def _call(self, node: Call) -> str:
        operation, arguments = node.operation, node.arguments
        if operation == "neg":
            return f"-{wrapped(self.expression(arguments[0]), _SIGN)}"
        if operation in ARITHMETIC:
            return self._infix(ARITHMETIC[operation], *arguments)
        if operation in COMPARISONS or operation in TRUTHS:
            return f"({self._truth(node)}) * 1.0"
        if operation == "where":
            return self._where("python" if is_branch(node) else self.library, *arguments)
        library: Library = self.library
        if library == "torch" and is_spelled(operation, "python") and all(map(self.is_plain, arguments)):
            library = "python"
        return self._spelled(node, library)

    def _infix(self, sign: str, left: Expression, right: Expression) -> str:
        own = STRENGTH[sign]
        if sign == "**":
            return f"{wrapped(self.expression(left), own + 1)}**{wrapped(self.expression(right), _SIGN)}"
        if sign == "@":
            self._needs_arrays("a product of matrices")
            one, other = self._operand(left, "matmul", False), self._operand(right, "matmul", False)
            return f"{wrapped(one, own)} @ {wrapped(other, own + 1)}"
        return f"{wrapped(self.expression(left), own)} {sign} {wrapped(self.expression(right), own + 1)}"

    def _truth(self, node: Expression) -> str:
        """A condition as a boolean expression."""
        match node:
            case Call(operation, (left, right)) if operation in COMPARISONS:
                sides = (wrapped(self.expression(side), _COMPARED + 1) for side in (left, right))
                return f" {COMPARISONS[operation]} ".join(sides)
            case Call("not_", (inner,)):
                if self.library == "python":
                    return f"not ({self._truth(inner)})"
                return f"{'np' if self.library == 'numpy' else 'torch'}.logical_not({self._truth(inner)})"
            case Call(operation, (left, right)) if operation in TRUTHS:
                if self.library == "python":
                    word = "!=" if operation == "xor_" else operation.rstrip("_")
                    return f"({self._truth(left)}) {word} ({self._truth(right)})"
                module = "np" if self.library == "numpy" else "torch"
                return f"{module}.{TRUTHS[operation]}({self._truth(left)}, {self._truth(right)})"
            case _:
                return f"{wrapped(self.expression(node), _COMPARED + 1)} != 0"

    def _where(self, library: Library, condition: Expression, left: Expression, right: Expression) -> str:
        truth, one, other = self._truth(condition), self.expression(left), self.expression(right)
        if library == "python":
            return f"{wrapped(one, 1)} if {truth} else {other}"
        return f"{'np' if library == 'numpy' else 'torch'}.where({truth}, {one}, {other})"

    def _spelled(self, node: Call, library: Library) -> str:
        options, spelling = dict(node.options), template_of(node, library)
        if library == "numpy" and isinstance(padding := options.get("padding"), Text):
            raise UsageError(f"`{node.operation}` with padding='{padding.value}' cannot be written in NumPy.")
        if spelling is None and (written := self._native(node, library) or self._defined(node)) is not None:
            return written
        if spelling is None:
            raise UsageError(f"`{node.operation}` cannot be written in {_SPOKEN[library]}.")
        if library == "torch" and "keepdim" in options and "dim" not in options:
            rank = f"{wrapped(self.expression(node.arguments[0]), _ATOM)}.dim()"
            spelling = spelling.replace("{dim>dim}", f", dim=tuple(range({rank}))")
            if node.operation == "prod":
                spelling = f"torch.prod({{0}}).reshape((1,) * {rank})"
        as_function = library == "torch"

        def filled(hole: re.Match[str]) -> str:
            bare, what, tight, keyword, default = hole.groups()
            if what == "*":
                return ", ".join(self._operand(one, node.operation, as_function) for one in node.arguments)
            if what.isdigit():
                text = self._operand(node.arguments[int(what)], node.operation, as_function and not tight)
                return wrapped(text, _ATOM) if tight else text
            value = self._option(what, options[what]) if what in options else default
            return (value or "") if bare else "" if value is None else f", {keyword}={value}"

        text = HOLE.sub(filled, spelling)
        return re.sub(r"(\w+)\*\(", lambda helper: f"{self._helper(helper[1], library)}(", text, count=1)

    def _operand(self, node: Expression, operation: str, as_function: bool) -> str:
        """An operand. Functions of torch require tensors instead of numbers, most of them floating-point ones."""
        if self.library == "torch" and isinstance(node, Name) and node.id in self.whole and operation in _REAL:
            return f"{node.id}.double()"
        if as_function and isinstance(node, Number):
            return f"torch.tensor({node.value if operation in _INDEXED else float(node.value)!r})"
        if as_function and isinstance(node, Sequence) and operation in _INDEXED:
            return f"torch.tensor({self._listed(node.items)})"
        if as_function and self.is_plain(node):
            return f"torch.tensor(float({self.expression(node)}))"
        return self.expression(node)

    def _option(self, key: str, node: Expression) -> str:
        if isinstance(node, Sequence):
            parts = [
                self._listed(item.items) if isinstance(item, Sequence) else self.expression(item) for item in node.items
            ]
            return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        text = self.expression(node)
        sizes = node.base if isinstance(node, Index) and isinstance(node.keys[0], Slice) else node
        is_shape = isinstance(sizes, Call) and sizes.operation == "shape_of"
        return f"({text},)" if key in _SHAPES and not is_shape else text

    def _native(self, node: Call, library: Library) -> str | None:
        """torch's own function of the same name; None if there is none."""
        if library != "torch":
            return None
        return call_of_torch(node, lambda one: self._operand(one, node.operation, True), self._option)

    def _defined(self, node: Call) -> str | None:
        """A call of a function with the operation's definition; None if it has none."""
        try:
            definition = defined(node.operation, given_in(node), options_of(node))
        except LookupError:
            return None
        if definition is None:
            return None
        inner = CodeWriter(self.library, self.taken, set(definition.options), helpers=self.helpers)
        lines = [f"    {name} = {inner.expression(formula)}" for name, formula in definition.lines]
        lines.append(f"    return {inner.expression(definition.result)}")
        head = f"({', '.join([*definition.operands, *definition.options])}):"
        called = self._registered(node.operation, "\n".join([f"def {node.operation}{head}", *lines]))
        as_function = self.library == "torch"
        operands = [self._operand(one, node.operation, as_function) for one in node.arguments if not is_nothing(one)]
        options = [f"{key}={self._option(key, one)}" for key, one in node.options]
        return f"{called}({', '.join([*operands, *options])})"

    def _helper(self, name: str, library: Library) -> str:
        """Register a helper and return its name, changed if a quantity has the same name."""
        return self._registered(name, HELPERS[library][name])

    def _registered(self, name: str, text: str) -> str:
        called = name
        while called in self.taken or self.helpers.get(called, made := _renamed(text, name, called)) != made:
            called += "_"
        self.helpers[called] = _renamed(text, name, called)
        return called

    def _needs_arrays(self, what: str) -> None:
        if self.library == "python":
            raise UsageError(f"{what[0].upper()}{what[1:]} cannot be written in {_SPOKEN['python']}.")


_SPOKEN: Mapping[Library, str] = {"numpy": "NumPy", "torch": "torch", "python": "plain Python"}


def _renamed(text: str, name: str, called: str) -> str:
    return text.replace(f"def {name}(", f"def {called}(", 1)


def _is_backwards(key: Expression) -> bool:
    return isinstance(key, Slice) and key.step is not None and (whole_number(key.step) or 0) < 0


def _turned(key: Slice) -> Slice:
    """The slice of the turned axis that has the same entries: what was counted from one end is counted from the
    other."""
    ends = [None if end is None else whole_number(end) for end in (key.start, key.stop)]
    if any(end is not None and number is None for end, number in zip((key.start, key.stop), ends, strict=True)):
        raise UsageError("A slice from back to front with ends that are no numbers cannot be written in torch.")
    start, stop = (None if end is None else Number(-end - 1, key.place) for end in ends)
    step = -(whole_number(key.step) or 0) if key.step is not None else 1
    return Slice(start, stop, Number(step, key.place) if step > 1 else None, key.place)


def families_of(program: Program) -> frozenset[str]:
    """Names assigned only element by element, never as a whole."""
    assigned = list(statements(program))
    whole = {one.name for one in assigned if not one.keys}
    return frozenset(one.name for one in assigned if one.name not in whole)


def _leaves(items: tuple[Expression, ...]) -> Iterator[Expression]:
    for one in items:
        if isinstance(one, Sequence):
            yield from _leaves(one.items)
        else:
            yield one
