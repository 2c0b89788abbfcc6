"""The list of supervised programs of an instance, in the order in which they start."""

import sys
from dataclasses import dataclass
from pathlib import Path

from deploy import postgres
from deploy.instance import Instance

INFRASTRUCTURE = ("postgres", "redis", "mosquitto")


@dataclass(frozen=True)
class Program:
    """One supervised program; `as_caller` programs keep the rights of whoever started Twinwall."""

    name: str
    command: tuple[str, ...]
    stop_signal: str = "TERM"
    stop_wait_s: int = 15
    as_caller: bool = False


def infrastructure_programs(instance: Instance) -> list[Program]:
    """This function will return the database, the cache and the broker."""
    server = postgres.server_programs(instance) / "postgres"
    return [
        Program("postgres", (str(server), "-D", str(instance.postgres_dir)), "INT", 60),
        Program("redis", ("/usr/bin/redis-server", str(instance.home / "redis.conf"))),
        Program("mosquitto", (sys.executable, "-m", "deploy.broker", str(instance.home)), as_caller=True),
    ]


def ingest_names(workers: int) -> list[str]:
    """This function will name the processes of ingest: one more than work, for one always stands by."""
    return ["ingest", *(f"ingest-{number}" for number in range(2, workers + 2))]


def product_programs(instance: Instance, *, host: str, port: int, demo: bool, ingest_workers: int = 1) -> list[Program]:
    """This function will return Twinwall's own processes; the device simulator belongs to the demo only."""
    python = str(instance.python)
    manage = (python, str(instance.code_dir / "manage.py"))
    cameras = [str(port) for port in instance.camera_ports()] if demo else []
    celery = (python, "-m", "celery", "--app", "webmap.project.celery")
    web = (
        "/usr/bin/env",
        "TWINWALL_DB_POOL=1",
        *([f"TWINWALL_CAMERA_OWN_PORTS={','.join(cameras)}"] if demo else []),
        python,
        "-m",
        "uvicorn",
        "webmap.project.asgi:application",
        "--host",
        host,
        "--port",
        str(port),
    )
    worker = ("worker", "--loglevel", "INFO", "--concurrency", "2", "--without-gossip", "--without-mingle")
    lean = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    watch = ("worker", "--loglevel", "INFO", "--queues", "watch", "--pool", "solo", "--hostname", "watch@%h", *lean)
    schedule = str(instance.home / "account" / "celerybeat-schedule")
    programs = [
        _gated("web", instance, (*web, "--no-access-log", "--timeout-graceful-shutdown", "2")),
        _gated("worker", instance, (*celery, *worker), stop_wait_s=20),
        # of its own, so that the watch over alarms never waits behind the import of a model
        _gated("watch", instance, (*celery, *watch)),
        _gated("beat", instance, (*celery, "beat", "--loglevel", "INFO", "--pidfile=", "--schedule", schedule)),
        *(
            _gated(name, instance, (*manage, "run_ingest", "--workers", str(ingest_workers)), "mosquitto")
            for name in ingest_names(ingest_workers)
        ),
        _gated("commands", instance, (*manage, "run_commands"), "mosquitto"),
        _gated("jt808", instance, (*manage, "run_jt808")),
    ]
    if demo:
        fleet, gateway = str(instance.fleet_file), str(instance.gateway_file)
        simulate = (*manage, "simulate_fleet", fleet, "--cameras", *cameras)
        programs.append(_gated("simulator", instance, simulate, "mosquitto"))
        programs.append(_gated("gateway", instance, (python, "-m", "ingest.gateway", gateway), "mosquitto"))
    return programs


def _gated(name: str, instance: Instance, command: tuple[str, ...], *more: str, stop_wait_s: int = 15) -> Program:
    gate = (str(instance.python), "-m", "deploy.gate", "postgres", "redis", *more, "--")
    return Program(name, gate + command, stop_wait_s=stop_wait_s)


def supervisor_settings(instance: Instance, programs: list[Program], *, user: str | None) -> str:
    """This function will return supervisord's configuration; `user` is set when root writes it."""
    folder = instance.supervisor_dir
    lines = ["[unix_http_server]", f"file={folder}/supervisor.sock", "chmod=0700", ""]
    lines += [
        "[supervisord]",
        f"logfile={instance.log_dir}/supervisord.log",
        f"pidfile={folder}/supervisord.pid",
    ]
    lines += [
        f"childlogdir={instance.log_dir}",
        f"directory={instance.code_dir}",
        "logfile_maxbytes=5MB",
        "umask=022",
    ]
    lines += ["user=root"] if user else []
    lines += ["", "[rpcinterface:supervisor]"]
    lines += ["supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface"]
    for priority, program in enumerate(programs, start=1):
        lines += ["", *_program_section(instance, program, priority * 10, user)]
    return "\n".join(lines) + "\n"


def _program_section(instance: Instance, program: Program, priority: int, user: str | None) -> list[str]:
    lines = [f"[program:{program.name}]", "command=" + " ".join(_quoted(word) for word in program.command)]
    lines += [f"priority={priority}", "autostart=false", "autorestart=true", "startsecs=1", "startretries=30"]
    lines += [f"stopsignal={program.stop_signal}", f"stopwaitsecs={program.stop_wait_s}", "killasgroup=true"]
    lines += [f"stdout_logfile={instance.log_dir}/{program.name}.log", "redirect_stderr=true"]
    lines += ["stdout_logfile_maxbytes=10MB", "stdout_logfile_backups=2", f"directory={instance.code_dir}"]
    variables = {"PYTHONPATH": instance.code_dir}
    if not program.as_caller:
        variables |= {"HOME": instance.home / "account", "PYTHONPYCACHEPREFIX": instance.home / "pycache"}
        lines += [f"user={user}"] if user else []
    pairs = ",".join(f'{name}="{value}"' for name, value in variables.items())
    lines.append(f"environment={pairs}".replace("%", "%%"))
    return lines


def _quoted(word: str) -> str:
    escaped = word.replace("%", "%%")
    return f'"{escaped}"' if " " in escaped or ";" in escaped else escaped


def settings_file(instance: Instance) -> Path:
    """This function will return where supervisord's configuration is kept."""
    return instance.supervisor_dir / "supervisord.conf"
