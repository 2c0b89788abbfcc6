"""Words for ticket states, acts and deadline classes (spec 03.3, 03.4, 03.7)."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STATES: Final[dict[str, Any]] = {
    "DRAFT": _("Draft"),
    "SUBMITTED": _("Waiting for review"),
    "RETURNED": _("Returned"),
    "VOID": _("Void"),
    "ASSIGNED": _("Being rectified"),
    "RECTIFIED": _("Waiting for recheck"),
    "RECHECK_PASSED": _("Waiting for final review"),
    "CLOSED": pgettext_lazy("hazard", "Closed"),
    "ARCHIVED": _("Archived"),
    "MAJOR_REVIEW": _("Suspected major hazard"),
    "MAJOR_CONFIRMED": _("Judged major"),
    "ASSESSING": _("Being assessed"),
    "PLAN_REVIEW": _("Treatment plan in review"),
    "TREATING": _("Under treatment"),
    "ACCEPTANCE": _("In acceptance"),
    "CLOSE_REVIEW": _("Closing in review"),
}
FINISHED: Final = frozenset({"VOID", "CLOSED", "ARCHIVED"})

EVENTS: Final[dict[str, Any]] = {
    "submit": _("Reported"),
    "approve_general": _("Assigned"),
    "return": _("Returned to the reporter"),
    "resubmit": _("Reported again"),
    "void": _("Voided"),
    "suspect_major": _("Suspected to be major"),
    "reassign": _("Given to somebody else"),
    "submit_fix": _("Fix handed in"),
    "request_extension": _("Asked for more time"),
    "approve_extension": _("More time granted"),
    "reject_extension": _("More time refused"),
    "upgrade_major": _("Raised to major"),
    "recheck_pass": _("Recheck passed"),
    "recheck_fail": _("Recheck failed"),
    "review_close": _("Reviewed and closed"),
    "auto_close": pgettext_lazy("hazard", "Closed"),
    "review_reject": _("Final review failed"),
    "archive": _("Archived"),
    "reopen": _("Reopened"),
}

CATEGORIES: Final[list[tuple[str, Any]]] = [
    ("edge_protection", _("Edges and openings")),
    ("scaffold", _("Scaffold")),
    ("formwork", _("Formwork support")),
    ("pit", _("Foundation pit")),
    ("lifting", _("Lifting and cranes")),
    ("hoist", _("Construction hoist")),
    ("electricity", _("Temporary electricity")),
    ("fire", _("Fire safety")),
    ("machines", _("Machines and tools")),
    ("ppe", _("Personal protection")),
    ("housekeeping", _("Order and passages")),
    ("other", _("Other")),
]

STEPS: Final[dict[str, Any]] = {
    "before": _("As found"),
    "after": _("After the fix"),
    "recheck": _("At the recheck"),
}

DEADLINE_CLASSES: Final[list[tuple[str, Any]]] = [
    ("immediate", _("Today (0 days): can be fixed on the spot")),
    ("short", _("3 days: the usual time")),
    ("normal", _("7 days: needs material or a crew")),
    ("long", _("15 days: needs design or procurement")),
]


def state_label(state: str) -> Any:
    """Return the word for a ticket state; an unknown state is shown as it is."""
    return STATES.get(state, state)


def event_label(event: str) -> Any:
    """Return the word for a transition's event; an unknown event is shown as it is."""
    return EVENTS.get(event, event)


def category_label(category: str) -> Any:
    """Return the word for a hazard category; a category of another source is shown as it is."""
    return dict(CATEGORIES).get(category, category)
