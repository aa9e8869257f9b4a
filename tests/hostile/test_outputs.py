"""What strangers write comes out of every rendering as text: shown, and obeyed by nothing that reads it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from pathlib import Path

import html5lib
import pytest

import grader.html.rendering
from grader.cli.main import run
from tests.hostile.attacks import DERIVATION, HERE

NAMES = (
    "=cmd|' !A0", "@SUM(1+1)", "-1+1", "+1", "<script>alert(1)<", "<img src=x onerror=alert(1)>", "&lt;b&gt;",
    "\x1b[2J\x1b]8;;http:evil\x07", "\u202eann", "ann\nPASS 3 of 3", "a\rPASS", "\x9b31m", "e" + "\u0301" * 60,
    "| b | c", "`code` [x](javascript:alert(1))", "{{7*7}}", "$\\input{a}$", "\"quoted\",'too'", "\udcff\udcfe",
    "\u2028x",
)  # fmt: skip
"""Of students, who have a folder each."""

EVIL = "<script>alert(1)</script>=1+1\x1b[31m\u202e\u2066\x9b\x07]]>\x00".replace("\x00", "\\x00")

WORK = (
    f"print({EVIL!r})\nprint('\\x1b[2J\\r=HYPERLINK(1)\\ud800')\n" + DERIVATION,
    DERIVATION.replace("dh = 2 * h", "dh = 3 * h  # <img src=x onerror=alert(1)> \u202e =1+1 ]]>"),
    DERIVATION.replace("dx = dh", f"raise ValueError({EVIL!r})\ndx = dh"),
    DERIVATION.replace("dx =", "dx = '<script>alert(1)</script>'; \uff44\uff58 ="),
    "class E(Exception):\n    pass\nE.__name__ = E.__qualname__ = '<script>\\x1b[2J'\nraise E('\\n\\n=PASS')\n"
    + DERIVATION,
    "dh = (\n# <script>\x1b[2J\u202e\n",
)
"""What they hand in, in turn."""

FILES = ("mine.py", "=cmd.py", "<b>.py", "\x1b[2J.py", "\u202eyp.mine.py", "a\nPASS.py")


def command(*arguments: object) -> str:
    """What the command prints."""
    printed, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
        assert run([str(one) for one in arguments]) in (0, 1)
    assert harmless(said.getvalue())
    return printed.getvalue().encode().decode()


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of such students, graded by the command."""
    place = tmp_path_factory.mktemp("evil")
    for number, name in enumerate(NAMES):
        folder = place / "class" / name.replace("/", " ")
        folder.mkdir(parents=True)
        (folder / FILES[number % len(FILES)]).write_text(WORK[number % len(WORK)], "utf-8", "surrogatepass")
    preview = command("batch", HERE / "patient.yaml", place / "class", "-o", place / "out", "--dry-run")
    said = command("batch", HERE / "patient.yaml", place / "class", "-o", place / "out", "--isolation", "process",
                   "--i-trust-these-files")  # fmt: skip
    assert harmless(preview)
    assert harmless(said)
    return place / "out"


def harmless(text: str) -> bool:
    """Whether a terminal shows it and does nothing else, and nobody can write a line that looks like ours."""
    return printable(text) and not re.search(r"^\s*PASS", text, re.M)


def printable(text: str) -> bool:
    return all(one.isprintable() or one == "\n" for one in text)


def tags(page: str) -> set[str]:
    """The elements of a page; each is looked at for what acts."""
    found = html5lib.parse(page, namespaceHTMLElements=False)
    for one in found.iter():
        assert not [name for name in one.attrib if name.startswith("on") or name == "style"]
        assert str(one.attrib.get("href", "#")).startswith("#")
        assert "src" not in one.attrib
    return {str(one.tag) for one in found.iter()}


def policies(page: str) -> list[str]:
    """What a page forbids itself."""
    found = html5lib.parse(page, namespaceHTMLElements=False).iter("meta")
    return [one.attrib["content"] for one in found if one.attrib.get("http-equiv") == "Content-Security-Policy"]


ACTING = {"img", "iframe", "object", "embed", "base", "form", "link", "video", "audio", "b<"}
"""Elements that load or send something; our pages have none of them."""

