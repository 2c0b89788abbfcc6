"""`manage.py write_report --site CODE FILE`: the shareable report, written to a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from spatial.places.models import Site
from webmap.reports.contents import read_report
from webmap.reports.shareable import render_report


class Command(BaseCommand):
    help = "Write the four-colour map of a site with its tickets as one HTML file that opens offline."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--site", required=True, metavar="CODE", help="the site's code")
        parser.add_argument("--language", choices=["zh-hans", "en"], default="zh-hans")
        parser.add_argument("file", type=Path, metavar="FILE", help="where to write the report")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.select_related("organisation").filter(code=options["site"]).first()
        if site is None:
            codes = ", ".join(Site.objects.values_list("code", flat=True)) or "none yet"
            raise CommandError(f"There is no site {options['site']}. Sites: {codes}.")
        with translation.override(options["language"]):
            page = render_report(read_report(site, user=None, now=timezone.now()))
        try:
            options["file"].write_text(page, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{options['file']}: {len(page.encode()) // 1024} KB")
