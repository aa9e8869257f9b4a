"""A class as it comes: names of many scripts and lengths, late ones, decisions by hand, and some who still wait. Its
results are those of real grading, of a few files that many handed in alike."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import grader
from grader.batch.instructor_tables import GivenScore, override
from grader.batch.jobs import digest_of, record_of
from grader.batch.store import Store
from grader.exercise.load import named
from grader.model import Result
from tests.batch.classes import RIGHT, WRONG
from tests.batch.making_results import handed, work_of

EXERCISE = named("tanh-chain")
DUE = datetime(2026, 11, 23, 23, 59)
NAMES = (
    "Anna-Lena Schmidt-Hohenzollern von und zu Württemberg", "محمد بن عبد الله", "李小龍", "דוד כהן", "Åsa Öberg",
    "Ngũgĩ wa Thiong'o", "Zoë", "Пётр Ильич Чайковский", "O'Brien, Siobhán",
    "Supercalifragilisticexpialidocious-Verylongnamewithoutspaces",
)  # fmt: skip
SOURCES = (
    RIGHT,
    RIGHT.replace(*WRONG["sign-flipped"]),
    RIGHT.replace(*WRONG["tanh-derivative-on-pre-activation"]),
    RIGHT.replace("(1 - h2**2) * dh2\n", "(1 - h2_raw**2) * dh2\n").replace("(1 - h2**2) * dh2raw", "h2 * dh2raw"),
    "h0 = (\n",
)
RIGHT_ONE, LATE_ONE, WITHOUT_FILE, WAITING = "s000", "s002", "s017", ("s020", "s033")


def results() -> list[Result]:
    """One result per file in `SOURCES`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.py"
        made = []
        for source in SOURCES:
            path.write_text(source, encoding="utf-8")
            made.append(replace(grader.check("tanh-chain", path, reveal="values"), submission="mine.py"))
        return made


def write_results(folder: Path, students: int = 60) -> Path:
    """An output folder with the results of such a class."""
    drawn, graded = random.Random(1), results()
    chosen, fates = [], {}
    for number in range(students):
        student = f"s{number:03}"
        made_up = f"{drawn.choice(('Ana', 'Ben', 'Cleo', 'Dora'))} {drawn.choice(('Bell', 'Carr', 'Dent'))} {number}"
        fates[student] = min(number % 3, 1) if number < 3 else drawn.choices(range(5), [20, 8, 9, 6, 2])[0]
        late = 30.0 if number == 2 else drawn.choice([-40.0, -3.0, -0.5, 0.1, 60.0])
        content = f"{SOURCES[fates[student]]}\n# {number}\n".encode()
        name = NAMES[number] if number < len(NAMES) else made_up
        there = None if student == WITHOUT_FILE else content
        first = handed(student, there, name, submitted=DUE + timedelta(hours=late))
        chosen.append(first if number % 5 else replace(first, number=3, attempts=3))
    with Store(folder, writing=True) as store:
        store.take(chosen, [])
        store.assign(work_of)
        store.tell(
            exercise=EXERCISE.id, title=EXERCISE.title, path=str(Path(EXERCISE.path).resolve()), due=DUE.isoformat(),
            points=repr(EXERCISE.points), digest=digest_of(EXERCISE), penalty="10.0", grace="15.0", layout="canvas",
            download="hw3_submissions.zip",
        )  # fmt: skip
        for one in store.standings():
            if one.work is not None and one.student not in WAITING:
                store.put(record_of(one.work, graded[fates[one.student]]))
        override(store, GivenScore("s005", "", 14.0, "oral exam", "me"))
        override(store, GivenScore(WITHOUT_FILE, "", 5.0, "handed in on paper", "me"))
    return folder
