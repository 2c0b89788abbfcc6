"""The front-end build, with the Node that comes as a Python wheel; skipped while its inputs are unchanged."""

import gzip
import hashlib
import os
import subprocess
from pathlib import Path

from deploy.instance import Instance
from deploy.npm import install_packages, run_npm
from deploy.refusal import Refusal

IGNORED = {"node_modules", "dist", ".vite"}
PACKED_FROM = 4096
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
    install_packages(instance, folder, log)
    run_npm(instance, folder, ["run", "build"], log)
    (_build_dir(instance) / "inputs.sha256").write_text(digest)


def pack_libraries(instance: Instance) -> int:
    """This function will write `name.gz` beside the large scripts of packages that pages load; WhiteNoise sends those.

    Returns how many it wrote. Our own build packs itself (`copy_cesium.mjs`).
    """
    written = 0
    for folder in instance.venv.glob("lib/python*/site-packages/leaflet/static/leaflet"):
        for source in [*folder.glob("*.js"), *folder.glob("*.css")]:
            packed = source.with_name(f"{source.name}.gz")
            if source.stat().st_size < PACKED_FROM or packed.exists():
                continue
            packed.write_bytes(gzip.compress(source.read_bytes(), 9, mtime=0))
            written += 1
    return written


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
