"""What the forms of a device's page do: each one call of the domain, and what is said when it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ingest.device_transfers import transfer_device
from spatial.devices import equipment, operations, speaking
from spatial.devices.models import AddOn, Calibration, Device, Paper, StreamBinding
from spatial.devices.queries import may_keep
from spatial.devices.rules import DeviceRefused
from spatial.places.models import Site
from spatial.wearing.operations import issue_device, return_device
from webmap.pages.risks.elements import anchor_on_element

from .forms import AddOnForm, CalibrationForm, FactsForm, IssueForm, MappingChoiceForm, PaperForm, PlaceForm, StreamForm

Given = dict[str, Any]


@dataclass(frozen=True)
class Work:
    """What one of the page's forms does; `do` returns a password that is to be shown, or None."""

    form: Callable[..., forms.Form] | None
    do: Callable[[Device, Given, Given], str | None]
    done: Any


def _own(kind: Any, device: Device, row_id: str) -> Any:
    """Return a row that belongs to a device. Raises Http404."""
    try:
        rows = kind.objects.select_related("device__site", "device__organisation")
        return get_object_or_404(rows, device=device, pk=UUID(row_id))
    except ValueError as error:
        raise Http404 from error


def _revise(device: Device, given: Given, by: Given) -> None:
    name, interval = given["name"], given["report_interval_s"]
    operations.revise_device(device=device, name=name, report_interval_s=interval, facts=given["facts"], **by)


def _place(device: Device, given: Given, by: Given) -> None:
    operations.place_device(device=device, **given, **by)


def _place_on(device: Device, given: Given, by: Given) -> None:
    """Place a device on an element of the model. Raises DeviceRefused for one that is not there."""
    anchor = anchor_on_element(device.site, given.get("element", ""))
    if anchor is None:
        raise DeviceRefused(_("There is no such element: search for it again."))
    operations.place_device(device=device, **anchor, **by)


def _issue(device: Device, given: Given, by: Given) -> None:
    take_back = bool(given.get("take_back"))
    issue_device(device=device, person=given["person"], take_back=take_back, **by)


def _return(device: Device, _given: Given, by: Given) -> None:
    return_device(device=device, **by)


def _fit(device: Device, given: Given, by: Given) -> None:
    equipment.fit_add_on(device=device, **given, **by)


def _remove(device: Device, given: Given, by: Given) -> None:
    equipment.remove_add_on(add_on=_own(AddOn, device, given.get("id", "")), **by)


def _calibrate(device: Device, given: Given, by: Given) -> None:
    equipment.record_calibration(device=device, **given, **by)


def _paper(device: Device, given: Given, by: Given) -> None:
    equipment.record_paper(device=device, **given, **by)


def _withdraw(device: Device, given: Given, by: Given) -> None:
    kind: Any = Calibration if given.get("what") == "calibration" else Paper
    equipment.withdraw(row=_own(kind, device, given.get("id", "")), **by)


def _password(device: Device, _given: Given, by: Given) -> str:
    return operations.renew_password(device=device, **by)


def _let_register(device: Device, _given: Given, by: Given) -> None:
    operations.let_terminal_register(device=device, **by)


def _retire(device: Device, _given: Given, by: Given) -> None:
    operations.retire_device(device=device, **by)


def _transfer(device: Device, given: Given, by: Given) -> str:
    sites = Site.objects.visible_to(by["actor"]).select_related("organisation", "region")
    target = sites.filter(code=given.get("site", "")).first()
    if target is None or not may_keep(by["actor"], target):
        raise DeviceRefused(_("Choose a site whose devices you keep."))
    return transfer_device(device=device, site=target, **by)


def _mapping(device: Device, given: Given, by: Given) -> None:
    speaking.choose_mapping(device=device, **given, **by)


def _bind(device: Device, given: Given, by: Given) -> None:
    speaking.bind_stream(sender=device, **given, **by)


def _unbind(device: Device, given: Given, by: Given) -> None:
    rows = StreamBinding.objects.filter(sender=device).select_related("sender__site", "sender__organisation")
    binding = next((row for row in rows if str(row.pk) == given.get("id")), None)
    if binding is None:
        raise Http404
    speaking.unbind_stream(binding=binding, **by)


WORK: dict[str, Work] = {
    "revise": Work(FactsForm, _revise, gettext_lazy("Changed.")),
    "place": Work(PlaceForm, _place, gettext_lazy("The device has its place.")),
    "place-on": Work(None, _place_on, gettext_lazy("The device has its place.")),
    "issue": Work(IssueForm, _issue, gettext_lazy("The device is given out.")),
    "return": Work(None, _return, gettext_lazy("The device is back.")),
    "fit": Work(AddOnForm, _fit, gettext_lazy("The add-on was fitted.")),
    "remove": Work(None, _remove, gettext_lazy("The add-on was taken off.")),
    "calibrate": Work(
        CalibrationForm, _calibrate, gettext_lazy("The calibration is recorded; it counts from its day on.")
    ),
    "paper": Work(PaperForm, _paper, gettext_lazy("The paper is recorded.")),
    "withdraw": Work(None, _withdraw, gettext_lazy("Withdrawn; the record stays in the ledger.")),
    "password": Work(None, _password, gettext_lazy("The device has a new password; the old one ended.")),
    "let-register": Work(None, _let_register, gettext_lazy("The terminal may register itself within 24 hours.")),
    "retire": Work(None, _retire, gettext_lazy("The device is out of use; what it reported stays.")),
    "transfer": Work(None, _transfer, gettext_lazy("The device belongs to the other site now.")),
    "mapping": Work(MappingChoiceForm, _mapping, gettext_lazy("The mapping reads the next message.")),
    "bind": Work(StreamForm, _bind, gettext_lazy("The datastream is bound.")),
    "unbind": Work(None, _unbind, gettext_lazy("The datastream is not bound any more.")),
}


def form_of(work: Work, device: Device, post: Any) -> forms.Form | None:
    """Return the filled form of a work, or None for one without."""
    if work.form is None:
        return None
    return work.form(post) if work.form in (FactsForm, PaperForm, PlaceForm) else work.form(device, post)
