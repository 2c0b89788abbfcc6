"""Pages of major hazard installations: what they show, whom they let write, and what they say to bad input."""

from __future__ import annotations

import pytest
from django.test import Client

from spatial.major_hazards.models import HazardUnit, Identification, StockRecord
from spatial.people.models import User
from tests.webmap.field_cast import Cast, build_cast

pytestmark = pytest.mark.django_db
LIST = "/sites/field/live/major-hazards/"


@pytest.fixture
def cast() -> Cast:
    return build_cast()


def as_user(user: User, language: str = "en") -> Client:
    user.language = language
    user.save(update_fields=["language"])
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form(cast: Cast, **changes: object) -> dict[str, object]:
    values = {
        "code": "WHY-01", "name": "气瓶库", "kind": "storage", "zone": str(cast.edge.pk), "exposed_people": "60",
        "responsible_name": "李安", "phone": "", "substance_code": ["acetylene", "", ""],
        "substance_name": ["", "稀释剂", ""], "substance_design_t": ["0.8", "90", ""],
        "substance_critical_t": ["", "500", ""], "substance_beta": ["", "1", ""],
        "substance_source": ["", "SDS 2026-03", ""],
    }  # fmt: skip
    return {**values, **changes}


def added(cast: Cast) -> HazardUnit:
    answer = as_user(cast.safety).post(f"{LIST}new/", form(cast))
    unit = HazardUnit.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}{unit.pk}/")
    return unit


def test_a_unit_is_entered_counted_and_signed_on_its_page(cast: Cast) -> None:
    unit, client = added(cast), as_user(cast.safety)
    row = unit.substances.get(name="乙炔")
    client.post(f"{LIST}{unit.pk}/stock/{row.pk}/", {"amount_t": "0.95"})
    client.post(f"{LIST}{unit.pk}/identify/")
    text = client.get(f"{LIST}{unit.pk}/").content.decode()
    assert "SDS 2026-03" in text
    assert "Close to critical" in text
    assert StockRecord.objects.get().amount_t == row.records.get().amount_t
    record = Identification.objects.get()
    assert (round(record.s, 9), record.level) == (0.98, None)  # 0.8 / 1 + 90 / 500
    listed = client.get(LIST).content.decode()
    assert "0.95" in listed
    assert "/sites/field/map/?zone=" in listed


def test_bad_input_stays_in_the_form_with_the_reason_and_writes_nothing(cast: Cast) -> None:
    answer = as_user(cast.safety).post(f"{LIST}new/", form(cast, substance_source=["", "", ""]))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Say where Q and β of 稀释剂 come from" in text
    assert 'value="稀释剂"' in text
    assert HazardUnit.objects.count() == 0
    chinese = as_user(cast.safety, "zh-hans").post(f"{LIST}new/", form(cast, exposed_people="viele"))
    assert (chinese.status_code, "人数须不小于 0。" in chinese.content.decode()) == (422, True)
    assert as_user(cast.safety).post(f"{LIST}new/", form(cast, zone="")).status_code == 422
    assert as_user(cast.safety).post(f"{LIST}new/", form(cast, zone="nonsense")).status_code == 422


def test_a_wrong_amount_is_told_and_not_recorded(cast: Cast) -> None:
    unit, client = added(cast), as_user(cast.safety)
    row = unit.substances.first()
    answer = client.post(f"{LIST}{unit.pk}/stock/{row.pk}/", {"amount_t": "-4"}, follow=True)
    assert "-4 t cannot be: from 0 to below 999999999 t." in answer.content.decode()
    assert StockRecord.objects.count() == 0


def test_who_may_not_write_sees_no_form_and_a_stranger_sees_nothing(cast: Cast) -> None:
    unit = added(cast)
    worker = as_user(cast.worker)
    assert worker.get(LIST).status_code == 200
    assert "Counted now" not in worker.get(f"{LIST}{unit.pk}/").content.decode()
    assert worker.get(f"{LIST}new/").status_code == 404
    assert worker.post(f"{LIST}{unit.pk}/identify/").status_code == 404
    for path in (LIST, f"{LIST}{unit.pk}/", f"{LIST}{unit.pk}/edit/"):
        assert as_user(cast.stranger).get(path).status_code == 404
    assert "气瓶库" not in as_user(cast.stranger).get("/region/major-hazards/").content.decode()
    assert Identification.objects.count() == 0


def test_a_regulator_sees_the_units_of_all_sites_at_once(cast: Cast, django_assert_max_num_queries) -> None:
    added(cast)
    client = as_user(cast.town)
    with django_assert_max_num_queries(25):
        text = client.get("/region/major-hazards/").content.decode()
    assert "气瓶库" in text
    assert "金水一号工地" in text
