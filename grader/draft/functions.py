"""The functions of a script, and how those that the script itself does not use at its top level are called."""

from __future__ import annotations

import ast
import contextlib
import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.diagnosis.expressions import name_of
from grader.formula.parse import expression_of
from grader.formula.syntax import Expression, FormulaError
from grader.instrument.site import Position
from grader.syntax_trees import tree_of

_GUESSES = (0.7, 1.3, -0.6, 0.4, 1.7, -1.1, 0.9, 0.2)
"""Numbers for the parameters of a function that is never called."""


@dataclass(frozen=True)
class Functions:
    """The functions that these sources define. `reserved` are names that stand for something else."""

    sources: tuple[str, ...]
    reserved: frozenset[str] = frozenset()

    @cached_property
    def trees(self) -> tuple[ast.Module, ...]:
        return tuple(tree_of(source) for source in self.sources)

    @cached_property
    def all(self) -> frozenset[str]:
        """The names of all functions, and those of methods after a dot."""
        return frozenset(
            f".{part.name}" if isinstance(node, ast.ClassDef) else part.name
            for tree in self.trees
            for node in ast.walk(tree)
            if hasattr(node, "body") and isinstance(node.body, list)
            for part in node.body
            if isinstance(part, ast.FunctionDef)
        )

    @cached_property
    def outer(self) -> dict[str, ast.FunctionDef]:
        """The functions with parameters that no line outside a function calls, in their order. What is tried only, as
        a comparison with a library that may be missing, does not count."""
        called = {name for tree in self.trees for one in tree.body if not _is_apart(one) for name in _called(one)}
        defined = (node for tree in self.trees for node in tree.body if isinstance(node, ast.FunctionDef))
        return {node.name: node for node in defined if node.args.args and node.name not in called}

    @cached_property
    def unused(self) -> dict[str, ast.ClassDef]:
        """The classes that nothing uses, by the name for an object of them."""
        used = {name for tree in self.trees for name in _read(tree)}
        taken = self.bound | self.all
        classes = [node for tree in self.trees for node in tree.body if isinstance(node, ast.ClassDef)]
        fresh = [node for node in classes if node.name not in used]
        return {
            next(one for one in (node.name.lower(), f"{node.name.lower()}_") if one not in taken): node
            for node in fresh
        }

    @cached_property
    def classes(self) -> frozenset[str]:
        """The names of all classes."""
        return frozenset(node.name for tree in self.trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))

    @cached_property
    def objects(self) -> dict[str, str]:
        """The names at the top level for objects of the script's own classes, each with its class."""
        return {
            name: value.func.id
            for tree in self.trees
            for node in tree.body
            for name, value in _bound_alone(node)
            if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in self.classes
        }

    @cached_property
    def several(self) -> frozenset[str]:
        """The classes of which several objects have names at the top level."""
        return frozenset(name for name, count in Counter(self.objects.values()).items() if count > 1)

    @cached_property
    def tapes(self) -> frozenset[str]:
        """The classes of numbers that record how they are computed, to be differentiated: those with operators and a
        `grad`."""
        return frozenset(
            node.name
            for tree in self.trees
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
            and any(isinstance(one, ast.FunctionDef) and one.name in ("__add__", "__mul__") for one in node.body)
            and any(isinstance(one, ast.Attribute) and one.attr == "grad" for one in ast.walk(node))
        )

    @cached_property
    def recorded(self) -> tuple[str, ...]:
        """The names at the top level for numbers on such a tape, in their order: made by its class, or computed from
        others."""
        found: list[str] = []
        for tree in self.trees if self.tapes else ():
            for node in tree.body:
                for name, value in _bound_alone(node):
                    inner = {one.id for one in ast.walk(value) if isinstance(one, ast.Name)}
                    methods = {one.func for one in ast.walk(value) if isinstance(one, ast.Call)}
                    fields = {one for one in ast.walk(value) if isinstance(one, ast.Attribute)} - methods
                    if name not in found and not fields and inner & {*self.tapes, *found}:
                        found.append(name)
        return tuple(found)

    @cached_property
    def slopes(self) -> tuple[str, ...]:
        """Lines that give derivatives names of their own, where the script does not: those on a tape, `dx = x.grad`,
        and those in the fields of several objects of one class, `dl1_W = l1.dW`."""
        lines = {f"d{name}": f"{name}.grad" for name in self.recorded}
        for name, made in self.objects.items():
            lines |= {f"d{name}_{field[1:]}": f"{name}.{field}" for field in self._derived_fields.get(made, ())}
        return tuple(f"{name} = {value}" for name, value in lines.items() if name not in self.bound)

    @cached_property
    def _derived_fields(self) -> dict[str, tuple[str, ...]]:
        """For each class with several objects, the fields that may be derivatives by others: `dW` beside `W`."""
        found = {}
        for node in (node for tree in self.trees for node in tree.body if isinstance(node, ast.ClassDef)):
            inner = [one for one in ast.walk(node) if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store)]
            fields = tuple(dict.fromkeys(one.attr for one in inner))
            if node.name in self.several:
                found[node.name] = tuple(one for one in fields if one[:1] == "d" and one[1:] in fields)
        return found

    def is_shared(self, scope: str, field: str) -> bool:
        """Whether a method binds a derivative to a field that several objects have."""
        return field in self._derived_fields.get(scope.partition(".")[0], ())

    @cached_property
    def methods(self) -> frozenset[str]:
        """The methods of objects that only a guess makes, as far as they are called by it."""
        return frozenset(name for made, node in self.unused.items() for name, _ in self._method_calls(made, node))

    def _method_calls(self, made: str, node: ast.ClassDef) -> list[tuple[str, str]]:
        """The methods of a class to call, in their order, each with its call; first the one that makes the object.
        Arguments are what the script binds under the names of the parameters."""
        own = [one for one in node.body if isinstance(one, ast.FunctionDef)]
        inside = {one.attr for method in own for one in ast.walk(method) if isinstance(one, ast.Attribute)}
        calls: list[tuple[str, str]] = []
        first = next((one for one in own if one.name == "__init__"), None)
        arguments = [] if first is None else self._bound_arguments(first)
        if arguments is None:
            return []
        calls.append(("__init__", f"{made} = {node.name}({', '.join(arguments)})"))
        for method in own:
            arguments = self._bound_arguments(method)
            plain = not method.decorator_list and not method.name.startswith("_") and method.name not in inside
            if plain and arguments is not None:
                call = f"{made}.{method.name}({', '.join(arguments)})"
                calls.append((method.name, self._kept(method, call)))
        return calls if len(calls) > 1 else []

    def _kept(self, node: ast.FunctionDef, call: str) -> str:
        """A call that keeps the results of a function under names, if it has any."""
        results = self.results[node]
        return f"{', '.join(results)} = {call}" if results else call

    @cached_property
    def results(self) -> dict[ast.FunctionDef, tuple[str, ...]]:
        """Names for what each function and method returns; a name of our own stands for one result alone."""
        found: dict[ast.FunctionDef, tuple[str, ...]] = {}
        taken = set(self.reserved)
        for tree in self.trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef):
                    names = returned_names(node)
                    if RESULT in names and RESULT in taken:
                        fresh = next(f"{RESULT}_{k}" for k in itertools.count(2) if f"{RESULT}_{k}" not in taken)
                        names = tuple(fresh if name == RESULT else name for name in names)
                    taken |= set(names)
                    found[node] = names
        return found

    def _bound_arguments(self, method: ast.FunctionDef) -> list[str] | None:
        """The names of what a method takes beside its object; None if the script does not bind one of them."""
        names = [one.arg for one in method.args.args[1:]]
        needed = names[: len(names) - len(method.args.defaults)] if method.args.defaults else names
        return needed if set(needed) <= self.bound else None

    @cached_property
    def bound(self) -> frozenset[str]:
        """The names that the script binds at its top level."""
        return frozenset(
            one.id
            for tree in self.trees
            for statement in tree.body
            if not _is_definition(statement)
            for one in ast.walk(statement)
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
        )

    @cached_property
    def defaults(self) -> frozenset[tuple[str, str]]:
        """The parameters with a default, each with its function."""
        found = set()
        for tree in self.trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef) and node.args.defaults:
                    found |= {(node.name, one.arg) for one in node.args.args[-len(node.args.defaults) :]}
                if isinstance(node, ast.FunctionDef):
                    found |= {(node.name, one.arg) for one in node.args.kwonlyargs}
        return frozenset(found)

    @cached_property
    def _indexed(self) -> frozenset[tuple[int, int]]:
        """The loops, by cell and line, whose variable is used in an index."""
        return frozenset(
            (cell, node.lineno)
            for cell, tree in enumerate(self.trees)
            for node in ast.walk(tree)
            if isinstance(node, ast.For) and not _read(node.target).isdisjoint(_in_indices(node))
        )

    def is_index(self, cell: int, statement: Position) -> bool:
        """Whether the loop at this place tells its passes apart by an index, as a loop over time does."""
        return (cell, statement[0]) in self._indexed

    def reads_shape_only(self, cell: int, statement: Position, name: str) -> bool:
        """Whether the statement at this place reads nothing but the shape of what has this name."""
        read = self._read_beyond_shapes.get((cell, statement[0]))
        return read is not None and name not in read

    @cached_property
    def _read_beyond_shapes(self) -> dict[tuple[int, int], frozenset[str]]:
        """What each plain assignment reads apart from `x.shape` and `len(x)`, by cell and line."""
        found = {}
        for cell, tree in enumerate(self.trees):
            for node in ast.walk(tree):
                if isinstance(node, ast.Assign):
                    found[cell, node.lineno] = frozenset(_values_in(node.value))
        return found

    @cached_property
    def _parameters(self) -> dict[str, list[str]]:
        nodes = (node for tree in self.trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
        return {node.name: [one.arg for one in node.args.args] for node in nodes}

    def place(self, name: str, parameter: str) -> int | None:
        """The position of a function's parameter."""
        known = self._parameters.get(name, [])
        return known.index(parameter) if parameter in known else None

    @cached_property
    def waiting(self) -> bool:
        """Whether something is to be called or read after the script: functions or methods that nothing calls, a
        tape."""
        return bool(self.methods) or bool(self.slopes) or any(not self.is_called(name) for name in self.outer)

    def is_called(self, name: str) -> bool:
        """Whether any line, of a function too, calls the function."""
        return any(name in _called(tree) for tree in self.trees)

    def guesses(self) -> str:
        """Calls of the functions and methods that nothing calls: with the script's values of these names, or what an
        earlier one returned; functions else with numbers of our own."""
        calls = [call for made, node in self.unused.items() for _, call in self._method_calls(made, node)]
        known = set(self.bound)
        numbers = itertools.cycle(_GUESSES)
        for name, node in self.outer.items():
            if not self.is_called(name):
                needed = [one.arg for one in node.args.args if (name, one.arg) not in self.defaults]
                call = f"{name}({', '.join(one if one in known else str(next(numbers)) for one in needed)})"
                calls.append(self._kept(node, call))
                known |= set(self.results[node])
        return "\n".join((*calls, *self.slopes)) or "pass"

    @cached_property
    def before_the_first(self) -> dict[tuple[str, int], Expression]:
        """The formulas put under negative keys of dictionaries, `hs[-1] = h0`: runs do not show these."""
        found: dict[tuple[str, int], Expression] = {}
        for source, tree in zip(self.sources, self.trees, strict=True):
            for node in ast.walk(tree):
                match node:
                    case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=key)], value=value):
                        pairs = [(key, value)]
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys, values=values)):
                        pairs = [(key, value) for key, value in zip(keys, values, strict=True) if key is not None]
                    case _:
                        continue
                for key, value in pairs:
                    if (
                        isinstance(key, ast.UnaryOp)
                        and isinstance(key.operand, ast.Constant)
                        and key.operand.value == 1
                    ):
                        with contextlib.suppress(FormulaError):
                            found[name, -1] = expression_of(source, value, name_of, self.all)
        return found

    def answer(self, inputs: Collection[str], wanted: Collection[str]) -> tuple[str, ...]:
        """Lines that call the functions with `inputs` and what earlier ones returned, as far as they return something
        `wanted`, or what a later one takes; before them, those that call the methods."""
        methods = [call for made, node in self.unused.items() for _, call in self._method_calls(made, node)]
        known, lines, made = set(inputs), [], []
        for name, node in self.outer.items():
            arguments = self._arguments(node, known)
            results = self.results[node]
            if arguments is None or not results:
                continue
            lines.append(self._kept(node, f"{name}({', '.join(arguments)})"))
            made.append((set(results), {one.arg for one in node.args.args}))
            known |= set(results)
        needed: set[str] = set(wanted)
        kept = []
        for line, (returned, parameters) in zip(reversed(lines), reversed(made), strict=True):
            if returned & needed:
                kept.append(line)
                needed |= parameters
        slopes = [line for line in self.slopes if line.partition(" = ")[0] in wanted]
        return (*methods, *reversed(kept), *slopes)

    def _arguments(self, node: ast.FunctionDef, known: Collection[str]) -> list[str] | None:
        """What to call a function with; None where something is not known."""
        made = []
        for place, one in enumerate(node.args.args):
            if one.arg in known:
                made.append(one.arg)
            elif (node.name, one.arg) in self.defaults:
                break
            elif (literal := self._literal(node.name, place)) is not None:
                made.append(literal)
            else:
                return None
        return made

    def _literal(self, name: str, place: int) -> str | None:
        """The argument of the function's first call, if that is a literal."""
        for tree in self.trees:
            for node in ast.walk(tree):
                match node:
                    case ast.Call(func=ast.Name(id=called), args=arguments) if called == name and place < len(
                        arguments
                    ):
                        try:
                            ast.literal_eval(arguments[place])
                        except (ValueError, TypeError):
                            return None
                        return ast.unparse(arguments[place])
        return None


