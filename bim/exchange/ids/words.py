"""What an IDS asks and finds, as sentences in the reader's language, from the facets' data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

Values = Mapping[str, Mapping[str, Any]]
MOST_VALUES: Final = 8
RELATIONS: Final[dict[str, Any]] = {
    "IFCRELAGGREGATES": gettext_lazy("aggregation"),
    "IFCRELASSIGNSTOGROUP": gettext_lazy("grouping"),
    "IFCRELCONTAINEDINSPATIALSTRUCTURE": gettext_lazy("spatial containment"),
    "IFCRELNESTS": gettext_lazy("nesting"),
    "IFCRELVOIDSELEMENT IFCRELFILLSELEMENT": gettext_lazy("voiding or filling"),
}
_SIGNS: Final = {"minInclusive": "≥", "minExclusive": ">", "maxInclusive": "≤", "maxExclusive": "<"}


def value_words(value: Mapping[str, Any] | None) -> str:
    """Return a simple value or a restriction in words; "" for none."""
    if not value:
        return ""
    if "value" in value:
        return _quoted(value["value"])
    parts = []
    if options := value.get("enumeration"):
        parts.append(_one_of(options))
    if patterns := value.get("pattern"):
        parts.append(_("text that matches %(pattern)s") % {"pattern": _(" or ").join(patterns)})
    bounds = [f"{sign} {value[name]}" for name, sign in _SIGNS.items() if name in value]
    if bounds:
        parts.append(_(" and ").join(bounds))
    for name, words in _lengths().items():
        if name in value:
            parts.append(words % {"n": value[name]})
    return _(" and ").join(parts) or _("any value")


def _lengths() -> dict[str, str]:
    return {
        "length": _("text of %(n)s characters"),
        "minLength": _("text of at least %(n)s characters"),
        "maxLength": _("text of at most %(n)s characters"),
    }


def _quoted(text: str) -> str:
    return _("“%(text)s”") % {"text": text}


def _one_of(options: list[str]) -> str:
    if len(options) == 1:
        return _quoted(options[0])
    shown = _(", ").join(_quoted(one) for one in options[:MOST_VALUES])
    if len(options) > MOST_VALUES:
        return _("one of %(count)d values: %(values)s …") % {"count": len(options), "values": shown}
    return _("one of %(values)s") % {"values": shown}


def _name(values: Values, key: str) -> str:
    """Return a name without quotation marks where it is one name, else its restriction in words."""
    value = values.get(key) or {}
    return str(value["value"]) if "value" in value else value_words(value)


def requirement_words(kind: str, facet: Mapping[str, Any] | None) -> str:
    """Return the sentence of one requirement ("Property FireRating in the set Pset_WallCommon shall be given")."""
    if kind == "prohibition" or not facet:
        return _("No such element shall be in the model")
    return _REQUIREMENTS[kind](facet["values"], facet["cardinality"])


def _asked(kind: str, key: str, values: Values, cardinality: str, **names: str) -> str:
    """Return a kind's sentence with its parts filled in, by whether `key` is restricted and by the cardinality."""
    return str(_SENTENCES[kind, key in values][cardinality]) % {"value": value_words(values.get(key)), **names}


def _entity(values: Values, cardinality: str) -> str:
    data = {"name": _name(values, "name"), "type": _name(values, "predefinedType")}
    if "predefinedType" in values:
        return _("Shall be %(name)s of the predefined type %(type)s") % data
    return _("Shall be %(name)s") % data


def _attribute(values: Values, cardinality: str) -> str:
    return _asked("attribute", "value", values, cardinality, name=_name(values, "name"))


def _property(values: Values, cardinality: str) -> str:
    names = {"name": _name(values, "baseName"), "set": _name(values, "propertySet")}
    words = _asked("property", "value", values, cardinality, **names)
    if data_type := _name(values, "dataType"):
        words = _("%(words)s (data type %(type)s)") % {"words": words, "type": data_type}
    return words


def _classification(values: Values, cardinality: str) -> str:
    return _asked("classification", "value", values, cardinality, system=_name(values, "system"))


def _material(values: Values, cardinality: str) -> str:
    return _asked("material", "value", values, cardinality)


