"""Log in, log out, and the account's language."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from webmap.project.language import KNOWN

ONE_YEAR_S = 365 * 24 * 3600


class Login(LoginView):
    """The only page for anonymous visitors."""

    template_name = "registration/login.html"
    redirect_authenticated_user = True


def locked_out(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
    """Answer 429 after too many failed logins (django-axes calls this)."""
    return render(request, "registration/login.html", {"locked": True}, status=429)


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in the account, or in a cookie while nobody is logged in, and go back."""
    language = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    if language not in KNOWN:
        return response
    if request.user.is_authenticated:
        request.user.language = language
        request.user.save(update_fields=["language"])
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=ONE_YEAR_S, samesite="Lax", httponly=True)
    return response
