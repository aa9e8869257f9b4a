"""Writes a repaired expression in the student's own style: unchanged parts stay as the student typed them, reductions
(`x.sum(0)` or `np.sum(x, axis=0)`) and products of matrices (`a @ b`, `np.dot(a, b)`) as elsewhere in the file."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from grader.formula.build import is_size_of_matrix
from grader.formula.python_trees import bracketed, strength_of
from grader.formula.spelling import HOLE, TRUTHS, WRITTEN_OUT, Library, call_of_torch, template_of
from grader.formula.syntax import (
    SIGNS,
    STRENGTH,
    Call,
    Expression,
    Flag,
    Index,
    Name,
    Number,
    Place,
    Sequence,
    Slice,
    Text,
    is_branch,
    names,
    text,
    walk,
)
from grader.instrument.nodes import parts_of
from grader.submission.spans import lines_of
from grader.syntax_trees import shared_tree, tree_of

SUM, PRODUCT, SIGN, POWER, ATOM = (STRENGTH[sign] for sign in ("+", "*", "-x", "**", "x"))

_LIBRARIES: dict[str, Library] = {
    "np.": "numpy",
    "numpy.": "numpy",
    "jnp.": "numpy",
    "torch.": "torch",
    "math.": "python",
}
"""The library meant by a prefix, for its spellings."""

_SIGMOID = re.compile(r"(?m)^ *def sigmoid\(|^ *sigmoid *= *lambda")
"""A function of the student's own."""

_IN_MATH = frozenset({"exp", "log", "sqrt", "tanh", "sin", "cos", "sinh", "cosh"})
"""Functions that have the same name in `math` and NumPy."""

REDUCTIONS = frozenset({"sum", "mean", "max", "min", "amax", "amin", "var", "std", "prod"})

LIBRARIES = frozenset({"np", "numpy", "torch", "jnp"})


Told = tuple[str, str, str | None, str | None]
"""A call's operation, library prefix, axis keyword, and keyword that keeps the axis; None for an absent keyword."""


_PRODUCTS = re.compile(r"\b(?:np|numpy|torch|jnp)\.(?:matmul|dot|mm)\(|\.(?:matmul|dot|mm)\(|(?<=[\w)\]]) ?@(?!=)")


