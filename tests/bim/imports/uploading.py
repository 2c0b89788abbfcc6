"""Upload a file as the page does."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone

from bim.models import Revision
from bim.operations import queue_revision
from spatial.places.models import Site


def upload(path: Path, site: Site) -> Revision:
    with path.open("rb") as content:
        return queue_revision(site=site, content=content, file_name=path.name, actor=None, now=timezone.now())
