"""What a browser posts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from spatial.hazards.models import Hazard
from tests.webmap.field_cast import LAT, LON, Cast, photo_bytes


def picture(text: str, *, taken_at: datetime | None = None) -> SimpleUploadedFile:
    """Return a JPEG as a browser uploads it."""
    return SimpleUploadedFile(f"{text}.jpg", photo_bytes(text, taken_at=taken_at), "image/jpeg")


def report(client: Client, cast: Cast, *, event_id: str, photo: str, **changes: Any) -> Any:
    """Post the report form of the phone page."""
    data = {
        "description": "二层临边栏杆缺失约3米",
        "category": "edge_protection",
        "lon": str(LON),
        "lat": str(LAT),
        "storey": str(cast.storey.id),
        "client_event_id": event_id,
        "photos": [picture(photo)],
        **changes,
    }
    return client.post(f"/sites/{cast.site.code}/hazards/new/", data)


def act(client: Client, hazard: Hazard, event: str, event_id: str, **fields: Any) -> Any:
    """Post the form of an act on the ticket's page."""
    return client.post(f"/hazards/{hazard.id}/{event}/", {"client_event_id": event_id, **fields})


def five_items(cast: Cast, **changes: Any) -> dict[str, Any]:
    """Return the five fixed items: the foreman fixes, the safety officer rechecks, the manager accepts."""
    return {
        "rectifier": str(cast.foreman.id),
        "rechecker": str(cast.safety.id),
        "acceptance_person": str(cast.manager.id),
        "measure": "补装防护栏杆",
        "deadline_class": "short",
        **changes,
    }
