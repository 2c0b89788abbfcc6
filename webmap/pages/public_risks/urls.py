"""Addresses of the public risk points of a regulator's regions."""

from django.urls import path

from .import_page import import_page, template_file
from .list_page import list_page
from .point_page import close, new_page, photo, point_page

urlpatterns = [
    path("region/public-risks/", list_page, name="public-risks"),
    path("region/public-risks/new/", new_page, name="public-risk-new"),
    path("region/public-risks/import/", import_page, name="public-risk-import"),
    path("region/public-risks/template.xlsx", template_file, name="public-risk-template"),
    path("region/public-risks/<uuid:risk_id>/", point_page, name="public-risk"),
    path("region/public-risks/<uuid:risk_id>/close/", close, name="public-risk-close"),
    path("region/public-risks/<uuid:risk_id>/photo/", photo, name="public-risk-photo"),
]
