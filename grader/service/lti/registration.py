"""Registering at a platform by one URL (LTI Dynamic Registration), and by what an operator types in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.service.lti import claims as names
from grader.service.lti.claims import Refused
from grader.service.lti.outbound import HttpAnswer, Outbound, Unreachable, is_loopback
from grader.service.lti.registered import FAMILIES, origin
from grader.service.lti.tool import Tool
from grader.service.store.tables import Deployment, Platform

CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
NAME = "grader"
DESCRIPTION = "Grades gradients derived by hand, step by step"

FURTHER = ("ES256", "PS256")
"""Signatures that are taken from platforms that say they use them; RS256 is taken from all."""

PRODUCTS = {
    "canvas": "canvas",
    "moodle": "moodle",
    "blackboard": "blackboard",
    "blackboardlearn": "blackboard",
    "desire2learn": "brightspace",
    "brightspace": "brightspace",
    "d2l": "brightspace",
    "sakai": "sakai",
}
"""Our names of products, by what the platforms call themselves."""


@dataclass(frozen=True, slots=True)
class Details:
    """What has to be known of a platform."""

    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    name: str
    product: str = ""
    token_audience: str | None = None
    deployments: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ()
    """Of `FURTHER`, those with which its id_tokens may be signed too."""


@dataclass(frozen=True, slots=True)
class RegistrationOffer:
    """What a platform sends an administrator's browser with: where its configuration is, and a token to register."""

    configuration_url: str
    token: str | None = field(repr=False)


