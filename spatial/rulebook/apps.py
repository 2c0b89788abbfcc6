"""The rulebook loads its editions after every migration, so that no instance runs without rules."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def _load_after_migrate(using: str = "default", **_: Any) -> None:
    from .models import RulePack
    from .operations import load_editions

    if using == "default" and RulePack._meta.db_table in connections[using].introspection.table_names():
        load_editions()


class RulebookConfig(AppConfig):
    """Rule editions."""

    name = "spatial.rulebook"
    label = "rulebook"

    def ready(self) -> None:
        """Load the editions when the tables of this app are there."""
        post_migrate.connect(_load_after_migrate, sender=self, dispatch_uid="rulebook.load_editions")
