"""Keeps the tables of a freshly migrated test database for later runs (deploy/prepared_schema.py)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SUPERUSER = "twinwall_super"


def keep_schema(host: str, port: int, database: str, file: Path) -> None:
    """Write a database's tables and the rows that its migrations made into a file, whole or not at all."""
    program = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))[-1]
    address = ["-h", host, "-p", str(port), "-U", SUPERUSER, "-d", database]
    dump = subprocess.run([str(program), "--no-comments", *address], capture_output=True, text=True, check=True).stdout
    text = dump.replace("CREATE SCHEMA public;", "").replace("CREATE EXTENSION IF NOT EXISTS", "-- ")
    file.parent.mkdir(exist_ok=True)
    for older in file.parent.glob("*.sql"):
        if older != file:  # which the other lane may just have written
            older.unlink(missing_ok=True)
    new = file.with_suffix(f".{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
