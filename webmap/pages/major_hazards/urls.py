"""Addresses of major hazard installations."""

from django.urls import path

from .unit_list import region_page, site_page
from .unit_page import close, follow, identify, stock, unit_form, unit_page

BASE = "sites/<slug:code>/live/major-hazards/"
urlpatterns = [
    path(BASE, site_page, name="hazard-units"),
    path(f"{BASE}new/", unit_form, name="hazard-unit-new"),
    path(f"{BASE}<uuid:unit_id>/", unit_page, name="hazard-unit"),
    path(f"{BASE}<uuid:unit_id>/edit/", unit_form, name="hazard-unit-edit"),
    path(f"{BASE}<uuid:unit_id>/stock/<uuid:substance_id>/", stock, name="hazard-unit-stock"),
    path(f"{BASE}<uuid:unit_id>/follow/<uuid:substance_id>/", follow, name="hazard-unit-follow"),
    path(f"{BASE}<uuid:unit_id>/identify/", identify, name="hazard-unit-identify"),
    path(f"{BASE}<uuid:unit_id>/close/", close, name="hazard-unit-close"),
    path("region/major-hazards/", region_page, name="region-hazard-units"),
]
