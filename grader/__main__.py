"""`python -m grader`: like the command `grader`.

Python puts the current folder first on its path, and a student's `numpy.py` there would be imported into the grader's
own process. It is taken off again, unless the grader itself is run from there.
"""

from __future__ import annotations

import os
import sys


def without_current_folder(path: list[str], home: str) -> list[str]:
    """`path` without the current folder; `home` is the folder this package lies in, which must stay."""
    here = os.path.realpath(os.getcwd())
    if here == os.path.realpath(home):
        return path
    return [entry for entry in path if entry and os.path.realpath(entry) != here]


if __name__ == "__main__":
    sys.path[:] = without_current_folder(sys.path, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

    from grader.cli.main import main

    main()
