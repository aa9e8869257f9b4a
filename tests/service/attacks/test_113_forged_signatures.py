"""113. Signatures that are none: none at all, the public key as a secret, another key, one that the token brings."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.service.lti.fixtures import _one_key, both, refusing
from tests.service.lti.site import Both
from tests.service.platform_simulator.platform import SHARED_KEY

__all__ = ["_one_key", "both", "refusing"]

pytestmark = pytest.mark.slow


def part(value: Any) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def claims(both: Both) -> tuple[dict[str, Any], dict[str, str]]:
    asked, form = both.begin()
    return both.platform.launch_claims("3", "1", asked["nonce"]), form


@pytest.mark.parametrize("name", ["none", "None", "NONE", ""])
def test_no_algorithm(refusing: Both, name: str) -> None:
    given, form = claims(refusing)
    token = b".".join([part({"alg": name, "kid": "platform-2"}), part(given), b""]).decode()

    assert refusing.tool_client.post("/lti/launch", data=form | {"id_token": token}).status_code == 401


def test_the_public_key_as_a_shared_secret(refusing: Both) -> None:
    given, form = claims(refusing)
    pem = SHARED_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = part({"alg": "HS256", "kid": "platform-2"}) + b"." + part(given)
    signature = base64.urlsafe_b64encode(hmac.digest(pem, signed, hashlib.sha256)).rstrip(b"=")

    token = (signed + b"." + signature).decode()
    assert refusing.tool_client.post("/lti/launch", data=form | {"id_token": token}).status_code == 401


@pytest.fixture(scope="module")
def attackers() -> Any:
    from tests.service.platform_simulator.platform import key

    return key()


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "platform-2"},
        {"kid": "attacker"},
        {"kid": "../../../etc/passwd"},
        {"kid": "platform-enc"},
        {"kid": "platform-ec"},
        {"kid": "attacker", "jku": "https://evil.example/jwks"},
        {"kid": "attacker", "x5u": "https://evil.example/cert"},
        {"kid": "platform-2", "crit": ["exp"]},
        {},
    ],
    ids=lambda header: " ".join(header) + " " + str(header.get("kid", "")),
)
def test_another_key(refusing: Both, attackers: Any, header: dict[str, Any]) -> None:
    given, form = claims(refusing)
    token = jwt.encode(given, attackers, "RS256", header)

    assert refusing.tool_client.post("/lti/launch", data=form | {"id_token": token}).status_code == 401
    assert refusing.stored() == 0
    assert not any("evil" in path for _, path, _, _ in refusing.platform.requests)


def test_a_key_in_the_token_itself(refusing: Both, attackers: Any) -> None:
    given, form = claims(refusing)
    own = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(attackers.public_key()))
    token = jwt.encode(given, attackers, "RS256", {"kid": "platform-2", "jwk": own})

    assert refusing.tool_client.post("/lti/launch", data=form | {"id_token": token}).status_code == 401


@pytest.mark.parametrize("token", ["", "a.b.c", "x", "." * 3, "ey" * 50_000, "eyJ.eyJ.x", "é.é.é"])
def test_what_is_no_token(refusing: Both, token: str) -> None:
    _, form = refusing.begin()

    assert refusing.tool_client.post("/lti/launch", data=form | {"id_token": token}).status_code in (400, 401)


def test_changed_claims_under_the_old_signature(refusing: Both) -> None:
    asked, form = refusing.begin()
    head, _, signature = form["id_token"].split(".")
    given = refusing.platform.launch_claims("2", "1", asked["nonce"])

    changed = f"{head}.{part(given).decode()}.{signature}"
    assert refusing.tool_client.post("/lti/launch", data=form | {"id_token": changed}).status_code == 401


def test_unknown_keys_do_not_make_us_ask_the_platform_again_and_again(both: Both) -> None:
    both.launch()
    for _ in range(3):
        both.platform.kid = f"new-{_}"
        both.launch()

    assert both.platform.keys_asked == 1


def test_a_key_that_the_platform_has_rotated_in_is_found_after_a_minute(both: Both) -> None:
    both.launch()
    both.platform.kid = "platform-3"
    at = both.tool.keys._clock()
    both.tool.keys._clock = lambda: at + 61

    assert both.launch().status_code == 303
    assert both.platform.keys_asked == 2
