"""Answers in text are sent compressed to browsers that take it; streams and pictures go as they are."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/", "application/json", "application/geo+json", "image/svg+xml")


class PackTextMiddleware(GZipMiddleware):
    """Compresses pages and JSON; Django adds random bytes against guessing a token from the size (BREACH)."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress what is text and known whole: live events must leave at once, and pictures gain nothing."""
        if response.streaming or not response.get("Content-Type", "").startswith(TEXTS):
            return response
        return super().process_response(request, response)
