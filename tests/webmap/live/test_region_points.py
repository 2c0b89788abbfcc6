"""Risk points on the regional map: in their colours now, asked about and never trusted, within one's own reach."""

from __future__ import annotations

import pytest
from django.utils import timezone

from spatial.rulebook.queries import edition_for
from spatial.zones.operations import start_trigger
from tests.webmap.field_cast import LAT, LON, Cast, build_cast

pytestmark = pytest.mark.django_db
BOX = f"{LON - 0.01},{LAT - 0.01},{LON + 0.01},{LAT + 0.01}"
PATH = "/api/v1/region/risk-points.geojson"


@pytest.fixture
def cast(db, settings, tmp_path) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    return build_cast()


def get(client, user, box: str = BOX, **headers):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(PATH, {"bbox": box}, headers=headers)


def test_a_kept_answer_is_good_until_a_fact_changes(client, cast: Cast):
    first = get(client, cast.manager)
    grades = [(f["id"], f["properties"]["grade"], f["properties"]["site_url"]) for f in first.json()["features"]]
    assert grades == [(str(cast.risk_point.pk), 1, "/sites/field/")]
    assert first["Cache-Control"] == "private, no-cache"
    again = get(client, cast.manager, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    now = timezone.now()
    start_trigger(
        site=cast.site, kind="ALARM_RED", starts_at=now, source_kind="test", source_id="1", source_label="闯入",
        risk_point=cast.risk_point, edition=edition_for(cast.site, on=now.date()), now=now,
    )  # fmt: skip
    after = get(client, cast.manager, **{"If-None-Match": first["ETag"]})
    assert (after.status_code, after.json()["features"][0]["properties"]["grade"]) == (200, 4)
    assert after["ETag"] != first["ETag"]


def test_only_what_is_in_the_box_and_ones_own_reach(client, cast: Cast):
    assert get(client, cast.manager, "100,30,101,31").json()["features"] == []
    assert get(client, cast.stranger).json()["features"] == []
    for wrong in ("1,2,3", "a,b,c,d", "5,5,1,1"):
        answer = get(client, cast.manager, wrong)
        assert answer.status_code == 422 and "west,south,east,north" in answer.json()["detail"]
