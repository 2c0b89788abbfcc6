"""The fence engine's machine code, compiled once for each account and version of its source.

Numba reads its cache by account (`spatial/fences/machine_code.py`): tests compile as the caller, a running instance as
its services' account, beside the loading of the demo.
"""

import hashlib
import os
import subprocess
from pathlib import Path

from deploy.instance import Instance
from deploy.refusal import Refusal
from deploy.toolchain import run_logged

SOURCES = Path("spatial") / "fences"
WARM = "from spatial.fences.engine import warm; warm()"


def machine_code_is_current(instance: Instance) -> bool:
    """This function will tell whether the caller's account has compiled the engine as it is now."""
    return _mark(instance, instance.root, os.getuid()).exists()


def compile_engine(instance: Instance, log: Path) -> None:
    """This function will compile the engine for the caller, so that no test waits for it; takes half a minute."""
    run_logged([str(instance.python), "-c", WARM], log, "The fence engine could not be compiled", {}, instance.root)
    mark = _mark(instance, instance.root, os.getuid())
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


class Compilation:
    """The engine being compiled as the services' account while other steps run; `finish` before they start."""

    def __init__(self, instance: Instance) -> None:
        self._mark = _mark(instance, instance.code_dir, instance.account.uid)
        self._log = instance.log_dir / "engine.log"
        self._process: subprocess.Popen[bytes] | None = None
        if self._mark.exists():
            return
        instance.own_folder(self._mark.parent, 0o700)
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(
                [str(instance.python), "-c", WARM],
                env=instance.process_environment(
                    PYTHONPATH=str(instance.code_dir), HOME=str(instance.home / "account")
                ),
                cwd=instance.code_dir,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                **instance.account.process_options(),
            )

    def finish(self) -> None:
        """This function will wait for the end and remember it; raises Refusal with the last words of a failure."""
        if self._process is None:
            return
        if self._process.wait() != 0:
            said = self._log.read_text(errors="replace").strip().splitlines()
            raise Refusal(
                f"The fence engine could not be compiled ({said[-1] if said else 'no words'}); see {self._log}."
            )
        self._mark.touch()
        self._process = None

    def stop(self) -> None:
        """This function will end it when the start fails before it is needed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _mark(instance: Instance, code: Path, uid: int) -> Path:
    digest = hashlib.sha256()
    for file in sorted((code / SOURCES).glob("*.py")):
        digest.update(f"{file.name} {file.stat().st_mtime_ns} {file.stat().st_size}".encode())
    digest.update((instance.root / "uv.lock").read_bytes())
    return code / "var" / "cache" / f"numba-{uid}" / f"compiled-{digest.hexdigest()[:16]}"
