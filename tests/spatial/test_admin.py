"""The admin shows only what its user may see, draws on a map, and writes acts."""

from __future__ import annotations

import pytest
from django.contrib.admin import site as admin_site
from django.contrib.auth.models import Permission

from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.zones.models import Zone
from tests.spatial.conftest import LAT, LON
from tests.spatial.risks.test_operations import make_point

pytestmark = pytest.mark.django_db
APPS = ("places", "people", "rulebook", "ledger", "notices", "risks", "zones", "hazards")
MODELS = [model for model in admin_site._registry if model._meta.app_label in APPS]


@pytest.fixture
def root(cast, django_user_model):
    return django_user_model.objects.create_superuser("root", password="x", full_name="管理员")


def as_staff(user):
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=APPS))
    return user


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_list_opens_for_a_superuser(client, root, zone_of_site, cast, model):
    make_point(cast)
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/")
    assert answer.status_code == 200


def test_all_nineteen_tables_for_people_have_an_admin():
    assert len(MODELS) == 19


@pytest.mark.parametrize(("who", "status"), [("manager", 200), ("stranger", 302)])
def test_a_zone_opens_on_its_map_for_its_own_site_only(client, cast, zone_of_site, who, status):
    client.force_login(as_staff(getattr(cast, who)), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"/admin/zones/zone/{zone_of_site.pk}/change/")
    assert answer.status_code == status
    if status == 200:
        assert "leaflet" in answer.content.decode()
    listed = client.get("/admin/zones/zone/").content.decode()
    assert (f"/admin/zones/zone/{zone_of_site.pk}/change/" in listed) is (status == 200)


def test_a_zone_drawn_anew_is_stored_with_an_act_and_told(client, cast, zone_of_site):
    client.force_login(as_staff(cast.manager), backend="django.contrib.auth.backends.ModelBackend")
    ring = [[LON, LAT], [LON + 0.001, LAT], [LON + 0.001, LAT + 0.001], [LON, LAT]]
    outline = {"type": "MultiPolygon", "coordinates": [[ring]]}
    form = {
        "organisation": zone_of_site.organisation_id,
        "site": zone_of_site.site_id,
        "code": "pit",
        "name": "深基坑",
        "kind": "pit",
        "outline": str(outline).replace("'", '"'),
        "bottom_m": "90",
        "top_m": "111.5",
        "active": "on",
    }
    answer = client.post(f"/admin/zones/zone/{zone_of_site.pk}/change/", form)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    zone = Zone.objects.get(pk=zone_of_site.pk)
    assert (zone.name, zone.top_m, zone.outline.srid) == ("深基坑", 111.5, 4490)
    assert zone.outline[0][0][0] == pytest.approx((LON, LAT), abs=1e-9)
    act = Act.objects.get(verb="admin_change")
    assert (act.actor, act.subject_id) == (cast.manager, str(zone.pk))
    assert set(act.details["fields"]) == {"name", "outline", "top_m"}
    assert Event.objects.latest("id").payload["zone"] == str(zone.pk)


def test_nothing_that_operations_write_can_be_changed_or_deleted(client, root, cast, zone_of_site):
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    act = Act.objects.first()
    assert client.post(f"/admin/ledger/act/{act.pk}/change/", {"verb": "x"}).status_code == 403
    assert client.post(f"/admin/zones/zone/{zone_of_site.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Zone.objects.filter(pk=zone_of_site.pk).exists()
