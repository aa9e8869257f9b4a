"""Find where the wrong value of a step was made, for steps that no repair was found for."""
