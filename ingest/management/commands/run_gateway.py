"""manage.py run_gateway FILE [--status]: the reference gateway, run or shown."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ingest.gateway.command import gateway_command


class Command(BaseCommand):
    help = "Run the reference gateway of a configuration file until stopped, or show how it is doing (--status)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the configuration (docs/how-to/run-a-gateway.md)")
        parser.add_argument("--status", action="store_true", help="show its state; ends with 1 when it is not running")

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(gateway_command(options["file"], status=options["status"]))
