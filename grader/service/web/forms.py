"""Forms, read within limits before an endpoint sees them, and only if a page of ours sent them.

Limits hold while a body arrives, whatever its headers say: its size, its number of parts, its time. Addresses below
`/lti/` are sent to by platforms; what they send is verified there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.service.settings import Settings
from grader.service.web.pages import error_page
from grader.service.web.security import CSRF_FIELD, CSRF_HEADER, is_own_form, is_own_origin
from grader.service.web.sessions import session_tokens

SAFE = ("GET", "HEAD", "OPTIONS")
PLATFORMS = "/lti/"
BODY_SECONDS = 30.0
"""How long a body may take to arrive."""
FORM_BYTES = 1 << 20
"""Bytes of a form without files."""
MORE_BYTES = 1 << 16
"""Bytes of a form with files beyond the largest file."""
FIELDS = 1000
MAX_FILES = 4


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file in a form, under the name that the browser gives."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form; `body` is what was sent, for endpoints that take no form."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, UploadedFile] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    def get(self, name: str, default: str = "") -> str:
        """The first value of a field."""
        return self.fields.get(name, (default,))[0]

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a field."""
        return self.fields.get(name, ())


def form(request: Request) -> Form:
    """The form of a request, checked; an empty one if it had none."""
    return getattr(request.state, "form", None) or Form()


class BodyRefused(Exception):
    """A body is not taken: with a status, and a sentence that says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class FormGuard:
    """Reads the bodies of requests that change something, and refuses those that were not sent by a page of ours."""

    def __init__(self, app: ASGIApp, settings: Settings, seconds: float = BODY_SECONDS) -> None:
        self._app, self._settings, self._seconds = app, settings, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            if not scope["path"].startswith(PLATFORMS):
                _refuse_other_origins(request.headers, self._settings.url)
            body = await self._body(request.headers, receive)
            found = await _parsed(request.headers, body, self._settings.upload_limit)
            if not scope["path"].startswith(PLATFORMS):
                self._refuse_foreign(request, found)
        except BodyRefused as refused:
            await error_page(request, refused.status, refused.why)(scope, receive, send)
            return
        request.state.form = found
        await self._app(scope, _again(body, receive), send)

    def _refuse_foreign(self, request: Request, found: Form) -> None:
        """A form of somebody who is signed in has the token of the session."""
        tokens = session_tokens(request)
        given = request.headers.get(CSRF_HEADER) or found.get(CSRF_FIELD)
        if tokens and not is_own_form(self._settings.secret, tokens, given):
            raise BodyRefused(403, "This form is no longer valid. Go back, reload the page, and send it again.")

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        if headers.get("content-encoding", "identity") != "identity":
            raise BodyRefused(415, "Compressed uploads are not taken. Send the file as it is.")
        files = headers.get("content-type", "").startswith("multipart/")
        limit = self._settings.upload_limit + MORE_BYTES if files else FORM_BYTES
        announced = headers.get("content-length", "0")
        if not announced.isdecimal() or len(announced) > 12 or int(announced) > limit:
            raise _too_large(self._settings.upload_limit)
        try:
            async with asyncio.timeout(self._seconds):
                parts, size = [], 0
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise BodyRefused(400, "The upload was cut off. Send it again.")
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > limit:
                        raise _too_large(self._settings.upload_limit)
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError:
            raise BodyRefused(408, "The upload took too long. Send it again.") from None


def _refuse_other_origins(headers: Headers, url: str) -> None:
    if not is_own_origin(headers, url):
        raise BodyRefused(403, "This form was sent by another site.")


def _too_large(limit: int) -> BodyRefused:
    return BodyRefused(
        413, f"A file may have at most {limit / 2**20:g} MiB. A notebook gets smaller without its outputs."
    )


async def _parsed(headers: Headers, body: bytes, limit: int) -> Form:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS)
        except ValueError:
            raise BodyRefused(400, "This form cannot be read.") from None
        return Form(_gathered(pairs), {}, body)
    if kind == "multipart/form-data":
        parser = MultiPartParser(headers, _stream(body), max_files=MAX_FILES, max_fields=FIELDS, max_part_size=limit)
        try:
            data = await parser.parse()
        except (MultiPartException, KeyError, ValueError):
            raise BodyRefused(400, "This form cannot be read.") from None
        items = data.multi_items()
        fields = [(name, value) for name, value in items if isinstance(value, str)]
        files = {}
        for name, value in items:
            if isinstance(value, UploadFile):
                files[name] = UploadedFile(value.filename or "", await value.read())
                await value.close()
        for one in files.values():
            if len(one.content) > limit:
                raise _too_large(limit)
        return Form(_gathered(fields), files, body)
    return Form(body=body)


def _gathered(pairs: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value)
    return found


async def _stream(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
    yield b""


def _again(body: bytes, receive: Receive) -> Receive:
    """A body that has been read, once more; after it, what still comes."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def first() -> Message:
        return messages.pop() if messages else await receive()

    return first
