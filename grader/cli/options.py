"""What the options and the help of several commands have in common."""

from __future__ import annotations

import click

EXERCISE = "EXERCISE is an id or a number of the shipped collection (see `grader list`), or the path of a YAML file."

SECRET = click.option(
    "--secret-file",
    metavar="FILE",
    envvar="GRADER_SECRET_FILE",
    help="File with the course secret: from it come each student's numbers, and the further numbers that every step is "
    "tried with.  "
    "[default: the file that GRADER_SECRET_FILE names, if any]",
)
