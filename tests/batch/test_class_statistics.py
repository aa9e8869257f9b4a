"""What a class got wrong: counted, shown, and nothing of it obeyed."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from pathlib import Path

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.batch.class_statistics import class_statistics
from grader.batch.page import render
from grader.batch.similarity import similar
from grader.batch.store import Store
from grader.batch.student_row import LatePolicy
from grader.batch.terminal import summary
from grader.model import Result
from grader.report.page import Page
from tests.batch.making import write
from tests.batch.making_results import RIGHT, filled, handed, result, step
from tests.batch.test_run import batch

SIGN = result(step("da", "wrong", "sign-flipped", "da = -x"), step("db", "carried"))
SIGN_SPACED = result(step("da", "wrong", "sign-flipped", "da  =  - x"), step("db"))
DARK = result(step("da"), step("db", "wrong", None, "db = 7"))


def klass(folder: Path, results: list[Result | None]) -> Path:
    return filled(folder, [(handed(f"s{n}", name=f"Student {n}"), made) for n, made in enumerate(results)])


def test_mistakes_are_counted_by_step_and_name(tmp_path: Path) -> None:
    with Store(klass(tmp_path, [RIGHT, SIGN, SIGN_SPACED, DARK])) as store:
        seen = class_statistics(store)

    assert [(one.step, one.code, [student for student, _ in one.students]) for one in seen.mistakes] == [
        ("da", "sign-flipped", ["s1", "s2"]), ("db", "unexplained", ["s3"])
    ]  # fmt: skip
    assert (seen.students, seen.complete, seen.scores) == (4, 1, (2.0, 1.0, 1.0, 1.0))
    assert [(one.name, one.failed, one.judged) for one in seen.steps] == [("da", 2, 4), ("db", 1, 4)]


def test_the_same_wrong_line_is_one_group_however_it_is_spaced(tmp_path: Path) -> None:
    with Store(klass(tmp_path, [SIGN, DARK, SIGN_SPACED])) as store:
        groups = class_statistics(store).same_lines

    assert [(one.step, one.code, [student for student, _ in one.students]) for one in groups] == [
        ("da", "da = -x", ["s0", "s2"])
    ]


@pytest.mark.parametrize(
    ("dark", "named", "doubtful"), [(3, 0, ((("db"), 3, 3),)), (2, 0, ()), (3, 6, ()), (4, 6, (("db", 4, 10),))]
)
def test_a_step_is_doubtful_where_much_is_unexplained(
    dark: int, named: int, doubtful: tuple[tuple[str, int, int], ...], tmp_path: Path
) -> None:
    explained = result(step("da"), step("db", "wrong", "sign-flipped", "db = -x"))

    with Store(klass(tmp_path, [DARK] * dark + [explained] * named)) as store:
        assert class_statistics(store).doubtful == doubtful


def test_students_without_a_score_are_listed_and_do_not_count_as_zero(tmp_path: Path) -> None:
    broken = result(*RIGHT.steps, problem="it ran for ever")

    with Store(klass(tmp_path, [RIGHT, broken, None])) as store:
        seen = class_statistics(store)

    assert seen.scores == (2.0,)
    assert [(one.student, one.reason) for one in seen.ungraded] == [("s1", "it ran for ever"), ("s2", None)]


def test_the_summary_says_who_could_not_be_graded_and_what_is_behind_it(tmp_path: Path) -> None:
    broken = result(*RIGHT.steps, problem="it ran for ever")
    page = Page(100)

    with Store(klass(tmp_path, [RIGHT, SIGN, broken])) as store:
        summary(page, class_statistics(store), LatePolicy(datetime(2026, 11, 23, 23, 59), 10.0))

    text = page.text().plain
    assert "late policy: due 2026-11-23 23:59; each day begun after that costs 10 % of all points" in text
    assert "3 students: 1 all right, 1 with errors, 1 without a score" in text
    assert "Student 2: it ran for ever" in text
    assert "sign-flipped  1 student  at da" in text


def test_those_who_wait_to_be_graded_are_one_line(tmp_path: Path) -> None:
    page = Page(120)

    with Store(klass(tmp_path, [RIGHT, *[None] * 20])) as store:
        summary(page, class_statistics(store), LatePolicy())

    text = page.text().plain
    assert "not graded yet: 20 students; the same `grader batch` command goes on where it stopped" in text
    assert "Student 2" not in text
    assert "late policy" not in text


HELPER = """
def tidy(quantity, places=3):
    table = {}
    for number, entry in enumerate([quantity]):
        table[number] = round(entry * 10**places) / 10**places if entry else -1
    return sorted(table.items(), key=lambda pair: -pair[1])
