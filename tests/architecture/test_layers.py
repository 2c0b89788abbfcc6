"""The tree is the layers: contracts, migrations, and the same file names in every app."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).parents[2]
APPS = sorted(path.parent for path in (ROOT / "spatial").glob("*/models.py"))
NAMES = {"models.py", "queries.py", "operations.py", "admin.py"}
ROLES = ("tasks", "admin", "operations", "queries", "models", "rules")
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "common.py", "misc.py"}


def sources() -> list[Path]:
    folders = ("spatial", "bim", "ingest", "webmap", "deploy")
    return [file for folder in folders for file in (ROOT / folder).rglob("*.py") if "node_modules" not in file.parts]


def imported(file: Path) -> set[str]:
    """Return the modules that a file imports, relative ones resolved."""
    package = list(file.relative_to(ROOT).with_suffix("").parts[:-1])
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            head = ".".join([*base, *([node.module] if node.module else [])])
            found |= {head, *(f"{head}.{alias.name}" for alias in node.names)}
    return found


def test_the_import_contracts_hold():
    command = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([str(command), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_migrations_are_named_by_people():
    automatic = [str(file) for file in sources() if "migrations" in file.parts and "_auto_" in file.name]
    assert automatic == []


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_every_app_has_the_same_files(app):
    assert {file.name for file in app.glob("*.py")} >= NAMES


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_inside_an_app_nothing_imports_upwards(app):
    for number, name in enumerate(ROLES):
        file = app / f"{name}.py"
        if file.exists():
            above = {f"spatial.{app.name}.{role}" for role in ROLES[:number]}
            assert not imported(file) & above, file


def test_rules_know_no_clock_and_no_framework():
    files = [*ROOT.glob("spatial/*/rules.py"), ROOT / "spatial/crs.py", ROOT / "spatial/geometry.py"]
    assert len(files) >= 6
    for file in files:
        assert not [name for name in imported(file) if name.split(".")[0] in ("django", "celery", "paho", "time")], file
        text = file.read_text(encoding="utf-8")
        assert ".now(" not in text, file
        assert ".utcnow(" not in text, file
        assert ".today(" not in text, file


def test_no_file_is_named_for_nothing():
    assert [str(file) for file in sources() if file.name in FORBIDDEN_NAMES] == []
