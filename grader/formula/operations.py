"""The vocabulary: every operation a formula may use, with all its spellings in NumPy, torch and math.

An operation is a name and a signature; nothing here computes. What it means, how it is differentiated and written, and
what it does to axes stands in the other tables that `tests/formula/test_every_operation.py` lists: torch, NumPy and
layers of imports keep them apart, that test keeps them together.
"""

from __future__ import annotations

from dataclasses import dataclass

MANY = 99
"""Operand count of operations that take a list of operands, or any number of them."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation with `least` to `most` operands, then `parameters` in positional order. `spread`: the parameter that
    takes all remaining positional arguments (`x.reshape(4, 3)`). `spellings` are function and method names."""

    name: str
    least: int
    most: int
    parameters: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    spread: str | None = None


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
}

_REDUCTION = ("dim", "keepdim")
_SPREAD = ("correction",)


def _unary(*rows: str) -> list[Operation]:
    return [Operation(row.split()[0], 1, 1, (), tuple(row.split()[1:])) for row in rows]


def _binary(*rows: str) -> list[Operation]:
    return [Operation(row.split()[0], 2, 2, (), tuple(row.split()[1:])) for row in rows]


_TABLE = [
    *_unary(
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
        "gelu",
        "silu swish",
        "softplus",
        "erf",
        "isnan",
        "transpose_all T",
        "matrix_transpose mT t",
        "detach",
        "same clone copy contiguous array asarray tensor as_tensor from_numpy float double item numpy tolist "
        "float32 float64 ascontiguousarray atleast_1d",
        "zeros_like",
        "ones_like",
        "shape_of",
        "length len",
        "diag",
        "trace",
    ),
    *_binary(
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
        "outer",
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
    Operation("sum", 1, 1, _REDUCTION, ("nansum",)),
    Operation("mean", 1, 1, _REDUCTION, ("average",)),
    Operation("prod", 1, 1, _REDUCTION),
    Operation("max", 1, 2, _REDUCTION, ("amax",)),
    Operation("min", 1, 2, _REDUCTION, ("amin",)),
    Operation("var", 1, 1, ("dim", "correction", "keepdim")),
    Operation("std", 1, 1, ("dim", "correction", "keepdim")),
    Operation("logsumexp", 1, 1, _REDUCTION),
    Operation("norm", 1, 1, ("p", "dim", "keepdim")),
    Operation("argmax", 1, 1, _REDUCTION),
    Operation("cumsum", 1, 1, ("dim",)),
    Operation("softmax", 1, 1, ("dim",)),
    Operation("log_softmax", 1, 1, ("dim",)),
    Operation("cross_entropy", 2, 2, ("reduction",)),
    Operation("mse_loss", 2, 2, ("reduction",)),
    Operation("reshape", 1, 1, ("shape",), ("view",), "shape"),
    Operation("flatten", 1, 1, ("start_dim", "end_dim"), ("ravel",)),
    Operation("squeeze", 1, 1, ("dim",)),
    Operation("unsqueeze", 1, 1, ("dim",), ("expand_dims",)),
    Operation("transpose", 1, 1, ("dim0", "dim1"), ("swapaxes", "swapdims")),
    Operation("permute", 1, 1, ("dims",), (), "dims"),
    Operation("broadcast_to", 1, 1, ("shape",), ("expand",), "shape"),
    Operation("clip", 1, 1, ("min", "max"), ("clamp",)),
    Operation("leaky_relu", 1, 1, ("negative_slope",)),
    Operation("where", 3, 3),
    Operation("one_hot", 1, 1, ("classes",)),
    Operation("triu", 1, 1, ("diagonal",)),
    Operation("tril", 1, 1, ("diagonal",)),
    Operation("flip", 1, 1, ("dims",)),
    Operation("conv1d", 2, 3, ("stride", "padding")),
    Operation("einsum", 1, MANY, ("equation",)),
    Operation("stack", 1, MANY, ("dim",)),
    Operation("concat", 1, MANY, ("dim",), ("cat", "concatenate")),
    Operation("zeros", 0, 0, ("shape",), (), "shape"),
    Operation("ones", 0, 0, ("shape",), (), "shape"),
    Operation("full", 0, 0, ("shape", "fill_value")),
    Operation("eye", 0, 0, ("n",), ("identity",)),
    Operation("arange", 0, 0, ("start", "stop", "step"), ("range",)),
]

OPERATIONS = {operation.name: operation for operation in _TABLE}

BY_SPELLING = {spelling: operation for operation in _TABLE for spelling in (operation.name, *operation.spellings)}

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
        "numpy.linalg",
        "F",
        "nn.functional",
        "torch.nn.functional",
        "scipy.special",
        "special",
    }
)
"""Prefixes allowed before the dot of a function: `np.tanh`, `torch.nn.functional.softmax`."""

NUMPY_PREFIXES = frozenset({"np", "numpy", "jnp", "jax.numpy"})
"""Prefixes under which a variance divides by n, where torch divides by n - 1."""

CONSTANTS = {"pi": 3.141592653589793, "e": 2.718281828459045}
"""Constants read from a module (`np.pi`)."""

IGNORED_OPTIONS = frozenset({"dtype", "device", "requires_grad", "out", "copy"})
"""Options that do not change a value in float64."""
