"""The platform itself: what it knows, and how it answers."""

from __future__ import annotations

import html
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from grader.service.lti import claims as names

Kind = Literal["moodle", "canvas", "blackboard"]
Fetch = Callable[[str], bytes]
"""How the platform reads the tool's key set."""

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
LEARNER, INSTRUCTOR = f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Instructor"
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
CLIENT_ID = "client-1"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def page(cls, body: str, **headers: str) -> Answer:
        return cls(200, {"content-type": "text/html; charset=utf-8", **headers}, body.encode())

    @classmethod
    def json(cls, value: object, status: int = 200, kind: str = "application/json", **headers: str) -> Answer:
        return cls(status, {"content-type": kind, **headers}, json.dumps(value).encode())


@dataclass
class Account:
    id: str
    name: str
    roles: list[str]
    email: str = ""
    enrolled: bool = True


@dataclass
class Link:
    id: str
    title: str
    custom: dict[str, str] = field(default_factory=dict)
    lineitem: int | None = None


@dataclass
class Grade:
    score: float
    comment: str
    timestamp: datetime


@dataclass
class LineItem:
    id: int
    label: str
    maximum: float
    resource: str = ""
    tag: str = ""
    link: str = ""
    grades: dict[str, Grade] = field(default_factory=dict)
    overrides: dict[str, float] = field(default_factory=dict)
    published: bool = True


def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


SHARED_KEY = key()
"""Making keys takes time: platforms of tests share theirs."""


