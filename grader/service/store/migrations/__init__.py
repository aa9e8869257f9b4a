"""Steps from each version of the database to the next, for Alembic; read by `grader.service.store.database`."""
