"""The addresses of the pages; a screen brings its own `urlpatterns` (`<screen>.py` or `<screen>/urls.py`)."""

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

from webmap.pages import accounts, landing
from webmap.pages.script_words import ScriptWords

SCREENS = [
    "region",
    "site_2d",
    "site_maps",
    "zoning",
    "fences",
    "first_site",
    "site_3d",
    "tiles",
    "hazards",
    "heat",
    "statistics",
    "report",
    "imports",
    "changes",
    "placing",
    "bcf",
    "readiness",
    "checks",
    "rulepacks",
    "patrols",
    "machines",
    "people",
    "attendance",
    "permits",
    "commands",
    "privacy",
    "planning",
    "places",
    "cards",
    "public_risks",
    "plans",
    "risks",
    "assessments",
    "devices",
    "observations",
    "alarms",
    "alarm_rules",
    "control_room",
    "cameras",
    "major_hazards",
    "muster",
    "replay",
    "nearby",
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", landing.landing, name="landing"),
    path("login/", accounts.Login.as_view(), name="login"),
    path("language/", accounts.set_language, name="language"),
    path("jsi18n/", ScriptWords.as_view(), name="javascript-catalog"),
]
for screen in SCREENS:
    module = import_module(f"webmap.pages.{screen}")
    routes = module if hasattr(module, "urlpatterns") else import_module(f"webmap.pages.{screen}.urls")
    urlpatterns.append(path("", include(routes.urlpatterns)))
