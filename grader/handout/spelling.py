"""How each operation of the formula language is written in NumPy, torch and plain Python.

A spelling is a template. `{0}` is the first operand, `{0!}` the same in a form that may precede a dot, `{*}` all
operands; `{dim>axis}` is the option `dim` written as `, axis=...` if it is given, `{dim>axis|0}` has a default;
`{=shape}` is the value alone. `softmax*(...)` calls a function that the library lacks: `helpers` has its text, and the
starter contains it. An operation is looked up as `name/2` (with this number of operands), then `name+` (with options),
then `name`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Library = Literal["numpy", "torch", "python"]
LIBRARIES: tuple[Library, ...] = ("numpy", "torch", "python")

INFIX: Mapping[str, tuple[str, int]] = {
    "add": (" + ", 4),
    "sub": (" - ", 4),
    "mul": (" * ", 5),
    "div": (" / ", 5),
    "floordiv": (" // ", 5),
    "mod": (" % ", 5),
    "matmul": (" @ ", 5),
    "pow": ("**", 7),
}
"""Operators and their precedence, the same in all libraries."""

COMPARISONS: Mapping[str, str] = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}
"""Comparisons give 0 or 1 in formulas, so they are written `(a > b) * 1.0`."""

TRUTHS: Mapping[str, str] = {"and_": "logical_and", "or_": "logical_or"}

WRITTEN_OUT = frozenset({*INFIX, *COMPARISONS, *TRUTHS, "neg", "where"})
"""Operations that `writing` spells without a template."""


def _same(prefix: str, names: str) -> dict[str, str]:
    return {name: f"{prefix}{name}({{0}})" for name in names.split()}


_REDUCED = "{dim>axis}{keepdim>keepdims})"
_TORCH_REDUCED = "{dim>dim}{keepdim>keepdim})"

NUMPY: Mapping[str, str] = {
    **_same(
        "np.",
        "exp expm1 log log1p log2 log10 sqrt square abs sign tanh sinh cosh sin cos tan isnan zeros_like ones_like "
        "diag trace",
    ),
    "atan": "np.arctan({0})",
    "atanh": "np.arctanh({0})",
    "asinh": "np.arcsinh({0})",
    "atan2": "np.arctan2({0}, {1})",
    "rsqrt": "1 / np.sqrt({0})",
    "reciprocal": "1 / {0!}",
    "sigmoid": "sigmoid*({0})",
    "logsigmoid": "-np.logaddexp(0, -{0!})",
    "relu": "np.maximum({0}, 0)",
    "gelu": "gelu*({0})",
    "silu": "silu*({0})",
    "softplus": "np.logaddexp(0, {0})",
    "leaky_relu": "leaky_relu*({0}{negative_slope>slope})",
    "erf": "erf*({0})",
    "transpose_all": "{0!}.T",
    "matrix_transpose": "np.swapaxes({0}, -1, -2)",
    "detach": "{0}",
    "same": "{0}",
    "shape_of": "{0!}.shape",
    "length": "len({0})",
    "dot": "np.dot({0}, {1})",
    "inner": "np.inner({0}, {1})",
    "outer": "np.outer({0}, {1})",
    "maximum": "np.maximum({0}, {1})",
    "minimum": "np.minimum({0}, {1})",
    "sum": f"np.sum({{0}}{_REDUCED}",
    "mean": f"np.mean({{0}}{_REDUCED}",
    "prod": f"np.prod({{0}}{_REDUCED}",
    "max": f"np.max({{0}}{_REDUCED}",
    "max/2": "np.maximum({0}, {1})",
    "min": f"np.min({{0}}{_REDUCED}",
    "min/2": "np.minimum({0}, {1})",
    "var": "np.var({0}{dim>axis}{correction>ddof|1}{keepdim>keepdims})",
    "std": "np.std({0}{dim>axis}{correction>ddof|1}{keepdim>keepdims})",
    "logsumexp": f"logsumexp*({{0}}{_REDUCED}",
    "norm": f"norm*({{0}}{{p>p}}{_REDUCED}",
    "argmax": f"np.argmax({{0}}{_REDUCED}",
    "cumsum": "np.cumsum({0}{dim>axis|0})",
    "softmax": "softmax*({0}{dim>axis})",
    "log_softmax": "log_softmax*({0}{dim>axis})",
    "cross_entropy": "cross_entropy*({0}, {1}{reduction>reduction})",
    "mse_loss": "mse_loss*({0}, {1}{reduction>reduction})",
    "reshape": "np.reshape({0}, {=shape})",
    "flatten": "np.ravel({0})",
    "flatten+": "flatten*({0}{start_dim>start}{end_dim>end})",
    "squeeze": "np.squeeze({0}{dim>axis})",
    "unsqueeze": "np.expand_dims({0}, {=dim})",
    "transpose": "np.swapaxes({0}, {=dim0|0}, {=dim1|1})",
    "permute": "np.transpose({0}, {=dims})",
    "broadcast_to": "np.broadcast_to({0}, {=shape})",
    "clip": "np.clip({0}, {=min|None}, {=max|None})",
    "one_hot": "np.eye(np.max({0}) + 1)[{0}]",
    "one_hot+": "np.eye({=classes})[{0}]",
    "triu": "np.triu({0}{diagonal>k})",
    "tril": "np.tril({0}{diagonal>k})",
    "flip": "np.flip({0}, {=dims})",
    "conv1d": "conv1d*({*}{stride>stride}{padding>padding})",
    "einsum": "np.einsum({=equation}, {*})",
    "stack": "np.stack([{*}]{dim>axis})",
    "concat": "np.concatenate([{*}]{dim>axis})",
    "zeros": "np.zeros({=shape})",
    "ones": "np.ones({=shape})",
    "full": "np.full({=shape}, {=fill_value}, dtype=float)",
    "eye": "np.eye({=n})",
    "arange": "np.arange({=start|0}, {=stop}, {=step|1})",
}

TORCH: Mapping[str, str] = {
    **_same(
        "torch.",
        "exp expm1 log log1p log2 log10 sqrt rsqrt square reciprocal abs sign tanh sinh cosh sin cos tan atan atanh "
        "asinh sigmoid relu erf isnan zeros_like ones_like diag trace",
    ),
    **_same("F.", "logsigmoid gelu silu softplus"),
    "atan2": "torch.atan2({0}, {1})",
    "leaky_relu": "leaky_relu*({0}{negative_slope>slope})",
    "transpose_all": "{0!}.T",
    "matrix_transpose": "{0!}.mT",
    "detach": "{0!}.detach()",
    "same": "{0}",
    "shape_of": "{0!}.shape",
    "length": "len({0})",
    "dot": "dot*({0}, {1})",
    "inner": "torch.inner({0}, {1})",
    "outer": "torch.outer({0}, {1})",
    "maximum": "torch.maximum({0}, {1})",
    "minimum": "torch.minimum({0}, {1})",
    "sum": f"torch.sum({{0}}{_TORCH_REDUCED}",
    "mean": f"torch.mean({{0}}{_TORCH_REDUCED}",
    "prod": f"torch.prod({{0}}{_TORCH_REDUCED}",
    "max": f"torch.amax({{0}}{_TORCH_REDUCED}",
    "max/2": "torch.maximum({0}, {1})",
    "min": f"torch.amin({{0}}{_TORCH_REDUCED}",
    "min/2": "torch.minimum({0}, {1})",
    "var": "torch.var({0}{dim>dim}{correction>correction|1}{keepdim>keepdim})",
    "std": "torch.std({0}{dim>dim}{correction>correction|1}{keepdim>keepdim})",
    "logsumexp": "torch.logsumexp(torch.ravel({0}), dim=0)",
    "logsumexp+": f"torch.logsumexp({{0}}{_TORCH_REDUCED}",
    "norm": f"torch.linalg.vector_norm({{0}}{{p>ord}}{_TORCH_REDUCED}",
    "argmax": f"torch.argmax({{0}}{_TORCH_REDUCED}",
    "cumsum": "torch.cumsum({0}{dim>dim|0})",
    "softmax": "torch.softmax({0}{dim>dim|-1})",
    "log_softmax": "torch.log_softmax({0}{dim>dim|-1})",
    "cross_entropy": "F.cross_entropy({0}, {1}{reduction>reduction})",
    "mse_loss": "F.mse_loss({0}, {1}{reduction>reduction})",
    "reshape": "torch.reshape({0}, {=shape})",
    "flatten": "torch.flatten({0}{start_dim>start_dim}{end_dim>end_dim})",
    "squeeze": "torch.squeeze({0}{dim>dim})",
    "unsqueeze": "torch.unsqueeze({0}, {=dim})",
    "transpose": "torch.transpose({0}, {=dim0|0}, {=dim1|1})",
    "permute": "torch.permute({0}, {=dims})",
    "broadcast_to": "{0!}.expand({=shape})",
    "clip": "torch.clamp({0}{min>min}{max>max})",
    "one_hot": "F.one_hot({0}).double()",
    "one_hot+": "F.one_hot({0}, {=classes}).double()",
    "triu": "torch.triu({0}{diagonal>diagonal})",
    "tril": "torch.tril({0}{diagonal>diagonal})",
    "flip": "torch.flip({0}, {=dims})",
    "conv1d": "F.conv1d({*}{stride>stride}{padding>padding})",
    "einsum": "torch.einsum({=equation}, {*})",
    "stack": "torch.stack([{*}]{dim>dim})",
    "concat": "torch.cat([{*}]{dim>dim})",
    "zeros": "torch.zeros({=shape})",
    "ones": "torch.ones({=shape})",
    "full": "torch.full({=shape}, {=fill_value}, dtype=torch.float64)",
    "eye": "torch.eye({=n})",
    "arange": "torch.arange({=start|0}, {=stop}, {=step|1})",
}

PYTHON: Mapping[str, str] = {
    **_same("math.", "exp expm1 log log1p log2 log10 sqrt tanh sinh cosh sin cos tan atan atanh asinh erf isnan"),
    "atan2": "math.atan2({0}, {1})",
    "rsqrt": "1 / math.sqrt({0})",
    "reciprocal": "1 / {0!}",
    "square": "{0!}**2",
    "abs": "abs({0})",
    "sign": "sign*({0})",
    "sigmoid": "sigmoid*({0})",
    "logsigmoid": "-math.log1p(math.exp(-{0!}))",
    "relu": "max({0}, 0.0)",
    "gelu": "gelu*({0})",
    "silu": "silu*({0})",
    "softplus": "math.log1p(math.exp({0}))",
    "leaky_relu": "leaky_relu*({0}{negative_slope>slope})",
    "detach": "{0}",
    "same": "{0}",
    **dict.fromkeys(("sum", "mean", "prod", "max", "min"), "{0}"),
    "maximum": "max({0}, {1})",
    "minimum": "min({0}, {1})",
    "max/2": "max({0}, {1})",
    "min/2": "min({0}, {1})",
    "clip": "clip*({0}, {=min|None}, {=max|None})",
}
"""Only operations on single numbers: an exercise that needs others is not written in plain Python."""

TABLES: Mapping[Library, Mapping[str, str]] = {"numpy": NUMPY, "torch": TORCH, "python": PYTHON}
