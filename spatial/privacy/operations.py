"""Publish what is kept, look at a track with a purpose, count what is not kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from spatial.ledger.operations import record_act
from spatial.people.models import Person, Role
from spatial.people.queries import roles_on

from .models import Consent, Policy, TrackLook
from .queries import LOOKERS, policy_row
from .rules import Tracking, purpose_fault


class LookRefused(ValueError):
    """A track is not shown, or a policy not published; `code` names the sentence, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@transaction.atomic
def open_track(
    *,
    viewer: Any,
    purpose: str,
    period: tuple[datetime, datetime],
    now: datetime,
    person: Person | None = None,
    site: Any | None = None,
) -> TrackLook | None:
    """This function will let a viewer see where a person (or, with `site` and no person, everybody) was.

    Call it before a person's past is shown. It asks for a purpose and writes who, when, which period and why, which
    the person can read. People look at their own track without it: None is returned and nothing written. Raises
    LookRefused.
    """
    site = person.site if person is not None else site
    if site is None:
        raise ValueError("Name a person or a site.")
    if person is not None and person.user_id is not None and person.user_id == viewer.pk:
        return None
    start, end = period
    if not start < end:
        raise LookRefused("period", "The period must end after it begins.")
    if not (viewer.is_superuser or roles_on(viewer, site) & LOOKERS):
        raise LookRefused("not_yours", "Where somebody was is shown to who answers for safety on this site.")
    if fault := purpose_fault(purpose):
        said = "Say what you need it for." if fault == "missing" else "Say it in at most 300 letters."
        raise LookRefused("no_purpose" if fault == "missing" else "long_purpose", said)
    look = TrackLook.objects.create(
        organisation=site.organisation, site=site, person=person, viewer=viewer, purpose=purpose.strip(),
        starts_at=start, ends_at=end, looked_at=now,
    )  # fmt: skip
    details = {"purpose": look.purpose, "from": start, "until": end, "person": str(person.pk) if person else "all"}
    record_act(
        organisation=site.organisation,
        site=site,
        actor=viewer,
        verb="open_track",
        subject_kind="person" if person else "site",
        subject_id=person.pk if person else site.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )
    return look


@transaction.atomic
def publish_policy(
    *,
    organisation: Any,
    notice: str,
    retention_days: int,
    only_on_shift: bool,
    only_inside: bool,
    actor: Any | None,
    now: datetime,
) -> Policy:
    """This function will put the next version of an organisation's policy and notice in force. Raises LookRefused."""
    if not notice.strip():
        raise LookRefused("no_notice", "Write what workers are told.")
    if not 1 <= retention_days <= 3650:
        raise LookRefused("days", "Positions are kept 1 to 3650 days.")
    last = Policy.objects.select_for_update().filter(organisation=organisation).order_by("-version").first()
    policy = Policy.objects.create(
        organisation=organisation,
        version=(last.version if last else 0) + 1,
        notice=notice.strip(),
        only_on_shift=only_on_shift,
        only_inside=only_inside,
        retention_days=retention_days,
        published_at=now,
    )
    details = {
        "version": policy.version,
        "retention_days": retention_days,
        "only_on_shift": only_on_shift,
        "only_inside": only_inside,
    }
    record_act(
        organisation=organisation,
        actor=actor,
        verb="publish_privacy_policy",
        subject_kind="privacy_policy",
        subject_id=policy.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )
    return policy


def may_publish(user: Any, site: Any) -> bool:
    """Return whether a user may publish the policy of a site's organisation."""
    return bool(user.is_superuser or roles_on(user, site) & {Role.ENTERPRISE_SAFETY, Role.ENTERPRISE_HEAD})


@transaction.atomic
def give_consent(*, person: Person, actor: Any, now: datetime) -> Consent:
    """This function will note that a person has read the notice in force and agrees. Raises LookRefused."""
    if person.user_id is None or person.user_id != actor.pk:
        raise LookRefused("not_yours", "Everybody agrees for themselves.")
    policy = policy_row(person.site.organisation)
    if policy is None:
        raise LookRefused("no_notice", "No notice is published yet; ask the company's safety department.")
    consent, created = Consent.objects.get_or_create(
        person=person,
        policy=policy,
        defaults={"organisation": person.organisation, "site": person.site, "given_at": now},
    )
    if created:
        record_act(
            organisation=person.organisation,
            site=person.site,
            actor=actor,
            verb="give_consent",
            subject_kind="person",
            subject_id=person.pk,
            details={"version": policy.version},
            occurred_at=now,
            received_at=now,
        )
    return consent


@transaction.atomic
def count_untracked(*, fates: Iterable[tuple[UUID, datetime, Tracking]]) -> None:
    """This function will count positions that are not kept: by site and hour of the fix, neither person nor place.

    Runs in the transaction of an ingest batch, as the storing of positions does; it writes no act.
    """
    counts: Counter[tuple[UUID, datetime, Tracking]] = Counter(
        (site_id, at.astimezone(UTC).replace(minute=0, second=0, microsecond=0), tracking)
        for site_id, at, tracking in fates
        if tracking is not Tracking.KEPT
    )
    if not counts:
        return
    keys = sorted({(site_id, hour) for site_id, hour, _ in counts}, key=str)
    rows = [
        (site_id, hour, counts[site_id, hour, Tracking.OUTSIDE], counts[site_id, hour, Tracking.OFF_SHIFT])
        for site_id, hour in keys
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_COUNT, rows)


_COUNT = """
INSERT INTO privacy_untracked AS held (site_id, hour, outside, off_shift) VALUES (%s, %s, %s, %s)
ON CONFLICT ON CONSTRAINT untracked_once_per_hour DO UPDATE
SET outside = held.outside + excluded.outside, off_shift = held.off_shift + excluded.off_shift
"""
