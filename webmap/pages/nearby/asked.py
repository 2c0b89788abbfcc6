"""The form of the question, and what it is prefilled with when it comes from an alarm."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as lazy

from spatial.alarms.queries import visible as visible_alarms
from spatial.places.models import Site
from spatial.tracks.approaches import Asked

AROUND_ALARM = timedelta(minutes=10)
MOMENT = "%Y-%m-%dT%H:%M"


class NearbyForm(forms.Form):
    """What is asked. Times are those of the site."""

    lon = forms.FloatField(label=lazy("Longitude"))
    lat = forms.FloatField(label=lazy("Latitude"))
    height_m = forms.FloatField(label=lazy("Height (m, Yellow Sea 1985)"), required=False)
    above_below_m = forms.FloatField(label=lazy("At most above or below (m)"), required=False, min_value=0)
    radius_m = forms.FloatField(label=lazy("Distance (m)"), initial=20)
    start = forms.DateTimeField(label=lazy("Period from"), input_formats=[MOMENT, f"{MOMENT}:%S"])
    end = forms.DateTimeField(label=lazy("Period until"), input_formats=[MOMENT, f"{MOMENT}:%S"])
    purpose = forms.CharField(label=lazy("What do you need it for?"), max_length=300)

    def __init__(self, *arguments: Any, zone: ZoneInfo, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.zone = zone

    def asked(self) -> Asked:
        """Return the question."""
        data = self.cleaned_data
        return Asked(
            lon=data["lon"], lat=data["lat"], radius_m=data["radius_m"], start=self._moment("start"),
            end=self._moment("end"), height_m=data["height_m"], above_below_m=data["above_below_m"],
        )  # fmt: skip

    def _moment(self, name: str) -> datetime:
        given: datetime = self.cleaned_data[name]
        return given.replace(tzinfo=self.zone)


def initial_of(user: Any, site: Site, alarm_id: str, now: datetime) -> dict[str, Any]:
    """Return what the form holds at first: an alarm's place and the minutes around it, or the last half hour."""
    zone = ZoneInfo(site.time_zone)
    start, end, place = now - timedelta(minutes=30), now, site.location
    found: dict[str, Any] = {"radius_m": 20}
    if place is not None:
        found |= {"lon": round(place.x, 7), "lat": round(place.y, 7)}
    try:
        alarm = visible_alarms(user).filter(site=site, pk=UUID(alarm_id)).first()
    except ValueError:
        alarm = None
    if alarm is not None and alarm.location is not None:
        start, end = alarm.raised_at - AROUND_ALARM, alarm.raised_at + AROUND_ALARM
        found |= {"lon": round(alarm.location.x, 7), "lat": round(alarm.location.y, 7), "above_below_m": 3}
        found |= {"height_m": round(alarm.location.z or 0.0, 2)}
    return {**found, "start": f"{start.astimezone(zone):{MOMENT}}", "end": f"{end.astimezone(zone):{MOMENT}}"}
