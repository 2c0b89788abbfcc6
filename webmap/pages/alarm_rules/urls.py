"""Addresses of alarm rules."""

from django.urls import path

from .list_page import alarm_rules
from .rule_page import alarm_rule_page

urlpatterns = [
    path("sites/<slug:code>/live/alarm-rules/", alarm_rules, name="alarm-rules"),
    path("sites/<slug:code>/live/alarm-rules/<path:key>/", alarm_rule_page, name="alarm-rule"),
]
