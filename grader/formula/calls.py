"""Translate a call as written to one of the vocabulary: one spelling, operands apart from options, options by name."""

from __future__ import annotations

from collections.abc import Callable

from grader.formula.operations import (
    MAX_OPERANDS,
    NUMPY_PREFIXES,
    PARAMETER_SPELLINGS,
    Operation,
    by_spelling,
    named,
)
from grader.formula.syntax import Call, Expression, Flag, FormulaFault, Index, Number, Place, Sequence, Text, text

Options = tuple[tuple[str, Expression], ...]


def translate_call(
    spelling: str, arguments: tuple[Expression, ...], options: Options, place: Place, module: str | None = ""
) -> Call | FormulaFault:
    """Return the call of an operation, or the fault of the call; in a fault, an empty `found` stands for the call as
    written.

    `module` is what stood before the dot: "" if nothing did, None for a method."""
    if spelling == "float" and (plain := _not_finite(arguments)) is not None:
        return Call("same", (Number(plain, place),), (), place)
    operation = by_spelling(spelling)
    if operation is None:
        from grader.formula.catalogue import suggested

        return FormulaFault(place, f"the unknown operation `{spelling}`", suggested(spelling))
    if spelling in _DIFFERING:
        read = _DIFFERING[spelling](operation, arguments, options, module)
        if isinstance(read, str):
            return FormulaFault(place, "", read)
        operation, arguments, options = read
    if spelling == "einsum":
        if not arguments or not isinstance(arguments[0], Text):
            return FormulaFault(place, "", "`einsum` with its equation first: `einsum('ij,jk->ik', a, b)`")
        arguments, options = arguments[1:], (("equation", arguments[0]), *options)
    if operation.order:
        return _in_order(operation, arguments, options, place)
    if operation.name in _JOINS and _is_one_list(arguments) and module is not None:
        return _joined(operation, arguments, options, place)
    if operation.most == MAX_OPERANDS and arguments and isinstance(arguments[0], Sequence):
        arguments = (*arguments[0].items, *arguments[1:]) if operation.name == "einsum" else arguments
        return _with_list(operation, arguments, options, place)
    operands, rest = arguments[: operation.most], arguments[operation.most :]
    # `np.max(x, 0)` and `x.max(0)` reduce along an axis; Python's own `max(x, 0)` compares.
    if operation.name in ("max", "min") and module != "" and len(operands) == 2 and _is_axis(operands[1]):
        operands, rest = operands[:1], operands[1:] + rest
    if operation.name in ("var", "std") and module in NUMPY_PREFIXES and not _has(options, "correction"):
        options = (*options, ("correction", Number(0, place)))
    if operation.name == "transpose":
        operation = _transposition(rest, options)
    if len(operands) < operation.least:
        return FormulaFault(place, "", f"`{operation.name}` of {_count(operation)}")
    return _with_parameters(operation, operands, rest, options, place)


def _in_order(
    operation: Operation, arguments: tuple[Expression, ...], options: Options, place: Place
) -> Call | FormulaFault:
    order = operation.order
    if len(arguments) > len(order) and order[-1] == "dims":
        arguments = (*arguments[: len(order) - 1], Sequence(arguments[len(order) - 1 :], place))
    given = dict(zip(order, arguments, strict=False))
    if len(arguments) > len(order):
        return FormulaFault(place, "", f"`{signature(operation)}`")
    for spelling, value in options:
        key = spelling if spelling in order else PARAMETER_SPELLINGS.get(spelling, spelling)
        key = "dims" if key == "dim" and "dims" in order else "axes" if key == "dims" and "axes" in order else key
        if key not in order:
            return FormulaFault(place, f"the option `{spelling}` of `{operation.name}`", f"`{signature(operation)}`")
        if key in given:
            return FormulaFault(place, f"the option `{key}` of `{operation.name}` twice", "each option once")
        given[key] = value
    nothing = Flag(None, place)
    operands = [given.get(name, nothing) for name in operation.operands]
    if any(isinstance(one, Flag) and one.value is None for one in operands[: operation.least]):
        return FormulaFault(place, "", f"`{signature(operation)}`")
    while len(operands) > operation.least and isinstance(operands[-1], Flag) and operands[-1].value is None:
        operands.pop()
    kept = {key: value for key, value in given.items() if key in operation.parameters}
    return Call(operation.name, tuple(operands), tuple(sorted(kept.items())), place)


_JOINS = ("stack", "concat", "hstack", "vstack", "dstack", "column_stack")


