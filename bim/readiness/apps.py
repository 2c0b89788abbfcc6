"""The app of risk readiness: it asks for a report after every import."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReadinessConfig(AppConfig):
    """Listens to imports."""

    name = "bim.readiness"
    label = "bim_readiness"
    verbose_name = _("Risk readiness")

    def ready(self) -> None:
        from bim.signals import revision_committed

        from .operations import ask_on_commit

        revision_committed.connect(ask_on_commit, dispatch_uid="bim_readiness")
