"""A copy of the code for services whose account cannot enter the checkout (a clone in /root)."""

import shutil

from deploy.instance import Instance

PARTS = ("spatial", "bim", "ingest", "webmap", "deploy", "locale", "docs")
SKIPPED = shutil.ignore_patterns("node_modules", "__pycache__", "*.new")


def refresh_release(instance: Instance) -> None:
    """This function will copy the code to where the services can read it, replacing the last copy."""
    new, target = instance.home / "release.new", instance.home / "release"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o755)
    for part in PARTS:
        if (instance.root / part).is_dir():
            shutil.copytree(instance.root / part, new / part, ignore=SKIPPED, symlinks=True)
    for file in ("manage.py", "pyproject.toml", "LICENSE"):
        if (instance.root / file).is_file():
            shutil.copy2(instance.root / file, new / file)
    for path in new.rglob("*"):
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    shutil.rmtree(target, ignore_errors=True)
    new.rename(target)
