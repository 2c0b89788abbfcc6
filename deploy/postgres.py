"""The private PostgreSQL cluster: on a unix socket only, with two roles that the product knows.

`twinwall_owner` owns the tables and migrates; `twinwall_app` serves, owns nothing and gets plain row rights
by default privileges. `template1` carries PostGIS and those privileges, so every database made from it has them.
"""

import shutil
import subprocess
from pathlib import Path

from deploy.instance import DATABASE, PG_PORT, Instance
from deploy.refusal import Refusal

SUPERUSER = "twinwall_super"
OWNER = "twinwall_owner"
APP = "twinwall_app"
SERVERS = Path("/usr/lib/postgresql")

TUNING = """\
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 120
shared_buffers = '256MB'
effective_cache_size = '1GB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
max_worker_processes = 4
max_parallel_workers_per_gather = 1
random_page_cost = 1.1
effective_io_concurrency = 200
wal_compression = on
max_wal_size = '2GB'
checkpoint_timeout = '15min'
recovery_init_sync_method = 'syncfs'
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_min_duration_statement = 2000
cluster_name = 'twinwall'
"""
THROWAWAY = """\
fsync = off
synchronous_commit = off
full_page_writes = off
"""
ROLES_SQL = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP}') THEN CREATE ROLE {APP} LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') THEN
    CREATE ROLE {OWNER} LOGIN CREATEDB;
  END IF;
END $$;
ALTER ROLE {APP} NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
GRANT {APP} TO {OWNER};
"""
TEMPLATE_SQL = f"""
CREATE EXTENSION IF NOT EXISTS postgis;
GRANT SELECT, INSERT, UPDATE ON spatial_ref_sys TO {OWNER};
GRANT USAGE ON SCHEMA public TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE, SELECT ON SEQUENCES TO {APP};
"""


def server_programs(instance: Instance) -> Path:
    """This function will return the folder with `postgres` and `initdb` of the cluster's version.

    Raises Refusal when no PostgreSQL with PostGIS, or not the cluster's version, is installed.
    """
    version_file = instance.postgres_dir / "PG_VERSION"
    present = version_file.read_text().strip() if version_file.exists() else None
    installed = sorted((path.parent.parent.name for path in SERVERS.glob("*/bin/postgres")), key=float, reverse=True)
    usable = [version for version in installed if _has_postgis(version)]
    if present and present not in usable:
        raise Refusal(
            f"The data in {instance.postgres_dir} was written by PostgreSQL {present}, which is not "
            f"installed with PostGIS; install it: apt-get install postgresql-{present}-postgis-3"
        )
    if not usable:
        raise Refusal("PostgreSQL with PostGIS is not installed; run ./twin up, which installs it.")
    return SERVERS / (present or usable[0]) / "bin"


def _has_postgis(version: str) -> bool:
    return (Path("/usr/share/postgresql") / version / "extension" / "postgis.control").exists()


def initialise_cluster(instance: Instance, *, throwaway: bool = False) -> bool:
    """This function will create the cluster where there is none and write its settings; True when new."""
    fresh = not (instance.postgres_dir / "PG_VERSION").exists()
    if fresh:
        _initdb(instance)
    settings = TUNING.format(port=PG_PORT, socket=instance.postgres_socket) + (THROWAWAY if throwaway else "")
    callers = {instance.account.name, "root"}
    rights = "".join(f"twinwall {caller} {role}\n" for caller in sorted(callers) for role in (SUPERUSER, OWNER, APP))
    files = {
        "twinwall.conf": settings,
        "pg_hba.conf": "local all all peer map=twinwall\n",
        "pg_ident.conf": rights,
    }
    for name, text in files.items():
        _as_account(instance, ["tee", str(instance.postgres_dir / name)], text)
    return fresh


def _initdb(instance: Instance) -> None:
    new = instance.postgres_dir.with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    instance.own_folder(new, 0o700)
    command = [str(server_programs(instance) / "initdb"), "--pgdata", str(new), "--username", SUPERUSER]
    _as_account(
        instance,
        [*command, "--encoding", "UTF8", "--locale", "C.UTF-8", "--auth", "peer", "--no-instructions"],
    )
    configuration = (new / "postgresql.conf").read_text()
    _as_account(instance, ["tee", str(new / "postgresql.conf")], configuration + "\ninclude 'twinwall.conf'\n")
    new.rename(instance.postgres_dir)


def provision(instance: Instance) -> None:
    """This function will create the roles, PostGIS and the product's database where they are missing."""
    run_sql(instance, ROLES_SQL, database="postgres")
    ready = "SELECT 1 FROM pg_database WHERE datname = 'twinwall'"
    if run_sql(instance, ready, database="postgres").strip() == "1":
        return
    run_sql(instance, TEMPLATE_SQL, database="template1")
    run_sql(instance, f"CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE template1", database="postgres")


def run_sql(instance: Instance, sql: str, *, database: str = DATABASE) -> str:
    """This function will run SQL as superuser and return unaligned rows; raises Refusal with the error."""
    address = ["-h", str(instance.postgres_socket), "-p", str(PG_PORT), "-U", SUPERUSER, "-d", database]
    return _as_account(instance, ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *address], sql)


def is_ready(instance: Instance) -> bool:
    """This function will tell whether the server accepts connections."""
    programs = server_programs(instance)
    address = ["-h", str(instance.postgres_socket), "-p", str(PG_PORT), "-U", SUPERUSER, "-d", "postgres"]
    return subprocess.run([str(programs / "pg_isready"), "-q", *address], capture_output=True).returncode == 0


def _as_account(instance: Instance, command: list[str], text: str = "") -> str:
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        cwd="/",
        env={
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
            "LC_ALL": "C.UTF-8",
            "PGOPTIONS": "-c client_min_messages=warning",
        },
        **instance.account.process_options(),
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Refusal(f"PostgreSQL refused ({Path(command[0]).name}): {said[-1] if said else done.returncode}")
    return done.stdout
