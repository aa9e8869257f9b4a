"""The cells of a notebook in the order in which they were run, as far as the file says."""

from __future__ import annotations

from dataclasses import replace

from grader.model import Cell, Submission

TOP_TO_BOTTOM = "the notebook is graded top to bottom"
AS_RUN = "the notebook is graded in the order in which its cells were run"


def as_run(submission: Submission) -> Submission | None:
    """The submission with its cells in the order of their saved execution counts; None if that is their order. A cell
    without a count stays behind the cell above it."""
    if not any(problem.kind == "order" for problem in submission.problems):
        return None
    groups: list[list[Cell]] = []
    for cell in submission.cells:
        if cell.execution_count is None and groups:
            groups[-1].append(cell)
        else:
            groups.append([cell])
    groups.sort(key=lambda group: group[0].execution_count or 0)
    problems = tuple(
        replace(one, message=one.message.replace(TOP_TO_BOTTOM, AS_RUN)) if one.kind == "order" else one
        for one in submission.problems
    )
    return replace(submission, cells=tuple(cell for group in groups for cell in group), problems=problems)
