"""Batch grading: from a download of many submissions to results, gradebooks and class statistics."""
