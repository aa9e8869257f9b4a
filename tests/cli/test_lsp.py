"""`grader lsp` as a command, and what the page about it tells people to write into their settings."""

from __future__ import annotations

import json
import re
import sys

import pytest

from grader.cli.listing import pages
from grader.cli.main import run


def test_without_its_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [one for one in sys.modules if one.startswith(("pygls", "lsprotocol", "grader.editor."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pygls", None)
    monkeypatch.setitem(sys.modules, "lsprotocol", None)

    assert run(["lsp"]) == 2
    assert capsys.readouterr().err == "grader: `grader lsp` needs pygls: `pip install 'grader[editor]'` installs it.\n"


def test_the_settings_that_the_page_shows_are_understood() -> None:
    pytest.importorskip("lsprotocol")
    from grader.editor.settings import settings

    page = pages()["editor"].read_text("utf-8")
    shown = [json.loads(text) for text in re.findall(r"^```json\n(.*?)^```", page, re.M | re.S)]
    options = [shown[0]["glspc.server.initializationOptions"]]
    options += [json.loads(line) for line in re.findall(r"^    (\{.*\})$", page, re.M)]

    assert len(options) == 3
    assert [settings(one)[1] for one in options] == [(), (), ()]
    assert shown[1]["LanguageServerManager"]["language_servers"]["grader"]["argv"] == ["grader", "lsp"]
