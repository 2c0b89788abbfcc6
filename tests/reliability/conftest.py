"""One stage for the folder's tests: its tables are copied from the test database, which has them already."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.reliability.stage import Stage, open_stage

WITH_ROWS = ("django_migrations", "django_content_type", "auth_permission")


@pytest.fixture(scope="package")
def stage(services: Any, django_db_setup: None) -> Iterator[Stage]:
    """Database, cache, broker and ingest with the product's own settings, for killing."""
    dump = services.folder / "schema.sql"
    _dump(services, dump)
    with open_stage(Path(services.folder) / "killing", devices=30, gateways=1, schema=dump) as stage:
        yield stage


def _dump(services: Any, file: Path) -> None:
    """Write the tables of the test database, and the rows that belong to the tables rather than to a test."""
    name = str(connection.settings_dict["NAME"])
    address = ["-h", services.pg_host, "-p", str(services.pg_port), "-U", "twinwall_super", "-d", name]
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))[-1]
    schema = subprocess.run(
        [str(programs), "--schema-only", "--no-comments", *address],
        capture_output=True, text=True, check=True, env={**os.environ},
    ).stdout  # fmt: skip
    rows = subprocess.run(
        [str(programs), "--data-only", *(f"--table={table}" for table in WITH_ROWS), *address],
        capture_output=True, text=True, check=True, env={**os.environ},
    ).stdout  # fmt: skip
    creates = "CREATE SCHEMA public;"
    file.write_text(schema.replace(creates, "").replace("CREATE EXTENSION IF NOT EXISTS", "-- ") + rows)
