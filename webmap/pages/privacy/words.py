"""Refusals of looks and policies in the reader's language."""

from django.utils.translation import gettext_lazy as _

LOOK_REFUSALS = {
    "period": _("The period must end after it begins."),
    "not_yours": _("Where somebody was is shown to who answers for safety on this site."),
    "no_purpose": _("Say what you need it for."),
    "long_purpose": _("Say it in at most 300 letters."),
    "no_notice": _("Write what workers are told."),
    "days": _("Positions are kept 1 to 3650 days."),
}
