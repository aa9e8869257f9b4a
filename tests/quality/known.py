"""What the product does not manage yet: case and what of it, with the reason. An entry that comes out right fails."""

from __future__ import annotations

RETOLD: dict[str, str] = {
    "carry_alone": "what is missing stands behind a name bound later",
    "one_over_m_twice": "a parameter that hides an input is not read",
    "seven_faults": "one of its seven is found, but its name is not",
    "slope_without_what_arrives": "the repair is put into the helper",
    "state_without_tanh": "found, but its name is not",
}
"""Retellings whose verdicts, names or repairs are not the ones on their lines, by file name."""

ACCUSED: dict[str, str] = {}
"""Correct variants that are accused."""
