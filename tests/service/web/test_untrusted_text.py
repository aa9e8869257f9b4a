"""Names of students, of files and of courses, and what students write, reach no page as markup."""

from __future__ import annotations

import html5lib
import pytest

from grader.service.store.tables import Course, User
from grader.service.web.account_routes import new_link
from tests.service.web import site
from tests.service.web.class_of_two import SOURCE, ClassOfTwo, result

pytestmark = pytest.mark.slow

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)></textarea></title>"
KNOWN_SCRIPTS = "/static/"


def markup(page: str) -> list[str]:
    """What a page must not have: scripts that are not files of ours, handlers, frames, and elements of an attacker."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    found = []
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        attributes = {str(name): value for name, value in element.attrib.items()}
        if element.tag == "script" and (not attributes.get("src", "").startswith(KNOWN_SCRIPTS) or element.text):
            found.append(f"script {element.text}")
        if element.tag in ("img", "iframe", "object", "embed", "base"):
            found.append(element.tag)
        found += [name for name in attributes if name.startswith("on")]
        found += [value for value in attributes.values() if value.strip().lower().startswith("javascript:")]
    return found


@pytest.fixture
def evil(two: ClassOfTwo) -> ClassOfTwo:
    with two.begin() as session:
        session.get_one(User, two.ada.id).name = EVIL
        session.get_one(Course, two.course.id).title = EVIL
    two.change(title=EVIL)
    two.hand_in(two.ada, SOURCE + f"# {EVIL}\n".encode(), f"{EVIL}.py")
    return two


def test_while_it_waits(evil: ClassOfTwo) -> None:
    assert markup(evil.of(evil.ada).get(f"{evil.path}/attempts/1").text) == []


@pytest.mark.parametrize("address", ["", "/attempts/1"])
def test_once_it_is_graded(evil: ClassOfTwo, address: str) -> None:
    evil.grade(result(message=EVIL))

    page = evil.of(evil.ada).get(evil.path + address).text

    assert markup(page) == []
    assert "alert(1)" in page  # as text


def test_in_the_course_and_on_the_start_page(evil: ClassOfTwo) -> None:
    ada = evil.of(evil.ada)

    for address in (f"/courses/{evil.course.id}", "/account", "/privacy", "/nothing"):
        assert markup(ada.get(address).text) == []


def test_on_the_page_of_a_link(evil: ClassOfTwo) -> None:
    with evil.begin() as session:
        token = new_link(session, evil.ada.id, site.now())

    assert markup(evil.of(None).get(f"/enter/{token}").text) == []


def test_in_a_form_that_is_shown_again(evil: ClassOfTwo) -> None:
    answer = evil.of(evil.ada).send_form(f"{evil.path}/attempts", {"name": EVIL, "code": EVIL})
    again = evil.of(None).send_form("/sign-in", {"login": EVIL, "password": EVIL})

    assert answer.status_code == again.status_code == 400
    assert markup(answer.text) == markup(again.text) == []


def test_a_file_is_saved_under_its_name_and_never_shown(evil: ClassOfTwo) -> None:
    answer = evil.of(evil.ada).get(f"{evil.path}/attempts/1/file")

    assert answer.content == SOURCE + f"# {EVIL}\n".encode()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "\n" not in answer.headers["content-disposition"]
