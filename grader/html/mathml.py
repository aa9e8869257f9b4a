"""Typeset formulas as MathML: those of the formula language from their syntax trees, LaTeX in texts by a library."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from markupsafe import Markup, escape

from grader.formula.parse import parse_expression
from grader.formula.syntax import (
    Call,
    Derivative,
    Everything,
    Expression,
    FormulaError,
    Index,
    Name,
    Number,
    is_branch,
    text,
)
from grader.report.text import safe_html

_NAME = re.compile(r"([A-Za-z]+?)(\d*)((?:_[A-Za-z0-9]+)*)")
_FUNCTIONS = {"transpose_all": "⊤", "matrix_transpose": "⊤", "mT": "⊤"}
_INFIX = {"add": ("+", 1), "sub": ("−", 1), "mul": ("·", 2), "matmul": ("", 2)}
_COMPARED = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤", "eq": "=", "ne": "≠"}
_ATOM = 9


def formula(node: Expression) -> Markup:
    """A formula as a `<math>` element."""
    return Markup(f"<math>{_row(node)}</math>")  # all names and numbers are escaped below


def equation(left: Expression, right: Expression) -> Markup:
    """`left = right` as one `<math>` element."""
    return Markup(f'<math displaystyle="true"><mrow>{_row(left)}<mo>=</mo>{_row(right)}</mrow></math>')


def _row(node: Expression) -> str:
    match node:
        case Number(value=value):
            return f"<mn>{escape(repr(value))}</mn>"
        case Name(id=name):
            return _name(name)
        case Derivative(of, by, via, partial):
            through = "" if via is None else f"<mo>;</mo>{_row(via)}"
            sign = "∂" if partial or via is None else "d"
            above = f"<mrow><mo>{sign}</mo>{_bracketed(of, _ATOM)}{through}</mrow>"
            return f"<mfrac>{above}<mrow><mo>{sign}</mo>{_bracketed(by, _ATOM)}</mrow></mfrac>"
        case Index(base, keys) if not any(isinstance(key, Everything) for key in keys):
            listed = "<mo>,</mo>".join(_row(key) for key in keys)
            return f"<msub>{_bracketed(base, _ATOM)}<mrow>{listed}</mrow></msub>"
        case Call():
            return _call(node)
        case _:
            return f"<mtext>{escape(text(node))}</mtext>"


def _call(node: Call) -> str:
    match node:
        case Call(operation="div", arguments=(above, below)):
            return f"<mfrac>{_mrow(above)}{_mrow(below)}</mfrac>"
        case Call(operation="pow", arguments=(base, exponent)):
            return f"<msup>{_bracketed(base, _ATOM)}{_mrow(exponent)}</msup>"
        case Call(operation="square", arguments=(base,)):
            return f"<msup>{_bracketed(base, _ATOM)}<mn>2</mn></msup>"
        case Call(operation="sqrt", arguments=(inner,)):
            return f"<msqrt>{_row(inner)}</msqrt>"
        case Call(operation="neg", arguments=(inner,)):
            return f"<mrow><mo>−</mo>{_bracketed(inner, 2)}</mrow>"
        case Call(operation=operation, arguments=(inner,)) if operation in _FUNCTIONS and not node.options:
            return f"<msup>{_bracketed(inner, _ATOM)}<mo>{_FUNCTIONS[operation]}</mo></msup>"
        case Call(operation=operation, arguments=(left, right)) if operation in _INFIX:
            sign, strength = _INFIX[operation]
            shown = f"<mo>{sign}</mo>" if sign else '<mspace width="0.2em"/>'
            return f"<mrow>{_bracketed(left, strength)}{shown}{_bracketed(right, strength + 1)}</mrow>"
        case Call(operation=operation, arguments=(left, right)) if operation in _COMPARED:
            return f"<mrow>{_row(left)}<mo>{escape(_COMPARED[operation])}</mo>{_row(right)}</mrow>"
        case Call(arguments=(condition, one, other)) if is_branch(node):
            return (
                f"<mrow><mo>{{</mo><mtable><mtr><mtd>{_row(one)}</mtd><mtd><mtext>if\u00a0</mtext>{_row(condition)}</mtd></mtr>"
                f"<mtr><mtd>{_row(other)}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>"
            )
        case _:
            parts = [_row(one) for one in node.arguments]
            parts += [f"<mtext>{escape(key)}={escape(text(value))}</mtext>" for key, value in node.options]
            listed = "<mo>,</mo>".join(parts)
            return f"<mrow><mi>{escape(node.operation)}</mi><mo>(</mo>{listed}<mo>)</mo></mrow>"


def _strength(node: Expression) -> int:
    match node:
        case Call(operation=operation) if operation in _COMPARED or is_branch(node):
            return 0
        case Call(operation=operation) if operation in _INFIX:
            return _INFIX[operation][1]
        case Call(operation="neg"):
            return 1
        case Number(value=value) if not isinstance(value, complex) and value < 0:
            return 1
        case Call(operation="div") | Call(operation="pow") | Call(operation="square") | Derivative():
            return 3
        case _:
            return _ATOM


def _bracketed(node: Expression, at_least: int) -> str:
    inner = _row(node)
    if _strength(node) >= at_least:
        return inner
    return f"<mrow><mo>(</mo>{inner}<mo>)</mo></mrow>"


def _mrow(node: Expression) -> str:
    return f"<mrow>{_row(node)}</mrow>"


def _name(name: str) -> str:
    """`w_h` with a subscript, `h1_raw` with a subscript and a superscript, `loss` as a word."""
    found = _NAME.fullmatch(name)
    if found is None:
        return f"<mi>{escape(name)}</mi>"
    letters, digits, rest = found[1], found[2], [part for part in found[3].split("_") if part]
    base = f"<mi>{letters}</mi>"
    subs = [f"<mn>{digits}</mn>"] if digits else []
    supers: list[str] = []
    for part in rest:
        shown = (
            f"<mn>{part}</mn>" if part.isdigit() else f"<mi>{part}</mi>" if len(part) == 1 else f"<mtext>{part}</mtext>"
        )
        (supers if len(part) > 1 and subs else subs).append(shown)
    if subs and supers:
        return f"<msubsup>{base}<mrow>{''.join(subs)}</mrow><mrow>{''.join(supers)}</mrow></msubsup>"
    if subs:
        return f"<msub>{base}<mrow>{''.join(subs)}</mrow></msub>"
    return base


_LATEX = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$(?! )((?:[^$\n]|\n(?!\n))+?)(?<![ \\])\$(?!\d)", re.S)
_MAX_CHARACTERS = 4000
"""Maximum number of characters of a LaTeX formula; a longer one stays as it is."""


def typeset(words: str) -> Markup:
    """A text with its formulas between `$` or `$$` as MathML, everything else escaped. A formula that the library
    cannot read stays as it was written."""
    pieces, at = [], 0
    for found in _LATEX.finditer(words):
        pieces += [_text(words[at : found.start()]), _latex(found[1] or found[2], found[1] is not None, found[0])]
        at = found.end()
    return Markup("").join([*pieces, _text(words[at:])])


_DERIVATIVE = re.compile(r"\b((?:d|partial)\((?:[^()]|\([^()]*\))*\)/(?:d|partial)\((?:[^()]|\([^()]*\))*\))")
_RULE = re.compile(r"by the chain rule, (?P<left>.*?) = (?P<right>.*)", re.S)


def sentence(words: str) -> Markup:
    """A sentence of a report, in which derivatives such as `d(h1)/d(w_h)`, and what the chain rule says, are typeset.
    What cannot be read as a formula stays as it is."""
    told = _RULE.fullmatch(words)
    if told is not None and (rule := _equation(told["left"], told["right"])) is not None:
        attributes = 'class="rule" role="group" aria-label="chain rule" tabindex="0"'
        return Markup(f"by the chain rule, <span {attributes}>{rule}</span>")  # made of a formula
    parts = [_text(part) if number % 2 == 0 else _derivative(part) for number, part in
             enumerate(_DERIVATIVE.split(words))]  # fmt: skip
    return Markup("").join(parts)


def _equation(left: str, right: str) -> Markup | None:
    if len(left) + len(right) > _MAX_CHARACTERS:
        return None
    try:
        return equation(parse_expression(left), parse_expression(right))
    except FormulaError:
        return None


def _derivative(written: str) -> Markup:
    try:
        return formula(parse_expression(written))
    except FormulaError:
        return _text(written)


def _text(words: str) -> Markup:
    return Markup(safe_html(words))  # escaped in the same call


_TAGS = frozenset(
    [
        "math",
        "mrow",
        "mi",
        "mn",
        "mo",
        "mtext",
        "mspace",
        "mfrac",
        "msqrt",
        "mroot",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mtable",
        "mtr",
        "mtd",
        "mstyle",
        "mpadded",
        "mphantom",
        "merror",
        "semantics",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "display",
        "mathvariant",
        "stretchy",
        "fence",
        "form",
        "separator",
        "movablelimits",
        "largeop",
        "accent",
        "accentunder",
        "width",
        "height",
        "depth",
        "lspace",
        "rspace",
        "minsize",
        "maxsize",
        "columnalign",
        "rowspacing",
        "columnspacing",
        "displaystyle",
        "scriptlevel",
        "linethickness",
    ]
)


def _latex(source: str, displayed: bool, written: str) -> Markup:
    if len(source) > _MAX_CHARACTERS:
        return _text(written)
    from latex2mathml.converter import convert_to_element

    # `{pmatrix}^\\top` needs braces around the matrix.
    source = re.sub(r"(\\begin\{(\w*matrix)\}.*?\\end\{\2\})(?=[\^_])", r"{\1}", source, flags=re.S)
    # A word in a script is a word, not a product of letters.
    source = re.sub(r"([\^_])\{([A-Za-z]{2,})\}", r"\1{\\mathrm{\2}}", source)
    try:
        root = convert_to_element(source, display="block" if displayed else "inline")
    except Exception:  # the library raises whatever its parser meets
        return _text(written)
    # The library's own text form undoes escapes, and keeps links: the elements are checked and written here.
    if any(node.tag not in _TAGS for node in root.iter()):
        return _text(written)
    return Markup(_element(root))  # escaped there


def _element(node: Any) -> str:
    """An element of the library's tree, with its tail."""
    attributes = "".join(f' {key}="{safe_html(value)}"' for key, value in node.items() if key in _ATTRIBUTES)
    inner = safe_html(unescape(node.text or "")) + "".join(map(_element, node))
    return f"<{node.tag}{attributes}>{inner}</{node.tag}>{safe_html(unescape(node.tail or ''))}"
