"""A verdict that a student doubts, as one file from which anybody can have it judged again, without the student's
name."""
