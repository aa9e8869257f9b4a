"""A class of 61 with everything that goes wrong in one, written as each platform writes its download."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from tests.batch.classes import RIGHT, WRONG

SIGN = RIGHT.replace(*WRONG["sign-flipped"])
SQUARED = RIGHT.replace(*WRONG["tanh-derivative-on-pre-activation"])
HELPED = RIGHT.replace("(1 - h2**2)", "slope(h2)").replace("import math", "import math\nfrom tools import slope")
TOOLS = "def slope(h):\n    return 1 - h**2\n"
IN_TIME, LATER, LATE = datetime(2026, 11, 20, 9), datetime(2026, 11, 22, 10), datetime(2026, 11, 25, 10)
DUE = datetime(2026, 11, 23, 23, 59)
MOST = 16.0


@dataclass(frozen=True)
class File:
    """A file as the student named it, with the time of its last change."""

    name: str
    content: bytes
    at: datetime


@dataclass(frozen=True)
class Student:
    """One of the class: who they are, what they handed in, attempt by attempt, and what comes of it: which file is
    graded (its content) and with what score."""

    number: int
    first: str
    last: str
    attempts: tuple[tuple[File, ...], ...]
    graded: bytes | None
    score: float | None
    late: bool = False

    @property
    def user(self) -> str:
        return f"student{self.number:02}"

    @property
    def sis(self) -> str:
        return str(310_000 + 37 * self.number)

    @property
    def mail(self) -> str:
        return f"{self.user}@example.edu"

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def at(self) -> datetime:
        return LATE if self.late else LATER

    @property
    def files(self) -> tuple[File, ...]:
        return self.attempts[-1] if self.attempts else ()


Trap = Callable[[bytes], tuple[Sequence[Sequence[File]], bytes | None, float | None]]
"""What somebody handed in, given a comment of their own: the attempts, the content that is graded, and the score."""


def _traps() -> list[Trap]:
    def code(own: bytes, source: str) -> bytes:
        return own + source.encode()

    def plain(source: str, score: float) -> Trap:
        return lambda own: ([[File("hw.py", code(own, source), LATER)]], code(own, source), score)

    def beside(loser: str, at: datetime = LATER) -> Trap:
        return lambda own: (
            [[File("hw.py", code(own, SIGN), LATER), File(loser, code(own, RIGHT), at)]], code(own, SIGN), 15.0
        )  # fmt: skip

    def helped(own: bytes) -> tuple[Sequence[Sequence[File]], bytes, float]:
        files = [File("hw.py", code(own, HELPED), LATER), File("tools.py", TOOLS.encode(), LATER)]
        return [files], code(own, HELPED), MOST

    def nested(own: bytes) -> tuple[Sequence[Sequence[File]], bytes, float]:
        inner = packed({"hw/hw.py": (code(own, SIGN), LATER)})
        return [[File("all.zip", packed({"inner.zip": (inner, LATER)}), LATER)]], code(own, SIGN), 15.0

    def again(own: bytes) -> tuple[Sequence[Sequence[File]], bytes, float]:
        first = File("hw.py", code(own, SIGN), IN_TIME)
        return [[first], [File("hw.py", code(own, RIGHT), LATER)]], code(own, RIGHT), MOST

    def notebook(own: bytes) -> tuple[Sequence[Sequence[File]], bytes, float]:
        cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [],
                "source": (own.decode() + SQUARED).splitlines(keepends=True)}  # fmt: skip
        made = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()
        return [[File("hw.ipynb", made, LATER)]], made, 15.0

    def broken(own: bytes) -> tuple[Sequence[Sequence[File]], bytes, None]:
        unreadable = own + b"h0 = (\n"
        return [[File("hw.py", unreadable, LATER)]], unreadable, None

    return [
        plain(RIGHT, MOST),
        plain(SIGN, 15.0),
        beside("hw_old.py"),
        beside("zz Copy of hw.py"),
        beside("zz_draft.py"),
        beside("zz.py", IN_TIME),  # older, though last by its name
        helped,
        nested,
        again,
        notebook,
        broken,
        lambda own: ([[File("essay.pdf", b"%PDF" + own, LATER)]], None, None),
        lambda own: ([], None, None),
    ]


_FIRST = ("María José", "Bo", "Stu", "Jean-Luc", "Łukasz", "Ana Maria", "Zoë", "D'Arcy", "李", "Noor")
_LAST = ("O'Brien Núñez", "Ek", "Dent", "de la Cruz", "Wiśniewski", "Lee", "van den Berg", "Smith", "王", "Al-Hassan")


def the_class() -> list[Student]:
    """All 61: every trap four or five times, some of them late, two of one name."""
    traps = _traps()
    made = []
    for number in range(61):
        first, last = _FIRST[number % 10], _LAST[(number + number // 10) % 10]
        if number in (2, 41):
            first, last = "Stu", "Dent"
        elif last == "Dent" and first == "Stu":
            last = "Dentley"
        attempts, graded, score = traps[number % len(traps)](f"# {number}\n".encode())
        late = number % 13 == 1
        if late:
            attempts = [[File(one.name, one.content, LATE) for one in files] for files in attempts]
        made.append(Student(number, first, last, tuple(map(tuple, attempts)), graded, score, late))
    return made


Member = tuple[bytes, datetime]
Download = dict[str, Member]


def archive(path: Path, download: Mapping[str, Member]) -> Path:
    """The download as a zip."""
    path.write_bytes(packed(download))
    return path


def packed(files: Mapping[str, Member]) -> bytes:
    """A zip of files; a name with a slash at its end is an empty folder."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as written:
        for name, (content, at) in files.items():
            written.writestr(zipfile.ZipInfo(name, at.timetuple()[:6]), content)
    return made.getvalue()


