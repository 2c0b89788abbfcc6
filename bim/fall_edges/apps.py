"""The app of fall edges and openings: it stores what an import has found."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FallEdgesConfig(AppConfig):
    """Listens to imports."""

    name = "bim.fall_edges"
    label = "bim_fall_edges"
    verbose_name = _("Fall edges and openings")

    def ready(self) -> None:
        from bim.signals import revision_committed

        from .operations import store_on_commit

        revision_committed.connect(store_on_commit, dispatch_uid="bim_fall_edges")
