"""A muster in words and numbers for the page and the report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from spatial.musters.models import Muster, MusterEntry
from spatial.musters.queries import MusterNow, Standing
from spatial.musters.rules import is_safe


@dataclass(frozen=True)
class Line:
    """Somebody as the page shows them."""

    entry: MusterEntry
    state: str
    words: str
    place: str
    ago: str
    href: str


@dataclass(frozen=True)
class StoreyLines:
    """The missing of one last probable storey."""

    name: str
    lines: list[Line]


def state_words(state: str) -> str:
    """Return what a state means."""
    words = {
        "safe_ticked": _("safe (told by a person)"),
        "safe_here": _("in the assembly area"),
        "moving": _("on the way"),
        "silent": _("no signal"),
        "never_seen": _("no position known"),
    }
    return words.get(state, state)


def ago_words(duration: timedelta) -> str:
    """Return a duration in short."""
    seconds = max(0, int(duration.total_seconds()))
    if seconds < 90:
        return _("%(number)s s") % {"number": seconds}
    if seconds < 5400:
        return _("%(number)s min") % {"number": seconds // 60}
    return _("%(hours)s h %(minutes)s min") % {"hours": seconds // 3600, "minutes": seconds % 3600 // 60}


def line_of(one: Standing, site: Any, now: datetime) -> Line:
    """Return one person as the page shows them."""
    fix = one.fix
    place = (fix.assembly or fix.storey or _("outside")) if fix else ""
    href = f"/sites/{site.code}/map/#at={fix.lat:.7f},{fix.lon:.7f}" if fix else ""
    return Line(one.entry, one.state, state_words(one.state), place, ago_words(now - fix.at) if fix else "", href)


def missing_lines(found: MusterNow, site: Any, now: datetime) -> list[StoreyLines]:
    """Return the missing by their last probable storey, the lowest first, nobody-knows-where last."""
    by_storey: dict[str, list[Line]] = {name: [] for name, _count in found.missing_by_storey}
    for one in found.missing:
        by_storey[one.fix.storey if one.fix else ""].append(line_of(one, site, now))
    return [StoreyLines(name or _("outside or not known"), lines) for name, lines in by_storey.items()]


def report_context(muster: Muster) -> dict[str, Any]:
    """Return what the report of an ended muster says."""
    zone = ZoneInfo(muster.site.time_zone)
    entries = list(MusterEntry.objects.filter(muster=muster).select_related("ticked_by"))
    rows: list[dict[str, Any]] = [
        {
            "entry": entry,
            "safe": is_safe(entry.final_state),  # type: ignore[arg-type]
            "words": state_words(entry.final_state),
            "seen": f"{entry.final_seen_at.astimezone(zone):%H:%M:%S}" if entry.final_seen_at else "",
            "ticked": f"{entry.ticked_at.astimezone(zone):%H:%M:%S} {entry.ticked_by}" if entry.ticked_at else "",
        }
        for entry in entries
    ]
    rows.sort(key=lambda row: (row["safe"], row["entry"].name))
    ended = muster.ended_at or muster.started_at
    return {
        "muster": muster,
        "site": muster.site,
        "rows": rows,
        "safe": sum(bool(row["safe"]) for row in rows),
        "missing": sum(not row["safe"] for row in rows),
        "started": f"{muster.started_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        "ended": f"{ended.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        "lasted": ago_words(ended - muster.started_at),
    }
