"""Setup of the libraries a submission imports: float64 as a rule, one thread, the same random numbers in every run.

The half floats a submission asks for are replaced by the float type of the run. float16 keeps three digits and bfloat16
two: a right derivation in them may be off by a few percent, as may a wrong one. With wider floats the
derivation is the same, and can be judged.

Which of them functions are written for: a notebook that compares with torch may have its functions in NumPy.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import importlib
import random
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

from grader.runner.child.differentiators import Differentiators
from grader.runner.child.event_loops import use_pipes
from grader.runner.child.threads import map_at_once, submit_at_once

KNOWN = frozenset({"numpy", "torch"})

_EMPTY = CellType()
"""The cell of a closure whose name is not bound yet, or never."""


def libraries_of(codes: Iterable[CodeType], names: Mapping[str, Any]) -> set[str]:
    """Those of `KNOWN` that the code in `codes` reads, directly or through functions in `names`."""
    found: set[str] = set()
    waiting, seen = list(codes), set[CodeType]()
    while waiting:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        waiting.extend(one for one in code.co_consts if isinstance(one, CodeType))
        for name in code.co_names:
            value = names.get(name)
            if isinstance(value, ModuleType):
                found.add(str(value.__name__).partition(".")[0])
            elif name in KNOWN:  # imported inside the function
                found.add(name)
            waiting.extend(function.__code__ for function in _functions(value))
    return found & KNOWN


def _functions(value: Any) -> list[FunctionType]:
    """A function, or the functions of a class, and those in their closures: a decorated function hides what it
    calls."""
    kind = value if isinstance(value, type) else None
    found = [value] if kind is None else list(vars(kind).values())
    functions: list[FunctionType] = []
    while found:
        one = found.pop()
        if isinstance(one, FunctionType) and one not in functions:
            functions.append(one)
            found.extend(cell.cell_contents for cell in one.__closure__ or () if cell != _EMPTY)
    return functions


_METHODS = {"float64": "double", "float32": "float"}
_TENSORS = {"float64": "DoubleTensor", "float32": "FloatTensor"}


class HalfFloats:
    """The names that ask for half floats in torch and numpy: widened, or original."""

    def __init__(self) -> None:
        self._own: dict[tuple[Any, str], Any] = {}

    def widen(self, width: str) -> None:
        """Make these names mean `width`: "float64" or "float32"."""
        torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
        if numpy is not None:
            for name in ("float16", "half"):
                self._put(numpy, name, getattr(numpy, width))
        if torch is not None and hasattr(torch, "Tensor"):
            for name in ("float16", "half", "bfloat16"):
                self._put(torch, name, getattr(torch, width))
            for name in ("half", "bfloat16"):
                self._put(torch.Tensor, name, getattr(torch.Tensor, _METHODS[width]))
            for name in ("HalfTensor", "BFloat16Tensor"):
                self._put(torch, name, getattr(torch, _TENSORS[width]))

    def narrow(self) -> None:
        """Restore the original names."""
        for (owner, name), value in self._own.items():
            setattr(owner, name, value)
        self._own.clear()

    def _put(self, owner: Any, name: str, value: Any) -> None:
        self._own.setdefault((owner, name), getattr(owner, name))
        setattr(owner, name, value)


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Context for imports, without garbage collection: a library creates hundreds of thousands of objects that stay,
    and scanning them again and again takes a fifth of torch's import time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _as_it_is(model: Any = None, *_: Any, **options: Any) -> Any:
    """In place of `torch.compile`, called or as a decorator: what was to be compiled."""
    return _as_it_is if model is None else model


def _but_for_own(script: Any) -> Any:
    """In place of `torch.jit.script`: what the submission defines stays as it is. torch scripts functions itself."""

    def scripted(model: Any, *arguments: Any, **options: Any) -> Any:
        own = getattr(model, "__module__", None) == "__main__"
        return model if own else script(model, *arguments, **options)

    return scripted


class Libraries:
    """Which libraries have been set up so far."""

    def __init__(self) -> None:
        self.ready: set[str] = set()
        self.floats = "double"
        self.widened = False
        self.halves = HalfFloats()
        self.differentiators = Differentiators()

    def imported(self) -> None:
        """Set up new libraries. Called after every import of the student's."""
        if "numpy" in sys.modules and "numpy" not in self.ready and hasattr(sys.modules["numpy"], "random"):
            self.ready.add("numpy")
            with contextlib.suppress(Exception):
                sys.modules["numpy"].random.seed(0)
        if "torch" in sys.modules and "torch" not in self.ready and hasattr(sys.modules["torch"], "autograd"):
            self.ready.add("torch")
            self._torch(sys.modules["torch"])
        if "jax" in sys.modules and "jax" not in self.ready:
            self.ready.add("jax")
            self._jax(sys.modules["jax"])
        if "asyncio.selector_events" in sys.modules and "asyncio" not in self.ready:
            self.ready.add("asyncio")
            use_pipes(sys.modules["asyncio.selector_events"])
        self._threads()
        self._set_halves()
        self.differentiators.imported()

    def start(self, scales: Mapping[str, float], floats: str, asks_for_half: bool) -> None:
        """Give every run the same start: random seeds, scales of derivatives (per library), and floats
        (`runner/floats.py`). Libraries that a module of the student's has imported are set up here."""
        self.imported()
        self.differentiators.start(scales)
        changed, self.floats = floats != self.floats, floats
        self.widened = asks_for_half and floats != "half"
        self._set_halves()
        if changed and "jax" in self.ready:
            self._jax(sys.modules["jax"])
        random.seed(0)
        with contextlib.suppress(Exception):
            if "numpy" in sys.modules:
                sys.modules["numpy"].random.seed(0)
            if "torch" in self.ready:
                torch = sys.modules["torch"]
                torch.default_generator.manual_seed(0)  # torch.manual_seed spends a fifth of a run on devices
                torch.set_default_dtype(self._default(torch))
                torch.set_grad_enabled(True)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Context in which libraries are also set up when a module of the student's imports them."""
        plain, by_name, known = builtins.__import__, importlib.import_module, len(sys.modules)

        def then_set_up(function: Any) -> Any:
            def imported(*arguments: Any, **options: Any) -> Any:
                nonlocal known
                made = function(*arguments, **options)
                if len(sys.modules) != known:
                    known = len(sys.modules)
                    self.imported()
                return made

            return imported

        builtins.__import__, importlib.import_module = then_set_up(plain), then_set_up(by_name)
        try:
            yield
        finally:
            builtins.__import__, importlib.import_module = plain, by_name

    def _threads(self) -> None:
        if "concurrent.futures" in sys.modules and "executors" not in self.ready:
            self.ready.add("executors")
            submit_at_once(importlib.import_module("concurrent.futures.thread"))
        if hasattr(sys.modules.get("multiprocessing.pool"), "ThreadPool") and "pools" not in self.ready:
            self.ready.add("pools")
            map_at_once(sys.modules["multiprocessing.pool"])

    def _torch(self, torch: Any) -> None:
        with contextlib.suppress(Exception):
            torch.set_default_dtype(self._default(torch))
            torch.set_num_threads(1)
            # What is compiled would trace the reports of bindings, too, and takes longer than a run may.
            torch.compile, torch.jit.script = _as_it_is, _but_for_own(torch.jit.script)

    def _default(self, torch: Any) -> Any:
        return getattr(torch, self._width)

    @property
    def _width(self) -> str:
        return "float64" if self.floats == "double" else "float32"

    def _set_halves(self) -> None:
        with contextlib.suppress(Exception):
            if self.widened:
                self.halves.widen(self._width)
            else:
                self.halves.narrow()

    def _jax(self, jax: Any) -> None:
        with contextlib.suppress(Exception):
            jax.config.update("jax_enable_x64", self.floats == "double")
