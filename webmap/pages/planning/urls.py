"""Addresses of planning: the overview, a document in its versions, its editor, and its PDF."""

from django.urls import path

from .document_page import document_page, document_pdf, edit_page, sign, start
from .overview_page import add_seat, add_training, overview_page, remove_seat

_BASE = "sites/<slug:code>/risks/planning/"
urlpatterns = [
    path(_BASE, overview_page, name="planning"),
    path(f"{_BASE}group/", add_seat, name="planning-seat"),
    path(f"{_BASE}group/<uuid:seat_id>/end/", remove_seat, name="planning-seat-end"),
    path(f"{_BASE}trainings/", add_training, name="planning-training"),
    path(f"{_BASE}<slug:kind>/", document_page, name="planning-document"),
    path(f"{_BASE}<slug:kind>/start/", start, name="planning-start"),
    path(f"{_BASE}<slug:kind>/edit/", edit_page, name="planning-edit"),
    path(f"{_BASE}<slug:kind>/v<int:number>/", document_page, name="planning-version"),
    path(f"{_BASE}<slug:kind>/v<int:number>/sign/", sign, name="planning-sign"),
    path(f"{_BASE}<slug:kind>/v<int:number>/document.pdf", document_pdf, name="planning-pdf"),
]
