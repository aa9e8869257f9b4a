"""Patches for libraries that differentiate, so that their derivatives can be scaled.

Scaling tells a step taken from a library from a derived one: multiply every derivative a library returns, and see which
steps change. A mere comparison with the library changes none.

A student's `from jax import grad` binds the function before it could be replaced. So each patch replaces the internal
function in which all routes end, and which the library looks up at call time. A version of a library without that
function is left unpatched.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any

from grader.runner.child.formulas import Formulas
from grader.runner.child.tape import Factors, scaled
from grader.runner.wire import FORMULAS


class Differentiators:
    """The scale of each library in this run, and which libraries were used since it started."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self.formulas: Any = None
        """The interception of torch's formulas, in a run that has one; else None."""
        self._factors: dict[str, Factors] = {}
        self._installed: dict[str, Any] = {}

    def imported(self) -> None:
        """Patch the libraries that have been loaded since the last call. Called after every import of the student's."""
        for library, (part, install) in _INSTALL.items():
            module = sys.modules.get(library)
            # A module may be removed and imported again: then it is another one.
            if module is not self._installed.get(library) and hasattr(module, part) and not _is_half_imported(module):
                self._installed[library] = module
                with contextlib.suppress(Exception):
                    install(self, module)
        self._watch()

    def start(self, scales: Mapping[str, float]) -> None:
        """Start a run. Clears caches with derivatives that were compiled or computed under another scale."""
        changed = {*scales, *self._factors}
        self._factors = {library: Factors(scale) for library, scale in scales.items()}
        for library in changed & _FORGET.keys() & self._installed.keys():
            with contextlib.suppress(Exception):
                _FORGET[library](sys.modules[library])
        self.used.clear()
        self.end()
        self._watch()

    def end(self) -> None:
        """End the run."""
        formulas, self.formulas = self.formulas, None
        if formulas is not None:
            with contextlib.suppress(Exception):
                formulas.__exit__()

    def factors(self, library: str) -> Factors:
        """The factors for derivatives of this library; called whenever one is taken."""
        self.used.add(library)
        return self._factors.get(library, _NONE)

    def _watch(self) -> None:
        if FORMULAS in self._factors and self.formulas is None and "torch" in self._installed:
            formulas = Formulas(self._installed["torch"], self._factors[FORMULAS])
            with contextlib.suppress(Exception):
                self.formulas = formulas.__enter__()


def _is_half_imported(module: Any) -> bool:
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))


_NONE = Factors(1.0)


def _torch(them: Differentiators, torch: Any) -> None:
    # Every reverse-mode route (backward, grad, jacobian, torch.func) ends in this one call.
    variable, make = torch.autograd.Variable, torch.autograd.forward_ad.make_dual
    variable._execution_engine = _Engine(them, torch, variable._execution_engine)

    def make_dual(tensor: Any, tangent: Any, **options: Any) -> Any:
        factors = them.factors("torch")
        # Where torch's formulas are intercepted, each is scaled there, and a `jvp` of the student's must not be.
        return make(tensor, tangent if them.formulas else factors.times(torch, tangent), **options)

    torch.autograd.forward_ad.make_dual = make_dual


