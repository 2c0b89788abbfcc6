"""`./twin backup FILE`: database, media, data and keys in one file, while the site runs or while it is stopped."""

import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from deploy import postgres
from deploy.archive import DUMP, ArchiveWriter
from deploy.bringup import exclusive, start_infrastructure
from deploy.instance import DATABASE, PG_PORT, Instance, find_instance
from deploy.refusal import Refusal
from deploy.supervision import Supervisor


def back_up(file: Path) -> None:
    """This function will write a backup; a file that exists is replaced only when the new one is complete.

    Raises Refusal when there is no data yet or the file cannot be written.
    """
    instance = find_instance()
    target = file.resolve()
    if not (instance.postgres_dir / "PG_VERSION").exists():
        raise Refusal("There is no Twinwall here yet to back up; start it with ./twin up.")
    if not os.access(target.parent, os.W_OK) or target.is_dir():
        raise Refusal(f"{target} cannot be written; name a file in a folder of yours.")
    with exclusive(instance), database_running(instance):
        new = target.with_name(target.name + ".part")
        try:
            count = _write(instance, new)
            new.replace(target)
        except OSError as error:
            raise Refusal(f"{target} could not be written: {error.strerror or error}.") from error
        finally:
            new.unlink(missing_ok=True)
    size_mb = target.stat().st_size / 1e6
    print(
        f"{target}: {count} files, {size_mb:.1f} MB. It holds keys and passwords: keep it where only you can read it."
    )


@contextmanager
def database_running(instance: Instance) -> Iterator[None]:
    """This function will keep the database up inside the block, and stop it afterwards when it was not running."""
    supervisor = Supervisor(instance)
    if supervisor.states().get("postgres") == "running":
        yield
        return
    values = instance.environment()
    start_infrastructure(instance, host=values["http_host"], port=values["http_port"])
    try:
        yield
    finally:
        supervisor.shutdown()


def _write(instance: Instance, file: Path) -> int:
    with tempfile.TemporaryDirectory(prefix="twinwall-dump-") as folder:
        dump = Path(folder) / DUMP
        _dump_database(instance, dump)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w:", format=tarfile.PAX_FORMAT) as tar:
                writer = ArchiveWriter(tar)
                writer.add(dump, DUMP)
                writer.add_folder(instance.media_root, "media")
                writer.add_folder(instance.data_root, "data")
                writer.add_folder(instance.secrets_dir, "secrets")
                manifest = writer.finish(
                    created_at=datetime.now(UTC).isoformat(timespec="seconds"),
                    mode=instance.state().get("mode", "empty"),
                    migrations=applied_migrations(instance),
                )
            os.fsync(out.fileno())
    return len(manifest["members"])


def _dump_database(instance: Instance, file: Path) -> None:
    programs = postgres.server_programs(instance)
    address = ["--host", str(instance.postgres_socket), "--port", str(PG_PORT), "--username", postgres.SUPERUSER]
    with file.open("wb") as out:
        done = subprocess.run(
            [str(programs / "pg_dump"), "--format=custom", "--compress=6", *address, DATABASE],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            **instance.account.process_options(),
        )
    if done.returncode != 0:
        raise Refusal(f"The database could not be dumped: {done.stderr.strip().splitlines()[-1]}")


def applied_migrations(instance: Instance, database: str = DATABASE) -> list[str]:
    """This function will return `app.name` of every migration that the database has seen."""
    if postgres.run_sql(instance, "SELECT to_regclass('django_migrations')", database=database).strip() == "":
        return []
    rows = postgres.run_sql(instance, "SELECT app || '.' || name FROM django_migrations ORDER BY 1", database=database)
    return rows.split()
