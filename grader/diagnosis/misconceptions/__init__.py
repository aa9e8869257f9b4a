"""One file for each misconception; `grader.diagnosis.catalogue` finds them."""
