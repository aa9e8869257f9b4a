"""A session in mode `process` that goes on in a new process: that has seen nothing, and starts at once."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
import uuid

import pytest

from grader.runner.process import Processes
from grader.runner.session import Session
from grader.runner.wire import WARM
from tests.runner.test_session import running
from tests.runner.test_subreaper import marked

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a subreaper, which starts the new process")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The interpreters that were started."""
    found: list[int] = []
    begin = subprocess.Popen.__init__

    def noted(self: subprocess.Popen[bytes], *arguments: object, **options: object) -> None:
        begin(self, *arguments, **options)  # type: ignore[call-overload]  # whatever it was called with
        found.append(self.pid)

    monkeypatch.setattr(subprocess.Popen, "__init__", noted)
    return found


KEEPING = {
    "a module": ("import sys", "'kept' in sys.modules", "sys.modules['kept'] = sys"),
    "the environment": ("import os", "'KEPT' in os.environ", "os.environ['KEPT'] = '1'"),
    "a file": ("import os", "os.path.exists('kept')", "open('kept', 'w').close()"),
    "a temporary file": (
        "import os, tempfile\nplace = os.path.join(tempfile.gettempdir(), 'kept')",
        "os.path.exists(place)",
        "open(place, 'w').close()",
    ),
    "a library": ("import math", "hasattr(math, 'kept')", "math.kept = 1"),
}


@pytest.mark.parametrize("way", KEEPING)
def test_nothing_of_the_process_before_is_there(way: str) -> None:
    before, asked, keep = KEEPING[way]
    with running(f"{before}\nh1 = float({asked})\n{keep}\n") as it:
        first, again = it.run(), it.run()
        it.session.renew()
        anew = it.run()

    assert [it.last(trace)["h1"] for trace in (first, again, anew)] == [0.0, 1.0, 0.0]


@linux
def test_renewing_starts_no_interpreter(started: list[int]) -> None:
    with running("import numpy\nh1 = float(numpy.tanh(1.0))", libraries=("numpy",)) as it:
        for _ in range(4):
            assert round(it.last(it.run())["h1"], 3) == 0.762
            it.session.renew()

    assert len(started) == 1


@linux
def test_what_the_process_before_has_started_is_gone_when_the_next_one_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mark = f"mark-{uuid.uuid4().hex}"
    monkeypatch.setenv("LANG", mark)
    daemon = "os.setsid()\n    os.fork() or time.sleep(60)\n    os.kill(os.getpid(), 9)\n"
    text = f"import os, time\nif not os.fork():\n    {daemon}"
    with running(f"{text}os.wait()\nh1 = os.getpid()") as it:
        one = it.last(it.run())["h1"]
        before = marked(mark)
        it.session.renew()
        it.session.prepare(it.session._setup)  # type: ignore[arg-type]  # prepared by `running`
        left = marked(mark) & before
        other = it.last(it.run())["h1"]

    assert (len(before), len(left)) == (3, 1)
    assert one != other
    assert marked(mark) == set()


@linux
@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
def test_code_that_ends_the_process_above_it_is_run_in_another_interpreter(how: str, started: list[int]) -> None:
    text = (
        f"import os, signal, time\nh1 = 1.0\nif h0 > 0:\n    os.kill(os.getppid(), signal.{how})\n    time.sleep(60)\n"
    )
    with running(f"h0 = 0.5\n{text}h2 = 2.0") as it:
        assert "h2" not in it.last(it.run({"w_h": 2.0, "h0": 0.5}))
        assert it.last(it.run({"w_h": 2.0, "h0": -0.5}))["h2"] == 2.0

    assert len(started) >= 2


@linux
def test_the_signal_that_the_grader_sends_ends_nothing_if_the_code_sends_it(started: list[int]) -> None:
    text = "import os, signal, time\nos.kill(os.getppid(), signal.SIGUSR1)\ntime.sleep(0.2)\nh1 = 1.0"
    with running(text) as it:
        for _ in range(3):
            assert it.last(it.run())["h1"] == 1.0
            it.session.renew()

    assert len(started) == 1


@linux
def test_a_worker_that_ends_by_itself_is_not_waited_for() -> None:
    with running("import os\nh1 = 1.0\nif h0 > 0:\n    os._exit(3)\nh2 = 2.0".replace("h0 >", "w >"), "") as it:
        began = time.monotonic()
        it.run()
        it.session.renew()
        it.run()

    assert time.monotonic() - began < 5


@linux
@pytest.mark.parametrize("how", ["closed", "forgotten"])
def test_kept_interpreters_end(how: str, started: list[int]) -> None:
    processes = Processes()
    child = processes.child(())
    child.send(WARM, b'{"libraries": [], "path": []}')
    time.sleep(0.5)  # until it has started
    child.close()
    assert len(started) == 1
    assert os.path.exists(f"/proc/{started[0]}")
    if how == "closed":
        processes.close()
    else:
        del processes, child
        gc.collect()

    assert not os.path.exists(f"/proc/{started[0]}")


@linux
def test_no_interpreter_serves_two_submissions(started: list[int]) -> None:
    processes = Processes()
    for _ in range(2):
        with Session(children=processes):
            pass

    assert len(started) == 2
    assert not any(os.path.exists(f"/proc/{one}") for one in started)
