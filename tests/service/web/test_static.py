"""Files that pages load: packed where the browser takes that, and under an address that may be kept for ever."""

from __future__ import annotations

import gzip

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from grader.service.web.pages import file_routes, static

BROWSER = TestClient(Starlette(routes=file_routes()))


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip", True), ("deflate, gzip;q=1.0, *;q=0.5", True), ("GZIP;q=0.5", True), ("br", False), ("", False),
     ("gzip;q=0", False), ("br, gzip; q=0.000", False), ("x-gzip-not", False)],
)  # fmt: skip
def test_a_file_is_packed_where_the_browser_takes_it(accepted: str, packed: bool) -> None:
    plain = BROWSER.get(static("style.css"), headers={"accept-encoding": "identity"})
    answer = BROWSER.get(static("style.css"), headers={"accept-encoding": accepted})

    assert ("content-encoding" in answer.headers) == packed
    assert answer.content == plain.content
    assert answer.headers["vary"] == "accept-encoding"
    assert not packed or int(answer.headers["content-length"]) == len(gzip.compress(plain.content, 9, mtime=0))


def test_a_font_is_packed_already() -> None:
    answer = BROWSER.get(static("stix-two-math.woff2"), headers={"accept-encoding": "gzip"})

    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("name", ["other.css", "..%2fpages.py", "static.py"])
def test_nothing_else_is_a_file(name: str) -> None:
    assert BROWSER.get(f"/static/1/{name}").status_code == 404