print(tidy(da, places=7), 'and', tidy(db))
"""
RENAMED = HELPER.replace("tidy", "neat").replace("table", "found").replace("quantity", "q").replace("entry", "e")


def similar_of(folder: Path, contents: list[str]) -> list[tuple[str, str]]:
    rows = [(handed(f"s{n}", content.encode()), RIGHT) for n, content in enumerate(contents)]
    with Store(filled(folder, rows)) as store:
        return [(one.first[0], one.second[0]) for one in similar(store)]


def test_helpers_copied_and_renamed_are_shown(tmp_path: Path) -> None:
    own = [f"{'b' * n} = [{n}, 'x' + str({n})] * {n + 3}\nprint({'b' * n})\n" for n in range(1, 8)]

    found = similar_of(tmp_path, [HELPER, *own, RENAMED])

    assert [set(pair) for pair in found] == [{"s0", "s8"}]


def test_the_lines_that_are_alike_are_shown_as_each_wrote_them(tmp_path: Path) -> None:
    rows = [(handed(who, text.encode(), name=who), RIGHT) for who, text in (("ana", HELPER), ("ben", RENAMED))]
    with Store(filled(tmp_path, rows)) as store:
        (pair,) = similar(store)

    left, right = pair.lines
    assert left
    assert set(left) <= set(HELPER.split("\n"))
    assert [line.replace("tidy", "neat").replace("table", "found").replace("quantity", "q").replace("entry", "e")
            for line in left] == list(right)  # fmt: skip


def test_right_formulas_and_what_many_have_are_no_evidence(tmp_path: Path) -> None:
    right = "da = 1\ndb = 1\n"

    assert similar_of(tmp_path, [right + f"# {n}\n" for n in range(6)]) == []
    assert similar_of(tmp_path / "many", [HELPER + f"x{'y' * n} = {n}\n" for n in range(6)]) == []


CORRECT = [text for path in sorted((Path(__file__).parents[1] / "cases" / "correct").glob("*.py"))
           if "dh2_raw" in (text := path.read_text("utf-8"))]  # fmt: skip


@pytest.mark.slow
def test_right_derivations_made_independently_raise_no_alarm(tmp_path: Path) -> None:
    write(tmp_path / "in", {f"s{n}.py": text.encode() for n, text in enumerate(CORRECT)})
    done = batch(tmp_path / "in", tmp_path / "out")

    assert len(CORRECT) > 30
    assert done.returncode == 0, done.stderr
    with Store(tmp_path / "out") as store:
        assert similar(store) == ()


class Seen:
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        self.root = html5lib.parse(text, namespaceHTMLElements=False)
        self.tags = {element.tag for element in self.root.iter() if isinstance(element.tag, str)}
        self.attributes = {name for element in self.root.iter() for name in element.attrib}
        self.links = [element.attrib["href"] for element in self.root.iter("a")]
        self.text = "".join(self.root.find("body").itertext())


HOSTILE = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "</style><b>",
           "{{ 7777 * 7 }}", "\u202ekcatta", "\x1b[2J", "]]>", "&lt;b&gt;"]  # fmt: skip


def hostile_page(folder: Path, text: str, links: dict[str, str] | None = None) -> Seen:
    made = result(step("da", "wrong", "sign-flipped", f"da = {text!r}"), step("db"))
    broken = result(*RIGHT.steps, problem=text)
    rows = [(handed(f"{text}{n}", name=text, file=text), made) for n in range(2)]
    with Store(filled(folder, [*rows, (handed("z", name=text), broken)])) as store:
        return Seen(render(store, links))


def test_the_page_loads_and_runs_nothing_whatever_is_written_in_it(tmp_path: Path) -> None:
    for number, text in enumerate(HOSTILE):
        seen = hostile_page(tmp_path / str(number), text)

        assert not seen.tags & {"img", "iframe", "object", "embed", "link", "form", "base"}
        assert len(list(seen.root.iter("script"))) == 1
        assert not any(name.startswith("on") or name in ("src", "style", "srcdoc") for name in seen.attributes)
        assert all(link.startswith("#") for link in seen.links)
        assert "54439" not in seen.text


def test_what_the_page_may_do_is_said_in_its_policy_and_its_own_style_and_script_are_allowed(tmp_path: Path) -> None:
    seen = hostile_page(tmp_path, "Ana")
    policy = next(e.attrib["content"] for e in seen.root.iter("meta") if "http-equiv" in e.attrib)
    style, script = (
        f"'sha256-{base64.b64encode(hashlib.sha256(next(seen.root.iter(tag)).text.encode()).digest()).decode()}'"
        for tag in ("style", "script")
    )

    assert policy == (
        f"default-src 'none'; style-src {style}; base-uri 'none'; form-action 'none'; font-src data:; "
        f"script-src {script}"
    )


def test_every_number_of_the_page_leads_to_its_students(tmp_path: Path) -> None:
    seen = hostile_page(tmp_path, "Ana")
    places = {element.attrib.get("id") for element in seen.root.iter()}

    assert any(link.startswith("#who-") for link in seen.links)
    assert all(link[1:] in places for link in seen.links)


@settings(deadline=None, max_examples=15)
@given(st.text(max_size=12))
def test_names_of_any_characters_make_a_page(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    name = name.encode("utf-8", "ignore").decode()
    seen = hostile_page(tmp_path_factory.mktemp("page"), name or "x")

    assert len(list(seen.root.iter("script"))) == 1
