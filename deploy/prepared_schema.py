"""The tables of the tests, kept between runs: a hundred migrations take a minute, copying their result seconds.

The first run after a change of a migration migrates and keeps what came out, named by everything it depends on; later
runs load that into a database which Django copies. Django still migrates the copy, and finds nothing to do.
"""

import hashlib
from pathlib import Path

from deploy import postgres
from deploy.instance import Instance

TEMPLATE = "prepared"
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
