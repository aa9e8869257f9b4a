#!/usr/bin/env python
"""Write the next migration of the service's database: `.ci/migration.py NAME`, after `tables.py` has changed.

It holds what Alembic finds different between the tables and a database that all migrations so far have made. Read it
before it is committed: Alembic takes a renamed column for one that is dropped and another that is added.
"""

from __future__ import annotations

import re
import subprocess
import sys

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext

from grader.service.store.database import FOLDER, newest, opened, upgrade
from grader.service.store.tables import Base

TEXT = '''"""{title}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {before!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
{body}
'''


def main(name: str) -> None:
    number = len(list((FOLDER / "versions").glob("[0-9]*.py"))) + 1
    engine = opened("sqlite://")
    if newest():
        upgrade(engine)
    with engine.connect() as connection:
        options = {"compare_type": True, "user_module_prefix": "tables."}
        found = produce_migrations(MigrationContext.configure(connection, opts=options), Base.metadata)
    body = render_python_code(found.upgrade_ops, user_module_prefix="tables.", render_item=_plain)  # type: ignore[arg-type]  # never None here
    path = FOLDER / "versions" / f"{number:04}_{name}.py"
    title = name.replace("_", " ").capitalize()
    made = TEXT.format(title=title, revision=f"{number:04}", before=newest() or None, body=body)
    path.write_text(re.sub(r"(?m)^ *# ###.*\n", "", made))
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=True)
    print(path)


def _plain(kind: str, item: object, _: object) -> str | bool:
    """A time as the database has it: a migration must not change with the code of today."""
    return "sa.DateTime(timezone=True)" if type(item).__name__ == "Moment" else False


if __name__ == "__main__":
    main(*sys.argv[1:])
