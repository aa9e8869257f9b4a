"""Render HTML pages: single files with every value escaped, which load no resources and run no script but our own."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.html import mathml
from grader.report.text import safe_html

TEMPLATES = PackageLoader("grader.html", "templates")


def environment(loader: BaseLoader) -> Environment:
    """An environment for templates in which every text is escaped, sentences of reports with the filter `told`."""
    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.filters["told"] = _told
    return made


@cache
def _environment() -> Environment:
    made = environment(TEMPLATES)
    made.globals["math_font"] = _math_font
    return made


def _math_font() -> Markup:
    """A subset of STIX Two Math, without which brackets and roots do not grow with what they hold."""
    font = files("grader.html") / "templates" / "stix-two-math.woff2"
    return Markup(base64.b64encode(font.read_bytes()).decode())  # letters, digits, `+`, `/` and `=`


_CODE = re.compile(r"`([^`]+)`")


def _told(sentence: str) -> Markup:
    """A sentence of a report as HTML, with parts in backticks as code and formulas typeset."""
    parts = _CODE.split(sentence)
    if len(parts) == 1:
        return mathml.sentence(sentence)
    shown = [mathml.sentence(part) for part in parts]
    shown[1::2] = [Markup(f"<code>{safe_html(part)}</code>") for part in parts[1::2]]  # escaped in the same call
    return Markup("").join(shown)


def _shown(value: object) -> object:
    """Text escaped for HTML, so that no markup in it takes effect; other values stay as they are."""
    return Markup(safe_html(value)) if type(value) is str else value  # escaped in the same call


def render(template: str, style: tuple[str, ...] = ("style.css",), script: str | None = None, **values: object) -> str:
    """Render a template with its style sheets and its script, all of them files beside it. The page's content security
    policy allows only these, by digest."""
    own = _environment()
    sheet = "".join(own.get_template(one).render() for one in style)
    policy = f"default-src 'none'; style-src '{_digest(sheet)}'; base-uri 'none'; form-action 'none'"
    if "@font-face" in sheet:
        policy += "; font-src data:"
    code = None
    if script is not None:
        code = own.get_template(script).render()
        policy += f"; script-src '{_digest(code)}'"
    marked = {"style": Markup(sheet), "script": None if code is None else Markup(code)}  # files of our own
    return own.get_template(template).render(policy=policy, **marked, **values)


def fragment(template: str, style: tuple[str, ...], prefix: str, **values: object) -> str:
    """Render a template as part of another page, such as the output of a notebook: its style applies to nothing
    outside, its anchors begin with `prefix`."""
    own = _environment()
    sheet = "".join(own.get_template(one).render() for one in style)
    # Nested, every rule applies within the element only; what was of the whole page becomes of the element itself.
    nested = re.sub(r"(?m)^(\s*)(:root|body)\b", r"\1&", sheet).replace("{ body {", "{ & {")
    scoped = Markup(f".grader-report {{{nested}}}{_themed(sheet)}{_OWN}")  # files of our own
    page = own.get_template(template).render(style=scoped, **values)
    return _ANCHORS.sub(rf"\g<1>{prefix}", without_links(page))


_ANCHORS = re.compile(r'((?:\bid="|href="#|data-quantity="|aria-labelledby="|marker-end="url\(#))')


_OWN = "".join(
    f".grader-report.grader-report.grader-report {one}"
    for one in (
        "code { background: none; color: inherit; padding: 0; }",
        "pre { background: var(--code); color: inherit; padding: .7rem .9rem; }",
        "tr { background: none; }",
        "{ padding: 1rem; }",
    )
)
"""What front ends set for every output, and this page sets nowhere: stronger than their rules."""

_DARK = '[data-jp-theme-light="false"], .vscode-dark, html[theme="dark"]'
_LIGHT = '[data-jp-theme-light="true"], .vscode-light'
"""What front ends (JupyterLab, VS Code, Colab) set where their own theme is dark or light."""


def _themed(sheet: str) -> str:
    """The colours of a style sheet for the theme of the front end, which may not be that of the browser."""
    light = re.search(r":root \{(.*?)\}", sheet, re.S)
    dark = re.search(r"prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", sheet, re.S)
    if light is None or dark is None:
        return ""
    return (
        f":is({_LIGHT}) .grader-report {{{light[1]}color-scheme: light;}}"
        f":is({_DARK}) .grader-report {{{dark[1]}color-scheme: dark;}}"
    )


_SVG = re.compile(r"<svg\b.*?</svg>", re.S)


def without_links(page: str) -> str:
    """A page with groups in place of the links in its drawings: JupyterLab rewrites the address of each link of an
    output, and fails at those of SVG, whose address cannot be set."""
    return _SVG.sub(lambda drawing: re.sub(r"</a>", "</g>", re.sub(r'<a href="[^"]*"', "<g", drawing[0])), page)


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
