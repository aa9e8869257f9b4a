"""Parse text to a syntax tree. Python's own parser reads the text; only what is in the vocabulary becomes a node.

Nothing is executed: `ast` builds a tree, and every node of it is either translated or refused with its place.

Tell the programs and expressions that consist of basic forms, which most do, from those to be rewritten first.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Literal

from grader.formula.calls import part_of, translate_call
from grader.formula.check import with_arrays
from grader.formula.conventions import in_our_words
from grader.formula.operations import CONSTANTS, IGNORED_OPTIONS, NORMAL_PREFIXES, PREFIXES, by_spelling
from grader.formula.python_trees import NOTHING, Known, Part
from grader.formula.syntax import (
    BRANCH,
    Assign,
    Call,
    Derivative,
    Everything,
    Expression,
    Flag,
    For,
    FormulaError,
    FormulaFault,
    Index,
    Name,
    Number,
    Place,
    Program,
    Sequence,
    Slice,
    Statement,
    Text,
    Unpacked,
    statements,
)
from grader.syntax_trees import tree_of

_BASIC = (ast.Assign, ast.AugAssign, ast.For)
_FORMS = (ast.IfExp, ast.ListComp, ast.GeneratorExp, ast.BoolOp, ast.Starred)


def is_basic(tree: ast.AST, numbers: Collection[str]) -> bool:
    """Whether nothing in a program or an expression is to be rewritten; `numbers` are the fixed whole inputs."""
    return all(_is_basic(node, numbers) for node in ast.walk(tree))


def _is_basic(node: ast.AST, numbers: Collection[str]) -> bool:
    match node:
        case ast.Assign(targets=[ast.Tuple() | ast.List()] | [_, _, *_]) | ast.Assign(value=ast.Lambda() | ast.Dict()):
            return False
        case ast.For(target=ast.Name(), iter=ast.Call() as loop):
            read = {one.id for one in ast.walk(loop) if isinstance(one, ast.Name)}
            return read <= {"range", "reversed", *numbers}
        case ast.List(elts=[] | [ast.Constant(value=None)]):
            return False
        case (
            ast.BinOp(left=ast.List(), op=ast.Add() | ast.Mult())
            | ast.BinOp(op=ast.Add() | ast.Mult(), right=ast.List())
        ):
            return False
        case ast.AugAssign(value=ast.List()) | ast.Expr():
            return False
        case ast.stmt():
            return isinstance(node, _BASIC) and not isinstance(node, ast.For)
        case _:
            return not isinstance(node, _FORMS)


MAX_CHARACTERS = 64 * 1024

MAX_DEPTH = 150
"""How deep an expression may be nested: every walk over the tree recurses, and must not run out of stack."""

_BINARY = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
}
_COMPARE = {ast.Gt: "gt", ast.GtE: "ge", ast.Lt: "lt", ast.LtE: "le", ast.Eq: "eq", ast.NotEq: "ne"}
_LOGICAL = {ast.BitAnd: "and_", ast.BitOr: "or_"}
_SIGNS = {ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>"}
_PARTS = frozenset(
    {"values", "indices", "sign", "logabsdet", "eigenvalues", "eigenvectors", "U", "S", "Vh", "Q", "R", "solution"}
)
_ROOTS = frozenset(name.partition(".")[0] for name in PREFIXES)
_START = Place(1, 1, 1, 1)


def parse_program(source: str, known: Known = NOTHING) -> Program:
    """Parse a forward program: assignments, indexed assignments and `for` over `range`, and the forms that `forms`
    rewrites into them, given what is `known` of the inputs. Raises `FormulaError`."""
    reader = _FormulaReader(source)
    tree = reader.tree("exec")
    program = reader.block(reader.basic(tree.body, known)) if isinstance(tree, ast.Module) else ()
    reader.finish()
    return with_arrays(program, known.numbers) if any(len(one.keys) > 1 for one in statements(program)) else program


def parse_expression(source: str, known: Known = NOTHING) -> Expression:
    """Parse one expression, derivatives included. Raises `FormulaError`."""
    reader = _FormulaReader(source)
    tree = reader.tree("eval")
    expression: Expression = Number(0, _START)
    if isinstance(tree, ast.Expression) and (body := reader.basic_expression(tree.body, known)) is not None:
        expression = reader.expression(body)
    reader.finish()
    return expression


def expression_of(
    source: str,
    node: ast.expr,
    name_of: Callable[[ast.expr], str | None],
    functions: frozenset[str] = frozenset(),
) -> Expression:
    """Translate `node`, which belongs to the tree of `source`; places are those in `source`.

    `name_of` gives the name that an attribute or an item is read as (`self.h1`), None if it is not read as a name;
    `functions` are the student's own, each read as an operation of its name followed by `()`, and methods where the
    name begins with a dot. Raises `FormulaError`."""
    reader = _FormulaReader(source, name_of, functions)
    reader.refuse_depth(node)
    expression = reader.expression(node)
    reader.finish()
    return expression


_TYPED = {
    "−": "-",
    "–": "-",
    "×": "*",
    "·": "*",
    "⋅": "*",
    "÷": "/",
    "²": "**2",
    "³": "**3",
    "’": "'",
    "≥": ">=",
    "≤": "<=",
}
"""Characters of printed formulas, and how they are typed."""


def _typographic(line: str) -> str | None:
    """What to type in place of the printed characters of a line; None if there are none."""
    found = dict.fromkeys(character for character in line if character in _TYPED)
    return " and ".join(f"`{_TYPED[one]}` in place of `{one}`" for one in found) or None


_SIDE_BY_SIDE = re.compile(r"(?<![\w.])(\d+\.?\d*(?=[^\W\d_])|[^\W\d]\w*|\d+\.?\d*)( *)([^\W\d]\w*)")
"""Two factors with nothing but spaces between them: `w x`, `2h`."""


def _product(line: str) -> str | None:
    """How to type a product without its `*`, or a call without its brackets; None if there is none."""
    if "'" in line or '"' in line or re.match(r"\s*(for|while|if|elif|def|with)\b", line):
        return None
    for found in _SIDE_BY_SIDE.finditer(line):
        left, space, right = found.groups()
        words = {left, right} & {"for", "in", "if", "else", "and", "or", "not", "def", "return", "lambda", "while"}
        if words or not (space or left[0].isdigit()) or re.fullmatch(r"j|[eE]\d*\w*", right):
            continue
        meant = f"{left}({right})" if by_spelling(left) else f"{left} * {right}"
        return f"`{meant}` in place of `{found[0]}`"
    return None


_PLAIN_WORDS = {
    "expected ':'": "a `:` at the end of the line",
    "unexpected indent": "the indentation of the line above",
    "unindent does not match any outer indentation level": "the indentation of a line above",
}
"""What was expected, where Python's own words about a text do not say it."""


