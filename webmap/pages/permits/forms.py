"""The form of a permit, for a phone: kind first, then its own measures."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from spatial.people.models import Person
from spatial.permits.rules import GasLimit, PermitLimits
from spatial.zones.models import Zone
from webmap.wording.reader import reads_chinese

from .words import measure_words

MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class PermitForm(forms.Form):
    """What, where, when, who works, who watches, what was checked."""

    work = forms.CharField(label=_("Work to be done"), max_length=200)
    zone = forms.ModelChoiceField(Zone.objects.none(), label=_("Zone"))
    place = forms.CharField(label=_("Place in words"), max_length=200, required=False)
    lon = forms.FloatField(required=False, min_value=73, max_value=136, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, min_value=3, max_value=54, widget=forms.HiddenInput)
    height_m = forms.FloatField(
        label=_("Height (m)"),
        required=False,
        widget=forms.NumberInput({"step": "any"}),
        help_text=_("Of the point on the map. Empty: the ground of the site."),
    )
    element = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    starts = forms.DateTimeField(label=_("From"), widget=MOMENT, input_formats=["%Y-%m-%dT%H:%M"])
    ends = forms.DateTimeField(label=_("Until"), widget=MOMENT, input_formats=["%Y-%m-%dT%H:%M"])
    entrants = forms.ModelMultipleChoiceField(
        Person.objects.none(), label=_("Who works"), widget=forms.SelectMultiple(attrs={"size": 6})
    )
    attendant = forms.ModelChoiceField(Person.objects.none(), label=_("Who watches"), required=False)
    measures = forms.MultipleChoiceField(
        label=_("Checked before the work"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, kind: str, zones: Any, people: Any, time_zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = ZoneInfo(time_zone)
        self.fields["zone"].queryset = zones  # type: ignore[attr-defined]
        self.fields["entrants"].queryset = people  # type: ignore[attr-defined]
        self.fields["attendant"].queryset = people  # type: ignore[attr-defined]
        self.fields["measures"].choices = measure_words(kind)  # type: ignore[attr-defined]

    def moment(self, name: str) -> datetime:
        """Return a field's time by the clock of the site, whatever clock the server has."""
        return self.cleaned_data[name].replace(tzinfo=self._zone)


class GasForm(forms.Form):
    """The values of a gas test."""

    tested_by = forms.CharField(label=_("Tested by"), max_length=60)

    def __init__(self, limits: PermitLimits, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limits = limits
        for limit in limits.gases:
            name = limit.zh if reads_chinese() else limit.en
            self.fields[limit.code] = forms.FloatField(
                label=f"{name} ({limit.unit})", min_value=0, max_value=1000, help_text=_span(limit)
            )

    def values(self) -> dict[str, float]:
        """Return the values by gas."""
        return {limit.code: self.cleaned_data[limit.code] for limit in self._limits.gases}


def _span(limit: GasLimit) -> str:
    """Return within what a gas must be, in signs that need no words."""
    if limit.below is not None:
        return f"< {limit.below:g}"
    if limit.least is not None and limit.most is not None:
        return f"{limit.least:g} – {limit.most:g}"
    return f"≥ {limit.least:g}" if limit.least is not None else f"≤ {limit.most:g}"
