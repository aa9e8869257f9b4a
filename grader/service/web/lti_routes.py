"""What platforms and their launches ask for: login, launch, keys, registration; the choice of exercises, for a deep
link or for a link that was added in the course by hand; and what an administrator of a platform has to type in, as a
page and as the file that Canvas reads.

All below `/lti/`, where forms come from other sites; each is checked by what it carries."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from grader.errors import EnvironmentProblem, GraderError
from grader.exercise.load import loads
from grader.service.admin import registered
from grader.service.arrivals import Arrival, arrived, take_column
from grader.service.exercises import offered
from grader.service.lti.claims import SCOPES, Refused
from grader.service.lti.deep_linking import Chosen, response
from grader.service.lti.deep_linking import LinkRequest as Asked
from grader.service.lti.gradebook import Column, column, resource_of
from grader.service.lti.launch import (
    Arrived,
    DeepLinking,
    Launch,
    Login,
    Scores,
    Seen,
    begun,
    received,
    redeemed,
    refusal,
    taken,
    ticket,
)
from grader.service.lti.outbound import is_loopback
from grader.service.lti.registered import origin
from grader.service.lti.registration import DESCRIPTION, NAME, RegistrationOffer, registered_by_url
from grader.service.lti.tool import Tool, client, key_set, signing_key
from grader.service.store.tables import Assignment, Push, User
from grader.service.teaching.assignments import from_collection, linked_to, unlinked
from grader.service.teaching.audit import Actor
from grader.service.web.context import service
from grader.service.web.forms import form
from grader.service.web.pages import error_page, page
from grader.service.web.security import allow_form_action, allow_framing, is_own_origin
from grader.service.web.sessions import SessionUser, SignedIn, begin_session, instructor, set_session_cookie

LOG = logging.getLogger("grader.service.lti")

ANYWHERE = ("https:", "http:")
"""Pages on which nothing can be done may be framed by whoever sent the browser: it is not known yet."""

LOGIN_SECONDS = 600

LOGINS = 600
"""How many logins an address may begin within a minute: a campus may have one for all."""

PROBE = "lti-probe"

Endpoint = Callable[[Request], Response]


def routes(tool: Tool) -> list[Route]:
    """The routes; `tool` is one for the whole process."""
    here = LtiPages(tool)
    choice = LtiChoice(tool)
    return [
        Route("/lti", set_up),
        Route("/lti/login", told(here.login), methods=["GET", "POST"]),
        Route("/lti/launch", told(here.launch), methods=["GET", "POST"]),
        Route("/lti/jwks", told(here.keys)),
        Route("/lti/canvas.json", canvas_configuration),
        Route("/lti/register/{token}", told(here.register)),
        Route("/courses/{course:int}/choose", told(choice.chosen), methods=["POST"]),
        Route("/courses/{course:int}/set-up", told(choice.set_up), methods=["POST"]),
    ]


def told(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with a page for whoever is refused."""

    @wraps(endpoint)
    def answered(request: Request) -> Response:
        try:
            return endpoint(request)
        except Refused as refused:
            LOG.warning("refused: %s", refused.reason)
            allow_framing(request, ANYWHERE)
            return error_page(request, refused.status, str(refused), "This could not be opened")
        except EnvironmentProblem as problem:
            LOG.error("%s", problem)
            allow_framing(request, ANYWHERE)
            return error_page(
                request, 503, "This server is not set up completely. Its operator can see why in its log."
            )

    return answered


