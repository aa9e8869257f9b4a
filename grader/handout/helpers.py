"""Functions that a starter defines itself because its library lacks an equivalent."""

from __future__ import annotations

from collections.abc import Mapping

from grader.handout.spelling import Library

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
    return np.sum(np.abs(x) ** p, axis=axis, keepdims=keepdims) ** (1 / p)
""",
    "mse_loss": """
def mse_loss(a, b, reduction="mean"):
    return {"mean": np.mean, "sum": np.sum, "none": np.array}[reduction]((a - b) ** 2)
""",
    "cross_entropy": """
def cross_entropy(logits, target, reduction="mean"):
    classes = min(np.ndim(logits) - 1, 1)  # the axis of the classes, as in torch
    if np.shape(target) != np.shape(logits):
        target = np.moveaxis(np.eye(np.shape(logits)[classes])[target], -1, classes)
    log_sums = np.log(np.sum(np.exp(logits - np.max(logits)), axis=classes, keepdims=True)) + np.max(logits)
    losses = np.sum(target * (log_sums - logits), axis=classes)
    return {"mean": np.mean, "sum": np.sum, "none": np.array}[reduction](losses)
""",
    "flatten": """
def flatten(x, start=0, end=-1):
    return np.reshape(x, (*x.shape[:start], -1, *x.shape[end % x.ndim + 1 :]))
""",
    "conv1d": """
def conv1d(x, w, b=None, stride=1, padding=0):
    padded = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(padding, padding)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[-1], axis=-1)[..., ::stride, :]
    return np.einsum("...clk,ock->...ol", windows, w) + (0 if b is None else b[:, None])
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
