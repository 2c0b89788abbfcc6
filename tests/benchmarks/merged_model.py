"""One large IFC2X3 model out of many copies of small real ones, merged as text.

Every copy gets new instance numbers, new GlobalIds and a cell of its own on a grid. There is one project, one site, one
unit assignment and one geometric context of each kind; each copy's own site becomes a placement between the merged
site and its buildings. Sources are in millimetres; the angles of
trimmed arcs and revolved solids of one in radians are turned into degrees.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import ifcopenshell
import ifcopenshell.guid
import ifcopenshell.util.placement
import ifcopenshell.util.unit

from .step_text import Instance, read_instances

SCHEMA = "IFC2X3"
GAP_MM = 20_000.0
_DEGREE = math.pi / 180
_PARAMETER = re.compile(r"(IFCPARAMETERVALUE\()([^)]+)\)")
_LAST = re.compile(r"(,\s*)([0-9.E+-]+)\s*\)$")
OWN = 100  # instance numbers up to here are the merged model's own


@dataclass(frozen=True)
class Source:
    """A small model: its instances in order, and where its elements stand (mm): lower corner and extent, x and y."""

    name: str
    instances: tuple[Instance, ...]
    lower: tuple[float, float]
    extent: tuple[float, float]

    def of_class(self, *names: str) -> list[Instance]:
        return [row for row in self.instances if row.ifc_class in names]

    def only(self, name: str) -> Instance:
        rows = self.of_class(name)
        if len(rows) != 1:
            raise ValueError(f"{self.name} has {len(rows)} {name} and not one.")
        return rows[0]


@dataclass(frozen=True)
class Merged:
    """What was written: products (IfcProduct, the site counted once), rooted instances, copies, bytes."""

    products: int
    rooted: int
    copies: int
    file_bytes: int


def read_source(path: Path) -> Source:
    """Read a small model; ValueError where it cannot be merged as it stands."""
    model = ifcopenshell.open(str(path))
    if model.schema != SCHEMA:
        raise ValueError(f"{path.name} is {model.schema} and not {SCHEMA}.")
    units = ifcopenshell.util.unit
    length = units.calculate_unit_scale(model, "LENGTHUNIT")
    angle = units.calculate_unit_scale(model, "PLANEANGLEUNIT")
    if round(length, 9) != 0.001:
        raise ValueError(f"{path.name} is not in millimetres.")
    for context in model.by_type("IfcGeometricRepresentationContext", include_subtypes=False):
        axes = context.WorldCoordinateSystem
        if any(axes.Location.Coordinates) or (axes.RefDirection and axes.RefDirection.DirectionRatios[0] != 1.0):
            raise ValueError(f"{path.name} has a world coordinate system of its own.")
    placed = [row for row in model.by_type("IfcElement") if row.ObjectPlacement]
    at = [ifcopenshell.util.placement.get_local_placement(row.ObjectPlacement)[:2, 3] for row in placed]
    (x, y) = zip(*((float(point[0]), float(point[1])) for point in at), strict=True)
    instances = tuple(read_instances(path.read_text(encoding="latin-1")))
    if round(angle, 6) != round(_DEGREE, 6):
        instances = _in_degrees(instances, model)
    return Source(path.name, instances, (min(x), min(y)), (max(x) - min(x), max(y) - min(y)))


def _in_degrees(instances: tuple[Instance, ...], model: ifcopenshell.file) -> tuple[Instance, ...]:
    """Return the instances of a model in radians with the angles of its trimmed circles in degrees."""
    if model.by_type("IfcSweptDiskSolid"):
        raise ValueError("A model in radians with swept disks is not supported.")
    arcs = {row.id() for row in model.by_type("IfcTrimmedCurve") if row.BasisCurve.is_a("IfcConic")}
    angles = {**dict.fromkeys(arcs, _PARAMETER), **{row.id(): _LAST for row in model.by_type("IfcRevolvedAreaSolid")}}

    def degrees(match: re.Match[str]) -> str:
        return f"{match[1]}{math.degrees(float(match[2]))!r})"

    return tuple(
        replace(row, texts=tuple(angles[row.number].sub(degrees, text) for text in row.texts))
        if row.number in angles
        else row
        for row in instances
    )


def write_merged(target: Path, copies: Sequence[Source], seed: int) -> Merged:
    """Write the copies as one model (a source may come several times) and return its counts."""
    cell = [max(source.extent[axis] for source in copies) + GAP_MM for axis in (0, 1)]
    columns = math.ceil(math.sqrt(len(copies)))
    frame = _Frame(seed)
    count = _Count()
    part = target.with_suffix(".part")
    with part.open("w", encoding="latin-1", newline="\n") as file:
        file.write(_HEADER)
        first = OWN + 1
        for number, source in enumerate(copies):
            at = tuple(number % columns * cell[0] if axis == 0 else number // columns * cell[1] for axis in (0, 1))
            shift = (at[0] - source.lower[0], at[1] - source.lower[1])
            copy = _Copy(source, first, frame, f"{seed}/{number}")
            file.writelines(copy.lines(shift, count))
            first = copy.following
        file.writelines(frame.lines())
        file.write("ENDSEC;\nEND-ISO-10303-21;\n")
    part.rename(target)
    return Merged(count.products + 1, count.rooted + len(frame.rooted), len(copies), target.stat().st_size)


@dataclass
class _Count:
    products: int = 0
    rooted: int = 0


@dataclass
class _Frame:
    """What all copies share: project, site, units, contexts; numbers 1 to OWN."""

    seed: int
    owner: int = 0
    units: int = 0
    subcontexts: dict[tuple[str, str, str], int] = field(default_factory=dict)

    PROJECT, SITE, PLACEMENT, MODEL, PLAN, RELATION = 1, 2, 3, 4, 5, 6
    rooted = (PROJECT, SITE, RELATION)

    def context(self, arguments: list[str]) -> int:
        """Return the shared context for one of a copy's."""
        return self.MODEL if arguments[1].strip("'").lower() == "model" else self.PLAN

    def subcontext(self, arguments: list[str]) -> int:
        """Return the shared subcontext for one of a copy's: one for each identifier, type and view."""
        key = (arguments[0], arguments[1], arguments[8])
        return self.subcontexts.setdefault(key, 20 + len(self.subcontexts))

    def lines(self) -> Iterator[str]:
        guid = {number: global_id(f"{self.seed}/shared/{number}") for number in self.rooted}
        owner = f"#{self.owner}"
        yield "#10=IFCCARTESIANPOINT((0.,0.,0.));\n#11=IFCAXIS2PLACEMENT3D(#10,$,$);\n"
        yield f"#{self.PLACEMENT}=IFCLOCALPLACEMENT($,#11);\n"
        yield f"#{self.MODEL}=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-05,#11,$);\n"
        yield f"#{self.PLAN}=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Annotation',3,1.E-05,#11,$);\n"
        for (identifier, kind, view), number in self.subcontexts.items():
            parent = self.MODEL if kind.strip("'").lower() == "model" else self.PLAN
            text = f"({identifier},{kind},*,*,*,*,#{parent},$,{view},$)"
            yield f"#{number}=IFCGEOMETRICREPRESENTATIONSUBCONTEXT{text};\n"
        contexts = f"(#{self.MODEL},#{self.PLAN})"
        project = f"('{guid[self.PROJECT]}',{owner},'Merged',$,$,$,$,{contexts},#{self.units})"
        yield f"#{self.PROJECT}=IFCPROJECT{project};\n"
        site = f"('{guid[self.SITE]}',{owner},'Merged',$,$,#{self.PLACEMENT},$,$,.ELEMENT.,$,$,$,$,$)"
        yield f"#{self.SITE}=IFCSITE{site};\n"
        relation = f"('{guid[self.RELATION]}',{owner},$,$,#{self.PROJECT},(#{self.SITE}))"
        yield f"#{self.RELATION}=IFCRELAGGREGATES{relation};\n"


