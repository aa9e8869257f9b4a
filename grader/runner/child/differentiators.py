"""Libraries that differentiate, made to give derivatives that can be scaled.

Scaling is how a step that was taken from one of them is told from one that was derived: multiply every derivative a
library hands out, and see which steps move. Comparing with it moves nothing.

A student's `from jax import grad` binds a name before anything can be put in its place. So what is replaced is the
function every route ends in, which the library itself looks up when it is called. A version of a library that has no
such function is left as it is.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

from grader.runner.child.tape import scaled


class Differentiators:
    """The scale of each library in this run, and which of them were used since it started."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self._scales: Mapping[str, float] = {}
        self._installed: set[str] = set()

    def imported(self) -> None:
        """Called after every import of the student's: puts the scaled functions in place where a library has come."""
        for library, (part, install) in _INSTALL.items():
            module = sys.modules.get(library)
            if library not in self._installed and hasattr(module, part):
                self._installed.add(library)
                with contextlib.suppress(Exception):
                    install(self, module)

    def start(self, scales: Mapping[str, float]) -> None:
        """A new run. A derivative that was compiled or remembered under another scale is forgotten."""
        changed = {name for name in {*scales, *self._scales} if scales.get(name) != self._scales.get(name)}
        self._scales = dict(scales)
        for library in changed & _FORGET.keys() & self._installed:
            with contextlib.suppress(Exception):
                _FORGET[library](sys.modules[library])
        self.used.clear()

    def scale(self, library: str) -> float:
        """What its derivatives are multiplied by; asked for whenever one is taken."""
        self.used.add(library)
        return self._scales.get(library, 1.0)


def _torch(them: Differentiators, torch: Any) -> None:
    # Every reverse-mode route (backward, grad, jacobian, torch.func) ends in this one call.
    engine, make = torch.autograd._engine_run_backward, torch.autograd.forward_ad.make_dual

    def run(outputs: Any, *rest: Any, **options: Any) -> Any:
        with scaled(torch, outputs, them.scale("torch")):
            return engine(outputs, *rest, **options)

    def make_dual(tensor: Any, tangent: Any, **options: Any) -> Any:
        scale = them.scale("torch")
        return make(tensor, tangent * scale if scale != 1.0 else tangent, **options)

    torch.autograd._engine_run_backward = run
    torch.autograd.forward_ad.make_dual = make_dual


def _jax(them: Differentiators, jax: Any) -> None:
    """All of `grad`, `vjp`, `jvp`, `linearize`, `jacfwd`, ... differentiate by `ad.jvp` or `ad.linearize`.

    What they are given there is the function. It is put behind an identity whose derivative is the scale."""

    def behind(function: Any) -> Any:
        scale = them.scale("jax")
        if scale == 1.0:
            return function

        def leaf(x: Any) -> Any:
            if not jax.numpy.issubdtype(jax.numpy.result_type(x), jax.numpy.inexact):
                return x
            still = jax.lax.stop_gradient(x)
            return still + (x - still) * scale

        def scaled(*arguments: Any, **options: Any) -> Any:
            return function(*jax.tree_util.tree_map(leaf, arguments), **options)

        return scaled

    def route(original: Callable[..., Any]) -> Callable[..., Any]:
        def differentiate(function: Any, *rest: Any, **options: Any) -> Any:
            return original(behind(function), *rest, **options)

        return differentiate

    api = jax._src.api
    if hasattr(api.ad, "backward_pass3"):  # since it is plain functions that are handed on, not wrapped ones
        api.ad = _Instead(api.ad, {name: route(getattr(api.ad, name)) for name in ("jvp", "linearize")})
        return
    for name in ("vjp", "jvp", "linearize", "grad", "value_and_grad", "jacfwd", "jacrev", "jacobian", "hessian"):
        setattr(jax, name, route(getattr(jax, name)))


class _Instead:
    """A module with some of its names replaced, for one reader of it only."""

    def __init__(self, module: Any, replaced: Mapping[str, Any]) -> None:
        self._module = module
        self.__dict__.update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _sympy(them: Differentiators, sympy: Any) -> None:
    """`diff`, `Derivative(...).doit()`, `Matrix.jacobian`, ...: only the outermost derivative is scaled, since its
    rules take others."""
    depth = 0

    def outermost(original: Callable[..., Any]) -> Callable[..., Any]:
        def differentiate(*arguments: Any, **options: Any) -> Any:
            nonlocal depth
            scale = them.scale("sympy")
            depth += 1
            try:
                found = original(*arguments, **options)
            finally:
                depth -= 1
            return found if found is None or depth or scale == 1.0 else found * sympy.Rational(scale)

        return differentiate

    name = "_dispatch_eval_derivative_n_times"
    array = sys.modules.get("sympy.tensor.array.array_derivatives")
    for kind in (sympy.Derivative, getattr(array, "ArrayDerivative", None)):
        if kind is not None and name in vars(kind):
            setattr(kind, name, classmethod(outermost(vars(kind)[name].__func__)))
    sympy.Poly.diff = outermost(sympy.Poly.diff)


def _autograd(them: Differentiators, autograd: Any) -> None:
    """HIPS autograd: every gradient comes out of one backward pass, every tangent starts at a root."""
    core = autograd.core
    backward, root = core.backward_pass, core.JVPNode.initialize_root

    def scaled(g: Any) -> Any:
        scale = them.scale("autograd")
        return g if scale == 1.0 else core.vspace(g).scalar_mul(g, scale)

    def backward_pass(g: Any, end_node: Any) -> Any:
        return backward(scaled(g), end_node)

    def initialize_root(self: Any, g: Any) -> None:
        root(self, scaled(g))

    core.backward_pass = backward_pass
    core.JVPNode.initialize_root = initialize_root


_INSTALL: dict[str, tuple[str, Callable[[Differentiators, Any], None]]] = {
    "torch": ("autograd", _torch),
    "jax": ("grad", _jax),
    "sympy": ("Derivative", _sympy),
    "autograd": ("core", _autograd),
}
"""Per library a name it has once it is fully imported, and what puts its scaled functions in place."""

_FORGET: dict[str, Callable[[Any], object]] = {
    "jax": lambda jax: jax.clear_caches(),
    "sympy": lambda sympy: sympy.core.cache.clear_cache(),
}
