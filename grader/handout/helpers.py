"""Functions that a starter defines itself because its library lacks an equivalent."""

from __future__ import annotations

from collections.abc import Mapping

from grader.formula.spelling import Library

_OF_WINDOWS = {
    "conv2d conv3d": """
def NAME(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    step, edge, gap = (one if isinstance(one, tuple) else (one,) * COUNT for one in (stride, padding, dilation))
    x = np.pad(x, [(0, 0)] * (x.ndim - COUNT) + [(one, one) for one in edge])
    reach = tuple((size - 1) * one + 1 for size, one in zip(w.shape[2:], gap))
    windows = np.lib.stride_tricks.sliding_window_view(x, reach, axis=tuple(range(-COUNT, 0)))
    windows = windows[(..., *(slice(None, None, one) for one in (*step, *gap)))]
    windows = windows.reshape(*windows.shape[: -2 * COUNT - 1], groups, -1, *windows.shape[-2 * COUNT :])
    places, taps = "xyz"[:COUNT], "ijk"[:COUNT]
    w = w.reshape(groups, -1, *w.shape[1:])
    made = np.einsum(f"...gc{places}{taps},goc{taps}->...go{places}", windows, w)
    made = made.reshape(*made.shape[: -COUNT - 2], -1, *made.shape[-COUNT:])
    return made if b is None else made + b.reshape(-1, *(1,) * COUNT)
""",
    "conv_transpose1d conv_transpose2d conv_transpose3d": """
def NAME(x, w, b=None, stride=1, padding=0, output_padding=0, dilation=1):
    options = (stride, padding, output_padding, dilation)
    step, edge, more, gap = (one if isinstance(one, tuple) else (one,) * COUNT for one in options)
    sizes = [
        (size - 1) * step[at] + gap[at] * (w.shape[2 + at] - 1) + 1 + more[at] for at, size in enumerate(x.shape[2:])
    ]
    made = np.zeros((len(x), w.shape[1], *sizes))
    for tap in np.ndindex(*w.shape[2:]):  # each tap puts a copy of x, moved along, into the result
        first = [one * gap[at] for at, one in enumerate(tap)]
        places = [slice(one, one + size * step[at], step[at]) for at, (one, size) in enumerate(zip(first, x.shape[2:]))]
        copies = np.moveaxis(np.tensordot(x, w[(slice(None), slice(None), *tap)], [1, 0]), -1, 1)
        parts = tuple(slice(0, size) for size in made[(..., *places)].shape[2:])
        made[(..., *places)] += copies[(..., *parts)]
    inner = (slice(edge[at], size - edge[at]) for at, size in enumerate(sizes))
    return made[(..., *inner)] + (0 if b is None else b.reshape(-1, *(1,) * COUNT))
""",
    "max_pool1d max_pool2d max_pool3d": """
def NAME(x, kernel_size, stride=None, padding=0):
    sizes = (kernel_size, kernel_size if stride is None else stride, padding)
    size, step, edge = (one if isinstance(one, tuple) else (one,) * COUNT for one in sizes)
    x = np.pad(x, [(0, 0)] * (x.ndim - COUNT) + [(one, one) for one in edge], constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=tuple(range(-COUNT, 0)))
    chosen = (..., *(slice(None, None, one) for one in step), *(slice(None),) * COUNT)
    return windows[chosen].max(axis=tuple(range(-COUNT, 0)))
""",
    "avg_pool1d avg_pool2d avg_pool3d": """
def NAME(x, kernel_size, stride=None, padding=0):
    sizes = (kernel_size, kernel_size if stride is None else stride, padding)
    size, step, edge = (one if isinstance(one, tuple) else (one,) * COUNT for one in sizes)
    x = np.pad(x, [(0, 0)] * (x.ndim - COUNT) + [(one, one) for one in edge])
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=tuple(range(-COUNT, 0)))
    chosen = (..., *(slice(None, None, one) for one in step), *(slice(None),) * COUNT)
    return windows[chosen].mean(axis=tuple(range(-COUNT, 0)))
""",
    **{
        f"adaptive_{kind}_pool1d adaptive_{kind}_pool2d adaptive_{kind}_pool3d": f"""
def NAME(x, output_size):
    sizes = output_size if isinstance(output_size, tuple) else (output_size,) * COUNT
    for axis, count in zip(range(-COUNT, 0), sizes):
        length = x.shape[axis]
        ends = [(n * length // count, -(-(n + 1) * length // count)) for n in range(count)]
        x = np.stack([np.take(x, range(*one), axis=axis).{method}(axis=axis) for one in ends], axis=axis)
    return x
"""
        for kind, method in (("avg", "mean"), ("max", "max"))
    },
}
"""Helpers for one to three axes: `NAME` is the operation, `COUNT` its axes."""

