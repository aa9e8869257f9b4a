"""Files of ours that pages load: read once, under an address that changes with them."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

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


def routes() -> list[Route]:
    return [Route("/static/{version}/{name}", _file)]
