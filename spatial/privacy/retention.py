"""Positions past their time become counts of hours and are removed: run daily, provable by its acts and counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from spatial.devices.models import RefusedMessage
from spatial.ledger.operations import record_act
from spatial.places.models import Organisation, Site
from spatial.tracks.folding import drop_empty_partitions, forget_tracks

from .queries import policy_of
from .rules import TrackingPolicy

CHUNK = timedelta(hours=6)


def age_out_all(*, now: datetime) -> int:
    """This function will age out the positions of every site, drop the day tables left empty, and return how many
    positions were removed."""
    removed = sum(age_out(site=site, now=now) for site in Site.objects.select_related("organisation").order_by("code"))
    drop_empty_partitions(before=(now - timedelta(days=1)).date())
    return removed


@transaction.atomic
def forget_refused(*, now: datetime) -> int:
    """This function will delete refused messages past the days of their tenant (the strict default where the site is
    not known), and return how many: what they hold may be places of people too."""
    gone = 0
    for organisation in Organisation.objects.order_by("path"):
        cut = now - timedelta(days=policy_of(organisation).retention_days)
        gone += RefusedMessage.objects.filter(site__organisation=organisation, received_at__lt=cut).delete()[0]
    cut = now - timedelta(days=TrackingPolicy().retention_days)
    return gone + RefusedMessage.objects.filter(site=None, received_at__lt=cut).delete()[0]


def age_out(*, site: Any, now: datetime) -> int:
    """This function will turn a site's positions that are older than its policy keeps into counts of hours by zone,
    remove them, and return how many there were.

    Whole hours only; each six hours in a transaction of their own, so that a run that is cut off has lost nothing
    and counted nothing twice.
    """
    kept = policy_of(site.organisation).retention_days
    cut = (now - timedelta(days=kept)).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    removed = 0
    while (start := _oldest(site, cut)) is not None:
        removed += _age_out_part(site, start, min(start + CHUNK, cut))
    if removed:
        _record(site, {"before": cut, "days": kept, "positions": removed}, now)
    return removed


def _oldest(site: Any, cut: datetime) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST, {"site": site.pk, "cut": cut})
        found = cursor.fetchone()[0]
    return found.astimezone(UTC).replace(minute=0, second=0, microsecond=0) if found else None


@transaction.atomic
def _age_out_part(site: Any, since: datetime, until: datetime) -> int:
    values = {"site": site.pk, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(_COUNT, values)
    return forget_tracks(site=site, since=since, until=until)


@transaction.atomic
def _record(site: Any, details: dict[str, Any], now: datetime) -> None:
    record_act(
        organisation=site.organisation,
        site=site,
        actor=None,
        verb="age_out_positions",
        subject_kind="site",
        subject_id=site.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )


_LOCK = "SELECT pg_advisory_xact_lock(hashtext('privacy_age_out'))"
_OLDEST = """
SELECT least(
    (SELECT min(fix_time) FROM tracks_position WHERE site_id = %(site)s AND fix_time < %(cut)s),
    (SELECT min(starts_at) FROM tracks_tracksegment WHERE site_id = %(site)s AND starts_at < %(cut)s)
)
"""
_COUNT = """
WITH fixes AS MATERIALIZED (
    SELECT device_id, date_trunc('hour', fix_time, 'UTC') AS hour, height_m,
           ST_SetSRID(ST_MakePoint(lon, lat), 4490) AS point
    FROM tracks_fixes(%(site)s, %(since)s, %(until)s) WHERE plausible
)
INSERT INTO privacy_hourcount AS held (site_id, zone_id, hour, devices, positions)
SELECT %(site)s, NULL, hour, count(DISTINCT device_id), count(*) FROM fixes GROUP BY hour
UNION ALL
SELECT %(site)s, zone.id, hour, count(DISTINCT device_id), count(*)
FROM fixes JOIN zones_zone zone ON zone.site_id = %(site)s AND ST_Covers(zone.outline, fixes.point)
    AND (zone.bottom_m IS NULL OR fixes.height_m >= zone.bottom_m)
    AND (zone.top_m IS NULL OR fixes.height_m <= zone.top_m)
GROUP BY zone.id, hour
ON CONFLICT ON CONSTRAINT hour_count_once DO UPDATE
SET devices = greatest(held.devices, excluded.devices), positions = held.positions + excluded.positions
"""
