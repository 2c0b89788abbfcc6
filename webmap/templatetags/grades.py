"""Template tags for the four colours: sign, word and colour always together (GB 2893 order, spec 02)."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

register = template.Library()

GRADE_WORDS = {
    4: _("Major"),
    3: _("Considerable"),
    2: _("General"),
    1: _("Low"),
    0: _("None"),
}
GRADE_COLOURS = {4: _("red"), 3: _("orange"), 2: _("yellow"), 1: _("blue"), 0: _("grey")}
GRADE_SIGNS = {4: "IV", 3: "III", 2: "II", 1: "I", 0: "–"}


@register.simple_tag
def grade(value: int | None) -> SafeString:
    """Return the badge of a grade: its sign (I to IV), its colour's name and its word."""
    number = int(value or 0)
    return format_html(
        '<span class="grade" data-grade="{}"><span class="grade-sign" aria-hidden="true">{}</span>{} · {}</span>',
        number,
        GRADE_SIGNS[number],
        GRADE_COLOURS[number],
        GRADE_WORDS[number],
    )


@register.inclusion_tag("parts/legend.html")
def grade_legend() -> dict[str, object]:
    """Return the legend of the four colours (and grey)."""
    return {"grades": [4, 3, 2, 1, 0]}
