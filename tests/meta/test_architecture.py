"""The architecture: who may import whom, what the child may load, what stands at the top level."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from grader.runner.isolation.bubblewrap import VISIBLE_MODULES

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "grader"

LAYERS = (
    ("reveal",),
    ("errors", "crash", "model", "nearest", "temp_folders", "disk_cache", "syntax_trees"),
    ("serialize", "formula", "whole_files"),
    ("exercise",),
    ("reference",),
    ("submission",),
    ("instrument",),
    ("runner",),
    ("judge",),
    ("diagnosis",),
    ("blame",),
    ("report",),
    ("handout", "html"),
    ("incidents",),
    ("preparation", "assemble", "lint"),
    ("mistakes",),
    ("grading",),
    ("pipeline", "numcheck"),
    ("draft", "course"),
    ("pytest_plugin", "notebook", "dispute"),
    ("batch",),
    ("packages",),
    ("editor",),
    ("service",),
    ("cli",),
)
"""From the lowest up: a module imports only from layers below its own, or from its own package."""

EXCEPTIONS = {("runner", "reference")}
"""What stands below and must not be imported all the same: the runner never holds an answer."""


LISTED = PACKAGE / "docs" / "modules.md"
"""A line for each module: `GRADER_UPDATE_GOLDEN=1 pytest tests/meta/test_architecture.py -k listed` writes it anew."""

ALIKE = ("diagnosis/misconceptions", "packages/scripts", "service/store/migrations/versions")
"""Folders whose files are all of one kind, and listed elsewhere or named by what they hold."""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def layer_of(name: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if name in layer)


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imports(path: Path) -> frozenset[str]:
    """Dotted names of everything a module imports, inside functions and for types alone as well."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_the_layers_below_it(path: Path) -> None:
    part = part_of(path)
    if part in ("__init__", "__main__"):
        return
    for name in imports(path):
        if not name.startswith("grader."):
            continue
        other = name.split(".")[1]
        if other == "__version__":
            continue
        assert other == part or layer_of(other) < layer_of(part), f"{part} imports {name}"
        assert (part, other) not in EXCEPTIONS, f"{part} imports {name}"


INNER = {
    "judge": (
        ("matching",),
        ("runs",),
        ("borrowed",),
        ("evidence",),
        ("failures", "locations", "missing_bindings"),
        ("verdicts",),
        ("score", "shared_mistakes"),
    ),
    "diagnosis": (
        ("repair_words",),
        ("expressions", "source_writer", "finding", "lines_not_run"),
        ("chain_rule",),
        ("repair_search",),
        ("step",),
        ("recognition", "misconceptions"),
        ("repair_text", "messages"),
        ("repair_trials", "forward_locals"),
        ("sums", "rule_text", "repair_searches"),
        ("step_explainer",),
        ("diagnose",),
        ("called_for_several", "misnamed_values"),
    ),
}
"""The subpackages and modules within a part, in the order in which they build on each other."""


