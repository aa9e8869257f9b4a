"""The demo as its instructor sees it, in headless Chromium; axe-core looks on."""

from __future__ import annotations

import pytest

from tests.browser import Browser
from tests.service.web.test_in_browser import Demo, axe, demo, entered, here, looked_at, shown, text

pytestmark = [pytest.mark.slow, pytest.mark.torch]

__all__ = ["axe", "demo", "shown"]


def test_an_instructor_looks_at_all_pages_and_sees_the_course_as_a_student(
    demo: Demo, shown: Browser, axe: str
) -> None:
    base = entered(shown, demo.instructor)
    assert base.endswith("/teach")
    shown.follow(".rowlink")
    assignment = here(shown)

    looked_at(shown, axe, base, f"{base}/people", f"{base}/settings", f"{base}/add?from=sigmoid", assignment,
              *(f"{assignment}/{one}" for one in ("settings", "exercise", "regrades", "scores", "export")))  # fmt: skip

    shown.open(base)
    shown.follow("form[action$=as-student] button")
    assert "as your test student" in text(shown, ".viewing")
    shown.follow(".viewing button")
    looked_at(shown, axe, f"{base}/audit")
