"""Styles of a page's lines."""

from __future__ import annotations

from rich.console import Console

from grader.report.page import Page


def colours(page: Page) -> list[tuple[str, str | None]]:
    """Each piece of the page's text with the colour a terminal gives it."""
    segments = Console(color_system="standard", force_terminal=True).render(page.text())
    return [(one.text.strip(), one.style.color.name if one.style and one.style.color else None) for one in segments]


def test_a_lead_keeps_its_colour_to_itself() -> None:
    page = Page(60)
    page.prose("a fact about `h1`", lead="= ", lead_style="blue")

    assert [one for one in colours(page) if one[0]] == [("=", "blue"), ("a fact about", None), ("`h1`", None)]
