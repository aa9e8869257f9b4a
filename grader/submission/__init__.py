"""Reading what a student handed in, a script, a notebook or Markdown with code, without running or importing it."""
