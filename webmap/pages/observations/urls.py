"""Addresses of measurements."""

from django.urls import path

from .list_page import measurements
from .stream_page import measurement, measurement_csv

urlpatterns = [
    path("sites/<slug:code>/live/measurements/", measurements, name="measurements"),
    path("sites/<slug:code>/live/measurements/<uuid:stream_id>/", measurement, name="measurement"),
    path("sites/<slug:code>/live/measurements/<uuid:stream_id>/readings.csv", measurement_csv, name="measurement-csv"),
]
