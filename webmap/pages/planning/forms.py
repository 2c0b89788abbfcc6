"""Forms of planning: the text of a document, a seat in the group, a training, and a return."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from spatial.people.models import User
from spatial.people.queries import users_on
from spatial.planning.body import MAX_CHARACTERS
from spatial.planning.models import GroupMember, TrainingSession


class TextForm(forms.Form):
    """The title and structured text of a draft."""

    title = forms.CharField(label=_("title"), max_length=160, min_length=2)
    text = forms.CharField(
        label=_("text"),
        max_length=MAX_CHARACTERS,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 34, "spellcheck": "false", "class": "planning-text"}),
    )


class SeatForm(forms.Form):
    """Somebody with a role on the site, a duty, and what the person does in the group."""

    user = forms.ModelChoiceField(label=_("full name"), queryset=User.objects.none())
    duty = forms.ChoiceField(label=_("duty"), choices=GroupMember.Duty.choices)
    task = forms.CharField(label=_("task in the group"), max_length=200, required=False)

    def __init__(self, site: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = users_on(site)  # type: ignore[attr-defined]


class TrainingForm(forms.Form):
    """A training that was held."""

    level = forms.ChoiceField(label=_("level of the trained"), choices=TrainingSession.Level.choices)
    topic = forms.CharField(label=_("topic"), max_length=160)
    held_on = forms.DateField(label=_("held on"), widget=forms.DateInput(attrs={"type": "date"}))
    attended = forms.IntegerField(label=_("people trained"), min_value=1, max_value=100_000)
    trainer = forms.CharField(label=_("trainer"), max_length=60, required=False)
