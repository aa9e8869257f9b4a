"""Stubs for packages that are not installed and that a derivation can do without: decorators that only speed code up,
progress bars, plots, logs.

A stub can be imported, called, iterated and entered, but never acts as a number: code that needs one gets an error that
names the missing package. Of packages that compute (`numba`, `jax`, `pandas`) only decorators and tables can be
called, and of `scipy` the functions of forward passes (`SCIPY_FUNCTIONS`). Others (`sklearn`) get no stub.
"""

from __future__ import annotations

import importlib
import math
import opcode
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType
from typing import Any, NoReturn

SCIPY_FUNCTIONS = frozenset({"erf", "expit", "log_expit", "log_softmax", "logit", "logsumexp", "softmax", "xlogy"})


def scipy_function(numpy: Any, name: str) -> Any:
    """The function of this name, one of `SCIPY_FUNCTIONS`, computed with numpy."""

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


# fmt: off
SHOWING = frozenset({
    "IPython", "altair", "alive_progress", "bokeh", "colorama", "comet_ml", "dotenv", "fastprogress",
    "google.colab", "graphviz", "icecream", "ipywidgets", "line_profiler", "livelossplot", "loguru", "matplotlib",
    "matplotlib_inline", "memory_profiler", "mlflow", "plotly", "prettytable", "progressbar", "rich", "seaborn",
    "tabulate", "tensorboard", "tensorboardX", "termcolor", "torchinfo", "torchsummary", "torchview", "torchviz",
    "tqdm", "wandb",
})
# fmt: on
"""Packages that show what was computed, and whose calls return nothing to compute with."""

COMPUTING = {
    "numba": frozenset(["jit", "njit", "vectorize", "guvectorize", "stencil", "jitclass", "generated_jit"]),
    "jax": frozenset({"jit"}),
    "tensorflow": frozenset({"function"}),
    "pandas": frozenset({"DataFrame", "Series", "set_option"}),
    "scipy": frozenset[str](),
}
"""Packages that compute, and the names of each that can be called all the same: decorators, and tables that are only
shown."""

KNOWN = SHOWING | COMPUTING.keys()


class StandIn:
    """Stub for an object of a package that is not installed."""

    __array_ufunc__ = None
    """Makes numpy arrays defer to the operators below."""

    def __init__(self, package: str, name: str) -> None:
        self.__dict__.update(_package=package, _name=name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _computed(f"{self._name}.{name}") or StandIn(self._package, f"{self._name}.{name}")

    def __setattr__(self, name: str, value: object) -> None:
        pass

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """A decorator returns what it is applied to; apart from that, only calls that show something are allowed."""
        only = COMPUTING.get(self._package)
        is_type = bool(arguments) and all(isinstance(one, StandIn) for one in arguments)  # float64(float64)
        if only is not None and only.isdisjoint(self._name.split(".")) and not is_type:
            _refuse(self)
        if arguments and callable(arguments[0]) and not isinstance(arguments[0], StandIn):
            return arguments[0]
        return StandIn(self._package, self._name)

    def __getitem__(self, key: object) -> StandIn:
        return StandIn(self._package, self._name)

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[StandIn]:
        """Yields one stub for each unpacked name (`fig, axes = plt.subplots()`), otherwise nothing."""
        wanted = _unpacked_into(sys._getframe(1))
        if wanted is None and self._package in COMPUTING:
            _refuse(self)
        return iter([self[number] for number in range(wanted or 0)])

    def __repr__(self) -> str:
        return f"<{self._name}: `{self._package}` is not installed here>"

    def __hash__(self) -> int:
        return id(self)

    def __instancecheck__(self, value: object) -> bool:
        return False

    def __mro_entries__(self, bases: object) -> tuple[type, ...]:
        """A class that inherits from a stub is defined without that base."""
        return ()


def _refuse(of: StandIn, *_: object) -> NoReturn:
    raise ModuleNotFoundError(f"`{of._package}` is not installed here, and `{of._name}` is needed")


_NUMBERS = (
    "add sub mul matmul truediv floordiv mod pow radd rsub rmul rmatmul rtruediv rfloordiv rmod rpow neg pos abs "
    "invert lt le gt ge eq ne bool len int float index array contains round complex"
)
for _name in _NUMBERS.split():
    setattr(StandIn, f"__{_name}__", _refuse)


class Progress(StandIn):
    """Stub of a progress bar: iterates over what it wraps, and shows nothing."""

    def __init__(self, iterable: Iterable[Any] = (), *_: object, **__: object) -> None:
        super().__init__("tqdm", "tqdm")
        self.__dict__["_iterable"] = iterable

    def __iter__(self) -> Iterator[Any]:
        return iter(self._iterable)

    @staticmethod
    def write(text: object = "", *_: object, **__: object) -> None:
        print(text)


def _first(*arguments: Any) -> Any:
    return arguments[0] if arguments else None


_MEANT: dict[str, Callable[..., Any]] = {
    "tqdm": Progress,
    "tqdm_notebook": Progress,
    "trange": lambda *bounds, **_: Progress(range(*bounds)),
    "tnrange": lambda *bounds, **_: Progress(range(*bounds)),
    "track": Progress,
    "progressbar": Progress,
    "progress_bar": Progress,
    "master_bar": Progress,
    "alive_it": Progress,
    "prange": range,
    "ic": _first,
}
"""Replacements by name, whose results the code goes on with."""


class Package(ModuleType):
    """Stub for a package that is not installed, or for one of its modules."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        package = package_of(self.__name__) or self.__name__
        full = f"{self.__name__}.{name}"
        return _MEANT.get(name) or _computed(full) or StandIn(package, full)


def _computed(name: str) -> Any:
    """A function of a missing package that is computed without it; None if there is none of this name."""
    module, _, function = name.rpartition(".")
    if module != "scipy.special" or function not in SCIPY_FUNCTIONS:
        return None
    return scipy_function(importlib.import_module("numpy"), function)


def package_of(name: str) -> str | None:
    """The known package that a module is, or is part of."""
    parts = name.split(".")
    heads = (".".join(parts[:size]) for size in range(1, len(parts) + 1))
    return next((head for head in heads if head in KNOWN), None)


class Finder:
    """An import finder that comes last: it is asked only where no other finder has found the module."""

    def __init__(self, packages: Iterable[str], is_own: Callable[[str], bool], note: Callable[[str], None]) -> None:
        """`packages` are those the submission imports without handling their absence; `is_own` says whether a file of
        this name belongs to the submission; `note` gets the name of each package that is stubbed."""
        self._packages, self._is_own, self._note = frozenset(packages), is_own, note

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        package = package_of(name) or next((one for one in self._packages if one.startswith(f"{name}.")), None)
        above = sys.modules.get(name.partition(".")[0])
        if package not in self._packages or (name != package and package in name and type(above) is not Package):
            return None
        if not self._is_own(_importer(sys._getframe(1)).f_code.co_filename):
            return None
        self._note(package)
        return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]  # has the methods a loader needs

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return Package(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def _importer(frame: FrameType) -> FrameType:
    """The frame of the `import`, below those of the import system."""
    while frame.f_back is not None and "importlib" in frame.f_code.co_filename:
        frame = frame.f_back
    return frame


def _unpacked_into(frame: FrameType) -> int | None:
    """The number of names that the frame unpacks the requested value into; None where it does not unpack."""
    code, at = frame.f_code.co_code, frame.f_lasti
    return code[at + 1] if code[at] == opcode.opmap["UNPACK_SEQUENCE"] else None
