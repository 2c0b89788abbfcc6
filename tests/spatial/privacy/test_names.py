"""Who is named to whom, set-wise and one by one; names in a text."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from spatial.people.models import Role
from spatial.people.operations import create_user, grant_role
from spatial.places.models import Site
from spatial.privacy.queries import NAMED_TO, may_see_names, sites_named_to
from spatial.privacy.rules import without_names
from tests.webmap.field_cast import build_cast


@pytest.mark.django_db
def test_sites_whose_people_are_named_are_the_same_asked_together_and_one_by_one() -> None:
    cast = build_cast()
    for role in Role.values:
        user = create_user(username=f"x-{role}", password="一座工地-2026-field", full_name="看的人")
        grant_role(user=user, role=role, site=cast.site)
        grant_role(user=user, role="committee", site=cast.other_site)
        one_by_one = {site.pk for site in Site.objects.all() if may_see_names(user, site)}
        assert sites_named_to(user) == one_by_one == ({cast.site.pk} if role in NAMED_TO else set())
    root = create_user(username="root", password="一座工地-2026-field", full_name="根")
    root.is_superuser = True
    assert sites_named_to(root) == {cast.site.pk, cast.other_site.pk}
    assert sites_named_to(AnonymousUser()) == sites_named_to(None) == set()


def test_names_in_a_text_are_replaced_the_longest_first() -> None:
    assert without_names("闯入：欧阳建设（欧阳）", {"欧阳", "欧阳建设", ""}, "架子工") == "闯入：架子工（架子工）"
    assert without_names("闯入", set(), "x") == "闯入"
