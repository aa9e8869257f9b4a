"""Which cells of a submission answer which exercise of a course."""

from __future__ import annotations

from grader.course import marked, section_of
from grader.submission.load import load_bytes

SCRIPT = b"""import math
# %% Exercise: first
import numpy as np
w = 2.0
def square(x):
    return x * x
# %%
dw = square(w)
# %% Exercise: second
w = 3.0
dw = 1.0
"""


def sources(exercise: str) -> list[str]:
    return [cell.source for cell in section_of(load_bytes(SCRIPT, "all.py"), exercise).cells]


def test_the_marks_name_the_exercises() -> None:
    assert marked(load_bytes(SCRIPT, "all.py")) == ("first", "second")


def test_a_section_has_its_own_cells_and_what_stands_before_all_sections() -> None:
    assert "import math" in sources("first")[0]
    assert any("dw = square(w)" in one for one in sources("first"))
    assert not any("w = 3.0" in one for one in sources("first"))


def test_of_other_sections_it_has_imports_and_functions_in_their_lines() -> None:
    before = next(one for one in sources("second") if "def square" in one)

    assert before.split("\n")[:5] == ["", "import numpy as np", "", "def square(x):", "    return x * x"]
    assert not any("dw = square" in one for one in sources("second"))


def test_without_marks_for_it_an_exercise_has_the_whole_file() -> None:
    read = load_bytes(SCRIPT, "all.py")

    assert section_of(read, "third") is read
