"""Searches in a submission's text for what few submissions contain, fast where it is not there; and whether a text may
obtain a library's derivatives without calling a function of the library that the grader watches.

`y.backward()` and similar functions are noticed when they run. The internal parts they consist of are not; these have
known names, but a name that is composed at run time may be any of them. If no text contains either, no run is needed to
test for them.

The start of a process is noticed in the same way, except by code that reaches into the interpreter; that a database is
asked to compute something, or code is made of bytes, by name alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextPattern:
    """A regular expression, and parts of which every text that it matches contains at least one.

    Looking for the parts takes a tenth of the time that the expression takes."""

    expression: re.Pattern[str]
    parts: tuple[str, ...]

    def is_in(self, text: str) -> bool:
        """Whether the expression matches somewhere in a text."""
        return any(part in text for part in self.parts) and self.expression.search(text) is not None

    def is_in_any(self, texts: Iterable[str]) -> bool:
        """Whether it matches in one of the texts."""
        return self.is_in("\n".join(texts))


def words(*them: str) -> TextPattern:
    """The pattern of one of these words, which is not a part of another word."""
    return TextPattern(re.compile(rf"\b(?:{'|'.join(map(re.escape, them))})\b"), them)


_PARTS = (
    words(
        *("grad_fn", "next_functions", "GradientEdge", "get_gradient_edge", "_execution_engine", "_EngineBase"),
        *("_ImperativeEngine", "jit", "aten", "_C", "_VF", "_functorch", "functorch", "forward_ad", "fwAD"),
        *("make_dual", "_make_dual", "unpack_dual", "_unpack_dual", "jvp", "_jvp", "jacfwd", "linearize"),
        *("_decomp", "nn.grad", "TorchDispatchMode", "saved_tensors_hooks"),
    ),
    TextPattern(re.compile(r"\b_VariableFunctions\w*\b"), ("_VariableFunctions",)),
    TextPattern(re.compile(r"\bconv[123]d_(input|weight)\b"), ("d_input", "d_weight")),
    TextPattern(re.compile(r"\btorch\.[\w.]*_backward|\b_\w+_backward_data\b"), ("_backward",)),
)
_OF_THE_SYSTEM = words(
    *("os", "posix", "_posixsubprocess", "subprocess", "multiprocessing", "concurrent", "asyncio", "pty"),
)
_MADE_UP = words(
    *("getattr", "__getattribute__", "attrgetter", "methodcaller", "getmembers", "eval", "exec", "compile"),
    *("__import__", "import_module", "__dict__", "vars", "globals", "locals", "ctypes", "inspect", "gc"),
    *("__subclasses__", "__builtins__"),
)
_ELSEWHERE = words(
    *("sqlite3", "_sqlite3", "dbapi2", "parse_ir"),
    *("marshal", "CodeType", "co_code", "co_consts", "co_filename", "zipimport"),
)
_TORCH = words("torch", "eval", "exec", "__import__", "import_module", "modules", "__builtins__")


def within_reach(sources: Sequence[str]) -> frozenset[str]:
    """The libraries for which this holds."""
    text = "\n".join(sources)
    if _TORCH.is_in(text) and any(one.is_in(text) for one in (*_PARTS, _MADE_UP)):
        return frozenset({"torch"})
    return frozenset()


def may_hide_processes(sources: Sequence[str]) -> bool:
    """Whether a text may start another process and undo that this is noticed when it happens."""
    text = "\n".join(sources)
    return _OF_THE_SYSTEM.is_in(text) and _MADE_UP.is_in(text)


def computes_elsewhere(sources: Sequence[str]) -> bool:
    """Whether a text may have something carried out of which the grader sees nothing: another language, or code that is
    made of bytes."""
    return _ELSEWHERE.is_in("\n".join(sources))
