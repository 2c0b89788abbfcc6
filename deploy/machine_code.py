"""The fence engine's machine code, compiled once for each account and version of its source."""

import hashlib
import os
from pathlib import Path

from deploy.instance import Instance
from deploy.toolchain import run_logged

SOURCES = Path("spatial") / "fences"


def machine_code_is_current(instance: Instance) -> bool:
    """This function will tell whether this account has compiled the engine as it is now."""
    return _mark(instance).exists()


def compile_engine(instance: Instance, log: Path) -> None:
    """This function will compile the engine, so that no service and no test waits for it; takes half a minute."""
    command = [str(instance.python), "-c", "from spatial.fences.engine import warm; warm()"]
    run_logged(command, log, "The fence engine could not be compiled", {}, instance.root)
    mark = _mark(instance)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def _mark(instance: Instance) -> Path:
    digest = hashlib.sha256()
    for file in sorted((instance.root / SOURCES).glob("*.py")):
        digest.update(f"{file.name} {file.stat().st_mtime_ns} {file.stat().st_size}".encode())
    digest.update((instance.root / "uv.lock").read_bytes())
    return instance.root / "var" / "cache" / f"numba-{os.getuid()}" / f"compiled-{digest.hexdigest()[:16]}"
