"""manage.py backfill_positions DEVICE FILE: take a file of held-back fixes, checked whole and stored in pieces."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ingest.backfill_files import FileRefused
from ingest.backfill_jobs import KINDS
from ingest.directory import Directory
from ingest.posted import FileInterrupted, take_file


class Command(BaseCommand):
    help = "Take a file of held-back fixes of a device (.jsonl, .csv or .twb). Nothing is stored when a line is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("device", help="code of the device")
        parser.add_argument("file", type=Path)
        parser.add_argument("--crs", default="CGCS2000", help="CGCS2000, WGS84, GCJ-02 or grid:CODE (not for .twb)")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        kind = KINDS.get(file.suffix.lower())
        if kind is None:
            raise CommandError(f"{file.name}: the name must end in {', '.join(KINDS)}.")
        sender = Directory(lambda: 0.0).devices([options["device"]]).get(options["device"])
        if sender is None:
            raise CommandError(f"{options['device']} is not the code of a device in use.")
        try:
            content = file.read_bytes()
            answer = take_file(sender=sender, content=content, kind=kind, frame=options["crs"], now=timezone.now())
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except FileRefused as refused:
            lines = "\n".join(f"{file.name}:{fault.line}: {fault.reason}" for fault in refused.faults)
            raise CommandError(f"{lines}\nNothing was stored.") from refused
        except FileInterrupted as interrupted:
            raise CommandError(str(interrupted)) from interrupted
        self.stdout.write(f"{answer.taken} fixes taken, {answer.duplicate} were there already.")
