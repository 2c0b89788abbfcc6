"""Is a unit a major hazard installation, and of which level (GB 18218-2018, 4.2 and 4.3)? Pure, in exact fractions.

S = sum(q / Q) over the substances of a unit; from 1 on it is a major hazard installation. R = alpha * sum(beta * q / Q)
gives its level, alpha by the people exposed within 500 m of the plant's boundary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any


class Standing(StrEnum):
    """Where a unit stands: below, from the share on at which one is warned before (0.8, C), or a source."""

    BELOW = "below"
    NEAR = "near"
    SOURCE = "source"


@dataclass(frozen=True)
class Held:
    """An amount of a substance in tonnes, its critical amount Q in tonnes, and its correction factor beta."""

    name: str
    amount_t: Decimal
    critical_t: Decimal
    beta: Decimal

    @property
    def share(self) -> Fraction:
        """Return q / Q."""
        return Fraction(self.amount_t) / Fraction(self.critical_t)


@dataclass(frozen=True)
class Judgement:
    """What a unit is: S, alpha, R and level 1 (highest) to 4; R and level are None for what is no source."""

    s: Fraction
    alpha: Fraction
    r: Fraction | None
    level: int | None
    standing: Standing


class AmountRefused(ValueError):
    """An amount, critical amount or factor that cannot be; `name` says of which substance, `field` which value."""

    def __init__(self, name: str, field: str) -> None:
        super().__init__(f"{name}: {field}")
        self.name, self.field = name, field


def alpha_of(exposed_people: int, table: Mapping[str, Any]) -> Fraction:
    """Return alpha for the people exposed within 500 m of the plant's boundary (GB 18218-2018, table 5)."""
    if exposed_people < 0:
        raise AmountRefused("", "exposed_people")
    bands = sorted(table["alpha"], key=lambda band: -band["from_people"])
    return next(Fraction(band["alpha"]) for band in bands if exposed_people >= band["from_people"])


def level_of(r: Fraction, table: Mapping[str, Any]) -> int:
    """Return the level of R (GB 18218-2018, table 6): 1 from 100, 2 from 50, 3 from 10, else 4."""
    bands: Sequence[Mapping[str, Any]] = sorted(table["levels"], key=lambda band: -Fraction(band["from"]))
    return next(int(band["level"]) for band in bands if r >= Fraction(band["from"]))


def judge(held: Iterable[Held], *, exposed_people: int, table: Mapping[str, Any]) -> Judgement:
    """Return S, R and level of a unit.

    Raises AmountRefused for a negative amount, or a critical amount or factor that is not above zero.
    """
    rows = list(held)
    for row in rows:
        if row.amount_t < 0:
            raise AmountRefused(row.name, "amount_t")
        if row.critical_t <= 0:
            raise AmountRefused(row.name, "critical_t")
        if row.beta <= 0:
            raise AmountRefused(row.name, "beta")
    s = sum((row.share for row in rows), Fraction(0))
    alpha = alpha_of(exposed_people, table)
    if s < 1:
        near = s >= Fraction(table["prewarning"]["share"])
        return Judgement(s, alpha, None, None, Standing.NEAR if near else Standing.BELOW)
    r = alpha * sum((Fraction(row.beta) * row.share for row in rows), Fraction(0))
    return Judgement(s, alpha, r, level_of(r, table), Standing.SOURCE)


def followed_amount(value: float, factor: Decimal) -> Decimal:
    """Return the tonnes that a measured value stands for, to the kilogram; an empty tank that reads below 0 holds 0."""
    return max(Decimal(0), (Decimal(repr(value)) * factor).quantize(Decimal("0.001")))


def is_worth_recording(
    *,
    held_t: Decimal,
    amount_t: Decimal,
    critical_t: Decimal,
    since: timedelta | None,
    least_share: Decimal,
    at_least_every: timedelta,
) -> bool:
    """Return whether a measured amount is recorded: the first one, one that differs from the held by at least a share
    of the critical amount, or one after a while."""
    if since is None or since >= at_least_every:
        return True
    return abs(amount_t - held_t) >= least_share * critical_t