class _Copy:
    """One source with its numbers moved to `first` and following; `root` is its own placement under the site's."""

    def __init__(self, source: Source, first: int, frame: _Frame, key: str) -> None:
        self.source, self.frame, self.key = source, frame, key
        self.root = first
        self.numbers = {row.number: first + 3 + index for index, row in enumerate(source.instances)}
        self.following = first + 3 + len(source.instances)
        self.dropped: set[int] = set()
        self._share()

    def _share(self) -> None:
        project, site = self.source.only("IFCPROJECT"), self.source.only("IFCSITE")
        units = self.source.only("IFCUNITASSIGNMENT")
        if not self.frame.units:
            self.frame.units = self.numbers[units.number]
            self.frame.owner = self.numbers[self.source.of_class("IFCOWNERHISTORY")[0].number]
        else:
            self.dropped.add(units.number)
        shared = {project.number: _Frame.PROJECT, site.number: _Frame.SITE, units.number: self.frame.units}
        for row in self.source.of_class("IFCGEOMETRICREPRESENTATIONCONTEXT"):
            shared[row.number] = self.frame.context(row.arguments)
        for row in self.source.of_class("IFCGEOMETRICREPRESENTATIONSUBCONTEXT"):
            shared[row.number] = self.frame.subcontext(row.arguments)
        self.dropped |= shared.keys() - {units.number}
        for row in self.source.of_class("IFCRELAGGREGATES"):
            if row.arguments[4] == f"#{project.number}":
                if row.arguments[5] != f"(#{site.number})":
                    raise ValueError(f"{self.source.name} has more than its site below its project.")
                self.dropped.add(row.number)
        self.numbers.update(shared)

    def lines(self, shift_mm: tuple[float, float], count: _Count) -> Iterator[str]:
        """Yield the copy's instances, its root placement first."""
        root = self.root
        yield f"#{root}=IFCLOCALPLACEMENT(#{_Frame.PLACEMENT},#{root + 1});\n"
        yield f"#{root + 1}=IFCAXIS2PLACEMENT3D(#{root + 2},$,$);\n"
        yield f"#{root + 2}=IFCCARTESIANPOINT(({shift_mm[0]!r},{shift_mm[1]!r},0.));\n"
        for row in self.source.instances:
            if row.number in self.dropped:
                continue
            body = row.body(self.numbers.__getitem__)
            kind = kind_of(row.ifc_class)
            if row.ifc_class == "IFCLOCALPLACEMENT" and body.lstrip("( \n").startswith("$"):
                body = body.replace("$", f"#{root}", 1)
            if kind != "resource":
                body = _with_global_id(body, global_id(f"{self.key}/{row.number}"))
                count.rooted += 1
                count.products += kind == "product"
            yield f"#{self.numbers[row.number]}={row.ifc_class}{body};\n"


