"""Give devices to people and take them back: the gate's work, and the reason why a track is somebody's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from spatial.devices.models import Device
from spatial.ledger.operations import record_act
from spatial.people.models import Person, Role
from spatial.people.queries import roles_on

from .models import Issue

ISSUERS = {Role.SITE_SAFETY, Role.PROJECT_MANAGER, Role.ENTERPRISE_SAFETY}
WEARABLE = ("helmet", "tag")


class IssueRefused(ValueError):
    """A device cannot be given out or taken back; `code` names the sentence, the message says what to do."""

    def __init__(self, code: str, message: str, **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__(message)


def _check_actor(site: Any, actor: Any | None) -> None:
    if actor is not None and not (actor.is_superuser or roles_on(actor, site) & ISSUERS):
        raise IssueRefused("not_yours", "Devices are given out by the safety officer or the project manager.")


@transaction.atomic
def issue_device(*, device: Device, person: Person, actor: Any | None, now: datetime, at: datetime | None = None,
                 take_back: bool = False) -> Issue:  # fmt: skip
    """This function will note that a person wears a device from `at` (default: now) on.

    `at` in the past is for what was written on paper: it must not come before the end of the last issue. With
    `take_back` whoever has it gives it back at that moment. Raises IssueRefused.
    """
    at = at or now
    _check_actor(device.site, actor)
    device = Device.objects.select_for_update().select_related("site", "organisation").get(pk=device.pk)
    if not device.active or device.kind not in WEARABLE:
        raise IssueRefused("not_wearable", "Only helmets and tags in use are given to people.")
    if person.site_id != device.site_id or person.left_on is not None:
        raise IssueRefused("stranger", f"{person.full_name} does not work on this site.", name=person.full_name)
    if at > now:
        raise IssueRefused("future", "A device cannot be given out in the future.")
    open_issue = Issue.objects.filter(device=device, returned_at=None).select_related("person").first()
    if open_issue is not None and open_issue.person_id == person.pk:
        return open_issue
    if open_issue is not None:
        if not take_back:
            name = open_issue.person.full_name
            raise IssueRefused("worn", f"{name} has it: take it back first.", name=name)
        _close(open_issue, at, actor)
    last = Issue.objects.filter(device=device).order_by("-returned_at").first()
    if last is not None and last.returned_at is not None and at < last.returned_at:
        raise IssueRefused("overlap", "At that time somebody else had it still; give a later time.")
    issue = Issue.objects.create(
        organisation=device.organisation, site=device.site, device=device, person=person, issued_at=at, issued_by=actor
    )
    Device.objects.filter(pk=device.pk).update(person=person)
    _act(issue, "issue_device", actor, at, now)
    return issue


def _close(issue: Issue, at: datetime, actor: Any | None) -> None:
    if at <= issue.issued_at:
        raise IssueRefused("before", "It was given out after that time; give a later one.")
    issue.returned_at, issue.returned_by = at, actor
    issue.save(update_fields=["returned_at", "returned_by"])


@transaction.atomic
def return_device(*, device: Device, actor: Any | None, now: datetime, at: datetime | None = None) -> Issue:
    """This function will note that a device came back at `at` (default: now). Raises IssueRefused."""
    at = at or now
    _check_actor(device.site, actor)
    device = Device.objects.select_for_update().select_related("site", "organisation").get(pk=device.pk)
    issue = Issue.objects.filter(device=device, returned_at=None).select_related("person").first()
    if issue is None:
        if device.person_id is None:
            raise IssueRefused("not_out", "Nobody has it.")
        issue = Issue.objects.create(
            organisation=device.organisation, site=device.site, device=device, person_id=device.person_id,
            issued_at=device.created_at, issued_by=None,
        )  # fmt: skip
    if at > now:
        raise IssueRefused("future", "A device cannot come back in the future.")
    _close(issue, at, actor)
    Device.objects.filter(pk=device.pk).update(person=None)
    _act(issue, "return_device", actor, at, now)
    return issue


def _act(issue: Issue, verb: str, actor: Any | None, at: datetime, now: datetime) -> None:
    record_act(
        organisation=issue.organisation,
        site=issue.site,
        actor=actor,
        verb=verb,
        subject_kind="issue",
        subject_id=issue.pk,
        details={"device": issue.device.code, "person": str(issue.person_id), "name": issue.person.full_name},
        occurred_at=at,
        received_at=now,
    )
