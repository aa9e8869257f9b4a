"""Running a submission: the only stage that touches foreign code.

`sites`, `wire` and `child` are loaded in the child too and import the standard library alone.
"""
