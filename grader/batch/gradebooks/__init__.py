"""Gradebooks of learning platforms: fill one column of an instructor's own export."""
