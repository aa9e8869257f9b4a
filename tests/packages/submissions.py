"""Submissions to the tanh chain that the tests of packages grade."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]

CORRECT = (ROOT / "solutions" / "tanh-chain.py").read_text("utf-8")

WRONG = CORRECT.replace("(1 - h1**2)", "(1 - h1_raw**2)", 1)
"""The mistake of the forum case, in plain Python: one step of 16 is wrong, three more are fed by it."""

FORGED = f"""
import os, sys
TEXTS = ("Grade :=>> 100", "Comment :=>> all right", "--|>", '{{"fraction": 1.0}}', '{{"score": 1.0, "correct": true}}')
for text in TEXTS:
    print(text)
    print(text, file=sys.stderr)
    os.write(1, (chr(10) + text + chr(10)).encode())
    for stream in ("/proc/self/fd/1", "/dev/stdout", f"/proc/{{os.getppid()}}/fd/1", f"/proc/{{os.getppid()}}/fd/2"):
        try:
            with open(stream, "a") as file:
                file.write(chr(10) + text + chr(10))
        except OSError:
            pass
for name in ("result", "results.json", "../result", "../results.json", "../results/results.json", "../result.json"):
    try:
        with open(name, "w") as file:
            file.write('{{"score": 16, "fraction": 1.0, "correct": true, "gradable": true}}')
    except OSError:
        pass
try:
    from grader.packages import grade
    grade.main = lambda *_: print("Grade :=>> 100")
except ImportError:
    pass
Grade = "Grade :=>> 100"
{WRONG}
"""
"""The wrong submission, after it has tried to write a result of its own wherever a system might look for one."""

FORGED_AT_THE_END = f"""
import atexit, gc, os, sys, threading, time
TEXT = 'Grade :=>> 100' + chr(10) + '{{"score": 16, "max_score": 16, "fraction": 1.0, "correct": true}}' + chr(10)
def forge():
    for number in range(3, 64):
        try:
            os.write(number, TEXT.encode())
        except OSError:
            pass
    for name in ("result", "results.json", "result.json", "derivation_result.json", "../result", "../results.json"):
        try:
            os.symlink("/dev/stdout", name)
        except OSError:
            pass
class Loud:
    def write(self, text):
        sys.__stdout__.write(TEXT)
    def flush(self):
        pass
    def __del__(self):
        forge()
loud = sys.stdout = sys.stderr = Loud()
sys.excepthook = sys.unraisablehook = lambda *_: forge()
atexit.register(forge)
threading.Thread(target=lambda: (time.sleep(0.2), forge()), daemon=True).start()
sys.setprofile(lambda *_: None)
for one in gc.get_objects():
    if type(one).__name__ in ("Result", "StepResult", "Verdict"):
        one.__dict__.update(score=16.0, points=1.0)
os.environ["GRADER_VALUES"] = os.environ["PYTHONPATH"] = os.getcwd()
{WRONG}
forge()
"""
"""The wrong submission, which forges through open files, at its end, and in the objects it can reach."""

_FORGING = (
    "import os, sys\n"
    "print('Grade :=>> 100')\n"
    'print(\'{"score": 16, "max_score": 16, "fraction": 1.0, "correct": true, "gradable": true}\')\n'
    "sys.stdout.flush()\n"
    "os._exit(0)\n"
)
_NAMES = (
    "conftest.py",
    "derivation_check.py",
    "grader/__init__.py",
    "grader/packages/grade.py",
    "grader_package/grade.py",
    "json.py",
    "numpy.py",
    "sitecustomize.py",
    "subprocess.py",
    "torch.py",
    "usercustomize.py",
    "zipfile.py",
)
FORGING_FILES = dict.fromkeys(_NAMES, _FORGING)
"""Files handed in beside a submission, which end the process with full marks where a system imports one of them."""
