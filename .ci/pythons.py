"""Runs the tests that need no torch on every other supported Python that is found here.

    .venv/bin/python .ci/pythons.py               # all of them
    .venv/bin/python .ci/pythons.py 3.13 -- -x    # one of them; what follows -- goes to pytest

A Python is looked for on PATH and among those of pyenv. One that is not found is named and passed over. Each has a
virtual environment of its own, `.venv-3.13`, with everything the tests need but torch: tests that need torch are
skipped there (`tests/conftest.py`). Exit status: 0 all tests passed on each Python that was found, 1 they did not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

SUPPORTED = ("3.11", "3.12", "3.13", "3.14")


def main(arguments: list[str]) -> int:
    """Runs the tests on the Pythons named before `--`, or on every one but this."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    named, options = arguments[:at], arguments[at + 1 :]
    here = "{}.{}".format(*sys.version_info)
    failed = []
    for version in named or [one for one in SUPPORTED if one != here]:
        python = find(version)
        if python is None:
            print(f"Python {version}: not found on PATH or in pyenv, so nothing was tried on it", flush=True)
        elif not passes(version, python, options):
            failed.append(version)
    if failed:
        print(f"failed on Python {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def find(version: str) -> Path | None:
    """The interpreter of this version, such as "3.12", that can be started; None where there is none."""
    return next((python for python in _candidates(version) if _runs(python, version)), None)


def passes(version: str, python: Path, options: Iterable[str]) -> bool:
    """Whether the tests that need no torch pass with this interpreter."""
    environment = ROOT / f".venv-{version}"
    inside = environment / "bin" / "python"
    print(f"Python {version}: {python}", flush=True)
    _run(str(python), "-m", "venv", str(environment))
    _run(str(inside), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *without_torch())
    _run(str(inside), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-e", ".")
    return subprocess.run([str(inside), "-m", "pytest", *options], cwd=ROOT).returncode == 0


def without_torch() -> list[str]:
    """What the grader and its tests depend on, as pyproject.toml says, but torch and the grader itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["cluster"], *extras["editor"], *extras["test"]]
    return [one for one in wanted if not one.startswith(("torch", "grader["))]


def _candidates(version: str) -> Iterator[Path]:
    on_path = shutil.which(f"python{version}")
    if on_path is not None:
        yield Path(on_path)
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(home.glob(f"versions/{version}.*/bin/python"), reverse=True)


def _runs(python: Path, version: str) -> bool:
    """Whether it is an interpreter of this version: a command of pyenv may only say that it is none."""
    ask = "import sys; print('{}.{}'.format(*sys.version_info))"
    try:
        done = subprocess.run([str(python), "-c", ask], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == version


def _run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
