"""What the guide asks for, and how each answer is checked."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, Polygon
from django.utils.translation import gettext_lazy as _

from spatial.devices.models import Device
from spatial.people.models import Role
from spatial.places.models import Site

# CGCS2000 / 3-degree Gauss-Kruger by central meridian, without zone prefix: EPSG 4534 (75° E) to 4554 (135° E)
MERIDIANS = range(75, 136, 3)


def srid_of_meridian(meridian: int) -> int:
    """Return the EPSG code of the CGCS2000 3-degree zone with this central meridian (degrees east)."""
    return 4534 + (meridian - 75) // 3


def _polygon_of(content: Any) -> Any:
    """Return the first polygon in a GeoJSON object: geometry, feature or collection."""
    if not isinstance(content, dict):
        return None
    if content.get("type") == "FeatureCollection":
        return next((found for f in content.get("features", []) if (found := _polygon_of(f))), None)
    if content.get("type") == "Feature":
        return _polygon_of(content.get("geometry"))
    return content if content.get("type") == "Polygon" else None


class SiteForm(forms.Form):
    """The first site: names, coordinate system, heights and boundary."""

    organisation = forms.CharField(label=_("Company"), max_length=120)
    name = forms.CharField(label=_("Name of the site"), max_length=120)
    code = forms.SlugField(
        label=_("Short code"), max_length=40, help_text=_("Latin letters, digits and hyphens; part of every address.")
    )
    projected_srid = forms.TypedChoiceField(
        label=_("Coordinate system"),
        coerce=int,
        choices=[(srid_of_meridian(m), f"CGCS2000 / 3° GK · {m}°E · EPSG:{srid_of_meridian(m)}") for m in MERIDIANS],
        initial=4547,
        help_text=_("The zone whose central meridian is nearest to the site."),
    )
    ground_height_m = forms.FloatField(
        label=_("Ground height (m, 1985 Yellow Sea)"), initial=0, min_value=-200, max_value=6000
    )
    geoid_offset_m = forms.FloatField(
        label=_("Geoid offset N (m)"),
        initial=0,
        min_value=-120,
        max_value=120,
        help_text=_("Ellipsoidal height is H + N; satellite heights pass through it."),
    )
    time_zone = forms.CharField(label=_("Time zone"), initial="Asia/Shanghai", max_length=40)
    people_count = forms.IntegerField(label=_("People on site"), initial=100, min_value=1, max_value=100000)
    boundary = forms.CharField(
        label=_("Boundary"),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=_("Draw it on the map, or paste GeoJSON: longitude and latitude in CGCS2000 (EPSG:4490)."),
    )

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if Site.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is a site with this code already."))
        return code

    def clean_time_zone(self) -> str:
        zone = self.cleaned_data["time_zone"]
        if zone not in available_timezones():
            raise forms.ValidationError(_("This is not a time zone; write it like Asia/Shanghai."))
        return zone

    def clean_boundary(self) -> Polygon:
        """Return the boundary as a valid polygon in EPSG:4490."""
        try:
            found = _polygon_of(json.loads(self.cleaned_data["boundary"]))
        except json.JSONDecodeError as error:
            raise forms.ValidationError(
                _("This is not JSON: line %(line)s, column %(column)s."),
                params={"line": error.lineno, "column": error.colno},
            ) from error
        if found is None:
            raise forms.ValidationError(_("There is no polygon in it."))
        try:
            polygon = GEOSGeometry(json.dumps(found))
        except (GEOSException, GDALException, ValueError, TypeError) as error:
            raise forms.ValidationError(
                _("The polygon cannot be read; a ring needs four positions or more.")
            ) from error
        return _checked(polygon)


def _checked(polygon: Any) -> Polygon:
    polygon.srid = 4490
    west, south, east, north = polygon.extent
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise forms.ValidationError(_("Positions are longitude and latitude in degrees, not metres."))
    if not polygon.valid:
        raise forms.ValidationError(
            _("The boundary crosses itself: %(reason)s"), params={"reason": polygon.valid_reason}
        )
    return polygon


class PersonForm(forms.Form):
    """One account with one role on the site."""

    full_name = forms.CharField(label=_("Full name"), max_length=60)
    username = forms.RegexField(
        label=_("User name"),
        regex=r"^[\w.@+-]{2,60}$",
        max_length=60,
        error_messages={"invalid": _("Letters, digits and . @ + - _ only.")},
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.PROJECT_MANAGER)

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if get_user_model().objects.filter(username=username).exists():
            raise forms.ValidationError(_("This user name is taken."))
        return username


class DeviceForm(forms.Form):
    """One device; helmets need a wearer."""

    code = forms.SlugField(label=_("Device code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=Device.Kind.choices, initial=Device.Kind.HELMET)
    wearer = forms.CharField(label=_("Worn by"), max_length=60, required=False)
    trade = forms.CharField(label=_("Trade"), max_length=40, required=False)
    report_interval_s = forms.IntegerField(label=_("Report interval (s)"), initial=5, min_value=1, max_value=3600)
