"""Judges the bodies of a large model from the columns of its file, as ObjectJudge judges IfcOpenShell's objects.

Products of which anything is oddly written, or said twice, are left for ObjectJudge. Styles and materials, of which a
model has few, are read from objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..element_frames import ElementFrames
from ..part_model import bring
from ..record_source import OPENING, SPATIAL, ModelSource
from ..step_values import ANYTHING, REFERENCE, REFERENCES, Odd, record_pattern, reference_of, references_of
from ..table_bodies import TableBodies, TableBody
from ..table_records import TableRecords
from .judging import Judged, Matrix, Opening
from .looks import DEPTH, Colour, Piece, colour_of_material, colour_of_style, one_material_of
from .openings import CLIMB
from .routing import NESTED, SAFE_ITEMS, SURFACE_MODELS

_UNMOVED = np.eye(4)


class TableJudge:
    """What there is to mesh in one file: `wanted` are the #ids with a body, rising; `odd` those for ObjectJudge."""

    def __init__(self, model: Any, records: TableRecords, frames: ElementFrames, source: ModelSource) -> None:
        frames.know(records.table)
        self.frames, self.bodies = frames, TableBodies(records)
        self.found, self.odd = self.bodies.read("IfcElement", SPATIAL[model.schema_identifier])
        self.looks = _Looks(model, records, self.bodies, source)
        self.routes = _Routes(records, self.bodies)
        self.openings = _openings_by_host(source)
        self.wholes = _wholes(source)
        self.projected = {host for hosts, _ in source.relations(*_PROJECTIONS) for host in hosts}

    def with_body(self) -> list[int]:
        """Return the #ids of the elements and spatial elements that have a body and are no openings, rising."""
        is_opening = {known.name for known in self.bodies.classes if known is not None and known.is_a(OPENING)}
        return sorted(number for number, body in self.found.items() if body.items and body.ifc_class not in is_opening)

    def judge(self, step_id: int) -> Judged:
        """Return what is known of a body. Raises Odd where ObjectJudge must be asked."""
        body = self._known(step_id)
        openings = self._openings_of(body)
        cuts = tuple(Opening(each.step_id, self._frame_of(each), each.shapes) for each in openings)
        return Judged(
            step_id,
            body.ifc_class,
            self.looks.pieces(body),
            self._frame_of(body),
            self._slow_reason(body, openings),
            body.shapes,
            cuts,
            body.placement,
            body.context,
        )

    def _known(self, step_id: int) -> TableBody:
        body = self.found.get(step_id)
        if body is None:
            raise Odd
        return body

    def _frame_of(self, body: TableBody) -> Matrix:
        if body.placement is None:
            return _UNMOVED
        frame = self.frames.known(body.placement)
        if frame is None:
            raise Odd
        return frame

    def _openings_of(self, body: TableBody) -> list[TableBody]:
        found: list[TableBody] = []
        step_id: int | None = body.step_id
        for _ in range(CLIMB):
            if step_id is None or not (step_id in self.found or step_id in self.odd):
                break
            for opening in self.openings.get(step_id, ()):
                known = self._known(opening)
                if known.representation:
                    found.append(known)
            whole = self.wholes.get(step_id, [])
            if len(whole) > 1:
                raise Odd
            step_id = whole[0] if whole else None
        return found

    def _slow_reason(self, body: TableBody, openings: list[TableBody]) -> str:
        """See Router.slow_reason. That all stand on local placements is known by their frames."""
        if body.representation != "IfcProductDefinitionShape":
            return f"R2 {body.representation}"
        if len(body.shapes) > 1:
            return "R3 several representations"
        if body.step_id in self.projected:
            return "R2 projections"
        for part in (body, *openings):
            for item in part.items:
                if risky := self.routes.risky(item, 0):
                    return f"R2 {risky}"
        return ""


_PROJECTIONS = ("IfcRelProjectsElement", "RelatingElement", "RelatedFeatureElement")


