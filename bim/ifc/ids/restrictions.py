"""ifctester's rules where it departs from the standard, set right; and its look-ups remembered.

The changes are made once per process, in the child that runs a check. Each says what ifctester 0.9 does instead.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import ifcopenshell.util.element
import ifctester.facet
from ifctester.facet import Attribute, AttributeResult, PartOf, Restriction

_MOST_REMEMBERED = 400_000


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
    "fails if empty"); ifctester fails both."""
    if self.cardinality == "optional" and isinstance(self.name, str) and getattr(inst, self.name, None) is None:
        return AttributeResult(True)
    return _ifctester_attribute(self, inst, logger)


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


@functools.cache
def set_right() -> None:
    """This function will change ifctester's classes in this process; calling it again does nothing."""
    Restriction.__eq__ = _equal
    Restriction.__hash__ = object.__hash__
    Attribute.__call__ = _attribute
    PartOf.filter = _part_of_filter
    ifctester.facet.get_psets = _property_sets
    ifctester.facet.get_pset = _property_set
