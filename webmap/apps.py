"""Start-up of the web application."""

from typing import Any

from django.apps import AppConfig
from django.db import transaction


class WebmapConfig(AppConfig):
    name = "webmap"

    def ready(self) -> None:
        """Let a changed membership or account reach the open streams at once."""
        from django.db.models.signals import post_delete, post_save

        from webmap.live.permission import announce_change

        def after_commit(**values: Any) -> None:
            transaction.on_commit(announce_change, robust=True)

        for model in ("people.Membership", "people.User"):
            for signal in (post_save, post_delete):
                signal.connect(after_commit, sender=model, weak=False, dispatch_uid=f"live {model} {id(signal)}")
