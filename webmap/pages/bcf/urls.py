"""Addresses of BCF files."""

from django.urls import path

from .incoming_pages import import_page, snapshot
from .views import bcf_page, site_bcf, ticket_bcf

urlpatterns = [
    path("sites/<slug:code>/bcf/", bcf_page, name="bcf"),
    path("sites/<slug:code>/bcf/imports/<uuid:import_id>/", import_page, name="bcf-import"),
    path("sites/<slug:code>/bcf/imports/<uuid:import_id>/<uuid:guid>.jpg", snapshot, name="bcf-snapshot"),
    path("sites/<slug:code>/bcf/open-<str:version>.bcf", site_bcf, name="bcf-site"),
    path("hazards/<uuid:hazard_id>/topic-<str:version>.bcf", ticket_bcf, name="bcf-ticket"),
]
