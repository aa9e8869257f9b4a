"""What an operator does about platforms and keys, without a page: each change with an entry in the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.service.lti import tool
from grader.service.lti.registered import origin
from grader.service.lti.registration import Details, is_safe, stored
from grader.service.store.tables import Course, Deployment, Platform
from grader.service.teaching.audit import operated

Product = Literal["canvas", "moodle", "brightspace", "blackboard"]


@dataclass(frozen=True, slots=True)
class PlatformRow:
    """A registered platform, with its deployments and the number of its courses."""

    platform: Platform
    deployments: tuple[str, ...]
    courses: int


def known_addresses(product: Product, url: str, client_id: str) -> Details:
    """The addresses of a product. `url` is that of the site; Canvas and Blackboard have the same for all sites."""
    site = url.rstrip("/")
    if product == "canvas":
        sso = "https://sso.canvaslms.com"
        return Details(
            "https://canvas.instructure.com", client_id, f"{sso}/api/lti/authorize_redirect",
            f"{sso}/login/oauth2/token", f"{sso}/api/lti/security/jwks", "Canvas", product,
            origins=(site,) if site else (),
        )  # fmt: skip
    if product == "blackboard":
        gateway = "https://developer.blackboard.com/api/v1"
        return Details(
            "https://blackboard.com", client_id, f"{gateway}/gateway/oidcauth", f"{gateway}/gateway/oauth2/jwttoken",
            f"{gateway}/management/applications/{client_id}/jwks.json", "Blackboard", product,
            origins=(site,) if site else (),
        )  # fmt: skip
    if not site:
        raise UsageError(f"--site is needed for {product}: the address of the site, such as https://lms.example.edu.")
    if product == "brightspace":
        return Details(
            site, client_id, f"{site}/d2l/lti/authenticate", "https://auth.brightspace.com/core/connect/token",
            f"{site}/d2l/.well-known/jwks", site, product, "https://api.brightspace.com/auth/token",
        )  # fmt: skip
    lti = f"{site}/mod/lti"
    return Details(site, client_id, f"{lti}/auth.php", f"{lti}/token.php", f"{lti}/certs.php", site, product)


def platforms(session: Session) -> list[PlatformRow]:
    """All platforms, oldest first."""
    found = []
    for one in session.scalars(select(Platform).order_by(Platform.id)):
        own = select(Deployment.deployment_id).where(Deployment.platform_id == one.id).order_by(Deployment.id)
        courses = session.scalar(select(func.count()).select_from(Course).where(Course.platform_id == one.id))
        found.append(PlatformRow(one, tuple(session.scalars(own)), courses or 0))
    return found


def registered(session: Session, details: Details, now: datetime, how: str) -> Platform:
    """Register a platform, or change its registration; `how` is by what. Raises `Refused` for addresses that would not
    be asked."""
    row = stored(session, details, now)
    operated(session, now, "platform-registered", platform=row.id, issuer=row.issuer, client_id=row.client_id,
             deployments=list(details.deployments), by=how)  # fmt: skip
    return row


def key_added(session: Session, secret: str, now: datetime, how: Literal["rotate", "replace"]) -> None:
    """Add a key to sign with: beside the others, or in place of all of them."""
    row = (tool.rotated if how == "rotate" else tool.replaced)(session, secret, now)
    operated(session, now, "key-added" if how == "rotate" else "keys-replaced", key=row.kid)


def deployment_added(session: Session, number: int, deployment_id: str, now: datetime) -> None:
    """Let another deployment launch. Raises `UsageError` for an unknown platform."""
    one = _platform(session, number)
    where = (Deployment.platform_id == one.id, Deployment.deployment_id == deployment_id)
    if session.scalar(select(Deployment).where(*where)) is None:
        session.add(Deployment(platform_id=one.id, deployment_id=deployment_id))
        operated(session, now, "deployment-added", platform=one.id, deployment=deployment_id)
        session.flush()


def origin_added(session: Session, number: int, url: str, now: datetime) -> None:
    """Take another host as the platform's own: for its services, and for the pages that frame ours. Raises
    `UsageError`."""
    one, found = _platform(session, number), origin(url)
    if found is None or not is_safe(url):
        raise UsageError(f"{url!r} is not an https address.")
    one.origins = " ".join(dict.fromkeys([*one.origins.split(), found]))
    operated(session, now, "origin-added", platform=one.id, origin=found)
    session.flush()


def switched(session: Session, number: int, state: Literal["on", "off"], now: datetime) -> None:
    """Let a platform launch, or no longer; its courses and all work in them stay. Raises `UsageError`."""
    _platform(session, number).active = state == "on"
    operated(session, now, "platform-switched", platform=number, state=state)
    session.flush()


def _platform(session: Session, number: int) -> Platform:
    found = session.get(Platform, number)
    if found is None:
        raise UsageError(f"There is no platform {number}: `grader serve platform list` shows them.")
    return found
