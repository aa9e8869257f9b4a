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
