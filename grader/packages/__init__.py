"""Packages: a grader for one exercise as the file that another system takes, and its result in that system's format."""
