"""Noise on everything a submission computes, to tell difference quotients from derivations.

Every result is perturbed a little, each independently: a value derived by hand changes by about as little, a value of
`(f(x + h) - f(x)) / h` by 1/h times as much. In such a run the student's own operators and calls, of whatever library,
pass their results to this module; calls of `f` count as the student's even where a library's differentiator makes them.

Smooth noise is the counterpart: only the results of library calls are perturbed, and equal results equally, so that
tanh becomes a slightly different function. A difference quotient then belongs to that function and hardly changes; a
formula that loses digits changes as it does under the other noise.

An imaginary part that is small compared to its real part is a difference too, that of a complex step: it is perturbed
as much as a difference quotient would be.

Integers stay exact, since they count things; so does everything that is not of the perturbed dtype. Not detected: a
quotient written wholly inside a module of the student's that calls no function of the submission, and one whose step is
a power of two where its function is a polynomial of low degree (it is exact).
"""

from __future__ import annotations

import contextlib
import math
import random
import sys
from typing import Any

from grader.runner.child.values import as_kind_of, encode, unseen_by_its_class
from grader.runner.wire import CALL

_MAX_REMEMBERED_BYTES = 4096
"""Maximum size in bytes of a value that is recognised again: what is differentiated numerically is small."""


_MAX_IMAGINARY_RATIO = 1e-2
"""Maximum ratio of imaginary to real part at which the imaginary part counts as a complex step."""

_IMAGINARY_FACTOR = 1e6
"""How many times more than others such an imaginary part is perturbed: as if the step were 1e-6."""


class Noise:
    """Called with every result of a run, and whether it comes from an operator or a call; returns the perturbed
    result."""

    def __init__(self, size: float, dtype: str, smooth: bool) -> None:
        self._size, self._dtype, self._smooth = size, dtype, smooth
        self._random = random.Random(0)
        self._arrays: dict[str, Any] = {}
        self._known: set[bytes] = set()

    def __call__(self, kind: int, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | str):
            return value
        # An object of the student's, or of a transformation, is left unchanged.
        with contextlib.suppress(Exception), unseen_by_its_class():
            return as_kind_of(value, self._once(kind, value) if self._smooth else self._perturbed(value))
        return value

    def _once(self, kind: int, value: Any) -> Any:
        """Perturb the result of a library call, but not again where a student's function or `float` only returns it."""
        data = encode(value).data
        if data in self._known:
            return value
        if kind == CALL:
            value = self._perturbed(value)
            data = encode(value).data
        if len(data) <= _MAX_REMEMBERED_BYTES:
            self._known.add(data)
        return value

    def _perturbed(self, value: Any) -> Any:
        if type(value) is float:
            exact = self._dtype != "float64" or value.is_integer() or not math.isfinite(value)
            return value if exact else value * self._number(value)
        if type(value) is complex:
            small = abs(value.imag) <= _MAX_IMAGINARY_RATIO * abs(value.real)
            return complex(value.real, value.imag * self._step()) if small else value
        torch, numpy, jax = (self._loaded(name) for name in ("torch", "numpy", "jax"))
        if torch is not None and isinstance(value, torch.Tensor):
            return self._tensor(torch, value)
        if numpy is not None and isinstance(value, numpy.ndarray | numpy.generic):
            return self._array(numpy, value)
        if jax is not None and isinstance(value, jax.Array) and not isinstance(value, jax.core.Tracer):
            return value * self._factors(numpy, numpy.asarray(value)) if value.dtype == self._dtype else value
        return value

    def _step(self) -> float:
        """The factor for the step of a complex step."""
        return 1.0 if self._smooth else 1.0 + _IMAGINARY_FACTOR * self._size * self._random.uniform(-1.0, 1.0)

    @staticmethod
    def _loaded(name: str) -> Any:
        return sys.modules.get(name)

    def _number(self, value: float) -> float:
        part = math.cos(math.log(abs(value))) if self._smooth else self._random.uniform(-1.0, 1.0)
        return 1.0 + self._size * part

    def _array(self, numpy: Any, value: Any) -> Any:
        if value.dtype.kind == "c":
            small = abs(value.imag) <= _MAX_IMAGINARY_RATIO * abs(value.real)
            return value.real + 1j * (numpy.where(small, self._step(), 1.0) * value.imag)
        if value.dtype.name != self._dtype:
            return value
        factors = self._factors(numpy, value).astype(value.dtype)
        if not isinstance(value, numpy.ndarray):
            return value * factors
        # In place, since other names may share it. Not for a view, since the array it belongs to is exact.
        if value.base is None and value.flags.writeable:
            value *= factors
        return value

    def _factors(self, numpy: Any, value: Any) -> Any:
        if self._smooth:
            with numpy.errstate(all="ignore"):
                part = numpy.cos(numpy.log(numpy.abs(value)))
        else:
            if "numpy" not in self._arrays:
                self._arrays["numpy"] = numpy.random.default_rng(0)
            part = self._arrays["numpy"].uniform(-1.0, 1.0, value.shape)
        exact = ~numpy.isfinite(value) | (value == numpy.rint(value))
        return numpy.where(exact, 1.0, 1.0 + self._size * part)

    def _tensor(self, torch: Any, value: Any) -> Any:
        if value.is_complex():
            small = value.imag.abs() <= _MAX_IMAGINARY_RATIO * value.real.abs()
            return torch.complex(value.real, torch.where(small, self._step(), 1.0) * value.imag)
        if value.dtype != getattr(torch, self._dtype) or (value.requires_grad and value.is_leaf):
            return value
        with torch.no_grad():
            still = value.detach()
            if self._smooth:
                part = still.abs().log().cos()
            else:
                if "torch" not in self._arrays:
                    self._arrays["torch"] = torch.Generator().manual_seed(0)
                drawn = torch.rand(still.shape, generator=self._arrays["torch"], dtype=torch.float64)
                part = 2.0 * drawn - 1.0
            exact = ~still.isfinite() | (still == still.round())
            factors = torch.where(exact, 1.0, 1.0 + self._size * part)
        return value * factors.to(value.dtype)
