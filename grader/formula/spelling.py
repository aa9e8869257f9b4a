"""How each operation of the formula language is written in NumPy, torch and plain Python.

A spelling is a template. `{0}` is the first operand, `{0!}` the same in a form that may precede a dot, `{*}` all
operands; `{dim>axis}` is the option `dim` written as `, axis=...` if it is given, `{dim>axis|0}` has a default;
`{=shape}` is the value alone. `softmax*(...)` calls a function that the library lacks: `helpers` has its text, and the
starter contains it. An operation is looked up as `name/2` (with this number of operands), then `name+` (with options),
then `name`; only if it has a place for every operand and option. One without is called in torch by its own name, if
torch has it, and elsewhere gets a function made of its definition (`grader.formula.compositions`), if it has one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

from grader.formula.operations import arranged, named
from grader.formula.rare_operations import HOMES
from grader.formula.syntax import SIGNS, Call, Expression, Flag

Library = Literal["numpy", "torch", "python"]
LIBRARIES: tuple[Library, ...] = ("numpy", "torch", "python")

TRUTHS: Mapping[str, str] = {
    "and_": "logical_and",
    "or_": "logical_or",
    "xor_": "logical_xor",
    "not_": "logical_not",
}

WRITTEN_OUT = frozenset({*SIGNS, *TRUTHS, "neg", "where"})
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
    "cross_entropy": "cross_entropy*({0}, {1}{reduction>reduction}{label_smoothing>smoothing})",
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
    "flip": "np.flip({0}{dims>axis})",
    "conv1d": "conv1d*({*}{stride>stride}{padding>padding}{dilation>dilation}{groups>groups})",
    "einsum": "np.einsum({=equation}, {*})",
    "stack": "np.stack([{*}]{dim>axis})",
    "concat": "np.concatenate([{*}]{dim>axis})",
    "zeros": "np.zeros({=shape})",
    "ones": "np.ones({=shape})",
    "full": "np.full({=shape}, {=fill_value}, dtype=float)",
    "eye": "np.eye({=n})",
    "arange+": "np.arange({=stop})",
    "arange": "np.arange({=start|0}, {=stop}, {=step|1})",
    "asin": "np.arcsin({0})",
    "acos": "np.arccos({0})",
    "acosh": "np.arccosh({0})",
    "lgamma": "lgamma*({0})",
    "digamma": "digamma*({0})",
    "erfinv": "erfinv*({0})",
    "logaddexp": "np.logaddexp({0}, {1})",
    "copysign": "np.copysign({0}, {1})",
    "fmod": "np.fmod({0}, {1})",
    "heaviside": "np.heaviside({0}, {1})",
    "frac": "{0!} - np.trunc({0})",
    "complex": "{0!} + 1j * {1!}",
    "vdot": "np.dot({0}, {1})",
    "median": "median*({0}{dim>axis}{keepdim>keepdims})",
    "quantile": f"np.quantile({{0}}, {{=q}}{_REDUCED}",
    "any": f"np.any({{0}}{_REDUCED} * 1.0",
    "all": f"np.all({{0}}{_REDUCED} * 1.0",
    "argmin": f"np.argmin({{0}}{_REDUCED}",
    "count_nonzero": "np.count_nonzero({0}{dim>axis})",
    "cumprod": "np.cumprod({0}{dim>axis|0})",
    "logcumsumexp": "np.logaddexp.accumulate({0}{dim>axis|0})",
    "diff": "np.diff({0}{n>n}{dim>axis})",
    "sort": "np.sort({0}{dim>axis})",
    "sort+": "sort*({0}{dim>axis}{descending>descending})",
    "argsort": "np.argsort({0}{dim>axis})",
    "topk": "topk*({0}, {=k}{dim>axis}{largest>largest})",
    "topk_indices": "topk_indices*({0}, {=k}{dim>axis}{largest>largest})",
    "det": "np.linalg.det({0})",
    "slogdet": "np.linalg.slogdet({0})",
    "logdet": "np.linalg.slogdet({0})[1]",
    "inv": "np.linalg.inv({0})",
    "pinv": "np.linalg.pinv({0})",
    "solve": "np.linalg.solve({0}, {1})",
    "solve_triangular": "solve_triangular*({0}, {1}{upper>upper})",
    "cholesky": "np.linalg.cholesky({0})",
    "cholesky_solve": "np.linalg.solve({1!} @ {1!}.T, {0})",
    "tensorinv": "np.linalg.tensorinv({0}{ind>ind})",
    "tensorsolve": "np.linalg.tensorsolve({0}, {1})",
    "lstsq": "np.linalg.lstsq({0}, {1}, rcond=None)[0]",
    "eigvalsh": "np.linalg.eigvalsh({0})",
    "eigh": "np.linalg.eigh({0})",
    "svd": "np.linalg.svd({0}, full_matrices=False)",
    "svdvals": "np.linalg.svd({0}, compute_uv=False)",
    "qr": "np.linalg.qr({0})",
    "matrix_power": "np.linalg.matrix_power({0}, {=n})",
    "matrix_exp": "matrix_exp*({0})",
    "matrix_rank": "np.linalg.matrix_rank({0})",
    "matrix_norm": "np.linalg.norm({0}{p>ord|'fro'}{dim>axis|(-2, -1)}{keepdim>keepdims})",
    "linalg_norm": "np.linalg.norm({0}{p>ord})",
    "cond": "np.linalg.cond({0}{p>p})",
    "kron": "np.kron({0}, {1})",
    "cross": "np.cross({0}, {1}{dim>axis})",
    "cov": "np.cov({0}{correction>ddof})",
    "corrcoef": "np.corrcoef({0})",
    "tensordot": "np.tensordot({0}, {1}{axes>axes})",
    "multi_dot": "np.linalg.multi_dot([{*}])",
    "vander": "np.vander({0}{N>N}{increasing>increasing})",
    "hstack": "np.hstack([{*}])",
    "vstack": "np.vstack([{*}])",
    "dstack": "np.dstack([{*}])",
    "column_stack": "np.column_stack([{*}])",
    "block_diag": "block_diag*({*})",
    "split": "split*({0}, {=split_size}{dim>axis})",
    "chunk": "chunk*({0}, {=chunks}{dim>axis})",
    "unbind": "np.moveaxis({0}, {=dim|0}, 0)",
    "tile": "np.tile({0}, {=dims})",
    "repeat_interleave": "np.repeat({0}, {=repeats}{dim>axis})",
    "roll": "np.roll({0}, {=shifts}{dims>axis})",
    "rot90": "np.rot90({0}{k>k}{dims>axes})",
    "movedim": "np.moveaxis({0}, {=source}, {=destination})",
    "narrow": "np.take({0}, range({=start}, {=start} + {=length}), axis={=dim})",
    "select": "np.take({0}, {=index}, axis={=dim})",
    "index_select": "np.take({0}, {1}, axis={=dim})",
    "diagonal": "np.diagonal({0}{offset>offset}{dim1>axis1}{dim2>axis2})",
    "diag_embed": "diag_embed*({0})",
    "gather": "gather*({0}, {=dim}, {1})",
    "take_along_dim": "np.take_along_axis({0}, {1}, axis={=dim})",
    "scatter": "scatter*({0}, {=dim}, {1}, {2})",
    "scatter_add": "scatter_add*({0}, {=dim}, {1}, {2})",
    "index_add": "index_add*({0}, {=dim}, {1}, {2}{alpha>alpha})",
    "masked_fill": "np.where({1} != 0, {2}, {0})",
    "masked_select": "{0!}[{1!} != 0]",
    "full_like": "np.full_like({0}, {=fill_value})",
    "linspace": "np.linspace({=start}, {=end}, {=steps})",
    "conv2d": "conv2d*({*}{stride>stride}{padding>padding}{dilation>dilation}{groups>groups})",
    "conv3d": "conv3d*({*}{stride>stride}{padding>padding}{dilation>dilation}{groups>groups})",
    **{
        f"{kind}_pool{n}d": f"{kind}_pool{n}d*({{0}}, {{=kernel_size}}{{stride>stride}}{{padding>padding}})"
        for kind in ("max", "avg")
        for n in "123"
    },
    **{
        f"adaptive_{kind}_pool{n}d": f"adaptive_{kind}_pool{n}d*({{0}}, {{=output_size}})"
        for kind in ("max", "avg")
        for n in "123"
    },
    "pad": "pad*({0}, {=pad}{value>value})",
    "unfold": "unfold*({0}, {=kernel_size}{padding>padding}{stride>stride})",
    "windows": "windows*({0}, {=dimension}, {=size}, {=step|1})",
    "pdist": "pdist*({0})",
    "polygamma": "polygamma*({=n}, {0})",
    "multilabel_margin_loss": "multilabel_margin_loss*({0}, {1}{reduction>reduction})",
    **{
        f"conv_transpose{n}d": f"conv_transpose{n}d*({{*}}{{stride>stride}}{{padding>padding}}"
        "{output_padding>output_padding}{dilation>dilation})"
        for n in "123"
    },
    "fold": "fold*({0}, {=output_size}, {=kernel_size}{padding>padding}{stride>stride})",
    "interpolate": "interpolate*({0}{size>size}{scale_factor>scale_factor})",
    **_same("np.", "floor ceil round trunc exp2 sinc i0 real imag conj angle deg2rad rad2deg cbrt isinf isfinite"),
    **_same("np.", "fliplr flipud nan_to_num"),
    "hypot": "np.hypot({0}, {1})",
    "logaddexp2": "np.logaddexp2({0}, {1})",
    **{name: f"np.fft.{name}({{0}}{{n>n}}{{dim>axis}})" for name in ("fft", "ifft", "rfft", "irfft")},
    "convolve": "np.convolve({0}, {1}{mode>mode})",
    "correlate": "np.correlate({0}, {1}{mode>mode})",
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
    "einsum": "torch.einsum({=equation}, {*})",
    "stack": "torch.stack([{*}]{dim>dim})",
    "concat": "torch.cat([{*}]{dim>dim})",
    "zeros": "torch.zeros({=shape})",
    "ones": "torch.ones({=shape})",
    "full": "torch.full({=shape}, {=fill_value}, dtype=torch.float64)",
    "eye": "torch.eye({=n})",
    "arange+": "torch.arange({=stop})",
    "arange": "torch.arange({=start|0}, {=stop}, {=step|1})",
    "any": "torch.any({0!} != 0{dim>dim}{keepdim>keepdim}) * 1.0",
    "all": "torch.all({0!} != 0{dim>dim}{keepdim>keepdim}) * 1.0",
    "argmin": f"torch.argmin({{0}}{_TORCH_REDUCED}",
    "median": "torch.median({0})",
    "median+": "torch.median({0}{dim>dim}{keepdim>keepdim}).values",
    "cumprod": "torch.cumprod({0}{dim>dim|0})",
    "logcumsumexp": "torch.logcumsumexp({0}{dim>dim|0})",
    "sort": "torch.sort({0}{dim>dim}{descending>descending}).values",
    "topk": "torch.topk({0}, {=k}{dim>dim}{largest>largest}).values",
    "topk_indices": "torch.topk({0}, {=k}{dim>dim}{largest>largest}).indices",
    "lstsq": "torch.linalg.lstsq({0}, {1}).solution",
    "svd": "torch.linalg.svd({0}, full_matrices=False)",
    "matrix_norm": "torch.linalg.matrix_norm({0}{p>ord}{dim>dim}{keepdim>keepdim})",
    "linalg_norm": "torch.linalg.norm({0}{p>ord})",
    "cond": "torch.linalg.cond({0}{p>p})",
    **{name: f"torch.{name}([{{*}}])" for name in ("hstack", "vstack", "dstack", "column_stack")},
    "block_diag": "torch.block_diag({*})",
    "multi_dot": "torch.linalg.multi_dot([{*}])",
    "split": "torch.split({0}, {=split_size}{dim>dim})",
    "chunk": "torch.chunk({0}, {=chunks}{dim>dim})",
    "unbind": "torch.unbind({0}{dim>dim})",
    "tile": "torch.tile({0}, {=dims})",
    "masked_fill": "torch.where({1} != 0, {2}, {0})",
    "masked_select": "torch.masked_select({0}, {1} != 0)",
    "linspace": "torch.linspace({=start}, {=end}, {=steps})",
    "vander": "torch.vander({0}{N>N}{increasing>increasing})",
    "tensordot": "torch.tensordot({0}, {1}{axes>dims})",
    "windows": "{0!}.unfold({=dimension}, {=size}, {=step|1})",
}

PYTHON: Mapping[str, str] = {
    **_same(
        "math.",
        "exp expm1 log log1p log2 log10 sqrt tanh sinh cosh sin cos tan atan atanh asinh erf isnan asin acos acosh "
        "erfc lgamma floor ceil trunc isinf isfinite",
    ),
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

HOLE = re.compile(r"\{(=?)(\w+|\*)(!?)(?:>(\w+))?(?:\|([^}]*))?\}")
"""A place in a template: `=`, the operand or option, `!`, the keyword, the default."""

_HOMES = {operation: home for home, listed in HOMES.items() for operation in listed.split()}


def template_of(node: Call, library: Library) -> str | None:
    """The template for a call, one that has a place for each of its operands and options; None if there is none."""
    table = TABLES[library]
    keys = (f"{node.operation}/{len(node.arguments)}", f"{node.operation}+" if node.options else "", node.operation)
    return next((table[key] for key in keys if key in table and _covers(table[key], node)), None)


def call_of_torch(
    node: Call, operand: Callable[[Expression], str], option: Callable[[str, Expression], str]
) -> str | None:
    """A call of torch's own function of the same name, its operands and options written as these functions write them;
    None if torch has none."""
    home = _HOMES.get(node.operation)
    if home is None:
        return None
    operands = [None if is_nothing(one) else operand(one) for one in node.arguments]
    if node.operation == "batch_norm":
        # The running statistics may be None, but not left out.
        operands = [one or "None" for one in (*operands, None, None)[: max(3, len(operands))]]
    options = {key: option(key, one) for key, one in node.options}
    operation = named(node.operation)
    placed, kept = arranged(operation, operands, options) if operation.order else (operands, options)
    return f"{home}.{node.operation}({', '.join([*map(str, placed), *(f'{key}={one}' for key, one in kept.items())])})"


def is_nothing(node: Expression) -> bool:
    """Whether an operand was left out."""
    return isinstance(node, Flag) and node.value is None


def _covers(template: str, node: Call) -> bool:
    holes = {hole[1] for hole in HOLE.findall(template)}
    if template == "{0}":
        return True
    options = all(key in holes for key, _ in node.options)
    return options and ("*" in holes or all(str(place) in holes for place in range(len(node.arguments))))
