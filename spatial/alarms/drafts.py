"""Hazards that alarms speak for: opened by the clock, completed with photos by people or dismissed with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum

from spatial.alarms.catalogue import policy
from spatial.alarms.models import Alarm, HazardDraft
from spatial.alarms.policies import policy_of_alarm, policy_of_edition
from spatial.alarms.steps import AlarmRefused, check_role, record
from spatial.alarms.titles import Words
from spatial.hazards.operations import report_hazard
from spatial.ledger.operations import lock_ledgers, record_act
from spatial.notices.operations import append_event

LONGEST = timedelta(hours=72)
"""An alarm that was over before that speaks for no hazard, whatever an edition says."""


def open_drafts(*, now: datetime) -> int:
    """This function will open hazard drafts of alarms that speak for one, and return how many.

    A red alarm that was not cleared in time, an orange one that came again too often within a shift, and one of a rule
    with a count of its own (P-09: three times a day). Each alarm is considered once, and a repeat anew; each in a
    transaction of its own.
    """
    live = Alarm.objects.filter(late=False, false_reason="", disproved_at__isnull=True, draft_considered=False)
    live = live.exclude(rule__in=policy()["quiet"]["rules"])
    locked = live.select_for_update(of=("self",), skip_locked=True)
    in_time = Q(level="red", cleared_at__isnull=True) | Q(raised_at__gt=now - LONGEST)
    opened = 0
    for edition_id in live.filter(in_time).order_by().values_list("rule_edition", flat=True).distinct():
        rule = policy_of_edition(edition_id)["draft"]
        for pk in _due(live.filter(rule_edition=edition_id), rule, now):
            with transaction.atomic():
                lock_ledgers(Alarm.objects.filter(pk=pk).values_list("organisation_id", flat=True))
                for alarm in locked.select_related("site", "organisation", "zone", "device", "storey").filter(pk=pk):
                    opened += _consider(alarm, rule, now)
    return opened


def _due(live: QuerySet[Alarm], rule: dict[str, Any], now: datetime) -> list[UUID]:
    """Return the alarms of an edition that may speak for a hazard now, the oldest first."""
    since = now - timedelta(hours=rule["shift_h"])
    limit = now - timedelta(seconds=rule["red_not_cleared_s"])
    red = live.filter(level="red", cleared_at__isnull=True, raised_at__lte=limit)
    orange = live.filter(level="orange", raised_at__gt=since, raised_at__lte=now)
    ids = [*red.order_by("raised_at").values_list("pk", flat=True)[:100]]
    ids += orange.order_by("raised_at").values_list("pk", flat=True)[:500]
    for name, often in rule["often"].items():
        start = now - timedelta(hours=often["within_h"])
        rows = live.filter(rule=name, raised_at__gt=start, raised_at__lte=now).exclude(pk__in=ids)
        ids += rows.order_by("raised_at").values_list("pk", flat=True)[:500]
    return ids


def _consider(alarm: Alarm, rule: dict[str, Any], now: datetime) -> int:
    if alarm.level == "red":
        minutes = int((now - alarm.raised_at).total_seconds() // 60)
        text = _text(alarm, rule["texts"]["not_cleared"], minutes=minutes)
        return _open(alarm, HazardDraft.Cause.NOT_CLEARED, text, now)
    often = rule["often"].get(alarm.rule, {"times": rule["orange_times"], "within_h": rule["shift_h"]})
    times = _times(alarm, now - timedelta(hours=often["within_h"]), alarm.rule in rule["often"])
    if times >= often["times"]:
        text = _text(alarm, rule["texts"]["repeated"], times=times, hours=often["within_h"])
        return _open(alarm, HazardDraft.Cause.REPEATED, text, now)
    Alarm.objects.filter(pk=alarm.pk).update(draft_considered=True)
    return 0


def _text(alarm: Alarm, why: Mapping[str, str], **numbers: float) -> Words:
    """Return what a draft says: the title of its alarm, and why it speaks for a hazard."""
    title = Words(alarm.title, alarm.title_en or alarm.title)
    return title.aside(Words(why["zh"].format(**numbers), why["en"].format(**numbers)))


def _times(alarm: Alarm, since: datetime, any_level: bool) -> int:
    rows = Alarm.objects.filter(site_id=alarm.site_id, subject=alarm.subject, raised_at__gt=since)
    rows = rows if any_level else rows.filter(level="orange")
    rows = rows.filter(late=False, false_reason="", disproved_at__isnull=True)
    sums = rows.aggregate(n=Count("pk"), again=Sum("repeats"))
    return int(sums["n"] or 0) + int(sums["again"] or 0)


def _open(alarm: Alarm, cause: str, text: Words, now: datetime) -> int:
    Alarm.objects.filter(pk=alarm.pk).update(draft_considered=True)
    rule = policy_of_alarm(alarm)["draft"]
    since = now - timedelta(hours=rule["often"].get(alarm.rule, {}).get("within_h", rule["shift_h"]))
    told = HazardDraft.objects.filter(alarm__site_id=alarm.site_id, alarm__subject=alarm.subject, opened_at__gt=since)
    if told.exists():
        return 0
    local = alarm.raised_at.astimezone(ZoneInfo(alarm.site.time_zone))
    draft = HazardDraft.objects.create(
        organisation_id=alarm.organisation_id,
        site_id=alarm.site_id,
        alarm=alarm,
        cause=cause,
        risk_point_id=alarm.risk_point_id,
        description=f"{local:%Y-%m-%d %H:%M} {text.zh}",
        description_en=f"{local:%Y-%m-%d %H:%M} {text.en}",
        opened_at=now,
    )
    record(alarm, None, "open_hazard_draft", now, now, details={"cause": cause, "draft": str(draft.pk)})
    payload = {
        "draft": str(draft.pk),
        "alarm": str(alarm.pk),
        "text": draft.description,
        "text_en": draft.description_en,
    }
    append_event(site=alarm.site, kind="hazard_draft_opened", payload=payload, occurred_at=now)
    return 1


@transaction.atomic
def submit_draft(
    *, draft: HazardDraft, description: str, photos: Sequence[Any], actor: Any, now: datetime
) -> HazardDraft:
    """This function will report the hazard of a draft, with photos, at the place of its alarm.

    Raises AlarmRefused for a draft that is done with, and what `report_hazard` refuses (photos, role).
    """
    draft = _open_one(draft)
    alarm = draft.alarm
    place = alarm.location or (alarm.zone.outline.centroid if alarm.zone else None)
    if place is None:
        raise AlarmRefused("The alarm has no place: report the hazard on the site's map instead.")
    hazard = report_hazard(
        site=alarm.site,
        anchor_at={
            "lon": place.x,
            "lat": place.y,
            "height_m": place.z if place.hasz else None,
            "storey_id": alarm.storey_id,
        },
        description=description,
        photos=photos,
        found_at=alarm.raised_at,
        actor=actor,
        now=now,
        risk_point=draft.risk_point,
        source="alarm",
    )
    draft.hazard = hazard
    draft.save(update_fields=["hazard"])
    record(alarm, actor, "submit_hazard_draft", now, now, details={"hazard": hazard.number})
    return draft


@transaction.atomic
def dismiss_draft(*, draft: HazardDraft, reason: str, actor: Any, now: datetime) -> HazardDraft:
    """This function will dismiss a hazard draft with the reason. Raises AlarmForbidden, AlarmRefused."""
    draft = _open_one(draft)
    check_role(draft.alarm, actor)
    if not reason.strip():
        raise AlarmRefused("Say why this is no hazard.")
    draft.dismissed_at, draft.dismissed_by, draft.reason = now, actor, reason.strip()[:200]
    draft.save(update_fields=["dismissed_at", "dismissed_by", "reason"])
    record_act(
        organisation=draft.organisation,
        site=draft.site,
        actor=actor,
        verb="dismiss_hazard_draft",
        subject_kind="alarm",
        subject_id=draft.alarm_id,
        details={"reason": draft.reason},
        occurred_at=now,
        received_at=now,
    )
    return draft


def _open_one(draft: HazardDraft) -> HazardDraft:
    rows = HazardDraft.objects.select_for_update(of=("self",))
    related = ("organisation", "site", "risk_point", "alarm__organisation", "alarm__zone", "alarm__storey")
    sites = ("alarm__site__organisation", "alarm__site__region")
    found = rows.select_related(*related, *sites).get(pk=draft.pk)
    if found.hazard_id or found.dismissed_at:
        raise AlarmRefused("This hazard draft is done with already.")
    return found
