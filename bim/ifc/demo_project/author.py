"""One IFC4 file being written with ``ifcopenshell.api``, in an order that does not depend on the run.

Several usecases of the api keep their arguments in Python sets, whose order differs from run to run. So relations are
written in batches, before any product has a placement (``assign_container`` would otherwise rewrite every placement,
in set order), placements follow in creation order, and the member lists of relations are sorted at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import cos, radians, sin

import ifcopenshell
import ifcopenshell.api.aggregate
import ifcopenshell.api.feature
import ifcopenshell.api.geometry
import ifcopenshell.api.material
import ifcopenshell.api.pset
import ifcopenshell.api.root
import ifcopenshell.api.spatial
import ifcopenshell.api.style
import ifcopenshell.api.type
import numpy as np

from bim.ifc.demo_project.appearance import LOOKS
from bim.ifc.demo_project.identity import global_id
from bim.ifc.demo_project.project_header import open_project
from bim.ifc.demo_project.solids import Solids, Triple

Entity = ifcopenshell.entity_instance
Body = Sequence[tuple[Entity, str]]
"""Items of a body, each with the key of its look."""
Values = Mapping[str, object]

_MEMBER_LISTS = ("RelatedElements", "RelatedObjects", "RelatedDefinitions")


@dataclass
class _Placed:
    product: Entity
    matrix: np.ndarray


class Author:
    """This class will collect the demo's elements and finish them into a consistent IFC4 file."""

    def __init__(self, timestamp: datetime) -> None:
        self.file, self.body_context = open_project(timestamp)
        self.solids = Solids(self.file)
        self._keys: dict[str, Entity] = {}
        self._styles: dict[str, Entity] = {}
        self._materials: dict[str, Entity] = {}
        self._types: dict[str, Entity] = {}
        self._placed: list[_Placed] = []
        self._contained: dict[str, list[Entity]] = {}
        self._parts: dict[str, list[Entity]] = {}
        self._typed: dict[str, list[Entity]] = {}
        self._of_material: dict[str, list[Entity]] = {}
        self._voids: list[tuple[Entity, Entity]] = []
        self._fillings: list[tuple[Entity, Entity]] = []
        self._shared: dict[tuple[str, tuple[tuple[str, object], ...]], list[Entity]] = {}

        self._keys["PROJECT"] = self.file.by_type("IfcProject")[0]

    def __getitem__(self, key: str) -> Entity:
        return self._keys[key]

    def spatial(self, key: str, ifc_class: str, name: str, parent: str | None, at: Triple = (0, 0, 0)) -> Entity:
        """Add a spatial structure element, aggregated to ``parent``."""
        entity = self._root(key, ifc_class, name, None)
        if parent:
            self._parts.setdefault(parent, []).append(entity)
        self._placed.append(_Placed(entity, _matrix(at, 0)))
        return entity

    def element(
        self,
        key: str,
        ifc_class: str,
        name: str,
        *,
        storey: str | None = None,
        part_of: str | None = None,
        at: Triple = (0, 0, 0),
        turn_deg: float = 0.0,
        body: Body | None = None,
        type_key: str | None = None,
        predefined: str | None = None,
        material: str | None = None,
    ) -> Entity:
        """Add a product at local ``at``; its body is its own items or its type's mapped representation."""
        entity = self._root(key, ifc_class, name, predefined)
        if storey:
            self._contained.setdefault(storey, []).append(entity)
        if part_of:
            self._parts.setdefault(part_of, []).append(entity)
        if type_key:
            self._typed.setdefault(type_key, []).append(entity)
            for representation_map in self._types[type_key].RepresentationMaps or ():
                mapped = ifcopenshell.api.geometry.map_representation(
                    self.file, representation=representation_map.MappedRepresentation
                )
                ifcopenshell.api.geometry.assign_representation(self.file, product=entity, representation=mapped)
        if body:
            self._represent(entity, body)
        if material:
            self._of_material.setdefault(material, []).append(entity)
        self._placed.append(_Placed(entity, _matrix(at, turn_deg)))
        return entity

    def element_type(
        self, key: str, ifc_class: str, name: str, predefined: str, body: Body | None, material: str | None = None
    ) -> str:
        """Add an element type once and return its key; further calls with the same key change nothing."""
        if key in self._types:
            return key
        entity = self._root(f"type/{key}", ifc_class, name, predefined)
        if body:
            self._represent(entity, body)
        if material:
            self._of_material.setdefault(material, []).append(entity)
        self._types[key] = entity
        return key

    def has_type(self, key: str) -> bool:
        """Whether the element type ``key`` was added already."""
        return key in self._types

    def opening(self, key: str, name: str, host: Entity, at: Triple, turn_deg: float, body: Body) -> Entity:
        """Add an IfcOpeningElement that voids ``host``."""
        entity = self._root(key, "IfcOpeningElement", name, "OPENING")
        self._represent(entity, body)
        self._voids.append((entity, host))
        self._placed.append(_Placed(entity, _matrix(at, turn_deg)))
        return entity

    def fill(self, opening: Entity, element: Entity) -> None:
        """Let a door or window fill an opening."""
        self._fillings.append((opening, element))

    def describe(self, entity: Entity, pset: str, values: Values) -> None:
        """Give ``entity`` a property set; equal sets of several products become one shared set."""
        frozen = tuple((key, tuple(value) if isinstance(value, list) else value) for key, value in values.items())
        self._shared.setdefault((pset, frozen), []).append(entity)

    def quantify(self, entity: Entity, name: str, values: Mapping[str, float]) -> None:
        """Give ``entity`` its own quantity set."""
        qto = ifcopenshell.api.pset.add_qto(self.file, entity, name)
        ifcopenshell.api.pset.edit_qto(self.file, qto, properties=dict(values))

    def finish(self) -> ifcopenshell.file:
        """Write every relation and placement, then make identifiers and member lists independent of the run."""
        file = self.file
        for parent, children in self._parts.items():
            ifcopenshell.api.aggregate.assign_object(file, products=children, relating_object=self._keys[parent])
        for storey, products in self._contained.items():
            ifcopenshell.api.spatial.assign_container(file, products=products, relating_structure=self._keys[storey])
        for feature, host in self._voids:
            ifcopenshell.api.feature.add_feature(file, feature=feature, element=host)
        for opening, element in self._fillings:
            ifcopenshell.api.feature.add_filling(file, opening=opening, element=element)
        for type_key, products in self._typed.items():
            ifcopenshell.api.type.assign_type(
                file, related_objects=products, relating_type=self._types[type_key], should_map_representations=False
            )
        for look, products in self._of_material.items():
            ifcopenshell.api.material.assign_material(file, products=products, material=self._material(look))
        for (name, frozen), products in self._shared.items():
            values = {key: list(value) if isinstance(value, tuple) else value for key, value in frozen}
            self._write_pset(name, values, products)
        for placed in self._placed:
            ifcopenshell.api.geometry.edit_object_placement(file, product=placed.product, matrix=placed.matrix)
        self._settle()
        return file

    def _write_pset(self, name: str, values: dict[str, object], products: list[Entity]) -> None:
        pset = ifcopenshell.api.pset.add_pset(self.file, product=products[0], name=name)
        try:
            ifcopenshell.api.pset.edit_pset(self.file, pset=pset, properties=values)
        except RuntimeError as error:
            raise ValueError(f"The values {values} do not fit the property set {name}.") from error
        if len(products) > 1:
            ifcopenshell.api.pset.assign_pset(self.file, products=products[1:], pset=pset)

    def _settle(self) -> None:
        ordinals: dict[str, int] = {}
        for root in sorted(self.file.by_type("IfcRoot"), key=lambda entity: entity.id()):
            if not (root.is_a("IfcRelationship") or root.is_a("IfcPropertyDefinition")):
                continue
            for attribute in _MEMBER_LISTS:
                if members := getattr(root, attribute, None):
                    setattr(root, attribute, sorted(members, key=lambda member: member.id()))
            ordinal = ordinals[root.is_a()] = ordinals.get(root.is_a(), 0) + 1
            root.GlobalId = global_id(f"{root.is_a()}/{ordinal}")

    def _root(self, key: str, ifc_class: str, name: str, predefined: str | None) -> Entity:
        if key in self._keys:
            raise ValueError(f"The demo project names two things {key!r}.")
        entity = ifcopenshell.api.root.create_entity(
            self.file, ifc_class=ifc_class, predefined_type=predefined, name=name
        )
        entity.GlobalId = global_id(key)
        self._keys[key] = entity
        return entity

    def _represent(self, product: Entity, body: Body) -> None:
        representation = self.file.create_entity(
            "IfcShapeRepresentation", self.body_context, "Body", "SweptSolid", [item for item, _ in body]
        )
        ifcopenshell.api.geometry.assign_representation(self.file, product=product, representation=representation)
        for item, look in body:
            ifcopenshell.api.style.assign_item_style(self.file, style=self._style(look), item=item)

    def _style(self, look: str) -> Entity:
        if look not in self._styles:
            appearance = LOOKS[look]
            red, green, blue = appearance.colour
            style = ifcopenshell.api.style.add_style(self.file, name=appearance.name)
            colour = {"Name": None, "Red": red, "Green": green, "Blue": blue}
            attributes = {
                "SurfaceColour": colour,
                "Transparency": appearance.transparency,
                "ReflectanceMethod": "NOTDEFINED",
            }
            ifcopenshell.api.style.add_surface_style(
                self.file, style=style, ifc_class="IfcSurfaceStyleRendering", attributes=attributes
            )
            self._styles[look] = style
        return self._styles[look]

    def _material(self, look: str) -> Entity:
        if look not in self._materials:
            appearance = LOOKS[look]
            self._materials[look] = ifcopenshell.api.material.add_material(
                self.file, name=appearance.name, category=appearance.category or None
            )
        return self._materials[look]


def _matrix(at: Triple, turn_deg: float) -> np.ndarray:
    matrix = np.eye(4)
    c, s = cos(radians(turn_deg)), sin(radians(turn_deg))
    matrix[:2, :2] = ((c, -s), (s, c))
    matrix[:3, 3] = at
    return matrix
