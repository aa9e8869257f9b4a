"""People of this server: passwords, signing in and out."""

from __future__ import annotations

import pytest

from grader.errors import UsageError
from grader.service.store.tables import User
from grader.service.web import account_routes
from tests.service.web import site
from tests.service.web.class_of_two import ClassOfTwo

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery"


@pytest.fixture
def signed_up(two: ClassOfTwo) -> ClassOfTwo:
    with two.begin() as session:
        account_routes.set_password(session, session.get_one(User, two.ada.id), "ada", PASSWORD)
    return two


def sign_in(two: ClassOfTwo, login: str, password: str) -> tuple[site.Client, int]:
    browser = two.of(None)
    return browser, browser.send_form("/sign-in", {"login": login, "password": password}).status_code


def test_a_password_lets_in_until_one_signs_out(signed_up: ClassOfTwo) -> None:
    browser, status = sign_in(signed_up, "ada", PASSWORD)
    browser.token = browser.cookies["grader"]

    assert status == 303
    assert browser.get("/").headers["location"] == f"/courses/{signed_up.course.id}"
    assert browser.send_form("/sign-out").status_code == 303
    browser.cookies.set("grader", browser.token)  # a copy of the cookie is worth nothing afterwards
    assert browser.get("/").headers["location"] == "/sign-in"


@pytest.mark.parametrize(("login", "password"), [("ada", "wrong"), ("nobody", PASSWORD), ("", ""), ("ada", "")])
def test_nothing_else_does(signed_up: ClassOfTwo, login: str, password: str) -> None:
    assert sign_in(signed_up, login, password)[1] == 400


def test_a_password_cannot_be_guessed_by_trying(signed_up: ClassOfTwo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_routes, "MAX_TRIES", 2)
    told = [sign_in(signed_up, "ada", "wrong")[1] for _ in range(account_routes.MAX_TRIES + 1)]

    assert told[-1] == 429
    assert sign_in(signed_up, "ada", PASSWORD)[1] == 429


def test_what_is_stored_is_not_the_password_and_differs_for_the_same_one(signed_up: ClassOfTwo) -> None:
    with signed_up.begin() as session:
        bob = session.get_one(User, signed_up.bob.id)
        account_routes.set_password(session, bob, "bob", PASSWORD)
        stored = {bob.password, session.get_one(User, signed_up.ada.id).password}

    assert len(stored) == 2
    assert not any(PASSWORD in str(one) for one in stored)


@pytest.mark.parametrize(
    ("login", "password"), [("ada", PASSWORD), ("b b", PASSWORD), ("", PASSWORD), ("bob", "short"), ("<b>", PASSWORD)]
)
def test_a_login_name_or_password_may_be_refused(signed_up: ClassOfTwo, login: str, password: str) -> None:
    with signed_up.begin() as session, pytest.raises(UsageError):
        account_routes.set_password(session, session.get_one(User, signed_up.bob.id), login, password)


def test_the_account_page_sets_both(two: ClassOfTwo) -> None:
    answer = two.of(two.ada).send_form("/account", {"login": "ada", "password": PASSWORD})

    assert "From now on" in answer.text
    assert sign_in(two, "ada", PASSWORD)[1] == 303


def test_a_browser_whose_session_has_run_out_can_sign_in_again(signed_up: ClassOfTwo) -> None:
    browser = signed_up.of(None)
    browser.cookies.set("grader", "an-old-token")
    form = browser.get("/sign-in").text
    csrf = form.partition('name="csrf" value="')[2].partition('"')[0]

    answer = browser.post("/sign-in", data={"csrf": csrf, "login": "ada", "password": PASSWORD})

    assert answer.status_code == 303


def test_a_link_that_is_opened_again_in_the_browser_it_let_in_leads_to_the_course(two: ClassOfTwo) -> None:
    with two.begin() as session:
        token = account_routes.new_link(session, two.ada.id, site.NOW)
    browser = two.of(None)
    browser.send_form(f"/enter/{token}")

    assert browser.get(f"/enter/{token}").headers["location"] == "/"
    assert two.of(two.bob).get(f"/enter/{token}").status_code == 410
    assert two.of(None).get(f"/enter/{token}").status_code == 410
