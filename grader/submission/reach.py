"""Whether a text may get at a library's derivatives by a way on which no function of the library is met.

`y.backward()` and its like tell of themselves when they run. What does not is the parts they are made of, which have
names of their own; and a name that is put together as the program runs may be any of those. Where no text has either,
no run is spent on them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_PARTS = re.compile(
    r"\b(grad_fn|next_functions|GradientEdge|get_gradient_edge|_execution_engine|_EngineBase|_ImperativeEngine|jit|aten"
    r"|_C|_VF|_VariableFunctions\w*|_functorch|functorch|forward_ad|fwAD|_?make_dual|_?unpack_dual|_?jvp|jacfwd"
    r"|linearize|TorchDispatchMode|saved_tensors_hooks)\b|\btorch\.[\w.]*_backward|\b_\w+_backward_data\b"
)
_MADE_UP = re.compile(
    r"\b(getattr|__getattribute__|attrgetter|methodcaller|getmembers|eval|exec|compile|__import__|import_module|__dict__"
    r"|vars|globals|locals|ctypes|inspect|gc|__subclasses__|__builtins__)\b"
)
_TORCH = re.compile(r"\btorch\b")
_IMPORTS = re.compile(r"\b(eval|exec|__import__|import_module|modules|__builtins__)\b")


def within_reach(sources: Sequence[str]) -> frozenset[str]:
    """The libraries of which that holds."""
    text = "\n".join(sources)
    has_torch = _TORCH.search(text) or _IMPORTS.search(text)
    if has_torch and (_PARTS.search(text) or _MADE_UP.search(text)):
        return frozenset({"torch"})
    return frozenset()
