"""What a person says of a day, and a post that must be manned."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from spatial.people.models import Person
from spatial.people.rules import trades
from spatial.zones.models import Zone

TIME = forms.TimeInput(attrs={"type": "time"})


class CorrectionForm(forms.Form):
    """Came and left, as somebody says."""

    person = forms.ModelChoiceField(Person.objects.none(), label=_("Person"))
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    came = forms.TimeField(label=_("Came"), widget=TIME)
    left = forms.TimeField(label=_("Left"), widget=TIME)
    reason = forms.CharField(label=_("Why, and what shows it"), max_length=300)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    def moments(self, time_zone: str) -> tuple[datetime, datetime]:
        """Return coming and leaving; who leaves before coming left on the next day."""
        zone, data = ZoneInfo(time_zone), self.cleaned_data
        came = datetime.combine(data["day"], data["came"], tzinfo=zone)
        left = datetime.combine(data["day"], data["left"], tzinfo=zone)
        return came, left if left > came else left + timedelta(days=1)


class PostForm(forms.Form):
    """A post: name, who may man it, where, when, how many."""

    name = forms.CharField(label=_("Post"), max_length=80)
    trade = forms.CharField(label=_("Trade"), max_length=40, required=False)
    people = forms.ModelMultipleChoiceField(Person.objects.none(), label=_("or these people"), required=False)
    zone = forms.ModelChoiceField(Zone.objects.none(), label=_("Zone (none: anywhere on the site)"), required=False)
    starts = forms.TimeField(label=_("Starts"), widget=TIME)
    ends = forms.TimeField(label=_("Ends"), widget=TIME)
    at_least = forms.IntegerField(label=_("At least (people)"), min_value=1, max_value=99, initial=1)

    def __init__(self, *args: Any, zones: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].queryset = zones  # type: ignore[attr-defined]
        self.fields["people"].queryset = people  # type: ignore[attr-defined]
        known = sorted({*people.values_list("trade", flat=True), *(trade.zh for trade in trades().values())})
        choices = [("", "—"), *((trade, trade) for trade in known)]
        self.fields["trade"].widget = forms.Select(choices=choices)
