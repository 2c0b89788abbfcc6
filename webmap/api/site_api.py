"""The NinjaAPI instance: session accounts with CSRF, one error form, one router per subject."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError as ModelInvalid
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import django_auth

from webmap.api import (
    alarms,
    checks,
    device_messages,
    hazards,
    imports,
    machines,
    models,
    past,
    readiness,
    region,
    sites,
    zones,
)
from webmap.api.paint import router as paint

api = NinjaAPI(
    title="Twinwall",
    version="1.0.0",
    urls_namespace="api-v1",
    auth=django_auth,
    docs_url=None,
    docs_decorator=login_required,
)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    """What does not exist and what the user may not see look the same."""
    return api.create_response(request, {"detail": str(error) or _("Not found.")}, status=404)


@api.exception_handler(AuthenticationError)
def not_logged_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return api.create_response(request, {"detail": _("Log in first.")}, status=401)


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return api.create_response(request, {"detail": str(error)}, status=error.status_code)


@api.exception_handler(ValidationError)
def not_understood(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name the first field that cannot be used."""
    first = error.errors[0]
    field = ".".join(str(part) for part in first["loc"][1:] if part not in ("payload", "body"))
    return api.create_response(request, {"detail": first["msg"], "field": field}, status=422)


@api.exception_handler(ModelInvalid)
def not_acceptable(request: HttpRequest, error: ModelInvalid) -> HttpResponse:
    field = next(iter(error.error_dict), "") if hasattr(error, "error_dict") else ""
    answer: dict[str, Any] = {"detail": " ".join(error.messages)}
    if field and field != "__all__":
        answer["field"] = field
    return api.create_response(request, answer, status=422)


ROUTERS = (
    sites.router, past.router, machines.router, region.router, alarms.router, models.router, hazards.router,
    imports.router, readiness.router, checks.router, zones.router, paint.router,
    device_messages.router,
)  # fmt: skip
for router in ROUTERS:
    api.add_router("", router)
