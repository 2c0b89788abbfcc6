"""manage.py import_zones FILE --site CODE"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ingest.vectors.operations import import_zones
from ingest.vectors.zones_geojson import ZonesRefused
from spatial.places.models import Site


class Command(BaseCommand):
    help = "Import the zones of a GeoJSON FeatureCollection: all of them, or none."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--site", required=True, help="code of the site")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(code=options["site"]).select_related("organisation").first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.")
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        try:
            zones = import_zones(
                site=site, content=content, file_name=options["file"].name, actor=None, now=timezone.now()
            )
        except ZonesRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Imported {len(zones)} zones on {site.code}.")
