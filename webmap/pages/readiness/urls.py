"""Addresses of readiness: a revision's report, its list of what is missing, and the pack."""

from django.urls import path

from . import card  # noqa: F401  it adds itself to the revision page
from .pack_page import pack_archive, pack_page, pack_specification
from .views import missing_bcf, missing_csv, readiness_page

urlpatterns = [
    path("sites/<slug:code>/models/<uuid:revision_id>/readiness/", readiness_page, name="readiness"),
    path("sites/<slug:code>/models/<uuid:revision_id>/readiness/missing.csv", missing_csv, name="readiness-missing"),
    path(
        "sites/<slug:code>/models/<uuid:revision_id>/readiness/missing-<str:version>.bcf",
        missing_bcf,
        name="readiness-bcf",
    ),
    path("risk-readiness/", pack_page, name="readiness-pack"),
    path("risk-readiness/pack.zip", pack_archive, name="readiness-pack-zip"),
    path("risk-readiness/<slug:function>.ids", pack_specification, name="readiness-pack-file"),
]
