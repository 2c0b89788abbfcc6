"""Read a site's planning: its documents, who may sign what next, what is missing, and the points of group A."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum

from spatial.people.models import Person, Role
from spatial.people.queries import roles_on, users_on

from .body import Fact, unfilled
from .facts import facts_of, people_of_group
from .models import DocumentSignature, DocumentVersion, GroupMember, TrainingSession
from .rules import (
    STEP_AFTER,
    Evidence,
    Finding,
    GroupSeat,
    Points,
    SigningRefused,
    Standing,
    changes_since,
    check_signature,
    findings,
    group_a,
)
from .templates import group_a_items, template_set, watched_fields

EDITORS = frozenset({Role.SITE_SAFETY, Role.PROJECT_MANAGER, Role.ENTERPRISE_SAFETY})
PENDING = tuple(STEP_AFTER)


def visible(user: Any) -> QuerySet[DocumentVersion]:
    """Return the versions of planning documents on sites that a user may see."""
    return DocumentVersion.objects.visible_to(user)


def may_edit(user: Any, site: Any) -> bool:
    """Return whether a user may write documents, seats and trainings of a site."""
    return bool(user.is_superuser or roles_on(user, site) & EDITORS)


def standing_signatures(version: DocumentVersion) -> list[DocumentSignature]:
    """Return the signatures of a version that are not void, in the order of their steps."""
    return list(version.signatures.filter(voided_at__isnull=True).select_related("act").order_by("signed_at"))


def next_step(version: DocumentVersion, user: Any) -> str:
    """Return the step that this user may sign now, or ""."""
    step = STEP_AFTER.get(version.state, "")
    try:
        check_signature(
            step=step,
            state=version.state,
            actor=user.pk,
            roles=roles_on(user, version.site),
            allowed=template_set().signers.get(step, frozenset()),
            signed={row.step: row.signer_id for row in standing_signatures(version)},
        )
    except SigningRefused:
        return ""
    return step


def facts_for(version: DocumentVersion, *, on: date) -> Mapping[str, Fact]:
    """Return what fills a version: the facts that it was signed with, or those of now for a draft."""
    return version.facts if version.state != DocumentVersion.State.DRAFT else facts_of(version.site, on=on)


@dataclass(frozen=True)
class DocumentLine:
    """One kind of document of a site: the issued version, the pending one, and how the kind stands."""

    kind: str
    issued: DocumentVersion | None
    pending: DocumentVersion | None
    standing: Standing


@dataclass(frozen=True)
class Overview:
    """A site's planning at a glance."""

    documents: list[DocumentLine]
    seats: list[GroupMember]
    trainings: list[TrainingSession]
    findings: list[Finding]
    points: list[Points]

    @property
    def got(self) -> float:
        """Return the points of group A together."""
        return round(sum(row.got for row in self.points), 2)

    @property
    def full(self) -> float:
        """Return the full points of group A."""
        return sum(row.full for row in self.points)


def overview(site: Any, *, on: date) -> Overview:
    """Return everything about a site's planning on a day (of the site's own calendar)."""
    facts = facts_of(site, on=on)
    versions: dict[str, dict[str, DocumentVersion]] = defaultdict(dict)
    for version in DocumentVersion.objects.filter(site=site).exclude(state=DocumentVersion.State.REPLACED):
        versions[version.kind]["issued" if version.state == "issued" else "pending"] = version
    lines = []
    for kind in template_set().documents:
        issued, pending = versions[kind].get("issued"), versions[kind].get("pending")
        lines.append(DocumentLine(kind, issued, pending, _standing(kind, issued, pending, facts)))
    seats = people_of_group(site)
    trained = trained_by_level(site)
    return Overview(
        documents=lines,
        seats=seats,
        trainings=list(TrainingSession.objects.filter(site=site).order_by("-held_on", "level")),
        findings=findings([line.standing for line in lines], _group_seats(seats, site), trained, on),
        points=_points(site, lines, trained, on),
    )


def _standing(
    kind: str, issued: DocumentVersion | None, pending: DocumentVersion | None, facts: Mapping[str, Fact]
) -> Standing:
    draft = pending is not None and pending.state == DocumentVersion.State.DRAFT
    return Standing(
        kind=kind,
        issued=issued is not None,
        valid_until=issued.valid_until if issued else None,
        pending_state=pending.state if pending else "",
        unfilled=unfilled(pending.text, facts) if pending and draft else (),
        changes=changes_of(issued, facts) if issued else (),
    )


def changes_of(issued: DocumentVersion, facts: Mapping[str, Fact]) -> list[Any]:
    """Return what an issued document says of people and places that is not so any more."""
    return changes_since(issued.facts, facts, watched_fields())


def trained_by_level(site: Any) -> dict[str, int]:
    """Return how many people were trained on a site, by level."""
    rows = TrainingSession.objects.filter(site=site).values("level").annotate(people=Sum("attended"))
    return {row["level"]: row["people"] for row in rows}


def headcount(site: Any) -> int:
    """Return how many people work on a site: those on its list, or the number told where that is higher."""
    return max(Person.objects.filter(site=site).count(), site.people_count)


def _group_seats(seats: list[GroupMember], site: Any) -> list[GroupSeat]:
    found = []
    for seat in seats:
        roles = roles_on(seat.user, site)
        manager = Role.PROJECT_MANAGER in roles
        found.append(GroupSeat(seat.duty, str(seat.user), seat.user.is_active, bool(roles), manager))
    return found


def _points(site: Any, lines: list[DocumentLine], trained: Mapping[str, int], on: date) -> list[Points]:
    valid = {
        line.kind: line.issued
        for line in lines
        if line.issued and (line.issued.valid_until is None or line.issued.valid_until >= on)
    }
    decision = valid.get("org_decision")
    officer = decision.officer if decision else None
    evidence = Evidence(
        valid=frozenset(valid),
        decision_leader=decision.leader_id if decision else None,
        managers=frozenset(_managers(site)),
        decision_officer=officer.pk if officer else None,
        active_people=frozenset({officer.pk} if officer and roles_on(officer, site) else ()),
        trained=trained,
        headcount=headcount(site),
    )
    return group_a(evidence, {item: float(row["full"]) for item, row in group_a_items().items()})


def _managers(site: Any) -> set[Any]:
    return set(users_on(site, role=Role.PROJECT_MANAGER).values_list("pk", flat=True))
