"""The alarm that a change of level of a condition raises: what it is called and where it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point

from spatial.alarms.conditions import Change, Condition
from spatial.alarms.models import Alarm
from spatial.alarms.raising import raise_alarm
from spatial.alarms.rules import subject_of
from spatial.alarms.titles import Words, reading_title
from spatial.observations.models import Datastream
from spatial.observations.quantities import quantity_of, unit_sign
from spatial.places.models import Storey
from spatial.places.queries import storey_of_height


def raise_for_reading(
    stream: Datastream,
    condition: Condition,
    change: Change,
    received_at: datetime,
    *,
    name: Words,
    late: bool | None = None,
    ended_at: datetime | None = None,
) -> Alarm:
    """This function will raise the alarm of a condition on a datastream, at its place, with the value reached."""
    assert change.level is not None and change.value is not None
    place = location_of(stream)
    site = stream.device.site
    storey = storey_of_height(Storey.objects.filter(site=site), place.z) if place is not None and place.z else None
    return raise_alarm(
        site=site,
        rule=condition.rule,
        level=change.level,
        title=title_of(stream, condition, change, name),
        zone=stream.zone,
        device=stream.device,
        person_name="",
        storey=storey,
        location=place,
        raised_at=change.time,
        received_at=received_at,
        late=late,
        subject=subject_of(condition.rule, datastream_id=stream.pk, key=condition.key),
        datastream=stream,
        condition=condition.key,
        value=change.value,
        risk_point=stream.risk_point,
        ended_at=ended_at,
    )


def location_of(stream: Datastream) -> Point | None:
    """Return where a datastream measures: its own place, else that of its device."""
    if stream.location is not None:
        return stream.location
    return point_of(stream.device.anchor)


def point_of(anchor: Any) -> Point | None:
    """Return the point of an anchor, the middle of what has an extent; None where nothing is anchored."""
    if anchor is None:
        return None
    shape = anchor.geometry
    point = shape if shape.geom_type == "Point" else shape.centroid
    return Point(point.x, point.y, float(point.z or 0.0) if point.hasz else 0.0, srid=4490)


def title_of(stream: Datastream, condition: Condition, change: Change, name: Words) -> Words:
    """Return the title of an alarm: rule, datastream, value with unit and the limit that was reached."""
    quantity = quantity_of(stream.quantity)
    unit = "%" if condition.basis != "value" else unit_sign(quantity.unit)
    if condition.aggregate == "ratio_to_mean_3":
        unit = "×"
    step = next(step for step in reversed(condition.steps) if step.level == change.level or step is condition.steps[0])
    device = Words.same(stream.device.name)
    where = Words.same(stream.name) if stream.name else device.then(Words(quantity.zh, quantity.en))
    places = 1 if condition.basis != "value" else max(quantity.places, 1 if condition.aggregate != "value" else 0)
    value = f"{change.value:.{places}f}"
    return reading_title(name, where, f"{value} {unit}".strip(), f"{step.operator} {step.limit:g} {unit}".strip())
