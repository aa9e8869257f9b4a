"""The README's picture of a report shows the report as it is now."""

from __future__ import annotations

import runpy
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def making() -> dict[str, Any]:
    """What is in the command that makes the picture."""
    return runpy.run_path(str(ROOT / ".ci" / "picture.py"))


def test_the_picture_shows_what_the_report_says_now(making: dict[str, Any]) -> None:
    drawn = ElementTree.parse(making["PICTURE"]).iter(f"{SVG}text")
    words = "".join("".join(one.itertext()) for one in drawn if "title" not in one.get("class", ""))

    assert "".join(unescape(words).split()) == "".join(making["shown"]().plain.split())


def test_the_picture_loads_nothing_from_anywhere(making: dict[str, Any]) -> None:
    text = making["PICTURE"].read_text("utf-8")

    assert "url(http" not in text
    assert "href" not in text
