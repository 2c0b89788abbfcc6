"""`load_demo`: the demo's district, site, model, people, risks, devices and tickets."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from webmap.demo.loading.model import DemoModelRefused
from webmap.demo.loading.run import DemoLoad, DemoMissing, DemoPlace, deadline_words


class Command(BaseCommand):
    """Load the demo; running it again changes nothing that is there."""

    help = "Load the demo through the product's own operations and imports (running it again changes nothing)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--refresh-deadline",
            action="store_true",
            help="only close the ticket that went overdue and report it anew, due in about a minute, and point the "
            "simulated cameras at their ports",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and tell each step."""
        environment = settings.ENVIRONMENT
        place = DemoPlace(folder=environment.data_root / "demo", mqtt=(environment.mqtt_host, environment.mqtt_port))
        load = DemoLoad(place, self.stdout.write)
        started = time.monotonic()
        try:
            hazard = load.refresh_deadline() if options["refresh_deadline"] else load.load()
        except (DemoMissing, DemoModelRefused) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{deadline_words(hazard, timezone.now())} ({time.monotonic() - started:.1f} s)")