@pytest.mark.parametrize(
    "path", [path for path in modules() if part_of(path) in INNER], ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_a_subpackage_imports_only_from_those_before_it(path: Path) -> None:
    part = part_of(path)
    place = {name: number for number, names in enumerate(INNER[part]) for name in names}
    own = path.relative_to(PACKAGE).parts[1].removesuffix(".py")
    if own == "__init__":
        return
    for name in imports(path):
        if name.startswith(f"grader.{part}."):
            other = name.split(".")[2]
            assert place[other] <= place[own], f"{own} imports {name}"


INSIDE = [path for one in VISIBLE_MODULES for path in (sorted((PACKAGE / one).glob("*.py")) or [PACKAGE / one])]
"""What a sandbox shows of the grader."""


@pytest.mark.parametrize("path", INSIDE[1:], ids=lambda path: path.name)
def test_the_child_imports_the_standard_library_and_what_a_sandbox_shows_only(path: Path) -> None:
    shown = {path.relative_to(PACKAGE.parent).with_suffix("").as_posix().replace("/", ".") for path in INSIDE}
    packages = {name.removesuffix(".__init__") for name in shown}

    for name in imports(path):
        module = name if name in packages else name.rpartition(".")[0]
        assert name.split(".")[0] in sys.stdlib_module_names or module in packages, name


def test_torch_is_imported_by_the_reference_alone() -> None:
    importing = [path for path in modules() if any(name.split(".")[0] == "torch" for name in imports(path))]

    assert [path.relative_to(PACKAGE).as_posix() for path in importing] == [
        "reference/autograd.py",
        "reference/operations.py",
        "reference/point_selection.py",
        "reference/rare_operations.py",
    ]


def test_only_the_server_of_editors_imports_what_its_extra_installs() -> None:
    importing = {
        path.relative_to(PACKAGE).parts[0]
        for path in modules()
        if {name.split(".")[0] for name in imports(path)} & {"pygls", "lsprotocol"}
    }

    assert importing == {"editor"}


EACH_ALONE = """
import importlib, os, sys, traceback, warnings
import click, IPython.core.inputtransformer2, jinja2, nbformat, numpy, pydantic, rich.console, yaml  # once for all
warnings.simplefilter("error")
for name in sys.argv[1:]:
    child = os.fork()
    if not child:
        try:
            importlib.import_module(name)
        except BaseException:
            print(name, traceback.format_exc(), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_each_module_can_be_imported_first() -> None:
    names = [
        ".".join(("grader", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        for path in modules()
    ]
    # Those import torch, and are imported by the tests of the reference; or run the command.
    alone = [name for name in names if not name.startswith("grader.reference.") and name != "grader.__main__"]

    done = subprocess.run([sys.executable, "-c", EACH_ALONE, *alone], capture_output=True, text=True)

    assert len(alone) > 200
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("package", sorted(PACKAGE.rglob("__init__.py")), ids=lambda path: path.parent.name)
def test_no_name_of_a_package_is_that_of_one_of_its_modules(package: Path) -> None:
    """The module would take the name's place as soon as it is imported."""
    body = ast.parse(package.read_text(encoding="utf-8")).body
    defined = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    imported = {one.asname or one.name for node in body if isinstance(node, ast.ImportFrom) for one in node.names}

    assert not (defined | imported) & {path.stem for path in package.parent.iterdir()}


def test_nothing_but_what_belongs_there_stands_at_the_top_level() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    if not tracked:
        pytest.skip("no git checkout")

    top = {name.split("/")[0] for name in tracked if not name.startswith(".")}

    assert top == {
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "exercises",
        "grader",
        "pyproject.toml",
        "solutions",
        "tests",
    }


def test_public_names_are_sorted_and_exist() -> None:
    import grader

    assert list(grader.__all__) == sorted(grader.__all__)
    assert all(hasattr(grader, name) for name in grader.__all__)


def purpose(path: Path) -> str:
    """The first sentence of a module's docstring."""
    told = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    paragraph = " ".join(told.partition("\n\n")[0].split())
    return re.split(r"(?<=\.)\s+(?=[A-Z`])", paragraph)[0].removesuffix(".")


def listed() -> str:
    """The list of all modules, folder by folder, in the order in which they build on each other."""
    order = [name for layer in LAYERS for name in layer]
    folders: dict[str, list[Path]] = {}
    for path in sorted(modules(), key=lambda path: order.index(part_of(path)) if part_of(path) in order else -1):
        folder = path.parent.relative_to(PACKAGE).as_posix()
        if folder not in ALIKE and not path.name.startswith("__"):
            folders.setdefault(folder, []).append(path)
    text = [
        "# Modules",
        "",
        "The first sentence of each, from the lowest layer up. How they work together: ARCHITECTURE.md",
    ]
    for folder, paths in folders.items():
        text += ["", "## At the top level" if folder == "." else f"## `{folder}/`", ""]
        text += [f"- `{path.stem}`: {purpose(path)}" for path in paths]
    return "\n".join([*text, ""])


def test_the_stages_that_give_points_are_listed_in_the_order_in_which_they_run() -> None:
    table = (PACKAGE / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## What gives points")[2]
    rows = (row.split("|")[1:3] for row in table.partition("## Invariants")[0].splitlines() if row.count("|") > 3)
    listed = [stage.strip(" `") for stage, where in rows if where.strip() == "`mistakes`"]
    tree = ast.parse((PACKAGE / "mistakes.py").read_text(encoding="utf-8"))
    (find_mistakes,) = (one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "find_mistakes")
    tuples = sorted((one for one in ast.walk(find_mistakes) if isinstance(one, ast.Tuple)), key=lambda one: one.lineno)
    run = dict.fromkeys(stage.id for one in tuples for stage in one.elts if isinstance(stage, ast.Name))

    assert listed == [name for name in run if name.startswith("_") and name != "_with_guilty_lines"] + [
        "_with_kept_wrong"
    ]


def test_the_files_that_texts_name_exist() -> None:
    folders = {path.name for path in PACKAGE.rglob("*") if path.is_dir()}
    texts = {path: path.read_text(encoding="utf-8") for path in (*modules(), PACKAGE / "ARCHITECTURE.md")}
    named = {
        (path, name)
        for path, text in texts.items()
        for name in re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", text)
        if name.partition("/")[0] in folders
    }

    assert named
    assert [(path, name) for path, name in named if not any(one.match(name) for one in modules())] == []


def test_every_module_is_listed_with_what_it_is_for() -> None:
    if os.environ.get("GRADER_UPDATE_GOLDEN"):
        LISTED.write_text(listed(), "utf-8")

    assert [line for line in listed().splitlines() if line.endswith(": ")] == []
    assert LISTED.read_text("utf-8") == listed()


def test_the_architecture_names_what_there_is() -> None:
    """Whatever it names as a file in a folder, or as a folder."""
    text = (PACKAGE / "ARCHITECTURE.md").read_text("utf-8")
    named = {name.rstrip("/") for name in re.findall(r"`((?:[\w-]+/)+[\w-]*)(?:\.\w+)*`", text)}
    there = [f"/{path.relative_to(ROOT).with_suffix('')}" for part in ("grader", "tests", "exercises", "solutions")
             for path in (ROOT / part).rglob("*")]  # fmt: skip

    assert len(named) > 40
    assert {name for name in named if not any(path.endswith(f"/{name}") for path in there)} == set()
