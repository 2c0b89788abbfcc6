"""The pages of statistics: figures, links to lists and map, and who may see them."""

from __future__ import annotations

import pytest

from tests.webmap.field_cast import Cast, build_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db, settings, tmp_path) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    return build_cast()


def get(client, user, path: str):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(path)


def test_every_figure_of_a_site_leads_to_its_list_and_map(client, cast: Cast):
    answer = get(client, cast.manager, "/sites/field/risks/statistics/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert [(number, count) for number, count, _ in answer.context["inherent"]] == [(4, 0), (3, 0), (2, 0), (1, 1)]
    assert '<a href="/sites/field/risks/?grade=1">1</a>' in page
    assert f"/sites/field/risks/?zone={cast.edge.pk}" in page
    assert f"/sites/field/map/#zone-{cast.edge.pk}" in page
    assert [bar.total for bar in answer.context["grades"]] == [1, 1, 1]
    assert (len(answer.context["trend"]), answer.context["trend"][-1].total) == (30, 1)


def test_the_region_counts_only_what_one_may_see(client, cast: Cast):
    mine = get(client, cast.manager, "/region/statistics/")
    assert (mine.context["site_count"], [bar.label for bar in mine.context["places"]]) == (1, [cast.site.name])
    others = get(client, cast.stranger, "/region/statistics/")
    assert (others.context["total"], others.status_code) == (0, 200)
    assert get(client, cast.stranger, "/sites/field/risks/statistics/").status_code == 404


def test_a_reason_names_the_edition_of_its_rules_and_leads_to_it(client, cast: Cast):
    state = get(client, cast.manager, "/api/v1/sites/field/state").json()
    reason = state["site"]["reasons"][0]
    assert (reason["edition"], reason["edition_url"]) == (
        "cn-national 2026.1",
        "/rules/editions/cn-national/2026.1/",
    )
    answer = client.get(reason["edition_url"], follow=True)
    assert answer.status_code == 200 and "cn-national 2026.1" in answer.content.decode()
    assert client.get("/rules/editions/cn-national/1999.1/").status_code == 404
