"""Read a submission, a script, a notebook or Markdown with code, without running or importing it."""
