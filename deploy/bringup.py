"""`./twin up` and `./twin down`: the steps from a bare machine to a site that answers."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from deploy import broker, cache, frontend, machine_code, packages, ports, postgres, release, toolchain
from deploy.account import is_root, step_down
from deploy.device_doors import (
    Doors,
    check_doors,
    place_certificate,
    remember_doors,
    remembered_doors,
)
from deploy.ingest_sharing import share_ingest
from deploy.instance import CAMERA_PORTS, Instance, find_instance
from deploy.management import call_manage, has_command, read_logins
from deploy.programs import INFRASTRUCTURE, infrastructure_programs, ingest_names, product_programs
from deploy.refusal import Refusal
from deploy.steps import Steps
from deploy.supervision import Supervisor, wait_until

COLD_GIB, WARM_GIB = 5.0, 0.5
DEFAULT_PORT, BROKER_PORT, JT808_PORT = 8000, 1883, 8808
STARTED = ("running", "starting")
LINES_OF_ONE_START = 60
ANSWERS_WITHIN_S = 300
"""On two cores that somebody else uses, the first start of all processes at once was seen to take over 90 s."""
CODE = ("spatial", "bim", "ingest", "webmap", "deploy", "locale", "manage.py", "uv.lock")


@dataclass(frozen=True)
class UpOptions:
    """What the user asked of `up`; None means as last time, or the default."""

    host: str | None = None
    port: int | None = None
    empty: bool = False
    ingest_workers: int | None = None
    doors: Doors | None = None


@contextmanager
def exclusive(instance: Instance) -> Iterator[None]:
    """This function will keep two commands from changing one instance at the same time; raises Refusal."""
    instance.var.mkdir(parents=True, exist_ok=True)
    with (instance.var / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal("Another ./twin command is changing this Twinwall; wait until it has ended.") from None
        yield


def bring_up(options: UpOptions) -> Instance:
    """This function will start the instance, from whatever state the machine is in, and print what to open.

    Raises Refusal with a sentence when something is in the way; what was running before goes on running.
    """
    instance = find_instance()
    steps = Steps(total=8)
    with exclusive(instance):
        with steps.step("Machine"):
            host, port, demo = _check_request(instance, options)
            doors = options.doors or remembered_doors(instance)
            check_doors(instance, doors)
            check_disk(instance)
        instance = install_system_packages(instance, steps, for_tests=False)
        prepare_code(instance, steps, for_tests=False)
        remember_doors(instance, doors)
        with stopped_again_on_failure(instance):
            share_ingest(instance, options.ingest_workers)
            _start(instance, steps, host=host, port=port, demo=demo)
        instance.remember(code=code_fingerprint(instance.root))
        print_welcome(instance, steps)
    return instance


@contextmanager
def stopped_again_on_failure(instance: Instance) -> Iterator[None]:
    """This function will stop what a failing start has started; what ran before goes on running."""
    supervisor = Supervisor(instance)
    ran_before = supervisor.is_running()
    try:
        yield
    except BaseException:
        if not ran_before:
            supervisor.shutdown()
        raise


def _start(instance: Instance, steps: Steps, *, host: str, port: int, demo: bool) -> None:
    """Start everything, each part when what it needs is there."""
    supervisor = Supervisor(instance)
    with steps.step("Database, cache and broker") as step:
        step.note = start_infrastructure(instance, host=host, port=port)
    with steps.step("Schema") as step:
        _stop_outdated(instance, supervisor)
        engine = machine_code.Compilation(instance)
        step.note = migrate(instance)
    try:
        with steps.step("Demo" if demo else "First account") as step:
            step.note = _load_content(instance, demo=demo)
        with steps.step("Services") as step:
            engine.finish()
            start_product(instance, host=host, port=port, demo=demo)
            step.note = f"{len(supervisor.states())} running"
    finally:
        engine.stop()


def _check_request(instance: Instance, options: UpOptions) -> tuple[str, int, bool]:
    """Return host, port and whether this is a demo instance; raise Refusal before anything is changed."""
    values, state = instance.environment(), instance.state()
    host = options.host or values.get("http_host", ports.LOCAL)
    port = options.port or int(values.get("http_port", DEFAULT_PORT))
    mode = state.get("mode")
    if options.empty and mode == "demo":
        raise Refusal(
            f"This Twinwall ({instance.var}) holds the demo. For an empty one beside it: "
            "TWINWALL_VAR=/some/other/folder ./twin up --empty --port 8001"
        )
    mine = Supervisor(instance).states().get("web") == "running" and port == values.get("http_port")
    if not mine and not ports.is_free(host, port):
        raise Refusal(
            f"Port {port} on {host} is in use by another program; choose another: ./twin up --port {_next_free(port)}"
        )
    demo = not options.empty if mode is None else mode == "demo"
    return host, port, demo


def _next_free(port: int) -> int:
    following = range(port + 1, min(port + 200, 65536))
    return next((candidate for candidate in following if ports.is_free(ports.LOCAL, candidate)), 8080)


def check_disk(instance: Instance) -> None:
    """This function will raise Refusal when the disk has too little room for this start."""
    cold = not toolchain.environment_is_current(instance, for_tests=False)
    for place in {instance.root, existing_parent(instance.home)}:
        free_gib = shutil.disk_usage(place).free / 2**30
        if free_gib < (COLD_GIB if cold else WARM_GIB):
            raise Refusal(
                f"Only {free_gib:.1f} GiB are free on the disk of {place} and "
                f"{COLD_GIB if cold else WARM_GIB:.1f} GiB are needed; make room and run the command again."
            )


def existing_parent(path: Path) -> Path:
    """This function will return the nearest folder above (or at) `path` that exists."""
    return next(step for step in (path, *path.parents) if step.exists())


def install_system_packages(instance: Instance, steps: Steps, *, for_tests: bool) -> Instance:
    """This function will install the distribution's packages that are missing; raises Refusal.

    After that nothing needs root in a checkout of somebody else: the process becomes its owner's, so that the
    same checkout works with and without sudo. Returns the instance with its account.
    """
    with steps.step("System packages") as step:
        wanted = packages.wanted_packages(packages.read_distribution(), for_tests=for_tests)
        missing = packages.missing_packages(wanted)
        if missing:
            packages.install_packages(missing, install_log(instance))
        step.note = f"installed {len(missing)}" if missing else "all present"
    settled = find_instance(instance.var, create=True)
    owner = instance.root.stat().st_uid
    if is_root() and settled.account.uid == owner != 0 and not settled.runs_from_copy:
        own = [instance.var, instance.var / "lock", install_log(instance), instance.var / "state.json"]
        step_down(settled.account, own)
        settled = find_instance(instance.var)
    return settled


def prepare_code(instance: Instance, steps: Steps, *, for_tests: bool) -> None:
    """This function will install the Python packages and build the pages where they are not current."""
    log = install_log(instance)
    with steps.step("Python packages") as step:
        if toolchain.environment_is_current(instance, for_tests=for_tests):
            step.note = "as locked"
        else:
            toolchain.prepare_environment(instance, for_tests=for_tests, log=log)
        if for_tests and not machine_code.machine_code_is_current(instance):
            machine_code.compile_engine(instance, log)
            step.note = "fence engine compiled"
    with steps.step("Pages") as step:
        step.note = _prepare_pages(instance, log)


def install_log(instance: Instance) -> Path:
    """This function will return the file that keeps the words of apt, uv and npm."""
    instance.var.mkdir(parents=True, exist_ok=True)
    return instance.var / "install.log"


def _prepare_pages(instance: Instance, log: Path) -> str:
    note = "up to date"
    if not (frontend.frontend_dir(instance) / "package-lock.json").exists():
        note = "no front end in this checkout"
    elif not frontend.build_is_current(instance):
        frontend.build_frontend(instance, log)
        note = "built"
    frontend.pack_libraries(instance)
    frontend.compile_translations(instance)
    return note


def start_infrastructure(instance: Instance, *, host: str, port: int, throwaway: bool = False) -> str:
    """This function will start database, cache and broker and wait until each answers; returns a note."""
    instance.create_folders()
    supervisor = Supervisor(instance)
    running = supervisor.states()
    broker_runs = running.get("mosquitto") in STARTED
    broker_port = _port(instance, "mqtt_port", 0 if throwaway else BROKER_PORT, in_use=broker_runs)
    own_port = _port(instance, "mqtt_own_port", 0, in_use=broker_runs)
    terminals_port = _port(
        instance, "jt808_port", 0 if throwaway else JT808_PORT, in_use=running.get("jt808") in STARTED
    )
    doors = remembered_doors(instance)
    open_ports = {"mqtt_open_port": broker_port * doors.plain, "mqtt_tls_port": doors.tls_port * doors.tls}
    ours = {"mqtt_port": broker_port, "mqtt_own_port": own_port, "jt808_port": terminals_port}
    simulated = running.get("simulator") in STARTED
    ours |= {name: _port(instance, name, 0, in_use=simulated) for name in CAMERA_PORTS}
    instance.write_environment(http_host=host, http_port=port, **ours, **open_ports)
    fresh = False
    if running.get("postgres") not in STARTED:
        fresh = postgres.initialise_cluster(instance, throwaway=throwaway)
    cache.write_settings(instance)
    place_certificate(instance, doors)
    if broker.write_settings(instance, broker_port, own_port, doors) and broker_runs:
        supervisor.stop("mosquitto")
    if not running:
        if instance.runs_from_copy and not instance.code_dir.exists():
            release.refresh_release(instance)
        supervisor.apply(infrastructure_programs(instance), bound_to_caller=throwaway)
    supervisor.start(*INFRASTRUCTURE)
    await_infrastructure(instance, broker_port)
    postgres.provision(instance)
    return f"{'created' if fresh else 'ready'} in {instance.home}, running as {instance.account.name}"


def _port(instance: Instance, name: str, preferred: int, *, in_use: bool) -> int:
    """Return the port of before if our service is at it or nobody else is, else the preferred one or any free one."""
    held = int(instance.environment().get(name, 0))
    return held if held and (in_use or ports.is_free(ports.LOCAL, held)) else ports.free_port(preferred)


def await_infrastructure(instance: Instance, broker_port: int) -> None:
    """This function will wait until all three answer, or raise Refusal naming the silent one."""
    checks = {
        "postgres": lambda: postgres.is_ready(instance),
        "redis": lambda: cache.is_ready(instance),
        "mosquitto": lambda: broker.is_ready(broker_port),
    }
    for name, check in checks.items():
        if not wait_until(check, 60):
            raise Refusal(f"{name} did not start; its last words: {last_words(instance, name)}")


def last_words(instance: Instance, name: str) -> str:
    """This function will return the last line of a service's log that tells of an error, else its last line."""
    file = instance.log_dir / f"{name}.log"
    lines = file.read_text(errors="replace").split("\n")[-LINES_OF_ONE_START:] if file.exists() else []
    said = [line for line in lines if line.strip()]
    errors = [line for line in said if "error" in line.lower()]
    return (errors or said or [f"none (see {instance.log_dir})"])[-1]


