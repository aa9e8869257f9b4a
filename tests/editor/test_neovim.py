"""`grader lsp` in Neovim itself, with its own client and the documented configuration as it stands."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BESIDE = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

PROBE = """
local function answered(method)
  local params = vim.lsp.util.make_range_params(0, 'utf-16')
  local last = vim.api.nvim_buf_line_count(0)
  params.range = { start = { line = 0, character = 0 }, ['end'] = { line = last, character = 0 } }
  params.context = { diagnostics = {} }
  local found = {}
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 20000) or {}) do
    vim.list_extend(found, answer.result or {})
  end
  return found
end
vim.wait(60000, function() return #vim.diagnostic.get(0) > 0 end, 50)
local said = { diagnostics = {}, hints = {} }
for _, one in ipairs(vim.diagnostic.get(0)) do
  table.insert(said.diagnostics, { line = one.lnum + 1, from = one.col, to = one.end_col, message = one.message })
end
for _, one in ipairs(answered('textDocument/inlayHint')) do
  table.insert(said.hints, one.label)
end
said.shown = vim.lsp.inlay_hint.is_enabled()
vim.fn.writefile({ vim.json.encode(said) }, 'said.json')
vim.cmd('qall!')
"""


def snippets() -> list[str]:
    """The configurations in the part about Neovim, the newest version's first."""
    part = (ROOT / "grader" / "docs" / "editor.md").read_text("utf-8").partition("## Neovim")[2].partition("\n## ")[0]
    return re.findall(r"```lua\n(.*?)```", part, re.DOTALL)


@pytest.mark.parametrize("place", [0, 1], ids=["from 0.11 on", "0.10"])
def test_the_documented_configuration_underlines_the_wrong_range(tmp_path: Path, place: int) -> None:
    nvim = shutil.which("nvim", path=BESIDE)
    if nvim is None:
        pytest.skip("there is no nvim")
    text = (ROOT / "solutions" / "tanh-chain.py").read_text("utf-8").replace("(1 - h1**2)", "(1 - h1_raw**2)", 1)
    (tmp_path / "mine.py").write_text(f"# grader check tanh-chain mine.py\n{text}")
    (tmp_path / "init.lua").write_text(snippets()[place])
    (tmp_path / "probe.lua").write_text(PROBE)
    (tmp_path / ".git").mkdir()
    env = {**os.environ, "PATH": BESIDE, "XDG_STATE_HOME": str(tmp_path / "state"), "HOME": str(tmp_path)}
    command = [nvim, "--headless", "-n", "-u", "init.lua", "mine.py", "-c", "luafile probe.lua"]
    subprocess.run(command, cwd=tmp_path, env=env, timeout=90, capture_output=True, check=True)
    said = json.loads((tmp_path / "said.json").read_text())
    lines = (tmp_path / "mine.py").read_text().split("\n")
    line = next(number for number, one in enumerate(lines, 1) if "= (1 - h1_raw**2)" in one)
    (wrong,) = said["diagnostics"]
    assert (wrong["line"], wrong["to"] - wrong["from"]) == (line, len("h1_raw"))
    assert "this squares what goes into tanh" in wrong["message"]  # the level that the configuration names
    assert any("right" in hint for hint in said["hints"])
    assert said["shown"] or place == 1
