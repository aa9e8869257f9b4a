"""Which tests are skipped where there is no torch (`tests/conftest.py`)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]

SUITE = """
from importlib.util import find_spec

import pytest

def test_imports_it():
    import torch
    assert False

def test_imports_it_through_us():
    import grader.reference.autograd
    assert False

def test_would_go_on_without_it():
    try:
        import torch
    except Exception:
        assert False

@pytest.mark.torch
def test_marked():
    assert False

def test_right():
    pass

def test_wrong():
    assert False

def test_asks_whether_it_is_there():
    find_spec("torch")
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What becomes of each test, and of a module that imports torch, where there is no torch."""
    folder = tmp_path_factory.mktemp("suite")
    (folder / "test_suite.py").write_text(SUITE)
    (folder / "test_module.py").write_text("import torch\n\n\ndef test():\n    assert False")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "--noconftest"]
    subprocess.run(
        [*command, "-o", "markers=torch", "--rootdir", folder, "--junitxml", folder / "told.xml", folder],
        env={**os.environ, "GRADER_TEST_WITHOUT_TORCH": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
    )
    cases = ElementTree.parse(folder / "told.xml").iter("testcase")
    return {case.attrib["name"]: next((one.tag for one in case), "passed") for case in cases}


@pytest.mark.parametrize(
    "name",
    [
        "test_imports_it",
        "test_imports_it_through_us",
        "test_would_go_on_without_it",
        "test_marked",
        "test_module",
    ],
)
def test_what_needs_torch_is_skipped(outcomes: dict[str, str], name: str) -> None:
    assert outcomes[name] == "skipped"


@pytest.mark.parametrize("name", ["test_right", "test_asks_whether_it_is_there"])
def test_what_needs_no_torch_passes(outcomes: dict[str, str], name: str) -> None:
    assert outcomes[name] == "passed"


def test_what_fails_without_torch_and_does_not_import_it_is_a_failure(outcomes: dict[str, str]) -> None:
    assert outcomes["test_wrong"] == "failure"
