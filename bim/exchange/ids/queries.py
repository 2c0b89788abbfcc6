"""Find documents, checks and findings."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, QuerySet, Value

from bim.models import Revision
from spatial.places.models import Site

from .models import Check, Finding, IdsDocument


def visible_documents(user: Any, site: Site) -> list[IdsDocument]:
    """Return the documents that may be run on a site: its own, and those of the same organisation's sites that the
    user may see; the same file once."""
    rows = IdsDocument.objects.visible_to(user).filter(organisation_id=site.organisation_id, withdrawn_at=None)
    found: dict[str, IdsDocument] = {}
    for row in rows.select_related("uploaded_by", "site").order_by("title", "created_at"):
        if row.sha256 not in found or row.site_id == site.pk:
            found[row.sha256] = row
    return list(found.values())


def visible_checks(user: Any, revision: Revision) -> QuerySet[Check]:
    """Return a revision's checks that a user may see, newest first."""
    rows = Check.objects.visible_to(user).filter(revision=revision)
    return rows.select_related("document", "started_by", "revision__model", "previous__revision")


def standing_check(revision: Revision, document: IdsDocument) -> Check | None:
    """Return the check of this file over this revision that waits, runs or is done; None where there is none."""
    return Check.objects.filter(
        revision=revision, document__sha256=document.sha256, state__in=Check.STANDING
    ).first()  # fmt: skip


def unfinished_checks() -> QuerySet[Check]:
    """Return the checks that wait or run, oldest first."""
    return Check.objects.filter(state__in=Check.UNFINISHED).order_by("created_at")


def earlier_check(check: Check) -> Check | None:
    """Return the same file's finished check of the model's nearest earlier revision, or None."""
    return (
        Check.objects.filter(
            revision__model_id=check.revision.model_id, revision__number__lt=check.revision.number,
            document__sha256=check.document.sha256, state=Check.State.DONE,
        )
        .order_by("-revision__number")
        .first()
    )  # fmt: skip


def documents_to_run_again(user: Any, revision: Revision) -> list[IdsDocument]:
    """Return the documents that checked the model's nearest checked earlier revision and not yet this one."""
    earlier = Check.objects.visible_to(user).filter(
        revision__model_id=revision.model_id, revision__number__lt=revision.number, state=Check.State.DONE
    )
    last = earlier.order_by("-revision__number").values_list("revision__number", flat=True).first()
    if last is None:
        return []
    here = Check.objects.filter(
        revision=revision, document__sha256=OuterRef("document__sha256"), state__in=Check.STANDING
    )
    rows = earlier.filter(revision__number=last).exclude(Exists(here)).select_related("document")
    return [row.document for row in rows.order_by("document__title") if row.document.withdrawn_at is None]


def findings_of(check: Check) -> QuerySet[Finding]:
    """Return the findings of a check in the order of specification, requirement and #id."""
    return Finding.objects.filter(check_row=check).order_by("specification", "requirement", "step_id", "id")


def finding_classes(rows: QuerySet[Finding]) -> list[tuple[str, int]]:
    """Return (IFC class, findings), the most numerous first."""
    counted = rows.order_by().values("ifc_class").annotate(n=Count("id")).order_by("-n", "ifc_class")
    return [(row["ifc_class"], row["n"]) for row in counted]


def finding_storeys(rows: QuerySet[Finding]) -> list[tuple[int | None, str, int]]:
    """Return (storey from below or None, name, findings) from the highest storey; what is on none comes last."""
    counted = rows.order_by().values("storey_index", "storey_name").annotate(n=Count("id"))
    found = [(row["storey_index"], row["storey_name"], row["n"]) for row in counted]
    return sorted(found, key=lambda row: float("inf") if row[0] is None else -row[0])


def came_and_went(check: Check, previous: Check) -> tuple[int, int]:
    """Return how many findings of `check` are not in `previous`, and the other way round."""
    table = Finding._meta.db_table
    of = f"SELECT specification, requirement, identity FROM {table} WHERE check_row_id = %s"
    counts = []
    with connection.cursor() as cursor:
        for one, other in ((check.pk, previous.pk), (previous.pk, check.pk)):
            cursor.execute(f"SELECT count(*) FROM ({of} EXCEPT {of}) AS differing", [one, other])
            counts.append(cursor.fetchone()[0])
    return counts[0], counts[1]


def marked_new(rows: QuerySet[Finding], previous: Check | None) -> QuerySet[Finding]:
    """Return the findings with `is_new`: whether the previous check did not have them (False without one)."""
    if previous is None:
        return rows.annotate(is_new=Value(False))
    return rows.annotate(is_new=~Exists(_same_in(previous)))


def only_new(rows: QuerySet[Finding], previous: Check | None) -> QuerySet[Finding]:
    """Return the findings that the previous check did not have; none without one."""
    return rows.none() if previous is None else rows.filter(~Exists(_same_in(previous)))


def gone_since(check: Check) -> QuerySet[Finding]:
    """Return the findings of the previous check that this one has no longer, each with `is_new` False."""
    if check.previous is None:
        return Finding.objects.none()
    return findings_of(check.previous).filter(~Exists(_same_in(check))).annotate(is_new=Value(False))


def _same_in(check: Check) -> QuerySet[Finding]:
    return Finding.objects.filter(
        check_row=check, specification=OuterRef("specification"), requirement=OuterRef("requirement"),
        identity=OuterRef("identity"),
    )  # fmt: skip
