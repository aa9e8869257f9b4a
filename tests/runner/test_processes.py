"""Whether a submission starts a process is noticed when it happens, and one run can be made without."""

from __future__ import annotations

import sys

import pytest

from grader.runner.wire import PROCESSES
from tests.runner.test_session import running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems start processes in fewer ways")

ECHO = "'/bin/sh', '-c', 'echo 7'"
FORKED = "r, w = posix.pipe()\nif {fork}() == 0:\n    posix.write(w, b'7'); posix._exit(0)\nposix.close(w)\n"
READ = "h1 = float(posix.read(r, 9))\n"
WAYS = {
    "subprocess": f"import subprocess\nh1 = float(subprocess.check_output([{ECHO}]))",
    "another name": f"import sys, subprocess\nh1 = float(sys.modules['sub' + 'process'].check_output([{ECHO}]))",
    "popen": "import os\nh1 = float(os.popen('echo 7').read())",
    "asyncio": "import asyncio\nasync def f():\n"
    f"    p = await asyncio.create_subprocess_exec({ECHO}, stdout=-1)\n    return (await p.communicate())[0]\n"
    "h1 = float(asyncio.run(f()))",
    "a pager": "import pydoc\npydoc.pipepager('7', 'cat > out')\nh1 = float(open('out').read())",
    "system": "import os\nos.system('echo 7 > out')\nh1 = float(open('out').read())",
    "posix.system": "import posix\nposix.system('echo 7 > out')\nh1 = float(open('out').read())",
    "spawn": "import os\nos.spawnv(0, '/bin/sh', ['sh', '-c', 'echo 7 > out'])\nh1 = float(open('out').read())",
    "posix_spawn": "import posix\nr, w = posix.pipe()\n"
    f"posix.posix_spawn('/bin/sh', [{ECHO}], {{}}, file_actions=[(posix.POSIX_SPAWN_DUP2, w, 1)])\n"
    f"posix.close(w)\n{READ}",
    "fork": f"import posix, os\n{FORKED.format(fork='os.fork')}{READ}",
    "posix.fork": f"import posix\n{FORKED.format(fork='posix.fork')}{READ}",
    "forkpty": f"import posix, os\n{FORKED.format(fork='(lambda: os.forkpty()[0])')}{READ}",
    "the native function": "import posix, _posixsubprocess as p\nr, w = posix.pipe(); a, b = posix.pipe()\n"
    f"p.fork_exec([{ECHO}], [b'/bin/sh'], True, (b,), None, None, -1, -1, -1, w, -1, -1, a, b, True, False, -1, "
    f"None, None, None, -1, None, True)\nposix.close(w)\n{READ}",
    "code of bytes": "import marshal\nexec(marshal.loads(marshal.dumps(compile('h1 = 7.0', 'mine', 'exec'))))",
    "code made anew": "c = compile('h1 = 6.0', 'mine', 'exec')\nexec(c.replace(co_consts=(7.0, None)))",
    "the C library": f"import posix, ctypes\n{FORKED.format(fork='ctypes.CDLL(None).fork')}{READ}",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_process_is_noticed_and_can_be_refused(way: str) -> None:
    with running(WAYS[way]) as it:
        usual = it.run()
        it.session.renew()  # another folder
        without = it.run(scales={PROCESSES: 1.5})

    assert (it.last(usual)["h1"], usual.used) == (7.0, {PROCESSES})
    assert it.last(without).get("h1") != 7.0
    assert without.used == {PROCESSES}


@pytest.mark.parametrize(
    "text",
    [
        "log = '/tmp/popen-gw0/fork/system'\nsystem = fork = 1\nh1 = 7.0",
        "import subprocess, multiprocessing, os, platform\nplatform.system(); os.getcwd()\nh1 = 7.0",
        "import ctypes\nctypes.CDLL(None).getpid()\nimport threading\nthreading.Thread(target=print).start()\nh1 = 7.0",
    ],
    ids=["words", "modules", "threads"],
)
def test_code_that_starts_none_is_not_said_to(text: str) -> None:
    with running(text) as it:
        usual, without = it.run(), it.run(scales={PROCESSES: 1.5})

    assert it.last(usual)["h1"] == it.last(without)["h1"] == 7.0
    assert not usual.used | without.used


def test_a_command_seems_to_succeed_where_it_is_refused() -> None:
    text = "import subprocess, os\nh1 = subprocess.call(['/bin/false'])\nh2 = os.system('false')"
    with running(text) as it:
        usual, without = it.run(), it.run(scales={PROCESSES: 1.5})
        after = it.run()

    assert it.last(usual)["h1"] == it.last(after)["h1"] == 1.0
    assert it.last(usual)["h2"] == it.last(after)["h2"] == 256.0
    assert (it.last(without)["h1"], it.last(without)["h2"]) == (0.0, 0.0)


@pytest.mark.parametrize("fork", ["os.fork()", "ctypes.CDLL(None).fork()"])
def test_only_the_process_that_was_asked_reports(fork: str) -> None:
    with running(f"import ctypes, os\nh1 = float({fork} > 0)\nh2 = 7.0") as it:
        made = [it.last(it.run()) for _ in range(3)]

    assert [(one["h1"], one["h2"]) for one in made] == [(1.0, 7.0)] * 3


@pytest.mark.parametrize("fork", ["os.fork()", "ctypes.CDLL(None).fork()"])
def test_a_forked_process_ends_where_it_says_so_in_every_run(fork: str) -> None:
    text = f"import ctypes, os\np = {fork}\nif p == 0:\n    os._exit(0)\nos.waitpid(p, 0)\nh1 = 7.0"
    with running(text) as it:
        made = [it.last(it.run())["h1"] for _ in range(3)]

    assert made == [7.0, 7.0, 7.0]
