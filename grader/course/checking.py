"""Grade one submission for all exercises of a course."""

from __future__ import annotations

import os
from dataclasses import dataclass

from grader.course.course_file import Course, Entry
from grader.course.sections import section_of
from grader.model import Isolation, Result, Reveal, Submission
from grader.pipeline import check
from grader.submission.load import load as load_submission


@dataclass(frozen=True, slots=True)
class CourseResult:
    """The result of each exercise of a course, in its order."""

    course: Course
    results: tuple[Result, ...]

    @property
    def score(self) -> float | None:
        """The weighted sum; None, never 0, if an exercise could not be judged at all."""
        scores = [worth(entry, one) for entry, one in zip(self.course.entries, self.results, strict=True)]
        return None if None in scores else sum(one for one in scores if one is not None)

    @property
    def max_score(self) -> float:
        return sum(entry.weight * entry.points for entry in self.course.entries)


def worth(entry: Entry, result: Result) -> float | None:
    """What a result adds to the sum: its share of the exercise's points, times the weight."""
    if result.score is None:
        return None
    return entry.weight * entry.points * (result.score / result.max_score if result.max_score else 0.0)


def check_course(
    course: Course,
    submission: Submission | str | os.PathLike[str],
    *,
    student: str | None = None,
    reveal: Reveal | None = None,
    secret: str = "",
    isolation: Isolation = "process",
) -> CourseResult:
    """Grade a submission for every exercise: on its own section where one is marked, otherwise on the whole file. The
    options, and what is raised, are those of `grader.pipeline.check`."""
    read = submission if isinstance(submission, Submission) else load_submission(submission)
    results = tuple(
        check(
            entry.exercise,
            section_of(read, entry.exercise.id),
            student=student,
            reveal=reveal,
            secret=secret,
            isolation=isolation,
        )
        for entry in course.entries
    )
    return CourseResult(course, results)
