"""Whether a text may obtain a library's derivatives without calling a function of the library that the grader watches.

`y.backward()` and similar functions are noticed when they run. The internal parts they consist of are not; these have
known names, but a name that is composed at run time may be any of them. If no text contains either, no run is needed to
test for them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_PARTS = re.compile(
    r"\b(grad_fn|next_functions|GradientEdge|get_gradient_edge|_execution_engine|_EngineBase|_ImperativeEngine|jit|aten"
    r"|_C|_VF|_VariableFunctions\w*|_functorch|functorch|forward_ad|fwAD|_?make_dual|_?unpack_dual|_?jvp|jacfwd"
    r"|linearize|_decomp|TorchDispatchMode|saved_tensors_hooks|nn\.grad|conv[123]d_(input|weight))\b"
    r"|\btorch\.[\w.]*_backward|\b_\w+_backward_data\b"
)
_PROCESSES = re.compile(
    r"\b(fork|forkpty|subprocess|Popen|popen|system|posix_spawn\w*|spawn[lv]\w*|multiprocessing|ProcessPoolExecutor|pty)\b"
)
_OF_THE_SYSTEM = re.compile(r"\b(os|posix|_posixsubprocess)\b")
_MADE_UP = re.compile(
    r"\b(getattr|__getattribute__|attrgetter|methodcaller|getmembers|eval|exec|compile|__import__|import_module|__dict__"
    r"|vars|globals|locals|ctypes|inspect|gc|__subclasses__|__builtins__)\b"
)
_IMPORTS = ("eval", "exec", "__import__", "import_module", "modules", "__builtins__")


def within_reach(sources: Sequence[str]) -> frozenset[str]:
    """The libraries for which this holds."""
    text = "\n".join(sources)
    if has_word(text, ("torch", *_IMPORTS)) and (_PARTS.search(text) or _MADE_UP.search(text)):
        return frozenset({"torch"})
    return frozenset()


def has_word(text: str, words: Sequence[str]) -> bool:
    """Whether a text has one of these words. Most texts have none even within another word, which is seen faster."""
    return any(word in text for word in words) and re.search(rf"\b(?:{'|'.join(words)})\b", text) is not None


def may_start_processes(sources: Sequence[str]) -> bool:
    """Whether a text may start another process, in which nothing can be examined."""
    text = "\n".join(sources)
    return bool(_PROCESSES.search(text) or (_OF_THE_SYSTEM.search(text) and _MADE_UP.search(text)))
