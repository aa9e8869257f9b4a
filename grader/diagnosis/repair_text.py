"""A repaired expression in the student's own hand: what they typed stays as typed, only the change is ours."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.formula.syntax import Call, Expression, Flag, Index, Name, Number, Place, Sequence, Slice, text, walk
from grader.submission.spans import lines_of

_COMPARED = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}
_STRENGTH = {"add": 4, "sub": 4, "mul": 5, "div": 5, "floordiv": 5, "matmul": 5, "pow": 7, "neg": 6}
_STRENGTH |= dict.fromkeys(_COMPARED, 1)
_SIGN = {"add": "+", "sub": "-", "mul": "*", "div": "/", "floordiv": "//", "matmul": "@", "pow": "**", **_COMPARED}


class Writer:
    """Writes expressions as a student who wrote `source` would."""

    def __init__(self, source: str, original: Expression, folded: Mapping[int, str] | None = None) -> None:
        """`folded` has, by `id`, the formulas of helpers in `original` that are not the one that is changed, with the
        names they are read by."""
        self.source, self.folded = source, folded or {}
        self.typed = {id(node) for node in walk(original)}
        prefix = re.search(r"\b(np|numpy|torch|math|jnp)\.", source)
        self.prefix = prefix[0] if prefix else ""

    def write(self, node: Expression) -> str:
        """The text of an expression, typed parts as they were typed, a helper's formula by the helper's name."""
        if id(node) in self.folded:
            return self.folded[id(node)]
        if id(node) in self.typed:
            return self.text_at(node.place)
        match node:
            case Call(operation, (left, right)) if operation in _SIGN:
                strength = _STRENGTH[operation]
                alike = isinstance(right, Call) and right.operation == operation and operation in ("add", "mul")
                rightmost = strength + (not alike)
                space = "" if operation == "pow" else " "
                return f"{self._within(left, strength + (operation == 'pow'))}{space}{_SIGN[operation]}{space}" + (
                    self._within(right, rightmost)
                )
            case Call("neg", (operand,)):
                return f"-{self._within(operand, 6)}"
            case Call("sigmoid", (operand,)) if self.prefix in ("math.", "np.", "numpy."):
                return f"(1 / (1 + {self.prefix}exp(-{self._within(operand, 6)})))"
            case Call("relu", (operand,)) if self.prefix in ("np.", "numpy."):
                return f"{self.prefix}maximum({self.write(operand)}, 0)"
            case Call("square", (operand,)):
                return f"{self._within(operand, 8)}**2"
            case Call("transpose_all", (operand,)):
                return f"{self._within(operand, 9)}.T"
            case Call("softmax", (operand,), options) if self.prefix in ("np.", "numpy."):
                powers = f"{self.prefix}exp({self.write(operand)})"
                along = self._options((*options, ("keepdim", Flag(True, node.place))))
                return f"({powers} / {powers}.sum({along}))"
            case Call("length", (operand,)):
                return f"len({self.write(operand)})"
            case Call("shape_of", (operand,)):
                return f"{self._within(operand, 9)}.shape"
            case Call("reshape", (operand,), (("shape", shape),)):
                return f"{self._within(operand, 9)}.reshape({self.write(shape)})"
            case Call("sum" | "mean" | "max" | "var" | "std" as operation, (operand,), options):
                return f"{self._within(operand, 9)}.{operation}({self._options(options)})"
            case Call(operation, arguments, options):
                inner = ", ".join([*map(self.write, arguments), *([self._options(options)] if options else [])])
                return f"{self._prefix_of(operation)}{operation}({inner})"
            case Index(base, keys):
                return f"{self._within(base, 9)}[{', '.join(map(self.write, keys))}]"
            case _:
                return text(node)

    def text_at(self, place: Place) -> str:
        """What stands at a place."""
        lines = lines_of(self.source)[place.line - 1 : place.end_line]
        picked = [*lines]
        picked[-1] = picked[-1][: place.end_column - 1]
        picked[0] = picked[0][place.column - 1 :]
        return "\n".join(picked)

    def stands_in_brackets(self, place: Place) -> bool:
        """Whether brackets, of a call or not, already hold what stands at a place together."""
        lines = lines_of(self.source)
        before = lines[place.line - 1][: place.column - 1].rstrip()
        after = lines[place.end_line - 1][place.end_column - 1 :].lstrip()
        return before.endswith("(") and after.startswith(")")

    def _prefix_of(self, operation: str) -> str:
        """The library before a function's name; none where the student calls it by its name alone."""
        return "" if re.search(rf"(?<![\w.]){operation}\(", self.source) else self.prefix

    def is_attached(self, place: Place) -> bool:
        """Whether a method, an attribute or an index of what stands at a place follows it."""
        return self._after(place).startswith((".", "["))

    def with_brackets(self, place: Place) -> Place:
        """A place with the brackets around it, where they are no call's and hold nothing else."""
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
        if id(node) in self.typed and self._bracketed(node):
            return written
        return written if strength(node) >= at_least else f"({written})"

    def _bracketed(self, node: Expression) -> bool:
        return (
            self.text_at(node.place).startswith("(") and self.text_at(node.place).endswith(")") and strength(node) > 8
        )


def strength(node: Expression) -> int:
    """How tightly an expression binds: 9 for what needs no brackets anywhere."""
    match node:
        case Call(operation, (_, _)) if operation in _STRENGTH:
            return _STRENGTH[operation]
        case Call("neg", _):
            return 6
        case Number(value=value) if value < 0:
            return 6
        case Name() | Number() | Index() | Call() | Flag() | Sequence() | Slice():
            return 9
        case _:
            return 3


def spliced(source: str, place: Place, new: str) -> str:
    """`source` with what stands at `place` replaced."""
    lines = list(lines_of(source))
    first, last = lines[place.line - 1], lines[place.end_line - 1]
    joined = first[: place.column - 1] + new + last[place.end_column - 1 :]
    return "\n".join([*lines[: place.line - 1], *joined.split("\n"), *lines[place.end_line :]])