def _openings_by_host(source: ModelSource) -> dict[int, list[int]]:
    hosts: dict[int, list[int]] = {}
    relations = source.relations("IfcRelVoidsElement", "RelatingBuildingElement", "RelatedOpeningElement")
    for relating, related in relations:
        for host in relating:
            hosts.setdefault(host, []).extend(related)
    return hosts


def _wholes(source: ModelSource) -> dict[int, list[int]]:
    """Return {part #id: the #ids of what it is a part of}."""
    wholes: dict[int, list[int]] = {}
    for relating, related in source.relations("IfcRelAggregates", "RelatingObject", "RelatedObjects"):
        for part in related:
            wholes.setdefault(part, []).extend(relating)
    return wholes


class _Looks:
    """The colours of items and materials, see looks.py."""

    def __init__(self, model: Any, records: TableRecords, bodies: TableBodies, source: ModelSource) -> None:
        self.model, self.records, self.bodies, self.table = model, records, bodies, records.table
        self._styles, self._odd_items = self._styles_of_items()
        bring(model, {style for styles in self._styles.values() for style in styles})
        self._colour_of_style: dict[int, Colour | None] = {}
        self._items: dict[int, Colour | None] = {}
        self._materials: dict[int, Colour | None] = {}
        self._types = _first_only(source.relations("IfcRelDefinesByType", "RelatingType", "RelatedObjects"))
        relations = source.relations("IfcRelAssociatesMaterial", "RelatingMaterial", "RelatedObjects")
        self._material_of = _first_only(relations)

    def pieces(self, body: TableBody) -> tuple[Piece, ...]:
        """Return the body's items, mapped ones taken apart, each with its colour. Raises Odd."""
        found: list[Piece] = []
        for item in body.items:
            self._collect(item, (), None, found)
        if any(piece.colour is None for piece in found):
            material = self._colour_of_material(body.step_id)
            found = [Piece(p.item, p.mapped_by, material if p.colour is None else p.colour) for p in found]
        return tuple(found)

    def _collect(self, row: int, path: tuple[tuple[int, int], ...], outer: Colour | None, found: list[Piece]) -> None:
        own = self._colour_of_item(row)
        if self.bodies.class_of(row).name == "IfcMappedItem" and len(path) < DEPTH:
            origin, children, target = self.bodies.mapped(row)
            step = (int(self.table.ids[origin]), int(self.table.ids[target]))
            for child in children:
                self._collect(child, (*path, step), own or outer, found)
            return
        found.append(Piece(int(self.table.ids[row]), path, own or outer))

    def _colour_of_item(self, row: int) -> Colour | None:
        if row not in self._items:
            if row in self._odd_items:
                raise Odd
            colours = map(self._colour, self._styles.get(row, ()))
            colour = next((each for each in colours if each is not None), None)
            if colour is None and self.bodies.class_of(row).is_a("IfcBooleanResult"):
                colour = self._colour_of_item(self.bodies.operands(row)[0])
            self._items[row] = colour
        return self._items[row]

    def _colour(self, style: int) -> Colour | None:
        if style not in self._colour_of_style:
            self._colour_of_style[style] = _asked(colour_of_style, self.model, style)
        return self._colour_of_style[style]

    def _colour_of_material(self, step_id: int) -> Colour | None:
        """Return the colour of the one material of a product, or of its type. Raises Odd where it has two of either."""
        types = self._types.get(step_id, ())
        if len(types) > 1:
            raise Odd
        for owner in (step_id, *types):
            materials = self._material_of.get(owner)
            if materials is None:
                continue
            if len(materials) != 1:
                raise Odd
            if materials[0] not in self._materials:
                self._materials[materials[0]] = _asked(_colour_of_choice, self.model, materials[0])
            return self._materials[materials[0]]
        return None

    def _styles_of_items(self) -> tuple[dict[int, list[int]], set[int]]:
        """Return {row of an item: the #ids of its styles}, and the rows of items with two records of styles or an odd
        one."""
        found: dict[int, list[int]] = {}
        odd: set[int] = set()
        for known, rows in self.records.rows_below("IfcStyledItem"):
            match = record_pattern(len(known.attributes), {0: REFERENCE, 1: REFERENCES}).fullmatch
            lost = self.records.with_lost_references(rows)
            for row, (step_id, text) in zip(rows.tolist(), self.records.texts(rows), strict=True):
                groups = match(text)
                if groups is None or step_id in lost:
                    first, last = self.table.reference_starts[row], self.table.reference_starts[row + 1]
                    odd.update(self.table.row_of(self.table.reference_ids[first:last]).tolist())
                elif (item := reference_of(groups[1])) is not None:
                    at = self.table.row(item)
                    if at in found:
                        odd.add(at)
                    found[at] = references_of(groups[2])
        return found, odd


