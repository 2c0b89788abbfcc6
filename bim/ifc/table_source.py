"""Elements, property sets and relations read from the columns of a step table; odd records with IfcOpenShell."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from .element_frames import ElementFrames
from .object_placements import ObjectPlacements
from .part_model import bring, holding
from .property_values import PropertySet
from .record_source import (
    GLOBAL_ID,
    OPENING,
    SPATIAL,
    TYPE,
    USERDEFINED,
    ElementFacts,
    ModelSource,
    Relation,
    facts_of,
    relation_of,
)
from .record_source import TEXT as TEXT_LIMIT
from .schema_classes import SchemaClass
from .step_table import NotPlain, StepTable
from .step_values import (
    ANYTHING,
    ASCII_TEXT,
    REFERENCE,
    REFERENCES,
    TEXT,
    Odd,
    record_pattern,
    reference_of,
    references_of,
)
from .table_properties import TableProperties
from .table_records import CleanTexts, TableRecords


def source_of(model: Any, frames: ElementFrames, table: StepTable | None) -> ModelSource:
    """Return where to read a model's records from: the table of its file where there is one that can be relied on.

    `frames` are of the model, and are filled in from the table.
    """
    try:
        return TableSource(model, frames, table) if table is not None else ModelSource(model, frames)
    except NotPlain:
        return ModelSource(model, frames)


class TableSource(ModelSource):
    """Answers from the table of the file that a model was opened from. Raises NotPlain as TableRecords does."""

    def __init__(self, model: Any, frames: ElementFrames, table: StepTable) -> None:
        super().__init__(model, frames)
        self.records = TableRecords(table, model.schema_identifier)
        self._relations: dict[tuple[str, str, str], list[Relation]] = {}

    def relations(self, ifc_class: str, relating: str, related: str) -> Iterator[Relation]:
        asked = ifc_class, relating, related
        if asked not in self._relations:
            self._relations[asked] = list(self._read_relations(*asked))
        return iter(self._relations[asked])

    def _read_relations(self, ifc_class: str, relating: str, related: str) -> Iterator[Relation]:
        for known, rows in self.records.rows_below(ifc_class):
            lost = self.records.with_lost_references(rows)
            sides = {known.attributes[relating]: REFERENCES, known.attributes[related]: REFERENCES}
            match = record_pattern(len(known.attributes), sides).fullmatch
            one, other = (1, 2) if known.attributes[relating] < known.attributes[related] else (2, 1)
            found = [
                (step_id, match(text) if step_id not in lost else None) for step_id, text in self.records.texts(rows)
            ]
            bring(self.model, (step_id for step_id, groups in found if groups is None))
            for step_id, groups in found:
                if groups is None:
                    yield relation_of(self.model.by_id(step_id), relating, related)
                else:
                    yield references_of(groups[one]), references_of(groups[other])

    @cached_property
    def _plain_sets(self) -> dict[int, PropertySet]:
        return TableProperties(self.model, self.records).sets()

    def property_set(self, step_id: int) -> PropertySet:
        return self._plain_sets.get(step_id) or super().property_set(step_id)

    def elements(self) -> list[ElementFacts]:
        self.placements.frames.know(self.records.table)
        names = CleanTexts(TEXT_LIMIT)
        spatial = SPATIAL[self.model.schema_identifier]
        found: list[ElementFacts] = []
        odd: list[tuple[int, str]] = []
        for known, rows in self.records.rows_below("IfcElement", spatial):
            kind = "space" if known.is_a(spatial) else "opening" if known.is_a(OPENING) else "element"
            read = _ElementReader(known, kind, self.placements, names)
            for step_id, text in self.records.texts(rows):
                try:
                    found.append(read.facts(step_id, text))
                except Odd:
                    odd.append((step_id, kind))
        model = holding(self.model, [step_id for step_id, _ in odd])
        for step_id, kind in odd:
            entity = model.by_id(step_id)
            found.append(facts_of(entity, kind, self.placements.of(entity)))
        return sorted(found, key=lambda facts: facts.step_id)


class _ElementReader:
    """Reads the records of one class of elements."""

    def __init__(self, known: SchemaClass, kind: str, placements: ObjectPlacements, names: CleanTexts) -> None:
        self.ifc_class, self.kind, self.placements, self.names = known.name, kind, placements, names
        forms = {
            "GlobalId": ASCII_TEXT,
            "Name": TEXT,
            "LongName": TEXT,
            "ObjectType": TEXT,
            "PredefinedType": ANYTHING,
            "ObjectPlacement": REFERENCE,
        }
        places = {name: known.attributes[name] for name in forms if name in known.attributes}
        self.pattern = record_pattern(len(known.attributes), {places[name]: forms[name] for name in places})
        order = sorted(places.values())
        self.groups = {name: order.index(place) for name, place in places.items()}
        self.literals = known.literals("PredefinedType") if "PredefinedType" in places else frozenset()
        self.at = tuple(self.groups[name] for name in ("GlobalId", "Name", "ObjectType", "ObjectPlacement"))

    def facts(self, step_id: int, text: bytes) -> ElementFacts:
        """Return what a record says. Raises Odd."""
        match = self.pattern.fullmatch(text)
        if match is None:
            raise Odd
        written, names = match.groups(), self.names
        global_id, name, object_type, placement = self.at
        kind_name, title = names[written[object_type]], names[written[name]]
        if not title and "LongName" in self.groups:
            title = names[written[self.groups["LongName"]]]
        predefined = self._literal(written[self.groups["PredefinedType"]]) if "PredefinedType" in self.groups else ""
        place = reference_of(written[placement])
        rows = self.placements.plain(place) if place is not None else ()
        if place is not None and not rows:
            raise Odd  # no plain chain of local placements
        return ElementFacts(
            step_id,
            self.ifc_class,
            self.kind,
            written[global_id][:GLOBAL_ID].decode("ascii"),
            title,
            kind_name[:TYPE] if predefined == USERDEFINED else predefined,
            kind_name,
            rows,
        )

    def _literal(self, written: bytes) -> str:
        written = written.strip()
        if written in self.literals:
            return written[1:-1].decode("ascii")
        if written == b"$":
            return ""
        raise Odd