def _transforms(them: Differentiators, transforms: Any) -> None:
    """Patch the transforms of `torch.distributions`, each of which knows the logarithm of its derivative."""

    def differentiating(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def log_abs_det_jacobian(*arguments: Any, **options: Any) -> Any:
            found, factors = original(*arguments, **options), them.factors("torch")
            return found if factors.scale == 1.0 else found + factors.times(sys.modules["torch"], found**0).log()

        return log_abs_det_jacobian

    for kind in _with_subclasses(transforms.Transform):
        if kind.__module__ == transforms.__name__ and "log_abs_det_jacobian" in vars(kind):
            kind.log_abs_det_jacobian = differentiating(kind.log_abs_det_jacobian)


class _Engine:
    """Wraps torch's autograd engine; everything but `run_backward` is passed through."""

    def __init__(self, them: Differentiators, torch: Any, engine: Any) -> None:
        self._them, self._torch, self._engine = them, torch, engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def run_backward(self, outputs: Any, *rest: Any, **options: Any) -> Any:
        factors, formulas = self._them.factors("torch"), self._them.formulas
        runs = contextlib.nullcontext() if formulas is None else formulas.engine_runs()
        with scaled(self._torch, outputs, factors), runs:
            made = self._engine.run_backward(outputs, *rest, **options)
        asked = rest[3] if len(rest) > 3 else options.get("inputs", ())
        return made if factors.scale == 1.0 or not made else self._without_seeds(outputs, asked, made, factors)

    def _without_seeds(self, outputs: Any, asked: Any, made: Any, factors: Factors) -> Any:
        """The results, with the derivative of an output by itself multiplied as well: no formula produces that one."""
        with self._torch._C.DisableTorchFunction():
            return tuple(
                factors.times(self._torch, one) if any(of is by for of in outputs) else one
                for by, one in zip(asked, made, strict=True)
            )


def _jax(them: Differentiators, jax: Any) -> None:
    """Patch `ad.jvp` and `ad.linearize`, by which `grad`, `vjp`, `jvp`, `linearize`, `jacfwd`, ... all differentiate.

    The function they are given is wrapped in an identity whose derivative is the scale."""

    def behind(function: Any) -> Any:
        factors = them.factors("jax")
        if factors.scale == 1.0:
            return function

        def leaf(x: Any) -> Any:
            if not jax.numpy.issubdtype(jax.numpy.result_type(x), jax.numpy.inexact):
                return x
            still = jax.lax.stop_gradient(x)
            return still + (x - still) * jax.numpy.asarray(factors.like(jax.numpy.shape(x)), jax.numpy.result_type(x))

        def scaled(*arguments: Any, **options: Any) -> Any:
            made = function(*jax.tree_util.tree_map(leaf, arguments), **options)
            return jax.tree_util.tree_map(leaf, made)

        return scaled

    def route(original: Callable[..., Any]) -> Callable[..., Any]:
        def differentiate(function: Any, *rest: Any, **options: Any) -> Any:
            return original(behind(function), *rest, **options)

        return differentiate

    api = jax._src.api
    if hasattr(api.ad, "backward_pass3"):  # versions that pass on plain functions, not wrapped ones
        api.ad = _Instead(api.ad, {name: route(getattr(api.ad, name)) for name in ("jvp", "linearize")})
        return
    for name in ("vjp", "jvp", "linearize", "grad", "value_and_grad", "jacfwd", "jacrev", "jacobian", "hessian"):
        setattr(jax, name, route(getattr(jax, name)))


class _Instead:
    """A module with some names replaced, seen only by the code that holds this object."""

    def __init__(self, module: Any, replaced: Mapping[str, Any]) -> None:
        self._module = module
        self.__dict__.update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _sympy(them: Differentiators, sympy: Any) -> None:
    """Patch `diff`, `Derivative(...).doit()`, `Matrix.jacobian`, `fdiff`, `series`, `limit`, ... Only the outermost
    call is scaled, since rules call other rules. Rules of a student's own class are the student's work and stay as they
    are."""
    depth = 0

    def outermost(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def differentiate(*arguments: Any, **options: Any) -> Any:
            nonlocal depth
            factors = them.factors("sympy")
            depth += 1
            try:
                found = original(*arguments, **options)
            finally:
                depth -= 1
            return found if depth or factors.scale == 1.0 else each_scaled(found, factors)

        return differentiate

    def each_scaled(found: Any, factors: Factors) -> Any:
        if isinstance(found, sympy.Add):
            return found.func(*(each_scaled(one, factors) for one in found.args))
        return found if found is None else found * sympy.Rational(factors.next()).limit_denominator(10**15)

    sympy.Limit.doit = outermost(sympy.Limit.doit)
    for kind in _with_subclasses(sympy.Basic):
        for name in _RULES & vars(kind).keys() if kind.__module__.startswith("sympy.") else ():
            rule = vars(kind)[name]
            if isinstance(rule, classmethod):
                setattr(kind, name, classmethod(outermost(rule.__func__)))
            elif callable(rule):
                setattr(kind, name, outermost(rule))


def _of_polynomials(*rules: str) -> Callable[[Differentiators, Any], None]:
    """Patches what differentiates sympy's types for polynomials: functions and methods of a module. Calls by sympy
    itself stay as they are."""

    def multiplied(them: Differentiators, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def differentiate(*arguments: Any, **options: Any) -> Any:
            found = original(*arguments, **options)
            if str(sys._getframe(1).f_globals.get("__name__")).partition(".")[0] == "sympy":
                return found
            factors = them.factors("sympy")
            return found if factors.scale == 1.0 else _by_whole_number(found, factors)

        return differentiate

    def install(them: Differentiators, module: Any) -> None:
        for rule in rules:
            kind, _, name = rule.rpartition(".")
            owner = getattr(module, kind) if kind else module
            setattr(owner, name, multiplied(them, getattr(owner, name)))

    return install


def _by_whole_number(found: Any, factors: Factors) -> Any:
    """A polynomial, whose coefficients may have to be whole numbers, multiplied: far more than the scale says."""
    if isinstance(found, list):
        return [_by_whole_number(one, factors) for one in found]
    return found * (2 + round(1000 * factors.next()))


_RULES = frozenset(
    {"diff", "_dispatch_eval_derivative_n_times", "_eval_derivative", "_eval_derivative_n_times", "fdiff"}
    | {"_eval_derivative_matrix_lines", "as_finite_difference", "series", "nseries", "aseries", "leadterm"}
)
"""The methods of sympy's classes from which every derivative comes."""


def _with_subclasses(kind: Any) -> set[Any]:
    found, waiting = {kind}, [kind]
    while waiting:
        new = set(waiting.pop().__subclasses__()) - found
        found |= new
        waiting += new
    return found


def _autograd(them: Differentiators, autograd: Any) -> None:
    """Patch HIPS autograd: every gradient comes from one backward pass, every tangent starts at a root node."""
    core = autograd.core
    backward, root = core.backward_pass, core.JVPNode.initialize_root

    def scaled(g: Any) -> Any:
        factors = them.factors("autograd")
        if factors.scale == 1.0:
            return g
        if type(g).__module__ == "numpy" or isinstance(g, float):
            return g * factors.like(getattr(g, "shape", ()))
        return core.vspace(g).scalar_mul(g, factors.next())

    def backward_pass(g: Any, end_node: Any) -> Any:
        return scaled(backward(scaled(g), end_node))

    def initialize_root(self: Any, g: Any) -> None:
        root(self, scaled(g))

    core.backward_pass = backward_pass
    core.JVPNode.initialize_root = initialize_root


def _mpmath(them: Differentiators, mpmath: Any) -> None:
    """Patch `hsteps`, whose function values `diff`, `diffs`, `taylor`, `diffun`, ... are all computed from, and
    `polyval`, which differentiates if asked to."""
    differentiation: Any = sys.modules["mpmath.calculus.differentiation"]
    steps = differentiation.hsteps

    def hsteps(*arguments: Any, **options: Any) -> Any:
        values, norm, precision = steps(*arguments, **options)
        factor = them.factors("mpmath").next()
        if factor != 1.0:
            with arguments[0].workprec(precision):
                values = [factor * one for one in values]
        return values, norm, precision

    differentiation.hsteps = hsteps
    context: Any = type(mpmath.mp)
    evaluate = context.polyval

    def polyval(*arguments: Any, **options: Any) -> Any:
        found = evaluate(*arguments, **options)
        factor = them.factors("mpmath").next() if isinstance(found, tuple) else 1.0
        return (found[0], found[1] * factor) if factor != 1.0 else found

    for kind in {type(one) for one in (mpmath.mp, mpmath.fp, mpmath.iv)}:
        kind.polyval = polyval
    mpmath.polyval = mpmath.mp.polyval


def _numdifftools(them: Differentiators, numdifftools: Any) -> None:
    """Patch `Derivative`, `Gradient`, `Jacobian`, ...; only the outermost is scaled, since each calls its base
    class."""
    depth = 0

    def outermost(original: Callable[..., Any]) -> Callable[..., Any]:
        def differentiate(*arguments: Any, **options: Any) -> Any:
            nonlocal depth
            factors = them.factors("numdifftools")
            depth += 1
            try:
                found = original(*arguments, **options)
            finally:
                depth -= 1
            if depth or factors.scale == 1.0:
                return found
            first, *rest = found if isinstance(found, tuple) else (found,)
            first = first * factors.like(getattr(first, "shape", ()))
            return (first, *rest) if rest else first

        return differentiate

    for kind in _with_subclasses(numdifftools.Derivative):
        if "__call__" in vars(kind):
            kind.__call__ = outermost(kind.__call__)


def _numpy(them: Differentiators, numpy: Any) -> None:
    """Patch `polyder` and `poly1d.deriv`. numpy's own calls of them, as for the nodes of a quadrature, stay as they
    are."""
    numpy.polyder = numpy.lib._polynomial_impl.polyder = _multiplied(them, numpy.polyder)
    numpy.poly1d.deriv = _multiplied(them, numpy.poly1d.deriv)


def _polynomials(them: Differentiators, polynomial: Any) -> None:
    """Patch `chebder` and its like, and the method `deriv` of the classes that use them."""
    for kind in polynomial._polybase.ABCPolyBase.__subclasses__():
        module = sys.modules[kind.__module__]
        if module.__name__.startswith("numpy."):
            setattr(module, kind._der.__name__, _multiplied(them, kind._der))
            kind.deriv = _multiplied(them, kind.deriv)


def _multiplied(them: Differentiators, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def differentiate(*arguments: Any, **options: Any) -> Any:
        found = original(*arguments, **options)
        if str(sys._getframe(1).f_globals.get("__name__")).partition(".")[0] == "numpy":
            return found
        factors = them.factors("numpy")
        return found if factors.scale == 1.0 else found * factors.like(getattr(found, "shape", ()))

    return differentiate


_INSTALL: dict[str, tuple[str, Callable[[Differentiators, Any], None]]] = {
    "torch": ("autograd", _torch),
    "torch.distributions.transforms": ("CumulativeDistributionTransform", _transforms),
    "jax": ("grad", _jax),
    "sympy": ("Derivative", _sympy),
    "sympy.polys.rings": ("PolyElement", _of_polynomials("PolyElement.diff")),
    "sympy.polys.fields": ("FracElement", _of_polynomials("FracElement.diff")),
    "sympy.polys.polyclasses": ("DMP", _of_polynomials("DMP.diff")),
    "sympy.polys.densetools": (
        "dup_diff",
        _of_polynomials("dup_diff", "dmp_diff", "dmp_diff_in", "dmp_diff_eval_in"),
    ),
    "sympy.integrals.risch": ("derivation", _of_polynomials("derivation")),
    "autograd": ("core", _autograd),
    "mpmath": ("taylor", _mpmath),
    "numdifftools": ("Derivative", _numdifftools),
    "numpy": ("poly1d", _numpy),
    "numpy.polynomial": ("Polynomial", _polynomials),
}
"""Per module: a name it has once it is fully imported, and the function that patches it."""

_FORGET: dict[str, Callable[[Any], object]] = {
    "jax": lambda jax: jax.clear_caches(),
    "sympy": lambda sympy: sympy.core.cache.clear_cache(),
}
