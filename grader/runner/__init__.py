"""Running a submission: the only stage that touches foreign code.

`sites`, `wire` and `child` are also loaded in the child process, and import the standard library alone.
"""
