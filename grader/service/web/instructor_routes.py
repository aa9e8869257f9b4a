"""All pages of those who teach a course."""

from __future__ import annotations

from starlette.routing import Route

from grader.service.web import (
    instructor_assignments,
    instructor_class,
    instructor_course,
    instructor_scores,
    instructor_students,
)
from grader.service.web.instructor_course import RosterSource


def routes(roster: RosterSource | None = None) -> list[Route]:
    """The routes. `roster` asks the platform of a course who is in it; None: no platform can be asked."""
    base = "/courses/{course:int}/teach"
    assignment = f"{base}/assignments/{{assignment:int}}"
    return [
        *instructor_course.routes(base, roster),
        *instructor_assignments.routes(base, assignment),
        *instructor_class.routes(assignment),
        *instructor_students.routes(assignment, f"{base}/attempts"),
        *instructor_scores.routes(base, assignment),
    ]