def _part_of(values: Values, cardinality: str) -> str:
    names = {"name": _name(values, "name"), "type": _name(values, "predefinedType")}
    words = _asked("partOf", "predefinedType", values, cardinality, **names)
    if relation := _name(values, "relation"):
        words = _("%(words)s (by %(relation)s)") % {"words": words, "relation": RELATIONS.get(relation, relation)}
    return words


_REQUIREMENTS: Final[dict[str, Callable[[Values, str], str]]] = {
    "entity": _entity, "attribute": _attribute, "property": _property, "classification": _classification,
    "material": _material, "partOf": _part_of,
}  # fmt: skip
_SENTENCES: Final[dict[tuple[str, bool], dict[str, Any]]] = {
    ("attribute", True): {
        "required": gettext_lazy("Attribute %(name)s shall be %(value)s"),
        "prohibited": gettext_lazy("Attribute %(name)s shall not be %(value)s"),
        "optional": gettext_lazy("Attribute %(name)s, where given, shall be %(value)s"),
    },
    ("attribute", False): {
        "required": gettext_lazy("Attribute %(name)s shall be given"),
        "prohibited": gettext_lazy("Attribute %(name)s shall not be given"),
        "optional": gettext_lazy("Attribute %(name)s may be given"),
    },
    ("property", True): {
        "required": gettext_lazy("Property %(name)s in the set %(set)s shall be %(value)s"),
        "prohibited": gettext_lazy("Property %(name)s in the set %(set)s shall not be %(value)s"),
        "optional": gettext_lazy("Property %(name)s in the set %(set)s, where given, shall be %(value)s"),
    },
    ("property", False): {
        "required": gettext_lazy("Property %(name)s in the set %(set)s shall be given"),
        "prohibited": gettext_lazy("Property %(name)s in the set %(set)s shall not be given"),
        "optional": gettext_lazy("Property %(name)s in the set %(set)s may be given"),
    },
    ("classification", True): {
        "required": gettext_lazy("Shall be classified in %(system)s as %(value)s"),
        "prohibited": gettext_lazy("Shall not be classified in %(system)s as %(value)s"),
        "optional": gettext_lazy("Shall be classified in %(system)s as %(value)s, where classified at all"),
    },
    ("classification", False): {
        "required": gettext_lazy("Shall be classified in %(system)s"),
        "prohibited": gettext_lazy("Shall not be classified in %(system)s"),
        "optional": gettext_lazy("May be classified in %(system)s"),
    },
    ("material", True): {
        "required": gettext_lazy("Material shall be %(value)s"),
        "prohibited": gettext_lazy("Material shall not be %(value)s"),
        "optional": gettext_lazy("Material, where given, shall be %(value)s"),
    },
    ("material", False): {
        "required": gettext_lazy("A material shall be given"),
        "prohibited": gettext_lazy("No material shall be given"),
        "optional": gettext_lazy("A material may be given"),
    },
    ("partOf", True): {
        "required": gettext_lazy("Shall be part of %(name)s of the predefined type %(type)s"),
        "prohibited": gettext_lazy("Shall not be part of %(name)s of the predefined type %(type)s"),
        "optional": gettext_lazy("May be part of %(name)s of the predefined type %(type)s"),
    },
    ("partOf", False): {
        "required": gettext_lazy("Shall be part of %(name)s"),
        "prohibited": gettext_lazy("Shall not be part of %(name)s"),
        "optional": gettext_lazy("May be part of %(name)s"),
    },
}
"""What is asked, by the kind of facet, by whether its value (its type, of a whole) is restricted, by cardinality."""


def applicability_words(facets: list[Mapping[str, Any]]) -> str:
    """Return which elements a specification is about ("IFCWALL; attribute Name is “W1”")."""
    return _("; ").join(_applies(facet["kind"], facet["values"]) for facet in facets) or _("nothing")


def _applies(kind: str, values: Values) -> str:
    name, value = _name(values, "name"), value_words(values.get("value"))
    if kind == "entity":
        words = name + (f" · {_name(values, 'predefinedType')}" if "predefinedType" in values else "")
    elif kind == "attribute":
        words = _("attribute %(name)s is %(value)s") if value else _("attribute %(name)s is given")
    elif kind == "property":
        name = f"{_name(values, 'propertySet')}.{_name(values, 'baseName')}"
        words = _("property %(name)s is %(value)s") if value else _("property %(name)s is given")
    elif kind == "classification":
        name = _name(values, "system")
        words = _("classified in %(name)s as %(value)s") if value else _("classified in %(name)s")
    elif kind == "material":
        words = _("material is %(value)s") if value else _("has a material")
    else:
        words = _("part of %(name)s")
    return words if kind == "entity" else words % {"name": name, "value": value}