def _first_only(relations: Iterable[tuple[list[int], list[int]]]) -> dict[int, list[int]]:
    """Return {related #id: relating #ids of all its relationships}."""
    found: dict[int, list[int]] = {}
    for relating, related in relations:
        for each in related:
            if each in found:
                found[each] = found[each] + relating
            else:
                found[each] = relating
    return found


def _asked(ask: Any, model: Any, step_id: int) -> Colour | None:
    try:
        found: Colour | None = ask(model.by_id(step_id))
    except Exception as error:  # a record that is not as its schema says
        raise Odd from error
    return found


def _colour_of_choice(choice: Any) -> Colour | None:
    material = one_material_of(choice)
    return None if material is None else colour_of_material(material)


class _Routes:
    """Which items the fast engine is not trusted with, see Router."""

    def __init__(self, records: TableRecords, bodies: TableBodies) -> None:
        self.records, self.bodies, self.table = records, bodies, records.table
        self._items: dict[int, str] = {}
        names = [known.name if known is not None else "" for known in bodies.classes]
        asked = {*SURFACE_MODELS, "IfcSweptDiskSolid", "IfcMappedItem", "IfcCsgSolid"}
        self._safe = [name in SAFE_ITEMS and name not in asked for name in names]
        self._is_face_surface = np.array(
            [known is not None and known.is_a("IfcFaceSurface") for known in bodies.classes], dtype=bool
        )

    def risky(self, row: int, depth: int) -> str:
        """Return the class of the first item that the fast engine is not trusted with, empty without one."""
        if self._safe[self.table.kinds[row]]:
            return ""
        if row not in self._items:
            self._items[row] = self._judge(row, depth)
        return self._items[row]

    def _judge(self, row: int, depth: int) -> str:
        known = self.bodies.class_of(row)
        if depth > NESTED:
            return "nesting"
        if known.name == "IfcMappedItem":
            children: Iterable[int] = self.bodies.mapped(row)[1]
        elif known.is_a("IfcBooleanResult"):
            children = self.bodies.operands(row)
        elif known.name == "IfcCsgSolid":
            children = self.bodies.named(row)
        elif known.name not in SAFE_ITEMS:
            return known.name
        elif known.name == "IfcSweptDiskSolid":
            return self._swept_disk(row)
        elif known.name in SURFACE_MODELS:
            return self._advanced(row)
        else:
            return ""
        return next((risky for child in children if (risky := self.risky(child, depth + 1))), "")

    def _swept_disk(self, row: int) -> str:
        known = self.bodies.class_of(row)
        wanted = {known.attributes[name]: ANYTHING for name in ("StartParam", "EndParam")}
        _, text = next(iter(self.records.texts(np.array([row]))))
        match = record_pattern(len(known.attributes), wanted).fullmatch(text)
        if match is None:
            raise Odd
        return known.name if any(group.strip() != b"$" for group in match.groups()) else ""

    def _advanced(self, row: int) -> str:
        for shell in self.bodies.named(row):
            faces = np.array(self.bodies.named(shell), dtype=np.intp)
            own = faces[self._is_face_surface[self.table.kinds[faces]]]
            if len(own):
                return self.bodies.class_of(int(own[0])).name
        return ""