def _is_one_list(arguments: tuple[Expression, ...]) -> bool:
    """Whether these arguments are a list with a name of its own, and perhaps an axis: `stack(hs, 1)`."""
    plain = len(arguments) == 1 or (len(arguments) == 2 and _is_axis(arguments[1]))
    return plain and not isinstance(arguments[0], Sequence)


def _joined(
    operation: Operation, arguments: tuple[Expression, ...], options: Options, place: Place
) -> Call | FormulaFault:
    """Translate `stack(hs)`: a list with a name is an array already, with its entries along the first axis."""
    entries = arguments[0]
    made = _with_parameters(operation, (entries,), arguments[1:], options, place)
    if isinstance(made, FormulaFault):
        return made
    axis = dict(made.options).get("dim", Number(0, place))
    zero, one = Number(0, place), Number(1, place)
    if operation.name == "stack" and axis == zero:
        return Call("same", (entries,), (), place)
    if operation.name == "stack":
        return Call("movedim", (entries,), (("destination", axis), ("source", zero)), place)
    if operation.name == "concat" and axis == zero:
        return Call("flatten", (entries,), (("end_dim", one), ("start_dim", zero)), place)
    return FormulaFault(place, "", f"`{operation.name}` of a list that is written out: `{operation.name}([a, b])`")


def _not_finite(arguments: tuple[Expression, ...]) -> float | None:
    """The number in `float("-inf")`."""
    match arguments:
        case (Text(value=("inf" | "+inf" | "-inf") as written),):
            return float(written)
        case _:
            return None


def signature(operation: Operation) -> str:
    """How an operation with an `order` is called: `elu(input, alpha=...)`."""
    words = [f"{name}=..." if name in operation.parameters else name for name in operation.order]
    return f"{operation.name}({', '.join(words)})"


def _with_list(
    operation: Operation, arguments: tuple[Expression, ...], options: Options, place: Place
) -> Call | FormulaFault:
    first = arguments[0]
    items = first.items if isinstance(first, Sequence) else arguments
    rest = arguments[1:] if isinstance(first, Sequence) else ()
    if not items:
        return FormulaFault(place, "", f"`{operation.name}` of {_count(operation)}")
    return _with_parameters(operation, items, rest, options, place)


def _with_parameters(
    operation: Operation,
    operands: tuple[Expression, ...],
    rest: tuple[Expression, ...],
    options: Options,
    place: Place,
) -> Call | FormulaFault:
    kept: dict[str, Expression] = {}
    if operation.spread and rest:
        whole = rest[0] if len(rest) == 1 and _is_shape(rest[0]) else Sequence(rest, place)
        kept[operation.spread] = whole
    else:
        kept.update(zip(_positional(operation, rest), rest, strict=False))
        if len(rest) > len(operation.parameters):
            most = "1 operand" if len(operands) == 1 else f"{len(operands)} operands"
            if operation.parameters:
                most += f" and at most {len(operation.parameters)} options"
            return FormulaFault(place, "", f"`{operation.name}` with {most}")
    for spelling, value in options:
        key = PARAMETER_SPELLINGS.get(spelling, spelling)
        if key == "dim" and "dims" in operation.parameters:
            key = "dims"
        if (holds := _HOLDS_ANYWAY.get((operation.name, key))) is not None:
            if not isinstance(value, Flag) or value.value is not holds:
                return FormulaFault(place, f"`{key}` of `{operation.name}`", f"`{key}={holds}`")
            continue
        if key not in operation.parameters:
            allowed = ", ".join(f"`{p}`" for p in operation.parameters) or "no options"
            return FormulaFault(place, f"the option `{spelling}` of `{operation.name}`", allowed)
        if key in kept:
            return FormulaFault(place, f"the option `{key}` of `{operation.name}` twice", "each option once")
        kept[key] = _as_correction(value) if spelling == "unbiased" else value
    if operation.name == "broadcast_to" and isinstance(sizes := kept.get("shape"), Sequence):
        kept["shape"] = _kept_sizes(operands[0], sizes)
    return Call(operation.name, operands, tuple(sorted(kept.items())), place)


_HOLDS_ANYWAY = {("svd", "full_matrices"): False, ("pinv", "hermitian"): False}
"""Options of which the language has one value alone."""


def _kept_sizes(array: Expression, sizes: Sequence) -> Sequence:
    """The shape in `x.expand(4, -1)`, where -1 is the size that the axis has."""
    shape = Call("shape_of", (array,), (), sizes.place)
    last = len(sizes.items)
    items = (
        Index(shape, (Number(at - last, one.place),), one.place) if isinstance(one, Number) and one.value == -1 else one
        for at, one in enumerate(sizes.items)
    )
    return Sequence(tuple(items), sizes.place)