class Writer:
    """Writes expressions in the style of the student who wrote `source`."""

    def __init__(
        self,
        source: str,
        original: Expression,
        folded: Mapping[int, str] | None = None,
        numbers: frozenset[str] = frozenset(),
        whole: str = "",
    ) -> None:
        """`whole` is the source of all cells, if there are others, with the imports. `folded` maps the `id`s of inlined
        helper formulas in `original` to the helpers' names, except for the helper that is changed. `numbers` are the
        names that hold Python numbers, which torch functions reject."""
        self.source, self.folded, self.numbers = source, folded or {}, numbers
        self.original = original  # kept, so that no other node gets the id of one of its own
        self.typed = {id(node) for node in walk(original)}
        # What is put in may come from elsewhere, from the exercise itself, and have a place in that text.
        self.places = {node.place for node in walk(original)}
        prefix = re.search(r"\b(np|numpy|torch|math|jnp)\.", source)
        self.prefix = prefix[0] if prefix else _imported(f"{source}\n{whole}")
        self.code = re.sub("#.*", "", source)  # comments speak of functions too
        self.everything = f"{whole}\n{source}"
        self.product = product_style(self.code)

    def write(self, node: Expression) -> str:
        """Return the text of an expression: typed parts as typed, inlined helpers by their names."""
        if id(node) in self.folded:
            return self.folded[id(node)]
        if id(node) in self.typed:
            return self.text_at(node.place)
        match node:
            case Name(id=name) if "['" in name and self.source.count('["') > self.source.count("['"):
                return name.replace("'", '"')
            case Text(value=letters):
                mark = '"' if 'einsum("' in self.source else "'"
                return f"{mark}{letters}{mark}"
            case Number(value=math.pi) if self.prefix:
                return f"{self.prefix}pi"
            case Call():
                return self._own(node) or self._operator(node) or self._method(node) or self._call(node)
            case Index(base, keys):
                return f"{self._within(base, ATOM)}[{', '.join(map(self.write, keys))}]"
            case _:
                return text(node)

    def _own(self, node: Call) -> str | None:
        """Return a call as the student's own code and imports suggest it; None if they suggest nothing."""
        in_numpy = self.prefix in ("np.", "numpy.")
        match node:
            case Call("pow", (operand, Number(value=0.5))) if self._has_root(operand):
                return f"{self.prefix}sqrt({self.write(operand)})"
            case Call("sigmoid", (operand,)) if _SIGMOID.search(self.everything):
                return f"sigmoid({self.write(operand)})"
            case Call("mul", (Call("length", (operand,)), _)) if is_size_of_matrix(node):
                return f"{self._within(operand, ATOM)}.{'numel()' if self.prefix == 'torch.' else 'size'}"
            case Call("matmul", (left, right)) if self.product.startswith("."):
                return f"{self._within(left, ATOM)}{self.product}{self.write(right)})"
            case Call("matmul", (left, right)) if self.product != "@":
                return f"{self.product}{self.write(left)}, {self.write(right)})"
            case Call("sigmoid", (operand,)) if in_numpy or self.prefix == "math.":
                return f"(1 / (1 + {self.prefix}exp(-{self._within(operand, SIGN)})))"
            case Call("softmax", (operand,), options) if in_numpy:
                powers = f"{self.prefix}exp({self.write(operand)})"
                along = self._options((*options, ("keepdim", Flag(True, node.place))))
                return f"({powers} / {powers}.sum({along}))"
            case _:
                return None

    def _operator(self, node: Call) -> str | None:
        """Return an operation that Python has a sign for; None if it has none."""
        match node:
            case Call(operation, (left, right)) if operation in SIGNS:
                strength = STRENGTH[SIGNS[operation]]
                alike = (
                    isinstance(right, Call) and right.operation == operation and operation in ("add", "mul", "matmul")
                )
                rightmost = strength + (not alike)
                if operation == "pow" and isinstance(right, Number):
                    rightmost = 0  # `x**-0.5`
                space = "" if operation == "pow" else " "
                return f"{self._within(left, strength + (operation == 'pow'))}{space}{SIGNS[operation]}{space}" + (
                    self._within(right, rightmost)
                )
            case Call("neg", (operand,)):
                return f"-{self._within(operand, PRODUCT if _is_product(operand) else SIGN)}"
            case Call("square", (operand,)):
                return f"{self._within(operand, POWER + 1)}**2"
            case Call(arguments=(condition, one, other)) if is_branch(node):
                return f"{self._within(one, 1)} if {self.write(condition)} else {self.write(other)}"
            case _:
                return None

    def _method(self, node: Call) -> str | None:
        """Return an operation that is an attribute, a method, an index or a reduction of an array; None for others."""
        match node:
            case Call("transpose_all", (operand,)):
                return f"{self._within(operand, ATOM)}.T"
            case Call("one_hot", (labels,), (("classes", count),)):
                return self._one_hot(self.write(labels), self.write(count))
            case Call("unsqueeze", (operand,), (("dim", Number(value=int(axis))),)) if axis >= 0:
                return f"{self._within(operand, ATOM)}[{':, ' * axis}None]"
            case Call("length", (operand,)):
                return f"len({self.write(operand)})"
            case Call("shape_of", (operand,)):
                return f"{self._within(operand, ATOM)}.shape"
            case Call("reshape", (operand,), (("shape", shape),)):
                return f"{self._within(operand, ATOM)}.reshape({self.write(shape)})"
            case Call("sum" | "mean" | "max" | "var" | "std", (operand,)):
                return self._reduction(node, operand)
            case _:
                return None

    def _call(self, node: Call) -> str:
        """Return a call of a function, with the name of the student's library in front where it has the function."""
        operation, options = node.operation, node.options
        inner = ", ".join([*map(self.write, node.arguments), *([self._options(options)] if options else [])])
        if operation.endswith("()"):  # a function of the student's own
            return f"{operation[:-2]}({inner})"
        if self._calls_bare(operation):
            return f"{operation}({inner})"
        if self.prefix == "torch." and names(node) and names(node) <= self.numbers:
            others = re.search(r"(?m)^import (math)$|^import numpy as (np)$", self.everything)
            if operation in _IN_MATH and others:
                return f"{others[1] or others[2]}.{operation}({inner})"
            return f"torch.{operation}(torch.tensor({inner}))"
        return self._of_library(node) or f"{operation}({inner})"

    def _one_hot(self, labels: str, count: str) -> str:
        if self.prefix in ("np.", "numpy."):
            return f"{self.prefix}eye({count})[{labels}]"
        functional = (
            "F" if re.search(r"(?m)^import torch\.nn\.functional as F$", self.source) else "torch.nn.functional"
        )
        return f"{functional}.one_hot({labels}, {count})"

    def _reduction(self, node: Call, operand: Expression) -> str:
        usual = Style(axis="", keep="keepdim") if self.prefix == "torch." else Style()
        own = self.text_at(node.place) if node.place in self.places else ""
        spelled = style(self.source, own, node.operation, usual)
        given = dict(node.options)
        axis = _tuple_or(given["dim"]) if "dim" in given else None
        operation = node.operation
        if self.prefix == "torch." and axis is not None and operation in ("max", "min"):
            operation = f"a{operation}"  # torch's `max` along an axis returns the indices too
        others = [f"{spelled.keep}={text(given['keepdim'])}"] if "keepdim" in given else []
        if "correction" in given and (self.prefix == "torch." or text(given["correction"]) != "0"):
            others.append(f"{'correction' if self.prefix == 'torch.' else 'ddof'}={text(given['correction'])}")
        array = self.write(operand) if spelled.library else self._within(operand, ATOM)
        return spelled.written(operation, array, axis, others)

    def text_at(self, place: Place) -> str:
        """Return the source text at a place."""
        lines = lines_of(self.source)[place.line - 1 : place.end_line]
        picked = [*lines]
        picked[-1] = picked[-1][: place.end_column - 1]
        picked[0] = picked[0][place.column - 1 :]
        return "\n".join(picked)

    def stands_in_brackets(self, place: Place) -> bool:
        """Whether the text at a place is directly enclosed in brackets, those of a call included."""
        lines = lines_of(self.source)
        before = lines[place.line - 1][: place.column - 1].rstrip()
        after = lines[place.end_line - 1][place.end_column - 1 :].lstrip()
        return before.endswith("(") and after.startswith(")")

    def _has_root(self, operand: Expression) -> bool:
        """Whether the student uses a library's `sqrt` that accepts this operand; torch's rejects Python numbers."""
        if not self.prefix or f"{self.prefix}sqrt(" not in self.source:
            return False
        return self.prefix != "torch." or not names(operand) <= self.numbers

    def _calls_bare(self, operation: str) -> bool:
        """Whether the student calls a function without the name of its library."""
        return re.search(rf"(?<![\w.]){operation}\(", self.code) is not None

    def _of_library(self, node: Call) -> str | None:
        """Return a call as the student's library has it; None if that library has no such function."""
        library = _LIBRARIES.get(self.prefix)
        if library is None:
            return None
        if node.operation in WRITTEN_OUT and library != "python":
            inner = ", ".join(map(self.write, node.arguments))
            return f"{self.prefix}{TRUTHS.get(node.operation, node.operation)}({inner})"
        template = template_of(node, library)
        if template is None:
            native = call_of_torch(node, self.write, lambda _, value: _tuple_or(value)) if library == "torch" else None
            return native and self._imported_as(native)
        if "*(" in template:  # a function of ours, which starters define
            return None
        options = dict(node.options)

        def filled(hole: re.Match[str]) -> str:
            bare, what, tight, keyword, default = hole.groups()
            if what == "*":
                return ", ".join(map(self.write, node.arguments))
            if what.isdigit():
                compared = hole.string.startswith(" != ", hole.end())
                return self._within(node.arguments[int(what)], ATOM if tight else STRENGTH["|"] if compared else 0)
            value = _tuple_or(options[what]) if what in options else default
            return (value or "") if bare else "" if value is None else f", {keyword}={value}"

        written = HOLE.sub(filled, self._imported_as(template))
        return bracketed(written, strength_of(tree_of(written, mode="eval").body), ATOM)

    def _imported_as(self, template: str) -> str:
        """Return a template with the names under which the student imported the library."""
        if self.prefix == "torch.":
            functional = r"(?m)^import torch\.nn\.functional as F$|^from torch\.nn import functional as F$"
            known = re.search(functional, self.everything)
            return template if known else re.sub(r"\bF\.", "torch.nn.functional.", template)
        return re.sub(r"\bnp\.", self.prefix, template)

    def is_attached(self, place: Place) -> bool:
        """Whether an attribute, a method call or an index directly follows the text at a place."""
        return self._after(place).startswith((".", "["))

    def with_brackets(self, place: Place) -> Place:
        """Return the place extended by the brackets around it, if they enclose only it and are not those of a call."""
        lines = lines_of(self.source)
        before = lines[place.line - 1][: place.column - 1]
        called = re.search(r"[\w)\]]\($", before)
        if before.endswith("(") and not called and self._after(place).startswith(")"):
            return Place(place.line, place.column - 1, place.end_line, place.end_column + 1)
        return place

    def _after(self, place: Place) -> str:
        return lines_of(self.source)[place.end_line - 1][place.end_column - 1 :]

    def _options(self, options: tuple[tuple[str, Expression], ...]) -> str:
        axis = {"dim": "axis", "keepdim": "keepdims", "correction": "ddof"} if self.prefix != "torch." else {}
        options = tuple(one for one in options if not axis or one[0] != "correction" or text(one[1]) != "0")
        return ", ".join(f"{axis.get(key, key)}={text(value)}" for key, value in options)

    def _within(self, node: Expression, at_least: int) -> str:
        written = self.write(node)
        if id(node) in self.folded or (id(node) in self.typed and self._bracketed(node)):
            return written
        if isinstance(node, Call) and node.operation == "matmul" and self.product != "@" and id(node) not in self.typed:
            return written  # a call
        return bracketed(written, strength(node), at_least)

    def _bracketed(self, node: Expression) -> bool:
        typed = self.text_at(node.place)
        return typed.startswith("(") and typed.endswith(")") and strength(node) == ATOM


