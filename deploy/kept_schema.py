"""The tables of the tests, kept between runs: a hundred migrations take a minute, copying their result seconds.

The first run after a change of a migration migrates and keeps what came out, named by everything it depends on; later
runs load that into a database which Django copies. Django still migrates the copy, and finds nothing to do.
"""

import hashlib
import os
import subprocess
from pathlib import Path

from deploy import postgres
from deploy.instance import Instance

TEMPLATE = "kept"
SOURCES = ("**/migrations/*.py", "**/*.sql")
ALSO = ("spatial/former.py", "deploy/postgres.py", "uv.lock", "webmap/project/settings.py")
APPS = ("spatial", "bim", "ingest", "webmap")


def schema_file(instance: Instance) -> Path:
    """This function will return where the tables of this checkout's migrations are kept, made already or not."""
    files = [instance.root / name for name in ALSO]
    files += [path for app in APPS for pattern in SOURCES for path in (instance.root / app).glob(pattern)]
    digest = hashlib.sha256()
    for path in sorted(path for path in files if "node_modules" not in path.parts):
        digest.update(f"{path.relative_to(instance.root)}\0".encode() + path.read_bytes())
    return instance.var / "test-schema" / f"{digest.hexdigest()[:24]}.sql"


def offer_schema(instance: Instance, services: Instance) -> dict[str, str]:
    """This function will load the kept tables into throw-away services and return the variables that name them."""
    file = schema_file(instance)
    variables = {"TWINWALL_TEST_SCHEMA": str(file)}
    if not file.exists():
        return variables
    create = f"CREATE DATABASE {TEMPLATE} OWNER {postgres.OWNER} TEMPLATE template1"
    postgres.run_sql(services, create, database="postgres")
    postgres.run_sql(services, file.read_text(encoding="utf-8"), database=TEMPLATE)
    return {**variables, "TWINWALL_TEST_TEMPLATE": TEMPLATE}


def keep_schema(host: str, port: int, database: str, file: Path) -> None:
    """This function will write a migrated database's tables, and the rows that its migrations made, into a file, whole
    or not at all."""
    program = max(postgres.SERVERS.glob("*/bin/pg_dump"))
    address = ["-h", host, "-p", str(port), "-U", postgres.SUPERUSER, "-d", database]
    dump = subprocess.run([str(program), "--no-comments", *address], capture_output=True, text=True, check=True).stdout
    text = dump.replace("CREATE SCHEMA public;", "").replace("CREATE EXTENSION IF NOT EXISTS", "-- ")
    file.parent.mkdir(exist_ok=True)
    for older in file.parent.glob("*.sql"):
        if older != file:  # which the other lane may just have written
            older.unlink(missing_ok=True)
    new = file.with_suffix(f".{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
