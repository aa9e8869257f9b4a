"""Grade hand-derived gradients: compare every intermediate with autograd and name the first wrong step.

import grader
result = grader.check("tanh-chain", "mine.py")
print(result.score, result.first_error)

In a notebook: `%load_ext grader` and `%grade tanh-chain`, or `grader.check_here("tanh-chain")`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.notebook import check_here as check_here
    from grader.notebook import load_ipython_extension as load_ipython_extension
    from grader.pipeline import check as check

__version__ = "0.1.0"
__all__ = ["__version__", "check", "check_here"]

_CHILD = "grader.runner.child.main"
"""Loaded in a process that runs a submission."""


def _not_here(*_: Any, **__: Any) -> None:
    """What grading a notebook means while that notebook is being graded: nothing."""


def __getattr__(name: str) -> Any:
    # Lazy: the child process imports `grader.runner.child` and must not import the whole package.
    if name == "check":
        from grader.pipeline import check

        return check
    if name in ("check_here", "load_ipython_extension"):
        if _CHILD in sys.modules:
            return _not_here
        import grader.notebook

        return getattr(grader.notebook, name)
    raise AttributeError(f"module 'grader' has no attribute {name!r}")
