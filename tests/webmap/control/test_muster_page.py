"""The muster page: from the button to the report, on the site's own pages only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
from django.utils import timezone

from spatial.musters.models import Muster, MusterEntry
from tests.webmap.control.test_control_room import client_of, seen, wearer
from tests.webmap.field_cast import Cast, build_cast

pytestmark = pytest.mark.django_db
BASE = "/sites/field/live/muster/"


@pytest.fixture
def cast(monkeypatch: pytest.MonkeyPatch) -> Cast:
    cast = build_cast()
    monkeypatch.setattr("tests.webmap.control.test_control_room.NOW", timezone.now())
    seen(wearer(cast, "H-1", "甲木工"), (timedelta(seconds=5), 0.0))
    seen(wearer(cast, "H-2", "乙焊工"), (timedelta(minutes=20), 0.0))
    return cast


def test_a_muster_runs_from_the_button_to_the_report(cast: Cast) -> None:
    client = client_of(cast.safety)
    assert "Begin the muster" in client.get(BASE).content.decode()
    client.post(f"{BASE}start/", {"kind": "real", "reason": "二层起火"})
    page = client.get(BASE).content.decode()
    assert "二层起火" in page and page.index("乙焊工") < page.index("甲木工") and "20 min" in page
    muster, entry = Muster.objects.get(), MusterEntry.objects.get(name="乙焊工")
    part = client.get(BASE, headers={"X-Part": "muster"}).content.decode()
    assert "<html" not in part and "乙焊工" in part
    client.post(f"{BASE}{muster.pk}/end/", {"note": ""})
    assert "say why the muster may end" in client.get(BASE).content.decode()
    worker = client_of(cast.worker)
    worker.post(f"{BASE}{muster.pk}/tick/{entry.pk}/", {"safe": "1"})
    worker.post(f"{BASE}{muster.pk}/add/", {"name": "访客李"})
    client.post(f"{BASE}{muster.pk}/end/", {"note": "电话确认"})
    report: Any = client.get(f"{BASE}{muster.pk}/report.pdf")
    assert report.headers["Content-Type"] == "application/pdf"
    text = pypdfium2.PdfDocument(report.content)[0].get_textpage().get_text_range()
    assert all(word in text for word in ("二层起火", "乙焊工", "访客李", "王工", "电话确认"))
    assert "Report (PDF)" in client.get(BASE).content.decode()


def test_a_worker_ticks_but_begins_none_and_a_stranger_finds_nothing(cast: Cast) -> None:
    worker, stranger = client_of(cast.worker), client_of(cast.stranger)
    assert "Begin the muster" not in worker.get(BASE).content.decode()
    worker.post(f"{BASE}start/", {"kind": "real"})
    assert not Muster.objects.exists()
    client_of(cast.safety).post(f"{BASE}start/", {"kind": "drill"})
    muster, entry = Muster.objects.get(), MusterEntry.objects.all()[0]
    assert muster.drill
    for path in ("", "start/", f"{muster.pk}/tick/{entry.pk}/", f"{muster.pk}/add/", f"{muster.pk}/end/"):
        assert stranger.post(BASE + path).status_code in (404, 405)
        assert stranger.get(BASE).status_code == 404
    assert stranger.get(f"{BASE}{muster.pk}/report.pdf").status_code == 404
    assert not MusterEntry.objects.filter(ticked_at__isnull=False).exists()


def test_who_may_not_see_names_sees_trades(cast: Cast) -> None:
    client_of(cast.safety).post(f"{BASE}start/", {"kind": "drill"})
    page = client_of(cast.town).get(BASE).content.decode()
    assert "甲木工" not in page and "架子工" in page
