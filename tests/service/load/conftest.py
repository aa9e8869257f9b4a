from __future__ import annotations

from tests.service.store_fixtures import Session, engine, postgresql_server, url

__all__ = ["Session", "engine", "postgresql_server", "url"]
