"""Recognise the programming language of a file or a notebook if it is not Python."""

from __future__ import annotations

from typing import Any

FENCED = (".md", ".markdown", ".rmd", ".qmd")
"""Endings of Markdown files, which may contain Python code blocks."""

_BY_ENDING = {
    "c": "C",
    "cpp": "C++",
    "java": "Java",
    "jl": "Julia",
    "js": "JavaScript",
    "m": "MATLAB or Octave",
    "nb": "Mathematica",
    "r": "R",
    "scala": "Scala",
    "tex": "LaTeX",
    "ts": "TypeScript",
}

_BY_KERNEL = {
    "deno": "JavaScript",
    "ir": "R",
    "javascript": "JavaScript",
    "julia": "Julia",
    "octave": "Octave",
    "scala": "Scala",
    "xcpp": "C++",
    "xr": "R",
}
"""Languages by kernel name without version, used only if a notebook does not state its language."""

_READ_AS_PYTHON = ("py", "sage", "coconut")


def foreign_ending(name: str) -> str | None:
    """The language of a file by its ending; None if it may be Python."""
    return _BY_ENDING.get(name.lower().rpartition(".")[2]) if "." in name else None


def foreign_notebook(metadata: object) -> str | None:
    """The language that a notebook states; None if it is Python or not stated."""
    for section, field in (("language_info", "name"), ("kernelspec", "language")):
        if name := _entry(metadata, section, field):
            return foreign_name(name)
    kernel = _entry(metadata, "kernelspec", "name").lower()
    return _BY_KERNEL.get(kernel.partition("-")[0])


def foreign_name(name: str) -> str | None:
    """The display name of a language; None for Python under any of its names."""
    if any(word in name.lower() for word in _READ_AS_PYTHON):
        return None
    return (name if name != name.lower() else _BY_KERNEL.get(name, name.capitalize()))[:40]


def _entry(metadata: Any, section: str, field: str) -> str:
    inner = metadata.get(section) if isinstance(metadata, dict) else None
    name = inner.get(field) if isinstance(inner, dict) else None
    return name.strip() if isinstance(name, str) else ""
