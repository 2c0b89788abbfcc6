"""Addresses of the place tree."""

from django.urls import path

from .downloads import export_file, template_file
from .import_pages import import_page, preview_page
from .tree_pages import organisation_page, places_page, region_page, site_places

urlpatterns = [
    path("places/", places_page, name="places"),
    path("places/regions/<uuid:region_id>/", region_page, name="places-region"),
    path("places/organisations/<uuid:organisation_id>/", organisation_page, name="places-organisation"),
    path("sites/<slug:code>/places/", site_places, name="site-places"),
    path("places/import/", import_page, name="places-import"),
    path("places/import/<uuid:file_id>/", preview_page, name="places-preview"),
    path("places/templates/<slug:kind>.xlsx", template_file, name="places-template"),
    path("places/export/<slug:form>/", export_file, name="places-export"),
]
