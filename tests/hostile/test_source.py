"""What the grader's own source must not do."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import grader

HOUSE = Path(grader.__file__).parent
MODULES = sorted(HOUSE.rglob("*.py"))
OBJECTS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "jsonpickle", "_pickle"}
"""Python's own code, by `marshal`, is another matter: `tests/runner/test_wire.py` says who may."""

LOADERS = {"torch.load", "np.load", "numpy.load", "yaml.unsafe_load", "yaml.full_load"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_nothing_reads_objects_out_of_bytes(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & OBJECTS
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in OBJECTS
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in LOADERS
            if called == "yaml.load":
                assert "SafeLoader" in path.read_text(encoding="utf-8")
            assert not {keyword.arg for keyword in node.keywords} & {"allow_pickle", "shell"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_only_the_child_executes_code_that_is_not_ours(path: Path) -> None:
    if "child" in path.relative_to(HOUSE).parts:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("exec", "eval", "__import__")
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "os.system",
            "os.popen",
            "os.chdir",
            "runpy.run_path",
        ):
            pytest.fail(f"line {node.lineno}: {ast.unparse(node.func)}")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_nothing_reads_xml(path: Path) -> None:
    """Attack 98."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & {"xml", "lxml", "defusedxml"}
        elif isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith(("xml.etree", "xml.dom", "xml.sax", "lxml"))