class LtiPages:
    """The endpoints."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool

    def login(self, request: Request) -> Response:
        """The first step of a launch."""
        here = service(request)
        given = dict(request.query_params)
        given |= {name: values[0] for name, values in form(request).fields.items() if values}
        address = request.client.host if request.client is not None else ""
        if not here.limits.allows(("lti login", address), LOGINS):
            raise HTTPException(429, "That were many launches at once. Wait a minute, then open the link again.")
        with here.sessions.begin() as session:
            login = begun(session, self._tool.url, given, here.now())
        response = self._to_platform(request, login)
        for written in _cookie(self._tool.url, _name(self._tool.url, login.state), login.browser, LOGIN_SECONDS):
            response.headers.append("set-cookie", written)
        return response

    def _to_platform(self, request: Request, login: Login) -> Response:
        """To the platform; by way of a page that fills its storage, if it has one or may have one (Blackboard does not
        say so)."""
        framed = request.headers.get("sec-fetch-dest") == "iframe"
        if login.storage is None and not (framed and login.platform.product != "moodle"):
            return RedirectResponse(login.url, 302)
        allow_framing(request, ANYWHERE)
        return page(
            request,
            "lti_login.html",
            to=login.url,
            storage={
                "origin": origin(login.platform.auth_url),
                "frame": login.storage or "",
                "key": f"grader-{login.state}",
                "value": login.browser,
            },
        )

    def launch(self, request: Request) -> Response:
        """The last step of a launch."""
        here, given = service(request), form(request)
        if given.get("error"):
            raise refusal(given.get("error"))
        if not given.get("id_token"):
            raise Refused("launch", "This page is opened from a course: by itself it does not know who you are.", 400)
        own = is_own_page(request, self._tool.url)
        name = _name(self._tool.url, given.get("state"))
        shown = [request.cookies.get(name, "")]
        if own:
            shown.append(given.get("browser"))
        brought = Arrived(
            token=given.get("id_token"),
            state=given.get("state"),
            browser=tuple(one for one in shown if one),
            ticket=(given.get("seen") or None) if own else None,
        )
        with here.sessions() as session:
            launch = received(session, self._tool, brought, here.now())
        if isinstance(launch, Seen):
            if brought.ticket is None or not given.get("tab"):
                return self._to_new_tab(request, launch, brought)
            # They were shown their name on a page of ours, and opened the new tab themselves.
            launch = launch.launch
        elif request.cookies.get(name) is None and not given.get("tab") and PROBE not in request.cookies:
            # The platform's storage knows the browser, but a session needs a cookie, and there are none here.
            return self._to_new_tab(request, Seen(launch, given.get("seen")), brought)
        return self._let_in(request, launch, name)

    def _to_new_tab(self, request: Request, seen: Seen, brought: Arrived) -> Response:
        """The page for a browser that keeps no cookies here: from the platform's storage, or in a new tab."""
        launch = seen.launch
        allow_framing(request, launch.platform.frame_ancestors)
        response = page(
            request,
            "lti_new_tab.html",
            token=brought.token,
            state=brought.state,
            seen=seen.ticket,
            who=launch.person.name,
            course=launch.course.title,
            storage=None
            if brought.ticket
            else {
                "origin": origin(launch.platform.auth_url),
                "frame": "",
                "key": f"grader-{brought.state}",
                "value": "",
            },
        )
        for written in _cookie(self._tool.url, PROBE, "1", 60):
            response.headers.append("set-cookie", written)
        return response

    def _let_in(self, request: Request, launch: Launch, cookie: str) -> Response:
        here = service(request)
        now = here.now()
        with here.sessions.begin() as session:
            taken(session, launch, now)
            arrival = arrived(session, launch, self._tool.secret, now)
            token = begin_session(session, arrival.user_id, arrival.course_id, launch.platform.id, now)
            user = session.get_one(User, arrival.user_id)
            name = user.name or user.subject
        # The page that answers knows who it is for, although its cookie is only on its way.
        request.state.person = SessionUser(arrival.user_id, name, arrival.course_id, launch.platform.id, token)
        allow_framing(request, launch.platform.frame_ancestors)
        self._find_column(request, launch, arrival)
        response = self._landing(request, launch, arrival)
        _send_session(request, response, token, arrival.course_id)
        for written in _cookie(self._tool.url, cookie, "", 0):
            response.headers.append("set-cookie", written)
        return response

    def _landing(self, request: Request, launch: Launch, arrival: Arrival) -> Response:
        """Where a launch leads."""
        choice = LtiChoice(self._tool)
        if launch.deep_linking is not None:
            if not launch.teaches:
                raise HTTPException(403)
            return choice.to_link(request, launch, arrival)
        if arrival.assignment_id is not None:
            course = f"{self._tool.url}/courses/{arrival.course_id}{'/teach' if launch.teaches else ''}"
            student = self._reviewed(request, launch)
            of = "" if student is None else f"/students/{student}"
            return RedirectResponse(f"{course}/assignments/{arrival.assignment_id}{of}", 303)
        if launch.teaches:
            return choice.to_set_up(request, launch, arrival)
        return page(request, "lti_not_set_up.html", title=launch.link.title if launch.link else "")

    def _reviewed(self, request: Request, launch: Launch) -> int | None:
        """The student whose work somebody who teaches wants to see; None: the launch names none that is known."""
        if launch.reviewed is None or not launch.teaches:
            return None
        where = (User.platform_id == launch.platform.id, User.subject == launch.reviewed)
        with service(request).sessions() as session:
            return session.scalar(select(User.id).where(*where))

    def _find_column(self, request: Request, launch: Launch, arrival: Arrival) -> None:
        """Find or make the column of an assignment whose link came without one: if none is known, or if somebody who
        teaches comes after a score was not taken, as the column may have been deleted."""
        if launch.scores is None or launch.scores.lineitem is not None or arrival.assignment_id is None:
            return
        here = service(request)
        with here.sessions() as session:
            assignment = session.get_one(Assignment, arrival.assignment_id)
            newest = select(Push.state).where(Push.assignment_id == assignment.id).order_by(Push.id.desc()).limit(1)
            is_lost = launch.teaches and session.scalar(newest) == "failed"
        if assignment.lineitem_url is None or is_lost:
            actor = Actor(arrival.course_id, arrival.user_id, here.now())
            find_column(request, self._tool, launch, assignment, actor)

    def keys(self, request: Request) -> Response:
        """Our public keys."""
        here = service(request)
        with here.sessions() as session:
            found = key_set(session, self._tool.secret)
        if not found["keys"]:
            with here.sessions.begin() as session:
                signing_key(session, self._tool.secret, here.now())
                found = key_set(session, self._tool.secret)
        return JSONResponse(found, headers={"cache-control": "public, max-age=300"})

    def register(self, request: Request) -> Response:
        """Register this server at the platform that sends its administrator here."""
        here = service(request)
        wanted = here.settings.registration
        if wanted is None or not hmac.compare_digest(request.path_params["token"].encode(), wanted.encode()):
            raise HTTPException(404)
        asked = request.query_params
        if not asked.get("openid_configuration"):
            raise Refused("registration", "Give this address to your learning platform: it registers this server.", 400)
        allow_framing(request, ANYWHERE)
        with here.sessions.begin() as session:  # the platform may ask for our keys at once
            signing_key(session, self._tool.secret, here.now())
        offer = RegistrationOffer(asked["openid_configuration"], asked.get("registration_token"))
        details = registered_by_url(self._tool, offer)
        with here.sessions.begin() as session:
            registered(session, details, here.now(), "its address for registration")
        LOG.info("registered at %s", details.issuer)
        response = page(request, "lti_registered.html", details=details)
        response.headers["cross-origin-opener-policy"] = "unsafe-none"  # it tells the window that opened it
        return response


