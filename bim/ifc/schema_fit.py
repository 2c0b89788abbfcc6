"""Whether a file that is read under another schema's name means the same there: judged by its own records.

The release candidates of IFC4X3 and IFC4X1/4X2 renamed, removed and reordered attributes; a record that was written by
another list of attributes shows it by their number, or by references to instances of a class that the attribute cannot
hold. Such a file would be misread and is refused with the first such record and its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import ifcopenshell.ifcopenshell_wrapper as wrapper

from .parser_log import line_at
from .refusal import Refusal


@dataclass(frozen=True)
class Misfit:
    """A record that does not fit the schema: where it is, what is wrong, and whether it says a shape or a place."""

    line: int
    step_id: int
    ifc_class: str
    problem: str
    decides: bool


def misfits(model: Any, schema: str, text: str) -> list[Misfit]:
    """Return, for each class with one, the first record that the schema would misread, in the order of their lines."""
    judge = _Judge(schema)
    found: dict[str, tuple[int, Misfit]] = {}
    for match in _RECORD.finditer(text):
        step_id, name = int(match.group(1)), match.group(2)
        if name in found:
            continue
        if problem := judge.problem_of(model, step_id, name, text, match.end()):
            line = line_at(text, match.start(1))
            found[name] = (line, Misfit(line, step_id, judge.spelled(name), problem, judge.decides(name)))
    return [misfit for _, misfit in sorted(found.values(), key=lambda pair: pair[0])]


DECIDING = (
    "IfcRepresentationItem", "IfcRepresentation", "IfcObjectPlacement", "IfcCoordinateOperation",
    "IfcCoordinateReferenceSystem", "IfcRepresentationContext", "IfcNamedUnit", "IfcRelationship",
)  # fmt: skip
NEUTRAL = re.compile(r"\$|1\.0*")
"""Values beyond the known ones that change nothing: none, and a scale of 1 (IfcMapConversion of IFC4X3_RC3)."""
_RECORD = re.compile(r"^\s*#(\d+)\s*=\s*([A-Za-z0-9_]+)\s*\(", re.MULTILINE)


def judge_fit(model: Any, text: str, declared: str, used: str) -> list[str]:
    """Return what to say of records that do not fit the schema they are read under.

    Raises Refusal where such a record says a shape or a place: it would be another one.
    """
    found = misfits(model, used, text)
    for misfit in found:
        if misfit.decides:
            raise Refusal(
                f"The file says schema {declared} and would be misread as {used}: line {misfit.line}, "
                f"#{misfit.step_id} {misfit.ifc_class} {misfit.problem}; export it as IFC4X3_ADD2, IFC4 or IFC2X3."
            )
    if not found:
        return []
    names = ", ".join(f"{misfit.ifc_class} (line {misfit.line})" for misfit in found[:6])
    return [f"Attributes of {len(found)} classes do not fit {used} and were not used: {names}."]


@dataclass(frozen=True)
class _Attribute:
    """`entities`: the classes that it may refer to; empty where it refers to none, None where that is not judged."""

    name: str
    optional: bool
    entities: tuple[str, ...] | None


class _Judge:
    """Knows the attributes of a schema's classes."""

    def __init__(self, schema: str) -> None:
        self.schema = wrapper.schema_by_name(schema)
        self.classes: dict[str, Any] = {}

    def _class(self, name: str) -> Any:
        if name not in self.classes:
            try:
                declared = self.schema.declaration_by_name(name).as_entity()
            except RuntimeError:  # a class of the other schema: it is left out, and the parser says so
                declared = None
            self.classes[name] = declared and (
                declared.name(),
                [
                    _Attribute(each.name(), each.optional(), _entities(each.type_of_attribute()))
                    for each in declared.all_attributes()
                ],
            )
        return self.classes[name]

    def spelled(self, name: str) -> str:
        return str(self._class(name)[0])

    def decides(self, name: str) -> bool:
        """Return whether records of a class say a shape, a place, a unit or what belongs together."""
        declared = self.schema.declaration_by_name(name).as_entity()
        while declared is not None:
            if declared.name() in DECIDING:
                return True
            declared = declared.supertype()
        return False

    def problem_of(self, model: Any, step_id: int, name: str, text: str, start: int) -> str:
        known = self._class(name)
        if known is None:
            return ""
        attributes, written = known[1], _attributes(text, start)
        if lost := [value for value in written[len(attributes) :] if not NEUTRAL.fullmatch(value)]:
            return f"has {len(written)} attributes where {len(attributes)} are expected ({lost[0][:40]} would be lost)"
        if missing := [each.name for each in attributes[len(written) :] if not each.optional]:
            return f"has {len(written)} attributes where {len(attributes)} are expected ({missing[0]} is missing)"
        for each, value in zip(attributes, written, strict=False):
            if value.startswith("#") and each.entities == ():
                return f"has {value[:20]} as {each.name}, which is no reference"
        try:
            record = model.by_id(step_id)
        except RuntimeError:
            return ""
        for index, attribute in enumerate(attributes):
            if not attribute.entities:
                continue
            try:
                value = record[index]
            except RuntimeError:
                continue
            for each in value if isinstance(value, tuple) else (value,):
                if _is_instance(each) and not any(each.is_a(entity) for entity in attribute.entities):
                    return f"has an {each.is_a()} as {attribute.name}"
        return ""


def _is_instance(value: Any) -> bool:
    return hasattr(value, "is_a") and value.id() > 0


def _entities(kind: Any) -> tuple[str, ...] | None:
    """Return the classes that an attribute's value may be of; empty where it may be none, None for nested lists."""
    while (aggregate := kind.as_aggregation_type()) is not None:
        kind = aggregate.type_of_element()
        if kind.as_aggregation_type() is not None:
            return None
    named = kind.as_named_type()
    return () if named is None else tuple(_below(named.declared_type()))


def _below(declared: Any) -> list[str]:
    if (entity := declared.as_entity()) is not None:
        return [entity.name()]
    if (select := declared.as_select_type()) is not None:
        return [name for each in select.select_list() for name in _below(each)]
    return []


def _attributes(text: str, start: int) -> list[str]:
    """Return a record's attributes as they are written; `start` is behind its opening bracket."""
    depth, position, begin = 1, start, start
    found: list[str] = []
    while position < len(text):
        char = text[position]
        if char == "'":
            position = text.find("'", position + 1)
            if position < 0:
                break
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                last = text[begin:position].strip()
                return [*found, last] if last or found else []
        elif char == "," and depth == 1:
            found.append(text[begin:position].strip())
            begin = position + 1
        position += 1
    return found
