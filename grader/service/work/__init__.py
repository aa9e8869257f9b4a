"""Grading and sending of scores in the background, by jobs in the database."""
