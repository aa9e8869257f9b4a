"""A registered platform, as the protocol's modules see it, and which addresses are its own."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.service.lti.claims import Refused
from grader.service.store.tables import Deployment, Platform

FAMILIES = {
    "canvas.instructure.com": ".instructure.com",
    "canvas.beta.instructure.com": ".instructure.com",
    "canvas.test.instructure.com": ".instructure.com",
    "blackboard.com": ".blackboard.com",
}
"""By the host of the issuer: what the hosts of schools end with, where one issuer stands for all of them."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A row of `platforms`, which outlives its database session. `further` are origins that the operator has added."""

    id: int
    issuer: str
    client_id: str
    name: str
    product: str
    auth_url: str
    token_url: str
    token_audience: str
    jwks_url: str
    further: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ("RS256",)
    """With which its id_tokens may be signed."""

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of its registered addresses, each once."""
        urls = (self.issuer, self.auth_url, self.token_url, self.jwks_url, *self.further)
        return tuple(dict.fromkeys(found for url in urls if (found := origin(url))))

    @property
    def family(self) -> str | None:
        """What the hosts of its schools end with, such as `.instructure.com`."""
        return FAMILIES.get(urlsplit(self.issuer).hostname or "")

    @property
    def frame_ancestors(self) -> tuple[str, ...]:
        """Which origins may frame our pages, as a content security policy writes them."""
        return (*self.origins, *((f"https://*{self.family}",) if self.family else ()))

    def owns(self, url: str) -> bool:
        """Whether the URL is at one of the platform's origins: only there do we send its access tokens."""
        found = origin(url)
        if found in self.origins:
            return True
        parts = urlsplit(url)
        return bool(
            found
            and self.family
            and parts.scheme == "https"
            and not parts.port
            and (parts.hostname or "").endswith(self.family)
        )


def origin(url: str) -> str | None:
    """Scheme, host and port of a URL, such as `https://lms.example:8443`; None for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or "\\" in url:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{host}" if port in (None, usual) else f"{parts.scheme}://{host}:{port}"


def registered(row: Platform) -> Registered:
    """The platform of a row."""
    return Registered(
        row.id,
        row.issuer,
        row.client_id,
        row.name,
        row.product,
        row.auth_url,
        row.token_url,
        row.token_audience or row.token_url,
        row.jwks_url,
        tuple(row.origins.split()),
        ("RS256", *row.algorithms.split()),
    )


def by_id(session: Session, platform_id: int) -> Registered:
    """Raises `Refused` if there is none that is active."""
    row = session.get(Platform, platform_id)
    if row is None or not row.active:
        raise Refused("platform", "This learning platform is not registered here any more.")
    return registered(row)


def by_issuer(session: Session, issuer: str, client_id: str | None, deployment_id: str | None) -> Registered:
    """The platform that a login names. An issuer with several client ids has to say which, or name a deployment that
    only one of them has. Raises `Refused`."""
    where = [Platform.issuer == issuer, Platform.active]
    if client_id is not None:
        where.append(Platform.client_id == client_id)
    found = list(session.scalars(select(Platform).where(*where)))
    if len(found) > 1 and deployment_id is not None:
        having = select(Deployment.platform_id).where(Deployment.deployment_id == deployment_id)
        found = [row for row in found if row.id in set(session.scalars(having))]
    if not found:
        raise Refused(
            "platform",
            "This learning platform is not registered here, or under another client id. Your administrator can "
            "register it.",
        )
    if len(found) > 1:
        raise Refused("platform", "This learning platform has several registrations here and did not say which it is.")
    return registered(found[0])


def known_deployment(session: Session, platform: Registered, deployment_id: str) -> int | None:
    """The row of a deployment. None: the platform has none yet, so that the first that launches is taken.

    A registration by URL does not always tell the deployment: Canvas gives its number later. The launch has been
    signed by the platform for our own client id. Raises `Refused` for one that is not among those known."""
    rows = session.execute(
        select(Deployment.deployment_id, Deployment.id).where(Deployment.platform_id == platform.id)
    ).all()
    if not rows:
        return None
    for known, number in rows:
        if known == deployment_id:
            return number
    raise Refused(
        "deployment",
        "This deployment of the tool is not known here. Your administrator can add its deployment id.",
    )