def _stop_outdated(instance: Instance, supervisor: Supervisor) -> None:
    """Stop the product's processes when the checkout has changed since they were started."""
    if instance.state().get("code") != code_fingerprint(instance.root):
        supervisor.stop(*(name for name in supervisor.states() if name not in INFRASTRUCTURE))
        if instance.runs_from_copy:
            release.refresh_release(instance)


def migrate(instance: Instance) -> str:
    """This function will bring the tables to this checkout's form as their owner; returns a note."""
    said = call_manage(instance, ["migrate", "--no-input"])
    applied = sum(1 for line in said.splitlines() if line.rstrip().endswith("OK"))
    return f"{applied} migrations applied" if applied else "up to date"


def _load_content(instance: Instance, *, demo: bool) -> str:
    mode, command = ("demo", "load_demo") if demo else ("empty", "create_first_account")
    instance.remember(mode=mode)
    note = "already there"
    if not instance.state().get("content"):
        if not has_command(instance, command):
            return "not in this checkout"
        call_manage(instance, [command])
        instance.remember(content=mode)
        note = "loaded"
    elif demo and Supervisor(instance).states().get("web") not in STARTED:
        call_manage(instance, ["load_demo", "--refresh-deadline"])
        note = "already there; one ticket is due in about a minute"
    address_fleet(instance)
    return note


