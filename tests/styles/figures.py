"""The figures of the styles: counted by group, kept in `figures.json`, shown by `grader docs quality`.

GRADER_KEEP_FIGURES=1 keeps those of this run in the place of the old ones.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.styles.measure import Row
from tests.styles.submissions import GROUPS

KEPT = Path(__file__).with_name("figures.json")
SAID = {
    "in place": "in place",
    "spelling": "another spelling",
    "numbers": "number types",
    "endings": "ends and conditions",
    "two or three": "two or three at once",
}
"""The groups whose names say too little beside the others."""


def keep(group: str, row: Row) -> None:
    """Keep the counts of a group, where that is asked for."""
    if os.environ.get("GRADER_KEEP_FIGURES"):
        counts = {"wrong": row.wrong, "located": row.located, "one lost": row.one_lost}
        KEPT.write_text(json.dumps(_kept() | {group: counts}, indent=2) + "\n")


def in_markdown() -> str:
    """The figures kept, as a table in Markdown."""
    head = ("style", "with a mistake", "located on its line", "one step lost")
    rows = [head, ("---",) * len(head)]
    for group in GROUPS:
        row = _kept()[group]
        shares = (f"{100 * row[one] / row['wrong']:.1f} %" for one in ("located", "one lost"))
        rows.append((SAID.get(group, group), str(row["wrong"]), *shares))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _kept() -> dict[str, dict[str, int]]:
    kept: dict[str, dict[str, int]] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    return kept
