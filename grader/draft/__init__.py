"""An exercise drafted from a worked script: what it starts from, its forward pass as a program, its derivatives."""
