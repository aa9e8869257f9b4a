"""Grade hand-derived gradients: compare every intermediate with autograd and name the first wrong step.

import grader
result = grader.check("tanh-chain", "mine.py")
print(result.score, result.first_error)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.pipeline import check as check

__version__ = "0.1.0"
__all__ = ["__version__", "check"]


def __getattr__(name: str) -> Any:
    # Lazy: the child process imports `grader.runner.child` and must not import the whole package.
    if name == "check":
        from grader.pipeline import check

        return check
    raise AttributeError(f"module 'grader' has no attribute {name!r}")
