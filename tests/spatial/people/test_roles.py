"""Roles come from the site, its organisation and its region, and from those above them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from spatial.ledger.models import Act
from spatial.people.models import Membership, Person
from spatial.people.operations import RoleRefused, create_person, create_team, create_user, grant_role
from spatial.people.queries import all_roles, roles_on, users_on, visible
from spatial.places.models import Region
from tests.spatial.conftest import NOW

pytestmark = pytest.mark.django_db


def test_each_of_the_cast_has_its_role_and_the_stranger_none(cast):
    assert roles_on(cast.manager, cast.site) == {"project_manager"}
    assert roles_on(cast.town, cast.site) == {"town_reviewer"}
    assert roles_on(cast.stranger, cast.site) == set()
    assert roles_on(AnonymousUser(), cast.site) == set()
    assert all_roles(cast.stranger) == {"site_safety"}


def test_a_role_above_reaches_down_and_one_beside_does_not(cast):
    city = Region.objects.get(code="410100")
    grant_role(user=cast.stranger, role="committee", region=city, now=NOW)
    grant_role(user=cast.worker, role="enterprise_head", organisation=cast.site.organisation, now=NOW)
    assert roles_on(cast.stranger, cast.site) == {"committee"}
    assert roles_on(cast.worker, cast.site) == {"worker", "enterprise_head"}
    far = cast.stranger.memberships.get(role="site_safety").site
    assert roles_on(cast.worker, far) == set()


def test_an_account_that_was_closed_has_no_role(cast):
    cast.manager.is_active = False
    assert roles_on(cast.manager, cast.site) == set()


def test_pick_lists_hold_who_has_a_role_here(cast):
    assert {user.username for user in users_on(cast.site)} == {"manager", "officer", "worker", "mate", "town"}
    assert [user.username for user in users_on(cast.site, role="site_safety")] == ["officer"]


def test_a_role_is_granted_once_with_an_act(cast):
    again = grant_role(user=cast.manager, role="project_manager", site=cast.site, now=NOW)
    assert again == cast.manager.memberships.get()
    assert Act.objects.filter(verb="grant_role", subject_id=str(again.pk)).count() == 1


@pytest.mark.parametrize("reach", [{}, {"site": 1, "region": 1}])
def test_a_role_needs_exactly_one_reach(cast, reach):
    given = {"site": cast.site, "region": cast.site.region}
    with pytest.raises(RoleRefused):
        grant_role(user=cast.worker, role="worker", now=NOW, **{name: given[name] for name in reach})
    with pytest.raises(RoleRefused):
        grant_role(user=cast.worker, role="king", site=cast.site, now=NOW)
    assert Membership.objects.filter(user=cast.worker).count() == 1


def test_a_password_is_never_stored_or_written_into_an_act(cast):
    user = create_user(username="new", password="pass-phrase-7", full_name="新人", now=NOW)
    assert user.check_password("pass-phrase-7")
    assert "pass-phrase-7" not in user.password
    assert "pass-phrase-7" not in str(Act.objects.get(verb="create_user", subject_id=str(user.pk)).details)


def test_people_are_seen_on_their_site_only(cast):
    team = create_team(site=cast.site, name="木工班", now=NOW)
    person = create_person(site=cast.site, full_name="王五", trade="木工", team=team, now=NOW)
    assert list(visible(cast.officer)) == [person]
    assert list(visible(cast.stranger)) == []
    far = cast.stranger.memberships.get().site
    with pytest.raises(RoleRefused):
        create_person(site=far, full_name="赵六", trade="木工", team=team, now=NOW)
    assert Person.objects.count() == 1
