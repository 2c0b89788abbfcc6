"""Addresses of a revision's changes."""

from django.urls import path

from . import card  # noqa: F401  it adds itself to the revision page
from .views import changes_page, decide

urlpatterns = [
    path("sites/<slug:code>/models/<uuid:revision_id>/changes/", changes_page, name="changes"),
    path("sites/<slug:code>/models/<uuid:revision_id>/changes/<uuid:review_id>/", decide, name="anchor-review-decide"),
]
