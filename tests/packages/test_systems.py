"""Packages in systems laid out as the real ones: the wrong submission, the correct one, and one that forges."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grader.exercise.load import find, load
from grader.packages.contents import built
from grader.packages.targets import PackagePart, PackageRequest, PackageSettings, single, target
from tests.packages.figures import graded_by, told, uploaded
from tests.packages.measuring import needs
from tests.packages.submissions import CORRECT, FORGED, FORGED_AT_THE_END, FORGING_FILES, ROOT, WRONG

pytestmark = pytest.mark.slow

POINTS = [
    ("correct", CORRECT, 16),
    ("wrong", WRONG, 15),
    ("forged", FORGED, 15),
    ("forged at the end", FORGED_AT_THE_END, 15),
]
EACH = pytest.mark.parametrize(("text", "points"), [row[1:] for row in POINTS], ids=[row[0] for row in POINTS])

OTHER = "product-quotient-exp-log"
"""Another exercise, with a solution in plain Python."""

Package = Callable[[str], bytes]


@pytest.fixture(scope="module")
def package() -> Package:
    """The package for a target, built once."""
    known: dict[str, bytes] = {}

    def of(name: str) -> bytes:
        if name not in known:
            one = target(name)
            secret = "a secret" if one.kept else ""
            known[name] = built(one, single(load(find("tanh-chain")), PackageSettings(name, "fix"), secret))[1]
            uploaded(name, known[name])
        return known[name]

    return of


def unpacked(data: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)


def with_forging_files(folder: Path, name: str = "mine.py") -> None:
    """The wrong submission, beside files that bear the names of modules."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(WRONG)
    for path, text in FORGING_FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def run(command: list[str], folder: Path, **more: str) -> str:
    """What a command prints, with this Python first on the path."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    plain = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "GRADER_VALUES")}
    done = subprocess.run(
        command, cwd=folder, env={**plain, "PATH": path, **more}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def put_torch(root: Path) -> None:
    """Put this Python's torch and what it needs into the autograder's environment, as pip would."""
    (there,) = (root / "grader-venv/lib").glob("python3.*/site-packages")
    here = Path(pytest.importorskip("torch").__file__).parents[1]
    for name in (
        "torch",
        "torchgen",
        "typing_extensions.py",
        "sympy",
        "mpmath",
        "networkx",
        "jinja2",
        "filelock",
        "fsspec",
    ):
        if not (there / name).exists():
            copy = ["cp", "--archive", str(here / name), str(there)]
            if subprocess.run([*copy, "--link"], capture_output=True, check=False).returncode != 0:
                subprocess.run(copy, check=True)


class TestGradescope:
    @pytest.fixture(scope="class")
    @classmethod
    def root(cls, package: Package) -> Iterator[Path]:
        """/autograder, set up: the zip in source/, and what setup.sh installs."""
        if os.getuid() != 0:
            pytest.skip("only root may run it as another user")
        root = Path(tempfile.mkdtemp())  # pytest's own folders let no other user in
        root.chmod(0o755)
        unpacked(package("gradescope"), root / "source")
        for name in ("submission", "results"):
            (root / name).mkdir()
        users = [{"email": "ada@example.org", "id": 7, "name": "Ada"}]
        (root / "submission_metadata.json").write_text(json.dumps({"id": 1, "users": users}))
        shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
        run(["bash", str(root / "source" / "setup.sh")], root, AUTOGRADER_ROOT=str(root))
        yield root
        shutil.rmtree(root)

    @EACH
    def test_grades(self, root: Path, text: str, points: int) -> None:
        (root / "submission" / "mine.py").write_text(text)
        (root / "results" / "results.json").unlink(missing_ok=True)
        printed = run(["bash", str(root / "run_autograder")], root, AUTOGRADER_ROOT=str(root))
        graded_by("gradescope")
        made = json.loads((root / "results" / "results.json").read_text())
        assert made["score"] == points == sum(one["score"] for one in made["tests"])
        assert printed == ""

    def test_files_beside_the_submission_are_not_imported(self, root: Path) -> None:
        with_forging_files(root / "submission")
        run(["bash", str(root / "run_autograder")], root, AUTOGRADER_ROOT=str(root))
        for path in ("submission", "results"):
            shutil.copytree(root / path, root / f"kept-{path}")
            shutil.rmtree(root / path)
            (root / path).mkdir()
        assert json.loads((root / "kept-results" / "results.json").read_text())["score"] == 15

    def test_grades_a_course(self, root: Path) -> None:
        parts = tuple(PackagePart(load(find(name)), points, name) for name, points in (("tanh-chain", 32), (OTHER, 10)))
        request = PackageRequest(
            parts, PackageSettings("gradescope", "fix"), "a secret", id="calculus", title="Calculus"
        )
        unpacked(built(target("gradescope"), request)[1], root / "course")
        sections = {"tanh-chain": WRONG, OTHER: (ROOT / "solutions" / f"{OTHER}.py").read_text("utf-8")}
        text = "".join(f"# %% Exercise: {name}\n{section}\n" for name, section in sections.items())
        (root / "course" / "mine.py").write_text(text)
        command = [str(root / "grader-venv/bin/python"), "-I", "course/grader_package/grade.py", "course/mine.py"]
        made = json.loads(run(command, root))
        assert made["score"] == 30 + 10
        assert [one["name"] for one in made["tests"] if one["status"] == "failed"] == [
            "tanh-chain: dh1_dwh, d(h1)/d(w_h)"
        ]

    def test_installs_no_torch(self, root: Path) -> None:
        found = run([str(root / "grader-venv/bin/python"), "-m", "pip", "list"], root)
        assert "numpy" in found
        assert "torch" not in found

    def test_another_user_reads_no_right_value(self, root: Path) -> None:
        assert (root / "source" / "grader_package").stat().st_mode & 0o077 == 0

    @EACH
    def test_coderunner_grades_within_the_limits_of_jobe(
        self, root: Path, package: Package, text: str, points: int
    ) -> None:
        # Jobe's runguard: a user of its own, 60 s, 100 processes and a shell, files of 20 MB, no environment.
        folder = Path(tempfile.mkdtemp(dir=root))
        jobe_folder(package("coderunner"), text, folder)
        shutil.chown(folder, "nobody")
        limits = ["prlimit", "--cpu=60", "--nproc=101", "--fsize=20000000", "--core=0"]
        user = ["runuser", "-u", "nobody", "--", "env", "-i", "PATH=/usr/bin:/bin"]
        made = json.loads(run([*limits, *user, str(root / "grader-venv/bin/python"), "prog.python3"], folder))
        assert made["fraction"] == points / 16

    @pytest.mark.parametrize("library", ["numpy", "torch"])
    def test_needs_less_than_gradescope_gives(self, root: Path, library: str) -> None:
        # 768 MB, and 10 minutes of half a processor. The last test here: torch stays.
        if library == "torch":
            put_torch(root)
        imported = "import numpy as np\n" if library == "numpy" else "import torch\n\nassert torch.tensor(2.0) > 0\n"
        (root / "submission" / "mine.py").write_text(imported + WRONG)
        env = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "AUTOGRADER_ROOT": str(root)}
        _, found = needs(["bash", str(root / "run_autograder")], root, env)
        made = json.loads((root / "results" / "results.json").read_text())
        seconds = sum(found.processor.values())
        told(f"gradescope, with {library}: {found.peak / 2**20:.0f} MiB at most, {seconds:.1f} s of processor time")
        assert made["score"] == 15
        assert not made["output"]
        assert found.peak < 768e6
        assert 2 * seconds < 600


class TestVpl:
    @EACH
    def test_grades(self, package: Package, tmp_path: Path, text: str, points: int) -> None:
        unpacked(package("vpl"), tmp_path)
        (tmp_path / "my answer.py").write_text(text)
        names = 'export VPL_SUBFILE0="my answer.py" VPL_GRADEMIN=0 VPL_GRADEMAX=16 MOODLE_USER_EMAIL=a@example.org\n'
        (tmp_path / "vpl_environment.sh").write_text(names)
        run(["bash", "vpl_evaluate.sh"], tmp_path)
        printed = run(["./vpl_execution"], tmp_path)
        graded_by("vpl")
        assert re.findall(r"^Grade :=>>(.*)$", printed, re.M) == [f" {points}"]

    def test_files_beside_the_submission_are_not_imported(self, package: Package, tmp_path: Path) -> None:
        unpacked(package("vpl"), tmp_path)
        with_forging_files(tmp_path)
        names = ("mine.py", *FORGING_FILES)
        exported = " ".join(f"VPL_SUBFILE{number}={name}" for number, name in enumerate(names))
        (tmp_path / "vpl_environment.sh").write_text(f"export {exported} VPL_GRADEMAX=16\n")
        run(["bash", "vpl_evaluate.sh"], tmp_path)
        assert re.findall(r"^Grade :=>>(.*)$", run(["./vpl_execution"], tmp_path), re.M) == [" 15"]


def jobe_folder(package: bytes, text: str, folder: Path, attached: str = "") -> None:
    """What Jobe finds in its folder for an answer and the names of attached files: the expanded template, and the
    support file."""
    question = ElementTree.fromstring(package).find("question")
    assert question is not None
    assert question.findtext("grader") == "TemplateGrader"
    support = question.find("testcases/file")
    template = question.findtext("template")
    assert support is not None
    assert support.text is not None
    assert template is not None
    (folder / support.attrib["name"]).write_bytes(base64.b64decode(support.text))
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')  # as CodeRunner's filter e('py') does
    program = template.replace("{{ STUDENT_ANSWER | e('py') }}", escaped).replace(
        "{{ ATTACHMENTS | e('py') }}", attached
    )
    (folder / "prog.python3").write_text(program)


@EACH
def test_coderunner_grades(package: Package, tmp_path: Path, text: str, points: int) -> None:
    jobe_folder(package("coderunner"), text, tmp_path)
    made = json.loads(run([sys.executable, "prog.python3"], tmp_path))
    graded_by("coderunner")
    assert made["fraction"] == points / 16


@pytest.mark.parametrize("name", [name for name in FORGING_FILES if "/" not in name])
def test_coderunner_imports_no_attached_file(package: Package, tmp_path: Path, name: str) -> None:
    jobe_folder(package("coderunner"), WRONG, tmp_path, name)
    (tmp_path / name).write_text(FORGING_FILES[name])
    assert json.loads(run([sys.executable, "-BE", "prog.python3"], tmp_path))["fraction"] == 15 / 16


def test_prairielearn_imports_no_file_beside_the_submission(package: Package, tmp_path: Path) -> None:
    unpacked(package("prairielearn"), tmp_path / "course")
    shutil.copytree(tmp_path / "course/questions/tanh-chain/tests", tmp_path / "tests")
    with_forging_files(tmp_path / "student", "derivation.py")
    run(["sh", "../tests/grade.sh"], tmp_path / "student", GRADE_ROOT=str(tmp_path))
    assert json.loads((tmp_path / "results" / "results.json").read_text())["score"] == 15 / 16


@EACH
def test_prairielearn_grades(package: Package, tmp_path: Path, text: str, points: int) -> None:
    unpacked(package("prairielearn"), tmp_path / "course")
    shutil.copytree(tmp_path / "course/questions/tanh-chain/tests", tmp_path / "tests")
    (tmp_path / "student").mkdir()
    (tmp_path / "student" / "derivation.py").write_text(text)
    run(["sh", "tests/grade.sh"], tmp_path, GRADE_ROOT=str(tmp_path))
    graded_by("prairielearn")
    made = json.loads((tmp_path / "results" / "results.json").read_text())
    assert (made["gradable"], made["score"]) == (True, points / 16)


@EACH
def test_xqueue_watcher_grades(package: Package, tmp_path: Path, text: str, points: int) -> None:
    unpacked(package("xqueue"), tmp_path)
    # The part of xqueue-watcher that the class is made for; the watcher itself is not on PyPI.
    (tmp_path / "xqueue_watcher").mkdir()
    (tmp_path / "xqueue_watcher" / "grader.py").write_text("class Grader:\n    pass\n")
    (tmp_path / "answer").write_text(text)
    call = (
        "import json, derivation_grader as d; "
        "print(json.dumps(d.DerivationGrader().grade('', {}, open('answer').read(), None)))"
    )
    made = json.loads(run([sys.executable, "-c", call], tmp_path))
    graded_by("xqueue")
    assert made["score"] == points / 16


@EACH
def test_a_push_to_github_is_graded(package: Package, tmp_path: Path, text: str, points: int) -> None:
    unpacked(package("github"), tmp_path)
    shutil.rmtree(tmp_path / "classroom50")
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "mine.py").write_text(text)
    outputs = {"GITHUB_OUTPUT": str(tmp_path / "out"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    run([sys.executable, ".grader/grade_push.py"], tmp_path, SUBMISSION="submission", **outputs)
    graded_by("github")
    name, _, value = (tmp_path / "out").read_text().strip().partition("=")
    made = json.loads(base64.b64decode(value))
    assert (name, sum(one["score"] for one in made["tests"])) == ("result", points)
    assert f"{points} / 16 points" in (tmp_path / "summary").read_text().replace("\\", "")


@EACH
def test_classroom_50_gets_whole_points(package: Package, tmp_path: Path, text: str, points: int) -> None:
    unpacked(package("github"), tmp_path / "unpacked")
    place = tmp_path / "autograders" / "tanh"
    shutil.copytree(tmp_path / "unpacked" / "classroom50", place)
    shutil.copytree(tmp_path / "unpacked" / ".grader" / "grader_package", place / "grader_package")
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout" / "mine.py").write_text(text)
    named = {"CLASSROOM": "c", "ASSIGNMENT": "tanh", "USERNAME": "ada", "GRADER_VENV": sys.prefix}
    run([sys.executable, str(place / "autograder.py")], tmp_path / "checkout", **named)
    made = json.loads((tmp_path / "checkout" / "result.json").read_text())
    assert (made["score"], made["max-score"], made["owner"]) == (points, 16, "ada")
    assert all(isinstance(one["score"], int) for one in made["tests"])


def test_a_whole_repository_is_graded_without_the_package_in_it(package: Package, tmp_path: Path) -> None:
    unpacked(package("github"), tmp_path)
    with_forging_files(tmp_path)
    outputs = {"GITHUB_OUTPUT": str(tmp_path / "out"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    run([sys.executable, ".grader/grade_push.py"], tmp_path, **outputs)
    made = json.loads(base64.b64decode((tmp_path / "out").read_text().strip().partition("=")[2]))
    assert sum(one["score"] for one in made["tests"]) == 15


def test_a_submission_that_needs_an_absent_library_is_not_scored(package: Package, tmp_path: Path) -> None:
    unpacked(package("xqueue"), tmp_path)
    (tmp_path / "mine.py").write_text("import jax.numpy as jnp\n" + CORRECT.replace("h1**2", "jnp.square(h1)"))
    printed = run([sys.executable, "-I", "grader_package/grade.py", "mine.py"], tmp_path)
    made = json.loads(printed)
    assert made["score"] is None
    assert "computes with jax" in made["errors"][0]
