"""Which libraries a submission asks for that take their time to import."""

from __future__ import annotations

import ast
import contextlib
import re
import warnings

from grader.model import Submission

_SLOW = frozenset({"jax", "matplotlib", "numpy", "pandas", "scipy", "sklearn", "sympy", "tensorflow", "torch"})

_NAMED = re.compile("|".join(sorted(_SLOW)))


def slow_libraries(submission: Submission) -> tuple[str, ...]:
    """Their names, to be imported before any clock starts: waiting for torch is not the student's time."""
    found: set[str] = set()
    for cell in submission.cells:
        if not _NAMED.search(cell.source):
            continue
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.split(".")[0])
    return tuple(sorted(found & _SLOW))
