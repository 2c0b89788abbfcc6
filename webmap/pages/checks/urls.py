"""Addresses of a revision's checks."""

from django.urls import path

from . import card  # noqa: F401  it adds itself to the revision page
from .files import bcf_file, csv_file, ids_file
from .list_page import checks_page
from .result_page import cancel, check_page

BASE = "sites/<slug:code>/models/<uuid:revision_id>/checks/"
urlpatterns = [
    path(BASE, checks_page, name="checks"),
    path(f"{BASE}documents/<uuid:document_id>.ids", ids_file, name="ids-file"),
    path(f"{BASE}<uuid:check_id>/", check_page, name="check"),
    path(f"{BASE}<uuid:check_id>/cancel/", cancel, name="check-cancel"),
    path(f"{BASE}<uuid:check_id>/findings.csv", csv_file, name="check-csv"),
    path(f"{BASE}<uuid:check_id>/findings-<str:version>.bcf", bcf_file, name="check-bcf"),
]
