"""`manage.py check_colour_cases FILE`: run a case file through the colour rule and through the SQL."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from spatial.rulebook.queries import current_edition, table
from spatial.zones.cases import CaseInvalid, check_cases
from spatial.zones.rules import KindUnknown


class Command(BaseCommand):
    """Compare both implementations of the colour rule with a case file."""

    help = "Run cases in the form of zone_algebra_cases.json through the colour rule and the SQL that maps use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file."""
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Name each difference; exit status 1 where there is one."""
        try:
            document = json.loads(options["file"].read_text(encoding="utf-8"))
            content = table(current_edition(on=timezone.now().date()), "zone_triggers")
            differences = check_cases(document, content)
        except (OSError, json.JSONDecodeError, CaseInvalid, KindUnknown, KeyError, TypeError) as error:
            raise CommandError(f"{options['file']} cannot be checked: {error}") from error
        for difference in differences:
            self.stdout.write(difference)
        self.stdout.write(f"{len(document['cases'])} cases, {len(differences)} differences (rule and SQL)")
        if differences:
            sys.exit(1)
