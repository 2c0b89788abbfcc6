"""The app of BCF files."""

from django.apps import AppConfig


class BcfConfig(AppConfig):
    """Writes tickets as BCF topics; it keeps no rows of its own."""

    name = "bim.exchange.bcf"
    label = "bim_bcf"
    default_auto_field = "django.db.models.BigAutoField"
