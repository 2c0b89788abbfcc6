"""manage.py import_site_map FILE --site CODE --control-points FILE.json"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ingest.rasters.affine import DEFAULT_LIMIT_M
from ingest.rasters.operations import SiteMapRefused, import_site_map
from spatial.places.models import Site


class Command(BaseCommand):
    help = "Georeference a site plan (a picture) by control points."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--site", required=True, help="code of the site")
        parser.add_argument("--control-points", type=Path, required=True, help="JSON list of pixel and map")
        parser.add_argument("--name", help="default: the file's stem")
        parser.add_argument("--limit-m", type=float, default=DEFAULT_LIMIT_M, help="largest RMS, default 0.5")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(code=options["site"]).select_related("organisation").first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.")
        try:
            points = json.loads(options["control_points"].read_text(encoding="utf-8"))
            with options["file"].open("rb") as image:
                site_map = import_site_map(
                    site=site,
                    name=options["name"] or options["file"].stem,
                    image=image,
                    file_name=options["file"].name,
                    control_points=points,
                    actor=None,
                    now=timezone.now(),
                    limit_m=options["limit_m"],
                )
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        except json.JSONDecodeError as error:
            raise CommandError(f"{options['control_points']} is not JSON: {error}.") from error
        except SiteMapRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Imported {site_map.name}: RMS {site_map.residual_rms_m:.3f} m ({site_map.pk}).")
