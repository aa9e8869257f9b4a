"""`grader lsp`: the verdicts in an editor while one types (needs the extra `editor`)."""
