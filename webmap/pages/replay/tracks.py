"""A window of the past as few numbers: per device the times and places of its fixes, thinned to a step."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from spatial.people.models import Person
from spatial.places.models import Site
from spatial.privacy.models import TrackLook
from spatial.wearing.queries import wearers_of

PEOPLE_KINDS = ("helmet", "tag")
SCALE = 10_000_000  # 1e-7 degrees, about a centimetre

_WINDOW = """
SELECT f.device_id,
       array_agg((extract(epoch FROM f.fix_time - %(start)s) * 10)::int ORDER BY f.fix_time),
       array_agg(((f.lon - %(lon)s) * %(scale)s)::int ORDER BY f.fix_time),
       array_agg(((f.lat - %(lat)s) * %(scale)s)::int ORDER BY f.fix_time),
       array_agg((f.height_m * 10)::int ORDER BY f.fix_time)
FROM (
    SELECT DISTINCT ON (device_id, floor(extract(epoch FROM fix_time) / %(step)s))
        device_id, fix_time, lon, lat, height_m
    FROM tracks_fixes(%(site)s, %(start)s, %(end)s, NULL) WHERE plausible
    ORDER BY device_id, floor(extract(epoch FROM fix_time) / %(step)s), fix_time
) AS f
JOIN devices_device AS device ON device.id = f.device_id AND device.kind = ANY(%(kinds)s)
GROUP BY f.device_id
"""


def window_of(site: Site, start: datetime, end: datetime, *, step_s: float, look: TrackLook | None) -> dict[str, Any]:
    """Return the fixes of the people of a site from `start` to `end`: times in tenths of a second after `start`,
    places in 1e-7 degrees from an origin, heights in decimetres.

    Without a look that covers the period nobody is named: a mark carries the trade, and a key that says nothing.
    """
    origin = site.location or (site.boundary.centroid if site.boundary else None)
    lon, lat = (origin.x, origin.y) if origin is not None else (0.0, 0.0)
    values: dict[str, Any] = {
        "site": site.pk, "start": start, "end": end, "step": step_s, "lon": lon, "lat": lat, "scale": SCALE,
        "kinds": list(PEOPLE_KINDS),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_WINDOW, values)
        rows = cursor.fetchall()
    named = look is not None and look.starts_at <= start and end <= look.ends_at
    who = _wearers_at([row[0] for row in rows], start + (end - start) / 2)
    return {
        "start": int(start.timestamp() * 1000),
        "end": int(end.timestamp() * 1000),
        "origin": [lon, lat],
        "named": named,
        "tracks": [
            {**_label(device_id, who, named=named), "t": t, "x": x, "y": y, "h": h} for device_id, t, x, y, h in rows
        ],
    }


def _wearers_at(device_ids: list[UUID], moment: datetime) -> Mapping[UUID, Person]:
    worn = {device_id: wearer.at(moment) for device_id, wearer in wearers_of(device_ids).items()}
    people = Person.objects.select_related("team").in_bulk([person for person in worn.values() if person])
    return {device_id: people[person] for device_id, person in worn.items() if person in people}


def _label(device_id: UUID, who: Mapping[UUID, Person], *, named: bool) -> dict[str, str]:
    person = who.get(device_id)
    trade = person.trade if person else ""
    label = person.full_name if named and person else ""
    return {"id": anonymous_key(device_id), "trade": trade, "name": label}


def anonymous_key(device_id: UUID) -> str:
    """Return a key of a device that stays the same from window to window and names nothing."""
    return hmac.new(settings.SECRET_KEY.encode(), device_id.bytes, hashlib.sha256).hexdigest()[:16]