_NO_VALUE: Final[dict[str, Any]] = {
    "attribute": gettext_lazy("It has no such attribute."),
    "property": gettext_lazy("The set has no such property, or it has no value."),
    "classification": gettext_lazy("It has no classification."),
    "material": gettext_lazy("It has no material."),
    "partOf": gettext_lazy("It has no such relation."),
}
_REASONS: Final[dict[str, Any]] = {
    "NAME": gettext_lazy("It is %(actual)s."),
    "PREDEFINEDTYPE": gettext_lazy("The predefined type is %(actual)s."),
    "FALSEY": gettext_lazy("The attribute is empty."),
    "VALUE": gettext_lazy("The value is %(actual)s."),
    "SYSTEM": gettext_lazy("It is classified in %(actual)s."),
    "ENTITY": gettext_lazy("It is part of %(actual)s."),
    "NOPSET": gettext_lazy("It has no such property set."),
    "DATATYPE": gettext_lazy("The data type is %(actual)s, not %(expected)s."),
    "PROHIBITED": gettext_lazy("It has what is forbidden."),
    "FORBIDDEN": gettext_lazy("It should not be in the model."),
    "ERROR": gettext_lazy("It could not be checked: %(actual)s"),
}


def reason_words(reason: str, actual: str, expected: str, kind: str = "") -> str:
    """Return why an element fails a requirement of a kind of facet."""
    if reason == "NOVALUE":
        return str(_NO_VALUE.get(kind, _("It has no value.")))
    words = str(_REASONS.get(reason, reason))
    return words % {"actual": actual or _("nothing"), "expected": expected}


def why_words(status: str, why: str, detail: str, versions: list[str]) -> str:
    """Return why a specification was not checked, or fails as a whole; "" where its requirements say it."""
    if why == "schema":
        return _("Not checked: it is written for %(versions)s, and the model is %(schema)s.") % {
            "versions": ", ".join(versions), "schema": detail,
        }  # fmt: skip
    if why == "time":
        return _("Not checked: the time of the IDS file (%(limit)s s) was over. A pattern in it may never end.") % {
            "limit": detail
        }
    if why == "missing":
        return _("The model has no such element, and it requires at least one.")
    if why == "error":
        return _("Not checked: it cannot be told which elements it is about. %(detail)s") % {"detail": detail}
    if status == "not_applicable":
        return _("The model has no such element.")
    return ""


def problem_words(code: str, line: int, detail: str, reason: str) -> str:
    """Return why an IDS file is refused or a check failed, with the line and what to do."""
    known: dict[str, str] = {
        "size": _("The IDS file is larger than 8 MB; split it into several files."),
        "empty": _("The IDS file is empty; export it again."),
        "xml": _("Line %(line)s: this is no well-formed XML (%(detail)s). Export the file again or correct the line."),
        "root": _("Line %(line)s: the file begins with <%(detail)s>, so it is no IDS file. Choose an .ids file."),
        "doctype": _("Line %(line)s: the file declares a document type (DOCTYPE), which no IDS file needs. Remove it."),
        "depth": _("Line %(line)s: elements are nested too deep; this is no IDS file."),
        "schema": _(
            "Line %(line)s: not as IDS 1.0 wants it (%(detail)s). Correct it in the program that wrote the file."
        ),
        "pattern": _("Line %(line)s: %(detail)s is no regular expression of XML Schema. Correct the pattern."),
        "time": _(
            "The check was stopped at its limit of %(detail)s s. Split the IDS file or make its patterns simpler."
        ),
        "memory": _("The check needs more memory than it may use. Split the IDS file or the model."),
        "broken": _("The check broke off (%(detail)s). Start it again; if it breaks again, tell the administrator."),
        "ours": _("The check failed by an error of ours (%(detail)s); it is in the worker's log."),
    }
    words = known.get(code)
    return words % {"line": line, "detail": detail} if words else reason


def specifications_words(count: int) -> str:
    """Return "3 specifications"."""
    return ngettext("%(n)d specification", "%(n)d specifications", count) % {"n": count}
