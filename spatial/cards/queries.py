"""Read what is on cards: issued cards, posts, settings, tables, and the inherent grades of zones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from spatial.people.models import Person
from spatial.risks.models import HazardSource, ResponsiblePerson, RiskPoint
from spatial.zones.models import Zone
from spatial.zones.queries import SiteColours

from .models import NoticeCard, Post, PrintJob, WallSettings
from .rules import inherent_zone_grades, met_by_post

_DATA = Path(__file__).resolve().parent / "data"


@lru_cache(maxsize=8)
def card_table(name: str) -> Mapping[str, Any]:
    """Return a table of this app: warning_signs, emergency_steps or post_rules, each with source and confidence."""
    table: Mapping[str, Any] = json.loads((_DATA / f"{name}.json").read_text(encoding="utf-8"))
    return table


def _with_people(points: QuerySet[RiskPoint]) -> QuerySet[RiskPoint]:
    sources = HazardSource.objects.order_by("-grade", "-value", "id").prefetch_related("measures")
    return points.select_related("anchor__storey", "rule_edition").prefetch_related(
        Prefetch("sources", queryset=sources),
        Prefetch("responsible", queryset=ResponsiblePerson.objects.order_by("id")),
        Prefetch("notice_cards", queryset=NoticeCard.objects.filter(revoked_at=None), to_attr="valid_cards"),
    )


def points_of(site: Any) -> QuerySet[RiskPoint]:
    """Return a site's risk points in use with all that a card says about them, by code."""
    points = RiskPoint.objects.filter(site=site).exclude(state=RiskPoint.State.CLOSED)
    return _with_people(points).order_by("code")


def inherent_grade(point: RiskPoint) -> int:
    """Return the grade without controls: the highest source, 4 where directly judged."""
    return 4 if point.direct_major else max((source.grade for source in point.sources.all()), default=0)


def issued_card(point: RiskPoint) -> NoticeCard | None:
    """Return the valid card of a point of `points_of`, or None before it is issued."""
    cards: list[NoticeCard] = point.valid_cards  # type: ignore[attr-defined]
    return cards[0] if cards else None


def valid_card(token: str) -> NoticeCard | None:
    """Return the card that a token opens, or None for a token that never was or was revoked."""
    cards = NoticeCard.objects.filter(token=token, revoked_at=None)
    return cards.select_related("site__organisation", "site__region").first()


def card_point(card: NoticeCard) -> RiskPoint:
    """Return the risk point of a card with all that the card says."""
    return _with_people(RiskPoint.objects.filter(pk=card.risk_point_id)).get()


def settings_of(site: Any) -> WallSettings:
    """Return the site's choices; unsaved defaults (nothing opens without login) where none were made."""
    found = WallSettings.objects.filter(site=site).first()
    return found or WallSettings(site=site, organisation_id=site.organisation_id)


def posts_of(site: Any) -> QuerySet[Post]:
    """Return the posts of a site by name, with the risk points they meet."""
    return Post.objects.filter(site=site).prefetch_related(
        Prefetch("risk_points", queryset=points_of(site), to_attr="met_points")
    )


def missing_posts(site: Any) -> list[tuple[str, str, list[RiskPoint]]]:
    """Return (trade, team, risk points it probably meets) of each trade on the site that has no post yet."""
    known = set(Post.objects.filter(site=site).values_list("trade", flat=True))
    trades: dict[str, str] = {}
    people = Person.objects.filter(site=site).order_by("trade", "team__name").values_list("trade", "team__name")
    for trade, team in people:
        if trade and trade not in known:
            trades.setdefault(trade, team or "")
    points = list(points_of(site)) if trades else []
    texts = {point: "\n".join([point.name, *(s.name for s in point.sources.all())]) for point in points}
    table = card_table("post_rules")
    return [(trade, team, met_by_post(trade, texts, table)) for trade, team in sorted(trades.items())]


def zone_inherent(zones: Iterable[Zone], points: Iterable[RiskPoint], colours: SiteColours) -> dict[UUID, int]:
    """Return the inherent grade of each zone of a site: for the printed map."""
    parents: dict[UUID, UUID | None] = {zone.id: zone.parent_id for zone in zones}
    grades = {point.id: inherent_grade(point) for point in points}
    return inherent_zone_grades(parents, colours.zones_of_points, grades)


def print_jobs(user: Any) -> QuerySet[PrintJob]:
    """Return the print jobs on sites that a user may see, newest first."""
    return PrintJob.objects.visible_to(user).select_related("site", "requested_by")