def find_column(request: Request, tool: Tool, launch: Launch, assignment: Assignment, actor: Actor) -> None:
    """Ask the platform for the assignment's column, and remember it."""
    assert launch.scores is not None
    here = service(request)
    with here.sessions.begin() as session:
        of = client(session, tool, launch.platform.id, actor.now)
    wanted = Column(
        assignment.title, assignment.max_score, resource_of(assignment.id), launch.link.id if launch.link else None
    )
    url = column(tool, of, launch.scores, wanted, actor.now)
    if url is not None:
        with here.sessions.begin() as session:
            found = session.scalars(select(Assignment).where(Assignment.id == assignment.id).with_for_update()).one()
            take_column(session, actor, found, url)


def is_own_page(request: Request, url: str) -> bool:
    """Whether a page of ours sent this, as the browser says. Silence is no proof here."""
    told = request.headers.get("origin") is not None or request.headers.get("sec-fetch-site") == "same-origin"
    return told and is_own_origin(request.headers, url)


def _name(url: str, state: str) -> str:
    """The name of a login's cookie; several logins may be under way."""
    kept = "".join(one for one in state[:20] if one.isascii() and (one.isalnum() or one in "-_"))
    return f"{'__Host-' if url.startswith('https:') else ''}grader-login-{kept}"


def _cookie(url: str, name: str, value: str, seconds: int) -> list[str]:
    """The `Set-Cookie` headers of a cookie that has to come back inside a frame of another site.

    `Partitioned` lets it: without it, browsers that block cookies of third parties drop it. Over http on this machine
    browsers take the same; other clients take the plain one."""
    common = f"{name}={value}; Path=/; HttpOnly; Max-Age={seconds}"
    framed = f"{common}; Secure; SameSite=None; Partitioned"
    if url.startswith("https:"):
        return [framed]
    return [framed, f"{common}; SameSite=Lax"] if is_loopback(url) else [f"{common}; SameSite=Lax"]


def _send_session(request: Request, response: Response, token: str, course_id: int) -> None:
    """The cookie of the session; over http on this machine also in the form that works inside a frame."""
    settings = service(request).settings
    set_session_cookie(response, settings, token, course_id)
    if is_loopback(settings.url) and settings.url.startswith("http:"):
        name, written = response.raw_headers.pop()
        response.raw_headers += [
            (name, written.replace(b"SameSite=Lax", b"Secure; SameSite=None; Partitioned")),
            (name, written),
        ]


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


OPEN_SECONDS = 2 * 3600.0
"""How long the page of the choice holds."""


