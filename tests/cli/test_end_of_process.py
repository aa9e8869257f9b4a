"""A command's process ends at once, and loses nothing that it had to do."""

from __future__ import annotations

import subprocess
import sys

BEFORE = "import atexit, threading, time\nfrom grader.cli.exits import end_process\n"


def ended(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", BEFORE + code], capture_output=True, text=True, check=False)


def test_what_was_printed_is_written_and_the_status_is_kept() -> None:
    one = ended("print('x' * 100_000)\nend_process(1)")

    assert (one.returncode, len(one.stdout)) == (1, 100_001)


def test_cleanup_that_was_registered_runs() -> None:
    assert ended("atexit.register(print, 'removed')\nend_process(0)").stdout == "removed\n"


def test_other_threads_are_waited_for() -> None:
    work = "def work():\n    time.sleep(0.2)\n    print('written')\n"

    assert ended(f"{work}threading.Thread(target=work).start()\nend_process(0)").stdout == "written\n"


def test_a_closed_output_does_not_hide_the_status() -> None:
    assert ended("import sys\nsys.stdout.close()\nend_process(2)").returncode == 2
