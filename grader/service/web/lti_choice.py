"""An instructor chooses exercises: for a deep link, or for a link that was added in the course by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.errors import GraderError
from grader.exercise.load import loads
from grader.service.arrivals import Arrival, take_column
from grader.service.exercises import offered
from grader.service.lti.claims import Refused
from grader.service.lti.deep_linking import Chosen, response
from grader.service.lti.deep_linking import LinkRequest as Asked
from grader.service.lti.gradebook import Column, column, resource_of
from grader.service.lti.launch import DeepLinking, Launch, Scores, redeemed, ticket
from grader.service.lti.registered import origin
from grader.service.lti.tool import Tool, client
from grader.service.store.tables import Assignment
from grader.service.teaching.assignments import from_collection, linked_to, unlinked
from grader.service.teaching.audit import Actor
from grader.service.web.context import service
from grader.service.web.forms import form
from grader.service.web.pages import page
from grader.service.web.security import allow_form_action
from grader.service.web.sessions import SignedIn, instructor

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