def _transposition(rest: tuple[Expression, ...], options: Options) -> Operation:
    """Choose the operation for `transpose`: NumPy's reorders all axes, torch's swaps two."""
    if not rest and not options:
        return named("transpose_all")
    all_axes = len(rest) > 2 or any(isinstance(part, Sequence) for part in rest) or _has(options, "dims")
    return named("permute" if all_axes else "transpose")


def part_of(made: Call, part: str, place: Place) -> Expression | None:
    """What `made.part` is: one of the arrays that torch returns together; None if it is none."""
    if part == "values" and (made.operation in ("sort", "topk") or (made.options and made.operation in _EXTREMES)):
        return made
    if part == "solution" and made.operation == "lstsq":
        return made
    if part == "indices" and (
        made.operation in ("sort", "topk") or (made.options and made.operation in ("max", "min"))
    ):
        return Call(_PLACES[made.operation], made.arguments, made.options, place)
    from grader.formula.rare_operations import RESULTS

    results = RESULTS.get(made.operation, ())
    return Index(made, (Number(results.index(part), place),), place) if part in results else None


_EXTREMES = ("max", "min", "median")
_PLACES = {"max": "argmax", "min": "argmin", "sort": "argsort", "topk": "topk_indices"}

Arguments = tuple[Expression, ...]
Read = tuple[Operation, Arguments, Options] | str


