"""The app of differences between revisions."""

from django.apps import AppConfig


class RevisionsConfig(AppConfig):
    """Compares on every import, inside its transaction."""

    name = "bim.revisions"
    label = "bim_revisions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bim.signals import revision_committed

        from .operations import on_revision_committed

        revision_committed.connect(on_revision_committed, dispatch_uid="bim_revisions")
