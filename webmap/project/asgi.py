"""ASGI entry point, served by uvicorn."""

import os

from django.core.asgi import get_asgi_application

from .settling import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmap.project.settings")

application = get_asgi_application()
settle()
