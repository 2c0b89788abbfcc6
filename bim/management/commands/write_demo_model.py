"""`write_demo_model`: the demo project's IFC file, written anew from its dimensions."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bim.ifc.demo_project.write import FILE_NAME, write_demo_project


class Command(BaseCommand):
    """Write the demo's IFC4 model."""

    help = "Write the demo project's IFC4 model with ifcopenshell.api."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        default = settings.ENVIRONMENT.data_root / "demo" / FILE_NAME
        parser.add_argument("path", nargs="?", type=Path, default=default, help=f"where to write (default {default})")
        parser.add_argument("--timestamp", help="ISO 8601 time for the file header (default: now)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file and say where it is."""
        try:
            timestamp = datetime.fromisoformat(options["timestamp"]) if options["timestamp"] else timezone.now()
        except ValueError as error:
            raise CommandError(f"{options['timestamp']!r} is not an ISO 8601 time: {error}.") from error
        started = time.monotonic()
        write_demo_project(options["path"], timestamp)
        self.stdout.write(f"{options['path']} ({time.monotonic() - started:.1f} s)")
