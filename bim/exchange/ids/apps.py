"""The app of checks by IDS."""

from django.apps import AppConfig


class IdsConfig(AppConfig):
    """Keeps IDS documents, runs them over revisions, keeps what they find."""

    name = "bim.exchange.ids"
    label = "bim_ids"
    default_auto_field = "django.db.models.BigAutoField"
