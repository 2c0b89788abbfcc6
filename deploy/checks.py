"""`./twin check`: the checks on the source, and the migration check on a throw-away database."""

import os
import subprocess
import time

from deploy import frontend
from deploy.instance import Instance
from deploy.npm import node_dir
from deploy.throwaway import prepare_for_tests, throwaway_services


def commands(instance: Instance) -> dict[str, list[str]]:
    """This function will return `{title: command}` of the checks on the source, in their order."""
    tools = instance.venv / "bin"
    listed = {
        "formatting": [str(tools / "ruff"), "format", "--check", "."],
        "lint": [str(tools / "ruff"), "check", "."],
        "types": [str(tools / "mypy"), "spatial", "bim", "ingest", "webmap", "deploy"],
        "import contracts": [str(tools / "lint-imports")],
        "marks of a merge": ["sh", "-c", "! git grep -nE '^(<{7}|>{7}) '"],
        "templates": [str(tools / "djlint"), "webmap/templates", "--lint", "--quiet"],
    }
    if not any((instance.root / "webmap" / "templates").glob("**/*.html")):
        del listed["templates"]
    return listed


def run_checks() -> int:
    """This function will run every check, print the words of those that fail, and return 1 if one did."""
    instance = prepare_for_tests()
    failed = []
    with throwaway_services() as (services, variables):
        listed = commands(instance)
        listed["migrations"] = [str(services.python), "manage.py", "makemigrations", "--check", "--dry-run"]
        for title, command in listed.items():
            if not _passes(instance, title, command, variables):
                failed.append(title)
    if (frontend.frontend_dir(instance) / "package.json").exists() and not _pages_pass(instance):
        failed.append("pages")
    print(f"{len(failed)} checks failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def _passes(instance: Instance, title: str, command: list[str], variables: dict[str, str]) -> bool:
    begun = time.monotonic()
    environment = {**os.environ, **variables, "PYTHONPATH": str(instance.root)}
    done = subprocess.run(command, cwd=instance.root, env=environment, capture_output=True, text=True)
    return _report(title, done.returncode, done.stdout + done.stderr, begun)


def _pages_pass(instance: Instance) -> bool:
    begun = time.monotonic()
    node = node_dir(instance)
    npm = [
        str(node / "bin" / "node"),
        str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
        "run",
        "check",
    ]
    path = f"{node / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    folder = frontend.frontend_dir(instance)
    done = subprocess.run(npm, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    return _report("pages", done.returncode, done.stdout + done.stderr, begun)


def _report(title: str, status: int, said: str, begun: float) -> bool:
    print(f"{title}: {'passed' if status == 0 else 'FAILED'} ({time.monotonic() - begun:.1f} s)", flush=True)
    if status != 0:
        print(said.rstrip(), flush=True)
    return status == 0
