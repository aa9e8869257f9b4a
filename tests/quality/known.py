"""What the product does not manage yet: case and what of it, with the reason. An entry that comes out right fails."""

from __future__ import annotations

RETOLD: dict[str, str] = {
    "branch_through_the_squares": "a missing term of three factors is not looked for",
    "carry_alone": "a missing matrix product is not looked for",
    "carry_not_added": "families over time get no name",
    "cell_instead_of_previous": "the repair reaches for a global inside a method",
    "gradient_of_the_weight_for_the_weight": "the repair reaches for a global inside a method",
    "input_for_weight": "the repair reaches for a global inside a method",
    "last_use_of_the_weight_only": "a tangent is put into an adjoint's line",
    "mean_branch_lost": "a missing term that is a quotient is not looked for",
    "no_mask": "the mask of a ReLU is not looked for",
    "no_mean": "an item whose place a call gives is not seen",
    "one_branch": "a missing term of a dictionary is not looked for",
    "one_over_m_twice": "a parameter that hides an input is not read",
    "seven_faults": "the missing factor 1 - s is not looked for",
    "sigmoid_for_its_derivative": "the missing factor 1 - s is not looked for",
    "sigmoid_missing_slope": "the missing factor 1 - s is not looked for",
    "slope_on_upstream": "a name rebound in every pass is not read",
    "slope_without_what_arrives": "the repair is put into the helper",
    "state_without_tanh": "found, but its name is not",
    "time_index": "an accumulation in a loop is not read",
    "transpose": "the mistake is in the line of a helper name",
}
"""Retellings whose verdicts, names or repairs are not the ones on their lines, by file name."""

ACCUSED: dict[str, str] = {}
"""Correct variants that are accused."""