def _with_global_id(body: str, given: str) -> str:
    opened = body.index("'")
    closed = body.index("'", opened + 1)
    if closed - opened != 23:
        raise ValueError(f"No GlobalId stands first in {body[:60]!r}.")
    return f"{body[: opened + 1]}{given}{body[closed:]}"


def global_id(key: str) -> str:
    """Return a GlobalId that depends on the key alone."""
    return str(ifcopenshell.guid.compress(hashlib.sha256(key.encode()).hexdigest()[:32]))


@cache
def kind_of(ifc_class: str) -> str:
    """Return `product`, `rooted` (has a GlobalId) or `resource` for a class of the schema."""
    declared = ifcopenshell.schema_by_name(SCHEMA).declaration_by_name(ifc_class)
    above = set()
    while declared is not None:
        above.add(declared.name())
        declared = declared.supertype()
    return "product" if "IfcProduct" in above else "rooted" if "IfcRoot" in above else "resource"


_HEADER = f"""ISO-10303-21;
HEADER;
FILE_DESCRIPTION(('ViewDefinition [CoordinationView]'),'2;1');
FILE_NAME('merged.ifc','2026-01-01T00:00:00',(''),(''),'Twinwall benchmark','Twinwall benchmark','');
FILE_SCHEMA(('{SCHEMA}'));
ENDSEC;
DATA;
"""
