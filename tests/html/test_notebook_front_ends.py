"""`%grade`, `%%grade` and `check_here` in JupyterLab, Notebook and the classic notebook, each driven in Chromium, and
in marimo. They are installed into a virtual environment of their own; the kernel is the Python that runs the tests."""

from __future__ import annotations

import json
import os
import re
import site
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from ..browser import CHROMIUM, Browser, browser, needs
from ..report.cases import FORUM
from .test_notebook_in_a_kernel import ROOT, environment

pytestmark = [pytest.mark.slow, pytest.mark.torch]

INSTALLED = "GRADER_TEST_FRONT_ENDS"
"""Names a folder with the commands `jupyter` and `marimo`; without it they are installed."""

FORWARD, _, BACKWARD = FORUM.partition("dh1_dwh =")

CELLS = (
    "%load_ext grader",
    FORWARD,
    f"%%grade tanh-chain\ndh1_dwh ={BACKWARD}",
    "%grade tanh-chain --reveal hint",
    "import grader\ngrader.check_here('tanh-chain')",
)


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """A way to show a notebook: the command that serves it with the options it needs, its address, and scripts that
    tell whether the kernel is ready, run all cells, and save. The kernel of one that cannot `save` by a script is not
    told where the file is."""

    command: str
    options: tuple[str, ...]
    address: str
    ready: str
    run: str
    save: str


def of_lab(command: str, application: str, address: str) -> FrontEnd:
    ready = """window.jupyterapp?.commands.isEnabled('notebook:run-all-cells')
        && jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status == 'idle'"""
    does = "jupyterapp.commands.execute('{}'); 0".format
    options = (f"--{application}.expose_app_in_browser=True",)
    return FrontEnd(command, options, address, ready, does("notebook:run-all-cells"), does("docmanager:save"))