def _norm(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
    """`linalg.norm(A, 2)` is the norm of a matrix, also over two axes of a larger array; `torch.norm(A, 2)` is that of
    the entries, and so is the Frobenius norm."""
    whole = (*zip(("p", "dim", "keepdim"), arguments[1:], strict=False), *options)
    given = {PARAMETER_SPELLINGS.get(key, key): value for key, value in whole}
    kind, axes = given.get("p"), given.get("dim")
    if len(arguments) > 4 or kind is None:
        return operation, arguments, options
    word = kind.value if isinstance(kind, Text | Flag) else ""
    is_of_matrix = (module or "").endswith("linalg") and word is not None and (axes is None or _is_pair(axes))
    if is_of_matrix or word == "nuc":
        return named("linalg_norm" if axes is None else "matrix_norm"), arguments[:1], whole
    if word in ("fro", None):
        whole = tuple(one for one in whole if one[1] is not kind)
    return operation, arguments[:1], whole


def _is_pair(axes: Expression) -> bool:
    return isinstance(axes, Sequence) and len(axes.items) == 2


def _vander(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
    """`linalg.vander` begins with the power 0, the others end with it."""
    if (module or "").endswith("linalg") and arguments:
        return operation, arguments, (*options, ("increasing", Flag(True, arguments[0].place)))
    return operation, arguments, options


def _solve(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
    """`solve(A, B, left=False)` is the X of X @ A = B: what is solved is transposed."""
    kept = tuple(one for one in options if one[0] != "left")
    if len(arguments) != 2 or not _is_switched(options, "left", on=False):
        return operation, arguments, kept if _is_switched(options, "left", on=True) else options
    turned = tuple(Call("matrix_transpose", (one,), (), one.place) for one in arguments)
    return named("matrix_transpose"), (Call("solve", turned, (), arguments[0].place),), kept


def _cholesky(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
    """`cholesky(A, upper=True)` is the transpose of the lower factor."""
    kept = tuple(one for one in options if one[0] != "upper")
    if len(arguments) != 1 or not _is_switched(options, "upper", on=True):
        return operation, arguments, kept if _is_switched(options, "upper", on=False) else options
    return named("matrix_transpose"), (Call("cholesky", arguments, (), arguments[0].place),), kept


def _lstsq(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
    """NumPy's own default for `rcond`, which its documentation says to write."""
    return operation, arguments, tuple(one for one in options if one[0] != "rcond" or not isinstance(one[1], Flag))


def _is_switched(options: Options, key: str, *, on: bool) -> bool:
    value = dict(options).get(key)
    return isinstance(value, Flag) and value.value is on


def _repeat(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
    """NumPy's `repeat` repeats each entry, torch's the whole."""
    if module in NUMPY_PREFIXES:
        return named("repeat_interleave"), arguments, options
    if module is None and len(arguments) > 2 and not options:
        return named("tile"), arguments, options
    return "`tile(x, dims)` to repeat the whole, or `repeat_interleave(x, times)` to repeat each entry"


def _median(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
    """Of an even count NumPy's `median` is the mean of the two in the middle, torch's the lower one."""
    if module in NUMPY_PREFIXES and arguments:
        return named("quantile"), (arguments[0], Number(0.5, arguments[0].place), *arguments[1:]), options
    return operation, arguments, options


def _split(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
    """NumPy's `split` takes the count of the parts, torch's their size."""
    counted = len(arguments) > 1 and not isinstance(arguments[1], Sequence)
    if module in NUMPY_PREFIXES and counted:
        return named("chunk"), arguments, options
    if module in NUMPY_PREFIXES or (module == "" and len(arguments) > 1):
        return "`split(x, split_size=...)` with the size of the parts, or `chunk(x, n)` into n parts"
    return operation, arguments, options


def _pad(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
    """NumPy's `pad` counts axes from the front, torch's from the back."""
    if module not in NUMPY_PREFIXES:
        return operation, arguments, options
    match arguments:
        case (x, Sequence(items=axes) as widths) if axes and all(
            isinstance(axis, Sequence) and len(axis.items) == 2 for axis in axes
        ):
            ends = [end for axis in reversed(axes) if isinstance(axis, Sequence) for end in axis.items]
            named_so = tuple(
                ("value" if key == "constant_values" else key, value)
                for key, value in options
                if (key, getattr(value, "value", None)) != ("mode", "constant")
            )
            return operation, (x, Sequence(tuple(ends), widths.place)), named_so
        case _:
            return "`np.pad(x, ((before, after), ...))` with a pair for each axis"


def _dropout(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
    """The mask has to be an argument: with a probability alone, another mask would be drawn in each run."""
    if len(arguments) < 2 or isinstance(arguments[1], Number):
        return "`dropout(x, mask, p=...)` with a mask that is given"
    return operation, arguments, options


def _scatter(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
    if isinstance(dict(options).get("value", arguments[-1] if arguments else None), Number):
        return "`scatter(x, dim, index, src)` with an array `src`, as `ones_like(x)`"
    return operation, arguments, options


def _eye(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
    """`eye(3, 3)` is `eye(3)`."""
    square = len(arguments) == 2 and text(arguments[0]) == text(arguments[1])
    return operation, arguments[:1] if square else arguments, options


def _take(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
    """NumPy's `take` along an axis is torch's `index_select`."""
    axis = dict(options).get("axis", arguments[2] if len(arguments) == 3 else None)
    if axis is None or len(arguments) not in (2, 3):
        return "`take(x, places, axis=...)` with an axis"
    return named("index_select"), (arguments[0], axis, arguments[1]), ()


def _clamped(end: str) -> Callable[[Operation, Arguments, Options, str | None], Read]:
    def clamped(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
        if len(arguments) != 2:
            return f"`clamp(x, {end}=...)`"
        return operation, arguments[:1], ((end, arguments[1]),)

    return clamped


def _unfold(operation: Operation, arguments: Arguments, options: Options, module: str | None) -> Read:
    """A tensor's own `unfold` makes windows along one axis, that of `nn.functional` columns of an image."""
    if module is None and len(arguments) + len(options) == 4:
        return named("windows"), arguments, options
    return operation, arguments, options


_DIFFERING: dict[str, Callable[[Operation, Arguments, Options, str | None], Read]] = {
    "norm": _norm,
    "vander": _vander,
    "solve": _solve,
    "cholesky": _cholesky,
    "lstsq": _lstsq,
    "repeat": _repeat,
    "median": _median,
    "split": _split,
    "pad": _pad,
    "dropout": _dropout,
    "scatter": _scatter,
    "eye": _eye,
    "take": _take,
    "clamp_min": _clamped("min"),
    "clamp_max": _clamped("max"),
    "unfold": _unfold,
}
"""Spellings that the libraries give different meanings: how they are read after a module, or what to write instead."""


def _has(options: Options, key: str) -> bool:
    return any(PARAMETER_SPELLINGS.get(spelling, spelling) == key for spelling, _ in options)


def _positional(operation: Operation, rest: tuple[Expression, ...]) -> tuple[str, ...]:
    # `arange(n)` is `arange(0, n)`, as in NumPy and torch.
    if operation.name == "arange" and len(rest) == 1:
        return ("stop",)
    return operation.parameters


def _as_correction(value: Expression) -> Expression:
    return Number(int(bool(value.value)), value.place) if isinstance(value, Flag) else value


def _is_shape(node: Expression) -> bool:
    return isinstance(node, Sequence) or (isinstance(node, Call) and node.operation == "shape_of")


def _is_axis(node: Expression) -> bool:
    return isinstance(node, Number) and isinstance(node.value, int)


def _count(operation: Operation) -> str:
    return "1 operand" if operation.least == 1 else f"{operation.least} operands"
