"""Start the child where it can do no harm: bubblewrap with an empty network and a read-only system."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGE_ROOT = Path(__file__).resolve().parent.parent.parent
SYSTEM_FOLDERS = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/etc/ld.so.cache", "/etc/ld.so.conf.d")
OURS_INSIDE = ("bim", "spatial/__init__.py", "spatial/crs.py")
CHILD = "bim.pipeline.child"
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


def child_command(folder: Path, source: Path, module: str = CHILD) -> list[str]:
    """Return the command line of the child for a work folder (writable) and the source file (read-only).

    `module` is run with the folder as its argument; it finds nothing of the product but the package `bim`.
    """
    python = [sys.executable, "-s", "-P", "-m", module, str(paths_inside(folder, source)[0])]
    wrap = bubblewrap()
    if wrap is None:
        return python
    command = [wrap, *_namespaces(), "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    for name, value in _environment().items():
        command += ["--setenv", name, value]
    command += ["--tmpfs", "/tmp", "--dev", "/dev", "--proc", "/proc"]
    for place in SYSTEM_FOLDERS:
        if Path(place).is_symlink():
            command += ["--symlink", str(Path(place).readlink()), place]
        elif Path(place).exists():
            command += ["--ro-bind", place, place]
    readable = {Path(sys.prefix), Path(sys.base_prefix), Path(os.path.realpath(sys.executable)).parent.parent}
    for root in sorted(str(path) for path in readable):
        if not root.startswith("/usr"):
            command += ["--ro-bind", root, root]
    for part in OURS_INSIDE:
        command += ["--ro-bind", str(PACKAGE_ROOT / part), str(PACKAGE_ROOT / part)]
    command += ["--ro-bind", str(source), str(INSIDE_SOURCE), "--bind", str(folder), str(INSIDE_FOLDER)]
    return [*command, "--chdir", str(INSIDE_FOLDER), "--", *python]


def start_child(folder: Path, source: Path, log: Path, module: str = CHILD) -> subprocess.Popen[bytes]:
    """Start the child; its standard output is a pipe of JSON lines, its errors go to `log`."""
    with log.open("wb") as errors:
        return subprocess.Popen(
            child_command(folder, source, module),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_environment(),
            cwd=folder,
            start_new_session=True,
        )
