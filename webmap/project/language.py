"""The language of an answer: the account's own, else the visitor's cookie, else Chinese."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

KNOWN = {code for code, _ in settings.LANGUAGES}


def language_of(request: HttpRequest) -> str:
    """Return the language code that this request is answered in."""
    user = getattr(request, "user", None)
    wanted = getattr(user, "language", None) if user is not None and user.is_authenticated else None
    wanted = wanted or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return wanted if wanted in KNOWN else settings.LANGUAGE_CODE


class AccountLanguageMiddleware:
    """Activates the language of the account (not of the browser) for the time of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
            response.setdefault("Content-Language", language)
            return response
