"""Pages of everybody: the start page, signing in and out, the account, privacy."""

from __future__ import annotations

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from grader.errors import UsageError
from grader.service.store.tables import Course, Enrolment, User
from grader.service.web.context import service
from grader.service.web.forms import form
from grader.service.web.local import SHORTEST, is_link_of, link_owner, owner_by_password, set_password, use_link
from grader.service.web.pages import page
from grader.service.web.sessions import begin_session, end_session, maybe_person, person, set_session_cookie

TRIES = 10
"""How often an address, or a login name, may be tried within ten minutes."""


def routes() -> list[Route]:
    return [
        Route("/", home),
        Route("/sign-in", sign_in, methods=["GET", "POST"]),
        Route("/enter/{token:str}", enter, methods=["GET", "POST"]),
        Route("/sign-out", sign_out, methods=["POST"]),
        Route("/courses/{course:int}/sign-out", sign_out, methods=["POST"]),
        Route("/account", account, methods=["GET", "POST"]),
        Route("/privacy", privacy),
    ]


def home(request: Request) -> Response:
    """The courses of whoever is signed in."""
    who = maybe_person(request)
    if who is None:
        return RedirectResponse("/sign-in", 303)
    own = (
        select(Course, Enrolment.role)
        .join(Enrolment, Enrolment.course_id == Course.id)
        .where(Enrolment.user_id == who.user_id, Enrolment.active)
        .order_by(Course.title)
    )
    if who.course_id is not None:
        own = own.where(Course.id == who.course_id)
    with service(request).sessions() as session:
        courses = session.execute(own).all()
    if len(courses) == 1:
        return RedirectResponse(f"/courses/{courses[0][0].id}", 303)
    return page(request, "home.html", courses=courses)


def sign_in(request: Request) -> Response:
    """Sign in with a login name and a password."""
    maybe_person(request)
    if request.method != "POST":
        return page(request, "sign_in.html", login="", wrong=None)
    here = service(request)
    login, password = form(request).get("login").strip(), form(request).get("password")
    address = request.client.host if request.client is not None else ""
    allowed = [here.limits.allows(key, TRIES, 600) for key in (("address", address), ("login", login.lower()))]
    if not all(allowed):
        return page(request, "sign_in.html", 429, login=login, wrong="That were many tries. Wait ten minutes.")
    with here.sessions() as session:
        found = owner_by_password(session, login, password)
    if found is None:
        return page(request, "sign_in.html", 400, login=login, wrong="Login name or password is not right.")
    return _let_in(request, found)


def enter(request: Request) -> Response:
    """The page of a link that lets in once. Looking at it uses nothing up: mail programs look at links too."""
    here = service(request)
    token = request.path_params["token"]
    who = maybe_person(request)
    if request.method == "POST":
        with here.sessions.begin() as session:
            found = use_link(session, token, here.now())
        if found is not None:
            return _let_in(request, found)
    with here.sessions() as session:
        owner = link_owner(session, token, here.now())
        if owner is None and who is not None and is_link_of(session, token, who.user_id):
            return RedirectResponse("/", 303)  # it was opened again in the browser that it has let in
    return page(request, "enter.html", 200 if owner is not None else 410, owner=owner, token=token)


def _let_in(request: Request, user: User) -> Response:
    here = service(request)
    with here.sessions.begin() as session:
        token = begin_session(session, user.id, None, None, here.now())
    response = RedirectResponse("/", 303)
    set_session_cookie(response, here.settings, token)
    return response


def sign_out(request: Request) -> Response:
    """End the session."""
    response = RedirectResponse("/sign-in", 303)
    if maybe_person(request) is not None:
        with service(request).sessions.begin() as session:
            end_session(request, session, response)
    return response


def account(request: Request) -> Response:
    """Choose a login name and a password; for people of this server."""
    who = person(request)
    here = service(request)
    wrong, done = None, False
    with here.sessions.begin() as session:
        user = session.get_one(User, who.user_id)
        login = user.login or ""
        if request.method == "POST" and user.platform_id is None:
            login = form(request).get("login")
            try:
                set_password(session, user, login, form(request).get("password"))
                done = True
            except UsageError as error:
                wrong = str(error)
        local = user.platform_id is None
    status = 400 if wrong else 200
    return page(request, "account.html", status, login=login, wrong=wrong, done=done, local=local, shortest=SHORTEST)


def privacy(request: Request) -> Response:
    """What is stored, for how long, and who sees it."""
    maybe_person(request)
    return page(request, "privacy.html")
