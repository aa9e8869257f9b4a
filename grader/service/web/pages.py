"""Pages: templates of `templates/`, and those of reports, in which every text is escaped; and the files that they load,
read once, under an address that changes with them.

The text of an exercise becomes HTML here: Markdown without raw HTML and pictures, formulas typeset."""

from __future__ import annotations

import gzip
import hashlib
import html
import re
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from grader.html import mathml
from grader.html.rendering import TEMPLATES, environment, without_links
from grader.report.numbers import count
from grader.service.web.context import service
from grader.service.web.security import CSRF_FIELD, csrf_token
from grader.service.web.sessions import session_tokens

OF_REPORTS = {
    "report-page.css": "style.css",
    "report.css": "report.css",
    "report.js": "report.js",
    "class.css": "class.css",
    "class.js": "class.js",
    "stix-two-math.woff2": "stix-two-math.woff2",
}
"""Files of `grader.html` under the names they have here."""

KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "woff2": "font/woff2",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}


@cache
def _static() -> dict[str, bytes]:
    shared = files("grader.html") / "templates"
    found = {name: (shared / own).read_bytes() for name, own in OF_REPORTS.items()}
    found |= {one.name: one.read_bytes() for one in (files("grader.service.web") / "static").iterdir()}
    return {name: content for name, content in found.items() if name.rpartition(".")[2] in KINDS}


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress(_static()[name], 9, mtime=0)


@cache
def version() -> str:
    """Changes with any of the files."""
    digest = hashlib.sha256()
    for name, content in sorted(_static().items()):
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()[:16]


def static(name: str) -> str:
    """The address of a file. Raises `KeyError` if there is none of this name."""
    _static()[name]
    return f"/static/{version()}/{name}"


def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _static():
        raise HTTPException(404)
    headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
    content = _static()[name]
    if _takes_gzip(request.headers.get("accept-encoding", "")) and not name.endswith(".woff2"):
        content, headers["content-encoding"] = _compressed(name), "gzip"
    return Response(content, media_type=KINDS[name.rpartition(".")[2]], headers=headers)


def _takes_gzip(accepted: str) -> bool:
    """Whether a browser that accepts these encodings takes gzip: it is among them, and not excluded by `q=0`."""
    for one in accepted.lower().split(","):
        name, _, quality = one.replace(" ", "").partition(";q=")
        if name == "gzip":
            return quality.strip("0.") != "" or not quality
    return False


def file_routes() -> list[Route]:
    return [Route("/static/{version}/{name}", _file)]


_FORMULA = re.compile(r"`+[^`]*`+|\$\$.+?\$\$|(?<![\\$])\$(?! )(?:[^$\n]|\n(?!\n))+?(?<![ \\])\$(?!\d)", re.S)
_PLACE = re.compile(r"\ue000(\d+)\ue001")
"""Where a formula was: two characters of private use around its number."""

_DISPLAYED = Markup('<span class="displayed" tabindex="0" role="group" aria-label="formula">{}</span>')
"""A formula on a line of its own, which is scrolled where the page is narrow."""


@lru_cache(64)
def as_html(text: str) -> Markup:
    """The text; what its author wrote as HTML is shown as it was written."""
    formulas: list[Markup] = []

    def kept(found: re.Match[str]) -> str:
        if found[0].startswith("`"):
            return found[0]
        shown = mathml.typeset(found[0])
        formulas.append(_DISPLAYED.format(shown) if found[0].startswith("$$") else shown)
        return f"\ue000{len(formulas) - 1}\ue001"

    text = re.sub("[\ue000\ue001]", "", text)
    made = MarkdownIt("commonmark", {"html": False}).disable("image").enable("table").render(_FORMULA.sub(kept, text))
    return Markup(_PLACE.sub(lambda found: str(formulas[int(found[1])]), made))  # escaped by the parser and `typeset`


TITLES = {
    400: "This cannot be read",
    401: "You are not signed in",
    403: "This is not for you",
    404: "There is nothing here",
    405: "There is nothing here",
    408: "That took too long",
    409: "Not now",
    413: "Too large",
    415: "This cannot be read",
    429: "Too often",
    500: "That is our fault",
    503: "Not now",
}
SENTENCES = {
    401: "Open the assignment again from your course. With a link of your own, open that link.",
    403: "This page is for those who teach the course.",
    404: "The address is wrong, or belongs to a course that you are not in.",
    405: "This address shows no page.",
    500: "Nothing you handed in is lost, and nothing costs points. Try again in a minute.",
}


@cache
def _environment() -> Environment:
    loader = ChoiceLoader([PackageLoader("grader.service.web", "templates"), TEMPLATES])
    made = environment(loader)
    made.globals["static"] = static
    made.filters["typeset"] = mathml.typeset
    made.filters["points"] = count
    made.filters["moment"] = moment
    made.filters["exact"] = exact
    made.filters["unlinked"] = lambda drawing: Markup(without_links(drawing))  # escaped before
    return made


def compile_pages() -> None:
    """Compile all templates, so that nobody waits for it at a page."""
    known = _environment()
    for name in known.list_templates(["html"]):
        known.get_template(name)


def page(request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page from a template, which also knows `me` (the `SignedIn`, or None), `person` (the `Person`, or None), `csrf`
    (the hidden field for its forms), `url` (where we are reached) and `demo`."""
    return HTMLResponse(rendered(request, name, **values), status)


def rendered(request: Request, name: str, **values: object) -> str:
    """A template as text, for a part of a page."""
    settings = service(request).settings
    who = getattr(request.state, "person", None)
    # Also for a session that has run out: its cookie is still sent, and the form that begins a new one is checked too.
    tokens = session_tokens(request) if who is None else [who.token]
    token = csrf_token(settings.secret, tokens[0]) if tokens else ""
    common = {
        "me": getattr(request.state, "signed_in", None),
        "person": who,
        "csrf": Markup(f'<input type="hidden" name="{CSRF_FIELD}" value="{token}">'),  # hexadecimal digits
        "csrf_token": token,
        "path": request.url.path,
        "url": settings.url,
        "demo": settings.demo,
    }
    return _environment().get_template(name).render(common | values)


def error_page(request: Request, status: int, why: str | None = None, title: str | None = None) -> HTMLResponse:
    """The page of a failure, with one sentence that says what to do."""
    title = title or TITLES.get(status, "That did not work")
    return page(request, "error.html", status, title=title, why=why or SENTENCES.get(status, "Go back and try again."))


def moment(at: datetime | None) -> Markup | str:
    """A time in UTC for a page; the script of the page shows it in the reader's own time zone."""
    if at is None:
        return ""
    shown = f"{at:%a} {at.day} {at:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(f"{at:%Y-%m-%dT%H:%M:%SZ}", shown)


def exact(text: str) -> Markup:
    """A text that is edited on a page: escaped, with every character as it is. Others are made visible elsewhere."""
    return Markup(html.escape(text))  # escaped in the same call
