"""`grader lint --operations`: every operation of the formula language, one line each."""

from __future__ import annotations

from grader.cli.output import width, write

INTRODUCTION = """\
# Operations

What a formula in `forward` and `steps` may use, and what a student's line may use to be repaired. Names are those of
torch; NumPy's names and the prefixes `np.`, `torch.`, `F.`, `torch.linalg.` and `math.` are read too. The value is
torch's. A parameter such as `dim=` may be left out; `axis=` is `dim=`. `pi`, `e` and `inf` are numbers. An index may be
a condition (`x[x > 0]`), and a slice may go backwards (`x[::-1]`).

Where libraries differ, a name alone is read as torch's, or refused: `max(x, 1)`, `repeat(x, 2)`, `split(x, 2)`.

`grader lint --operations` prints this list; it is written by it, and a test compares the two.
"""


def list_operations() -> None:
    """Print every operation with its description, grouped by kind."""
    from grader.formula.catalogue import listing
    from grader.report.page import Page

    page = Page(width())
    for kind, operations in listing():
        page.pieces((kind, "bold cyan"))
        for called, words in operations:
            page.pieces((f"  {called}  ", ""), (words, "dim"))
    write(page.text())


def markdown() -> str:
    """The same list as a page: `exercises/OPERATIONS.md`."""
    from grader.formula.catalogue import listing

    parts = [INTRODUCTION]
    for kind, operations in listing():
        rows = [f"| `{called}` | {words.replace('|', chr(92) + '|')} |" for called, words in operations]
        parts.append("\n".join([f"## {kind}\n", "| operation | |", "|---|---|", *rows, ""]))
    return "\n".join(parts)
