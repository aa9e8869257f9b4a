"""Logs hold no secrets."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from grader.service.monitoring import JsonLines, without_secrets
from tests.service.web.class_of_two import ClassOfTwo

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"launch failed: {TOKEN}", TOKEN),
        ("Authorization: Bearer abc.def-123", "abc.def-123"),
        ("GET /enter/aB3_x-9 200", "aB3_x-9"),
        ("/lti/launch?state=s3cr3t&id_token=abc", "s3cr3t"),
        ("{'password': 'hunter2hunter2'}", "hunter2hunter2"),
        ("postgresql+psycopg://grader:pass@word/db", "grader:pass"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "MIIE"),
    ],
)
def test_what_looks_like_a_secret_is_blanked(text: str, secret: str) -> None:
    assert secret not in without_secrets(text)


def test_other_text_stays() -> None:
    assert without_secrets("attempt 12 of tanh-chain was graded in 0.1 s") == (
        "attempt 12 of tanh-chain was graded in 0.1 s"
    )


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("grader.service")
    logger.addHandler(handler)
    logger.setLevel("INFO")
    yield written
    logger.removeHandler(handler)
    logger.setLevel("NOTSET")


def test_a_request_is_one_line_with_the_pattern_of_its_address(lines: io.StringIO, two: ClassOfTwo) -> None:
    two.of(two.ada).get("/enter/a-secret?more=secret")

    (line,) = map(json.loads, lines.getvalue().splitlines())
    assert (line["method"], line["route"], line["status"]) == ("GET", "/enter/{token:str}", 410)
    assert line["user"] == two.ada.id
    assert "secret" not in lines.getvalue()


def test_a_traceback_is_part_of_the_line(lines: io.StringIO) -> None:
    try:
        raise RuntimeError(f"sent {TOKEN}")
    except RuntimeError:
        logging.getLogger("grader.service").exception("it failed")

    (line,) = map(json.loads, lines.getvalue().splitlines())
    assert "RuntimeError" in line["traceback"]
    assert TOKEN not in lines.getvalue()
