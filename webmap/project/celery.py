"""The Celery application: JSON only, acknowledged late, on the instance's Redis."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmap.project.settings")

app = Celery("twinwall")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
