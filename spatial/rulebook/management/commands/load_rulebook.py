"""`manage.py load_rulebook`: store the editions of the rule tables that this version carries."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from spatial.rulebook.operations import EditionChanged, load_editions
from spatial.rulebook.rules import PackInvalid


class Command(BaseCommand):
    """Load rule editions; running it again changes nothing."""

    help = "Store the editions of the rule tables that this version carries (running it again changes nothing)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and name each edition with its hash."""
        try:
            for edition in load_editions():
                self.stdout.write(f"{edition} {edition.sha256}")
        except (EditionChanged, PackInvalid) as error:
            raise CommandError(str(error)) from error
