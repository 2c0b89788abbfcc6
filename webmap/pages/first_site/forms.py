"""What the guide asks for, and how each answer is checked."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.gis.geos import Polygon
from django.utils.translation import gettext_lazy as _

from spatial import crs
from spatial.devices.models import Device
from spatial.devices.rules import DeviceRefused, check_code
from spatial.people.models import Role
from spatial.places.models import Site

from .boundary import BoundaryRefused, read_boundary

# CGCS2000 / 3-degree Gauss-Kruger by central meridian, without zone prefix: EPSG 4534 (75° E) to 4554 (135° E)
MERIDIANS = range(75, 136, 3)
FARTHEST_DEG = 3.0  # a neighbouring zone may be the city's own choice; beyond that it is a slip


def srid_of_meridian(meridian: int) -> int:
    """Return the EPSG code of the CGCS2000 3-degree zone with this central meridian (degrees east)."""
    return 4534 + (meridian - 75) // 3


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
            return read_boundary(self.cleaned_data["boundary"])
        except BoundaryRefused as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """Refuse a coordinate system whose meridian is far from the boundary: lengths would come out wrong."""
        given = super().clean() or {}
        boundary, srid = given.get("boundary"), given.get("projected_srid")
        if boundary is not None and srid is not None:
            lon = boundary.centroid.x
            meridian = next(m for m in MERIDIANS if srid_of_meridian(m) == srid)
            if abs(lon - meridian) > FARTHEST_DEG:
                near = min(max(crs.central_meridian(lon), MERIDIANS[0]), MERIDIANS[-1])
                sentence = _("The boundary lies at %(lon).2f° E: take the zone %(near)d° E (EPSG:%(srid)d).")
                self.add_error("projected_srid", sentence % {"lon": lon, "near": near, "srid": srid_of_meridian(near)})
        return given


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
            raise forms.ValidationError(
                _("This user name is taken: choose another, or give that account a role under Administration.")
            )
        return username


class DeviceForm(forms.Form):
    """One device; helmets need a wearer."""

    code = forms.CharField(
        label=_("Device code"),
        max_length=40,
        help_text=_("2 to 40 Latin letters, digits, - and _; it is the device's user name at the broker."),
    )
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=Device.Kind.choices, initial=Device.Kind.HELMET)
    wearer = forms.CharField(label=_("Worn by"), max_length=60, required=False, help_text=_("A helmet has one wearer."))
    trade = forms.CharField(label=_("Trade"), max_length=40, required=False)
    report_interval_s = forms.IntegerField(label=_("Report interval (s)"), initial=5, min_value=1, max_value=3600)

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        try:
            check_code(code)
        except DeviceRefused as error:
            raise forms.ValidationError(
                _("2 to 40 Latin letters, digits, - and _, beginning with a letter or digit.")
            ) from error
        if Device.objects.filter(code=code).exists():
            raise forms.ValidationError(_("This code is taken; every device of this Twinwall has its own."))
        return code

    def clean(self) -> dict[str, Any]:
        """Ask for the wearer of a helmet: an alarm without a name helps nobody."""
        given = super().clean() or {}
        if given.get("kind") == Device.Kind.HELMET and not given.get("wearer"):
            self.add_error("wearer", _("Say who wears this helmet."))
        return given