def canvas(students: Sequence[Student]) -> Download:
    made: Download = {}
    for one in students:
        name = "".join(letter for letter in f"{one.last}{one.first}".lower() if letter.isalnum())
        head = f"{name}{'_LATE' if one.late else ''}_{4000 + one.number}"
        again = f"-{len(one.attempts) - 1}" if len(one.attempts) > 1 else ""
        for place, file in enumerate(one.files):
            stem, _, ending = file.name.rpartition(".")
            made[f"{head}_{90000 + 10 * one.number + (place if file.at != IN_TIME else -1)}_{stem}{again}.{ending}"] = (
                file.content, file.at
            )  # fmt: skip
        if not one.files:
            made[f"{head}_text.html"] = (b"<p>see my e-mail", LATER)
    return made


def moodle(students: Sequence[Student]) -> Download:
    made: Download = {}
    for one in students:
        for file in one.files:
            made[f"{one.name}_{700 + one.number}_assignsubmission_file/{file.name}"] = (file.content, file.at)
        if not one.files:
            made[f"{one.name}_{700 + one.number}_assignsubmission_onlinetext/onlinetext.html"] = (b"<p>", LATER)
    return made


def blackboard(students: Sequence[Student]) -> Download:
    made: Download = {}
    for one in students:
        for files in one.attempts or ((),):
            at = one.at if not files else max(file.at for file in files)
            head = f"HW_1_{one.user}_attempt_{at:%Y-%m-%d-%H-%M-%S}"
            made[f"{head}.txt"] = (f"Name: {one.name} ({one.user})\r\n".encode(), at)
            made |= {f"{head}_{file.name}": (file.content, file.at) for file in files}
    return made


def brightspace(students: Sequence[Student]) -> Download:
    made: Download = {"index.html": (b"", LATER)}
    for one in students:
        for files in one.attempts or ((),):
            at = one.at if not files else max(file.at for file in files)
            clock = f"{at:%b} {at.day}, {at.year} {at.hour % 12 or 12}{at:%M %p}"
            head = f"{5000 + one.number}-777 - {one.name} - {clock}"
            made |= {f"{head}/{file.name}": (file.content, file.at) for file in files} or {f"{head}/": (b"", at)}
    return made


def gradescope(students: Sequence[Student]) -> Download:
    made: Download = {}
    about = {}
    for one in students:
        folder = f"submission_{8000 + one.number}"
        about[folder] = {":submitters": [{":name": one.name, ":sid": one.sis, ":email": one.mail}],
                         ":created_at": one.at}  # fmt: skip
        made |= {f"export/{folder}/{file.name}": (file.content, file.at) for file in one.files}
    made["export/submission_metadata.yml"] = (yaml.safe_dump(about, allow_unicode=True).encode(), LATER)
    return made


def nbgrader(students: Sequence[Student]) -> Download:
    made: Download = {}
    for one in students:
        head = f"course/submitted/{one.user}/tanh-chain"
        made[f"{head}/timestamp.txt"] = (f"{one.at:%Y-%m-%d %H:%M:%S.%f} UTC".encode(), one.at)
        made |= {f"{head}/{file.name}": (file.content, file.at) for file in one.files}
    return made


