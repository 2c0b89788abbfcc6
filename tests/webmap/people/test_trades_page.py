"""Which certificates trades need, and what the company asks besides: seen by all of the site, changed by its safety
department."""

from __future__ import annotations

from django.test import Client

from spatial.people.models import AskedCertificate
from spatial.people.operations import create_user, grant_role
from tests.webmap.people.test_pages import BASE, Stage, as_user, stage, words

__all__ = ["stage"]
PAGE = f"{BASE}people/trades/"
ASKED = {"trade": "普工", "kind": "signalman", "source": "公司制度 12"}


def department(stage: Stage) -> Client:
    user = create_user(username="dept", password="Correct-horse-9", full_name="安全部", language="en")
    grant_role(user=user, role="enterprise_safety", organisation=stage.site.organisation)
    return as_user(user)


def test_a_certificate_that_the_company_asks_is_missed_where_it_is_not_held(stage: Stage) -> None:
    client = department(stage)
    missed = "Lifting signalman and rigger: none valid"
    assert missed not in words(client.get(f"{BASE}people/"))
    answer = client.post(PAGE, ASKED, follow=True)
    assert "Lifting signalman and rigger is asked of" in words(answer)
    assert missed in words(client.get(f"{BASE}people/"))
    assert "Lifting signalman and rigger" in words(client.get(f"{BASE}people/{stage.mate.pk}/"))
    row = AskedCertificate.objects.get()
    answer = client.post(f"{PAGE}{row.pk}/stop/", follow=True)
    assert "is no longer asked of" in words(answer)
    assert missed not in words(client.get(f"{BASE}people/"))


def test_the_safety_officer_reads_the_table_with_its_sources_and_has_no_form(stage: Stage) -> None:
    client = as_user(stage.cast.safety)
    told = words(client.get(PAGE))
    assert "Scaffolder Special work 1 Scaffolder" in told
    assert "建质〔2008〕75号" in told
    assert "No longer ask" not in told
    assert client.post(PAGE, ASKED).status_code == 422
    assert AskedCertificate.objects.count() == 0


def test_a_form_that_is_wrong_says_where_and_writes_nothing(stage: Stage) -> None:
    client = department(stage)
    answer = client.post(PAGE, {**ASKED, "trade": "架子工", "kind": "scaffolder"})
    assert answer.status_code == 422
    assert "This certificate is asked of 架子工 already." in words(answer)
    answer = client.post(PAGE, {**ASKED, "source": ""})
    assert answer.status_code == 422
    assert AskedCertificate.objects.count() == 0


def test_strangers_find_no_trades_and_take_nothing_back(stage: Stage) -> None:
    client = department(stage)
    client.post(PAGE, ASKED)
    row = AskedCertificate.objects.get()
    stranger = as_user(stage.cast.stranger)
    assert stranger.get(PAGE).status_code == 404
    assert stranger.post(f"{PAGE}{row.pk}/stop/").status_code == 404
    as_user(stage.cast.safety).post(f"{PAGE}{row.pk}/stop/")
    assert AskedCertificate.objects.count() == 1
