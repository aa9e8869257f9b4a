"""`%grade`, `%%grade` and `check_here` in real kernels: of the IPython that is installed, and of the oldest supported
one (7.34, which Colab has), in a virtual environment of its own."""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..report.cases import FORUM

pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

OLDEST = ("ipython==7.34.0", "ipykernel==6.17.1", "backcall", "decorator", "nest-asyncio", "pickleshare")
"""The oldest supported IPython and a kernel of its time, with what they need that later ones do not."""

FORWARD, _, BACKWARD = FORUM.partition("dh1_dwh =")

CELLS = {
    "version": "import IPython; print(IPython.__version__)",
    "load": "%load_ext grader",
    "forward": FORWARD,
    "cell magic": f"%%grade tanh-chain\ndh1_dwh ={BACKWARD}",
    "line magic": "%grade tanh-chain --reveal hint",
    "call": "import grader\nshown = grader.check_here('tanh-chain')\nprint(shown.result.score)\nshown",
    "mistyped": "%grade tanh-chian",
}

RUN = """
import json, sys, nbformat
from nbclient import NotebookClient
book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in json.loads(sys.stdin.read())])
NotebookClient(book, timeout=120, kernel_name=sys.argv[1]).execute()
print(json.dumps([cell.outputs for cell in book.cells]))
"""

Outputs = dict[str, list[dict[str, Any]]]


def environment(folder: Path, kernels: dict[str, str]) -> dict[str, str]:
    """What a process needs that is to start `kernels`, each with its Python, and to find the grader in them."""
    for name, python in kernels.items():
        place = folder / "kernels" / name
        place.mkdir(parents=True)
        command = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        (place / "kernel.json").write_text(json.dumps({"argv": command, "display_name": name, "language": "python"}))
    return {
        **os.environ,
        "JUPYTER_PATH": str(folder),
        "PYTHONPATH": str(ROOT),
        "IPYTHONDIR": str(folder / "ipython"),
        "GRADER_CACHE": str(folder / "cache"),
    }


def oldest(folder: Path) -> str:
    """A Python with the oldest IPython; whatever else it needs comes from the Python that runs the tests."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    (python,) = folder.glob("bin/python")
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--no-deps", *OLDEST], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "others.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return str(python)


@pytest.fixture(scope="module", params=["installed", "oldest"])
def outputs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    """The outputs of each cell, all run in one kernel."""
    folder = tmp_path_factory.mktemp(request.param)
    python = sys.executable if request.param == "installed" else oldest(folder / "venv")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN, request.param],
        input=json.dumps(list(CELLS.values())),
        capture_output=True,
        text=True,
        env=environment(folder, {request.param: python}),
        cwd=folder,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: Outputs = dict(zip(CELLS, json.loads(done.stdout), strict=True))
    assert request.param == "installed" or found["version"][0]["text"].strip() == "7.34.0"
    return found


def test_the_line_magic_shows_the_page_and_obeys_the_level(outputs: Outputs) -> None:
    (output,) = outputs["line magic"]

    assert "`dh1_dwh` = d(h1)/d(w_h) is the first wrong step" in output["data"]["text/plain"]
    assert "The program as a graph" in output["data"]["text/html"]
    assert "write `h1`" not in output["data"]["text/plain"]


def test_the_cell_magic_runs_its_cell_and_grades_it(outputs: Outputs) -> None:
    (output,) = outputs["cell magic"]

    assert "6 / 16 points" in output["data"]["text/plain"]
    assert "this-notebook.ipynb, cell 4, line 2" in output["data"]["text/plain"]


def test_the_call_returns_the_result_and_shows_the_page(outputs: Outputs) -> None:
    printed, output = outputs["call"]

    assert printed["text"] == "6.0\n"
    assert set(output["data"]) == {"text/plain", "text/html", "text/markdown"}


def test_a_mistyped_exercise_is_told_in_a_sentence(outputs: Outputs) -> None:
    (output,) = outputs["mistyped"]

    assert output["name"] == "stderr"
    assert output["text"].startswith("There is no exercise 'tanh-chian'. Did you mean tanh-chain?")
