"""Which certificates trades need, and what the company requires besides: seen by all of the site, changed by its safety
department."""

from __future__ import annotations

from django.test import Client

from spatial.people.models import CertificateRequirement
from spatial.people.operations import create_user, grant_role
from tests.webmap.people.stage import BASE, Stage, as_user, words

PAGE = f"{BASE}people/trades/"
REQUIRED = {"trade": "普工", "kind": "signalman", "source": "公司制度 12"}


def department(stage: Stage) -> Client:
    user = create_user(username="dept", password="Correct-horse-9", full_name="安全部", language="en")
    grant_role(user=user, role="enterprise_safety", organisation=stage.site.organisation)
    return as_user(user)


def test_a_certificate_that_the_company_requires_is_missed_where_it_is_not_held(stage: Stage) -> None:
    client = department(stage)
    missed = "Lifting signalman and rigger: none valid"
    assert missed not in words(client.get(f"{BASE}people/"))
    answer = client.post(PAGE, REQUIRED, follow=True)
    assert "Lifting signalman and rigger is required of" in words(answer)
    assert missed in words(client.get(f"{BASE}people/"))
    assert "Lifting signalman and rigger" in words(client.get(f"{BASE}people/{stage.mate.pk}/"))
    row = CertificateRequirement.objects.get()
    answer = client.post(f"{PAGE}{row.pk}/drop/", follow=True)
    assert "is no longer required of" in words(answer)
    assert missed not in words(client.get(f"{BASE}people/"))


def test_the_safety_officer_reads_the_table_with_its_sources_and_has_no_form(stage: Stage) -> None:
    client = as_user(stage.cast.safety)
    told = words(client.get(PAGE))
    assert "Scaffolder Special work 1 Scaffolder" in told
    assert "建质〔2008〕75号" in told
    assert "No longer require" not in told
    assert client.post(PAGE, REQUIRED).status_code == 422
    assert CertificateRequirement.objects.count() == 0


def test_who_reads_english_chooses_trades_as_they_are_written_of_people(stage: Stage) -> None:
    page = department(stage).get(PAGE).content.decode()
    assert '<option value="架子工">Scaffolder</option>' in page


def test_a_form_that_is_wrong_says_where_and_writes_nothing(stage: Stage) -> None:
    client = department(stage)
    answer = client.post(PAGE, {**REQUIRED, "trade": "架子工", "kind": "scaffolder"})
    assert answer.status_code == 422
    assert "This certificate is required of Scaffolder already." in words(answer)
    answer = client.post(PAGE, {**REQUIRED, "source": ""})
    assert answer.status_code == 422
    assert CertificateRequirement.objects.count() == 0


def test_strangers_find_no_trades_and_drop_nothing(stage: Stage) -> None:
    client = department(stage)
    client.post(PAGE, REQUIRED)
    row = CertificateRequirement.objects.get()
    stranger = as_user(stage.cast.stranger)
    assert stranger.get(PAGE).status_code == 404
    assert stranger.post(f"{PAGE}{row.pk}/drop/").status_code == 404
    as_user(stage.cast.safety).post(f"{PAGE}{row.pk}/drop/")
    assert CertificateRequirement.objects.count() == 1
