"""What a reporter fills in: photos, words, and a place on the plan or on an element of the model."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from spatial.patrols.models import Patrol
from spatial.places.models import Site, Storey
from webmap.wording.hazard_words import CATEGORIES

from .pictures import PhotosField
from .place_words import element_of, offset_on_element

HELD_ABOVE_FLOOR_M: Final = 1.0


class ReportForm(forms.Form):
    """A hazard report. `place()` gives the anchor of `hazards.operations.report_hazard`."""

    photos = PhotosField()
    description = forms.CharField(
        label=_("Describe it"),
        max_length=1000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say in a few words what is wrong.")},
    )
    category = forms.ChoiceField(
        label=_("Category"),
        choices=[("", _("Choose …")), *CATEGORIES],
        error_messages={"required": _("Choose a category.")},
    )
    storey = forms.ModelChoiceField(
        label=_("Storey"), queryset=Storey.objects.none(), required=False, empty_label=_("Ground, outside")
    )
    lon = forms.FloatField(widget=forms.HiddenInput, min_value=-180, max_value=180)
    lat = forms.FloatField(widget=forms.HiddenInput, min_value=-90, max_value=90)
    height_m = forms.FloatField(widget=forms.HiddenInput, required=False, min_value=-1000, max_value=9000)
    model_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    element_global_id = forms.CharField(widget=forms.HiddenInput, required=False, max_length=22)
    patrol = forms.UUIDField(widget=forms.HiddenInput, required=False)
    found_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)
    client_event_id = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site
        self.element: Any = None
        self.finding = finding_of(site, self.data.get("patrol") or self.initial.get("patrol"))
        storeys = Storey.objects.filter(site=site).select_related("building").order_by("building__name", "elevation_m")
        self.fields["storey"].queryset = storeys  # type: ignore[attr-defined]
        self.fields["storey"].label_from_instance = _storey_label  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("lon") is None or cleaned.get("lat") is None:
            self.add_error(None, forms.ValidationError(_("Tap the place on the map."), code="place"))
        for name in ("lon", "lat", "height_m"):
            value = cleaned.get(name)
            if value is not None and not math.isfinite(value):
                self.add_error(name, _("This is not a number."))
        self.element = element_of(self.site, cleaned.get("model_id"), cleaned.get("element_global_id") or "")
        if cleaned.get("element_global_id") and self.element is None:
            self.add_error(None, _("This element is in no model of the site: choose the place again."))
        return cleaned

    def place(self) -> dict[str, Any]:
        """Return the anchor: lon, lat in EPSG:4490, height in metres of Yellow Sea 1985, storey and element."""
        data = self.cleaned_data
        place: dict[str, Any] = {
            "lon": data["lon"],
            "lat": data["lat"],
            "height_m": placed_height(self.site, data["storey"], data["height_m"]),
        }
        if data["storey"]:
            place["storey_id"] = data["storey"].id
        if self.element:
            place["model_id"] = data["model_id"]
            place["element_global_id"] = self.element.global_id
            place["element_name"] = self.element.name
            place["offset_m"] = offset_on_element(
                self.element, lon=place["lon"], lat=place["lat"], height_m=place["height_m"]
            )
        return place

    def found_at_or(self, now: datetime) -> datetime:
        """Return when the hazard was found by the phone's clock; never later than now."""
        found = self.cleaned_data["found_at"]
        return min(found, now) if found else now


def finding_of(site: Site, patrol_id: Any) -> Patrol | None:
    """Return the patrol of this site whose finding is reported, or None; one that was reported is not again."""
    try:
        key = UUID(str(patrol_id)) if patrol_id else None
    except ValueError:
        return None
    rows = Patrol.objects.filter(site=site, done_at__isnull=False, hazard_id__isnull=True).select_related("risk_point")
    return rows.filter(pk=key).first() if key else None


def placed_height(site: Site, storey: Storey | None, height_m: float | None) -> float:
    """Return the height of a place: as measured, else 1 m above the storey's floor, else 1 m above the ground."""
    if height_m is not None:
        return height_m
    return (storey.elevation_m if storey else site.ground_height_m) + HELD_ABOVE_FLOOR_M


def _storey_label(storey: Storey) -> str:
    return f"{storey.building.name} · {storey.name} ({storey.elevation_m:.2f} m)"
