"""Every address that is asked for with GET: what shows it, or why it shows no page of its own."""

from __future__ import annotations

COURSE = "/courses/{course:int}"
TEACH = f"{COURSE}/teach"
TAUGHT = f"{TEACH}/assignments/{{assignment:int}}"
ASSIGNMENT = f"{COURSE}/assignments/{{assignment:int}}"

SHOWN = {
    "/": "home.html",
    "/sign-in": "sign_in.html",
    "/enter/{token:str}": "enter.html",
    "/account": "account.html",
    "/privacy": "privacy.html",
    TEACH: "instructor_course.html",
    f"{TEACH}/people": "instructor_people.html",
    f"{TEACH}/people/{{user:int}}": "instructor_person.html",
    f"{TEACH}/settings": "instructor_course_settings.html",
    f"{TEACH}/audit": "instructor_audit.html",
    f"{TEACH}/add": "instructor_add.html",
    f"{TEACH}/attempts/{{attempt:int}}": "instructor_attempt.html",
    f"{TEACH}/regrades/{{regrade:int}}": "instructor_regrade.html",
    TAUGHT: "instructor_class.html",
    f"{TAUGHT}/settings": "instructor_settings.html",
    f"{TAUGHT}/exercise": "instructor_exercise.html",
    f"{TAUGHT}/students/{{user:int}}": "instructor_student.html",
    f"{TAUGHT}/regrades": "instructor_regrades.html",
    f"{TAUGHT}/scores": "instructor_scores.html",
    f"{TAUGHT}/export": "instructor_export.html",
    COURSE: "course.html",
    ASSIGNMENT: "assignment.html",
    f"{ASSIGNMENT}/attempts/{{number:int}}": "attempt.html",
    "/lti": "lti_set_up.html",
    "/lti/login": "lti_login.html",
    "/lti/launch": "lti_new_tab.html",
    "/lti/register/{token}": "lti_registered.html",
}
"""The template of the page."""

NO_PAGE = {
    f"{TAUGHT}/version": "JSON for the script of the class page",
    f"{TEACH}/attempts/{{attempt:int}}/file": "a file that is saved",
    f"{ASSIGNMENT}/starter.{{form:str}}": "a file that is saved",
    f"{ASSIGNMENT}/attempts/{{number:int}}/file": "a file that is saved",
    f"{ASSIGNMENT}/attempts/{{number:int}}/events": "a stream for the script of the waiting page",
    "/lti/jwks": "JSON for platforms",
    "/lti/canvas.json": "JSON for Canvas",
}
"""Why not."""

ALSO = {
    "error.html": "whatever is refused",
    "waiting.html": "an attempt that is being graded",
    "ungraded.html": "an attempt that could not be graded",
    "instructor_ungraded.html": "the same for instructors",
    "lti_choice.html": "a launch of somebody who may choose the exercise",
    "lti_return.html": "the way back after choosing",
    "lti_not_set_up.html": "a launch of a link without an exercise",
}
"""Pages that stand at an address of another page, or answer a form: when they are shown."""

PARTS = {"base.html", "instructor_base.html", "instructor_parts.html", "instructor_live.html",
         "instructor_regrade_live.html", "instructor_findings.html"}  # fmt: skip
"""Templates that are parts of pages."""
