"""The admin shows only what its user may see, draws on a map, and writes acts."""

from __future__ import annotations

import pytest
from django.contrib.admin import site as admin_site
from django.contrib.auth.models import Permission
from django.contrib.gis.geos import Point

from bim.models import Element, Model, Revision
from bim.models import Storey as ModelStorey
from spatial.alarms.operations import raise_alarm
from spatial.alarms.titles import Words
from spatial.devices.models import Device, RefusedMessage
from spatial.devices.operations import register_device
from spatial.fences.models import FenceEvent
from spatial.fences.operations import create_fence
from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.people.operations import create_person
from spatial.places.models import Site
from spatial.tracks.models import LatestPosition
from spatial.zones.models import Zone
from tests.spatial.conftest import LAT, LON, NOW
from tests.spatial.risks.test_operations import make_point

pytestmark = pytest.mark.django_db
APPS = (
    *("places", "people", "rulebook", "ledger", "notices", "risks", "zones", "hazards"),
    *("devices", "tracks", "fences", "alarms", "bim"),
)
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


def test_all_thirty_four_tables_for_people_have_an_admin():
    assert len(MODELS) == 34


@pytest.fixture
def rows_of_site(cast, zone_of_site):
    """One row of each table that devices, fences, alarms and models write, on the cast's site."""
    place = Point(LON, LAT, 100.0, srid=4490)
    own = {"site": cast.site, "organisation": cast.site.organisation}
    device, _ = register_device(
        site=cast.site, code="H-1", name="帽", kind="helmet", report_interval_s=5, actor=cast.manager, now=NOW
    )
    late = {"site": cast.site, "topic": "tw/v1/tower/H-1/positions", "device_code": "H-1", "payload": b"{"}
    model = Model.objects.create(name="主体", **own)
    revision = Revision.objects.create(model=model, number=1, file_name="a.ifc", **own)
    storey = ModelStorey.objects.create(
        revision=revision, name="1F", global_id="0" * 22, index=0, model_elevation_m=0.0
    )
    return [
        device,
        RefusedMessage.objects.create(reason="not JSON", received_at=NOW, **late),
        LatestPosition.objects.create(
            device=device, fix_time=NOW, received_at=NOW, point=place, accuracy_m=1.0, source="UWB", **own
        ),
        create_fence(zone=zone_of_site, actor=cast.manager, now=NOW),
        FenceEvent.objects.create(
            kind="entered", device=device, zone=zone_of_site, fix_time=NOW, received_at=NOW, point=place, **own
        ),
        raise_alarm(
            site=cast.site, rule="P-01", level="red", title=Words.same("张三 · 基坑"), zone=zone_of_site, device=device,
            person_name="张三", storey=None, location=place, raised_at=NOW, received_at=NOW,
        ),
        model,
        revision,
        storey,
        Element.objects.create(revision=revision, index=0, global_id="0" * 22, ifc_class="IfcWall", storey=storey),
    ]  # fmt: skip


def test_rows_of_devices_alarms_and_models_are_listed_for_their_own_site_only(client, cast, rows_of_site):
    for who, listed in (("manager", 1), ("stranger", 0)):
        client.force_login(as_staff(getattr(cast, who)), backend="django.contrib.auth.backends.ModelBackend")
        for row in rows_of_site:
            answer = client.get(f"/admin/{row._meta.app_label}/{row._meta.model_name}/")
            assert answer.context["cl"].result_count == listed, (who, row._meta.label)


def test_rows_of_devices_alarms_and_models_are_not_deleted_even_by_a_superuser(client, root, rows_of_site):
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    for row in rows_of_site:
        page = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/delete/"
        assert client.post(page, {"post": "yes"}).status_code == 403, row._meta.label
        assert type(row).objects.filter(pk=row.pk).exists()


def test_a_changed_device_is_noted_and_its_wearer_is_of_a_visible_site(client, cast, rows_of_site):
    elsewhere = Site.objects.get(code="far")
    guest = create_person(site=elsewhere, full_name="外人", trade="木工", now=NOW)
    client.force_login(as_staff(cast.manager), backend="django.contrib.auth.backends.ModelBackend")
    page = f"/admin/devices/device/{rows_of_site[0].pk}/change/"
    form = {"name": "新帽", "kind": "helmet", "report_interval_s": "5", "datum": rows_of_site[0].datum}
    assert client.post(page, {**form, "person": str(guest.pk)}).status_code == 200
    assert Device.objects.get(pk=rows_of_site[0].pk).name == "帽"
    assert client.post(page, form).status_code == 302
    assert Act.objects.get(verb="admin_change").details["fields"] == ["name"]


def test_only_people_of_visible_sites_can_be_let_into_a_danger_zone(client, cast, rows_of_site):
    guest = create_person(site=Site.objects.get(code="far"), full_name="外人", trade="木工", now=NOW)
    client.force_login(as_staff(cast.manager), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/admin/fences/fenceprofile/{rows_of_site[3].pk}/change/")
    assert guest not in page.context["adminform"].form.fields["allowed"].queryset


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
