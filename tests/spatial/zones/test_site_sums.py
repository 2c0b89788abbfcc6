"""The sums of sites, which count alike triggers and points together, against the rule, which looks at each."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from spatial.places.models import Site
from spatial.risks.models import RiskPoint
from spatial.rulebook.queries import current_edition
from spatial.zones import set_colours
from spatial.zones.models import FormerTrigger, Trigger
from spatial.zones.queries import site_colours
from spatial.zones.set_colours import site_sums
from tests.spatial.conftest import NOW
from tests.spatial.risks.test_operations import make_point
from tests.spatial.zones.case_strategies import GRADES, MOMENTS, points, triggers
from tests.spatial.zones.test_replay import SITE_DATA, Undo

pytestmark = pytest.mark.django_db
MEMBERS = st.lists(points(), min_size=1, max_size=5)
PLACED = st.lists(
    st.tuples(triggers(), st.integers(0, 11), st.sampled_from((False, False, False, True)), st.none() | MOMENTS),
    max_size=14,
)


def second(number: int) -> datetime:
    return NOW + timedelta(seconds=number)


def put_points(cast, rows: list[dict[str, Any]]) -> list[RiskPoint]:
    """Write points of any content, known from NOW on; every second one stands on the other site."""
    sites, made = list(Site.objects.order_by("code")), []
    for number, row in enumerate(rows):
        point = make_point(cast, f"R-{number}")
        point.site = sites[number % 2]
        point.state, point.direct_major = row["state"], row["direct_major"]
        point.source_grade = max((source["grade"] for source in row["sources"]), default=1)
        point.residual_grade = row["residual"]
        point.save()
        made.append(point)
    return made


def put_triggers(cast, rows: list[Any], members: list[RiskPoint]) -> None:
    """Write triggers on points or on sites: some withdrawn, some told late, some ended later than they were told."""
    sites, edition = list(Site.objects.order_by("code")), current_edition(on=NOW.date())
    for number, (row, target, withdrawn, late) in enumerate(rows):
        point = members[target // 2 % len(members)] if target % 2 else None
        site = point.site if point else sites[target // 2 % 2]
        starts, known = second(row["start"]), second(row["start"] + (late or 0))
        ends = None if row["end"] is None else second(row["end"])
        trigger = Trigger.objects.create(
            site=site, organisation=site.organisation, kind=row["kind"], risk_point=point, floor=row.get("floor"),
            starts_at=starts, ends_at=None, known_from=known, source_kind="test", source_id=number,
            source_label=row["kind"], rule_edition=edition,
        )  # fmt: skip
        if ends is not None or withdrawn:
            trigger.ends_at, trigger.withdrawn = ends, withdrawn
            trigger.known_from = max(known, ends or known)
            trigger.save()


def held_at(site: Site, at: datetime) -> dict[str, int]:
    """Count what holds, row by row, from what was known then."""
    now = Trigger.objects.filter(site=site, known_from__lte=at)
    former = FormerTrigger.objects.filter(site_id=site.pk, known_from__lte=at, known_to__gt=at)
    return Counter(
        row.kind
        for rows in (now, former)
        for row in rows
        if not row.withdrawn and row.starts_at <= at and (row.ends_at is None or row.ends_at > at)
    )


def expected(at: datetime) -> dict[Any, tuple[int, dict[str, int]]]:
    return {site.pk: (site_colours(site, now=at).grade, held_at(site, at)) for site in Site.objects.all()}


def found(at: datetime) -> dict[Any, tuple[int, dict[str, int]]]:
    sites = Site.objects.select_related("organisation", "region")
    return {key: (sum_.grade, dict(sum_.held)) for key, sum_ in site_sums(sites, now=at).items()}


@given(members=MEMBERS, rows=PLACED, probes=st.lists(MOMENTS, min_size=1, max_size=5))
@SITE_DATA
def test_sums_of_what_is_alike_are_the_rules_grades_and_counts_at_any_moment(cast, members, rows, probes):
    with pytest.raises(Undo), transaction.atomic():
        put_triggers(cast, rows, put_points(cast, members))
        edges = [row[key] for row, *_ in rows for key in ("start", "end") if row[key] is not None]
        for at in map(second, {*probes, *edges}):
            assert found(at) == expected(at)
        raise Undo


@given(grade=GRADES)
@SITE_DATA
def test_a_negative_control_that_counts_all_points_alike_is_found(cast, grade):
    """Were a point's own trigger not kept apart, a lift on one point would be lost."""
    with pytest.raises(Undo), transaction.atomic():
        row = {"sources": [{"grade": 2}], "residual": None, "direct_major": False, "state": "active"}
        members = put_points(cast, [row, row, row])
        lift = {"kind": "HAZ_GENERAL_MANY", "start": 0, "end": None}
        put_triggers(cast, [(lift, 5, False, None)], members)
        right = set_colours._statement("inputs_sites.sql", "colours_sites.sql")
        assert found(NOW) == expected(NOW)
        wrong = right.replace(
            "coalesce(point_id, 'alike ' || row_number() OVER ())", "'alike ' || row_number() OVER ()"
        )
        assert wrong != right
        content = set_colours.by_content(Site.objects.select_related("organisation", "region"), now=NOW)
        with connection.cursor() as cursor:
            asked = [{"now_at": NOW, "table": table, "site_ids": ids} for table, ids in content]
            cursor.execute(wrong, asked[0])
            assert {row[0]: row[1] for row in cursor.fetchall()} != {
                key: one for key, (one, _) in expected(NOW).items()
            }
        raise Undo
