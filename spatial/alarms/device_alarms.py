"""The alarm about a device and its wearer, at the place where it was last: signals, battery, silence, time on site."""

from __future__ import annotations

from datetime import datetime

from spatial.alarms.models import Alarm
from spatial.alarms.queries import rule_of_site
from spatial.alarms.raising import raise_alarm
from spatial.alarms.rules import subject_of
from spatial.alarms.titles import Words, device_title
from spatial.devices.models import Device
from spatial.tracks.queries import last_place
from spatial.zones.models import Zone


def raise_for_device(
    device: Device,
    *,
    rule: str,
    level: str,
    condition: str,
    raised_at: datetime,
    received_at: datetime,
    value: float | None = None,
    late: bool | None = None,
    ended_at: datetime | None = None,
    zone: Zone | None = None,
) -> Alarm:
    """This function will raise an alarm about a device at its last known place, with its wearer's name."""
    site = device.site
    row = rule_of_site(site, rule, on=raised_at)
    place, storey = last_place(device)
    who = device.person.full_name if device.person else device.name
    return raise_alarm(
        site=site,
        rule=rule,
        level=level,
        title=device_title(Words.of(row), who, device.code, value),
        zone=zone,
        device=device,
        person_name=device.person.full_name if device.person else "",
        storey=storey,
        location=place,
        raised_at=raised_at,
        received_at=received_at,
        late=late,
        subject=subject_of(rule, device_id=device.pk),
        condition=condition,
        value=value,
        ended_at=ended_at,
    )
