"""Convert the LaTeX in an exercise's text to Unicode characters for a terminal, as far as characters exist."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$(?! )((?:[^$\n]|\n(?!\n))+?)(?<![ \\])\$(?!\d)", re.S)
_CODE = re.compile(r"(```.*?```|`[^`]*`)", re.S)

_GREEK = (
    "alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ "
    "pi π rho ρ sigma σ tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π "
    "Sigma Σ Phi Φ Psi Ψ Omega Ω"
)

_SYMBOLS = {
    **dict(zip(_GREEK.split()[::2], _GREEK.split()[1::2], strict=True)),
    "partial": "∂", "nabla": "∇", "infty": "∞", "sum": "∑", "prod": "∏", "int": "∫",
    "cdot": "·", "times": "×", "div": "÷", "pm": "±", "mp": "∓", "odot": "⊙", "otimes": "⊗", "oplus": "⊕", "circ": "∘",
    "ast": "*", "star": "⋆", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈",
    "equiv": "≡", "sim": "∼", "propto": "∝", "in": "∈", "notin": "∉", "subset": "⊂", "cup": "∪", "cap": "∩",
    "forall": "∀", "exists": "∃", "to": "→", "rightarrow": "→", "leftarrow": "←", "Rightarrow": "⇒", "mapsto": "↦",
    "mid": "|", "vert": "|", "lvert": "|", "rvert": "|", "Vert": "‖", "lVert": "‖", "rVert": "‖", "|": "‖",
    "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉",
    "dots": "…", "ldots": "…", "cdots": "⋯", "top": "ᵀ", "prime": "′", "ell": "ℓ", "hbar": "ℏ",
    "{": "{", "}": "}", "%": "%", "$": "$", "_": "_", "&": "&", "#": "#",
    ",": " ", ":": " ", ";": " ", "!": "", " ": " ", "quad": "\n", "qquad": "\n", "\\": "\n",
}  # fmt: skip
"""The replacement of each command; an unlisted command becomes its name: `\\tanh` becomes `tanh`."""

_LOOKS = (
    "left right big Big bigl bigr Bigl Bigr bigg Bigg displaystyle textstyle limits nolimits mathrm text mathbf "
    "boldsymbol mathit mathsf operatorname mathbb mathcal textbf textit rm bf"
)
_SILENT = frozenset(_LOOKS.split())
"""Commands that only affect appearance."""

_ACCENTS = {"hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "overline": "\u0304", "tilde": "\u0303",
            "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308"}  # fmt: skip

_RAISED = dict(zip("0123456789+-=()nT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿᵀ", strict=True)) | {"ᵀ": "ᵀ", "′": "′"}
_LOWERED = dict(zip("0123456789+-=()ijknt", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ᵢⱼₖₙₜ", strict=True))
"""Digits, signs and indices. A letter that is part of a name is not made small, as in code: `w_h`, `h_prev`."""

_HALVES = {("1", "2"): "½", ("1", "3"): "⅓", ("2", "3"): "⅔", ("1", "4"): "¼", ("3", "4"): "¾", ("1", "8"): "⅛"}

_TOKEN = re.compile(r"\\([A-Za-z]+|.)|([{}^_])|(\s+)|(.)", re.S)
_DEEPEST = 20
_MAX_CHARACTERS = 4000
"""Maximum number of characters of a formula that is converted; a longer one stays as it is."""


def plain(text: str) -> str:
    """Convert the formulas between `$` or `$$` in a text: `$h_1^{raw}$` becomes `h₁^raw`. Code stays unchanged."""
    if "$" not in text:
        return text
    pieces = _CODE.split(text)
    return "".join(one if number % 2 else _FORMULA.sub(_formula, one) for number, one in enumerate(pieces))


def _formula(found: re.Match[str]) -> str:
    displayed, inline = found[1], found[2]
    if displayed is None:
        return characters(inline).replace("\n", "    ")
    # One equation per line: a line wider than the terminal would be unreadable.
    return "\n".join(f"    {line.strip()}" for line in characters(displayed).split("\n") if line.strip())


def characters(latex: str) -> str:
    """Convert one formula to characters."""
    if len(latex) > _MAX_CHARACTERS:
        return latex
    made, _ = _LatexReader([found[0] for found in _TOKEN.finditer(latex)]).sequence(0, 0)
    made = re.sub(r"(?<=[∂∇]) +|(?<=∂²) +|(?<=\S) +(?= )", "", made).strip()
    return re.sub(r"(\S+/\S+) / (\S+/\S+)", r"(\1) / (\2)", made)


class _LatexReader:
    """A parser over the tokens of a formula; each method also returns the position after what it read."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def sequence(self, at: int, depth: int) -> tuple[str, int]:
        """Read up to the brace that closes this group, or to the end."""
        made: list[str] = []
        while at < len(self.tokens) and self.tokens[at] != "}":
            token = self.tokens[at]
            if token in "^_" and depth < _DEEPEST:
                script, at = self.argument(at + 1, depth)
                made.append(_script(script, token))
                continue
            one, at = self.atom(at, depth)
            made.append(one)
        return "".join(made), at + 1

    def argument(self, at: int, depth: int) -> tuple[str, int]:
        """Read a group or a single token."""
        while at < len(self.tokens) and self.tokens[at].isspace():
            at += 1
        return ("", at) if at >= len(self.tokens) else self.atom(at, depth)

    def atom(self, at: int, depth: int) -> tuple[str, int]:
        token = self.tokens[at]
        if token == "{" and depth < _DEEPEST:
            return self.sequence(at + 1, depth + 1)
        if token.isspace():
            return " ", at + 1
        if not token.startswith("\\") or len(token) == 1:
            return token, at + 1
        return self.command(token[1:], at + 1, depth)

    def command(self, name: str, at: int, depth: int) -> tuple[str, int]:
        if depth >= _DEEPEST:
            return name, at
        if name in ("frac", "tfrac", "dfrac"):
            above, at = self.argument(at, depth + 1)
            below, at = self.argument(at, depth + 1)
            apart = " " if at < len(self.tokens) and (self.tokens[at].isalnum() or self.tokens[at][0] == "\\") else ""
            return _HALVES.get((above, below), f"{_bracketed(above)}/{_bracketed(below)}{apart}"), at
        if name == "sqrt":
            inner, at = self.argument(at, depth + 1)
            return f"√{inner if len(inner) == 1 else f'({inner})'}", at
        if name in _ACCENTS:
            inner, at = self.argument(at, depth + 1)
            return f"{inner}{_ACCENTS[name]}" if len(inner) == 1 else f"{inner} {name}", at
        if name in _SILENT:
            while at < len(self.tokens) and self.tokens[at].isspace():
                at += 1
            return "", at
        return _SYMBOLS.get(name, name), at


def _script(text: str, mark: str) -> str:
    """A superscript or subscript, in small characters if all of them exist."""
    small = _RAISED if mark == "^" else _LOWERED
    squeezed = text.replace(" ", "")
    if squeezed and all(one in small for one in squeezed):
        return "".join(small[one] for one in squeezed)
    return f"{mark}{text}" if re.fullmatch(r"\w*", text) else f"{mark}({text})"


def _bracketed(text: str) -> str:
    """Add brackets where a fraction on one line would otherwise be ambiguous."""
    text = re.sub("(?<=∂) |(?<=∂²) ", "", text)
    whole = re.fullmatch(r"[\w√∂ᵀ₀-₉⁰-⁹̂̄̃]*(\([^()]*\))?", text) is not None
    return text if whole else f"({text})"
