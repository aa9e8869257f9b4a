"""The vocabulary: every operation a formula may use, with all its spellings in NumPy, torch and math.

An operation is a name and a signature; nothing here computes. What it means, how it is differentiated and written, and
what it does to axes stands in the other tables that `tests/formula/test_every_operation.py` lists: torch, NumPy and
layers of imports keep them apart, that test keeps them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_OPERANDS = 99
"""Operand count of operations that take a list of operands, or any number of them."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation with `least` to `most` operands, then `parameters` in positional order. `spread`: the parameter that
    takes all remaining positional arguments (`x.reshape(4, 3)`). `spellings` are function and method names. `order`:
    the names of operands and parameters in positional order, where they are mixed or operands may be left out or named
    (`layer_norm(x, (4,), weight=g)`); empty otherwise."""

    name: str
    least: int
    most: int
    parameters: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    spread: str | None = None
    order: tuple[str, ...] = ()

    @property
    def operands(self) -> tuple[str, ...]:
        """The names of the operands, as far as `order` gives them."""
        return tuple(name for name in self.order if name not in self.parameters)


PARAMETER_SPELLINGS = {
    "axis": "dim",
    "keepdims": "keepdim",
    "ddof": "correction",
    "unbiased": "correction",
    "newshape": "shape",
    "size": "shape",
    "axes": "dims",
    "num_classes": "classes",
    "a_min": "min",
    "a_max": "max",
    "ord": "p",
    "reps": "dims",
    "shift": "shifts",
    "split_size_or_sections": "split_size",
    "indices_or_sections": "chunks",
    "num": "steps",
    "k": "diagonal",
}

REDUCTION = ("dim", "keepdim")
_SPREAD = ("correction",)


def unary(*rows: str) -> list[Operation]:
    return [Operation(row.split()[0], 1, 1, (), tuple(row.split()[1:])) for row in rows]


def binary(*rows: str) -> list[Operation]:
    return [Operation(row.split()[0], 2, 2, (), tuple(row.split()[1:])) for row in rows]


def signed(*rows: str) -> list[Operation]:
    """Operations by their signature: operands, `[operands]` that may be left out, and `parameters:`; after `|` other
    spellings."""
    made = []
    for row in rows:
        signature, _, spellings = row.partition("|")
        name, *words = signature.split()
        operands = [word for word in words if not word.endswith(":")]
        made.append(
            Operation(
                name,
                sum(not word.startswith("[") for word in operands),
                len(operands),
                tuple(word[:-1] for word in words if word.endswith(":")),
                tuple(spellings.split()),
                None,
                tuple(word.strip("[]:") for word in words),
            )
        )
    return made


_TABLE = [
    *unary(
        "neg negative",
        "exp",
        "expm1",
        "log",
        "log1p",
        "log2",
        "log10",
        "sqrt",
        "rsqrt",
        "square",
        "reciprocal",
        "abs absolute fabs",
        "sign sgn",
        "tanh",
        "sinh",
        "cosh",
        "sin",
        "cos",
        "tan",
        "atan arctan",
        "atanh arctanh",
        "asinh arcsinh",
        "sigmoid expit",
        "logsigmoid",
        "relu",
        "silu swish",
        "erf",
        "isnan",
        "transpose_all T",
        "matrix_transpose mT t",
        "detach",
        "same clone copy positive contiguous array asarray tensor as_tensor from_numpy float double item numpy tolist "
        "float32 float64 ascontiguousarray atleast_1d",
        "zeros_like",
        "ones_like",
        "shape_of",
        "length len",
        "diag",
        "trace",
    ),
    *binary(
        "add",
        "sub subtract",
        "mul multiply",
        "div divide true_divide",
        "floordiv floor_divide",
        "mod remainder",
        "pow power float_power",
        "matmul mm mv bmm",
        "dot",
        "inner",
        "outer ger",
        "maximum fmax",
        "minimum fmin",
        "gt greater",
        "ge greater_equal",
        "lt less",
        "le less_equal",
        "eq equal",
        "ne not_equal",
        "atan2 arctan2",
        "and_ logical_and",
        "or_ logical_or",
    ),
    Operation("sum", 1, 1, REDUCTION, ("nansum",)),
    Operation("mean", 1, 1, REDUCTION, ("average",)),
    Operation("prod", 1, 1, REDUCTION),
    Operation("max", 1, 2, REDUCTION, ("amax",)),
    Operation("min", 1, 2, REDUCTION, ("amin",)),
    Operation("var", 1, 1, ("dim", "correction", "keepdim")),
    Operation("std", 1, 1, ("dim", "correction", "keepdim")),
    Operation("logsumexp", 1, 1, REDUCTION),
    Operation("norm", 1, 1, ("p", "dim", "keepdim"), ("vector_norm",)),
    Operation("argmax", 1, 1, REDUCTION),
    Operation("softmax", 1, 1, ("dim",)),
    Operation("log_softmax", 1, 1, ("dim",)),
    Operation("reshape", 1, 1, ("shape",), ("view",), "shape"),
    Operation("flatten", 1, 1, ("start_dim", "end_dim"), ("ravel",)),
    Operation("squeeze", 1, 1, ("dim",)),
    Operation("unsqueeze", 1, 1, ("dim",), ("expand_dims",)),
    Operation("transpose", 1, 1, ("dim0", "dim1"), ("swapaxes", "swapdims")),
    Operation("permute", 1, 1, ("dims",), (), "dims"),
    Operation("broadcast_to", 1, 1, ("shape",), ("expand",), "shape"),
    Operation("clip", 1, 1, ("min", "max"), ("clamp", "clamp_min", "clamp_max")),
    Operation("leaky_relu", 1, 1, ("negative_slope",)),
    Operation("where", 3, 3),
    Operation("one_hot", 1, 1, ("classes",)),
    Operation("triu", 1, 1, ("diagonal",)),
    Operation("tril", 1, 1, ("diagonal",)),
    Operation("einsum", 1, MAX_OPERANDS, ("equation",)),
    Operation("stack", 1, MAX_OPERANDS, ("dim",)),
    Operation("concat", 1, MAX_OPERANDS, ("dim",), ("cat", "concatenate")),
    Operation("zeros", 0, 0, ("shape",), (), "shape"),
    Operation("ones", 0, 0, ("shape",), (), "shape"),
    Operation("full", 0, 0, ("shape", "fill_value")),
    Operation("eye", 0, 0, ("n",), ("identity",)),
    Operation("arange", 0, 0, ("start", "stop", "step"), ("range",)),
    *signed(
        "cumsum input dim:",
        "gelu input approximate:",
        "softplus input beta: threshold:",
        "cross_entropy input target [weight] ignore_index: reduction: label_smoothing:",
        "mse_loss input target reduction:",
        "flip input dims:",
        "conv1d input weight [bias] stride: padding: dilation: groups:",
    ),
]

OPERATIONS = {operation.name: operation for operation in _TABLE}

_BY_SPELLING = {spelling: operation for operation in _TABLE for spelling in (operation.name, *operation.spellings)}


def by_spelling(spelling: str) -> Operation | None:
    """The operation that a function or method of this name stands for."""
    found = _BY_SPELLING.get(spelling)
    if found is None:
        from grader.formula.rare_operations import BY_SPELLING

        found = BY_SPELLING.get(spelling)
    return found


def named(name: str) -> Operation:
    """The operation of this name. Raises `KeyError`."""
    found = OPERATIONS.get(name)
    if found is None:
        from grader.formula.rare_operations import RARE_OPERATIONS

        found = RARE_OPERATIONS[name]
    return found


PREFIXES = frozenset(
    {
        "np",
        "numpy",
        "jnp",
        "jax.numpy",
        "jax.nn",
        "math",
        "torch",
        "torch.special",
        "torch.linalg",
        "np.linalg",
        "linalg",
        "numpy.linalg",
        "F",
        "nn.functional",
        "torch.nn.functional",
        "scipy.special",
        "special",
        "np.fft",
        "numpy.fft",
        "torch.fft",
        "scipy.fft",
        "scipy.linalg",
    }
)
"""Prefixes allowed before the dot of a function: `np.tanh`, `torch.nn.functional.softmax`."""

NUMPY_PREFIXES = frozenset({"np", "numpy", "jnp", "jax.numpy"})
"""Prefixes under which a variance divides by n, where torch divides by n - 1."""

NORMAL_PREFIXES = frozenset({"norm", "stats.norm", "scipy.stats.norm"})
"""Prefixes of the functions of the normal distribution: `norm.cdf`, read as `normal_cdf`."""

CONSTANTS = {"pi": 3.141592653589793, "e": 2.718281828459045, "inf": float("inf")}
"""Constants read from a module (`np.pi`), and in exercises by their name alone."""

TRUTHS = frozenset(["gt", "ge", "lt", "le", "eq", "ne", "and_", "or_", "xor_", "not_", "isnan", "isinf", "isfinite"])
"""Operations that return 1 and 0 for true and false: as an index, they choose the entries where they are true."""


def arranged(
    operation: Operation, operands: Sequence[Any], options: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of a call in the operation's `order`: operands by position, up to the first parameter or the
    first operand left out (None), and everything from there on by name."""
    given = {**dict(zip(operation.operands, operands, strict=False)), **options}
    given = {name: one for name, one in given.items() if one is not None}
    placed: list[Any] = []
    for name in operation.order:
        if name not in given or name in operation.parameters:
            break
        placed.append(given.pop(name))
    return placed, {name: given[name] for name in operation.order if name in given}


IGNORED_OPTIONS = frozenset({"dtype", "device", "requires_grad", "out", "copy"})
"""Options that do not change a value in float64."""
