"""The register of risk points: counted by grade, filtered by the database, paged; strangers find nothing."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from spatial.risks.models import ResponsiblePerson, RiskPoint
from spatial.rulebook.models import Edition
from tests.webmap.field_cast import BUILT_AT

pytestmark = pytest.mark.django_db


def many(field, number: int) -> None:
    """Copy the cast's risk point, so that there are this many more, of all grades."""
    from spatial.places.models import Anchor

    base = field.risk_point
    anchors = [Anchor(organisation_id=base.organisation_id, site=field.site, geometry=base.anchor.geometry,
                      storey=base.anchor.storey) for _ in range(number)]  # fmt: skip
    Anchor.objects.bulk_create(anchors, batch_size=5000)
    edition = Edition.objects.first()
    points = [
        RiskPoint(
            organisation_id=base.organisation_id, site=field.site, code=f"M-{n:06d}", name=f"风险点{n}",
            kind="activity" if n % 2 else "facility", anchor=anchor, source_grade=n % 4 + 1, rule_edition=edition,
            known_from=BUILT_AT, graded_at=BUILT_AT,
        )
        for n, anchor in enumerate(anchors)
    ]  # fmt: skip
    RiskPoint.objects.bulk_create(points, batch_size=5000)


def names(page: str) -> list[str]:
    return re.findall(r'<td class="code">([^<]+)</td>', page)


def test_counts_by_grade_and_every_filter(field, browser):
    RiskPoint.objects.all().update(code="BASE")
    many(field, 40)
    client = browser(field.safety)
    page = client.get("/sites/field/risks/").content.decode()
    counts = re.findall(r'<li data-grade="(\d)"><a[^>]*><strong>(\d+)</strong>', page)
    base = RiskPoint.objects.get(code="BASE").inherent_grade
    assert counts == [(str(grade), str(10 + (grade == base))) for grade in (4, 3, 2, 1)]
    assert names(page)[0] == "M-000003" if base != 4 else "BASE"
    assert len(names(client.get("/sites/field/risks/?grade=2&kind=activity").content.decode())) == 10 + (
        base == 2 and field.risk_point.kind == "activity"
    )
    assert names(client.get("/sites/field/risks/?q=风险点17").content.decode()) == ["M-000017"]
    lead = client.get("/sites/field/risks/?level=company&q=M-").content.decode()
    assert len(names(lead)) == 10
    assert len(names(client.get(f"/sites/field/risks/?zone={field.edge.pk}").content.decode())) == 41
    assert len(names(client.get(f"/sites/field/risks/?storey={field.storey.pk}&q=M-").content.decode())) in (0, 40)
    assert client.get("/sites/field/risks/?zone=no&storey=1&grade=x&page=9999").status_code == 200


def test_a_closed_point_is_only_shown_when_asked_for(field, browser):
    field.risk_point.state = "closed"
    field.risk_point.save()
    client = browser(field.safety)
    assert field.risk_point.code not in names(client.get("/sites/field/risks/").content.decode())
    assert field.risk_point.code in names(client.get("/sites/field/risks/?state=closed").content.decode())


def test_queries_do_not_grow_with_the_points(field, browser):
    client = browser(field.safety)
    many(field, 3)
    client.get("/sites/field/risks/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/sites/field/risks/")
    RiskPoint.objects.filter(code__startswith="M-").delete()
    many(field, 60)
    with CaptureQueriesContext(connection) as more:
        client.get("/sites/field/risks/")
    assert len(more) == len(few)


def test_a_stranger_finds_no_register_and_no_point(field, browser):
    client = browser(field.stranger)
    assert client.get("/sites/field/risks/").status_code == 404
    assert client.get(f"/sites/field/risks/points/{field.risk_point.pk}/").status_code == 404
    assert client.get("/sites/field/risks/major/").status_code == 404


def test_the_page_of_a_point_says_why_and_who(field, browser):
    client = browser(field.safety)
    page = client.get(f"/sites/field/risks/points/{field.risk_point.pk}/").content.decode()
    person = ResponsiblePerson.objects.filter(risk_point=field.risk_point).first()
    assert person.full_name in page and 'id="reasons"' in page and f"/sites/field/?risk={field.risk_point.pk}" in page
