"""The project's length unit in metres, robust against files that write it wrongly."""

from __future__ import annotations

from typing import Any

_SI_PREFIX = {
    "EXA": 1e18, "PETA": 1e15, "TERA": 1e12, "GIGA": 1e9, "MEGA": 1e6, "KILO": 1e3, "HECTO": 1e2, "DECA": 1e1,
    "DECI": 1e-1, "CENTI": 1e-2, "MILLI": 1e-3, "MICRO": 1e-6, "NANO": 1e-9, "PICO": 1e-12, "FEMTO": 1e-15,
    "ATTO": 1e-18,
}  # fmt: skip


def unit_in_metres(unit: Any) -> float | None:
    """Return how many metres one of `unit` (IfcNamedUnit of LENGTHUNIT) is, or None where it is no length.

    An IfcConversionBasedUnit whose factor is a bare float instead of a typed measure is read as that float.
    """
    if unit is None or unit.is_a("IfcMonetaryUnit") or getattr(unit, "UnitType", None) != "LENGTHUNIT":
        return None
    if unit.is_a("IfcSIUnit"):
        return _SI_PREFIX.get(unit.Prefix, 1.0) if unit.Prefix else 1.0
    if unit.is_a("IfcConversionBasedUnit"):
        measure = unit.ConversionFactor
        if measure is None:
            return None
        value = measure.ValueComponent
        factor = float(getattr(value, "wrappedValue", value))
        base = unit_in_metres(measure.UnitComponent)
        return factor * (base if base is not None else 1.0)
    return None


def length_unit_in_metres(model: Any) -> tuple[float, bool]:
    """Return (metres in one project length unit, whether the file says so); 1.0 where it says nothing."""
    for project in model.by_type("IfcProject"):
        assignment = getattr(project, "UnitsInContext", None)
        for unit in (assignment.Units if assignment else None) or ():
            scale = unit_in_metres(unit)
            if scale and scale > 0:
                return scale, True
    return 1.0, False
