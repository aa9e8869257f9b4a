"""Accounts of this server: the start page, signing in and out by links that let in once or passwords, privacy, and the
course of `grader serve --demo` (two assignments, a student and an instructor)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from grader.errors import UsageError
from grader.exercise.load import find, loads
from grader.service.store.tables import Assignment, Course, Enrolment, LoginLink, User
from grader.service.web.context import service
from grader.service.web.forms import form
from grader.service.web.pages import page
from grader.service.web.sessions import begin_session, digest_of, end_session, maybe_person, person, set_session_cookie

MAX_TRIES = 10
"""How often an address, or a login name, may be tried within ten minutes."""

LINK_HOURS = 72
"""How long a link lets in, unless said otherwise."""

SHORTEST = 10
"""Characters of a password, at least."""

MAX_PASSWORD_LENGTH = 200

COST = {"n": 2**14, "r": 8, "p": 1}
"""Of scrypt: 16 MiB and some 30 ms for each try."""


_NOBODY = f"scrypt${'00' * 16}${'00' * 32}"


TITLE = "Backpropagation by hand"

EXERCISES = ("tanh-chain", "tanh-chain-reverse")

COSTS = "\nhint_costs: {rule: 0.5, fix: 1}\n"
"""What hints of the first exercise take."""


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
    allowed = [here.limits.allows(key, MAX_TRIES, 600) for key in (("address", address), ("login", login.lower()))]
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


def new_link(session: Session, user_id: int, now: datetime, hours: float = LINK_HOURS) -> str:
    """The token of a link that lets a user in, once."""
    token = secrets.token_urlsafe(24)
    session.add(LoginLink(digest=digest_of(token), user_id=user_id, expires_at=now + timedelta(hours=hours)))
    session.flush()
    return token


def link_owner(session: Session, token: str, now: datetime) -> User | None:
    """Whom a link lets in; None if it is unknown, was used, or has run out."""
    found = session.get(LoginLink, digest_of(token), with_for_update=True)
    if found is None or found.used_at is not None or found.expires_at < now:
        return None
    return session.get(User, found.user_id)


def is_link_of(session: Session, token: str, user_id: int) -> bool:
    """Whether a link was made for this user, although it may have been used since."""
    found = session.get(LoginLink, digest_of(token))
    return found is not None and found.user_id == user_id


def use_link(session: Session, token: str, now: datetime) -> User | None:
    """Use a link up; whom it lets in, like `link_owner`."""
    owner = link_owner(session, token, now)
    if owner is not None:
        session.get_one(LoginLink, digest_of(token)).used_at = now
    return owner


def owner_by_password(session: Session, login: str, password: str) -> User | None:
    """Whom a login name and a password let in. An unknown name takes as long as a wrong password."""
    found = session.scalar(select(User).where(User.login == login[:100]))
    stored = found.password if found is not None and found.password is not None else _NOBODY
    fits = _fits(password[:MAX_PASSWORD_LENGTH], stored)
    return found if fits and stored is not _NOBODY else None


def set_password(session: Session, user: User, login: str, password: str) -> None:
    """Let a user in by a login name and a password from now on. Raises `UsageError`."""
    login = login.strip()
    if not login or len(login) > 100 or not all(one.isalnum() or one in "._-@+" for one in login):
        raise UsageError("A login name is made of letters, digits and . _ - @ +.")
    if not SHORTEST <= len(password) <= MAX_PASSWORD_LENGTH:
        raise UsageError(f"A password has at least {SHORTEST} characters.")
    if session.scalar(select(User.id).where(User.login == login, User.id != user.id)) is not None:
        raise UsageError("This login name is taken. Choose another one.")
    user.login, user.password = login, _digest(password, secrets.token_bytes(16))
    session.flush()


def _digest(password: str, salt: bytes) -> str:
    made = hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, maxmem=2**26, dklen=32, **COST)
    return f"scrypt${salt.hex()}${made.hex()}"


def _fits(password: str, stored: str) -> bool:
    salt = bytes.fromhex(stored.split("$")[1])
    return hmac.compare_digest(_digest(password, salt), stored)


def local_course(session: Session, title: str, now: datetime) -> Course:
    """A new course of this server."""
    made = Course(context_id=secrets.token_hex(8), title=title, created_at=now)
    session.add(made)
    session.flush()
    return made


def local_user(session: Session, name: str, now: datetime) -> User:
    """A new user of this server."""
    made = User(subject=secrets.token_hex(8), name=name, created_at=now)
    session.add(made)
    session.flush()
    return made


def member_named(session: Session, course_id: int, name: str) -> User | None:
    """Who of a course is a user of this server and has this name; None if nobody is."""
    inside = select(User).join(Enrolment, Enrolment.user_id == User.id).where(Enrolment.course_id == course_id)
    return session.scalars(inside.where(User.name == name, User.platform_id.is_(None)).order_by(User.id)).first()


def enrol(session: Session, course_id: int, user_id: int, role: str, now: datetime) -> Enrolment:
    """Put a user into a course, with a pseudonym of their own."""
    while True:
        pseudonym = f"student-{secrets.token_hex(3)}"
        taken = select(Enrolment.user_id).where(Enrolment.course_id == course_id, Enrolment.pseudonym == pseudonym)
        if session.scalar(taken) is None:
            break
    made = Enrolment(course_id=course_id, user_id=user_id, role=role, pseudonym=pseudonym, created_at=now)
    session.add(made)
    session.flush()
    return made


@dataclass(frozen=True, slots=True)
class Links:
    """The tokens of links that let in the demo's people."""

    student: str
    instructor: str


def demo_links(session: Session, now: datetime) -> Links:
    """Links into the demo course, which is made if there is none yet."""
    course = session.scalar(select(Course).where(Course.platform_id.is_(None), Course.title == TITLE))
    if course is None:
        course = local_course(session, TITLE, now)
        for name, role in (("Sam Student", "student"), ("Ines Instructor", "instructor")):
            enrol(session, course.id, local_user(session, name, now).id, role, now)
        for number, name in enumerate(EXERCISES):
            session.add(_assignment(course.id, name, number, now))
        session.flush()
    return Links(*(new_link(session, _user(session, course.id, role), now) for role in ("student", "instructor")))


def _user(session: Session, course_id: int, role: str) -> int:
    own = select(User.id).join(Enrolment, Enrolment.user_id == User.id)
    found = session.scalar(own.where(Enrolment.course_id == course_id, Enrolment.role == role).order_by(User.id))
    assert found is not None
    return found


def _assignment(course_id: int, name: str, number: int, now: datetime) -> Assignment:
    text = find(name).read_text("utf-8") + ("" if number else COSTS)
    exercise = loads(text, name)
    due = (now + timedelta(days=7 * (number + 1))).replace(hour=21, minute=59, second=0, microsecond=0)
    return Assignment(
        course_id=course_id,
        name=exercise.id,
        title=exercise.title,
        exercise=text,
        secret=secrets.token_hex(16),
        max_score=exercise.points,
        due_at=due,
        closes_at=due + timedelta(days=3),
        reveal="fix",
        reveal_after_due="values",
        late_penalty=10.0,
        late_grace=15.0,
        created_at=now,
    )
