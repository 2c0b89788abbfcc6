"""Units that devices measure in, turned into those of the table of quantities (UCUM codes). Pure."""

from __future__ import annotations

from typing import Final

# unit: (what it measures, factor, offset): value in the base unit = value * factor + offset
UNITS: Final[dict[str, tuple[str, float, float]]] = {
    "m": ("length", 1.0, 0.0),
    "mm": ("length", 0.001, 0.0),
    "cm": ("length", 0.01, 0.0),
    "m/s": ("speed", 1.0, 0.0),
    "km/h": ("speed", 1 / 3.6, 0.0),
    "[kn_i]": ("speed", 1852 / 3600, 0.0),
    "t": ("mass", 1000.0, 0.0),
    "kg": ("mass", 1.0, 0.0),
    "Cel": ("temperature", 1.0, 0.0),
    "[degF]": ("temperature", 5 / 9, -160 / 9),
    "K": ("temperature", 1.0, -273.15),
    "A": ("current", 1.0, 0.0),
    "mA": ("current", 0.001, 0.0),
    "V": ("voltage", 1.0, 0.0),
    "kV": ("voltage", 1000.0, 0.0),
    "Pa": ("pressure", 1.0, 0.0),
    "hPa": ("pressure", 100.0, 0.0),
    "kPa": ("pressure", 1000.0, 0.0),
    "MPa": ("pressure", 1e6, 0.0),
    "ug/m3": ("concentration", 1e-6, 0.0),
    "mg/m3": ("concentration", 1e-3, 0.0),
    "g/m3": ("concentration", 1.0, 0.0),
    "deg": ("angle", 1.0, 0.0),
    "rad": ("angle", 57.29577951308232, 0.0),
    "%": ("ratio", 0.01, 0.0),
    "[ppth]": ("ratio", 0.001, 0.0),
    "1": ("ratio", 1.0, 0.0),
    "kN": ("force", 1.0, 0.0),
    "N": ("force", 0.001, 0.0),
    "tf": ("force", 9.80665, 0.0),
    "km": ("distance", 1.0, 0.0),
    "d": ("time", 86400.0, 0.0),
    "h": ("time", 3600.0, 0.0),
    "s": ("time", 1.0, 0.0),
}


class UnitsDiffer(ValueError):
    """One unit cannot be turned into the other; the message names both."""


def conversion(given: str, wanted: str) -> tuple[float, float]:
    """This function will return factor and offset that turn a value of one unit into the other. Raises UnitsDiffer."""
    if given == wanted:
        return 1.0, 0.0
    from_unit, to_unit = UNITS.get(given), UNITS.get(wanted)
    if from_unit is None or to_unit is None or from_unit[0] != to_unit[0]:
        raise UnitsDiffer(f"{given} cannot be turned into {wanted}")
    return from_unit[1] / to_unit[1], (from_unit[2] - to_unit[2]) / to_unit[1]
