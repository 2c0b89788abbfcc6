"""A model of a large file of which IfcOpenShell only opens what it is asked for; the rest is read in columns.

It answers `by_id` and `by_type` like an `ifcopenshell.file`, with its entities. Classes that are not among `KEPT` have
no answer (`by_type` raises LookupError) rather than a wrong one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import ifcopenshell
import numpy as np

from .file_part import Mask, Rows, naming, reached, write_part
from .ragged import ranges
from .table_records import TableRecords

KEPT = (
    "IfcProject", "IfcSite", "IfcBuilding", "IfcBuildingStorey", "IfcGeometricRepresentationContext",
    "IfcMapConversion", "IfcRigidOperation", "IfcWellKnownText",
)  # fmt: skip
"""What by_type may be asked for: the project with its units, what the place is read from, and the storeys."""

ALSO_OPENED = (
    "IfcTypeObject", "IfcMaterial", "IfcMaterialList", "IfcMaterialLayer", "IfcMaterialLayerSet",
    "IfcMaterialLayerSetUsage", "IfcMaterialDefinition", "IfcMaterialUsageDefinition", "IfcClassification",
    "IfcClassificationReference", "IfcClassificationNotation", "IfcGroup", "IfcMaterialDefinitionRepresentation",
)  # fmt: skip
"""What the readers of elements ask for one by one, and is opened with the first."""

_GEOMETRY = frozenset({"IFCPRODUCTDEFINITIONSHAPE", "IFCREPRESENTATIONMAP", "IFCSHAPEREPRESENTATION"})
_WHOLES, _CUTS = ("IFCRELAGGREGATES",), ("IFCRELVOIDSELEMENT", "IFCRELPROJECTSELEMENT")
_TYPED, _MATERIALS = ("IFCRELDEFINESBYTYPE",), ("IFCRELASSOCIATESMATERIAL",)
_MANY = 32
"""After so many parts everything but geometry is opened."""


class PartModel:
    """Opens parts of one file, each once; they are written into `folder` and removed once they are open."""

    def __init__(self, records: TableRecords, folder: Path) -> None:
        self.records, self.table, self.folder = records, records.table, folder
        self._numbers = itertools.count()
        kept = self._below(*KEPT, *ALSO_OPENED)
        self._found = reached(self.table, kept, _GEOMETRY)
        wholes = naming(self.table, _WHOLES, self._mask(self._below("IfcBuildingStorey")))
        self._file = self._open(self._found | self._mask(wholes))
        self._held: dict[int, Any] = {}
        self._parts = 0
        self._hold(self._found, self._file)
        self._shaped: list[tuple[set[int], Any]] = []
        self.schema, self.schema_identifier = self._file.schema, self._file.schema_identifier

    def by_type(self, ifc_class: str) -> list[Any]:
        """Return the entities of a class of KEPT and of those below it, without their shapes."""
        if ifc_class not in KEPT:
            raise LookupError(f"{ifc_class} is not among the classes that a part of a model answers for")
        try:
            return list(self._file.by_type(ifc_class))
        except RuntimeError:  # the schema has no such class
            return []

    def by_id(self, step_id: int) -> Any:
        """Return an entity: a product with its shape and what cuts and colours it, any other without shapes.

        Raises RuntimeError where the file has no such #id.
        """
        if step_id not in self._held:
            row = self.table.row(step_id)
            if row < 0:
                raise RuntimeError(f"Instance with id {step_id} not found")
            if self._is_product[row]:
                return self.with_shapes([step_id]).by_id(step_id)
            self.bring([step_id])
        return self._held[step_id].by_id(step_id)

    def bring(self, step_ids: Iterable[int]) -> None:
        """Open one part for all of these that are no products and not open yet: by_id asks for one at a time."""
        wanted = [step_id for step_id in step_ids if step_id not in self._held]
        rows = self.table.row_of(np.array(wanted, dtype=np.int64))
        rows = rows[(rows >= 0) & ~self._is_product[rows]]
        if len(rows):
            self._parts += 1
            if self._parts > _MANY:
                rows = np.flatnonzero(~self.table.are_of(_GEOMETRY))
            found = reached(self.table, rows, _GEOMETRY)
            self._hold(found, self._open(found))

    def _hold(self, found: Mask, file: Any) -> None:
        """Note what a part is asked for from now on: what it holds with all that it refers to, but for products."""
        held = self.table.ids[found & ~self._is_product].tolist()
        self._held.update((step_id, file) for step_id in held if step_id not in self._held)

    def with_shapes(self, step_ids: Iterable[int]) -> Any:
        """Return an `ifcopenshell.file` that holds these products with all that OpenCASCADE meshes them by."""
        wanted = set(step_ids)
        if not wanted:
            return self._file
        for held, file in self._shaped:
            if wanted <= held:
                return file
        self._shaped.append((wanted, self._open(self._shape_rows(wanted))))
        return self._shaped[-1][1]

    def write_shapes(self, step_ids: Iterable[int], path: Path) -> None:
        """Write a file that holds these products with all that they are meshed by."""
        write_part(self.table, self._shape_rows(step_ids), path)

    def _shape_rows(self, step_ids: Iterable[int]) -> Mask:
        """Return the records of products and of what says how they look: wholes, openings, projections, materials of
        their own and of their types, and the styles of what they are made of."""
        table = self.table
        rows = table.row_of(np.array(sorted(step_ids), dtype=np.int64))
        found = self._found | reached(table, rows[rows >= 0])
        while True:
            products = found & self._is_product
            wholes, cuts = naming(table, _WHOLES, products), naming(table, _CUTS, products)
            typed = naming(table, _TYPED, products)
            types = self._others(typed)
            associated = naming(table, _MATERIALS, products | self._mask(types))
            beside = np.concatenate([types, self._others(associated)])
            styles = self._styles[found[self._styled_items]]
            now = found | self._mask(np.concatenate([wholes, typed, associated])) | reached(table, beside, _GEOMETRY)
            now |= reached(table, np.concatenate([cuts, styles, self._relating(wholes)]))
            if (now == found).all():
                return found
            found = now

    @cached_property
    def _is_product(self) -> Mask:
        return self._mask(self._below("IfcProduct"))

    @cached_property
    def _styles(self) -> Rows:
        """Return the rows of the styles of items; `_styled_items` are what they are of."""
        rows = self.records.rows("IFCSTYLEDITEM")
        rows = rows[self._relating(rows) >= 0]
        return rows[self._mask(self._below("IfcRepresentationItem"))[self._relating(rows)]]

    @cached_property
    def _styled_items(self) -> Rows:
        return self._relating(self._styles)

    def _relating(self, rows: Rows) -> Rows:
        """Return what each record names first, but for an owner history; -1 where that is nothing."""
        table = self.table
        starts, ends = table.reference_starts[rows], table.reference_starts[rows + 1]
        named = np.append(table.reference_ids, 0)
        first = table.row_of(named[starts])
        owned = (starts < ends) & (first >= 0) & table.are_of(("IFCOWNERHISTORY",))[first]
        starts = starts + owned
        return np.where(starts < ends, table.row_of(named[starts]), -1)

    def _others(self, rows: Rows) -> Rows:
        """Return what records name that is no product."""
        table = self.table
        starts = table.reference_starts[rows]
        named = table.row_of(table.reference_ids[ranges(starts, table.reference_starts[rows + 1] - starts)])
        named = np.unique(named[named >= 0])
        return named[~self._is_product[named]]

    def _mask(self, rows: Rows) -> Mask:
        found = np.zeros(len(self.table), dtype=bool)
        found[rows] = True
        return found

    def _below(self, *ifc_classes: str) -> Rows:
        return np.concatenate(
            [np.zeros(0, dtype=np.intp), *(rows for _, rows in self.records.rows_below(*ifc_classes))]
        )

    def _open(self, found: Mask) -> Any:
        path = self.folder / f"part-{next(self._numbers)}.ifc"
        write_part(self.table, found, path)
        try:
            return ifcopenshell.open(str(path))
        finally:
            path.unlink()
            ifcopenshell.get_log()  # what is not in a part is nothing to be warned of


def holding(model: Any, step_ids: Iterable[int]) -> Any:
    """Return a file that holds these products with their shapes: of a part model a part, of any other itself."""
    return model.with_shapes(step_ids) if isinstance(model, PartModel) else model


def bring(model: Any, step_ids: Iterable[int]) -> None:
    """Say which entities a model will be asked for that are no products: a part model opens them together."""
    if isinstance(model, PartModel):
        model.bring(step_ids)
