"""manage.py write_broker_credentials: write the broker's password and access files from the registered
devices."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from spatial.devices.operations import write_broker_credentials


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Write mosquitto.passwd and mosquitto.acl (mode 600) into the secrets folder or FOLDER."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"] or Path(settings.TWINWALL_SECRETS_DIR)
        devices = write_broker_credentials(folder=folder)
        self.stdout.write(f"{devices} devices may connect; files written to {folder}.")
