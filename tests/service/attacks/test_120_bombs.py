"""120: bodies that are too large, too slow, of too many parts, or compressed."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator

import pytest

from grader.service.web.forms import FormGuard
from tests.service.web import site
from tests.service.web.guarded_site import GuardedSite


@pytest.fixture(scope="module")
def here() -> Iterator[GuardedSite]:
    made = GuardedSite()
    yield made
    made.engine.dispose()


def test_a_file_arrives_with_its_name(here: GuardedSite) -> None:
    answer = here.of(here.student).send_form("/send", files={"file": ("mine.py", b"x = 1")})

    assert answer.text == " [('mine.py', 5)]"


def test_what_is_too_large_is_refused_before_it_is_read(here: GuardedSite) -> None:
    client = here.of(here.student)

    assert client.send_form("/send", files={"file": ("a.py", b"x" * 2001)}).status_code == 413
    assert client.send_form("/send", files={"file": ("a.py", b"x" * 200_000)}).status_code == 413
    assert client.post("/send", content=iter([b"x" * 70_000] * 40)).status_code == 413  # says no length


def test_compressed_bodies_and_forms_of_very_many_parts_are_refused(here: GuardedSite) -> None:
    client = here.of(here.student)
    bomb = gzip.compress(b"0" * 1_000_000)
    many = "&".join(f"a{n}=1" for n in range(5000))
    kind = {"content-type": "application/x-www-form-urlencoded"}

    assert client.post("/send", content=bomb, headers={"content-encoding": "gzip"}).status_code == 415
    assert client.post("/send", content=many, headers=kind).status_code == 400
    assert client.send_form("/send", files=[("f", (f"{n}.py", b"")) for n in range(50)]).status_code == 400


def test_an_upload_that_never_ends_is_cut_off(here: GuardedSite) -> None:
    sent: list[dict[str, object]] = []

    async def slowly() -> dict[str, object]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def keep(message: dict[str, object]) -> None:
        sent.append(message)

    guard = FormGuard(here.app, site.settings(), seconds=0.1)
    scope = {"type": "http", "method": "POST", "path": "/send", "headers": [(b"host", b"testserver")], "app": here.app,
             "query_string": b"", "server": ("testserver", 80), "scheme": "http"}  # fmt: skip
    asyncio.run(guard(scope, slowly, keep))  # type: ignore[arg-type]

    assert sent[0]["status"] == 408
