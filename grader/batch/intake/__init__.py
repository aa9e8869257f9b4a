"""Readers of downloads: each layout is recognised by its names and read into attempts of students."""