def address_fleet(instance: Instance) -> None:
    """This function will point the simulated devices and their gateway at this instance's broker, whose port may have
    changed."""
    values = instance.environment()
    for file, field in ((instance.fleet_file, "mqtt"), (instance.gateway_file, "broker")):
        with suppress(FileNotFoundError, json.JSONDecodeError):
            held = json.loads(file.read_text(encoding="utf-8"))
            address = {"host": values["mqtt_host"], "port": values["mqtt_port"]}
            if held.get(field) != address:
                instance.write_secret(file, json.dumps({**held, field: address}, ensure_ascii=False))


def start_product(instance: Instance, *, host: str, port: int, demo: bool) -> None:
    """This function will start Twinwall's own processes and wait until the site answers; raises Refusal.

    The process that only stands by loads after that, so that nobody waits for it.
    """
    supervisor = Supervisor(instance)
    workers = instance.ingest_workers()
    own = product_programs(instance, host=host, port=port, demo=demo, ingest_workers=workers)
    standing_by = ingest_names(workers)[-1]
    supervisor.apply([*infrastructure_programs(instance), *own])
    supervisor.start(*(program.name for program in own if program.name != standing_by))
    if not wait_until(lambda: ports.answers_healthy(port, host), ANSWERS_WITHIN_S):
        raise Refusal(f"The site did not answer; the web server's last words: {last_words(instance, 'web')}")
    supervisor.start(standing_by)


