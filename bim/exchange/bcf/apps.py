"""The app of BCF files."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BcfConfig(AppConfig):
    """Tickets as BCF topics and back; it keeps which topics and comments came in."""

    name = "bim.exchange.bcf"
    label = "bim_bcf"
    verbose_name = _("BCF files")
    default_auto_field = "django.db.models.BigAutoField"
