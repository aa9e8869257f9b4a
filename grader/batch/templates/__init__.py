"""Render HTML pages: single files with every value escaped, which load no resources and run no scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.report.text import safe_html


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("grader.batch", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters["told"] = _told
    return environment


_CODE = re.compile(r"`([^`]+)`")


def _told(sentence: str) -> Markup:
    """A sentence of a report as HTML, with parts in backticks as code."""
    parts = [safe_html(part) for part in _CODE.split(sentence)]
    parts[1::2] = [f"<code>{part}</code>" for part in parts[1::2]]
    return Markup("".join(parts))  # escaped just above


def _shown(value: object) -> object:
    """Text escaped for HTML, so that no markup in it takes effect; other values stay as they are."""
    return Markup(safe_html(value)) if type(value) is str else value  # escaped in the same call


def render(template: str, **values: object) -> str:
    """Render a template. The page's content security policy allows only its own style sheet, by digest."""
    environment = _environment()
    style = environment.get_template("style.css").render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return environment.get_template(template).render(style=Markup(style), policy=policy, **values)
