"""What can be measured: the table of quantities with names, UCUM units and bounds. Pure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


class QuantityUnknown(LookupError):
    """There is no quantity with this code; the message says where the codes are listed."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity; `unit` is a UCUM code, `places` the decimals to show, `low` and `high` what is plausible."""

    code: str
    zh: str
    en: str
    unit: str
    low: float
    high: float
    kind: str
    places: int
    source: str
    conf: str

    def name(self, language: str) -> str:
        """Return the quantity's name in a language of the product."""
        return self.zh if language.startswith("zh") else self.en


UNIT_SIGNS = {
    "Cel": "°C",
    "deg": "°",
    "[ppth]": "‰",
    "ug/m3": "µg/m³",
    "mg/m3": "mg/m³",
    "kN.m": "kN·m",
    "{person}": "",
    "1": "",
}


@lru_cache(maxsize=1)
def all_quantities() -> dict[str, Quantity]:
    """This function will return every quantity by its code, in the order of the table."""
    text = files("spatial.observations").joinpath("data/quantities.json").read_text(encoding="utf-8")
    return {row["code"]: Quantity(**row) for row in json.loads(text)["quantities"]}


def quantity_of(code: str) -> Quantity:
    """This function will return a quantity. Raises QuantityUnknown."""
    try:
        return all_quantities()[code]
    except KeyError:
        raise QuantityUnknown(
            f"{code!r} is not a quantity; the codes are in docs/reference/quantities-and-alarm-rules.md."
        ) from None


def reading_fault(code: str, value: float) -> str:
    """This function will return why a reading cannot be used, or '' when it can: code, finite, within bounds."""
    try:
        quantity = quantity_of(code)
    except QuantityUnknown as error:
        return f"quantity: {error}"
    if not math.isfinite(value):
        return f"value: {value} is not a number."
    if not quantity.low <= value <= quantity.high:
        return (
            f"value: {value:g} {quantity.unit} is outside what {code} can be "
            f"({quantity.low:g} to {quantity.high:g} {quantity.unit})."
        )
    return ""


def unit_sign(unit: str) -> str:
    """This function will return a UCUM unit as people write it."""
    return UNIT_SIGNS.get(unit, unit)
