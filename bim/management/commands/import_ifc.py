"""`import_ifc`: import an IFC file from the shell, by the same pipeline as the import page."""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bim.operations import import_file
from bim.pipeline.supervise import Progress
from bim.verdicts import REFUSED, Verdict

EXIT_REFUSED = 2
_CODE = re.compile(r"^[A-Za-z0-9_-]{1,40}$")


class Command(BaseCommand):
    """Import an IFC file into a site and print its verdict; exit status 0, or 2 where it was refused."""

    help = "Import an IFC file (.ifc or .ifczip) into a site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path, help="the IFC file")
        parser.add_argument("--site", required=True, help="the site's code; an unknown site is created")
        parser.add_argument("--model", default="", help="the model's name (default: the file's name without ending)")
        parser.add_argument("--limit", type=float, help="seconds that it may take")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and print."""
        if not _CODE.match(options["site"]):
            raise CommandError(f"{options['site']!r} is not a site code (letters, digits, - and _, up to 40).")
        if options["limit"] is not None and options["limit"] < 5:
            raise CommandError("--limit must be at least 5 seconds.")
        verdict = import_file(
            path=options["file"],
            site_code=options["site"],
            model_name=options["model"],
            limit_s=options["limit"],
            on_progress=_say_nothing if options["json"] else self._show,
        )
        self.stdout.write(json.dumps(verdict, ensure_ascii=False) if options["json"] else _sentences(verdict))
        if verdict["verdict"] == REFUSED:
            sys.exit(EXIT_REFUSED)

    def _show(self, progress: Progress) -> None:
        self.stderr.write(f"{progress.percent:5.1f} %  {progress.stage}", ending="\r")


def _say_nothing(_progress: Progress) -> None:
    """Keep standard output one JSON object and the error output empty."""


def _sentences(verdict: Verdict) -> str:
    if verdict["verdict"] == REFUSED:
        return f"Refused: {verdict['reason']}"
    lines = [
        f"{verdict['verdict']}: {verdict['elements']} elements, {verdict['meshed']} with a shape, "
        f"{len(verdict['gaps'])} gaps, {verdict['storeys']} storeys, {verdict['seconds']:.1f} s.",
        verdict["georeference"].get("explanation", ""),
    ]
    lines += [f"gap {gap['global_id']} {gap['ifc_class']}: {gap['reason']}" for gap in verdict["gaps"]]
    if verdict["reason"]:
        lines.append(verdict["reason"])
    return "\n".join(line for line in lines if line)
