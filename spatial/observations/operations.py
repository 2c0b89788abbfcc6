"""Make datastreams and set their limits; store readings by binary COPY, with the newest value and hourly counts.

Storing writes no act: it runs many times a second for facts that a device states, inside the one transaction of an
ingest batch; what follows from readings (alarms) writes acts.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import connection, transaction

from spatial.devices.models import Device
from spatial.ledger.operations import record_act
from spatial.observations.models import Datastream, LatestObservation, Observation
from spatial.observations.observation_rows import COLUMNS, ObservationRow, pack_observations
from spatial.observations.pit_limits import WALLS
from spatial.observations.quantities import quantity_of, reading_fault
from spatial.people.models import Role
from spatial.people.queries import roles_on

MAY_SET = frozenset({Role.SITE_SAFETY, Role.PROJECT_MANAGER, Role.ENTERPRISE_SAFETY})


class DatastreamRefused(ValueError):
    """A datastream cannot be made or changed as given; the message says which value and why."""


class DatastreamForbidden(DatastreamRefused):
    """The actor has no role on the site that sets limits of datastreams."""


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A reading as a device stated it; `value` is in the unit of the quantity's table."""

    device: Device
    channel: str
    quantity: str
    time: datetime
    value: float
    received_at: datetime


@dataclass
class StoredReadings:
    """What a batch of readings became.

    By datastream: its readings (event time, value), when they came, and the newest event time known before them.
    """

    streams: dict[UUID, Datastream] = field(default_factory=dict)
    readings: dict[UUID, list[tuple[datetime, float]]] = field(default_factory=dict)
    received_at: dict[UUID, datetime] = field(default_factory=dict)
    before: dict[UUID, datetime | None] = field(default_factory=dict)
    refused: list[tuple[ReadingRow, str]] = field(default_factory=list)


@transaction.atomic
def store_readings(*, rows: Iterable[ReadingRow]) -> StoredReadings:
    """This function will store readings: observations, newest values, hours.

    A device's first reading of a quantity on a channel makes its datastream. A reading of an unknown quantity or out
    of its bounds is not stored but returned with the reason.
    """
    stored = StoredReadings()
    good: list[ReadingRow] = []
    for row in rows:
        fault = reading_fault(row.quantity, row.value)
        if fault:
            stored.refused.append((row, fault))
        else:
            good.append(row)
    if not good:
        return stored
    streams = _streams_of(good)
    for row in good:
        stream = streams[(row.device.pk, row.channel, row.quantity)]
        stored.streams[stream.pk] = stream
        stored.readings.setdefault(stream.pk, []).append((row.time, row.value))
        held = stored.received_at.get(stream.pk)
        stored.received_at[stream.pk] = row.received_at if held is None else max(held, row.received_at)
    stored.before = _locked_newest(stored.streams)
    observations = [
        ObservationRow(streams[(row.device.pk, row.channel, row.quantity)].pk, row.time, row.received_at, row.value)
        for row in good
    ]
    copy_observations(rows=observations)
    _keep_newest(stored)
    return stored


@transaction.atomic
def copy_observations(*, rows: Sequence[ObservationRow]) -> int:
    """This function will store observations by one binary COPY and add them to their hours; returns how many."""
    if not rows:
        return 0
    table = Observation._meta.db_table
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        for chunk in pack_observations(rows):
            copy.write(chunk)
    _add_to_hours(rows)
    return len(rows)


@transaction.atomic
def create_datastream(
    *,
    device: Device,
    quantity: str,
    channel: str = "",
    name: str = "",
    zone: Any | None = None,
    risk_point: Any | None = None,
    location: Point | None = None,
    limits: Mapping[str, Any] | None = None,
    actor: Any | None,
    now: datetime,
) -> Datastream:
    """This function will make a datastream of a device. `limits` as in `set_limits`. Raises DatastreamRefused."""
    if quantity_fault := reading_fault(quantity, quantity_of(quantity).low):
        raise DatastreamRefused(quantity_fault)
    if Datastream.objects.filter(device=device, channel=channel, quantity=quantity).exists():
        raise DatastreamRefused(f"{device.code} has a datastream of {quantity} on channel {channel!r} already.")
    for what, row in (("zone", zone), ("risk point", risk_point)):
        if row is not None and row.site_id != device.site_id:
            raise DatastreamRefused(f"The {what} given belongs to another site.")
    stream = Datastream.objects.create(
        organisation_id=device.organisation_id,
        site_id=device.site_id,
        device=device,
        channel=channel[:40],
        quantity=quantity,
        name=name[:120],
        zone=zone,
        risk_point=risk_point,
        location=location,
        **_checked_limits(limits or {}),
    )
    LatestObservation.objects.create(datastream=stream, organisation_id=stream.organisation_id, site_id=stream.site_id)
    _record(stream, actor, now, "create_datastream", {"quantity": quantity, "channel": channel, **(limits or {})})
    return stream


@transaction.atomic
def set_limits(*, stream: Datastream, limits: Mapping[str, Any], actor: Any | None, now: datetime) -> Datastream:
    """This function will set what a datastream's design says; `actor` None is the system.

    `limits` may hold design_limit, rate_limit, monitoring_class, wall, depth_m; None takes a value away. Raises
    DatastreamRefused, DatastreamForbidden.
    """
    rows = Datastream.objects.select_for_update(of=("self",))
    stream = rows.select_related("device", "organisation", "site__organisation", "site__region").get(pk=stream.pk)
    if actor is not None and not actor.is_superuser and not roles_on(actor, stream.site) & MAY_SET:
        raise DatastreamForbidden("Only the safety officer, the project manager or the safety department sets limits.")
    checked = _checked_limits(limits)
    before = {name: getattr(stream, name) for name in checked}
    for name, value in checked.items():
        setattr(stream, name, value)
    stream.save(update_fields=list(checked))
    _record(stream, actor, now, "set_datastream_limits", {"before": before, "after": dict(checked)})
    return stream


