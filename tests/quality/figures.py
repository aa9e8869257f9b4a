"""The figures of the diagnosis: counted over mutants, kept in `figures.json`, shown by `grader docs quality`.

A figure that drops fails. GRADER_KEEP_FIGURES=1 keeps those of this run in the place of the old ones.
"""

from __future__ import annotations

import json
import os
import statistics
from dataclasses import dataclass, field
from pathlib import Path

KEPT = Path(__file__).with_name("figures.json")

LEEWAY = 0.015
"""How much of a share may be lost: a slower machine gives up a search, and what is tried by running, sooner."""


@dataclass
class Table:
    """Counts of what was found. `natural` are repairs that say what the author had written; `due` are mutants that have
    a name in the catalogue for certain; `seconds` what the diagnosis of a wrong step took."""

    cases: int = 0
    located: int = 0
    carried: int = 0
    repaired: int = 0
    natural: int = 0
    wrongly_repaired: list[str] = field(default_factory=list)
    due: int = 0
    named: int = 0
    unnamed: list[str] = field(default_factory=list)
    falsely_named: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    unnatural: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "mutants": self.cases,
            "located": self.located,
            "carried": self.carried,
            "repaired": self.repaired,
            "natural": self.natural,
            "wrongly repaired": len(self.wrongly_repaired),
            "due": self.due,
            "named": self.named,
            "falsely named": len(self.falsely_named),
            "median ms": round(1000 * statistics.median(self.seconds or [0.0])),
            "most ms": round(1000 * max(self.seconds or [0.0])),
        }


def keep(title: str, table: Table) -> None:
    """Holds the figures of a run against those kept."""
    kept, now = _kept(), table.counts
    if os.environ.get("GRADER_KEEP_FIGURES"):
        KEPT.write_text(json.dumps(kept | {title: now}, indent=2) + "\n")
        return
    before = kept[title]
    for one in ("located", "carried", "repaired"):
        assert now[one] / now["mutants"] >= before[one] / before["mutants"] - LEEWAY, one
    # Which of several right repairs is found first depends on the time there is.
    assert now["natural"] / now["mutants"] >= before["natural"] / before["mutants"] - 2 * LEEWAY
    if before["due"]:
        assert now["named"] / now["due"] >= before["named"] / before["due"] - 2 * LEEWAY  # few are due
    for one in ("wrongly repaired", "falsely named"):
        assert now[one] <= before[one] + LEEWAY * now["mutants"], one


def in_markdown() -> str:
    """The figures kept, as a table in Markdown."""
    head = (
        "over",
        "mutants",
        "located",
        "carried",
        "repaired",
        "natural",
        "repaired wrongly",
        "named",
        "named wrongly",
    )
    head = (*head, "ms")
    rows = [head, ("---",) * len(head)]
    for title, row in _kept().items():
        shares = (_share(row[one], row["mutants"]) for one in ("located", "carried", "repaired", "natural"))
        named = _share(row["named"], row["due"]) if row["due"] else ""
        false = str(row["falsely named"]) if row["due"] else ""
        rows.append(
            (title, str(row["mutants"]), *shares, str(row["wrongly repaired"]), named, false, str(row["median ms"]))
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _kept() -> dict[str, dict[str, int]]:
    kept: dict[str, dict[str, int]] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    return kept


def _share(part: int, of: int) -> str:
    return f"{100 * part / of:.1f} %"