def registered_by_url(tool: Tool, offer: RegistrationOffer) -> Details:
    """Register this server at the platform. Raises `Refused`, with the platform's reason as far as it is known."""
    try:
        found = _object(tool.outbound, offer.configuration_url, "configuration")
    except Unreachable as error:
        raise Refused("configuration", f"The platform's configuration could not be read. {error}", 502) from None
    issuer, endpoint = _url(found, "issuer"), _url(found, "registration_endpoint")
    # Else anybody with a server could say to be this issuer.
    if not _same_platform(issuer, offer.configuration_url):
        raise Refused("issuer", "The platform's configuration is not at the address of its issuer.", 400)
    for name in ("registration_endpoint", "authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not is_safe(_url(found, name)):
            raise Refused("https", f"The platform's {name} is not an https address.", 400)
    if not _same_platform(issuer, endpoint):
        raise Refused("issuer", "The platform's registration endpoint is not at the address of its issuer.", 400)
    about = found.get(CONFIGURATION)
    about = about if isinstance(about, dict) else {}
    product = product_of(str(about.get("product_family_code", "")), issuer)
    answer = _asked(tool, offer, endpoint, configuration(tool.url, product, found))
    client_id = answer.get("client_id")
    if not isinstance(client_id, str) or not 0 < len(client_id) <= 500:
        raise Refused("answer", "The platform registered this server without a client id.", 502)
    own = answer.get(TOOL)
    deployment = own.get("deployment_id") if isinstance(own, dict) else None
    audience, signed = found.get("authorization_server"), found.get("id_token_signing_alg_values_supported")
    return Details(
        issuer=issuer,
        client_id=client_id,
        auth_url=_url(found, "authorization_endpoint"),
        token_url=_url(found, "token_endpoint"),
        jwks_url=_url(found, "jwks_uri"),
        name=urlsplit(offer.configuration_url).hostname or issuer,
        product=product,
        token_audience=audience if isinstance(audience, str) and audience else None,
        deployments=(str(deployment),) if isinstance(deployment, str | int) and str(deployment) else (),
        algorithms=tuple(one for one in FURTHER if isinstance(signed, list) and one in signed),
    )


def configuration(own_url: str, product: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """What we ask to be registered as. `found` is the platform's openid-configuration."""
    scopes = found.get("scopes_supported")
    known = set(scopes) if isinstance(scopes, list) and all(isinstance(one, str) for one in scopes) else set()
    host = urlsplit(own_url).netloc
    launch = f"{own_url}/lti/launch"
    link = {"type": names.RESOURCE_LINK, "target_link_uri": launch, "label": NAME}
    choose: dict[str, object] = {
        "type": names.DEEP_LINK,
        "target_link_uri": launch,
        "label": f"{NAME}: choose an exercise",
    }
    if product == "canvas":
        choose["placements"] = ["assignment_selection", "link_selection"]
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{own_url}/lti/login",
        "redirect_uris": [launch],
        "client_name": NAME,
        "jwks_uri": f"{own_url}/lti/jwks",
        "token_endpoint_auth_method": "private_key_jwt",
        # Some platforms refuse a scope that they do not have; those that list no scope of LTI get all of ours.
        "scope": " ".join(one for one in names.SCOPES if one in known or not known & set(names.SCOPES)),
        TOOL: {
            # Moodle compares it with its own reading of the target's host, from which it takes `www.` away.
            "domain": host.removeprefix("www.") if product == "moodle" else host,
            "description": DESCRIPTION,
            "target_link_uri": launch,
            "claims": ["iss", "sub", "name", "given_name", "family_name", "email"],
            "messages": [link, choose],
            **({"https://canvas.instructure.com/lti/privacy_level": "public"} if product == "canvas" else {}),
        },
    }


def stored(session: Session, details: Details, now: datetime) -> Platform:
    """The row of a platform: a new one, or that of its issuer and client id, changed. Raises `Refused` for addresses
    that would not be asked."""
    for url in (details.issuer, details.auth_url, details.token_url, details.jwks_url, *details.origins):
        if not is_safe(url):
            raise Refused("https", f"{url!r} is not an https address.", 400)
    row = session.scalar(
        select(Platform).where(Platform.issuer == details.issuer, Platform.client_id == details.client_id)
    )
    if row is None:
        row = Platform(issuer=details.issuer, client_id=details.client_id, created_at=now, origins="")
        session.add(row)
    row.name, row.product, row.active = details.name[:200], details.product, True
    row.auth_url, row.token_url, row.jwks_url = details.auth_url, details.token_url, details.jwks_url
    row.token_audience = details.token_audience
    row.algorithms = " ".join(details.algorithms)
    row.origins = " ".join(dict.fromkeys([*row.origins.split(), *(origin(url) or "" for url in details.origins)]))
    session.flush()
    known = set(session.scalars(select(Deployment.deployment_id).where(Deployment.platform_id == row.id)))
    for one in details.deployments:
        if one not in known:
            session.add(Deployment(platform_id=row.id, deployment_id=one))
    session.flush()
    return row


def is_safe(url: str) -> bool:
    """Whether nobody on the way can read or change what is sent there: https, or this machine itself."""
    return origin(url) is not None and (url.startswith("https://") or is_loopback(url))


def product_of(said: str, issuer: str) -> str:
    """Our name of a product, from what the platform says it is."""
    known = PRODUCTS.get("".join(one for one in said.lower() if one.isalnum()))
    host = urlsplit(issuer).hostname or ""
    if known is None and host in FAMILIES:
        return "canvas" if FAMILIES[host] == ".instructure.com" else "blackboard"
    return known or said.lower()[:50]


def _same_platform(issuer: str, url: str) -> bool:
    """Whether a URL is at the issuer's host. The issuer of Canvas stands for the hosts of all schools."""
    if origin(issuer) == origin(url):
        return True
    host, of = urlsplit(url).hostname or "", urlsplit(issuer).hostname or ""
    hosted = (FAMILIES.get(of), ".canvaslms.com") if FAMILIES.get(of) == ".instructure.com" else (FAMILIES.get(of),)
    return url.startswith("https://") and any(one and host.endswith(one) for one in hosted)


def _asked(tool: Tool, offer: RegistrationOffer, endpoint: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if offer.token:
        headers["Authorization"] = f"Bearer {offer.token}"
    try:
        answer = tool.outbound.post(endpoint, headers, json.dumps(wanted).encode())
        if not 200 <= answer.status < 300:
            raise Refused("registration", _refusal(answer), 502)
        return answer.object()
    except Unreachable as error:
        raise Refused("registration", f"The platform could not be asked. {error}", 502) from None


def _refusal(answer: HttpAnswer) -> str:
    if answer.status in (401, 403):
        return (
            "The platform did not accept its own registration token: it holds once, and for an hour. Begin the "
            "registration there again."
        )
    said = " ".join(
        "".join(one if one.isprintable() else " " for one in answer.body[:300].decode(errors="replace")).split()
    )
    return f"The platform refused the registration (status {answer.status}): {said}"


def _object(outbound: Outbound, url: str, what: str) -> dict[str, Any]:
    answer = outbound.get(url, {"Accept": "application/json"})
    if answer.status != 200:
        raise Unreachable(f"Its {what} has status {answer.status}.")
    return answer.object()


def _url(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or origin(value) is None:
        raise Refused("configuration", f"The platform's configuration has no {name}.", 502)
    return value
