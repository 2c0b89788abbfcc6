"""Rewrite an IDS 0.9 file (0.9.3 to 0.9.7) as 1.0, after buildingSMART's own migration scripts.

Source: buildingSMART/IDS, "Version migration" (IDS_v0.9.3-v0.9.6, v0.9.6-v0.9.7); the move of the occurrence of a
specification to its applicability and the name IFC4X3_ADD2 came with 1.0.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from .xml_tree import NAMESPACE

_ORDER = ("entity", "partOf", "classification", "attribute", "property", "material")
_VOIDS = {"IFCRELVOIDSELEMENT", "IFCRELFILLSELEMENT"}


def upgrade(root: Element) -> list[str]:
    """Change the tree in place; returns a sentence for each kind of change, none where nothing was older than 1.0."""
    notes: dict[str, None] = {}
    for specification in root.iter(_name("specification")):
        _specification(specification, notes)
        for part in ("applicability", "requirements"):
            for clause in specification.findall(_name(part)):
                for facet in clause:
                    _facet(facet, part, notes)
                clause[:] = sorted(clause, key=lambda facet: _rank(facet.tag))
    return list(notes)


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"


def _rank(tag: str) -> int:
    local = tag.rpartition("}")[2]
    return _ORDER.index(local) if local in _ORDER else len(_ORDER)


def _specification(specification: Element, notes: dict[str, None]) -> None:
    versions = specification.get("ifcVersion", "").split()
    if "IFC4X3" in versions:
        renamed = dict.fromkeys("IFC4X3_ADD2" if one == "IFC4X3" else one for one in versions)
        specification.set("ifcVersion", " ".join(renamed))
        notes["The schema IFC4X3 was read as IFC4X3_ADD2."] = None
    applicability = specification.find(_name("applicability"))
    for occurrence in ("minOccurs", "maxOccurs"):
        value = specification.attrib.pop(occurrence, None)
        if value is not None and applicability is not None:
            applicability.attrib.setdefault(occurrence, value)
            notes["The occurrence of a specification was read as that of its applicability."] = None
    if applicability is not None and applicability.get("maxOccurs", "0") not in ("0", "unbounded"):
        applicability.set("maxOccurs", "unbounded")


def _facet(facet: Element, part: str, notes: dict[str, None]) -> None:
    local = facet.tag.rpartition("}")[2]
    for old in ("measure", "datatype"):
        if old in facet.attrib:
            facet.set("dataType", facet.attrib.pop(old))
            notes["The attributes measure and datatype were read as dataType."] = None
    if local == "property":
        if facet.get("dataType"):
            facet.set("dataType", facet.get("dataType", "").upper())
        for child in facet.findall(_name("name")):
            child.tag = _name("baseName")
            notes["The name of a property was read as baseName."] = None
    if local == "partOf" and facet.get("relation"):
        relation = facet.get("relation", "").upper()
        facet.set("relation", " ".join(sorted(_VOIDS, reverse=True)) if relation in _VOIDS else relation)
    _cardinality(facet, local, part, notes)


def _cardinality(facet: Element, local: str, part: str, notes: dict[str, None]) -> None:
    least, most = facet.attrib.pop("minOccurs", None), facet.attrib.pop("maxOccurs", None)
    if part == "applicability":
        for attribute in ("cardinality", "use", "instructions", "uri"):
            facet.attrib.pop(attribute, None)
        return
    if least is not None or most is not None:
        prohibited = most == "0"
        cardinality = "prohibited" if prohibited else "optional" if least == "0" else "required"
        facet.set("cardinality", cardinality)
        notes["The occurrence of a requirement was read as its cardinality."] = None
    if local == "partOf" and facet.get("cardinality") == "optional":
        facet.set("cardinality", "required")
    if local == "entity":
        facet.attrib.pop("cardinality", None)
