"""What a student's machine has and this one lacks: packages, accelerators, and the files that were handed in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import grader
from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm
from tests.pipeline.test_ends import ALL, FIRST, FORWARD, SECOND, WHOLE, exercise, outcomes, told

PLENTY = exercise("limits: {seconds: 10}")


def check(source: str) -> Result:
    return warm.check(PLENTY, load_bytes(source.encode(), "mine.py"))


# packages (none of these is installed where the tests run; where one is, there is nothing to stand in for)


HARMLESS = {
    "a decorator": ("from numba import njit\n@njit\ndef slope(h): return 1 - h**2\n", "numba"),
    "one with arguments": ("import numba as nb\n@nb.jit(nopython=True)\ndef slope(h): return 1 - h**2\n", "numba"),
    "one with types": ("from numba import njit, f8\n@njit(f8(f8))\ndef slope(h): return 1 - h**2\n", "numba"),
    "a partial one": (
        "import jax, functools\n@functools.partial(jax.jit, static_argnums=0)\ndef slope(h): return 1 - h**2\n",
        "jax",
    ),
    "tf.function": ("import tensorflow as tf\n@tf.function\ndef slope(h): return 1 - h**2\n", "tensorflow"),
    "a progress bar": (
        "from tqdm import trange\ndef slope(h):\n    s = 1.0\n    for _ in trange(2): s -= h**2 / 2\n    return s\n",
        "tqdm",
    ),
    "plots": (
        "import seaborn as sns\nsns.set(style='dark')\nfig, (a, b) = sns.subplots(1, 2)\na.plot([1])\n"
        "with sns.axes_style('white') as style: b[0].set_title('x')\nfor axis in fig.axes: axis.plot()\n"
        "def slope(h): return 1 - h**2\n",
        "seaborn",
    ),
    "a drive": (
        "from google.colab import drive\ndrive.mount('/content')\ndef slope(h): return 1 - h**2\n",
        "google.colab",
    ),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_a_derivation_can_do_without_is_stood_in_for_and_said_first(what: str) -> None:
    source, package = HARMLESS[what]
    result = check(source + FORWARD + FIRST.replace("1 - h**2", "slope(h)") + SECOND)

    assert outcomes(result) == ALL
    assert [told(one) for one in result.problems] == [("package", 1)]
    assert result.problems[0].message == f"`{package}` is not installed here; line 1 was run without it"


NEEDED = {
    "arithmetic": "import pandas as pd\nda = dh * pd.DataFrame([0.5]).values\n",
    "a condition": "import wandb\nda = dh * (1 - h**2) if wandb.run else dh\n",
    "a call": "import jax.numpy as jnp\nda = dh * jnp.square(h)\n",
    "a loop": "import pandas as pd\nda = 0.0\nfor row in pd.DataFrame([1]).rows: da += 1\n",
    "itself": "import wandb\nda = wandb.init()\n",
}


@pytest.mark.parametrize("how", NEEDED)
def test_what_stands_in_is_never_a_value_of_a_step(how: str) -> None:
    step = next(one for one in check(FORWARD + "dh = 1.0\n" + NEEDED[how] + SECOND).steps if one.name == "da")

    assert step.outcome in ("unjudged", "wrong")
    assert not step.points


@pytest.mark.parametrize("error", ["ImportError", "ModuleNotFoundError", "Exception"])
def test_a_program_that_is_prepared_for_its_absence_is_left_to_it(error: str) -> None:
    prepared = f"try:\n    from tqdm import tqdm\nexcept {error}:\n    tqdm = list\nassert tqdm is list\n"
    result = check(prepared + WHOLE)

    assert (outcomes(result), result.problems) == (ALL, ())


def test_what_computes_is_not_stood_in_for() -> None:
    result = check("from sklearn import metrics\n" + WHOLE)

    assert result.problems[0].kind == "package"
    assert result.problems[0].message == "`sklearn` is not installed here, and no file of that name was handed in"


SIGMOID = """
x, w, b, t = 1.5, 1.2, -0.5, 0.1
z = w * x + b
s = {}
e = s - t
de = 2 * e
ds = de
ds_dz = s * (1 - s)
dz = ds * ds_dz
dw, db, dx = dz * x, dz, dz * w
"""


@pytest.mark.parametrize(
    ("imported", "used"),
    [
        ("from scipy.special import expit", "expit(z)"),
        ("from scipy import special", "special.expit(z)"),
        ("import scipy.special as sp", "1 - sp.softmax([z, 0.0])[1]"),
    ],
)
def test_the_functions_of_forward_passes_are_computed_without_scipy(imported: str, used: str) -> None:
    source = f"{imported}\n{SIGMOID.format(used)}"
    result = warm.check("sigmoid", load_bytes(source.encode(), "mine.py"))

    assert result.score == result.max_score


def test_a_program_that_cannot_run_without_a_missing_package_has_no_score() -> None:
    inside = "".join(f"    {line}\n" for line in SIGMOID.format("1.0 * pd.Series([z])").split("\n"))
    source = f"import pandas as pd\ndef derive():\n{inside}    return dw\nderive()\n"
    result = warm.check("sigmoid", load_bytes(source.encode(), "mine.py"))

    assert {step.outcome for step in result.steps} == {"unjudged"}
    assert result.score is None


# accelerators


TORCH = WHOLE.replace("math.tanh", "torch.tanh").replace("import math", "import torch")
MOVED = {
    ".cuda()": ("", "torch.tensor({}).cuda()"),
    ".to(name)": ("", "torch.tensor({}).to('cuda')"),
    ".to(device)": ("device = torch.device('cuda:0')\n", "torch.tensor({}).to(device, torch.float64)"),
    "device=": ("", "torch.tensor({}, device='cuda:0', dtype=torch.float64)"),
    "mps": ("torch.mps.synchronize()\n", "torch.tensor({}).to(device='mps')"),
    "default": ("torch.set_default_device('cuda')\ntorch.cuda.synchronize()\n", "torch.tensor({})"),
    "modules": ("torch.nn.Linear(2, 2).cuda()(torch.ones(1, 2, device='cuda'))\n", "torch.tensor({})"),
}


@pytest.mark.parametrize("way", MOVED)
def test_code_for_an_accelerator_runs_on_the_cpu_with_one_note(way: str) -> None:
    before, number = MOVED[way]
    moved = TORCH.replace("x = 0.5", before + "x = " + number.format("0.5")).replace("1.2", number.format("1.2"))
    result = check(moved)

    assert outcomes(result) == ALL
    assert [told(one) for one in result.problems] == [("device", 2)] or before
    assert [one.kind for one in result.problems] == ["device"]


# files


HELPED = f"from slopes import slope\nwith open('data/names.txt') as file: assert file.read() == 'ann'\n{FORWARD}"
HELPED += FIRST.replace("1 - h**2", "slope(h)") + SECOND
FILES = {
    "hw.py": HELPED,
    "slopes.py": "from more.powers import square\ndef slope(h): return 1 - square(h)\n",
    "more/powers.py": "def square(h): return h * h\n",
    "data/names.txt": "ann",
}


def folder(path: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


@pytest.mark.parametrize("mode", ["process", "portable", "strict"])
def test_helpers_and_data_in_the_students_own_folder_are_found(mode: str, tmp_path: Path) -> None:
    options: dict[str, object] = {"isolation": mode}
    result = grader.check(PLENTY, folder(tmp_path, FILES) / "hw.py", **options)  # type: ignore[arg-type]

    assert (outcomes(result), result.problems) == (ALL, ())


@pytest.mark.parametrize("mode", ["process", "strict"])
def test_in_a_folder_of_many_students_none_are(mode: str, tmp_path: Path) -> None:
    options: dict[str, object] = {"isolation": mode}
    many = {**FILES, "anna.py": WHOLE, "ben.py": WHOLE}
    result = grader.check(PLENTY, folder(tmp_path, many) / "hw.py", **options)  # type: ignore[arg-type]

    assert result.problems[0].message == "`slopes` is not installed here, and no file of that name was handed in"


def test_what_a_submission_does_not_ask_for_is_not_there(tmp_path: Path) -> None:
    looking = "import os\nprint(sorted(os.listdir('.')))\nopen('notes.txt')\n"
    home = folder(tmp_path, {"hw.py": looking + WHOLE, "notes.txt": "", "other.csv": "", "other.py": ""})

    assert grader.check(PLENTY, home / "hw.py", isolation="portable").output == "['notes.txt']\n"


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the answers")
    home = folder(tmp_path / "own", {"hw.py": "open('link.txt')\n" + WHOLE})
    (home / "link.txt").symlink_to(tmp_path / "secret.txt")

    assert "FileNotFoundError" in grader.check(PLENTY, home / "hw.py").problems[0].message
