"""Addresses of the pages about zones."""

from django.urls import path

from .taking import from_file, from_models
from .views import new_zone_page, plan, zone_page, zones_page

BASE = "sites/<slug:code>/zones/"
urlpatterns = [
    path(BASE, zones_page, name="zones"),
    path(f"{BASE}new/", new_zone_page, name="zone-new"),
    path(f"{BASE}from-models/", from_models, name="zones-from-models"),
    path(f"{BASE}from-file/", from_file, name="zones-from-file"),
    path(f"{BASE}plan.geojson", plan, name="zone-plan"),
    path(f"{BASE}<uuid:zone_id>/", zone_page, name="zone"),
]
