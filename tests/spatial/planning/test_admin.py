"""Planning, public risk points and assessments in the admin: listed for who may see them, never changed by hand."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from spatial.assessments.models import Assessment
from spatial.planning.models import DocumentSignature, DocumentVersion, GroupMember, TrainingSession
from spatial.public_risks.models import PublicRisk
from tests.spatial.planning.test_operations import TODAY, issue, whole_group

pytestmark = pytest.mark.django_db
OF_SITES = (DocumentVersion, DocumentSignature, GroupMember, TrainingSession)


def as_staff(client, user):
    user.is_staff = True
    user.save()
    labels = ("planning", "public_risks", "assessments")
    user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=labels))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


@pytest.mark.parametrize("model", [*OF_SITES, PublicRisk, Assessment], ids=lambda model: model._meta.label)
def test_every_list_opens_and_nothing_is_added_by_hand(client, planners, django_user_model, model):
    root = django_user_model.objects.create_superuser("root", password="x", full_name="管理员")
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    page = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    assert client.get(page).status_code == 200
    assert client.get(f"{page}add/").status_code == 403


def test_rows_of_a_site_are_listed_for_its_people_only_and_not_changed(client, planners):
    whole_group(planners)
    version = issue(planners)
    for user, listed in ((planners.cast.manager, [1, 4, 4, 0]), (planners.cast.stranger, [0, 0, 0, 0])):
        as_staff(client, user)
        pages = [client.get(f"/admin/planning/{model._meta.model_name}/") for model in OF_SITES]
        assert [page.context["cl"].result_count for page in pages] == listed
    as_staff(client, planners.cast.manager)
    change = f"/admin/planning/documentversion/{version.pk}/change/"
    assert client.post(change, {"title": "改"}).status_code == 403
    version.refresh_from_db()
    assert (version.title, version.issued_on) == ("关于成立双重预防机制建设领导小组的通知", TODAY)
