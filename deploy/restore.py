"""`./twin restore FILE`: put a backup in place of the present data, wholly or not at all.

Everything is unpacked and loaded beside the present data first; only then are the services stopped, the folders
and databases exchanged and the services started again.
"""

import os
import shutil
import subprocess
from pathlib import Path

from deploy import archive, cache, postgres
from deploy.account import is_root
from deploy.backup import database_running
from deploy.bringup import (
    DEFAULT_PORT,
    address_fleet,
    check_disk,
    exclusive,
    install_system_packages,
    migrate,
    prepare_code,
    start_infrastructure,
    start_product,
)
from deploy.instance import DATABASE, PG_PORT, Instance, find_instance
from deploy.ports import LOCAL
from deploy.programs import INFRASTRUCTURE
from deploy.refusal import Refusal
from deploy.steps import Steps
from deploy.supervision import Supervisor

STAGED_DATABASE, FORMER_DATABASE = "twinwall_restoring", "twinwall_former"


def restore(file: Path) -> None:
    """This function will restore a backup into this instance, running, stopped or not yet made.

    Raises Refusal for a file that is foreign, damaged or from a newer Twinwall; then nothing has changed.
    """
    manifest = archive.verify(file)
    with exclusive(find_instance()):
        _refuse_newer(find_instance(), file, manifest)
        instance = _prepare(find_instance())
        running = Supervisor(instance).states().get("web") == "running"
        with database_running(instance):
            staged = instance.home / "restoring"
            try:
                _stage(instance, file, staged)
            except BaseException:
                _drop_staged(instance, staged)
                raise
            _exchange(instance, staged)
            instance.remember(mode=manifest.get("mode"), content=manifest.get("mode"), code="restored")
            migrate(instance)
            if running:
                values = instance.environment()
                demo = manifest.get("mode") == "demo"
                start_product(instance, host=values["http_host"], port=values["http_port"], demo=demo)
    made = f"{len(manifest['members'])} files of {manifest.get('created_at')}"
    print(f"Restored {made}." + ("" if running else " Start Twinwall with ./twin up."))


def _refuse_newer(instance: Instance, file: Path, manifest: dict[str, object]) -> None:
    """A backup whose own migrations are missing here comes from a newer checkout."""
    listed = manifest.get("migrations")
    for migration in listed if isinstance(listed, list) else []:
        app, _, name = str(migration).partition(".")
        folders = [path for path in instance.root.glob(f"*/{app}") if path.is_dir()]
        folders += [instance.root / app] if (instance.root / app).is_dir() else []
        if folders and not any((folder / "migrations" / f"{name}.py").exists() for folder in folders):
            raise Refusal(
                f"{file} comes from a newer Twinwall (it has the migration {migration}); update this checkout "
                "and restore again. Nothing was changed."
            )


def _prepare(instance: Instance) -> Instance:
    """Return the instance, made ready to receive data when it was never started."""
    if (instance.postgres_dir / "PG_VERSION").exists():
        return instance
    steps = Steps(total=5)
    with steps.step("Machine"):
        check_disk(instance)
    instance = install_system_packages(instance, steps, for_tests=False)
    prepare_code(instance, steps, for_tests=False)
    with steps.step("Database, cache and broker") as step:
        step.note = start_infrastructure(instance, host=LOCAL, port=DEFAULT_PORT)
    Supervisor(instance).shutdown()
    return instance


def _stage(instance: Instance, file: Path, staged: Path) -> None:
    _drop_staged(instance, staged)
    staged.mkdir(mode=0o700)
    archive.extract(file, staged)
    for folder in archive.FOLDERS:
        (staged / folder).mkdir(exist_ok=True)
        (staged / folder).chmod(0o700)
    for path in [staged, *staged.rglob("*")]:
        if is_root():
            os.chown(path, instance.account.uid, instance.account.gid)
    create = f"CREATE DATABASE {STAGED_DATABASE} OWNER {postgres.OWNER} TEMPLATE template1"
    postgres.run_sql(instance, create, database="postgres")
    address = ["--host", str(instance.postgres_socket), "--port", str(PG_PORT), "--username", postgres.SUPERUSER]
    load = ["--dbname", STAGED_DATABASE, "--single-transaction", "--exit-on-error", str(staged / archive.DUMP)]
    done = subprocess.run(
        [str(postgres.server_programs(instance) / "pg_restore"), *address, *load],
        capture_output=True,
        text=True,
        cwd="/",
        **instance.account.process_options(),
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise Refusal(f"{file} could not be loaded ({said[0] if said else done.returncode}). Nothing was changed.")


def _drop_staged(instance: Instance, staged: Path) -> None:
    shutil.rmtree(staged, ignore_errors=True)
    postgres.run_sql(instance, f"DROP DATABASE IF EXISTS {STAGED_DATABASE} WITH (FORCE)", database="postgres")


def _exchange(instance: Instance, staged: Path) -> None:
    """Put what was staged in place; the services of the product are stopped from here on."""
    supervisor = Supervisor(instance)
    supervisor.stop(*(name for name in supervisor.states() if name not in INFRASTRUCTURE))
    former = instance.home / "former"
    shutil.rmtree(former, ignore_errors=True)
    former.mkdir(mode=0o700)
    places = {"media": instance.media_root, "data": instance.data_root, "secrets": instance.secrets_dir}
    postgres.run_sql(instance, f"DROP DATABASE IF EXISTS {FORMER_DATABASE} WITH (FORCE)", database="postgres")
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{DATABASE}'"
    swap = f"BEGIN; ALTER DATABASE {DATABASE} RENAME TO {FORMER_DATABASE};"
    swap += f"ALTER DATABASE {STAGED_DATABASE} RENAME TO {DATABASE}; COMMIT;"
    postgres.run_sql(instance, f"{end};\n{swap}", database="postgres")
    for name, place in places.items():
        place.rename(former / name)
        (staged / name).rename(place)
    postgres.run_sql(instance, f"DROP DATABASE {FORMER_DATABASE} WITH (FORCE)", database="postgres")
    shutil.rmtree(former)
    shutil.rmtree(staged)
    cache.forget_everything(instance)
    instance.create_folders()
    address_fleet(instance)