class Platform:
    """One course with its links. `tool_url` is where the tool is; `fetch` reads its keys."""

    def __init__(self, url: str, tool_url: str, fetch: Fetch, kind: Kind = "moodle") -> None:
        self.url, self.tool_url, self.fetch, self.kind = url, tool_url, fetch, kind
        self.client_id, self.deployment_id = CLIENT_ID, "1"
        self.redirect_uris, self.jwks_uri = [f"{tool_url}/lti/launch"], f"{tool_url}/lti/jwks"
        self.key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = SHARED_KEY
        self.kid, self.algorithm = "platform-2", "RS256"
        self.keys_asked = 0
        self.accounts = {
            "2": Account("2", "Tom Teacher", [INSTRUCTOR], "tom@school.example"),
            "3": Account("3", "Anna Bell", [LEARNER], "anna@school.example"),
            "4": Account("4", "María-José O'Brien Núñez", [LEARNER]),
        }
        self.links: dict[str, Link] = {}
        self.items: dict[int, LineItem] = {}
        self.launches: dict[str, tuple[str, str]] = {}
        self.tokens: dict[str, tuple[str, set[str]]] = {}
        self.requests: list[tuple[str, str, Mapping[str, str], bytes]] = []
        self.registrations: list[dict[str, Any]] = []
        self.registration_tokens: set[str] = set()
        self.scopes = set(names.SCOPES)
        self.per_page = 2
        self.busy: list[Answer] = []
        """Answers that are given to the next scores instead."""
        self.claims: dict[str, Any] = {}
        """Claims that are put over those of every launch; None removes one."""
        self.signs_with = ["RS256"]
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def issuer(self) -> str:
        return {"moodle": self.url, "canvas": "https://canvas.instructure.com", "blackboard": "https://blackboard.com"}[
            self.kind
        ]

    def add_link(self, title: str, column: bool = True, **custom: str) -> Link:
        link = Link(str(len(self.links) + 1), title, custom)
        self.links[link.id] = link
        if column:
            link.lineitem = self.add_item(title, 100.0, link=link.id).id
        return link

    def add_item(self, label: str, maximum: float, **more: str) -> LineItem:
        item = LineItem(len(self.items) + 1, label, maximum, **more)
        self.items[item.id] = item
        return item

    def item_url(self, number: int) -> str:
        # Moodle's addresses of line items have the type of the tool in their query.
        query = "?type_id=1" if self.kind == "moodle" else ""
        return f"{self.url}/ags/2/lineitems/{number}/lineitem{query}"

    def graded(self, link: Link, user: str) -> Grade | None:
        assert link.lineitem is not None
        return self.items[link.lineitem].grades.get(user)

    # ---- requests -------------------------------------------------------------------------------------------------

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a request; the names of `headers` are lower-case."""
        self.requests.append((method, target, headers, body))
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        fields = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)) if method == "POST" else {}
        path = parts.path
        if path == "/jwks":
            self.keys_asked += 1
            return Answer.json(self.key_set())
        if path == "/openid-configuration":
            return Answer.json(self.configuration())
        if path == "/register":
            return self._register(headers, body)
        if path == "/token":
            return self._token(fields)
        if path.startswith("/open/"):
            return self._open(path.removeprefix("/open/"), headers)
        if path.startswith("/course/"):
            return self._course(path.removeprefix("/course/"))
        if path == "/storage":
            return Answer.page(f"<script>{_STORAGE}</script>")
        if path == "/auth":
            return self._auth(query | fields, headers)
        if path == "/content-items":
            return self._content_items(fields)
        if path.startswith(("/ags/", "/nrps/")):
            return self._service(method, path, query, headers, body)
        return Answer(404)

    def key_set(self) -> dict[str, Any]:
        """Several keys, as platforms have: an older one, one for encryption, one of another kind."""
        own = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(SHARED_KEY.public_key()))
        curve = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(CURVE.public_key()))
        other = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_OLDER.public_key()))
        return {
            "keys": [
                {**other, "kid": "platform-1", "alg": "RS256", "use": "sig"},
                {**curve, "kid": "platform-ec", "alg": "ES256", "use": "sig"},
                {**own, "kid": "platform-enc", "use": "enc"},
                {**own, "kid": "platform-any"},
                {**own, "kid": "platform-2" if self.kid in _OTHERS else self.kid, "alg": "RS256", "use": "sig"},
            ]
        }

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "token_endpoint": f"{self.url}/token",
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "jwks_uri": f"{self.url}/jwks",
            "authorization_endpoint": f"{self.url}/auth",
            "registration_endpoint": f"{self.url}/register",
            "scopes_supported": sorted(self.scopes),
            "response_types_supported": ["id_token"],
            "id_token_signing_alg_values_supported": self.signs_with,
            "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
            "https://purl.imsglobal.org/spec/lti-platform-configuration": {
                "product_family_code": self.kind,
                "version": "5.1",
                "messages_supported": [{"type": names.RESOURCE_LINK}, {"type": names.DEEP_LINK}],
                "variables": ["basic-lti-launch-request", "$Context.id"],
            },
        }

    def _register(self, headers: Mapping[str, str], body: bytes) -> Answer:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.registration_tokens:
            return Answer.json({"error": "token_already_consumed"}, 401)
        self.registration_tokens.remove(token)
        wanted = json.loads(body)
        tool = wanted["https://purl.imsglobal.org/spec/lti-tool-configuration"]
        domain = urlsplit(tool["target_link_uri"]).netloc
        if tool["domain"] != (domain.removeprefix("www.") if self.kind == "moodle" else domain):
            return Answer.json({"error": "domain_targetlinkuri_mismatch"}, 400)
        if "id_token" not in wanted["response_types"] or wanted["token_endpoint_auth_method"] != "private_key_jwt":
            return Answer.json({"error": "invalid"}, 400)
        self.registrations.append(wanted)
        self.redirect_uris, self.jwks_uri = wanted["redirect_uris"], wanted["jwks_uri"]
        self.scopes &= set(wanted["scope"].split())
        told = {**tool, **({"deployment_id": self.deployment_id} if self.kind == "moodle" else {})}
        answer = {**wanted, "client_id": self.client_id, "https://purl.imsglobal.org/spec/lti-tool-configuration": told}
        return Answer.json(answer)

    # ---- launches -------------------------------------------------------------------------------------------------

    def initiation(self, user: str, link: str) -> dict[str, str]:
        """The parameters with which the platform sends a browser to the tool. `link` "" is a deep link."""
        launch = secrets.token_hex(8)
        self.launches[launch] = (user, link)
        hint = json.dumps({"cmid": int(link or 0), "launchid": launch}) if self.kind == "moodle" else launch
        more = {"lti_storage_target": "post_message_forwarding"} if self.kind == "canvas" else {}
        return {
            "iss": self.issuer,
            "target_link_uri": f"{self.tool_url}/lti/launch",
            "login_hint": user,
            "lti_message_hint": hint,
            "client_id": self.client_id,
            "lti_deployment_id": self.deployment_id,
            **more,
        }

    def _open(self, rest: str, headers: Mapping[str, str]) -> Answer:
        """Somebody opens a link of the course: `/open/USER/LINK`. Their session's cookie is `SameSite=Lax`."""
        user, _, link = rest.partition("/")
        cookie = f"session={user}; Path=/; HttpOnly; SameSite=Lax"
        return Answer.page(_form(f"{self.tool_url}/lti/login", self.initiation(user, link)), **{"set-cookie": cookie})

    def _course(self, rest: str) -> Answer:
        """A page of the course with the link in a frame; with the storage of Canvas, in a frame of its own, or of
        Blackboard, which only says so when it is asked."""
        names_ = {"canvas": "post_message_forwarding", "blackboard": "lti_storage_frame"}
        storage = f'<iframe name="{names_[self.kind]}" src="/storage" hidden></iframe>' if self.kind in names_ else ""
        listed = [{"subject": f"lti.{one}", "frame": names_.get(self.kind)} for one in ("put_data", "get_data")]
        script = _CAPABILITIES.replace("LISTED", json.dumps(listed)) if storage else ""
        frame = f'<iframe src="/open/{html.escape(rest)}" width="900" height="700"></iframe>'
        return Answer.page(f"<h1>Course</h1>{storage}{frame}<script>{script}</script>")

    def _auth(self, asked: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """The authorisation endpoint, with the checks of Moodle."""
        if "session=" not in headers.get("cookie", "") and self.kind == "moodle" and not asked.get("repost"):
            # The Lax cookie is not sent from a frame of another site: Moodle sends itself the same once more.
            return Answer.page(_form(f"{self.url}/auth", {**asked, "repost": "1"}))
        if asked.get("redirect_uri") not in self.redirect_uris:
            return Answer(404, {}, b"invalidrequest")
        wanted = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none"}
        assert wanted.items() <= asked.items()
        assert asked["nonce"]
        hint = asked["lti_message_hint"]
        launch = json.loads(hint)["launchid"] if self.kind == "moodle" else hint
        state = {"state": asked["state"]}
        user, link = self.launches.pop(launch, ("", ""))  # a launch holds once
        if not user or asked["client_id"] != self.client_id or asked["login_hint"] != user:
            return Answer.page(_form(asked["redirect_uri"], {"error": "access_denied", **state}))
        token = self.id_token(user, link, asked["nonce"])
        return Answer.page(_form(asked["redirect_uri"], {"id_token": token, **state}))

    def id_token(self, user: str, link: str, nonce: str, **header: Any) -> str:
        claims = self.launch_claims(user, link, nonce) | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        head = {"typ": "JWT", "kid": self.kid, **header}
        return jwt.api_jws.encode(json.dumps(claims).encode(), self.key, self.algorithm, head)

    def launch_claims(self, user: str, link: str, nonce: str) -> dict[str, Any]:
        account, at = self.accounts[user], int(self.now().timestamp())
        given, _, family = account.name.partition(" ")
        scopes = sorted(self.scopes)
        claims: dict[str, Any] = {
            "iss": self.issuer, "aud": self.client_id, "nonce": nonce, "iat": at, "exp": at + 60, "sub": user,
            "name": account.name, "given_name": given, "family_name": family, "email": account.email,
            f"{names.LTI}deployment_id": self.deployment_id,
            f"{names.LTI}target_link_uri": f"{self.tool_url}/lti/launch",
            f"{names.LTI}version": "1.3.0",
            f"{names.LTI}roles": account.roles,
            f"{names.LTI}context": {"id": "2", "label": "BP", "title": "Backpropagation", "type": ["CourseSection"]},
            f"{names.LTI}tool_platform": {"guid": "g", "product_family_code": self.kind, "version": "2025100600"},
            f"{names.LTI}launch_presentation": {"document_target": "iframe", "return_url": f"{self.url}/back"},
            f"{names.LTI}lis": {"person_sourcedid": "", "course_section_sourcedid": ""},
            f"{names.LTI}ext": {"user_username": "x", "lms": f"{self.kind}-2"},
            names.NAMES_ROLES: {"context_memberships_url": f"{self.url}/nrps/2", "service_versions": ["1.0", "2.0"]},
        }  # fmt: skip
        if not link:
            return claims | {
                f"{names.LTI}message_type": names.DEEP_LINK,
                f"{names.DEEP_LINKING}deep_linking_settings": {
                    "accept_types": ["ltiResourceLink"], "accept_presentation_document_targets": ["iframe", "window"],
                    "accept_multiple": True, "auto_create": False, "deep_link_return_url": f"{self.url}/content-items",
                    "data": "opaque",
                },
            }  # fmt: skip
        here = self.links[link]
        query = "?type_id=1" if self.kind == "moodle" else ""
        endpoint: dict[str, Any] = {"scope": scopes, "lineitems": f"{self.url}/ags/2/lineitems{query}"}
        if here.lineitem is not None:
            endpoint["lineitem"] = self.item_url(here.lineitem)
        return claims | {
            f"{names.LTI}message_type": names.RESOURCE_LINK,
            f"{names.LTI}resource_link": {"id": link, "title": here.title, "description": ""},
            # Variables that Moodle does not know arrive as they were written.
            f"{names.LTI}custom": {"due": "$ResourceLink.submission.endDateTime", **here.custom},
            names.ENDPOINT: endpoint,
        }

    def _content_items(self, fields: Mapping[str, str]) -> Answer:
        """What comes back from a deep link becomes links of the course, with their columns."""
        found = self.verified(fields["JWT"], self.issuer)
        assert found["iss"] == self.client_id
        assert found[f"{names.LTI}message_type"] == "LtiDeepLinkingResponse"
        assert found[f"{names.LTI}version"] == "1.3.0"
        assert found[f"{names.LTI}deployment_id"] == self.deployment_id
        assert found[f"{names.DEEP_LINKING}data"] == "opaque"
        for item in found[f"{names.DEEP_LINKING}content_items"]:
            assert item["type"] == "ltiResourceLink"
            link = self.add_link(item["title"], column=False, **item["custom"])
            if "lineItem" in item:
                one = item["lineItem"]
                made = self.add_item(
                    one["label"], one["scoreMaximum"], resource=one["resourceId"], tag=one["tag"], link=link.id
                )
                link.lineitem = made.id
        return Answer.page("<p>added</p>")

    def verified(self, token: str, audience: str) -> dict[str, Any]:
        """The claims of a token that the tool has signed."""
        keys = jwt.PyJWKSet.from_dict(json.loads(self.fetch(self.jwks_uri)))
        key, own = keys[jwt.get_unverified_header(token)["kid"]], {"verify_exp": False, "verify_iat": False}
        found = jwt.decode(token, key, algorithms=["RS256"], audience=audience, options=own)
        if not found["iat"] - 10 <= self.now().timestamp() <= found["exp"] + 10:
            raise jwt.ExpiredSignatureError
        return found

    # ---- services -------------------------------------------------------------------------------------------------

    def _token(self, fields: Mapping[str, str]) -> Answer:
        assert fields["grant_type"] == "client_credentials"
        assert fields["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        try:
            found = self.verified(fields["client_assertion"], f"{self.url}/token")
        except (jwt.PyJWTError, KeyError):
            return Answer.json({"error": "invalid_client"}, 400)
        if found["sub"] != self.client_id or found["iss"] != self.client_id or not found.get("jti"):
            return Answer.json({"error": "invalid_client"}, 400)
        granted = set(fields["scope"].split()) & self.scopes
        if not granted:
            return Answer.json({"error": "invalid_scope"}, 400)
        token = secrets.token_hex(16)
        self.tokens[token] = (found["sub"], granted)
        return Answer.json(
            {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": " ".join(sorted(granted))}
        )

    def _service(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        client, granted = self.tokens.get(headers.get("authorization", "").removeprefix("Bearer "), ("", set()))
        if client != self.client_id:
            return Answer.json([], 401)
        if path.startswith("/nrps/"):
            return self._members(query) if names.ROSTER in granted else Answer.json([], 403)
        parts = path.removeprefix("/ags/2/lineitems").strip("/").split("/")
        if parts == [""]:
            if method == "POST":
                return self._new_item(headers, body) if names.LINE_ITEM in granted else Answer.json([], 403)
            return self._listed(query)
        item = self.items.get(int(parts[0]))
        if item is None:
            return Answer.json([], 404)
        if parts[-1] == "scores" and method == "POST":
            return self._score(item, headers, body) if names.SCORE in granted else Answer.json([], 403)
        if parts[-1] == "results":
            return self._results(item, query) if names.RESULT_READ in granted else Answer.json([], 403)
        return Answer.json(self._told(item), kind=names.LINE_ITEM_TYPE)

    def _told(self, item: LineItem) -> dict[str, Any]:
        told = {"id": self.item_url(item.id), "label": item.label, "scoreMaximum": item.maximum}
        more = {"resourceId": item.resource, "tag": item.tag, "resourceLinkId": item.link}
        return told | {name: value for name, value in more.items() if value}

    def _listed(self, query: Mapping[str, str]) -> Answer:
        found = [
            self._told(one)
            for one in self.items.values()
            if query.get("resource_link_id", one.link) == one.link
            and query.get("resource_id", one.resource) == one.resource
        ]
        return self._paged(found, query, "ags/2/lineitems", names.LINE_ITEMS_TYPE)

    def _paged(self, found: list[Any], query: Mapping[str, str], path: str, kind: str, wrap: str = "") -> Answer:
        first = int(query.get("page", "0")) * self.per_page
        shown = found[first : first + self.per_page]
        headers = {}
        if first + self.per_page < len(found):
            after = {**query, "page": str(int(query.get("page", "0")) + 1)}
            headers["link"] = f'<{self.url}/{path}?{urlencode(after)}>; rel="next"'
        return Answer.json({"id": "x", "context": {"id": "2"}, wrap: shown} if wrap else shown, 200, kind, **headers)

    def _new_item(self, headers: Mapping[str, str], body: bytes) -> Answer:
        if headers.get("content-type") != names.LINE_ITEM_TYPE:
            return Answer.json([], 415)
        given = json.loads(body)
        assert given["scoreMaximum"] > 0
        assert given["label"]
        item = self.add_item(
            given["label"], given["scoreMaximum"], resource=given.get("resourceId", ""), tag=given.get("tag", ""),
            link=given.get("resourceLinkId", ""),
        )  # fmt: skip
        return Answer.json(self._told(item), 201, names.LINE_ITEM_TYPE)

    def _score(self, item: LineItem, headers: Mapping[str, str], body: bytes) -> Answer:
        if self.busy:
            return self.busy.pop(0)
        if headers.get("content-type") != names.SCORE_TYPE:
            return Answer(
                400, {}, b"No handler found for /{context_id}/lineitems/{item_id}/lineitem/scores application/json"
            )
        given = json.loads(body)
        account = self.accounts.get(str(given.get("userId")))
        if self.kind == "canvas" and not item.published:
            return Answer.json({"errors": {"message": "This assignment is unpublished"}}, 422)
        if "timestamp" not in given or account is None or not account.enrolled or INSTRUCTOR in account.roles:
            return Answer.json([], 400)
        stamp = datetime.fromisoformat(given["timestamp"])
        known = item.grades.get(account.id)
        if known is not None and int(stamp.timestamp()) <= int(known.timestamp.timestamp()):
            return Answer.json({"status": 409}, 409, date=self.now().strftime("%a, %d %b %Y %H:%M:%S GMT"))
        if given["gradingProgress"] != "FullyGraded" or "scoreGiven" not in given:
            if self.kind == "moodle":
                item.grades.pop(account.id, None)  # 200, and the grade and its comment are gone
            return Answer(200)
        share = given["scoreGiven"] / given["scoreMaximum"] if given["scoreMaximum"] else given["scoreGiven"]
        item.grades[account.id] = Grade(share * item.maximum, given.get("comment", ""), stamp)
        return Answer(200)

    def _results(self, item: LineItem, query: Mapping[str, str]) -> Answer:
        found = []
        for user, grade in item.grades.items():
            if query.get("user_id", user) == user:
                shown = item.overrides.get(user, min(max(grade.score, 0.0), item.maximum))
                found.append(
                    {
                        "id": f"{self.url}/results/{user}", "userId": user, "resultScore": round(shown, 5),
                        "resultMaximum": item.maximum, "comment": grade.comment, "scoreOf": self.item_url(item.id),
                    }
                )  # fmt: skip
        return Answer.json(found, kind=names.RESULTS_TYPE)

    def _members(self, query: Mapping[str, str]) -> Answer:
        found = [
            {
                "status": "Active" if one.enrolled else "Inactive", "user_id": one.id, "name": one.name,
                "email": one.email, "roles": [role.rpartition("#")[2] for role in one.roles],
            }
            for one in self.accounts.values()
        ]  # fmt: skip
        return self._paged(found, query, "nrps/2", names.ROSTER_TYPE, "members")


_CAPABILITIES = """
addEventListener("message", (event) => {
  if (event.data.subject !== "lti.capabilities") return;
  const answer = {subject: "lti.capabilities.response", message_id: event.data.message_id, supported_messages: LISTED};
  event.source.postMessage(answer, event.origin);
});
"""
_STORAGE = """
const kept = {};
addEventListener("message", ({data, origin, source}) => {
  const of = kept[origin] ??= {};
  if (data.subject === "lti.put_data") of[data.key] = data.value;
  else if (data.subject !== "lti.get_data") return;
  const {key, message_id} = data;
  source.postMessage({subject: data.subject + ".response", message_id, key, value: of[key]}, origin);
});
"""
_OTHERS = ("platform-ec", "platform-any")
_OLDER = SHARED_KEY
CURVE = ec.generate_private_key(ec.SECP256R1())


def _form(to: str, fields: Mapping[str, str]) -> str:
    """A page whose script would send the form."""
    inputs = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}"/>'
        for name, value in fields.items()
    )
    return (
        f'<form action="{html.escape(to)}" id="ltiAuthForm" method="post">{inputs}</form>'
        "<script>document.getElementById('ltiAuthForm').submit();</script>"
    )