def code_fingerprint(root: Path) -> str:
    """This function will return a mark that changes when a file of the product changes."""
    digest = hashlib.sha256()
    for part in CODE:
        top = root / part
        files = [top] if top.is_file() else []
        for folder, names, inside in os.walk(top):
            names[:] = sorted(name for name in names if name not in ("node_modules", "__pycache__"))
            files += [Path(folder) / name for name in sorted(inside)]
        for file in files:
            status = file.stat()
            digest.update(f"{file}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def print_welcome(instance: Instance, steps: Steps) -> None:
    """This function will print the address and the logins."""
    values = instance.environment()
    address = f"http://{ports.url_host(values['http_host'])}:{values['http_port']}/"
    print(f"\nTwinwall answers at {address} (after {steps.elapsed_s():.1f} s)")
    if values["http_host"] not in (ports.LOCAL, "localhost"):
        print(f"  It listens on {values['http_host']}: other machines reach it, without encryption.")
    logins = read_logins(instance)
    for role, (user, password) in logins.items():
        print(f"  {role:<20} {user:<20} {password}")
    if not sandbox_works(instance):
        print(
            f"Note: this system forbids {instance.account.name} the sandbox of imports (user namespaces); models are "
            "read in a limited process instead. See docs/how-to/run.md."
        )
    print("Stop it with ./twin down; see ./twin help for the rest.")


def sandbox_works(instance: Instance) -> bool:
    """This function will tell whether the services' account may start bubblewrap here."""
    trial = ["bwrap", "--ro-bind", "/", "/", "--unshare-all", "--", "/bin/true"]
    with suppress(FileNotFoundError):
        options = instance.account.process_options()
        return subprocess.run(trial, cwd="/", capture_output=True, **options).returncode == 0
    return False


def bring_down() -> bool:
    """This function will stop every service of the instance; False when none was running."""
    instance = find_instance()
    if not instance.var.exists():
        return False
    with exclusive(instance):
        return Supervisor(instance).shutdown()
