"""What is offered for a name that is not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.nearest import did_you_mean, near, near_files

EXERCISES = (
    "relu-mlp",
    "rnn",
    "softmax-cross-entropy",
    "softmax-jacobian",
    "tanh-chain",
    "tanh-chain-forward",
    "tanh-mlp",
    "cs231n-softmax",
)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("tanhchain", ["tanh-chain"]),
        ("TANH_CHAIN", ["tanh-chain"]),
        ("softmax", ["softmax-cross-entropy", "softmax-jacobian", "cs231n-softmax"]),
        ("chain forward", ["tanh-chain-forward"]),
        ("mlp", ["relu-mlp", "tanh-mlp"]),
        ("sof", ["softmax-cross-entropy", "softmax-jacobian", "cs231n-softmax"]),
        ("tanh-chian", ["tanh-chain"]),
        ("rn", ["rnn"]),
        ("nrn", ["rnn"]),
        ("softmx", ["softmax-cross-entropy", "softmax-jacobian", "cs231n-softmax"]),
        ("softmax-jacobean", ["softmax-jacobian"]),
        ("attention", []),
        ("x", []),
        ("", []),
        ("\x1b[31m", []),
    ],
)
def test_the_near_names_alone_are_offered(typed: str, offered: list[str]) -> None:
    assert near(typed, EXERCISES) == offered


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("dh1raw", ["dh1_raw"]), ("dh3_raw", ["dh1_raw", "dh2_raw"]), ("DW_H", ["dw_h"]), ("loss", [])],
)
def test_names_of_steps(typed: str, offered: list[str]) -> None:
    assert near(typed, ("dw_h", "dh1_raw", "dh1", "dh2_raw")) == offered


def test_a_long_name_takes_no_longer() -> None:
    assert near("softmax" * 100_000, EXERCISES) == []


def test_one_two_and_three_names_in_a_sentence() -> None:
    known = ("dw_a", "dw_b", "dw_c")

    assert did_you_mean("dw", known[:1]) == " Did you mean dw_a?"
    assert did_you_mean("dw", known[:2]) == " Did you mean dw_a or dw_b?"
    assert did_you_mean("dw", known) == " Did you mean dw_a, dw_b or dw_c?"
    assert did_you_mean("zzz", known) == ""


def test_files_that_may_be_meant_are_named_as_the_path_was(tmp_path: Path) -> None:
    for name in ("mine.py", "mine.txt", "other.py"):
        (tmp_path / name).write_text("")

    assert near_files(str(tmp_path / "mien.py"), (".py",)) == f" Did you mean {tmp_path / 'mine.py'}?"
    assert near_files(str(tmp_path / "mine"), (".py",)) == f" Did you mean {tmp_path / 'mine.py'}?"
    assert near_files(str(tmp_path / "nothing" / "mine.py")) == ""
