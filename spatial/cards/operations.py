"""Issue and revoke notice cards, keep posts and the site's choices, ask for prints of a whole site."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from spatial.ledger.operations import record_act
from spatial.media import drop_blob
from spatial.people.queries import roles_on
from spatial.risks.models import RiskPoint

from .models import NoticeCard, Post, PrintJob, WallSettings

MAY_ISSUE = frozenset({"site_safety", "project_manager", "enterprise_safety", "enterprise_head"})
TOKEN_BYTES = 24


class CardRefused(ValueError):
    """Something about cards cannot be done as asked; the message says why and what to do."""


def may_issue(user: Any, site: Any) -> bool:
    """Return whether a user may issue cards, keep posts and open cards to everybody on a site."""
    return bool(user and user.is_authenticated and (user.is_superuser or roles_on(user, site) & MAY_ISSUE))


def _act(site: Any, actor: Any, now: datetime, verb: str, kind: str, subject: Any, details: dict[str, Any]) -> None:
    record_act(
        organisation=site.organisation, site=site, actor=actor, verb=verb, subject_kind=kind, subject_id=subject,
        details=details, occurred_at=now, received_at=now,
    )  # fmt: skip


def _issue(point: RiskPoint, actor: Any, now: datetime) -> NoticeCard:
    last = NoticeCard.objects.filter(risk_point=point).aggregate(last=Max("number"))["last"] or 0
    return NoticeCard.objects.create(
        organisation_id=point.organisation_id, site_id=point.site_id, risk_point=point, number=last + 1,
        token=secrets.token_urlsafe(TOKEN_BYTES), issued_at=now, issued_by=str(actor)[:80] if actor else "system",
    )  # fmt: skip


@transaction.atomic
def issue_cards(*, site: Any, actor: Any, now: datetime) -> list[NoticeCard]:
    """This function will issue a card for each risk point in use that has no valid one, as one act."""
    points = RiskPoint.objects.select_for_update().filter(site=site).exclude(state=RiskPoint.State.CLOSED)
    waiting = points.exclude(pk__in=NoticeCard.objects.filter(site=site, revoked_at=None).values("risk_point"))
    cards = [_issue(point, actor, now) for point in waiting.order_by("code")]
    if cards:
        details = {"cards": [{"code": card.risk_point.code, "issue": card.number} for card in cards]}
        _act(site, actor, now, "issue_notice_cards", "site", site.pk, details)
    return cards


@transaction.atomic
def reissue_card(*, point: RiskPoint, actor: Any, now: datetime) -> NoticeCard:
    """This function will revoke a risk point's card, so that its code opens nothing, and issue a new one.

    Raises CardRefused when the point is closed.
    """
    point = RiskPoint.objects.select_for_update(of=("self",)).select_related("site__organisation").get(pk=point.pk)
    if point.state == RiskPoint.State.CLOSED:
        raise CardRefused(f"{point.code} is closed; a closed risk point has no card. Open it again first.")
    NoticeCard.objects.filter(risk_point=point, revoked_at=None).update(revoked_at=now)
    card = _issue(point, actor, now)
    details = {"code": point.code, "issue": card.number}
    _act(point.site, actor, now, "reissue_notice_card", "riskpoint", point.pk, details)
    return card


@transaction.atomic
def set_wall_settings(
    *, site: Any, open_without_login: bool, emergency_name: str, emergency_phone: str, actor: Any, now: datetime
) -> WallSettings:
    """This function will keep whether live cards open without login, and the emergency contact on every card."""
    values = {
        "open_without_login": open_without_login,
        "emergency_name": emergency_name.strip(),
        "emergency_phone": emergency_phone.strip(),
    }
    defaults = {**values, "organisation_id": site.organisation_id}
    row, _ = WallSettings.objects.update_or_create(site=site, defaults=defaults)
    _act(site, actor, now, "set_wall_settings", "site", site.pk, dict(values))
    return row


@transaction.atomic
def save_post(
    *,
    site: Any,
    name: str,
    trade: str,
    leader_name: str = "",
    leader_phone: str = "",
    risk_points: Iterable[RiskPoint] = (),
    post: Post | None = None,
    actor: Any,
    now: datetime,
) -> Post:
    """This function will make a post or change one. Raises CardRefused without a name, or for one that is taken."""
    name, trade = name.strip(), trade.strip()
    points = list(risk_points)
    if not name or not trade:
        raise CardRefused("A post needs a name and a trade.")
    if any(point.site_id != site.pk for point in points):
        raise CardRefused("A risk point is on another site; choose points of this site.")
    row = post or Post(site=site, organisation_id=site.organisation_id)
    row.name, row.trade, row.leader_name, row.leader_phone = name, trade, leader_name.strip(), leader_phone.strip()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise CardRefused(f"There is a post {name} already; change that one or choose another name.") from error
    row.risk_points.set(points)
    details = {"name": name, "trade": trade, "risk_points": sorted(point.code for point in points)}
    _act(site, actor, now, "save_post", "post", row.pk, details)
    return row


@transaction.atomic
def draft_posts(
    *, site: Any, drafts: Sequence[tuple[str, str, Sequence[RiskPoint]]], actor: Any, now: datetime
) -> list[Post]:
    """This function will make a post of each (trade, team, risk points), to be looked through by a person."""
    return [
        save_post(
            site=site, name=f"{trade}岗位", trade=trade, leader_name=team, risk_points=points, actor=actor, now=now
        )
        for trade, team, points in drafts
    ]


@transaction.atomic
def remove_post(*, post: Post, actor: Any, now: datetime) -> None:
    """This function will remove a post; the ledger keeps what it was."""
    details = {"name": post.name, "trade": post.trade}
    _act(post.site, actor, now, "remove_post", "post", post.pk, details)
    post.delete()


@transaction.atomic
def ask_for_print(*, site: Any, language: str, base_url: str, actor: Any) -> tuple[PrintJob, bool]:
    """This function will queue the print of a whole site; returns the job under way instead when there is one."""
    running = PrintJob.objects.filter(site=site, state__in=PrintJob.UNFINISHED).first()
    if running is not None:
        return running, False
    return (
        PrintJob.objects.create(
            site=site, organisation_id=site.organisation_id, requested_by=actor, language=language, base_url=base_url
        ),
        True,
    )


@transaction.atomic
def cancel_print(*, job: PrintJob) -> None:
    """This function will stop a print: at once while it waits, before its next page while it runs."""
    row = PrintJob.objects.select_for_update().get(pk=job.pk)
    if row.state == PrintJob.State.QUEUED:
        row.state = PrintJob.State.CANCELLED
    if row.state in (PrintJob.State.RUNNING, PrintJob.State.CANCELLED):
        row.cancel_requested = True
        row.save(update_fields=["state", "cancel_requested"])


@transaction.atomic
def begin_print(*, job_id: Any, most_starts: int) -> PrintJob | None:
    """This function will take up a job; None for one that ended, or whose worker was killed too often."""
    job = PrintJob.objects.select_for_update(of=("self",)).select_related("site__organisation").get(pk=job_id)
    if job.state not in PrintJob.UNFINISHED:
        return None
    job.starts += 1
    job.state = PrintJob.State.RUNNING if job.starts <= most_starts else PrintJob.State.FAILED
    if job.state == PrintJob.State.FAILED:
        job.problem = f"The print was begun {most_starts} times, and each time its worker was killed."
    job.save(update_fields=["starts", "state", "problem"])
    return job if job.state == PrintJob.State.RUNNING else None


def print_progress(*, job: PrintJob, done: int, total: int) -> bool:
    """This function will tell how many pages are done; returns whether the print is still wanted."""
    PrintJob.objects.filter(pk=job.pk).update(done=done, total=total)
    return not PrintJob.objects.filter(pk=job.pk, cancel_requested=True).exists()


@transaction.atomic
def end_print(*, job: PrintJob, now: datetime, pdf_sha256: str = "", pdf_bytes: int = 0, problem: str = "") -> None:
    """This function will end a job: with its file, with what went wrong, or (neither) as cancelled.

    Files of the site's earlier prints are dropped: a site keeps its newest print only.
    """
    row = PrintJob.objects.select_for_update().get(pk=job.pk)
    row.state = PrintJob.State.DONE if pdf_sha256 else PrintJob.State.FAILED if problem else PrintJob.State.CANCELLED
    row.pdf_sha256, row.pdf_bytes, row.problem, row.finished_at = pdf_sha256, pdf_bytes, problem[:300], now
    row.save(update_fields=["state", "pdf_sha256", "pdf_bytes", "problem", "finished_at"])
    if not pdf_sha256:
        return
    earlier = PrintJob.objects.filter(site_id=row.site_id).exclude(pk=row.pk).exclude(pdf_sha256="")
    dropped = set(earlier.values_list("pdf_sha256", flat=True)) - {pdf_sha256}
    earlier.update(pdf_sha256="")
    for sha256 in dropped:
        transaction.on_commit(lambda sha256=sha256: drop_blob(sha256, besides=PrintJob))  # type: ignore[misc]
