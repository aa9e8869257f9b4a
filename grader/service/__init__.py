"""`grader serve`: a web application that an LMS launches (LTI 1.3), or that a small course uses by itself.

The only part that imports Starlette, SQLAlchemy and PyJWT; the extra `lms` installs them.
"""
