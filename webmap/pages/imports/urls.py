"""Addresses of the model import."""

from django.urls import path

from .downloads import elements_file
from .edges_page import edges_page
from .views import cancel, models_page, revision_page

urlpatterns = [
    path("sites/<slug:code>/models/", models_page, name="models"),
    path("sites/<slug:code>/models/<uuid:revision_id>/", revision_page, name="revision"),
    path("sites/<slug:code>/models/<uuid:revision_id>/elements.<slug:suffix>", elements_file, name="elements-file"),
    path("sites/<slug:code>/models/<uuid:revision_id>/edges/", edges_page, name="fall-edges"),
    path("sites/<slug:code>/models/<uuid:revision_id>/cancel/", cancel, name="revision-cancel"),
]
