"""What an administrator of a platform has to type in, as a page and as the file that Canvas reads."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from grader.service.lti.claims import SCOPES
from grader.service.lti.registration import DESCRIPTION, NAME
from grader.service.web.context import service
from grader.service.web.pages import page


def set_up(request: Request) -> Response:
    """The addresses that platforms ask for. They are no secret."""
    url = service(request).settings.url
    rows = [
        ("Tool URL, target link URI, deep linking URL", f"{url}/lti/launch"),
        ("Initiate login URL, OpenID Connect login URL", f"{url}/lti/login"),
        ("Redirect URI", f"{url}/lti/launch"),
        ("Public keyset, JWKS URL", f"{url}/lti/jwks"),
        ("Domain", urlsplit(url).netloc),
        ("Canvas: JSON configuration", f"{url}/lti/canvas.json"),
    ]
    return page(request, "lti_set_up.html", rows=rows, scopes=SCOPES)


def canvas_configuration(request: Request) -> Response:
    """The configuration of a developer key, which Canvas reads from its URL."""
    url = service(request).settings.url
    placements = [
        {
            "placement": name,
            "message_type": "LtiDeepLinkingRequest",
            "target_link_uri": f"{url}/lti/launch",
            "text": NAME,
            "enabled": True,
        }
        for name in ("assignment_selection", "link_selection")
    ]
    return JSONResponse(
        {
            "title": NAME,
            "description": DESCRIPTION,
            "oidc_initiation_url": f"{url}/lti/login",
            "target_link_uri": f"{url}/lti/launch",
            "public_jwk_url": f"{url}/lti/jwks",
            "scopes": list(SCOPES),
            "extensions": [
                {
                    "platform": "canvas.instructure.com",
                    "domain": urlsplit(url).netloc,
                    "privacy_level": "public",
                    "settings": {"text": NAME, "placements": placements},
                }
            ],
            "custom_fields": {},
        }
    )