_NUMPY = {
    "sigmoid": """
def sigmoid(x):
    return 1 / (1 + np.exp(-x))
""",
    "silu": """
def silu(x):
    return x / (1 + np.exp(-x))
""",
    "erf": """
def erf(x):
    return np.vectorize(math.erf)(x)
""",
    "gelu": """
def gelu(x):
    return x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2
""",
    "leaky_relu": """
def leaky_relu(x, slope=0.01):
    return np.where(x > 0, x, slope * x)
""",
    "logsumexp": """
def logsumexp(x, axis=None, keepdims=False):
    return np.log(np.sum(np.exp(x - np.max(x)), axis=axis, keepdims=keepdims)) + np.max(x)
""",
    "softmax": """
def softmax(x, axis=-1):
    powers = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)
""",
    "log_softmax": """
def log_softmax(x, axis=-1):
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
""",
    "norm": """
def norm(x, p=2, axis=None, keepdims=False):
    sizes, along = np.abs(x), {"axis": axis, "keepdims": keepdims}
    if abs(p) == np.inf:
        return np.max(sizes, **along) if p > 0 else np.min(sizes, **along)
    return np.sum(sizes != 0, **along) * 1.0 if p == 0 else np.sum(sizes**p, **along) ** (1 / p)
""",
    "mse_loss": """
def mse_loss(a, b, reduction="mean"):
    return {"mean": np.mean, "sum": np.sum, "none": np.array}[reduction]((a - b) ** 2)
""",
    "cross_entropy": """
def cross_entropy(logits, target, reduction="mean", smoothing=0.0):
    classes = min(np.ndim(logits) - 1, 1)  # the axis of the classes, as in torch
    if np.shape(target) != np.shape(logits):
        target = np.moveaxis(np.eye(np.shape(logits)[classes])[target], -1, classes)
    target = target * (1 - smoothing) + smoothing / np.shape(logits)[classes]
    log_sums = np.log(np.sum(np.exp(logits - np.max(logits)), axis=classes, keepdims=True)) + np.max(logits)
    losses = np.sum(target * (log_sums - logits), axis=classes)
    return {"mean": np.mean, "sum": np.sum, "none": np.array}[reduction](losses)
""",
    "flatten": """
def flatten(x, start=0, end=-1):
    return np.reshape(x, (*x.shape[:start], -1, *x.shape[end % x.ndim + 1 :]))
""",
    "conv1d": """
def conv1d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    padded = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(padding, padding)])
    reach = (w.shape[-1] - 1) * dilation + 1
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=-1)[..., ::stride, ::dilation]
    windows = windows.reshape(*windows.shape[:-3], groups, -1, *windows.shape[-2:])
    made = np.einsum("...gclk,gock->...gol", windows, w.reshape(groups, -1, *w.shape[1:]))
    return made.reshape(*made.shape[:-3], -1, made.shape[-1]) + (0 if b is None else b[:, None])
""",
    **{
        name: text.replace("NAME", name).replace("COUNT", name[-2])
        for names, text in _OF_WINDOWS.items()
        for name in names.split()
    },
    "lgamma": """
def lgamma(x):
    return np.vectorize(math.lgamma)(x)
""",
    "digamma": """
def digamma(x):
    x, shift = np.array(x, dtype=float), 0.0
    for _ in range(15):  # digamma(x) = digamma(x + 1) - 1 / x; the series is good for large x
        shift, x = shift - 1 / x, x + 1
    return shift + np.log(x) - 1 / (2 * x) - 1 / (12 * x**2) + 1 / (120 * x**4) - 1 / (252 * x**6) + 1 / (240 * x**8)
""",
    "erfinv": """
def erfinv(y):
    x = np.zeros_like(y, dtype=float)
    for _ in range(60):  # Newton's method
        x = x - (np.vectorize(math.erf)(x) - y) * np.sqrt(np.pi) / 2 * np.exp(x**2)
    return x
""",
    "median": """
def median(x, axis=None, keepdims=False):
    return np.quantile(x, 0.5, axis=axis, keepdims=keepdims, method="lower")
""",
    "sort": """
def sort(x, axis=-1, descending=False):
    return np.flip(np.sort(x, axis=axis), axis=axis) if descending else np.sort(x, axis=axis)
""",
    "topk": """
def topk(x, k, axis=-1, largest=True):
    order = np.sort(x, axis=axis)
    return np.take(np.flip(order, axis=axis) if largest else order, range(k), axis=axis)
""",
    "topk_indices": """
def topk_indices(x, k, axis=-1, largest=True):
    return np.take(np.argsort(-x if largest else x, axis=axis), range(k), axis=axis)
""",
    "matrix_exp": """
def matrix_exp(A):
    halved = max(0, int(np.ceil(np.log2(np.linalg.norm(A) + 1e-300))) + 1)
    term = total = np.eye(A.shape[-1])
    for n in range(1, 20):
        term = term @ A / 2**halved / n
        total = total + term
    for _ in range(halved):
        total = total @ total
    return total
""",
    "solve_triangular": """
def solve_triangular(A, B, upper=True):
    return np.linalg.solve(np.triu(A) if upper else np.tril(A), B)
""",
    "block_diag": """
def block_diag(*blocks):
    made = np.zeros(np.sum([block.shape for block in blocks], axis=0))
    row = column = 0
    for block in blocks:
        made[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return made
""",
    "split": """
def split(x, size, axis=0):
    sizes = size if isinstance(size, tuple) else (size,) * (x.shape[axis] // size)
    return np.split(x, np.cumsum(sizes)[: len(sizes) - (sum(sizes) == x.shape[axis])], axis=axis)
""",
    "chunk": """
def chunk(x, count, axis=0):
    size = -(-x.shape[axis] // count)
    return np.split(x, range(size, x.shape[axis], size), axis=axis)
""",
    "diag_embed": """
def diag_embed(x):
    return x[..., None] * np.eye(x.shape[-1])
""",
    "gather": """
def gather(x, dim, index):
    places = list(np.indices(index.shape))
    places[dim] = index
    return x[tuple(places)]
""",
    "scatter": """
def scatter(x, dim, index, src):
    made, places = np.array(x, dtype=float), list(np.indices(index.shape))
    places[dim] = index
    made[tuple(places)] = src[tuple(map(slice, index.shape))]
    return made
""",
    "scatter_add": """
def scatter_add(x, dim, index, src):
    made, places = np.array(x, dtype=float), list(np.indices(index.shape))
    places[dim] = index
    np.add.at(made, tuple(places), src[tuple(map(slice, index.shape))])
    return made
""",
    "index_add": """
def index_add(x, dim, index, source, alpha=1):
    made = np.array(x, dtype=float)
    np.add.at(np.moveaxis(made, dim, 0), index, alpha * np.moveaxis(source, dim, 0))
    return made
""",
    "pad": """
def pad(x, pad, value=0.0):
    pairs = list(zip(pad[::2], pad[1::2]))[::-1]  # the last axis comes first
    return np.pad(x, [(0, 0)] * (x.ndim - len(pairs)) + pairs, constant_values=value)
""",
    "unfold": """
def unfold(x, kernel_size, padding=0, stride=1):
    size, edge, step = (one if isinstance(one, tuple) else (one, one) for one in (kernel_size, padding, stride))
    x = np.pad(x, [(0, 0), (0, 0), (edge[0], edge[0]), (edge[1], edge[1])])
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(-2, -1))[:, :, :: step[0], :: step[1]]
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(len(x), x.shape[1] * size[0] * size[1], -1)
""",
    "windows": """
def windows(x, axis, size, step):
    made = np.lib.stride_tricks.sliding_window_view(x, size, axis=axis)
    return np.take(made, range(0, made.shape[axis], step), axis=axis)
""",
    "fold": """
def fold(columns, output_size, kernel_size, padding=0, stride=1):
    options = (output_size, kernel_size, padding, stride)
    whole, size, edge, step = (one if isinstance(one, tuple) else (one, one) for one in options)
    made = np.zeros((len(columns), columns.shape[1] // (size[0] * size[1]), *np.add(whole, np.multiply(2, edge))))
    rows, across = ((made.shape[2 + at] - size[at]) // step[at] + 1 for at in (0, 1))
    parts = columns.reshape(len(columns), -1, *size, rows, across)
    for i, j in np.ndindex(*size):
        made[:, :, i : i + rows * step[0] : step[0], j : j + across * step[1] : step[1]] += parts[:, :, i, j]
    return made[:, :, edge[0] : edge[0] + whole[0], edge[1] : edge[1] + whole[1]]
""",
    "interpolate": """
def interpolate(x, size=None, scale_factor=None):
    for axis in range(2, x.ndim):  # nearest neighbours
        wanted = scale_factor * x.shape[axis] if size is None else size[axis - 2] if isinstance(size, tuple) else size
        x = np.take(x, (np.arange(int(wanted)) * x.shape[axis] / int(wanted)).astype(int), axis=axis)
    return x
""",
    "polygamma": """
def polygamma(n, x):
    x, total = np.array(x, dtype=float), 0.0
    for _ in range(25):  # each term of the series, then its rest by Euler and Maclaurin
        total, x = total + 1 / x ** (n + 1), x + 1
    rest = 1 / (n * x**n) + 1 / (2 * x ** (n + 1)) + (n + 1) / (12 * x ** (n + 2))
    rest = rest - (n + 1) * (n + 2) * (n + 3) / (720 * x ** (n + 4))
    rest = rest + (n + 1) * (n + 2) * (n + 3) * (n + 4) * (n + 5) / (30240 * x ** (n + 6))
    return (-1) ** (n + 1) * math.factorial(n) * (total + rest)
""",
    "multilabel_margin_loss": """
def multilabel_margin_loss(x, target, reduction="mean"):
    losses = []
    for row, classes in zip(x, target):  # the classes end at the first negative number
        wanted = list(classes[: list([*classes, -1]).index(-1)])
        others = [one for one in range(len(row)) if one not in wanted]
        losses.append(sum(max(0.0, 1 - row[a] + row[b]) for a in wanted for b in others) / len(row))
    return {"mean": np.mean, "sum": np.sum, "none": np.array}[reduction](losses)
""",
    "pdist": """
def pdist(x):
    first, second = np.triu_indices(len(x), 1)
    return np.linalg.norm(x[first] - x[second], axis=-1)
""",
}

_TORCH = {
    "dot": """
def dot(a, b):
    return a * b if a.dim() == 0 or b.dim() == 0 else a @ b
""",
    "leaky_relu": """
def leaky_relu(x, slope=0.01):
    return torch.where(x > 0, x, slope * x)
""",
}

_PYTHON = {
    "sign": """
def sign(x):
    return (x > 0) - (x < 0)
""",
    "sigmoid": """
def sigmoid(x):
    return 1 / (1 + math.exp(-x))
""",
    "silu": """
def silu(x):
    return x / (1 + math.exp(-x))
""",
    "gelu": """
def gelu(x):
    return x * (1 + math.erf(x / math.sqrt(2))) / 2
""",
    "leaky_relu": """
def leaky_relu(x, slope=0.01):
    return x if x > 0 else slope * x
""",
    "clip": """
def clip(x, low, high):
    return min(max(x, x if low is None else low), x if high is None else high)
""",
}


def _trimmed(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: text.strip("\n") for name, text in texts.items()}


HELPERS: Mapping[Library, Mapping[str, str]] = {
    "numpy": _trimmed(_NUMPY),
    "torch": _trimmed(_TORCH),
    "python": _trimmed(_PYTHON),
}
"""The text of each helper, by library and name."""