def _tuple_or(axes: Expression) -> str:
    """Return the text of an axis, or of several as a tuple."""
    if not isinstance(axes, Sequence):
        return text(axes)
    return f"({text(axes)[1:-1]}{',' if len(axes.items) == 1 else ''})"


def _imported(source: str) -> str:
    """Return the prefix of a library that is imported as a whole, but not used yet; "" if there is none."""
    found = re.search(r"(?m)^(?:import numpy as (np)|import (math|numpy|torch))\s*(?:#.*)?$", source)
    return f"{found[1] or found[2]}." if found else ""


def _is_product(node: Expression) -> bool:
    """Whether a sign in front of this needs no brackets: `-a / b`."""
    return isinstance(node, Call) and node.operation in ("mul", "div", "matmul") and not is_size_of_matrix(node)


def strength(node: Expression) -> int:
    """Return the precedence of an expression."""
    match node:
        case _ if is_size_of_matrix(node):
            return ATOM
        case Call(operation, (_, _)) if operation in SIGNS:
            return STRENGTH[SIGNS[operation]]
        case Call("neg", (operand,)):
            return PRODUCT if _is_product(operand) else SIGN
        case Call() if is_branch(node):
            return 0
        case Number(value=value) if value < 0:
            return SIGN
        case Name() | Number() | Index() | Call() | Flag() | Sequence() | Slice():
            return ATOM
        case _:
            return 0


