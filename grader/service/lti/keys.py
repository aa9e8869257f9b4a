"""Our key pairs: made, stored encrypted, rotated, published."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

import jwt
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import EnvironmentProblem
from grader.service.store.tables import ToolKey

SETTLES = timedelta(days=1)
"""How long a new key is only published: platforms keep our key set for hours."""

KEPT = timedelta(days=30)
"""How long a replaced key is still published."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and its name in our key set."""

    kid: str
    key: RSAPrivateKey = field(repr=False)

    def signed(self, claims: Mapping[str, Any]) -> str:
        """The claims as a JWT (RS256)."""
        return jwt.encode(dict(claims), self.key, algorithm="RS256", headers={"kid": self.kid})


def signing_key(session: Session, secret: str, now: datetime) -> SigningKey:
    """The key to sign with: the newest that was published for a day, or else the oldest. The first is made when it is
    asked for. Raises `EnvironmentProblem` if the operator's secret is not that with which it was stored."""
    rows = _published(session) or [rotated(session, secret, now)]
    settled = [row for row in rows if row.created_at <= now - SETTLES]
    row = settled[-1] if settled else rows[0]
    return SigningKey(row.kid, _opened(row.private_pem, secret))


def rotated(session: Session, secret: str, now: datetime) -> ToolKey:
    """Adds a key, and retires those that were replaced more than 30 days ago."""
    rows = _published(session)
    for row, successor in pairwise(rows):
        if successor.created_at <= now - KEPT:
            row.retired_at = now
    pem = generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    row = ToolKey(
        kid=secrets.token_urlsafe(12), private_pem=_box(secret).encrypt(pem).decode(), created_at=now, retired_at=None
    )
    session.add(row)
    session.flush()
    return row


def replaced(session: Session, secret: str, now: datetime) -> ToolKey:
    """Adds a key that signs at once and retires all others: for a key that somebody else may know."""
    for row in _published(session):
        row.retired_at = now
    return rotated(session, secret, now)


def key_set(session: Session, secret: str) -> dict[str, list[dict[str, Any]]]:
    """The public halves of all keys that are not retired, as platforms ask for them (RFC 7517)."""
    return {"keys": [_public(row.kid, row.private_pem, secret) for row in _published(session)]}


def _published(session: Session) -> list[ToolKey]:
    """Oldest first."""
    where = ToolKey.retired_at.is_(None)
    return list(session.scalars(select(ToolKey).where(where).order_by(ToolKey.created_at, ToolKey.kid)))


def _public(kid: str, stored: str, secret: str) -> dict[str, Any]:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_opened(stored, secret).public_key()))
    return {"kty": "RSA", "n": public["n"], "e": public["e"], "kid": kid, "alg": "RS256", "use": "sig"}


@lru_cache(maxsize=16)
def _opened(stored: str, secret: str) -> RSAPrivateKey:
    try:
        pem = _box(secret).decrypt(stored.encode())
    except InvalidToken:
        raise EnvironmentProblem(
            "The stored keys cannot be opened: GRADER_SECRET is not the one they were stored with. Set the earlier "
            "secret, or replace the keys with `grader serve platform keys --replace`."
        ) from None
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, RSAPrivateKey)
    return key


def _box(secret: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, None, b"grader: keys for platforms").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
