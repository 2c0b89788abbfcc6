"""Numbers and sentences of a judgement as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from spatial.major_hazards.models import HazardUnit
from spatial.major_hazards.operations import UnitRefused
from spatial.major_hazards.queries import judgement_by_design, judgement_now
from spatial.major_hazards.rules import Judgement

LEVELS = {1: "一级", 2: "二级", 3: "三级", 4: "四级"}


@dataclass(frozen=True)
class Line:
    """A unit with its judgements: by the amounts of now and by the largest amounts of its design."""

    unit: HazardUnit
    now: Judgement
    design: Judgement
    share_percent: int
    s_now: str
    s_design: str
    grade: int


def decimal(value: Fraction | None) -> str:
    """Return a fraction with up to three decimals, cut so that what is below 1 never reads as 1."""
    if value is None:
        return "—"
    thousandths = value.numerator * 1000 // value.denominator
    return f"{thousandths / 1000:.3f}".rstrip("0").rstrip(".")


def line_of(unit: HazardUnit) -> Line:
    """Return what a page says of a unit."""
    now, design = judgement_now(unit), judgement_by_design(unit)
    grade = {"below": 1, "near": 2, "source": 4}[now.standing.value]
    percent = min(100, int(now.s * 100))
    return Line(unit, now, design, percent, decimal(now.s), decimal(design.s), grade)


def refusal_words(refused: UnitRefused) -> str:
    """Return a refusal in the language of the reader."""
    return _(refused.sentence) % refused.words
