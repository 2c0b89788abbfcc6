"""How a grade looks on paper and on a canvas: colour, and always a sign and a word with it."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class GradeSign:
    """One of the four colours (or none): CSS colour, Roman numeral, word, and the dash pattern of its outline.

    `grade` counts up to 4, the worst, as the colour algebra reckons; the numeral counts down to I, as people read it:
    level I (一级) is major and red (安委办〔2016〕11号 names the four in this order), for risks as for alarms.
    """

    grade: int
    css: str
    ink: str
    numeral: str
    word: Any
    colour_word: Any
    dash: str

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Return red, green and blue, 0 to 255 each."""
        return int(self.css[1:3], 16), int(self.css[3:5], 16), int(self.css[5:7], 16)


SIGNS: Final[dict[int, GradeSign]] = {
    4: GradeSign(4, "#d7263d", "#ffffff", "I", _("Major"), _("red"), ""),
    3: GradeSign(3, "#f58220", "#1b1b1b", "II", _("Considerable"), _("orange"), "10 4"),
    2: GradeSign(2, "#f5c518", "#1b1b1b", "III", _("General"), _("yellow"), "5 4"),
    1: GradeSign(1, "#2f6fde", "#ffffff", "IV", _("Low"), _("blue"), "2 4"),
    0: GradeSign(0, "#9aa3ad", "#1b1b1b", "–", _("None"), _("grey"), "1 6"),
}


def sign_of(grade: int) -> GradeSign:
    """Return the sign of a grade 0 to 4. Raises KeyError for any other number."""
    return SIGNS[grade]