def _checked_limits(limits: Mapping[str, Any]) -> dict[str, Any]:
    known = {"design_limit", "rate_limit", "monitoring_class", "wall", "depth_m"}
    if strange := set(limits) - known:
        raise DatastreamRefused(f"{sorted(strange)[0]} is not a limit of a datastream: {', '.join(sorted(known))}.")
    for name in ("design_limit", "rate_limit", "depth_m"):
        value = limits.get(name)
        if value is not None and not (math.isfinite(value) and value > 0):
            raise DatastreamRefused(f"{name}: must be above 0, not {value}.")
    if limits.get("monitoring_class") not in (None, 1, 2, 3):
        raise DatastreamRefused(f"monitoring_class: is 1, 2 or 3, not {limits['monitoring_class']}.")
    if limits.get("wall") and limits["wall"] not in WALLS:
        raise DatastreamRefused(f"wall: {limits['wall']!r} is none of: {', '.join(WALLS)}.")
    return dict(limits)


def make_partitions(*, first_day: date, days: int = 7) -> int:
    """This function will make the observation partitions of `days` days (UTC) from `first_day` on that are missing.

    Runs as the tables' owner through a function of the database. Returns how many were made.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT observations_make_partitions(%s, %s)", [first_day, days])
        return int(cursor.fetchone()[0])


def _streams_of(rows: Sequence[ReadingRow]) -> dict[tuple[UUID, str, str], Datastream]:
    devices = {row.device.pk: row.device for row in rows}
    wanted = {(row.device.pk, row.channel, row.quantity) for row in rows}
    found = _find_streams(devices)
    missing = sorted(wanted - found.keys(), key=str)
    if missing:
        Datastream.objects.bulk_create(
            [
                Datastream(
                    organisation_id=devices[device_id].organisation_id,
                    site_id=devices[device_id].site_id,
                    device_id=device_id,
                    channel=channel,
                    quantity=quantity,
                )
                for device_id, channel, quantity in missing
            ],
            ignore_conflicts=True,
        )
        found = _find_streams(devices)
    return {key: found[key] for key in wanted}


def _find_streams(devices: Mapping[UUID, Device]) -> dict[tuple[UUID, str, str], Datastream]:
    rows = Datastream.objects.filter(device_id__in=devices)
    found = {}
    for row in rows:
        row.device = devices[row.device_id]
        found[(row.device_id, row.channel, row.quantity)] = row
    return found


def _locked_newest(streams: Mapping[UUID, Datastream]) -> dict[UUID, datetime | None]:
    """Lock the newest values of datastreams, in one order, and return their event times."""
    rows = LatestObservation.objects.select_for_update().filter(datastream_id__in=streams).order_by("datastream_id")
    newest = {row.datastream_id: row.time for row in rows}
    if missing := sorted(streams.keys() - newest.keys()):
        LatestObservation.objects.bulk_create(
            [
                LatestObservation(
                    datastream_id=pk, organisation_id=streams[pk].organisation_id, site_id=streams[pk].site_id
                )
                for pk in missing
            ],
            ignore_conflicts=True,
        )
        newest |= {row.datastream_id: row.time for row in rows.filter(datastream_id__in=missing)}
    return newest


_KEEP_NEWEST = """
UPDATE observations_latestobservation AS held SET time = given.time, received_at = given.received, value = given.value
FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::float8[]) AS given(id, time, received, value)
WHERE held.datastream_id = given.id AND (held.time IS NULL OR held.time <= given.time)
"""
_ADD_TO_HOURS = """
INSERT INTO observations_observedhour AS held (datastream_id, hour, count, minimum, maximum, total)
SELECT * FROM unnest(%s::uuid[], %s::timestamptz[], %s::int[], %s::float8[], %s::float8[], %s::float8[])
ON CONFLICT (datastream_id, hour) DO UPDATE SET
    count = held.count + excluded.count, minimum = least(held.minimum, excluded.minimum),
    maximum = greatest(held.maximum, excluded.maximum), total = held.total + excluded.total
"""


def _keep_newest(stored: StoredReadings) -> None:
    newest = {pk: max(readings) for pk, readings in stored.readings.items()}
    ids = sorted(newest)
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP_NEWEST,
            [
                ids,
                [newest[pk][0] for pk in ids],
                [stored.received_at[pk] for pk in ids],
                [newest[pk][1] for pk in ids],
            ],
        )


def _add_to_hours(rows: Sequence[ObservationRow]) -> None:
    hours: dict[tuple[UUID, datetime], list[float]] = defaultdict(list)
    for row in rows:
        hours[(row.datastream_id, row.time.replace(minute=0, second=0, microsecond=0))].append(row.value)
    keys = sorted(hours)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD_TO_HOURS,
            [
                [key[0] for key in keys],
                [key[1] for key in keys],
                [len(hours[key]) for key in keys],
                [min(hours[key]) for key in keys],
                [max(hours[key]) for key in keys],
                [math.fsum(hours[key]) for key in keys],
            ],
        )


def _record(stream: Datastream, actor: Any | None, now: datetime, verb: str, details: dict[str, Any]) -> None:
    record_act(
        organisation=stream.organisation,
        site=stream.site,
        actor=actor,
        verb=verb,
        subject_kind="datastream",
        subject_id=stream.pk,
        details={"device": stream.device.code, **details},
        occurred_at=now,
        received_at=now,
    )
