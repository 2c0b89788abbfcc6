"""Addresses of the first-site guide."""

from django.urls import path

from . import plan, views

urlpatterns = [
    path("setup/", views.new_site, name="setup"),
    path("setup/<slug:code>/people/", views.add_people, name="setup-people"),
    path("setup/<slug:code>/plan/", plan.plan_and_zones, name="setup-plan"),
    path("setup/<slug:code>/device/", views.add_device, name="setup-device"),
]
