"""The Python environment, locked by uv; uv itself comes from PyPI into a private environment.

Mirrors are honoured where pip knows one (`PIP_INDEX_URL` or pip's configuration).
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.instance import Instance
from deploy.refusal import Refusal

UV = "uv==0.13.9"
HELP = "Check that this machine reaches its Python package server (PIP_INDEX_URL names a mirror) and try again"


def environment_is_current(instance: Instance, *, for_tests: bool) -> bool:
    """This function will tell whether the locked packages are already installed."""
    stamp = instance.venv / "twinwall.lock"
    if not instance.python.exists() or not stamp.exists():
        return False
    digest, _, group = stamp.read_text().strip().partition(" ")
    return digest == _lock_digest(instance.root) and (group == "dev" or not for_tests)


def prepare_environment(instance: Instance, *, for_tests: bool, log: Path) -> None:
    """This function will install the locked packages, with the development group for tests.

    Raises Refusal when the package server fails; an environment that did not exist is then removed again.
    """
    fresh = not instance.venv.exists()
    uv = _bootstrap_uv(instance, log)
    try:
        _synchronise(instance, uv, for_tests=for_tests, log=log)
    except Refusal:
        if fresh:
            shutil.rmtree(instance.venv, ignore_errors=True)
        raise
    group = "dev" if for_tests or (instance.venv / "bin" / "pytest").exists() else "run"
    (instance.venv / "twinwall.lock").write_text(f"{_lock_digest(instance.root)} {group}\n")


def _lock_digest(root: Path) -> str:
    return hashlib.sha256((root / "uv.lock").read_bytes() + (root / "pyproject.toml").read_bytes()).hexdigest()


def _bootstrap_uv(instance: Instance, log: Path) -> Path:
    folder = instance.var / "bootstrap"
    uv, stamp = folder / "bin" / "uv", folder / "twinwall.uv"
    if uv.exists() and stamp.exists() and stamp.read_text() == UV:
        return uv
    shutil.rmtree(folder, ignore_errors=True)
    run_logged([sys.executable, "-m", "venv", str(folder)], log, "A private Python environment could not be made", {})
    pip = [
        str(folder / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--quiet",
        UV,
    ]
    try:
        run_logged(pip, log, "uv could not be fetched", {})
    except Refusal:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    stamp.write_text(UV)
    return uv


def _synchronise(instance: Instance, uv: Path, *, for_tests: bool, log: Path) -> None:
    settings = {
        "UV_PROJECT_ENVIRONMENT": str(instance.venv),
        "UV_CACHE_DIR": str(instance.var / "cache" / "uv"),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_CONFIG": "1",
        "UV_HTTP_TIMEOUT": "120",
    }
    group = ["--group", "dev"] if for_tests else []
    python = [] if instance.python.exists() else ["--python", sys.executable]
    mirror = _mirror(instance)
    failed = "The Python packages could not be installed"
    if mirror is None:
        run_logged([str(uv), "sync", "--frozen", "--inexact", *group, *python], log, failed, settings, instance.root)
        return
    wanted = instance.var / "requirements.txt"
    export = [
        str(uv),
        "export",
        "--frozen",
        "--no-emit-project",
        "--quiet",
        *group,
        "--output-file",
        str(wanted),
    ]
    run_logged(export, log, failed, settings, instance.root)
    if python:
        run_logged([str(uv), "venv", *python, str(instance.venv)], log, failed, settings)
    target = ["--python", str(instance.python), "--index-url", mirror, "--require-hashes"]
    run_logged(
        [str(uv), "pip", "install", *target, "--requirements", str(wanted)],
        log,
        failed,
        settings,
        instance.root,
    )


def _mirror(instance: Instance) -> str | None:
    """Return the package index that pip is told to use, None for PyPI itself."""
    pip = [str(instance.var / "bootstrap" / "bin" / "python"), "-m", "pip", "config", "list"]
    for line in subprocess.run(pip, capture_output=True, text=True).stdout.splitlines():
        name, _, value = line.partition("=")
        if name.endswith(".index-url") and "pypi.org" not in value:
            return value.strip().strip("'\"")
    return None


def run_logged(
    command: list[str], log: Path, failed: str, settings: dict[str, str], folder: Path | None = None
) -> None:
    """This function will run a command with its words in the log; raises Refusal with its last line when it fails."""
    unwanted = ("UV_", "VIRTUAL_ENV", "PYTHON")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    with log.open("a+", encoding="utf-8") as out:
        start = out.tell()
        done = subprocess.run(
            command,
            env={**environment, **settings},
            cwd=folder,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        out.seek(start)
        said = [line.strip() for line in out.read().splitlines() if line.strip()]
    if done.returncode != 0:
        last = said[-1] if said else f"exit status {done.returncode}"
        raise Refusal(f"{failed} ({last}). {HELP}; details are in {log}.")
