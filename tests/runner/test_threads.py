"""A submission's threads run where they are started, one after the other."""

from __future__ import annotations

import pytest

from grader.submission.load import load_bytes
from tests import warm
from tests.hostile.attacks import DERIVATION, HERE

EXERCISE = str(HERE / "patient.yaml")
PRINTED = {
    "a name": (
        "threading.Thread(target=lambda: print(threading.current_thread().name), name='mine').start()",
        "mine\n",
    ),
    "a second start": (
        "t = threading.Thread(target=print, args=('ran',))\nt.start()\n"
        "try:\n    t.start()\nexcept RuntimeError as error:\n    print(error)",
        "ran\nthreads can only be started once\n",
    ),
    "a daemon": (
        "t = threading.Thread(target=print, args=('ran',), daemon=True)\nt.start()\nprint('goes on')\nt.join()",
        "goes on\nran\n",
    ),
    "an executor that was shut down": (
        "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor()\n"
        "print(pool.submit(pow, 2, 5).result())\npool.shutdown()\n"
        "try:\n    pool.submit(print)\nexcept RuntimeError as error:\n    print(error)",
        "32\ncannot schedule new futures after shutdown\n",
    ),
    "a failure in an executor": (
        "import concurrent.futures\npool = concurrent.futures.ThreadPoolExecutor()\n"
        "print(repr(pool.submit(lambda: 1 / 0).exception()))",
        "ZeroDivisionError('division by zero')\n",
    ),
    "a pool": (
        "from multiprocessing.pool import ThreadPool\nwith ThreadPool(2) as pool:\n"
        "    print(pool.starmap(pow, [(2, 3), (3, 2)]), pool.map_async(abs, [-1]).get())",
        "[8, 9] [1]\n",
    ),
}


@pytest.mark.parametrize("kind", PRINTED)
def test_it_prints_what_a_thread_would(kind: str) -> None:
    program, printed = PRINTED[kind]
    result = warm.check(EXERCISE, load_bytes(f"import threading\n{program}\n{DERIVATION}".encode(), "mine.py"))

    assert result.output == printed
    assert result.score == result.max_score


def test_a_thread_that_raises_ends_alone() -> None:
    program = "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()\n" + DERIVATION
    result = warm.check(EXERCISE, load_bytes(program.encode(), "mine.py"))

    assert "ZeroDivisionError: division by zero" in result.output
    assert result.score == result.max_score