def git(students: Sequence[Student]) -> Download:
    made: Download = {}
    for one in students:
        made[f"clones/tanh-chain-{one.user}/.git/HEAD"] = (b"ref: x", LATER)
        made |= {f"clones/tanh-chain-{one.user}/{file.name}": (file.content, file.at) for file in one.files}
    return made


def folders(students: Sequence[Student]) -> Download:
    made: Download = {"all/roster.csv": (roster(students[:40]), LATER)}
    for one in students:
        head = f"all/{one.name} ({one.sis})"
        made |= {f"{head}/{file.name}": (file.content, file.at) for file in one.files} or {f"{head}/": (b"", LATER)}
    return made


def files(students: Sequence[Student]) -> Download:
    made: Download = {"roster.csv": (roster(students), LATER)}
    for one in students:
        if len(one.files) == 1 and not one.files[0].name.endswith(".pdf"):
            (file,) = one.files
            made[f"{one.user}_{one.sis}.{file.name.rpartition('.')[2]}"] = (file.content, file.at)
        elif one.files:
            inner = packed({f"work/{file.name}": (file.content, file.at) for file in one.files})
            made[f"{one.user}_{one.sis}.zip"] = (inner, one.at)
    return made


def roster(students: Sequence[Student]) -> bytes:
    return table([["id", "name"], *([one.sis, one.name] for one in students)])


DOWNLOADS = {
    "canvas": canvas, "moodle": moodle, "blackboard": blackboard, "brightspace": brightspace, "gradescope": gradescope,
    "nbgrader": nbgrader, "git": git, "folders": folders, "files": files,
}  # fmt: skip


def key_of(layout: str, one: Student) -> str:
    """The key of a student in the results."""
    match layout:
        case "canvas":
            return str(4000 + one.number)
        case "moodle":
            return str(700 + one.number)
        case "brightspace":
            return str(5000 + one.number)
        case "gradescope":
            return one.sis
        case "folders":
            return f"{one.name} ({one.sis})"
        case "files":
            return f"{one.user}_{one.sis}" if one.files else one.sis
        case _:
            return one.user


COMMENT = 'said "well, yes";\nsecond line'


def gradebook(layout: str, students: Sequence[Student]) -> tuple[str, bytes, str]:
    """The kind of the platform's gradebook, its export with comments and grades in it, and the column to fill."""
    match layout:
        case "canvas":
            head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Notes", "Chain (4711)", "Final Score"]
            above = [head, ["    Points Possible", "", "", "", "", "", "16", "(read only)"]]
            rows = [[f"{one.last}, {one.first}", str(4000 + one.number), one.sis, one.user, "A", COMMENT, "", "9"]
                    for one in students]  # fmt: skip
            return "canvas", table([*above, *rows]), "Chain (4711)"
        case "moodle":
            head = [
                "Identifier",
                "Full name",
                "Email address",
                "Status",
                "Grade",
                "Maximum grade",
                "Grade can be changed",
                "Last modified (submission)",
                "Last modified (grade)",
                "Feedback comments",
            ]
            rows = [[f"Participant {700 + one.number}", one.name, one.mail, "Submitted", "3.00", "16.00", "Yes",
                     f"{one.at:%A, %d %B %Y, %I:%M %p}" if one.files else "-", "-", COMMENT if one.number % 2 else ""]
                    for one in students]  # fmt: skip
            return "moodle", b"\xef\xbb\xbf" + table([head, *rows]), "Grade"
        case "brightspace":
            head = [
                "OrgDefinedId",
                "Username",
                "Last Name",
                "First Name",
                "Comments",
                "Chain Points Grade <Numeric MaxPoints:16>",
                "End-of-Line Indicator",
            ]
            rows = [[f"#{one.sis}", f"#{one.user}", one.last, one.first, COMMENT, "", "#"] for one in students]
            return "brightspace", table([head, *rows]), head[5]
        case "blackboard":
            head = ["Last Name", "First Name", "Username", "Student ID", "Chain [Total Pts: 16] |664617", "Feedback"]
            rows = [[one.last, one.first, one.user, one.sis, "", COMMENT] for one in students]
            return "blackboard", table([head, *rows], "\t").decode().encode("utf-16"), head[4]
        case _:
            head = ["id", "username", "email", "name", "score", "comment"]
            rows = [[one.sis, one.user, one.mail, one.name, "", COMMENT] for one in students]
            return "csv", table([head, *rows], ";"), "score"


def table(rows: Sequence[Sequence[str]], delimiter: str = ",") -> bytes:
    """Rows as CSV, with the line ends of Windows."""
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return made.getvalue().encode()
