"""Requests to a platform's services: with a token of the client, to addresses of the platform only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin, urlsplit, urlunsplit

from grader.service.lti.outbound import Response, Unreachable
from grader.service.lti.tool import Client, Tool

PAGES = 100
"""How many pages of a list are read at most."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. `kind` is the media type of `body`, `accept` that of the answer."""

    method: str
    url: str
    scope: str
    accept: str
    kind: str | None = None
    body: bytes | None = field(default=None, repr=False)


def answer(tool: Tool, client: Client, ask: Ask, now: datetime) -> Response:
    """The answer; a token that is refused is replaced once. Raises `Unreachable` and `NoAccess`."""
    # Asked here again, at the last moment: a token sent to another host would be that host's to use.
    if not client.platform.owns(ask.url):
        raise Unreachable("This address is not the platform's own, so it is not asked.")
    found = _sent(tool, client, ask, now)
    if found.status == 401:
        tool.access.forget(client, ask.scope)
        found = _sent(tool, client, ask, now)
    return found


def _sent(tool: Tool, client: Client, ask: Ask, now: datetime) -> Response:
    headers = {
        "Authorization": f"Bearer {tool.access.token(client, ask.scope, now)}",
        "Accept": ask.accept,
        **({} if ask.kind is None else {"Content-Type": ask.kind}),
    }
    return tool.outbound.request(ask.method, ask.url, headers, ask.body)


def pages(tool: Tool, client: Client, ask: Ask, now: datetime) -> Iterator[Response]:
    """The pages of a list (`Link: <...>; rel=next`), until one that is not there or was read already. Raises like
    `answer`; an answer other than 200 ends the list and is given."""
    url: str | None = ask.url
    seen: set[str] = set()
    while url is not None and url not in seen and len(seen) < PAGES:
        seen.add(url)
        found = answer(tool, client, Ask(ask.method, url, ask.scope, ask.accept), now)
        yield found
        following = next_page(found.headers) if found.status == 200 else None
        url = None if following is None else urljoin(url, following)


_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_NEXT = re.compile(r"""(?:^|;)\s*rel\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;,]+))""", re.IGNORECASE)


def next_page(headers: Mapping[str, str]) -> str | None:
    """The URL of the next page."""
    for url, parameters in _LINK.findall(headers.get("link", "")):
        for found in _NEXT.findall(parameters):
            if "next" in "".join(found).lower().split():
                return str(url)
    return None


def below(url: str, name: str) -> str:
    """A resource below a line item: the name belongs to the path, before the query that Moodle's addresses have."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))


def with_query(url: str, query: str) -> str:
    """The URL with more in its query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))
