"""Addresses of the heat page."""

from django.urls import path

from .views import heat_cells, heat_page

urlpatterns = [
    path("sites/<slug:code>/heat/", heat_page, name="heat"),
    path("sites/<slug:code>/heat/cells/", heat_cells, name="heat-cells"),
]
