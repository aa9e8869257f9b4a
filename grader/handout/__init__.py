"""Starters: the file with which a student begins an exercise."""
