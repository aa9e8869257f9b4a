"""The checks of a platform's id_token. Every claim is judged here; the library only checks the signature."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from grader.service.lti.claims import Refused
from grader.service.lti.outbound import Outbound, Unreachable
from grader.service.lti.registered import Registered

LEEWAY = 60.0
"""Seconds by which the platform's clock may differ from ours."""

MAX_TOKEN = 64 * 1024
"""Characters of an id_token."""

MIN_BITS = 2048
REFETCH_SECONDS = 60.0
"""A key set is asked for again at most this often, whatever key ids arrive."""

RETRY_SECONDS = 5.0
"""One that could not be read is asked for again at most this often."""

MAX_AGE_SECONDS = 3600.0
"""After this a key set is asked for again: a key that the platform has withdrawn is not trusted for ever."""

LAST_AGE_SECONDS = 24 * 3600.0
"""So long the last key set is trusted where it cannot be read again."""

LATEST_TIME = 1e11
"""Seconds since 1970; a time beyond is none."""

Key = RSAPublicKey | EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key for signatures, and the algorithms that it may be used with."""

    key: Key
    algorithms: tuple[str, ...]


@dataclass(slots=True)
class _KeySet:
    """`at`: when it was read; `asked`: when it was last asked for; `problem`: why there is none (None: there is)."""

    keys: Mapping[str, PublicKey]
    at: float
    asked: float
    problem: str | None = None


class KeySets:
    """The platforms' public keys, kept for an hour. Safe for use by several threads, of which one asks at a time."""

    def __init__(self, outbound: Outbound, clock: Callable[[], float] = time.monotonic) -> None:
        self._outbound = outbound
        self._clock = clock
        self._sets: dict[str, _KeySet] = {}
        self._lock = threading.Lock()
        self._asking: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def key(self, url: str, kid: str) -> PublicKey:
        """The key with this id at a key set's URL. Raises `Refused`."""
        found = self._sets.get(url)
        if found is None or self._is_to_be_asked(found, kid):
            with self._lock:
                asking = self._asking[url]
            with asking:
                found = self._sets.get(url)
                if found is None or self._is_to_be_asked(found, kid):
                    found = self._sets[url] = self._asked(url, found)
        if found.problem is not None:
            raise Refused("keys", f"The keys of your learning platform could not be read. {found.problem}", 502)
        if kid not in found.keys:
            raise Refused("kid", "This launch is signed with a key that your learning platform does not publish.")
        return found.keys[kid]

    def _is_to_be_asked(self, known: _KeySet, kid: str) -> bool:
        now = self._clock()
        if known.problem is not None:
            return now - known.asked > RETRY_SECONDS
        return (kid not in known.keys or now - known.at > MAX_AGE_SECONDS) and now - known.asked > REFETCH_SECONDS

    def _asked(self, url: str, known: _KeySet | None) -> _KeySet:
        try:
            keys = _keys(self._outbound.get(url, {"Accept": "application/json"}).object())
        except Unreachable as error:
            now = self._clock()
            if known is not None and known.problem is None and now - known.at <= LAST_AGE_SECONDS:
                return _KeySet(known.keys, known.at, now)
            return _KeySet({}, now, now, str(error))
        return _KeySet(keys, self._clock(), self._clock())


def _keys(found: Mapping[str, Any]) -> dict[str, PublicKey]:
    """The keys for signatures, by id; all others are passed over."""
    keys: dict[str, PublicKey] = {}
    listed = found.get("keys")
    for one in listed if isinstance(listed, list) else []:
        if not isinstance(one, dict) or not isinstance(one.get("kid"), str) or one.get("use", "sig") != "sig":
            continue
        usable = {"RSA": ("RS256", "PS256"), "EC": ("ES256",)}.get(str(one.get("kty")), ())
        algorithms = tuple(name for name in usable if one.get("alg", name) == name)
        parts = {name: one[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in one}
        try:
            key = jwt.PyJWK(parts, algorithms[0]).key
        except (jwt.PyJWTError, IndexError, KeyError, ValueError, TypeError):
            continue
        is_rsa = isinstance(key, RSAPublicKey) and key.key_size >= MIN_BITS
        if is_rsa or (isinstance(key, EllipticCurvePublicKey) and key.curve.name == "secp256r1"):
            keys[one["kid"]] = PublicKey(key, algorithms)
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
    algorithm = header.get("alg")
    if algorithm not in platform.algorithms:
        asked = " or ".join(platform.algorithms)
        raise Refused("algorithm", f"The message of your learning platform is not signed as agreed ({asked}).")
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise Refused("kid", "The message of your learning platform does not say which key it is signed with.")
    key = keys.key(platform.jwks_url, kid)
    if algorithm not in key.algorithms:
        raise Refused("algorithm", "The message of your learning platform is signed with a key for other signatures.")
    try:
        claims = jwt.decode(token, key.key, algorithms=[algorithm], options=_SIGNATURE_ONLY)
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
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value > LATEST_TIME:
        raise Refused(name, f"This launch does not say when it is valid ({name}).")
    return float(value)
