"""Addresses of the heat page."""

from django.urls import path

from .views import heat_page

urlpatterns = [path("sites/<slug:code>/heat/", heat_page, name="heat")]
