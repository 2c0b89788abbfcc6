"""Addresses of the production-risk assessments of enterprises."""

from django.urls import path

from .views import assessment_page, assessment_pdf, enterprises_page, keep, sign, version_page, version_pdf

_BASE = "organisations/<uuid:organisation_id>/assessment/"
urlpatterns = [
    path("assessments/", enterprises_page, name="assessments"),
    path(_BASE, assessment_page, name="assessment"),
    path(f"{_BASE}assessment.pdf", assessment_pdf, name="assessment-pdf"),
    path(f"{_BASE}keep/", keep, name="assessment-keep"),
    path(f"{_BASE}v<int:number>/", version_page, name="assessment-version"),
    path(f"{_BASE}v<int:number>/sign/", sign, name="assessment-sign"),
    path(f"{_BASE}v<int:number>/assessment.pdf", version_pdf, name="assessment-version-pdf"),
]
