"""ifctester's rules where it departs from the standard, set right; and its look-ups remembered.

The changes are made once per process, in the child that runs a check. Each says what ifctester 0.9 does instead.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import ifcopenshell
import ifcopenshell.util.element
import ifcopenshell.util.unit
import ifctester.facet
from ifctester.facet import Attribute, AttributeResult, PartOf, Restriction

_MOST_REMEMBERED = 400_000
_MEASURES = {
    "IfcLengthMeasure": "LENGTHUNIT",
    "IfcPositiveLengthMeasure": "LENGTHUNIT",
    "IfcNonNegativeLengthMeasure": "LENGTHUNIT",
    "IfcAreaMeasure": "AREAUNIT",
    "IfcVolumeMeasure": "VOLUMEUNIT",
}


@functools.lru_cache(maxsize=4_096)
def _compiled(pattern: str) -> re.Pattern[str]:
    translated = ifctester.facet.translate_pattern(
        pattern, back_references=False, lazy_quantifiers=False, anchors=False
    )
    return re.compile(translated)


@functools.lru_cache(maxsize=_MOST_REMEMBERED)
def matches(pattern: str, text: str) -> bool:
    """Return whether a whole text meets a pattern of XML Schema; asked once for each pair."""
    return _compiled(pattern).fullmatch(text) is not None


_ifctester_equal = Restriction.__eq__
_ifctester_attribute = Attribute.__call__


def _equal(self: Any, other: Any) -> bool:
    """Several patterns of one restriction are alternatives (XML Schema part 2, 4.3.4.3); ifctester wants all.

    No value (None) meets no restriction; ifctester raises KeyError on it in an enumeration.
    """
    if other is None:
        return False
    if "pattern" not in self.options:
        return bool(_ifctester_equal(self, other))
    patterns = self.options["pattern"]
    patterns = patterns if isinstance(patterns, list) else [patterns]
    if not isinstance(other, str) or not any(matches(str(pattern), other) for pattern in patterns):
        return False
    rest = Restriction({key: value for key, value in self.options.items() if key != "pattern"}, self.base)
    return bool(_ifctester_equal(rest, other))


def _attribute(self: Any, inst: Any, logger: Any = None) -> Any:
    """An optional attribute may be null, but not empty (IDS test cases "an optional attribute passes if null",
    "fails if empty"); ifctester fails both. Lengths, areas and volumes are compared in SI units."""
    if not isinstance(self.name, str):
        return _ifctester_attribute(self, inst, logger)
    value = getattr(inst, self.name, None)
    if self.cardinality == "optional" and value is None:
        return AttributeResult(True)
    if self.value is not None and isinstance(value, float):
        scale = _si_scale(inst.file, inst.is_a(), self.name)
        if scale != 1.0:
            return _ifctester_attribute(self, _InSi(inst, self.name, value * scale), logger)
    return _ifctester_attribute(self, inst, logger)


class _InSi:
    """An entity one of whose attributes is read in SI units."""

    def __init__(self, entity: Any, name: str, value: float) -> None:
        self._entity, self._name, self._value = entity, name, value

    def __getattr__(self, name: str) -> Any:
        return self._value if name == self._name else getattr(self._entity, name)


@functools.lru_cache(maxsize=4_096)
def _si_scale(model: Any, ifc_class: str, name: str) -> float:
    """Return what a length, area or volume attribute of the file is multiplied by to be in SI units; 1 for all else.

    IDS gives values in SI units ("units.md" of its documentation); ifctester compares attributes as they are.
    """
    schema = ifcopenshell.schema_by_name(model.schema_identifier)
    declaration: Any = schema.declaration_by_name(ifc_class)
    found = (one for one in declaration.all_attributes() if one.name() == name)
    attribute = next(found, None)
    named = attribute.type_of_attribute().as_named_type() if attribute is not None else None
    unit = _MEASURES.get(named.declared_type().name()) if named is not None else None
    return float(ifcopenshell.util.unit.calculate_unit_scale(model, unit)) if unit else 1.0


def _part_of_filter(self: Any, ifc_file: Any, elements: Any) -> Any:
    """Only object definitions can be parts; ifctester goes through every entity of the file, points included."""
    if elements is not None:
        return super(PartOf, self).filter(ifc_file, elements)
    return ifc_file.by_type("IfcObjectDefinition")


@functools.lru_cache(maxsize=_MOST_REMEMBERED)
def _property_sets(element: Any) -> dict[str, Any]:
    found: dict[str, Any] = ifcopenshell.util.element.get_psets(element)
    return found


def _property_set(element: Any, name: str) -> Any:
    return _property_sets(element).get(name)


_property_set.cache_clear = _property_sets.cache_clear  # type: ignore[attr-defined]


_model: list[Any] = []


def set_right(model: Any) -> None:
    """This function will change ifctester's classes in this process, and forget what was remembered of another model
    than this one (whose memory a new model may have taken)."""
    _change_classes()
    if not _model or _model[0] is not model:
        _property_sets.cache_clear()
        _si_scale.cache_clear()
        _model[:] = [model]


@functools.cache
def _change_classes() -> None:
    Restriction.__eq__ = _equal
    Restriction.__hash__ = object.__hash__
    Attribute.__call__ = _attribute
    PartOf.filter = _part_of_filter
    ifctester.facet.get_psets = _property_sets
    ifctester.facet.get_pset = _property_set
