"""Starters: an exercise as the file a student begins with."""
