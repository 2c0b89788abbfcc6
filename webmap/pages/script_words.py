"""The words of the scripts in the reader's language: one address per state of the catalogues."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.i18n import JavaScriptCatalog

OURS = [app for app in apps.get_app_configs() if app.name.split(".")[0] in ("spatial", "bim", "ingest", "webmap")]
ONE_YEAR_S = 365 * 24 * 3600


@lru_cache(maxsize=1)
def version() -> str:
    """Return what changes when a catalogue does; catalogues are read once per process, and so is this."""
    folders = [*map(Path, settings.LOCALE_PATHS), *(Path(app.path) / "locale" for app in OURS)]
    seen = hashlib.sha256()
    for file in sorted({file for folder in folders for file in folder.glob("*/LC_MESSAGES/djangojs.mo")}):
        seen.update(file.read_bytes())
    return seen.hexdigest()[:12]


def address() -> str:
    """Return the address of the words in the active language, as pages load it."""
    return f"{reverse('javascript-catalog')}?lang={get_language()}&v={version()}"


class ScriptWords(JavaScriptCatalog):
    """Django's catalogue of the words that scripts use, kept by the browser while it is the same."""

    packages = [app.name for app in OURS]

    def get(self, request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
        """Answer the catalogue; under the address of pages it may be kept for good."""
        response: HttpResponse = super().get(request, *args, **values)
        if request.get_full_path() == address():
            patch_cache_control(response, private=True, max_age=ONE_YEAR_S, immutable=True)
        return response
