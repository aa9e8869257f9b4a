from __future__ import annotations

import pytest

from grader.model import Result
from grader.pipeline import check
from tests.packages.figures import lines
from tests.packages.submissions import CORRECT, WRONG


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """The results of the correct and the wrong submission."""
    folder = tmp_path_factory.mktemp("graded")
    made = {}
    for name, text in {"correct": CORRECT, "wrong": WRONG}.items():
        (folder / "mine.py").write_text(text, "utf-8")
        made[name] = check("tanh-chain", folder / "mine.py", reveal="fix")
    return made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the slow tests have measured."""
    for line in lines():
        terminalreporter.write_line(line)
