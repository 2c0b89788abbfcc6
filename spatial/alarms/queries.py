"""Find alarms, and the form in which pages and the stream see one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from spatial.alarms.catalogue import policy
from spatial.alarms.models import Alarm, HazardDraft
from spatial.alarms.rules import alarm_rule
from spatial.ledger.models import Act
from spatial.rulebook.queries import edition_for, table

CALLS_FOR_HELP = ("sos", "fall", "no_motion")


def visible(user: Any) -> QuerySet[Alarm]:
    """Return the alarms on sites that a user may see, newest first."""
    return _with_names(Alarm.objects.visible_to(user))


def active_alarms(site: Any) -> QuerySet[Alarm]:
    """Return the live alarms of a site that are not cleared, newest first; late ones are only in the record."""
    return _with_names(Alarm.objects.filter(site=site, cleared_at__isnull=True, late=False))


def _with_names(rows: QuerySet[Alarm]) -> QuerySet[Alarm]:
    return rows.select_related("zone", "device", "storey").order_by("-raised_at", "-id")


def calls_for_help(site_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Return since when devices of sites have an SOS, a fall or no motion that is not over, by device."""
    signals = policy()["signals"]
    rules = [signals[kind]["rule"] for kind in CALLS_FOR_HELP]
    rows = Alarm.objects.filter(site_id__in=list(site_ids), cleared_at__isnull=True, rule__in=rules)
    found = rows.filter(device__isnull=False).order_by("-raised_at").values_list("device_id", "raised_at")
    return {device_id: raised_at for device_id, raised_at in found if device_id is not None}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def alarm_item(alarm: Alarm) -> dict[str, Any]:
    """Return an alarm as JSON for state, stream and API: names of zone, storey and person, place, and times."""
    place = alarm.location
    return {
        "id": str(alarm.pk),
        "rule": alarm.rule,
        "title": alarm.title,
        "title_en": alarm.title_en,
        "level": alarm.level,
        "late": alarm.late,
        "zone_id": str(alarm.zone_id) if alarm.zone_id else None,
        "zone": alarm.zone.name if alarm.zone else "",
        "storey": alarm.storey.name if alarm.storey else "",
        "person": alarm.person_name,
        "device": alarm.device.code if alarm.device else "",
        "lon": place.x if place else None,
        "lat": place.y if place else None,
        "h": round(float(place.z or 0), 2) if place else None,
        "raised_at": _iso(alarm.raised_at),
        "received_at": _iso(alarm.received_at),
        "acknowledged_at": _iso(alarm.acknowledged_at),
        "cleared_at": _iso(alarm.cleared_at),
    }


@dataclass(frozen=True, slots=True)
class FalseShare:
    """How many of a rule's alarms were false ones; a hint that its limit may be tuned."""

    rule: str
    name: str
    false: int
    total: int
    reason: str

    @property
    def percent(self) -> int:
        """The share of false alarms, in per cent."""
        return round(100 * self.false / self.total)


def false_shares(site: Any, *, since: datetime, names: dict[str, str], least: int = 3) -> list[FalseShare]:
    """Return the rules with at least `least` false alarms since a moment, the most first, with the usual reason."""
    rows = Alarm.objects.filter(site=site, raised_at__gte=since, disproved_at__isnull=True)
    totals = dict(rows.values_list("rule").annotate(n=Count("pk")).order_by())
    marked = rows.exclude(false_reason="").values_list("rule", "false_reason").annotate(n=Count("pk")).order_by()
    found: dict[str, dict[str, int]] = {}
    for rule, reason, count in marked:
        found.setdefault(rule, {})[reason] = count
    shares = [
        FalseShare(
            rule, names.get(rule, rule), sum(counts.values()), totals[rule], max(counts, key=lambda k: counts[k])
        )
        for rule, counts in found.items()
        if sum(counts.values()) >= least
    ]
    return sorted(shares, key=lambda row: (-row.false, row.rule))


def rule_of_site(site: Any, rule: str, *, on: datetime) -> Mapping[str, Any]:
    """Return an alarm rule (id, zh, en, level ...) as the edition of a site has it. Raises RuleUnknown."""
    return alarm_rule(table(edition_for(site, on=on), "alarm_rules"), rule)


def rule_names(site: Any, on: datetime, language: str) -> dict[str, str]:
    """Return the names of the alarm rules of a site's edition, by id, in a language of the product."""
    field = "zh" if language.startswith("zh") else "en"
    return {row["id"]: row[field] for row in table(edition_for(site, on=on), "alarm_rules")["rules"]}


def open_hazard_drafts(user: Any, site: Any) -> QuerySet[HazardDraft]:
    """Return the hazard drafts of a site that nobody has completed or dismissed, the newest first."""
    rows = HazardDraft.objects.visible_to(user).filter(site=site, hazard__isnull=True, dismissed_at__isnull=True)
    return rows.select_related("alarm__device__person", "risk_point").order_by("-opened_at")


def life_line(alarm: Alarm) -> list[Act]:
    """Return the acts on an alarm from the ledger, in the order of their signing."""
    rows = Act.objects.filter(subject_kind="alarm", subject_id=str(alarm.pk))
    return list(rows.select_related("actor").order_by("received_at", "sequence"))
