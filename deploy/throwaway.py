"""Throw-away services for tests and measurements: their own cluster, sockets and ports in a temporary folder.

They never touch a running Twinwall, and they end with the process that started them.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from deploy import ports
from deploy.bringup import check_disk, install_log, install_system_packages, prepare_code, start_infrastructure
from deploy.instance import Instance, find_instance
from deploy.kept_schema import offer_schema
from deploy.npm import install_packages, packages_are_current
from deploy.refusal import Refusal
from deploy.steps import Steps
from deploy.supervision import Supervisor

PREFIX = "twinwall-test-"
MOST_LANES = 4


@contextmanager
def throwaway_services() -> Iterator[tuple[Instance, dict[str, str]]]:
    """This function will start services in a temporary folder and yield them with their variables."""
    sweep_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)
    try:
        instance = find_instance(folder / "var", create=True)
        try:
            start_infrastructure(instance, host=ports.LOCAL, port=ports.free_port(), throwaway=True)
            yield instance, _variables(instance, folder)
        finally:
            Supervisor(instance).shutdown()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _variables(instance: Instance, folder: Path) -> dict[str, str]:
    values = {f"TWINWALL_{name.upper()}": str(value) for name, value in instance.environment().items()}
    places = {
        "TWINWALL_VAR": str(instance.home),
        "TWINWALL_TEST_FOLDER": str(folder),
        "TWINWALL_DB_ROLE": "owner",
    }
    return {**values, **places}


def sweep_abandoned() -> None:
    """This function will stop and remove what test runs that were killed have left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if not pid.isdigit() or Path("/proc", pid).exists():
            continue
        with suppress(FileNotFoundError):  # another run has just removed its own, or sweeps too
            if folder.stat().st_uid == os.geteuid():
                _remove_abandoned(folder)


def _remove_abandoned(folder: Path) -> None:
    """Stop what a killed run left running in a folder, and remove it."""
    for state in folder.glob("**/state.json"):
        Supervisor(find_instance(state.parent)).shutdown()
    shutil.rmtree(folder, ignore_errors=True)


def prepare_for_tests() -> Instance:
    """This function will install what tests need and return the checkout's own instance (not started)."""
    steps = Steps(total=5)
    with steps.step("Machine"):
        check_disk(find_instance())
    instance = install_system_packages(find_instance(), steps, for_tests=True)
    prepare_code(instance, steps, for_tests=True)
    with steps.step("Test tools") as step:
        step.note = _prepare_tools(instance)
    return instance


def _prepare_tools(instance: Instance) -> str:
    """Install the Node programs of `tests/tools` (a validator, a peer to measure against); no part of the product."""
    folder = instance.root / "tests" / "tools"
    if packages_are_current(folder):
        return "as locked"
    install_packages(instance, folder, install_log(instance))
    return "installed"


def run_tests(arguments: list[str]) -> int:
    """This function will run pytest on throw-away services and return its exit status.

    The whole suite, asked for without arguments, runs in one lane per processor (`MOST_LANES` at most), each on
    services of its own; what is asked for by arguments runs in one.
    """
    lanes = 1 if arguments else min(os.cpu_count() or 1, MOST_LANES)
    if lanes == 1:
        return _run_on_throwaway(["-m", "pytest", *arguments])
    spread = ["-p", "tests.lanes", "--numprocesses", str(lanes), "--no-loadscope-reorder"]
    return _run_on_throwaway(["-m", "pytest", *spread], lanes=lanes)


def run_module(module: str, arguments: list[str]) -> int:
    """This function will run a module of the checkout on throw-away services and return its status."""
    place = find_instance().root / module.replace(".", "/")
    if not (place / "__main__.py").exists() and not place.with_suffix(".py").exists():
        raise Refusal(f"This checkout has no {module}.")
    return _run_on_throwaway(["-m", module, *arguments])


def photograph(arguments: list[str]) -> int:
    """This function will photograph the pages of the running demo; its tools are those of the tests."""
    instance = prepare_for_tests()
    command = [str(instance.python), "-m", "tests.pictures", *arguments]
    return subprocess.run(command, cwd=instance.root, env={**os.environ, "PYTHONPATH": str(instance.root)}).returncode


def _run_on_throwaway(command: list[str], lanes: int = 1) -> int:
    instance = prepare_for_tests()
    with ExitStack() as stack:
        started = [stack.enter_context(throwaway_services()) for _ in range(lanes)]
        for services, variables in started:
            variables.update(offer_schema(instance, services))
        services, variables = started[0]
        of_lanes = {"TWINWALL_LANES": json.dumps([each for _, each in started])} if lanes > 1 else {}
        unwanted = ("TWINWALL_", "DJANGO_", "PYTEST_ADDOPTS", "PYTHONHOME")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
        places = {"PYTHONPATH": str(instance.root), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        sys.stdout.flush()
        child = subprocess.Popen(
            [str(services.python), *command],
            cwd=instance.root,
            env={**kept, **places, **variables, **of_lanes},
            stdin=subprocess.DEVNULL,
        )
        try:
            return child.wait()
        except KeyboardInterrupt:
            return child.wait()
