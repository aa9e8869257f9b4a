"""The database of the service: tables, migrations, and what is asked of them."""