FRONT_ENDS = {
    "JupyterLab": of_lab("lab", "LabApp", "lab/tree/mine.ipynb"),
    "Notebook": of_lab("notebook", "JupyterNotebookApp", "notebooks/mine.ipynb"),
    "classic": FrontEnd(
        "nbclassic",
        (),
        "nbclassic/notebooks/mine.ipynb",
        "window.Jupyter?.notebook?.kernel?.is_connected()",
        "Jupyter.notebook.execute_all_cells(); 0",
        "",
    ),
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a virtual environment with the front ends."""
    needs(CHROMIUM, "there is no Chromium (Debian's package `chromium`)")
    if INSTALLED in os.environ:
        return Path(os.environ[INSTALLED])
    folder = tmp_path_factory.mktemp("front-ends")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    wanted = ["jupyterlab>=4", "jupyterlab-lsp>=5", "notebook>=7", "nbclassic>=1", "marimo>=0.10"]
    quiet = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([str(folder / "bin" / "python"), "-m", "pip", "install", *quiet, *wanted], check=True, timeout=540)
    return folder / "bin"


@contextmanager
def served(front_end: FrontEnd, commands: Path, folder: Path, sources: Sequence[str] = CELLS) -> Iterator[str]:
    """The address of the notebook `mine.ipynb` in this front end, whose settings are in `folder`."""
    home = folder / "home"
    home.mkdir()
    cells = [nbformat.v4.new_code_cell(one) for one in sources]
    kernel = {"kernelspec": {"name": "python3", "display_name": "python3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), home / "mine.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {f"JUPYTER_{one}_DIR": str(folder / one.lower()) for one in ("CONFIG", "DATA", "RUNTIME")}
    settings["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # for `grader lsp`
    command = [
        str(commands / "jupyter"),
        front_end.command,
        "--allow-root",
        "--no-browser",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={home}",
        *front_end.options,
    ]
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(
            command, env=environment(folder, {"python3": sys.executable}) | settings, stdout=log, stderr=log
        )
    try:
        _answers(f"http://127.0.0.1:{port}/api", server)
        yield f"http://127.0.0.1:{port}/{front_end.address}"
    finally:
        server.terminate()
        server.wait(30)


def _answers(address: str, server: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends and server.poll() is None:
        with suppress(OSError):
            urllib.request.urlopen(address).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"{address} does not answer")


REPORTS = "[...document.querySelectorAll('.grader-report')]"


@dataclass(frozen=True, slots=True)
class Shown:
    """A front end in a browser, with all cells run."""

    page: Browser
    front_end: FrontEnd


@pytest.fixture(scope="module", params=FRONT_ENDS)
def shown(request: pytest.FixtureRequest, installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    front_end = FRONT_ENDS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    with served(front_end, installed, folder) as address, browser(folder) as page:
        page.open(address)
        page.until(front_end.ready)
        page.run(front_end.run)
        page.until(f"{REPORTS}.length == 3")
        yield Shown(page, front_end)


def texts(shown: Shown) -> list[str]:
    """What the outputs hold, also those that are scrolled out of sight."""
    found: list[str] = shown.page.run(f"{REPORTS}.map(one => one.textContent.replace(/\\s+/g, ' '))")
    return found


def test_the_magics_and_the_call_show_the_page(shown: Shown) -> None:
    for_cell, for_line, for_call = texts(shown)

    assert all("6 of 16 points" in one for one in (for_cell, for_line, for_call))
    assert "dh1_dwh = (1 - h1**2) * dh1raw_dwh" in for_cell
    assert "dh1_dwh = (1 - h1**2) * dh1raw_dwh" not in for_line  # the level that the magic names


def test_the_page_fits_its_output_and_is_styled(shown: Shown) -> None:
    wider = f"{REPORTS}.map(one => one.scrollWidth - one.clientWidth)"
    rounded = "getComputedStyle(document.querySelector('.grader-report section')).borderRadius"

    assert shown.page.run(wider) == [0, 0, 0]
    assert shown.page.run(rounded) != "0px"


NEWER = pytest.mark.parametrize("shown", ["JupyterLab", "Notebook"], indirect=True)
"""Those that have themes, and tell the kernel where the file is."""


@NEWER
def test_a_saved_notebook_is_graded_as_saved(shown: Shown) -> None:
    shown.page.run(shown.front_end.save)
    shown.page.run(shown.front_end.run)

    shown.page.until(f"{REPORTS}.length == 3 && {REPORTS}[2].textContent.includes('graded as saved in mine.ipynb')")


DARK_TEXT = """(() => { const shade = part => getComputedStyle(document.querySelector('.grader-report'))[part]
    .match(/\\d+/g).slice(0, 3).reduce((sum, one) => sum + Number(one), 0);
    return shade('color') < shade('backgroundColor'); })()"""


@NEWER
def test_the_page_follows_the_theme(shown: Shown) -> None:
    assert shown.page.run(DARK_TEXT)
    shown.page.run("jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'}); 0")

    shown.page.until(f"!{DARK_TEXT}")


def test_jupyterlab_underlines_what_the_documented_language_server_says(installed: Path, tmp_path: Path) -> None:
    part = (ROOT / "grader" / "docs" / "editor.md").read_text("utf-8").partition("## JupyterLab")[2]
    documented = re.search(r"```json\n(.*?)```", part, re.DOTALL)
    assert documented is not None
    (tmp_path / "config" / "jupyter_server_config.d").mkdir(parents=True)
    (tmp_path / "config" / "jupyter_server_config.d" / "grader.json").write_text(documented[1])
    front_end = FRONT_ENDS["JupyterLab"]
    sources = (FORUM, "# grader check tanh-chain mine.ipynb")

    with served(front_end, installed, tmp_path, sources) as address, browser(tmp_path) as page:
        page.open(address)
        page.until("document.querySelectorAll('.cm-lintRange').length")
        marked = page.run("[...document.querySelectorAll('.cm-lintRange')].map(one => one.textContent)")

    assert marked[:3] == ["h1_raw", "h2_raw", "h2_raw"]


MARIMO = f"""\
import marimo

app = marimo.App()


@app.cell
def _():
{"".join(f"    {line}" if line.strip() else line for line in FORUM.splitlines(keepends=True))}
    return


@app.cell
def _():
    import grader

    grader.check_here("tanh-chain")
    return
"""


def test_marimo_shows_the_page_of_its_own_file(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MARIMO)
    path = os.pathsep.join([str(ROOT), *site.getsitepackages()])
    command = [str(installed / "marimo"), "export", "session", "mine.py"]
    env = {**os.environ, "PYTHONPATH": path, "GRADER_CACHE": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, check=True, timeout=120)
    (session,) = tmp_path.rglob("mine.py.json")
    outputs: list[Any] = [one for cell in json.loads(session.read_text())["cells"] for one in cell["outputs"]]
    (page,) = [json.dumps(one) for one in outputs if "grader-report" in json.dumps(one)]

    assert "graded as saved in mine.py" in page
    assert "6 of 16 points" in page
