"""One small form per act on a ticket, and the one operation that it posts to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from spatial.hazards import operations
from spatial.hazards.models import Hazard
from spatial.people.models import User
from webmap.wording.hazard_words import DEADLINE_CLASSES

from .pictures import PhotosField


class ActForm(forms.Form):
    """Base of the act forms. `title` heads it, `submit` is on its button; `main` acts bring the ticket on."""

    title: Any = ""
    submit: Any = ""
    danger = False
    main = False
    needs_people = False
    client_event_id = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, people: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("rectifier", "rechecker", "acceptance_person"):
            if name in self.fields:
                self.fields[name].queryset = User.objects.none() if people is None else people  # type: ignore[attr-defined]


def _words(label: Any, *, required: bool = True, rows: int = 2) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=1000, widget=forms.Textarea(attrs={"rows": rows}))


def _person(label: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(label=label, queryset=User.objects.none(), empty_label=_("Choose …"))


def _instant(label: Any, *, required: bool = True) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=required, widget=widget, input_formats=_INSTANTS)


_INSTANTS: Final = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z"]


class AssignForm(ActForm):
    """Assigning by the five fixed items (五定)."""

    main = True
    title, submit, needs_people = _("Assign: five fixed items"), _("Assign"), True
    rectifier = _person(_("Who fixes it"))
    measure = _words(_("Measure"))
    deadline_class = forms.ChoiceField(label=_("Until when"), choices=DEADLINE_CLASSES, initial="short", required=False)
    deadline = _instant(_("Or until exactly (empty: the end of that day)"), required=False)
    rechecker = _person(_("Who rechecks it"))
    acceptance_person = _person(_("Who accepts it"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("rectifier") and cleaned.get("rectifier") == cleaned.get("rechecker"):
            self.add_error("rechecker", _("The rechecker is never the one who fixes it: choose somebody else."))
        if not cleaned.get("deadline_class") and not cleaned.get("deadline"):
            self.add_error("deadline_class", _("Choose how long the fix may take."))
        return cleaned


class ReasonForm(ActForm):
    """An act that needs only a reason."""

    reason = _words(_("Reason"))


class ReturnForm(ReasonForm):
    title, submit = _("Return to the reporter for more facts"), _("Return")


class VoidForm(ReasonForm):
    title, submit, danger = _("Void: not a hazard, duplicate or test"), _("Void"), True


class ResubmitForm(ActForm):
    main = True
    title, submit = _("Report again"), _("Send")
    text = _words(_("What you added or changed"))
    photos = PhotosField(required=False)


class ReassignForm(ActForm):
    title, submit, needs_people = _("Give it to somebody else"), _("Give"), True
    rectifier = _person(_("Who fixes it now"))
    reason = _words(_("Reason"))


class FixForm(ActForm):
    main = True
    title, submit = _("Hand in the fix"), _("Hand in")
    photos = PhotosField(label=_("Photos after the fix, from the same viewpoint"))
    text = _words(_("What was done"))


class RecheckPassForm(ActForm):
    main = True
    title, submit = _("Recheck: passed"), _("Passed")
    photos = PhotosField(label=_("Photo at the recheck"))
    conclusion = _words(_("Conclusion"))


class RecheckFailForm(ActForm):
    title, submit, danger = _("Recheck: not passed"), _("Not passed"), True
    photos = PhotosField(label=_("Photo at the recheck"))
    reason = _words(_("What is still wrong"))
    new_deadline = _instant(_("New deadline (empty: the remaining time runs on)"), required=False)


class ReviewCloseForm(ActForm):
    main = True
    title, submit = _("Final review: close the ticket"), _("Close")
    conclusion = _words(_("Conclusion"))


class ReviewRejectForm(ActForm):
    title, submit, danger = _("Final review: not accepted"), _("Send back"), True
    reason = _words(_("Reason"))
    new_deadline = _instant(_("New deadline (empty: the remaining time runs on)"), required=False)


class AutoCloseForm(ActForm):
    main = True
    title, submit = _("Close the ticket"), _("Close")


class ExtensionForm(ActForm):
    title, submit = _("Ask for more time"), _("Ask")
    new_deadline = _instant(_("New deadline"))
    reason = _words(_("Reason"))
    interim_protection = _words(_("Protection until then"))


class GrantExtensionForm(ReasonForm):
    main = True
    title, submit = _("Grant more time"), _("Grant")


class RefuseExtensionForm(ReasonForm):
    title, submit, danger = _("Refuse more time"), _("Refuse"), True


FORMS: Final[dict[str, type[ActForm]]] = {
    "approve_general": AssignForm,
    "return": ReturnForm,
    "void": VoidForm,
    "resubmit": ResubmitForm,
    "submit_fix": FixForm,
    "request_extension": ExtensionForm,
    "approve_extension": GrantExtensionForm,
    "reject_extension": RefuseExtensionForm,
    "reassign": ReassignForm,
    "recheck_pass": RecheckPassForm,
    "recheck_fail": RecheckFailForm,
    "review_close": ReviewCloseForm,
    "review_reject": ReviewRejectForm,
    "auto_close": AutoCloseForm,
}

_OPERATIONS: Final[dict[str, Callable[..., Hazard]]] = {
    "approve_general": operations.approve_general,
    "return": operations.return_hazard,
    "void": operations.void_hazard,
    "resubmit": operations.resubmit,
    "submit_fix": operations.submit_fix,
    "request_extension": operations.request_extension,
    "approve_extension": operations.approve_extension,
    "reject_extension": operations.reject_extension,
    "reassign": operations.reassign,
    "recheck_pass": operations.recheck_pass,
    "recheck_fail": operations.recheck_fail,
    "review_close": operations.review_close,
    "review_reject": operations.review_reject,
    "auto_close": operations.auto_close,
}


def perform(event: str, *, hazard: Hazard, form: ActForm, actor: Any, now: datetime) -> Hazard:
    """This function will do one act with a valid form. Raises what the operation raises; then nothing changed."""
    values = dict(form.cleaned_data)
    if event == "submit_fix":
        values["fixed_at"] = now
    return _OPERATIONS[event](hazard=hazard, actor=actor, now=now, **values)
