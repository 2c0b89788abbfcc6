"""Addresses of the statistics."""

from django.urls import path

from .views import region_statistics, site_statistics

urlpatterns = [
    path("sites/<slug:code>/risks/statistics/", site_statistics, name="risk-statistics"),
    path("region/statistics/", region_statistics, name="region-statistics"),
]
