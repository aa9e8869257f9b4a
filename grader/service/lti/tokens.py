"""The checks of a platform's id_token. Every claim is judged here; the library only checks the signature."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from grader.service.lti.outbound import Outbound, Unreachable
from grader.service.lti.refused import Refused
from grader.service.lti.registered import Registered

ALGORITHM = "RS256"
LEEWAY = 60.0
"""Seconds by which the platform's clock may differ from ours."""

MAX_TOKEN = 64 * 1024
"""Characters of an id_token."""

MIN_BITS = 2048
REFETCH_SECONDS = 60.0
"""A key set is asked for again at most this often, whatever key ids arrive."""

MAX_AGE_SECONDS = 3600.0
"""After this a key set is asked for again: a key that the platform has withdrawn is not trusted for ever."""


@dataclass(slots=True)
class _KeySet:
    keys: dict[str, RSAPublicKey]
    at: float


class KeySets:
    """The platforms' public keys, kept for an hour. Safe for use by several threads."""

    def __init__(self, outbound: Outbound, clock: Callable[[], float] = time.monotonic) -> None:
        self._outbound = outbound
        self._clock = clock
        self._sets: dict[str, _KeySet] = {}
        self._lock = threading.Lock()

    def key(self, url: str, kid: str) -> RSAPublicKey:
        """The key with this id at a key set's URL. Raises `Refused`."""
        with self._lock:
            known = self._sets.get(url)
        age = None if known is None else self._clock() - known.at
        if known is None or age is None or age > MAX_AGE_SECONDS or (kid not in known.keys and age > REFETCH_SECONDS):
            try:
                known = _KeySet(_keys(self._outbound.get(url, {"Accept": "application/json"}).object()), self._clock())
            except Unreachable as error:
                if known is None:
                    raise Refused(
                        "keys", f"The keys of your learning platform could not be read. {error}", 502
                    ) from None
            with self._lock:
                self._sets[url] = known
        if kid not in known.keys:
            raise Refused("kid", "This launch is signed with a key that your learning platform does not publish.")
        return known.keys[kid]


def _keys(found: Mapping[str, Any]) -> dict[str, RSAPublicKey]:
    """The RSA keys for signatures, by id; all others are passed over."""
    keys: dict[str, RSAPublicKey] = {}
    listed = found.get("keys")
    for one in listed if isinstance(listed, list) else []:
        if not isinstance(one, dict) or one.get("kty") != "RSA" or not isinstance(one.get("kid"), str):
            continue
        if one.get("use", "sig") != "sig" or one.get("alg", ALGORITHM) != ALGORITHM:
            continue
        try:
            key = jwt.PyJWK({"kty": "RSA", "n": one["n"], "e": one["e"]}, ALGORITHM).key
        except (jwt.PyJWTError, KeyError, ValueError, TypeError):
            continue
        if isinstance(key, RSAPublicKey) and key.key_size >= MIN_BITS:
            keys[one["kid"]] = key
    return keys


def verified(token: str, platform: Registered, keys: KeySets, at: datetime) -> dict[str, Any]:
    """The claims of an id_token that the platform has signed for us and that was valid `at` that time. The nonce is
    checked by whoever knows it. Raises `Refused`."""
    if len(token) > MAX_TOKEN:
        raise Refused("size", "The message of your learning platform is too large.")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise Refused("token", "The message of your learning platform cannot be read.") from None
    # The key comes from the registered key set alone: `jku`, `x5u` and `jwk` in the header are what a forger writes.
    if header.get("alg") != ALGORITHM:
        raise Refused("algorithm", "The message of your learning platform is not signed as LTI asks (RS256).")
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise Refused("kid", "The message of your learning platform does not say which key it is signed with.")
    key = keys.key(platform.jwks_url, kid)
    try:
        claims = jwt.decode(token, key, algorithms=[ALGORITHM], options=_SIGNATURE_ONLY)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise Refused("signature", "The signature of this launch is not that of your learning platform.") from None
    _check(claims, platform, at.timestamp())
    return dict(claims)


_SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    **{f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")},
}


def _check(claims: Mapping[str, Any], platform: Registered, at: float) -> None:
    """Raises `Refused` unless the token is from this platform, for us, and valid at this time."""
    if claims.get("iss") != platform.issuer:
        raise Refused("iss", "This launch comes from another learning platform than the login.")
    audience = claims.get("aud")
    listed = [audience] if isinstance(audience, str) else audience
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise Refused("aud", "This launch does not say for which tool it is.")
    if platform.client_id not in listed:
        raise Refused("aud", "This launch is for another tool (its client id is not ours).")
    party = claims.get("azp")
    if (len(listed) > 1 and party is None) or (party is not None and party != platform.client_id):
        raise Refused("azp", "This launch is for several tools and does not name us as the one it is meant for.")
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if expires <= at - LEEWAY:
        raise Refused("exp", "This launch has expired. Go back to your course and open the link again.")
    if issued > at + LEEWAY:
        raise Refused("iat", "The clocks of your learning platform and of this server differ by more than a minute.")
    if "nbf" in claims and _seconds(claims, "nbf") > at + LEEWAY:
        raise Refused("nbf", "The clocks of your learning platform and of this server differ by more than a minute.")


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(name, f"This launch does not say when it is valid ({name}).")
    return float(value)
