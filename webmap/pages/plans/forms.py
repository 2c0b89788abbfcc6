"""What is asked for a plan: a picture with its control points, or a drawing and how to read it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ingest.rasters.affine import ControlPoint, read_control_points
from ingest.vectors.drawings.placing import UNITS, Placing
from ingest.vectors.drawings.reading import MAX_BYTES, Drawing
from spatial.places.models import Site
from webmap.pages.first_site.plan_forms import SitePlanForm, check_size, read_points


def start_of(day: date | None, site: Site, now: datetime) -> datetime:
    """Return the beginning of a day on the site's clock; without a day, now."""
    return now if day is None else datetime.combine(day, time(), ZoneInfo(site.time_zone))


def _day() -> forms.DateField:
    return forms.DateField(
        label=gettext_lazy("Valid from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("The day from which this plan holds; empty: from now on."),
    )


class PictureForm(SitePlanForm):
    """A picture of the site plan, the points that place it, and the day from which it holds."""

    valid_from = _day()


class DrawingFileForm(forms.Form):
    """The file of a drawing."""

    prefix = "drawing"
    file = forms.FileField(
        label=gettext_lazy("Drawing file"),
        help_text=gettext_lazy("DXF or GeoJSON, up to 40 MB. Save a DWG as DXF first."),
        widget=forms.FileInput(attrs={"accept": ".dxf,.geojson,.json,.dwg"}),
    )

    def clean_file(self) -> UploadedFile:
        check_size(self.cleaned_data["file"], MAX_BYTES)
        return self.cleaned_data["file"]


class DrawingForm(forms.Form):
    """How a drawing is placed: its layers, unit, and coordinates or control points."""

    name = forms.CharField(label=gettext_lazy("Name of the plan"), max_length=120)
    valid_from = _day()
    unit = forms.ChoiceField(label=gettext_lazy("Unit of the drawing"), choices=[(unit, unit) for unit in UNITS])
    datum = forms.CharField(
        label=gettext_lazy("Coordinates of the drawing"),
        required=False,
        help_text=gettext_lazy("An EPSG code, GCJ-02 or BD-09, if the drawing has map coordinates."),
    )
    points = forms.CharField(
        label=gettext_lazy("Control points"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "placeholder": "0 0 478900.00 3848600.00"}),
        help_text=gettext_lazy(
            "If it has its own grid: one line for each point, x and y in the drawing, then east and north in metres."
        ),
    )
    layers = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": gettext_lazy("The drawing has no such layer.")}
    )

    def __init__(self, data: Any, *, drawing: Drawing, site: Site, name: str) -> None:
        initial = {
            "name": name,
            "unit": drawing.unit or "m",
            "datum": f"EPSG:{drawing.srid or site.projected_srid}",
            "layers": [layer.name for layer in drawing.layers.values() if layer.name.lower() != "defpoints"],
        }
        super().__init__(data, initial=initial)
        self.fields["layers"].choices = [(name, name) for name in drawing.layers]  # type: ignore[attr-defined]

    def clean_points(self) -> tuple[ControlPoint, ...]:
        text = self.cleaned_data["points"]
        return tuple(read_control_points(read_points(text))) if text.strip() else ()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("points") and not given.get("datum") and "points" not in self.errors:
            self.add_error("datum", _("Say which coordinates the drawing has, or give control points."))
        return given

    def placing(self) -> Placing:
        """Return what was said, as the importer takes it."""
        given = self.cleaned_data
        return Placing(tuple(given["layers"]), given["unit"], given["datum"], given["points"])
