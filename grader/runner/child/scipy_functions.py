"""Functions of `scipy.special` that forward passes are written with, for machines where scipy is not installed."""

from __future__ import annotations

import math
from typing import Any

NAMES = frozenset({"erf", "expit", "log_expit", "log_softmax", "logit", "logsumexp", "softmax", "xlogy"})


def function(numpy: Any, name: str) -> Any:
    """The function of this name, one of `NAMES`, computed with numpy."""

    def expit(x: Any) -> Any:
        return (1.0 / (1.0 + numpy.exp(numpy.negative(x))))[()]

    def log_expit(x: Any) -> Any:
        return -numpy.logaddexp(0.0, numpy.negative(x))[()]

    def logit(p: Any) -> Any:
        return numpy.log(p) - numpy.log1p(-numpy.asarray(p))[()]

    def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False) -> Any:
        largest = numpy.max(a, axis=axis, keepdims=True)
        powers = numpy.exp(a - largest) * (1.0 if b is None else b)
        found = numpy.log(powers.sum(axis=axis, keepdims=True)) + largest
        return found if keepdims else numpy.squeeze(found, axis=axis)[()]

    def log_softmax(x: Any, axis: Any = None) -> Any:
        return x - logsumexp(x, axis=axis, keepdims=True)

    def softmax(x: Any, axis: Any = None) -> Any:
        return numpy.exp(log_softmax(x, axis))

    def xlogy(x: Any, y: Any) -> Any:
        return numpy.where(numpy.equal(x, 0), 0.0, x * numpy.log(numpy.where(numpy.equal(x, 0), 1.0, y)))[()]

    def erf(x: Any) -> Any:
        return numpy.vectorize(math.erf, otypes=[float])(x)[()]

    return locals()[name]
