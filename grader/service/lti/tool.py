"""This server, as platforms know it, and what it keeps between requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from grader.service.lti.access import AccessTokens
from grader.service.lti.keys import SigningKey, signing_key
from grader.service.lti.outbound import Outbound, reach_of
from grader.service.lti.registered import Registered, by_id
from grader.service.lti.tokens import KeySets
from grader.service.settings import Settings


@dataclass(frozen=True, slots=True)
class Tool:
    """`url` is where browsers and platforms reach us, `keys` are the platforms' public keys."""

    url: str
    secret: str = field(repr=False)
    outbound: Outbound = field(repr=False)
    keys: KeySets = field(repr=False)
    access: AccessTokens = field(repr=False)


@dataclass(frozen=True, slots=True)
class Client:
    """We, as one platform knows us: with the key that signs what we ask of it."""

    platform: Registered
    key: SigningKey


def tool(settings: Settings, outbound: Outbound | None = None) -> Tool:
    """One for the whole process. `outbound`: another than the settings lead to."""
    asking = outbound or Outbound(reach_of(settings))
    return Tool(settings.url, settings.secret, asking, KeySets(asking), AccessTokens(asking))


def client(session: Session, of: Tool, platform_id: int, now: datetime) -> Client:
    """Raises `Refused` for a platform that is not registered any more."""
    return Client(by_id(session, platform_id), signing_key(session, of.secret, now))