class LtiChoice:
    """The page with the choice, and what becomes of it."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool

    def to_link(self, request: Request, launch: Launch, arrival: Arrival) -> Response:
        """The choice for a deep link."""
        asked = launch.deep_linking
        assert asked is not None
        value = [arrival.course_id, launch.deployment, asked.return_url, asked.data, asked.many, asked.columns]
        return self._page(request, arrival, "choose", value, "checkbox" if asked.many else "radio")

    def to_set_up(self, request: Request, launch: Launch, arrival: Arrival) -> Response:
        """The choice for a link that names no exercise."""
        assert launch.link is not None
        scores = launch.scores
        services = scores and [sorted(scores.scopes), scores.lineitems, scores.lineitem]
        return self._page(request, arrival, "set-up", [arrival.course_id, launch.link.id, services], "radio")

    def _page(self, request: Request, arrival: Arrival, purpose: str, value: Any, kind: str) -> Response:
        here = service(request)
        with here.sessions() as session:
            own = unlinked(session, arrival.course_id)
        return page(
            request,
            "lti_choice.html",
            action=f"{self._tool.url}/courses/{arrival.course_id}/{purpose}",
            ticket=ticket(self._tool.secret, purpose, value, here.now()),
            purpose=purpose,
            kind=kind,
            offered=offered(),
            own=own,
        )

    def chosen(self, request: Request) -> Response:
        """The answer to a deep link, which the browser sends to the platform."""
        who, here, given = instructor(request), service(request), form(request)
        _, deployment, url, data, many, columns = self._redeemed(request, who, "choose")
        now = here.now()
        with here.sessions.begin() as session:
            picked = [] if given.get("cancel") else _picked(session, request, who)
            # One that is meant for the platform's next launch has no link yet, so several would find the same.
            shown = [_chosen(one) for one in picked[: None if many else 1]]
            of = client(session, self._tool, _platform(who), now)
        if not shown and not given.get("cancel"):
            raise Refused("choice", "Nothing was chosen. Go back and choose an exercise.", 400)
        asked = Asked(deployment, DeepLinking(url, data, many, columns))
        allow_form_action(request, origin(url) or "")
        return page(
            request, "lti_return.html", to=url, token=response(self._tool, of, asked, shown, now), count=len(shown)
        )

    def set_up(self, request: Request) -> Response:
        """The link launches the chosen exercise from now on."""
        who, here = instructor(request), service(request)
        _, link, services = self._redeemed(request, who, "set-up")
        now = here.now()
        with here.sessions.begin() as session:
            picked = _picked(session, request, who)[:1]
            if not picked:
                raise Refused("choice", "Nothing was chosen. Go back and choose an exercise.", 400)
            assignment = picked[0]
            linked_to(session, _actor(request, who), assignment, link)
            of = client(session, self._tool, _platform(who), now)
        if services:
            scopes, lineitems, lineitem = services
            wanted = Column(assignment.title, assignment.max_score, resource_of(assignment.id), link)
            found = column(self._tool, of, Scores(frozenset(scopes), lineitems, lineitem), wanted, now)
            if found is not None:
                with here.sessions.begin() as session:
                    take_column(session, _actor(request, who), session.get_one(Assignment, assignment.id), found)
        return RedirectResponse(f"{self._tool.url}/courses/{who.course_id}/teach/assignments/{assignment.id}", 303)

    def _redeemed(self, request: Request, who: SignedIn, purpose: str) -> Sequence[Any]:
        """The value of the page's ticket; its first part is the course."""
        given = form(request).get("ticket")
        found: list[Any] = redeemed(self._tool.secret, purpose, given, service(request).now(), OPEN_SECONDS)
        if found[0] != who.course_id:
            raise Refused("ticket", "This page belongs to another course. Go back and open the link again.")
        return found


def _platform(who: SignedIn) -> int:
    if who.platform_id is None:
        raise Refused("platform", "This is for courses of a learning platform. Open it from there.", 400)
    return who.platform_id


def _actor(request: Request, who: SignedIn) -> Actor:
    return Actor(who.course_id, who.user_id, service(request).now())


def _picked(session: Session, request: Request, who: SignedIn) -> list[Assignment]:
    """The chosen assignments: those of the course, and new ones with exercises of the collection."""
    given = form(request)
    own = {str(one.id): one for one in unlinked(session, who.course_id)}
    found = []
    for one in given.all("chosen"):
        kind, _, name = one.partition(":")
        if kind == "own" and name in own:
            found.append(own[name])
        elif kind == "exercise":
            made = from_collection(session, _actor(request, who), name)
            if made is not None:
                found.append(made)
    return found


def _chosen(one: Assignment) -> Chosen:
    try:
        text = loads(one.exercise).title or ""
    except GraderError:
        text = ""
    return Chosen(
        one.id, one.name, one.title, "" if text == one.title else text, one.max_score,
        one.opens_at, one.due_at, one.closes_at,
    )  # fmt: skip
