"""What the proofs of imports share: Django on the throw-away services, folders of their own, the page they write."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path

from deploy.instance import ROOT

PAGES = ROOT / "docs" / "proofs"


def prepare() -> tuple[Path, list[Path]]:
    """Bring up Django on the throw-away database; return a folder for files and the folders that imports write to."""
    if "TWINWALL_TEST_FOLDER" not in os.environ:
        sys.exit("A proof needs services of its own; run it with: ./twin prove")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmap.project.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    folder = Path(os.environ["TWINWALL_TEST_FOLDER"]) / "proof"
    settings.TWINWALL_DATA_ROOT, settings.MEDIA_ROOT = folder / "data", folder / "media"
    watched = [folder / "data", folder / "media"]
    for each in (folder / "files", *watched):
        each.mkdir(parents=True, exist_ok=True)
    return folder / "files", watched


def versions() -> str:
    """Return the versions that the result depends on."""
    engines = ", ".join(f"{name} {version(name)}" for name in ("ifcopenshell", "ifclite-geom"))
    return f"{engines}, Python {sys.version.split()[0]}"


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Return a Markdown table as lines."""
    cells = [[cell.replace("|", "/").replace("\n", " ") for cell in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *cells]]


def write_page(name: str, lines: list[str]) -> None:
    """Write docs/proofs/NAME.md."""
    PAGES.mkdir(parents=True, exist_ok=True)
    (PAGES / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