def _bound_alone(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """The plain names that a statement binds, each with its expression: `a, b = Value(2.0), Value(0.5)` too."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
            yield from (
                (one.id, value) for one, value in zip(targets, values, strict=True) if isinstance(one, ast.Name)
            )


RESULT = "out"
"""The name for a result that the function gives no name."""


def returned_names(node: ast.FunctionDef) -> tuple[str, ...]:
    """Names for what a function returns: those in its last `return`, `dx` for `x.grad`, `RESULT` for a formula, `cache`
    for a tuple."""
    values = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value is not None]
    if not values:
        return ()
    last = max(values, key=lambda one: one.lineno)
    return tuple(_names(last.elts)) if isinstance(last, ast.Tuple) else tuple(_names([last]))


def _names(values: Sequence[ast.expr]) -> Iterator[str]:
    for value in values:
        match value:
            case ast.Name(id=name):
                yield name
            case ast.Attribute(value=ast.Name(id=name), attr="grad"):
                yield f"d{name}"
            case ast.Tuple() | ast.Dict() | ast.List():
                yield "cache"
            case _:
                yield RESULT


def _values_in(node: ast.AST) -> Iterator[str]:
    """The names and attributes in an expression that stand for more than a shape."""
    match node:
        case ast.Attribute(attr="shape" | "size" | "ndim"):
            return
        case ast.Call(func=ast.Name(id="len")):
            return
        case ast.Name() | ast.Attribute():
            yield ast.unparse(node)
    for inner in ast.iter_child_nodes(node):
        yield from _values_in(inner)


def _read(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _in_indices(node: ast.AST) -> set[str]:
    return {name for one in ast.walk(node) if isinstance(one, ast.Subscript) for name in _read(one.slice)}


def _is_definition(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.ClassDef)


def _is_apart(node: ast.stmt) -> bool:
    return _is_definition(node) or isinstance(node, ast.Try)


def _called(tree: ast.AST) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
