"""What the product does not manage yet: case and what of it, with the reason. An entry that comes out right fails."""

from __future__ import annotations

RETOLD: dict[str, str] = {
    "carry_alone": "what is missing is a row of an array",
}
"""Retellings whose verdicts, names or repairs are not the ones on their lines, by file name."""

ACCUSED: dict[str, str] = {}
"""Correct variants that are accused."""
