"""Entry point of `python -m grader`, equivalent to the command `grader`.

Python puts the current folder first on `sys.path`, so a student's `numpy.py` there would be imported into the grader's
own process. The folder is removed from the path, unless the grader itself is run from there.
"""

from __future__ import annotations

import os
import sys


def without_current_folder(path: list[str], home: str) -> list[str]:
    """Return `path` without the current folder. `home`, the folder that contains this package, is always kept."""
    here = os.path.realpath(os.getcwd())
    if here == os.path.realpath(home):
        return path
    return [entry for entry in path if entry and os.path.realpath(entry) != here]


if __name__ == "__main__":
    sys.path[:] = without_current_folder(sys.path, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

    from grader.cli.main import main

    main()
