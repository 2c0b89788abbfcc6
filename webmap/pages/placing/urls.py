"""Addresses of placing a model by hand."""

from django.urls import path

from .views import fit, place, plan, undo

BASE = "sites/<slug:code>/models/<uuid:revision_id>/place/"
urlpatterns = [
    path(BASE, place, name="place-model"),
    path(f"{BASE}plan.json", plan, name="place-model-plan"),
    path(f"{BASE}fit/", fit, name="place-model-fit"),
    path(f"{BASE}undo/", undo, name="place-model-undo"),
]
