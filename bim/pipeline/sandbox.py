"""Start the child where it can do no harm: bubblewrap with an empty network and a read-only system.

Where bubblewrap cannot run, keeper.py starts it with what the kernel gives any process: see `protection()`.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from .hand_over import remove
from .limits import Limits
from .lockdown import can_filter_calls, landlock_abi

PACKAGE_ROOT = Path(__file__).resolve().parent.parent.parent
SYSTEM_FOLDERS = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/etc/ld.so.cache", "/etc/ld.so.conf.d")
KEEPER = "bim.pipeline.keeper"
PRLIMIT = "/usr/bin/prlimit"
MACHINE_WIDE = (
    "/proc/sys",
    "/proc/sysrq-trigger",
    "/proc/irq",
    "/proc/bus",
    "/proc/fs",
)  # root owns them in any sandbox
MAX_FILE_BYTES = 8 << 30
NO_NAMESPACES = (
    "bubblewrap cannot be used on this machine: the file was read in a child process that the kernel keeps from other "
    "files and from the network (Landlock, seccomp)."
)
IMPORTED = ("bim.pipeline.child", "bim.pipeline.mesh_stage", "bim.pipeline.assembly", "bim.ifc.meshers.ifclite_process")
NO_SANDBOX = "bubblewrap cannot be used on this machine: the file was read in a child process with limits only."

INSIDE_FOLDER, INSIDE_SOURCE = Path("/import"), Path("/source/file")


def _namespaces() -> list[str]:
    """Return what the sandbox does not share: all; but root keeps its own user namespace, where it may read folders
    of the services' account before its capabilities are dropped."""
    if os.geteuid() == 0:
        return ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    return ["--unshare-all"]


@functools.cache
def bubblewrap() -> str | None:
    """Return the path of a bubblewrap that works here (user namespaces may be forbidden), or None."""
    path = shutil.which("bwrap")
    if path is None:
        return None
    trial = [path, "--ro-bind", "/", "/", *_namespaces(), "--die-with-parent", "--", "/bin/true"]
    try:
        works = subprocess.run(trial, capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return None
    return path if works else None


@functools.cache
def compile_modules() -> None:
    """Let Python keep the bytecode of what a child imports: in the sandbox it cannot, and would compile it each time.

    Costs a second after an update, nothing later; where the folders are not writable it is without effect.
    """
    stamp = Path(importlib.util.cache_from_source(str(PACKAGE_ROOT / "bim" / "pipeline" / "child.py")))
    sources = [*(PACKAGE_ROOT / "bim").rglob("*.py"), Path(sys.prefix) / "pyvenv.cfg"]
    if stamp.exists() and stamp.stat().st_mtime >= max(path.stat().st_mtime for path in sources if path.exists()):
        return
    command = [sys.executable, "-s", "-P", "-c", f"import {', '.join(IMPORTED)}"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PACKAGE_ROOT), "LANG": "C.UTF-8"}
    stamp.unlink(missing_ok=True)
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(command, capture_output=True, timeout=60, check=False, env=environment)


def paths_inside(folder: Path, source: Path) -> tuple[Path, Path]:
    """Return the work folder and the source file as the child sees them."""
    return (folder, source) if bubblewrap() is None else (INSIDE_FOLDER, INSIDE_SOURCE)


def _environment() -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(PACKAGE_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "LANG": "C.UTF-8",
        "HOME": "/tmp",
        "PROJ_NETWORK": "OFF",
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "1",
    }


def weakness() -> str | None:
    """Return the sentence for the verdict where the child is kept by less than bubblewrap, else None."""
    if bubblewrap() is not None:
        return None
    return NO_NAMESPACES if landlock_abi() and can_filter_calls() else NO_SANDBOX


def _interpreter_folders() -> list[str]:
    """Return the folders outside of /usr that Python itself needs."""
    readable = {Path(sys.prefix), Path(sys.base_prefix), Path(os.path.realpath(sys.executable)).parent.parent}
    return [root for root in sorted(str(path) for path in readable) if not root.startswith("/usr")]


def child_command(folder: Path, source: Path, limits: Limits | None = None) -> list[str]:
    """Return the command line of the child for a work folder (writable) and the source file (read-only).

    It finds nothing of the product but what the limits make visible.
    """
    limits = limits or Limits()
    python = [sys.executable, "-s", "-P", "-m", limits.module, str(paths_inside(folder, source)[0])]
    wrap = bubblewrap()
    return _kept(python, folder, source, limits) if wrap is None else _wrapped(wrap, python, folder, source, limits)


def _wrapped(wrap: str, python: list[str], folder: Path, source: Path, limits: Limits) -> list[str]:
    command = [wrap, *_namespaces(), "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    for name, value in _environment().items():
        command += ["--setenv", name, value]
    scratch = ["--size", str(limits.scratch_bytes), "--tmpfs"]
    command += [*scratch, "/tmp", "--dev", "/dev", *scratch, "/dev/shm", "--proc", "/proc"]
    for place in MACHINE_WIDE:
        command += ["--ro-bind-try", place, place]
    for place in SYSTEM_FOLDERS:
        if Path(place).is_symlink():
            command += ["--symlink", str(Path(place).readlink()), place]
        elif Path(place).exists():
            command += ["--ro-bind", place, place]
    for root in _interpreter_folders():
        command += ["--ro-bind", root, root]
    for part in limits.visible:
        command += ["--ro-bind", str(PACKAGE_ROOT / part), str(PACKAGE_ROOT / part)]
    command += ["--ro-bind", str(source), str(INSIDE_SOURCE), "--bind", str(folder), str(INSIDE_FOLDER)]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", str(INSIDE_FOLDER), "--"]
    ceilings = [f"--as={limits.memory_bytes}", f"--fsize={MAX_FILE_BYTES}", "--nofile=256", "--core=0"]
    if os.geteuid() != 0:  # in a user namespace of its own the number counts the sandbox's tasks alone
        ceilings.append(f"--nproc={limits.processes * 4}")
    return [*command, PRLIMIT, *ceilings, "--", *python]


def _kept(python: list[str], folder: Path, source: Path, limits: Limits) -> list[str]:
    orders = {
        "parent": os.getpid(),
        "command": python,
        "limits": {"as": limits.memory_bytes, "fsize": MAX_FILE_BYTES, "nofile": 256},
        "listable": [str(PACKAGE_ROOT)],
        "readable": [
            *SYSTEM_FOLDERS, *_interpreter_folders(), *(str(PACKAGE_ROOT / part) for part in limits.visible),
            str(source), "/sys/devices/system/cpu",
        ],
        "writable": [str(folder)],
    }  # fmt: skip
    return [sys.executable, "-s", "-P", "-m", KEEPER, json.dumps(orders)]


def start_child(folder: Path, source: Path, log: Path, limits: Limits | None = None) -> subprocess.Popen[bytes]:
    """Start the child; its standard output is a pipe of JSON lines, its errors go to `log`, made anew."""
    compile_modules()
    remove(log)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as errors:
        return subprocess.Popen(
            child_command(folder, source, limits),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**_environment(), "TMPDIR": str(folder)} if bubblewrap() is None else _environment(),
            cwd=folder,
            start_new_session=True,
        )