def _expected(message: str, line: str) -> str:
    """What to type in place of a line that Python refuses with this message."""
    product = _product(line) if "invalid" in message else None
    return _typographic(line) or product or _PLAIN_WORDS.get(message, f"a formula ({message})")


class _FormulaReader:
    """Translates one text; collects every fault instead of stopping at the first."""

    def __init__(
        self,
        source: str,
        name_of: Callable[[ast.expr], str | None] = lambda _: None,
        functions: frozenset[str] = frozenset(),
    ) -> None:
        self.source = source
        self.name_of = name_of
        self.functions = functions
        # Split only where Python ends a line: `str.splitlines` splits at more characters.
        self.lines = re.split(r"\r\n|\r|\n", source)
        self.faults: list[FormulaFault] = []

    def finish(self) -> None:
        if self.faults:
            raise FormulaError(tuple(self.faults))

    def tree(self, mode: Literal["exec", "eval"]) -> ast.AST:
        if len(self.source) > MAX_CHARACTERS:
            raise FormulaError((FormulaFault(_START, f"{len(self.source)} characters", "at most 65536"),))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = tree_of(self.source, mode=mode)
        except SyntaxError as error:
            line = min(max(error.lineno or 1, 1), len(self.lines))
            column = max(error.offset or 1, 1)
            place = Place(line, column, line, column + 1)
            raise FormulaError(
                (
                    FormulaFault(
                        place,
                        repr(self.lines[line - 1].strip()),
                        _expected(error.msg, self.lines[line - 1]),
                    ),
                )
            ) from None
        except (RecursionError, MemoryError):
            found = "an expression nested too deeply, or with too many parts"
            raise FormulaError((FormulaFault(_START, found, "shorter expressions"),)) from None
        except (ValueError, OverflowError) as error:
            raise FormulaError((FormulaFault(_START, "a text Python cannot parse", f"a formula ({error})"),)) from None
        self.refuse_depth(tree)
        return tree

    def basic(self, body: list[ast.stmt], known: Known) -> list[ast.stmt]:
        """The statements rewritten into basic ones."""
        if all(is_basic(statement, known.numbers) for statement in body):
            return body
        # Imported lazily: most programs have none of these forms.
        from grader.formula.forms import Forms

        made = Forms(known, self.refuse, self.faults).program(body)
        for statement in made:
            self.refuse_depth(statement)
        return made

    def basic_expression(self, node: ast.expr, known: Known) -> ast.expr | None:
        """The expression rewritten into a basic one; None if it cannot be."""
        if is_basic(node, known.numbers):
            return node
        from grader.formula.inlining import CannotRewrite, ExpressionInlining

        try:
            made = ExpressionInlining(known, self.refuse).expression(node, {})
        except CannotRewrite:
            return None
        self.refuse_depth(made)
        return made

    def refuse_depth(self, tree: ast.AST) -> None:
        level, depth = [tree], 0
        while level:
            if depth > MAX_DEPTH:
                place = self.place(next((node for node in level if hasattr(node, "lineno")), tree))
                raise FormulaError((FormulaFault(place, "an expression nested too deeply", "shorter expressions"),))
            level, depth = [child for node in level for child in ast.iter_child_nodes(node)], depth + 1

    def place(self, node: ast.AST) -> Place:
        line, end = getattr(node, "lineno", 1), getattr(node, "end_lineno", None) or 1
        return Place(
            line,
            self._column(line, getattr(node, "col_offset", 0)),
            end,
            self._column(end, getattr(node, "end_col_offset", None) or 0),
        )

    def _column(self, line: int, offset: int) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return len(text.encode()[:offset].decode(errors="ignore")) + 1

    def written(self, node: ast.AST) -> str:
        """The source text of a node, short enough for a message."""
        found = ast.get_source_segment(self.source, node) or type(node).__name__
        found = " ".join(found.split())
        return repr(found if len(found) <= 60 else found[:57] + "...")

    def refuse(self, node: ast.AST, expected: str, found: str | None = None) -> Number:
        place = self.place(node)
        self.faults.append(FormulaFault(place, found or self.written(node), expected))
        return Number(0, place)

    # statements

    def block(self, body: list[ast.stmt]) -> Program:
        return tuple(made for statement in body if (made := self.statement(statement)) is not None)

    def statement(self, node: ast.stmt) -> Statement | None:
        match node:
            case ast.Assign(targets=[target], value=value):
                return self.assignment(node, target, self.expression(value))
            case ast.AugAssign(target=target, op=op, value=value) if type(op) in _BINARY:
                left = self.expression(target)
                made = Call(_BINARY[type(op)], (left, self.expression(value)), (), self.place(node))
                return self.assignment(node, target, made)
            case ast.For(target=ast.Name(id=variable), iter=loop, body=body, orelse=[]):
                return self.loop(node, variable, loop, body)
            case ast.While():
                self.refuse(
                    node,
                    "`for t in range(...)`: how often a `while` runs may depend on the values, and with it what is to "
                    "be derived",
                    "a `while` loop",
                )
                return None
            case ast.Break() | ast.Continue():
                self.refuse(node, "an `if` around the rest of the loop's lines: every pass is made in full")
                return None
            case ast.Assert() | ast.Delete() | ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
                self.refuse(node, "the program without this line: it only computes")
                return None
            case _:
                known = "no imports: operations are known by their names (`np.exp`, `torch.exp`, `exp`)"
                imports = isinstance(node, ast.Import | ast.ImportFrom)
                self.refuse(
                    node, known if imports else "an assignment `name = ...`, `for t in range(...):`, `if` or `def`"
                )
                return None

    def assignment(self, node: ast.stmt, target: ast.expr, value: Expression) -> Assign | None:
        match target:
            case ast.Name(id=name):
                return Assign(name, (), value, self.place(node))
            case ast.Subscript(value=ast.Name(id=name), slice=key):
                return Assign(name, self.keys(key), value, self.place(node))
            case ast.Subscript(value=ast.Subscript(value=ast.Name(id=name), slice=row), slice=key):
                return Assign(name, (*self.keys(row), *self.keys(key)), value, self.place(node))
            case _:
                self.refuse(target, "a name or an indexed name such as `h[t]`")
                return None

    def loop(self, node: ast.For, variable: str, loop: ast.expr, body: list[ast.stmt]) -> For | None:
        backwards = False
        if isinstance(loop, ast.Call) and isinstance(loop.func, ast.Name) and loop.func.id == "reversed":
            backwards = True
            loop = loop.args[0] if len(loop.args) == 1 else loop
        match loop:
            case ast.Call(func=ast.Name(id="range"), args=ends, keywords=[]) if 1 <= len(ends) <= 3:
                place = self.place(node)
                read = [self.expression(end) for end in ends]
                start, stop, step = (
                    (Number(0, place), read[0], Number(1, place)) if len(read) == 1 else (*read, Number(1, place))[:3]
                )
                return For(variable, start, stop, step, backwards, self.block(body), place)
            case _:
                self.refuse(loop, "`range(...)` or `reversed(range(...))`")
                return None

    # expressions

    def expression(self, node: ast.expr) -> Expression:
        place = self.place(node)
        if isinstance(node, ast.Attribute | ast.Subscript) and (known := self.name_of(node)) is not None:
            return Name(known, place)
        if not self.is_own_method(node) and (meant := in_our_words(node)) is not None:
            return self.refuse(node, meant) if isinstance(meant, str) else self.expression(meant)
        match node:
            case ast.Constant(value=value):
                return self.constant(node, value)
            case ast.Name(id=name):
                return Name(name, place)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return self.constant(node, -number)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _negative(self.expression(operand), place)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.expression(operand)
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return Call("not_", (self.expression(operand),), (), place)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _LOGICAL:
                return Call(_LOGICAL[type(op)], (self.expression(left), self.expression(right)), (), place)
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(node, left, op, right)
            case ast.IfExp(test=test, body=body, orelse=other):
                sides = tuple(self.expression(one) for one in (test, body, other))
                return Call("where", sides, ((BRANCH, Flag(True, place)),), place)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                return Call(_COMPARE[type(op)], (self.expression(left), self.expression(right)), (), place)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return Sequence(tuple(self.expression(item) for item in items), place)
            case ast.Subscript(value=base, slice=key):
                names = Unpacked(node.count, self.place(node.target)) if isinstance(node, Part) else None
                return Index(self.expression(base), self.keys(key), place, names)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Call():
                return self.call(node)
            case _:
                return self.refuse(node, "numbers, names, operators, indexing and the known operations")

    def constant(self, node: ast.expr, value: object) -> Expression:
        place = self.place(node)
        match value:
            case None | True | False:
                return Flag(value, place)
            case int() if abs(value) < 2**63:
                return Number(value, place)
            case float() if math.isfinite(value):
                return Number(value, place)
            case str():
                return Text(value, place)
            case _ if value is Ellipsis:
                return Everything(place)
            case _:
                return self.refuse(node, "a real number of ordinary size")

    def binary(self, node: ast.BinOp, left: ast.expr, op: ast.operator, right: ast.expr) -> Expression:
        if type(op) not in _BINARY:
            hint = " (a power is written `**`)" if isinstance(op, ast.BitXor) else ""
            return self.refuse(node, f"one of + - * / ** @{hint}", f"the operator `{_SIGNS.get(type(op), '?')}`")
        if isinstance(op, ast.FloorDiv) and _is_differential(right):
            return self.refuse(node, "`d(a)/d(b)` with a single `/`")
        if isinstance(op, ast.Div) and _is_differential(right):
            return self.quotient(node, left, right)
        match left, op, right:
            case ast.Call(), ast.Div(), ast.Name(id=name) if _is_differential(left):
                by = name[1:] if name.startswith("d") and name != "d" else name
                return self.refuse(node, f"`{ast.unparse(left)}/{_word(left)}({by})`")
        operands = self.expression(left), self.expression(right)
        if any(isinstance(one, Text) for one in operands):  # `"%.4f" % x` is a text
            return self.refuse(node, "numbers and names on both sides of an operator")
        return Call(_BINARY[type(op)], operands, (), self.place(node))

    def quotient(self, node: ast.BinOp, left: ast.expr, right: ast.expr) -> Expression:
        """Translate `d(a)/d(b)`. Python reads `-w * d(a)/d(b)` as `(-w * d(a)) / d(b)`: what comes before `d(a)` is
        taken out again."""
        assert isinstance(right, ast.Call)
        if _is_differential(left):
            assert isinstance(left, ast.Call)
            return self.derivative(node, left, right)
        if (last := _last_factor(left)) is not None:
            inner = ast.copy_location(ast.BinOp(last, ast.Div(), right), last)
            inner.end_lineno, inner.end_col_offset = right.end_lineno, right.end_col_offset
            outer: ast.expr = inner
            match left:
                case ast.UnaryOp(op=sign):
                    outer = ast.UnaryOp(sign, inner)
                case ast.BinOp(left=first, op=sign):
                    outer = ast.BinOp(first, sign, inner)
            return self.expression(ast.copy_location(outer, node))
        return self.refuse(node, "`d(a)/d(b)` with `d(...)` on both sides of the `/`")

    def derivative(self, node: ast.expr, of: ast.Call, by: ast.Call) -> Expression:
        word, other = _word(of), _word(by)
        via = {keyword.arg: keyword.value for keyword in of.keywords}
        if word != other:
            return self.refuse(node, f"`{word}(...)` on both sides of the `/`", f"`{word}` over `{other}`")
        if len(of.args) != 1 or len(by.args) != 1 or by.keywords or set(via) - {"via"}:
            return self.refuse(node, f"`{word}(a)/{word}(b)`, or `d(a, via=c)/d(b)`")
        if word == "partial" and via:
            return self.refuse(node, "`d(a, via=c)/d(b)`, with `d` instead of `partial`", "`via` in a `partial`")
        through = self.expression(via["via"]) if via else None
        return Derivative(
            self.expression(of.args[0]), self.expression(by.args[0]), through, word == "partial", self.place(node)
        )

    def keys(self, key: ast.expr) -> tuple[Expression, ...]:
        parts = key.elts if isinstance(key, ast.Tuple) else [key]
        if not parts:
            return (self.refuse(key, "an index"),)
        return tuple(self.key(part) for part in parts)

    def key(self, node: ast.expr) -> Expression:
        if isinstance(node, ast.Slice):
            lower, upper, step = (
                None if end is None else self.expression(end) for end in (node.lower, node.upper, node.step)
            )
            return Slice(lower, upper, step, self.place(node))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.refuse(node, "a whole number, or a name of its own for each quantity")
        return self.expression(node)

    def attribute(self, node: ast.Attribute) -> Expression:
        owner, place = _dotted(node.value), self.place(node)
        if owner in PREFIXES and node.attr in CONSTANTS:
            return Number(CONSTANTS[node.attr], place)
        if owner in PREFIXES and node.attr == "newaxis":
            return Flag(None, place)
        if node.attr in ("T", "mT"):
            name = "transpose_all" if node.attr == "T" else "matrix_transpose"
            return Call(name, (self.expression(node.value),), (), place)
        if node.attr == "shape":
            return Call("shape_of", (self.expression(node.value),), (), place)
        if node.attr == "data":
            return self.expression(node.value)
        if node.attr in ("real", "imag"):
            return Call(node.attr, (self.expression(node.value),), (), place)
        if node.attr in _PARTS and isinstance(node.value, ast.Call):
            return self.part(node, node.value)
        return self.refuse(node, "a name, `.T` or `.shape`")

    def part(self, node: ast.Attribute, call: ast.Call) -> Expression:
        """Translate `x.max(1).values` and other parts of what torch gives together."""
        made = self.expression(call)
        found = part_of(made, node.attr, self.place(node)) if isinstance(made, Call) else None
        return found or self.refuse(node, "`x.max(axis).values`, `x.max(axis).indices` or another part of a result")

    def is_own_method(self, node: ast.expr) -> bool:
        """Whether a call is one of the student's own methods."""
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and f".{node.func.attr}" in self.functions
        )

    def call(self, node: ast.Call) -> Expression:
        if _is_differential(node):
            return self.refuse(node, f"`{_word(node)}(a)/{_word(node)}(b)`")
        receiver, module = None, ""
        match node.func:
            case ast.Name(id=spelling):
                pass
            case ast.Attribute(value=owner, attr=spelling) if _dotted(owner) in PREFIXES:
                module = _dotted(owner)
            case ast.Attribute(value=owner, attr="cdf" | "pdf" | "logpdf") if _dotted(owner) in NORMAL_PREFIXES:
                spelling, module = f"normal_{node.func.attr}", _dotted(owner)
            case ast.Attribute(value=owner, attr=spelling) if _dotted(owner).partition(".")[0] in _ROOTS:
                if by_spelling(spelling) is not None:
                    return self.refuse(node.func, "an operation of `np`, `torch`, `math` or `scipy.special`")
                module = _dotted(owner)
            case ast.Attribute(attr=spelling) if f".{spelling}" in self.functions and by_spelling(spelling) is None:
                receiver = None
            case ast.Attribute(value=owner, attr=spelling):
                receiver = self.expression(owner)
            case ast.Subscript() if (spelling := self.name_of(node.func) or "") in self.functions:
                pass
            case ast.Constant():
                return self.refuse(node, "a `*` before the bracket")
            case _:
                return self.refuse(node, "an operation by its name")
        arguments = tuple(self.expression(argument) for argument in node.args)
        is_own = not self.functions.isdisjoint((spelling, f".{spelling}")) and receiver is None
        if is_own and not module and not node.keywords:
            return Call(f"{spelling}()", arguments, (), self.place(node))
        if receiver is not None:
            arguments = (receiver, *arguments)
        options = tuple(
            (keyword.arg or "**", self.expression(keyword.value))
            for keyword in node.keywords
            if not _is_ignored(keyword)
        )
        made = translate_call(spelling, arguments, options, self.place(node), module if receiver is None else None)
        if isinstance(made, FormulaFault):
            self.faults.append(made if made.found else replace(made, found=self.written(node)))
            return Number(0, self.place(node))
        return _negative(made.arguments[0], made.place) if made.operation == "neg" else made


def _is_differential(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("d", "partial")


def _negative(operand: Expression, place: Place) -> Expression:
    """Fold signs, however many, into a number: `-0` as a call could not be told from the number."""
    return Number(-operand.value, place) if isinstance(operand, Number) else Call("neg", (operand,), (), place)


def _is_ignored(keyword: ast.keyword) -> bool:
    """Whether an option is ignored, as `dtype=torch.float64`: neither the option nor its value is part of the
    language."""
    return keyword.arg in IGNORED_OPTIONS and isinstance(keyword.value, ast.Name | ast.Attribute | ast.Constant)


def _last_factor(node: ast.expr) -> ast.expr | None:
    """The last factor of a product, or the operand of a sign, if it ends in a differential: `d(a)` in `-w * d(a)`."""
    match node:
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=last):
            pass
        case ast.BinOp(op=ast.Mult() | ast.MatMult(), right=last):
            pass
        case _:
            return None
    return last if _is_differential(last) or _last_factor(last) is not None else None


def _word(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""