def spliced(source: str, place: Place, new: str) -> str:
    """Return `source` with the text at `place` replaced by `new`."""
    lines = list(lines_of(source))
    first, last = lines[place.line - 1], lines[place.end_line - 1]
    joined = first[: place.column - 1] + new + last[place.end_column - 1 :]
    return "\n".join([*lines[: place.line - 1], *joined.split("\n"), *lines[place.end_line :]])


@dataclass(frozen=True, slots=True)
class Style:
    """The style of a reduction. `library`: the prefix of a function called with the array ("np."), "" for a method.
    `axis`: the axis keyword, "" if the axis is positional. `keep`: the keyword that keeps the axis."""

    library: str = ""
    axis: str = "axis"
    keep: str = "keepdims"

    def written(self, operation: str, array: str, axis: str | None, others: list[str]) -> str:
        """Return the text of a call. `array` must already have brackets if a method call needs them; `others` are the
        texts of further options."""
        along = [] if axis is None else [f"{self.axis}={axis}" if self.axis else axis]
        if not self.library:
            return f"{array}.{operation}({', '.join([*along, *others])})"
        return f"{self.library}{operation}({', '.join([array, *along, *others])})"


def style(source: str, own: str, operation: str, usual: Style) -> Style:
    """Return the style of the call `own`, else of calls of that operation in `source`, else of any reduction there,
    else `usual`."""
    calls = [*_calls(own, "eval"), *sorted(_calls(source, "exec"), key=lambda one: one[0] != operation)]
    found = usual if not calls else replace(usual, library=calls[0][1])
    axis = next((one for _, _, one, _ in calls if one is not None), usual.axis)
    keep = next((one for _, _, _, one in calls if one is not None), usual.keep)
    return replace(found, axis=axis, keep=keep)


def _calls(source: str, mode: str) -> Iterator[Told]:
    try:
        tree = shared_tree(source) if mode == "exec" else tree_of(source.strip(), "eval")
    except (SyntaxError, ValueError):
        return
    for node in parts_of(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in REDUCTIONS:
                library = f"{owner.id}." if isinstance(owner, ast.Name) and owner.id in LIBRARIES else ""
                words = {one.arg for one in node.keywords}
                by_place = len(node.args) > (1 if library else 0)
                axis = "" if by_place else next((one for one in ("axis", "dim") if one in words), None)
                keep = next((one for one in ("keepdims", "keepdim") if one in words), None)
                yield name, library, axis, keep


def product_style(code: str) -> str:
    """Return how the code writes most of its products of matrices: "@", the beginning of a call of a function with both
    (`np.dot(`), or that of a method (`.dot(`)."""
    written = [found.strip() for found in _PRODUCTS.findall(code)]
    return max(written, key=written.count, default="@")
