"""The security headers of every answer: a page may only talk to our own origin."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse

BASE_POLICY: dict[str, tuple[str, ...]] = {
    "default-src": ("'self'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'", "data:", "blob:"),
    "connect-src": ("'self'",),
    "media-src": ("'self'",),
    "worker-src": ("'self'",),
    "font-src": ("'self'",),
    "object-src": ("'none'",),
    "base-uri": ("'self'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'self'",),
}
# unfold's admin is written with Alpine expressions and inline scripts; still nothing outside our origin
ADMIN_ADDITIONS: dict[str, tuple[str, ...]] = {
    "script-src": ("'unsafe-inline'", "'unsafe-eval'"),
    "style-src": ("'unsafe-inline'",),
}

View = Callable[..., HttpResponse]


def with_policy(**additions: tuple[str, ...]) -> Callable[[View], View]:
    """Return a decorator that adds sources to one page's policy.

    For example `with_policy(script_src=("'wasm-unsafe-eval'",), worker_src=("blob:",))`.
    """
    directives = {name.replace("_", "-"): sources for name, sources in additions.items()}

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
            response = view(request, *args, **values)
            response.policy_additions = directives  # type: ignore[attr-defined]
            return response

        return guarded

    return decorate


def policy_text(additions: dict[str, tuple[str, ...]], nonce: str | None) -> str:
    """Return the value of the Content-Security-Policy header."""
    parts = []
    for directive, sources in BASE_POLICY.items():
        allowed = [*sources, *additions.get(directive, ())]
        if directive == "script-src" and nonce and "'unsafe-inline'" not in allowed:
            allowed.append(f"'nonce-{nonce}'")
        parts.append(f"{directive} {' '.join(allowed)}")
    return "; ".join(parts)


class SecurityHeadersMiddleware:
    """Adds the Content-Security-Policy to every answer; `request.csp_nonce` allows an inline script."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = self.get_response(request)
        if "Content-Security-Policy" not in response:
            additions = getattr(response, "policy_additions", {})
            if request.path.startswith("/admin/"):
                additions = ADMIN_ADDITIONS
            response["Content-Security-Policy"] = policy_text(additions, nonce)
        response.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        return response


class LoginRequiredOrApiMiddleware(LoginRequiredMiddleware):
    """Sends anonymous visitors to the login page; the API answers 401 for itself."""

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> Any:
        if request.path.startswith("/api/"):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