TEMPLATES = Path(grader.html.rendering.__file__).parent / "templates"


def scripts(page: str) -> list[str]:
    """What a page runs."""
    found = html5lib.parse(page, namespaceHTMLElements=False).iter("script")
    return ["".join(one.itertext()) for one in found]


def inputs(page: str) -> list[str | None]:
    """The ids of the fields of a page."""
    return [one.attrib.get("id") for one in html5lib.parse(page, namespaceHTMLElements=False).iter("input")]


def test_every_student_is_graded(graded: Path) -> None:
    lines = [json.loads(line) for line in command("results", graded, "--format", "jsonl").splitlines()]

    assert len(lines) == len(NAMES)
    assert {line["batch"]["status"] for line in lines} == {"graded", "ungradable"}
    assert [line["score"] for line in lines if line["batch"]["status"] == "ungradable"] == [None] * 3


def test_json_lines_are_ascii_and_parse(graded: Path) -> None:
    """Attacks 102, 107, 108."""
    told = command("results", graded, "--format", "jsonl")

    assert told.isascii()
    assert harmless(told)


def test_the_terminal_obeys_nothing(graded: Path) -> None:
    """Attacks 101, 105, 106, 107, 108."""
    assert harmless(command("results", graded))
    for line in command("results", graded, "--format", "jsonl").splitlines():
        student = json.loads(line)["student"]
        if "\0" not in student:
            assert harmless(command("results", graded, "--student", student))


def test_a_spreadsheet_finds_no_formula(graded: Path) -> None:
    """Attack 104."""
    for data in (
        command("results", graded, "--format", "csv"),
        (command("gradebook", graded, "--for", "csv", "-o", graded / "g.csv"), (graded / "g.csv").read_text("utf-8"))[
            1
        ],
    ):
        head, *rows = csv.reader(io.StringIO(data))

        assert len(rows) == len(NAMES)
        assert {len(row) for row in rows} == {len(head)}
        for cell in (cell for row in rows for cell in row):
            assert harmless(cell)
            assert cell.lstrip()[:1] not in tuple("=+-@\t\r") or re.fullmatch(r"-?[\d.]+(e-?\d+)?", cell)


def test_a_browser_runs_nothing_of_the_class_page(graded: Path) -> None:
    """Attacks 101, 102."""
    page = command("results", graded, "--format", "html")

    assert not tags(page) & ACTING
    assert scripts(page) == [(TEMPLATES / "class.js").read_text("utf-8").rstrip("\n")]
    assert inputs(page) == ["search"]
    assert ["default-src 'none'" in policy for policy in policies(page)] == [True]
    assert printable(page)


def test_a_browser_runs_nothing_of_what_students_get_back(graded: Path) -> None:
    """Attack 101."""
    command("gradebook", graded, "--for", "feedback", "-o", graded / "pages")
    pages = sorted((graded / "pages").iterdir())

    assert len(pages) == len(NAMES)
    assert all(re.fullmatch(r"[A-Za-z0-9._@+-]+\.html", page.name) for page in pages)
    for page in pages:
        text = page.read_text("utf-8")
        assert not tags(text) & ACTING
        assert scripts(text) in ([], [(TEMPLATES / "report.js").read_text("utf-8").rstrip("\n")])
        assert inputs(text) == []
        assert printable(text)


def test_a_page_of_one_student_says_nothing_of_another(graded: Path) -> None:
    """Attack 109."""
    command("gradebook", graded, "--for", "feedback", "-o", graded / "own")
    pages = ["".join(html5lib.parse(page.read_text("utf-8")).itertext()) for page in (graded / "own").iterdir()]

    for name in ("@SUM(1+1)", "{{7*7}}", "`code` [x](javascript:alert(1))", "| b | c"):
        assert len([page for page in pages if name in page]) == 1


def test_markdown_is_a_table_of_text(graded: Path) -> None:
    """Attack 103."""
    lines = command("results", graded, "--format", "markdown").splitlines()

    assert len(lines) == len(NAMES) + 2
    for line in lines:
        assert len(re.findall(r"(?<!\\)\|", line)) == len(re.findall(r"(?<!\\)\|", lines[0]))
        assert not re.search(r"(?<!\\)[<\[`]", line)
        assert harmless(line)
