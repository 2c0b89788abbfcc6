"""A request that met another one in the database so that one of the two had to give way is done once more."""

from __future__ import annotations

import logging
from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase
from psycopg.errors import DeadlockDetected

_log = logging.getLogger(__name__)


class DeadlockMiddleware:
    """Calls a view again after a deadlock: its transaction was undone, so nothing is done twice. Stands last."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Call the view here; None lets Django call one that is not ours to call (a coroutine)."""
        if iscoroutinefunction(view):
            return None
        try:
            return view(request, *args, **kwargs)
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
            _log.warning("%s %s met another request in the database; it is done again.", request.method, request.path)
        for files in request.FILES.lists():
            for file in files[1]:
                file.seek(0)
        return view(request, *args, **kwargs)
