"""A disputed verdict, passed on as a file and judged again, without what may name the author of the code."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import pytest

from grader.batch.disputes import disputed, stored
from grader.batch.entries import DownloadedAttempt
from grader.batch.file_choice import ChosenFile
from grader.batch.page import render
from grader.batch.store import Store
from grader.dispute import (
    SCHEMA,
    Dispute,
    DisputedFile,
    DisputedVerdict,
    TextFile,
    anonymous,
    dispute,
    judged,
    read,
    same_verdict,
    step_of,
)
from grader.errors import UsageError
from tests.batch.classes import RIGHT, WRONG
from tests.batch.making import entry, zip_bytes
from tests.batch.making_results import HALF, filled, handed, work_of

TANH = RIGHT.replace(*WRONG["tanh-derivative-on-pre-activation"])
MADE = Dispute(
    SCHEMA, "da", "it is right", DisputedVerdict("wrong", "value", 0.0, 1.0, None, 3),
    "chain", "exercise: chain\n", (), None,
    TextFile("submission.py", "x = 1\n"), (DisputedFile("helper.py", b"\0\xff"),), (("grader", "0"),), (),
)  # fmt: skip


def test_a_dispute_is_read_as_it_was_written() -> None:
    assert read(MADE.text().encode(), "dispute.json") == MADE


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "[" * 100_000, '{"schema": "grader.dispute/1"}',
        replace(MADE, schema="grader.dispute/2").text(),
        replace(MADE, submission=TextFile("../../mine.py", "")).text(),
        replace(MADE, beside=(DisputedFile("/etc/passwd", b""),)).text(),
        replace(MADE, exercise_files=(DisputedFile("C:\\x", b""),)).text(),
    ],
)  # fmt: skip
def test_what_is_no_dispute_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no dispute that `grader dispute` has written"):
        read(text.encode(), "dispute.json")


def with_files(*files: tuple[str, bytes]) -> ChosenFile:
    entries = tuple(entry(name, data) for name, data in files)
    one = handed("a", name="Anna")
    return replace(one, attempt=DownloadedAttempt("a", "Anna", entries))


def test_a_batch_keeps_the_disputes_handed_in_about_its_exercise(tmp_path: Path) -> None:
    one = with_files(
        ("mine.py", b"# a\n"), ("dispute-da.json", MADE.text().encode()), ("dispute-x.json", b"{}"),
        ("dispute-other.json", replace(MADE, exercise="other").text().encode()),
        ("all.zip", zip_bytes({"work/dispute-db.json": replace(MADE, step="db").text().encode()})),
    )  # fmt: skip
    filled(tmp_path, [(one, HALF)])

    with Store(tmp_path, writing=True) as store:
        for _ in range(2):  # the same download once more doubles nothing
            store.take(stored(store, iter([one]), "chain"), [])
        store.assign(work_of)
        found = disputed(store)

    assert [(one.name, one.step, one.then, one.now, one.because, one.file) for one in found] == [
        ("Anna", "da", "wrong", "wrong", "it is right", "dispute-da.json"),
        ("Anna", "db", "wrong", "correct", "it is right", "all.zip/work/dispute-db.json"),
    ]


@pytest.mark.torch
@pytest.mark.slow
def test_the_verdict_is_the_same_without_the_names(tmp_path: Path) -> None:
    mine = tmp_path / "anna.py"
    mine.write_text(f'"""By Anna."""\nfrom helper import half  # Anna\n{TANH}', "utf-8")
    (tmp_path / "helper.py").write_text("def half(x):\n    return x / 2  # Anna\n", "utf-8")

    made = read(dispute("tanh-chain", str(mine), "dh1_dwh", "", None).text().encode(), "dispute.json")
    result = judged(made, "process", "values")

    assert (made.verdict.outcome, made.kept, result.problems) == ("wrong", (), ())
    assert same_verdict(made, result)
    assert "anna" not in made.text().lower()


@pytest.mark.torch
@pytest.mark.slow
def test_what_decides_the_verdict_is_put_back(tmp_path: Path) -> None:
    mine = tmp_path / "anna.py"
    code = RIGHT.replace("dh1 = w_h *", 'dh1 = (w_h if "A" in name else 0.0) *')
    mine.write_text(f'name = "Anna"\n{code}', "utf-8")

    made = dispute("tanh-chain", str(mine), "dh1", "", None)

    assert (made.verdict.outcome, made.kept) == ("correct", ("comments and texts in the code",))
    assert "Anna" in made.submission.text


def test_a_step_that_there_is_not_is_refused_with_those_like_it() -> None:
    with pytest.raises(UsageError, match="chain has no step 'dc'"):
        step_of(HALF, "dc")


def test_the_class_page_shows_who_disputes_what_as_text(tmp_path: Path) -> None:
    doubted = replace(MADE, because="<b>it is</b>").text().encode()
    one = with_files(("mine.py", b"# a\n"), ("dispute-da.json", doubted))
    filled(tmp_path, [(one, HALF)])

    with Store(tmp_path, writing=True) as store:
        store.take(stored(store, iter([one]), "chain"), [])
        store.assign(work_of)
        page = render(store)

    assert "&lt;b&gt;it is&lt;/b&gt;" in page
    assert "dispute-da.json" in page


WORDS = ("/home/annabell", "annabell")


@pytest.mark.parametrize(
    ("code", "left"),
    [
        ("x = 1  # by Anna\n", "x = 1  #\n"),
        ("# Anna Bell\nx = 1\n", "#\nx = 1\n"),
        ('"""Homework\nof Anna."""\nx = 1\n', '"""xxxxxxxx\nxxxxxxxx"""\nx = 1\n'),
        ("def f(x):\n    'Anna'\n    return x\n", "def f(x):\n    'xxxx'\n    return x\n"),
        ('author = "Anna Bell"\n', 'author = "xxxx xxxx"\n'),
        ('print("Anna:", x)\n', 'print("xxxx:", x)\n'),
        ('open("/home/annabell/x.npy")\n', 'open("xxxxxxxxxxxxxx/x.npy")\n'),
        ('who = "a.bell@uni.edu"\n', 'who = "xxxxxxxxxxxxxx"\n'),
        ("# %% Anna's part\nx = 1\n", "# %%\nx = 1\n"),
        ("x = (  # Anna\n", "x = (  #\n"),
        ("annabell = 2\n", "annabell = 2\n"),
        ('grads["dh1"] = 1 - h1**2\n', 'grads["dh1"] = 1 - h1**2\n'),
        ("#   grader check tanh-chain mine.py\n", "#   grader check tanh-chain mine.py\n"),
    ],
)
def test_what_names_the_author_is_left_out(code: str, left: str) -> None:
    if "(  #" in code:  # no Python: only lines that are comments are emptied
        left = code
    assert anonymous(code, "mine.py", WORDS) == left


def test_every_expression_stays_where_it_was() -> None:
    code = '"""Anna"""\nimport math  # Anna\n\nh = math.tanh(2)  # x\nd = {"dh": (1 - h**2)}; e = """a\nb"""; f = h\n'

    def places(text: str) -> list[tuple[str, int, int]]:
        names = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))
        return [(node.id, node.lineno, node.col_offset) for node in names]

    assert places(anonymous(code, "mine.py", WORDS)) == places(code)


def test_a_notebook_keeps_its_cells_and_their_code_alone() -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {"by": "Anna"}, "source": ["# Anna Bell"]},
        {"cell_type": "code", "metadata": {}, "source": ["x = 1  # Anna\n", "y = x"], "execution_count": 7,
         "outputs": [{"output_type": "stream", "text": "Anna"}]},
    ]  # fmt: skip
    told = {"cells": cells, "metadata": {"authors": ["Anna"]}, "nbformat": 4, "nbformat_minor": 5}

    text = anonymous(json.dumps(told), "mine.ipynb", WORDS)

    assert "Anna" not in text
    assert [(one["source"], one.get("execution_count")) for one in json.loads(text)["cells"]] == [
        ("", None), ("x = 1  #\ny = x", 7)
    ]  # fmt: skip


def test_markdown_keeps_its_code_on_its_lines() -> None:
    text = "# Anna\n\n```python\nx = 1  # Anna\n```\nby Anna\n"

    assert anonymous(text, "mine.md", WORDS) == "\n\n```python\nx = 1  #\n```\n\n"
