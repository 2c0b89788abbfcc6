"""Why a place has its colour, in words: every reason names its source and since when (spec 02.3)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from spatial.zones.rules import RISK_POINT as RISK_POINT_KIND

TEMPLATES: Final[dict[str, str]] = {
    "HAZ_GENERAL_OPEN": gettext_noop("Ticket %(label)s open since %(since)s"),
    "HAZ_GENERAL_MANY": gettext_noop("Three or more open tickets since %(since)s (%(label)s)"),
    "HAZ_GENERAL_OVERDUE": gettext_noop("Ticket %(label)s overdue since %(since)s"),
    "HAZ_GENERAL_OVERDUE7": gettext_noop("Ticket %(label)s more than 7 days overdue since %(since)s"),
    "HAZ_MAJOR_SUSPECTED": gettext_noop("Ticket %(label)s suspected to be a major hazard since %(since)s"),
    "HAZ_MAJOR_OPEN": gettext_noop("Major hazard %(label)s since %(since)s"),
    "ALARM_RED": gettext_noop("Red alarm: %(label)s, since %(since)s"),
    "ALARM_ORANGE": gettext_noop("Orange alarm: %(label)s, since %(since)s"),
    "ALARM_YELLOW": gettext_noop("Yellow alarm: %(label)s, since %(since)s"),
    "ALARM_BLUE": gettext_noop("Blue alarm: %(label)s, since %(since)s"),
    "CONTROL_MISSED": gettext_noop("Check missed: %(label)s, since %(since)s"),
    "SENSOR_LOST": gettext_noop("Sensor silent: %(label)s, since %(since)s"),
    "WEATHER_LIMIT": gettext_noop("Weather limit passed: %(label)s, since %(since)s"),
    "MANUAL_RAISE": gettext_noop("Raised by the safety officer: %(label)s, since %(since)s"),
}
RISK_POINT: Final = gettext_noop("Risk point %(label)s, grade of its own risk")
OTHER: Final = gettext_noop("%(kind)s: %(label)s, since %(since)s")


def clock_text(moment: datetime, *, now: datetime, time_zone: str) -> str:
    """Return a moment as people on the site say it: the time of today, else date and time."""
    zone = ZoneInfo(time_zone)
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    return local.strftime("%H:%M:%S") if local.date() == today else local.strftime("%Y-%m-%d %H:%M:%S")


def reason_text(*, kind: str, label: str, since: datetime | None, now: datetime, time_zone: str) -> str:
    """Return the sentence of one reason in the active language."""
    if since is None or kind == RISK_POINT_KIND:
        return _(RISK_POINT) % {"label": label}
    values = {"kind": kind, "label": label, "since": clock_text(since, now=now, time_zone=time_zone)}
    return _(TEMPLATES.get(kind, OTHER)) % values


def reason_url(*, source_kind: str, source_id: str, site_code: str) -> str:
    """Return the page of what a reason names, or nothing when it has none."""
    if source_kind == "hazard":
        return f"/hazards/{source_id}/"
    if source_kind == "patrol":
        return f"/patrols/{source_id}/"
    if source_kind == "alarm":
        return f"/sites/{site_code}/map/#alarm-{source_id}"
    if source_kind == "risk_point":
        return f"/sites/{site_code}/?risk={source_id}"
    return ""


def edition_url(edition: str) -> str:
    """Return the page of the rule edition that a reason names ("pack version"), or nothing when it names none."""
    pack, _space, version = edition.rpartition(" ")
    return f"/rules/editions/{pack}/{version}/" if pack and version else ""


def reason_of(reason: Any, *, now: datetime, time_zone: str, site_code: str) -> dict[str, Any]:
    """Return a `spatial.zones` reason as the API and the stream speak it."""
    return {
        "kind": reason.kind,
        "text": reason_text(kind=reason.kind, label=reason.label, since=reason.since, now=now, time_zone=time_zone),
        "since": reason.since,
        "grade": reason.grade,
        "url": reason_url(source_kind=reason.source_kind, source_id=str(reason.source_id), site_code=site_code),
        "edition": str(reason.edition or ""),
        "edition_url": edition_url(str(reason.edition or "")),
    }


def without_repeats(reasons: Iterable[Any]) -> list[Any]:
    """Return the reasons in their order, of each repeated alarm (same kind, grade and words) only the newest."""
    newest: dict[tuple[Any, ...], Any] = {}
    for reason in reasons:
        is_alarm = reason.source_kind == "alarm"
        key = (reason.kind, reason.grade, reason.label) if is_alarm else (reason.kind, reason.source_id, reason.since)
        known = newest.get(key)
        if known is None or (reason.since and known.since and reason.since > known.since):
            newest[key] = reason
    return list(newest.values())
