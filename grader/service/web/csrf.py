"""Forms of ours alone change anything: each carries a token that no other site can know.

The token is an HMAC of the session's own token, so nothing is stored. A form of somebody who is not signed in (login,
one-time links) has no token; the browser's `Origin` tells that it was ours."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers

FIELD = "csrf"
HEADER = "x-csrf-token"


def csrf_token(secret: str, session_token: str) -> str:
    """The token of all forms of a session."""
    return hmac.new(secret.encode(), b"csrf:" + session_token.encode(), hashlib.sha256).hexdigest()


def is_valid(secret: str, session_tokens: Iterable[str], given: str) -> bool:
    """Whether a form belongs to one of the sessions of its browser."""
    return any(hmac.compare_digest(csrf_token(secret, one), given) for one in session_tokens)


def is_own_origin(headers: Headers, url: str) -> bool:
    """Whether a request comes from a page of ours, as the browser says. A client that is no browser says nothing: it
    carries nobody's cookies."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc in (urlsplit(url).netloc, headers.get("host"))
