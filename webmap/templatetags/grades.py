"""Template tags for the four colours: sign, word and colour always together (GB 2893 order, spec 02)."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as lazy

from webmap.wording.alarm_titles import alarm_title, draft_text
from webmap.wording.grade_signs import sign_of

register = template.Library()
register.filter("alarm_title", alarm_title)
register.filter("draft_text", draft_text)


@register.simple_tag
def grade(value: int | None) -> SafeString:
    """Return the badge of a grade: its sign (I, the worst, to IV), its colour's name and its word."""
    sign = sign_of(int(value or 0))
    return format_html(
        '<span class="grade" data-grade="{}"><span class="grade-sign" aria-hidden="true">{}</span>{} · {}</span>',
        sign.grade,
        sign.numeral,
        sign.colour_word,
        sign.word,
    )


@register.simple_tag
def grade_words(value: int | None) -> str:
    """Return a grade in words, for a title or a label: its colour's name and its word."""
    sign = sign_of(int(value or 0))
    return f"{sign.colour_word} · {sign.word}"


@register.simple_tag
def grade_sign(value: int) -> SafeString:
    """Return a grade's sign alone, named for who does not see it: for the heads of narrow columns."""
    sign = sign_of(int(value))
    return format_html(
        '<span class="grade" data-grade="{}" title="{} · {}"><span class="grade-sign">{}</span></span>',
        sign.grade,
        sign.colour_word,
        sign.word,
        sign.numeral,
    )


@register.inclusion_tag("parts/legend.html")
def grade_legend() -> dict[str, object]:
    """Return the legend of the four colours (and grey)."""
    return {"grades": [4, 3, 2, 1, 0]}


ALARM_LEVELS = {
    "red": (4, "I", lazy("Red alarm, level I")),
    "orange": (3, "II", lazy("Orange alarm, level II")),
    "yellow": (2, "III", lazy("Yellow alarm, level III")),
    "blue": (1, "IV", lazy("Blue alarm, level IV")),
}
"""Levels of alarms, I the most serious, as the signs of grades."""


@register.simple_tag
def alarm_level(level: str) -> SafeString:
    """Return the badge of an alarm's level: its numeral in its colour, and both in words."""
    grade, numeral, words = ALARM_LEVELS[level]
    return format_html(
        '<span class="grade" data-grade="{}"><span class="grade-sign" aria-hidden="true">{}</span>{}</span>',
        grade,
        numeral,
        words,
    )
