"""Where a submission binds names: every such place is a `Site`, found and instrumented in one walk over the tree.

The child runs the compiled instrumented tree, and names a place by the number of its site. Nodes are only added, none
is moved, so line numbers stay the student's. Changes under names a statement does not mention: see `mutated_objects`.

    x = e                 x = __grader__.bound(1, e)
    x += e                x += e; x = __grader__.again(1, x)
    a, b = e1, e2         a, b = __grader__.bound(1, e1), __grader__.bound(2, e2)
    a, b = f()            a, b = f(); a = __grader__.bound(1, a); b = __grader__.bound(2, b)
    h[t] = e              h[t] = e; __grader__.item(1, h, t)          (site 2 is the whole of h)
    g[f"d{k}"] = e        g[__grader__.keep(1, f"d{k}")] = e; __grader__.item(1, g, __grader__.kept(1))
    g[k]["W"] = e         g[k]["W"] = e; __grader__.item(1, g[k], "W"); __grader__.within(3, g)
    vars(o)[k] = e        __grader__.keep(2, vars(o))[k] = e; __grader__.item(1, __grader__.kept(2), k)
    Cell(e)               Cell(__grader__.bound(1, e))    (where Cell is a data class or a named tuple)
    h = {0: e}            h = __grader__.bound(1, {0: e}); __grader__.item(2, h, 0)
    np.add.at(dC, ix, g)  ...; __grader__.touched(1, dC)
    row[:] = e            ...; __grader__.settled(3, "row", locals())    (after the outermost loop)
    hs.append(e)          hs.append(__grader__.bound(2, e)); __grader__.touched(1, hs)
    put(d, "x", w * h)    put(d, "x", __grader__.bound(2, w * h)); __grader__.touched(1, d)
    return e              return __grader__.bound(1, e)      (`yield e` likewise)
    for t in e: ...       for t in e: __grader__.passed(1, t); ...
    for h[t] in e: ...    for h[t] in e: __grader__.item(1, h, t); ...
    def f(h0): ...        def f(h0): h0 = __grader__.parameter(1, h0); ...
    [0.5, 2.0]            [__grader__.typed(1, 0.5), __grader__.typed(2, 2.0)]      (see `literals`)
    x = e  (guarded)      try: x = __grader__.bound(1, e)
                          except Exception:
                              for x in __grader__.instead(1): break
                              else: raise
    h[t] = e  (guarded)   if __grader__.goes_on(2):
                              try: h[t] = e; __grader__.item(1, h, t)
                              except Exception:
                                  for h[t] in __grader__.member(1): __grader__.item(1, h, t); break
                                  else:
                                      for h in __grader__.instead(2, h): break
                                      else: raise
    x = await e           x = __grader__.bound(1, __grader__.awaited(e))       (outside functions, as in a notebook)
    exec("x = ...")       unchanged; the namespace is searched afterwards, at the "swept" site
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.instrument.ast_build import LOAD, as_member, call, filled, guard, load, store, where_of
from grader.instrument.literals import typed_in
from grader.instrument.mutated_objects import changes_by
from grader.instrument.nodes import (
    TAKES_NAMES,
    Kinds,
    appended_by,
    appends,
    base_of,
    binds_unseen,
    built_by,
    has_its_names,
    is_blank,
    is_computed,
    is_for_show,
    is_literal,
    is_name,
    is_plain,
    joined_lists,
    kinds_of,
    label_of,
    may_touch,
    names_of,
    names_read,
    numbered,
    owner_of,
    parts_of,
    path_of,
    position_of,
    records_of,
    text_of,
)
from grader.instrument.site import Kind, Position, Site
from grader.syntax_trees import tree_of


@dataclass(frozen=True, slots=True)
class Instrumented:
    """An instrumented cell: one tree per top-level statement, with the sites of the whole cell."""

    statements: tuple[ast.Module, ...]
    sites: tuple[Site, ...]


def instrument(source: str, cell: int, first: int = 0, guarded: frozenset[Position] = frozenset()) -> Instrumented:
    """Instrument one cell; its sites are numbered from `first`. Where one of the assignments at the positions `guarded`
    raises, the grader may supply a value for the name. Raises `SyntaxError`."""
    tree = tree_of(source)
    walker = _Walker(cell, first, guarded, records_of(tree.body))
    statements = tuple(walker.top_level(top, statement) for top, statement in enumerate(tree.body))
    return Instrumented(statements, tuple(walker.sites))


def instrumented_again(
    source: str, cell: int, starts: Sequence[int], guarded: frozenset[Position], meant: Callable[[ast.stmt], bool]
) -> dict[int, ast.Module]:
    """The top-level statements of a cell that are `meant`, by index, as `instrument` makes them; `starts` are the
    numbers of the first site of each statement."""
    tree = tree_of(source)
    records = records_of(tree.body)
    return {
        top: _Walker(cell, starts[top], guarded, records).top_level(top, statement)
        for top, statement in enumerate(tree.body)
        if meant(statement)
    }


class _Awaited(ast.NodeTransformer):
    """Waits for what is awaited outside functions."""

    def visit_Await(self, node: ast.Await) -> ast.expr:
        return call(node, "awaited", self.visit(node.value))

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return node


_CHANGED = {ast.NamedExpr, ast.Lambda, ast.Dict, ast.Yield, ast.keyword}
"""Node types inside expressions that bind something."""


def _element_of(statement: ast.stmt) -> ast.expr | None:
    """The element that a statement binds, `dh[t]`, if its container and its key can be evaluated again."""
    match statement:
        case ast.Assign(targets=[ast.Subscript(value=container, slice=key) as target]):
            return store(target) if is_plain(container) and is_plain(key) else None
        case _:
            return None


class _Walker(ast.NodeTransformer):
    def __init__(
        self, cell: int, first: int, guarded: frozenset[Position], records: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.cell, self.first, self.top, self.guarded = cell, first, 0, guarded
        self.records = records
        self.sites: list[Site] = []
        self.scope: list[str] = []
        self.within: list[str] = []
        self.loops = 0
        self.current: ast.stmt | None = None
        self.typed: frozenset[int] = frozenset()
        self.only_statements = False
        self.takes_nothing = False
        """Whether the function around has no parameters: what it returns may be the step it is named after."""

    def top_level(self, top: int, statement: ast.stmt) -> ast.Module:
        """Instrument a top-level statement, with the index `top`, in place."""
        parts = parts_of(statement)
        kinds = kinds_of(parts)
        self._begin(top, kinds, typed_in(statement, kinds))
        unseen = binds_unseen(parts, kinds)
        body = self.block([statement])
        if unseen:
            self.current = None
            self.site("swept", (), statement)
        return ast.Module([_Awaited().visit(one) for one in body] if ast.Await in kinds else body, [])

    def _begin(self, top: int, kinds: Kinds, typed: frozenset[int]) -> None:
        """Start the next top-level statement: `kinds` are its node types, `typed` its typed-in numbers (by `id`)."""
        self.top, self.typed = top, typed
        plain = kinds.isdisjoint(_CHANGED) and not (self.records and ast.Call in kinds)
        self.only_statements = not typed and plain

    # sites

    def site(self, kind: Kind, names: tuple[str, ...], value: ast.AST, owner: str = "", within: str = "") -> int:
        number = self.first + len(self.sites)
        statement = self.current if self.current is not None else value
        self.sites.append(
            Site(
                number,
                kind,
                names,
                owner,
                ".".join(self.scope),
                self.cell,
                self.top,
                position_of(value),
                position_of(statement),
                names_read(value),
                is_literal(value),
                isinstance(value, ast.Name | ast.Attribute | ast.Subscript),
                self.loops > 0,
                is_blank(value),
                within,
            )
        )
        return number

    def bound(self, number: int, value: ast.expr, method: str = "bound") -> ast.expr:
        return call(value, method, number, value)

    # statements

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for statement in body:
            outer = self.current
            settled = [] if self.loops else self._settled(statement)
            self.current = statement
            number = self.first + len(self.sites)
            built = built_by(statement) if position_of(statement) in self.guarded else None
            # Before `visit` changes the target and the value.
            wrap = filled if is_blank(getattr(statement, "value", None)) else guard
            target = None if built is None else store(built.holder)
            held = load(built.holder) if built is not None and built.continues else None
            element = None if built is None else _element_of(statement)
            result = self.visit(statement)
            if built is not None and target is not None:
                tried = result if isinstance(result, list) else [result]
                member = None if element is None else as_member(element, number, tried[1:])
                result = wrap(tried, target, number + built.element, held, member)
            self.current = outer
            made.extend(result if isinstance(result, list) else [result])
            made.extend(settled)
        return made

    def _settled(self, statement: ast.stmt) -> list[ast.stmt]:
        """Statements that observe what `statement` changes under names it does not mention; see `mutated_objects`."""
        made: list[ast.stmt] = []
        for name, value, self.current in changes_by(statement):
            number, where = self.site("settled", (), value), where_of(statement)
            held = ast.Call(ast.Name("locals", LOAD, **where), [], [], **where)
            made.append(ast.Expr(call(statement, "settled", number, ast.Constant(name, **where), held), **where))
        return made

    def visit(self, node: ast.AST) -> Any:
        if self.only_statements and isinstance(node, ast.expr):
            return node
        if id(node) not in self.typed:
            return self._visited(node)
        number = self.site("typed", (), node)
        return self.bound(number, self._visited(node), "typed")

    def _visited(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Name | ast.Constant):  # the most frequent node types, with nothing below them
            return node
        return getattr(self, f"visit_{type(node).__name__}", self.generic_visit)(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, name, self.block(value))
            elif isinstance(value, list):
                setattr(node, name, [self.visit(one) if isinstance(one, ast.AST) else one for one in value])
            elif isinstance(value, ast.AST) and value._fields:  # operators and contexts have no fields to visit
                setattr(node, name, self.visit(value))
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | list[ast.stmt]:
        if appends(node):
            return self._grown(node, node.targets[0])
        simple = [target for target in node.targets if isinstance(target, ast.Name | ast.Attribute)]
        value = node.value
        after: list[ast.stmt] = []
        if not simple and (entries := self._unpack_display(node)) is not None:
            return [node, *entries]
        number = 0
        if simple:
            names = tuple(label_of(target) for target in simple)
            number = self.site("assign", names, value, owner_of(simple[0]))
        # Before `visit` changes the value: a site records what the student wrote.
        for target in node.targets:
            if not simple or isinstance(target, ast.Subscript | ast.Tuple | ast.List):
                after += self.after(target, value, "unpack")
        if len(node.targets) == 1:
            after += self.entries(node.targets[0], value)
        node.value = self.bound(number, self.visit(value)) if simple else self.visit(value)
        return [node, *after]

    def _unpack_display(self, node: ast.Assign) -> list[ast.stmt] | None:
        """Instrument `a, b = e1, e2`, where each name has its own expression. Returns the statements that observe
        entries; None for any other assignment."""
        target, value = node.targets[0], node.value
        if len(node.targets) > 1 or not isinstance(target, ast.Tuple | ast.List):
            return None
        if not isinstance(value, ast.Tuple | ast.List) or len(target.elts) != len(value.elts):
            return None
        if not all(isinstance(one, ast.Name | ast.Attribute) for one in target.elts):
            return None
        if any(isinstance(one, ast.Starred) for one in value.elts):
            return None
        entries: list[ast.stmt] = []
        for place, one in enumerate(target.elts):
            number = self.site("assign", (label_of(one),), value.elts[place], owner_of(one))
            entries += self.entries(one, value.elts[place])
            value.elts[place] = self.bound(number, self.visit(value.elts[place]))
        return entries

    def entries(self, target: ast.expr, value: ast.expr) -> list[ast.stmt]:
        """Statements that observe the entries of a dictionary display with integer keys."""
        if not isinstance(target, ast.Name):
            return []
        places = [(ast.Subscript(target, key, ast.Store(), **where_of(key)), entry) for key, entry in numbered(value)]
        return [made for place, entry in places for made in self.after(place, entry, "unpack")]

    def after(self, target: ast.expr, value: ast.expr, kind: Kind) -> list[ast.stmt]:
        """Statements that observe `target` once it is bound."""
        match target:
            case ast.Name() | ast.Attribute() if is_plain(target):
                number = self.site(kind, (label_of(target),), value, owner_of(target))
                method = "again" if kind == "again" else "bound"
                return [ast.Assign([target], self.bound(number, load(target), method), **where_of(target))]
            case ast.Subscript():
                return self._entry(target, value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return [made for part in parts for made in self.after(part, value, kind)]
            case ast.Starred(value=inner):
                return self.after(inner, value, kind)
            case _:
                return []

    def _entry(self, target: ast.Subscript, value: ast.expr) -> list[ast.stmt]:
        """Statements that observe what `target` puts into a container. Expressions for container and key that must
        not be evaluated twice are kept (`keep`) from the evaluation in the student's own statement and read back
        (`kept`)."""
        container, key = target.value, target.slice
        label, owner = names_of(container)
        numbered = text_of(key) is None
        number = self.site("item", (), value, label if numbered else path_of(container), owner if numbered else "")
        whole = self.site("whole", (label,), value, owner)
        held = load(container) if is_plain(container) else call(container, "kept", whole)
        # A slice cannot be passed as an argument, and does not name a single entry.
        place: ast.expr | None = None
        if not any(isinstance(part, ast.Slice) for part in parts_of(key)):
            place = load(key) if is_plain(key) else call(key, "kept", number)
            if not is_plain(key):
                target.slice = call(key, "keep", number, key)
        if not is_plain(container):
            target.value = call(container, "keep", whole, container)
        made = [call(target, "item", number, held, place)]
        if (base := base_of(container)) is not None:
            made.append(call(target, "within", self.site("touched", (base.id,), value), load(base)))
        return [ast.Expr(one, **where_of(target)) for one in made]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | list[ast.stmt]:
        if node.value is None:
            return node
        value = node.value
        if isinstance(node.target, ast.Subscript):
            after = self.after(node.target, value, "assign")
            node.value = self.visit(value)
            return [node, *after]
        number = self.site("assign", (label_of(node.target),), value, owner_of(node.target))
        node.value = self.bound(number, self.visit(value))
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        value = node.value
        if appends(node):
            return self._grown(node, node.target)
        after = self.after(node.target, value, "again")
        node.value = self.visit(value)
        return [node, *after]

    def _grown(self, node: ast.Assign | ast.AugAssign, target: ast.expr) -> list[ast.stmt]:
        """Instrument a list that grows, as `hs.append(e)` is: it is no sum that is bound anew."""
        number = self.site("touched", (label_of(target),), node.value)
        for part in joined_lists(node.value):
            if isinstance(part, ast.List):
                part.elts = [self._appended(one, label_of(target)) for one in part.elts]
        touched = call(node, "touched", number, load(target))
        return [node, ast.Expr(touched, **where_of(node))]

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        number = self.site("assign", (node.target.id,), node.value)
        node.value = self.bound(number, self.visit(node.value))
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | list[ast.stmt]:
        value = node.value
        touched = may_touch(value)
        number = self.site("touched", tuple(label_of(one) for one in touched), value) if touched else 0
        if isinstance(value, ast.Call) and (place := appended_by(value)) is not None:
            owner = label_of(touched[0]) if touched else ""
            value.args = [*map(self.visit, value.args[:place]), self._appended(value.args[place], owner)]
        else:
            node.value = self._called(value) if isinstance(value, ast.Call) else self.visit(value)
        if not touched:
            return node
        return [node, ast.Expr(call(value, "touched", number, *map(load, touched)), **where_of(node))]

    def _appended(self, value: ast.expr, owner: str) -> ast.expr:
        """Instrument what is appended to a list, or each part of it: `tape.append(("dh1", w_h * d))`."""
        if isinstance(value, ast.Tuple | ast.List):
            value.elts = [self._appended(one, owner) for one in value.elts]
            return value
        number = self.site("appended", (), value, owner) if is_computed(value) else None
        made = self.visit(value)
        assert isinstance(made, ast.expr)
        return made if number is None else self.bound(number, made)

    def _called(self, node: ast.Call) -> ast.expr:
        """Instrument a call whose result is dropped: a value computed as its argument, beside an argument that is a
        name or as a keyword, may be stored under that name."""
        stores = not is_for_show(node)
        named = stores and any(map(is_name, node.args))
        numbers = [self.site("argument", (), one) if named and is_computed(one) else None for one in node.args]
        stored = node.keywords if stores and self._taken_into(node.func) is None else []
        keywords = [(one, self.site("argument", (), one.value)) for one in stored if one.arg and is_computed(one.value)]
        made = self.visit(node)
        node.args = [
            new if number is None else self.bound(number, new) for number, new in zip(numbers, node.args, strict=True)
        ]
        for keyword, number in keywords:
            keyword.value = self.bound(number, keyword.value)
        assert isinstance(made, ast.expr)
        return made

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        self._handed_out(node)
        return node

    def visit_Yield(self, node: ast.Yield) -> ast.expr:
        self._handed_out(node)
        return node

    def _handed_out(self, node: ast.Return | ast.Yield) -> None:
        value = node.value
        if isinstance(value, ast.Tuple | ast.List):
            value.elts = [self.returned(one) for one in value.elts]
        elif value is not None:
            node.value = self.returned(value) if not self.takes_nothing else self.result(value)

    def returned(self, value: ast.expr) -> ast.expr:
        if not isinstance(value, ast.Name | ast.Constant):
            return self.result(value)
        made = self.visit(value)
        assert isinstance(made, ast.expr)
        return made

    def result(self, value: ast.expr) -> ast.expr:
        if isinstance(value, ast.Starred) or has_its_names(value):
            made = self.visit(value)
            assert isinstance(made, ast.expr)
            return made
        number = self.site("returned", (), value)
        return self.bound(number, self.visit(value))

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        self._defaults(node.args)
        self.scope.append("lambda")
        if isinstance(node.body, ast.Tuple):
            node.body.elts = [self.returned(one) for one in node.body.elts]
        else:
            node.body = self.returned(node.body)
        self.scope.pop()
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        owner = self._assigned()
        for place, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            if (name := text_of(key)) is not None:
                number = self.site("entry", (name,), value, owner)
                node.values[place] = self.bound(number, self._entered(name, value))
            else:
                node.values[place] = self.visit(value)
        return node

    def _entered(self, name: str, value: ast.expr) -> ast.expr:
        """The visited value of an entry; the entries of a container written out there belong to that entry."""
        holds = isinstance(value, ast.Dict) or (isinstance(value, ast.Call) and label_of(value.func) in TAKES_NAMES)
        self.within += [name] * holds
        made = self.visit(value)
        del self.within[len(self.within) - holds :]
        assert isinstance(made, ast.expr)
        return made

    def _assigned(self) -> str:
        """The path a display is being assigned to: `grads` in `grads = {...}`, `grads.layer1` for a display inside
        it."""
        current = self.current
        if isinstance(current, ast.Assign) and isinstance(current.targets[0], ast.Name | ast.Attribute):
            return ".".join((label_of(current.targets[0]), *self.within))
        return ".".join(self.within)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        owner = self._taken_into(node.func)
        fields = self.records.get(label_of(node.func), ()) if isinstance(node.func, ast.Name) else ()
        node.func = self.visit(node.func)
        node.args = [
            self._field(fields[place], one)
            if place < len(fields) and not isinstance(one, ast.Starred)
            else self.visit(one)
            for place, one in enumerate(node.args)
        ]
        for keyword in node.keywords:
            value = keyword.value
            if keyword.arg is not None and (owner is not None or is_literal(value)):
                number = self.site("keyword" if owner is None else "entry", (keyword.arg,), value, owner or "")
                keyword.value = self.bound(number, self._entered(keyword.arg, value))
            else:
                keyword.value = self.visit(value)
        return node

    def _field(self, name: str, value: ast.expr) -> ast.expr:
        number = self.site("entry", (name,), value, self._assigned())
        return self.bound(number, self._entered(name, value))

    def _taken_into(self, function: ast.expr) -> str | None:
        """The container whose entries the keywords of a call become; None where they are ordinary arguments."""
        match function:
            case ast.Attribute(value=container, attr="update"):
                return path_of(container)
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in TAKES_NAMES or name in self.records:
                return self._assigned()
            case _:
                return None

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        return [node, ast.Expr(call(node, "imported"), **where_of(node))]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt | list[ast.stmt]:
        if node.module == "__future__":
            return node
        return [node, ast.Expr(call(node, "imported"), **where_of(node))]

    # scopes and loops

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt:
        arguments = node.args
        self._defaults(arguments)
        loops, self.loops = self.loops, 0
        self.scope.append(node.name)
        entry: list[ast.stmt] = []
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            number = self.site("parameter", (argument.arg,), argument)
            where = where_of(argument)
            name = ast.Name(argument.arg, ast.Store(), **where)
            value = self.bound(number, ast.Name(argument.arg, LOAD, **where), "parameter")
            entry.append(ast.Assign([name], value, **where))
        docstring = node.body[:1] if ast.get_docstring(node, clean=False) is not None else []
        body = node.body[len(docstring) :]
        taken = [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        around, self.takes_nothing = self.takes_nothing, taken in ([], ["self"])
        node.body = [*docstring, *entry, *self.block(body)]
        self.takes_nothing = around
        self.scope.pop()
        self.loops = loops
        return node

    def _defaults(self, arguments: ast.arguments) -> None:
        arguments.defaults = [self.visit(one) for one in arguments.defaults]
        arguments.kw_defaults = [None if one is None else self.visit(one) for one in arguments.kw_defaults]

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        self.scope.append(node.name)
        node.body = self.block(node.body)
        self.scope.pop()
        return node

    def visit_For(self, node: ast.For) -> ast.stmt:
        bound = [part for part in parts_of(node.target) if isinstance(getattr(part, "ctx", None), ast.Store)]
        targets = [part for part in bound if isinstance(part, ast.Name)]
        numbers = [self.site("loop", (target.id,), target) for target in targets]
        places = [part for part in bound if isinstance(part, ast.Subscript | ast.Attribute)]
        observed = [made for place in places for made in self.after(place, node.iter, "unpack")]
        node.iter = self.visit(node.iter)
        self._loop(node)
        passes: list[ast.stmt] = [
            ast.Expr(call(node.target, "passed", number, load(target)), **where_of(node.target))
            for number, target in zip(numbers, targets, strict=True)
        ]
        node.body = [*passes, *observed, *node.body]
        return node

    def visit_While(self, node: ast.While) -> ast.stmt:
        node.test = self.visit(node.test)
        return self._loop(node)

    def _loop(self, node: ast.For | ast.While) -> ast.stmt:
        self.loops += 1
        node.body = self.block(node.body)
        self.loops -= 1
        node.orelse = self.block(node.orelse)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        """Only `f"{(dh := w * g)}"` matters. Positions inside an f-string are unreliable before Python 3.12: there a
        site is the whole text."""
        parts = parts_of(node)
        if ast.NamedExpr not in kinds_of(parts):
            return node
        if sys.version_info < (3, 12):
            for part in parts:
                if hasattr(part, "lineno"):
                    ast.copy_location(part, node)
        return self.generic_visit(node)  # type: ignore[return-value]
