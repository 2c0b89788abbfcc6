"""The Django project: settings, routes, ASGI and Celery entry points."""

from .celery import app as celery_app

__all__ = ["celery_app"]
