"""Gradebooks of learning platforms: an instructor's own export, one column of it filled."""
