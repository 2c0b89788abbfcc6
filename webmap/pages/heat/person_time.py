"""How long people were where: the time between a helmet's fixes, laid on a 1 m raster by the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from spatial.places.models import Site

from .cells import WeightedPoint
from .levels import Heights

LONGEST_STAY = timedelta(seconds=60)
RASTER_M = 1.0
EVERYWHERE = Heights()

_SQL = """
WITH fixes AS (
    SELECT ST_Transform(ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4490), %(srid)s) AS place,
           p.fix_time,
           LEAD(p.fix_time) OVER (PARTITION BY p.device_id ORDER BY p.fix_time) AS next_time
    FROM tracks_fixes(%(site)s, %(since)s, %(until)s) p
    JOIN devices_device d ON d.id = p.device_id
    WHERE d.person_id IS NOT NULL
      AND (%(bottom)s::float8 IS NULL OR p.height_m >= %(bottom)s)
      AND (%(top)s::float8 IS NULL OR p.height_m < %(top)s)
)
SELECT floor(ST_X(place) / %(raster)s) AS east_cell,
       floor(ST_Y(place) / %(raster)s) AS north_cell,
       sum(LEAST(EXTRACT(EPOCH FROM COALESCE(next_time, %(until)s) - fix_time), %(longest)s)) / 60.0 AS minutes
FROM fixes
GROUP BY east_cell, north_cell
HAVING sum(LEAST(EXTRACT(EPOCH FROM COALESCE(next_time, %(until)s) - fix_time), %(longest)s)) > 0
"""


def person_minutes(
    site: Site, *, since: datetime, until: datetime, heights: Heights = EVERYWHERE
) -> list[WeightedPoint]:
    """This function will return person-minutes per square metre raster cell between two instants.

    A fix counts until the device's next one, 60 s at most: a helmet that fell silent stays nowhere for ever.
    Devices without a person do not count.
    """
    parameters: dict[str, Any] = {
        "site": site.id,
        "srid": site.projected_srid,
        "since": since,
        "until": until,
        "raster": RASTER_M,
        "bottom": heights.bottom_m,
        "top": heights.top_m,
        "longest": LONGEST_STAY.total_seconds(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, parameters)
        return [
            WeightedPoint((east + 0.5) * RASTER_M, (north + 0.5) * RASTER_M, float(minutes))
            for east, north, minutes in cursor.fetchall()
        ]
