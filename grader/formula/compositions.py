"""Operations that are composed of others, defined in the formula language itself.

From a definition follow an operation's value in NumPy, its derivative, its text in starters, and what it does to axes;
its value in torch, which is the reference, is torch's own where torch has it. Definitions are written as Python
functions: operands first, then options. Conditions ask only whether an operand was given and what an option is, so that
a call of the operation stands for one formula. `reduced(x)` is the mean of a loss, its sum or the loss itself, by the
option `reduction`; `last(shape)` are as many of the last axes as the option has sizes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from grader.formula.build import NOWHERE, call, number
from grader.formula.parse import expression_of
from grader.formula.syntax import Call, Expression, Flag, Index, Name, Number, Sequence, Slice, Text

DEFINITIONS = """
def gelu(x, *, approximate="none"):
    if approximate == "tanh":
        return 0.5 * x * (1 + tanh(sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return x * (1 + erf(x / sqrt(2))) / 2

def silu(x):
    return x * sigmoid(x)

def mish(x):
    return x * tanh(softplus(x))

def softplus(x, *, beta=1, threshold=20):
    return logaddexp(0, beta * x) / beta

def elu(x, *, alpha=1.0):
    return where(x > 0, x, alpha * expm1(x))

def celu(x, *, alpha=1.0):
    return where(x > 0, x, alpha * expm1(x / alpha))

def selu(x):
    return 1.0507009873554805 * where(x > 0, x, 1.6732632423543772 * expm1(x))

def leaky_relu(x, *, negative_slope=0.01):
    return where(x > 0, x, negative_slope * x)

def prelu(x, weight):
    return where(x > 0, x, weight * x)

def relu6(x):
    return clip(x, 0, 6)

def hardtanh(x, *, min_val=-1.0, max_val=1.0):
    return clip(x, min_val, max_val)

def hardsigmoid(x):
    return clip(x / 6 + 0.5, 0, 1)

def hardswish(x):
    return x * clip(x + 3, 0, 6) / 6

def hardshrink(x, *, lambd=0.5):
    return where(abs(x) > lambd, x, 0)

def softshrink(x, *, lambd=0.5):
    return sign(x) * maximum(abs(x) - lambd, 0)

def softsign(x):
    return x / (1 + abs(x))

def tanhshrink(x):
    return x - tanh(x)

def threshold(x, *, threshold, value):
    return where(x > threshold, x, value)

def glu(x, *, dim=-1):
    return chunk(x, 2, dim=dim)[0] * sigmoid(chunk(x, 2, dim=dim)[1])

def softmin(x, *, dim=-1):
    return softmax(-x, dim=dim)

def normalize(x, *, p=2, dim=1, eps=1e-12):
    return x / maximum(norm(x, p, dim=dim, keepdim=True), eps)

def dropout(x, mask, *, p=0.5):
    return x * mask / (1 - p)

def logit(x, *, eps=None):
    if eps:
        x = clip(x, eps, 1 - eps)
    return log(x / (1 - x))

def entr(x):
    return -x * log(x)

def ndtr(x):
    return (1 + erf(x / sqrt(2))) / 2

def erfc(x):
    return 1 - erf(x)

def logaddexp2(a, b):
    return log2(2**a + 2**b)

def hypot(a, b):
    return sqrt(a**2 + b**2)

def xlogy(x, y):
    return x * log(y)

def lerp(start, end, weight):
    return start + weight * (end - start)

def frac(x):
    return x - trunc(x)

def cbrt(x):
    return sign(x) * abs(x) ** (1 / 3)

def deg2rad(x):
    return x * (math.pi / 180)

def rad2deg(x):
    return x * (180 / math.pi)

def polar(r, angle):
    return complex(r * cos(angle), r * sin(angle))

def normal_pdf(x, loc=None, scale=None):
    if loc:
        x = x - loc
    if not scale:
        return exp(-x**2 / 2) / sqrt(2 * math.pi)
    return exp(-(x / scale)**2 / 2) / (scale * sqrt(2 * math.pi))

def normal_logpdf(x, loc=None, scale=None):
    if loc:
        x = x - loc
    if not scale:
        return -x**2 / 2 - log(2 * math.pi) / 2
    return -(x / scale)**2 / 2 - log(scale) - log(2 * math.pi) / 2

def normal_cdf(x, loc=None, scale=None):
    if loc:
        x = x - loc
    if scale:
        x = x / scale
    return ndtr(x)

def convolve(a, v, *, mode="full"):
    if mode == "valid":
        return conv1d(a[None, None], flip(v, 0)[None, None])[0, 0]
    if mode == "same":
        raise LookupError
    return conv1d(pad(a, [v.shape[0] - 1, v.shape[0] - 1])[None, None], flip(v, 0)[None, None])[0, 0]

def correlate(a, v, *, mode="valid"):
    if mode == "valid":
        return conv1d(a[None, None], v[None, None])[0, 0]
    if mode == "same":
        raise LookupError
    return conv1d(pad(a, [v.shape[0] - 1, v.shape[0] - 1])[None, None], v[None, None])[0, 0]

def l1_loss(x, target, *, reduction="mean"):
    return reduced(abs(x - target))

def mse_loss(x, target, *, reduction="mean"):
    return reduced((x - target)**2)

def smooth_l1_loss(x, target, *, reduction="mean", beta=1.0):
    error = abs(x - target)
    return reduced(where(error < beta, error**2 / (2 * beta), error - beta / 2))

def huber_loss(x, target, *, reduction="mean", delta=1.0):
    error = abs(x - target)
    return reduced(where(error < delta, error**2 / 2, delta * (error - delta / 2)))

def binary_cross_entropy(x, target, weight=None, *, reduction="mean"):
    losses = -(target * log(x) + (1 - target) * log(1 - x))
    if weight:
        losses = weight * losses
    return reduced(losses)

def binary_cross_entropy_with_logits(x, target, weight=None, pos_weight=None, *, reduction="mean"):
    if pos_weight:
        losses = -(pos_weight * target * logsigmoid(x) + (1 - target) * logsigmoid(-x))
    if not pos_weight:
        losses = softplus(x) - x * target
    if weight:
        losses = weight * losses
    return reduced(losses)

def nll_loss(x, target, weight=None, *, reduction="mean"):
    losses = -sum(one_hot(target, x.shape[-1]) * x, dim=-1)
    if weight:
        weights = sum(one_hot(target, x.shape[-1]) * weight, dim=-1)
        if reduction == "mean":
            return sum(weights * losses) / sum(weights)
        losses = weights * losses
    return reduced(losses)

def cross_entropy(x, target, weight=None, *, reduction="mean"):
    if not weight:
        raise LookupError
    return nll_loss(log_softmax(x, dim=-1), target, weight, reduction=reduction)

def kl_div(x, target, *, reduction="mean", log_target=False):
    if log_target:
        losses = exp(target) * (target - x)
    if not log_target:
        losses = target * (log(target) - x)
    if reduction == "batchmean":
        return sum(losses) / x.shape[0]
    return reduced(losses)

def soft_margin_loss(x, target, *, reduction="mean"):
    return reduced(log1p(exp(-target * x)))

def hinge_embedding_loss(x, target, *, margin=1.0, reduction="mean"):
    return reduced(where(target > 0, x, maximum(margin - x, 0)))

def margin_ranking_loss(x1, x2, target, *, margin=0.0, reduction="mean"):
    return reduced(maximum(margin - target * (x1 - x2), 0))

def triplet_margin_loss(anchor, positive, negative, *, margin=1.0, p=2, eps=1e-06, reduction="mean"):
    near = norm(anchor - positive + eps, p, dim=-1)
    far = norm(anchor - negative + eps, p, dim=-1)
    return reduced(maximum(near - far + margin, 0))

def cosine_embedding_loss(x1, x2, target, *, margin=0.0, reduction="mean"):
    cosine = sum(x1 * x2, dim=-1) / (norm(x1, dim=-1) * norm(x2, dim=-1))
    return reduced(where(target > 0, 1 - cosine, maximum(cosine - margin, 0)))

def poisson_nll_loss(x, target, *, log_input=True, eps=1e-08, reduction="mean"):
    if log_input:
        losses = exp(x) - target * x
    if not log_input:
        losses = x - target * log(x + eps)
    return reduced(losses)

def gaussian_nll_loss(x, target, var, *, full=False, eps=1e-06, reduction="mean"):
    variance = maximum(var, eps)
    losses = (log(variance) + (x - target)**2 / variance) / 2
    if full:
        losses = losses + log(2 * math.pi) / 2
    return reduced(losses)

def multi_margin_loss(x, target, *, p=1, margin=1.0, reduction="mean"):
    hot = one_hot(target, x.shape[-1])
    over = maximum(margin - sum(hot * x, dim=-1, keepdim=True) + x, 0)
    return reduced(sum((1 - hot) * over**p, dim=-1) / x.shape[-1])

def multilabel_soft_margin_loss(x, target, weight=None, *, reduction="mean"):
    losses = -(target * logsigmoid(x) + (1 - target) * logsigmoid(-x))
    if weight:
        losses = weight * losses
    return reduced(mean(losses, dim=-1))

def cosine_similarity(x1, x2, *, dim=1, eps=1e-08):
    return sum(x1 * x2, dim=dim) / (maximum(norm(x1, dim=dim), eps) * maximum(norm(x2, dim=dim), eps))

def pairwise_distance(x1, x2, *, p=2, eps=1e-06, keepdim=False):
    return norm(x1 - x2 + eps, p, dim=-1, keepdim=keepdim)

def cdist(x1, x2, *, p=2):
    return norm(unsqueeze(x1, -2) - unsqueeze(x2, -3), p, dim=-1)

def dist(a, b, *, p=2):
    return norm(a - b, p)

def linear(x, weight, bias=None):
    y = x @ weight.T
    if bias:
        y = y + bias
    return y

def bilinear(x1, x2, weight, bias=None):
    y = einsum("...i,oij,...j->...o", x1, weight, x2)
    if bias:
        y = y + bias
    return y

def layer_norm(x, weight=None, bias=None, *, normalized_shape, eps=1e-05):
    centred = x - mean(x, dim=last(normalized_shape), keepdim=True)
    y = centred / sqrt(mean(centred**2, dim=last(normalized_shape), keepdim=True) + eps)
    if weight:
        y = y * weight
    if bias:
        y = y + bias
    return y

def rms_norm(x, weight=None, *, normalized_shape, eps=2.220446049250313e-16):
    y = x / sqrt(mean(x**2, dim=last(normalized_shape), keepdim=True) + eps)
    if weight:
        y = y * weight
    return y

def batch_norm(x, running_mean=None, running_var=None, weight=None, bias=None, *, training=False, eps=1e-05):
    rows = movedim(x, 1, -1)
    if training or not running_mean:
        flat = reshape(rows, [-1, x.shape[1]])
        centre = mean(flat, dim=0)
        variance = var(flat, dim=0, correction=0)
    if not training and running_mean:
        centre = running_mean
        variance = running_var
    y = (rows - centre) / sqrt(variance + eps)
    if weight:
        y = y * weight
    if bias:
        y = y + bias
    return movedim(y, -1, 1)

def instance_norm(x, running_mean=None, running_var=None, weight=None, bias=None, *, eps=1e-05):
    flat = reshape(x, [x.shape[0], x.shape[1], -1])
    centred = flat - mean(flat, dim=-1, keepdim=True)
    y = centred / sqrt(mean(centred**2, dim=-1, keepdim=True) + eps)
    if weight:
        y = y * weight[:, None]
    if bias:
        y = y + bias[:, None]
    return reshape(y, x.shape)

def group_norm(x, weight=None, bias=None, *, num_groups, eps=1e-05):
    flat = reshape(x, [x.shape[0], num_groups, -1])
    centred = flat - mean(flat, dim=-1, keepdim=True)
    y = centred / sqrt(mean(centred**2, dim=-1, keepdim=True) + eps)
    y = reshape(y, [x.shape[0], x.shape[1], -1])
    if weight:
        y = y * weight[:, None]
    if bias:
        y = y + bias[:, None]
    return reshape(y, x.shape)

def embedding(ids, weight):
    return weight[ids]

def scaled_dot_product_attention(query, key, value, attn_mask=None, *, is_causal=False, scale=None):
    scores = query @ key.mT
    if scale:
        scores = scores * scale
    if not scale:
        scores = scores / sqrt(query.shape[-1])
    if attn_mask:
        scores = scores + attn_mask
    if is_causal:
        scores = where(tril(ones_like(scores)), scores, -math.inf)
    return softmax(scores, dim=-1) @ value

def pixel_shuffle(x, *, upscale_factor):
    channels = x.shape[1] // upscale_factor**2
    parts = reshape(x, [x.shape[0], channels, upscale_factor, upscale_factor, x.shape[2], x.shape[3]])
    turned = permute(parts, 0, 1, 4, 2, 5, 3)
    return reshape(turned, [x.shape[0], channels, x.shape[2] * upscale_factor, x.shape[3] * upscale_factor])

def pixel_unshuffle(x, *, downscale_factor):
    height = x.shape[2] // downscale_factor
    width = x.shape[3] // downscale_factor
    parts = reshape(x, [x.shape[0], x.shape[1], height, downscale_factor, width, downscale_factor])
    return reshape(permute(parts, 0, 1, 3, 5, 2, 4), [x.shape[0], x.shape[1] * downscale_factor**2, height, width])

def local_response_norm(x, *, size, alpha=1e-4, beta=0.75, k=1.0):
    squares = pad(movedim(x**2, 1, -1), [size // 2, (size - 1) // 2])
    return x / (k + alpha * movedim(mean(windows(squares, -1, size, 1), dim=-1), -1, 1))**beta

def lp_pool1d(x, *, norm_type, kernel_size):
    return (avg_pool1d(x**norm_type, kernel_size) * kernel_size)**(1 / norm_type)

def masked_fill(x, mask, value):
    return where(mask, value, x)

def addmm(x, a, b, *, beta=1, alpha=1):
    return beta * x + alpha * (a @ b)

def addmv(x, a, v, *, beta=1, alpha=1):
    return beta * x + alpha * (a @ v)

def addr(x, u, v, *, beta=1, alpha=1):
    return beta * x + alpha * outer(u, v)

def addcmul(x, a, b, *, value=1):
    return x + value * a * b

def addcdiv(x, a, b, *, value=1):
    return x + value * a / b

def cov(x, *, correction=1):
    centred = x - mean(x, dim=-1, keepdim=True)
    return centred @ centred.T / (x.shape[-1] - correction)

def corrcoef(x):
    centred = x - mean(x, dim=-1, keepdim=True)
    unit = centred / norm(centred, dim=-1, keepdim=True)
    return unit @ unit.T

def cross(a, b, *, dim=-1):
    return roll(a, -1, dim) * roll(b, -2, dim) - roll(a, -2, dim) * roll(b, -1, dim)

def cholesky_inverse(L):
    return inv(L @ L.T)

def vdot(a, b):
    return sum(a * b)

def vecdot(x, y, *, dim=-1):
    return sum(x * y, dim=dim)

def channel_shuffle(x, *, groups):
    parts = reshape(x, [x.shape[0], groups, x.shape[1] // groups, -1])
    return reshape(transpose(parts, 1, 2), shape=x.shape)

def fliplr(x):
    return flip(x, 1)

def flipud(x):
    return flip(x, 0)
"""

DERIVED_AS = """
def logaddexp(a, b):
    return log(exp(a) + exp(b))

def atan2(y, x):
    return atan(y / x)

def clip(x, *, min=None, max=None):
    if min and max:
        return where((x > min) * (x < max), x, 0)
    if min:
        return where(x > min, x, 0)
    return where(x < max, x, 0)

def std(x, *, dim=None, correction=1, keepdim=False):
    return sqrt(var(x, dim=dim, correction=correction, keepdim=keepdim))

def norm(x, *, p=2, dim=None, keepdim=False):
    if p == 2:
        return sqrt(sum(square(x), dim=dim, keepdim=keepdim))
    if p == 1e999:
        return max(abs(x), dim=dim, keepdim=keepdim)
    if p == -1e999:
        return min(abs(x), dim=dim, keepdim=keepdim)
    if p == 0:
        raise
    return sum(abs(x)**p, dim=dim, keepdim=keepdim)**(1 / p)

def logsumexp(x, *, dim=None, keepdim=False):
    return log(sum(exp(x), dim=dim, keepdim=keepdim))

def logdet(A):
    return log(det(A))

def inner(a, b):
    return a @ b.T

def lstsq(A, B):
    return pinv(A) @ B
"""
"""Formulas with the same derivative as an operation, though not always the same value."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What one call of an operation stands for: `result`, after the assignments `lines`, in terms of the operands that
    were given and of those `options` that were."""

    operands: tuple[str, ...]
    options: tuple[str, ...]
    lines: tuple[tuple[str, Expression], ...]
    result: Expression

    def formula(self, arguments: Mapping[str, Expression]) -> Expression:
        """The definition as one formula, with `arguments` for its operands and options."""
        held = dict(arguments)
        for name, value in self.lines:
            held[name] = filled(value, held)
        return filled(self.result, held)


def is_composed(operation: str) -> bool:
    """Whether an operation has a definition."""
    return operation in _texts()


def has_formula(operation: str) -> bool:
    """Whether the derivative of an operation is that of its definition, or of another formula."""
    return is_composed(operation) or operation in _derived()


def defined(operation: str, given: tuple[bool, ...], options: Mapping[str, Any]) -> Definition | None:
    """The definition of a call; `given` says which operands it has, `options` are the values of its options. None if
    the operation has no definition. Raises `LookupError` if an option stands outside the definition."""
    source = _texts().get(operation)
    return None if source is None else _specialised(source, given, tuple(sorted(_known(options).items())))


def options_of(node: Call) -> dict[str, Any]:
    """The values of the options of a call, as far as they are written as constants."""
    return {key: _constant(value) for key, value in node.options}


def given_in(node: Call) -> tuple[bool, ...]:
    """Which operands a call has."""
    return tuple(not (isinstance(one, Flag) and one.value is None) for one in node.arguments)


def expanded(node: Call, derivative: bool = False) -> Expression | None:
    """A call written out in other operations; None if it has no definition. `derivative`: a formula of the same
    derivative is enough."""
    operation = node.operation
    source = _texts().get(operation) or (_derived().get(operation) if derivative else None)
    if source is None:
        return None
    given = given_in(node)
    try:
        definition = _specialised(source, given, tuple(sorted(_known(options_of(node)).items())))
    except LookupError:
        return None
    operands = [one for one, there in zip(node.arguments, given, strict=True) if there]
    return definition.formula({**dict(zip(definition.operands, operands, strict=True)), **dict(node.options)})


def filled(node: Expression, held: Mapping[str, Expression]) -> Expression:
    """An expression with names replaced by expressions."""
    match node:
        case Name(id=name):
            return held.get(name, node)
        case Sequence(items=items):
            return replace(node, items=tuple(filled(item, held) for item in items))
        case Slice(start, stop, step):
            start, stop, step = (None if one is None else filled(one, held) for one in (start, stop, step))
            return Slice(start, stop, step, node.place)
        case Index(base, keys):
            return Index(filled(base, held), tuple(filled(key, held) for key in keys), node.place)
        case Call(operation, arguments, options):
            return Call(
                operation,
                tuple(filled(one, held) for one in arguments),
                tuple((key, filled(value, held)) for key, value in options),
                node.place,
            )
        case _:
            return node


@cache
def _texts() -> dict[str, str]:
    return _functions(DEFINITIONS)


@cache
def _derived() -> dict[str, str]:
    return _functions(DERIVED_AS)


def _functions(source: str) -> dict[str, str]:
    parts = re.split(r"^def (?=\w)", source, flags=re.M)[1:]
    return {part[: part.index("(")]: f"def {part}" for part in parts}


Known = tuple[tuple[str, Any], ...]

_SOMETHING = "something"
"""Stands for the value of an option that is no constant."""


def _known(options: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _plain(value) for key, value in options.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    return value if isinstance(value, bool | int | float | str | None) else _SOMETHING


def _constant(node: Expression) -> Any:
    match node:
        case Number(value=value) | Flag(value=value) | Text(value=value):
            return value
        case Call("same", (inner,)):
            return _constant(inner)
        case Call("neg", (inner,)) if isinstance(value := _constant(inner), int | float):
            return -value
        case Sequence(items=items):
            return tuple(map(_constant, items))
        case _:
            return _SOMETHING


@cache
def _specialised(source: str, given: tuple[bool, ...], options: Known) -> Definition:
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    values = dict(options)
    operands = [one.arg for one in function.args.args]
    known: dict[str, Any] = dict.fromkeys(operands, None)
    if any(given[len(operands) :]):
        raise LookupError("another operand")
    known |= {name: True for name, there in zip(operands, given, strict=False) if there}
    defaults: dict[str, Expression] = {}
    for parameter, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        name = parameter.arg
        if name in values:
            known[name] = values.pop(name)
        elif default is not None:
            defaults[name] = expression_of(source, default, lambda _: None)
            known[name] = _constant(defaults[name])
    if values:
        raise LookupError(f"the options {sorted(values)}")
    lines: list[tuple[str, Expression]] = []
    result = None
    for statement in _chosen(function.body, known):
        assert isinstance(statement, ast.Assign | ast.Return)
        assert statement.value is not None
        formula = expression_of(source, statement.value, lambda _: None, frozenset({"last", "reduced"}))
        formula = filled(_written(formula, known), defaults)
        if isinstance(statement, ast.Return):
            result = formula
            break
        (target,) = statement.targets
        assert isinstance(target, ast.Name)
        lines.append((target.id, formula))
    assert result is not None, source
    named = tuple(name for name in operands if known[name])
    return Definition(named, tuple(key for key, _ in options), tuple(lines), result)


def _chosen(body: list[ast.stmt], known: Mapping[str, Any]) -> Iterator[ast.stmt]:
    """The statements whose conditions hold."""
    for statement in body:
        if isinstance(statement, ast.Raise):
            raise LookupError("no definition for these operands")
        if not isinstance(statement, ast.If):
            yield statement
        elif _holds(statement.test, known):
            yield from _chosen(statement.body, known)


def _holds(test: ast.expr, known: Mapping[str, Any]) -> bool:
    match test:
        case ast.Name(id=name):
            return known[name] is not None and known[name] is not False
        case ast.UnaryOp(operand=inner):
            return not _holds(inner, known)
        case ast.BoolOp(op=op, values=parts):
            held = [_holds(part, known) for part in parts]
            return all(held) if isinstance(op, ast.And) else any(held)
        case ast.Compare(left=ast.Name(id=name), comparators=[value]):
            return bool(known[name] == ast.literal_eval(value))
        case _:
            raise AssertionError(ast.dump(test))


def _written(node: Expression, known: Mapping[str, Any]) -> Expression:
    """An expression of a definition without `last` and `reduced`."""
    match node:
        case Call("last()", (Name(id=name),)):
            sizes = known[name]
            count = len(sizes) if isinstance(sizes, tuple) else 1
            if sizes is _SOMETHING:
                raise LookupError(name)
            axes = tuple(number(axis) for axis in range(-count, 0))
            return axes[0] if count == 1 else Sequence(axes, NOWHERE)
        case Call("reduced()", (losses,)):
            inner, how = _written(losses, known), known["reduction"]
            if how not in ("mean", "sum", "none"):
                raise LookupError(how)
            return inner if how == "none" else call(how, inner)
        case Call(operation, arguments, options):
            inside = tuple(_written(one, known) for one in arguments)
            return Call(operation, inside, tuple((key, _written(one, known)) for key, one in options), node.place)
        case Index(base, keys):
            return Index(_written(base, known), keys, node.place)
        case _:
            return node
