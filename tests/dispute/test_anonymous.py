"""Code without what may name its author: where each line and column was, and what it computes, stays."""

from __future__ import annotations

import ast
import json

import pytest

from grader.dispute import anonymous

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
