"""The table of pages, by which they are looked at, is complete."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import Route

from grader.service.lti.tool import tool
from grader.service.web import serve
from tests.service.web import site
from tests.service.web.page_table import ALSO, NO_PAGE, PARTS, SHOWN

TEMPLATES = Path(serve.__file__).parent / "templates"


def test_every_address_is_in_the_table() -> None:
    settings = site.settings()
    routes = [one for part in serve.parts(tool(settings), site.engine()) for one in part]
    asked = {one.path for one in routes if isinstance(one, Route) and "GET" in (one.methods or ())}

    assert asked == set(SHOWN) | set(NO_PAGE)


def test_every_template_is_in_the_table() -> None:
    assert {one.name for one in TEMPLATES.glob("*.html")} == {*SHOWN.values(), *ALSO, *PARTS}
