"""The demo's IFC file, from nothing to disk."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import ifcopenshell

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project.author import Author
from bim.ifc.demo_project.crane import write_crane
from bim.ifc.demo_project.envelope import write_envelope
from bim.ifc.demo_project.guardrails import write_guardrails
from bim.ifc.demo_project.hoist import write_hoist
from bim.ifc.demo_project.pit import write_pit
from bim.ifc.demo_project.site_works import write_site_works
from bim.ifc.demo_project.spaces import write_spaces
from bim.ifc.demo_project.stairs import write_stairs
from bim.ifc.demo_project.structure import write_structure
from bim.ifc.demo_project.temporary_works import write_temporary_works

FILE_NAME = "ZD-TOWER.ifc"


def compose_demo_project(timestamp: datetime) -> ifcopenshell.file:
    """Compose the whole model in memory. Only the file header depends on ``timestamp``."""
    author = Author(timestamp)
    _spatial_structure(author)
    write_structure(author)
    write_envelope(author)
    write_stairs(author)
    write_guardrails(author)
    write_temporary_works(author)
    write_crane(author)
    write_hoist(author)
    write_pit(author)
    write_site_works(author)
    write_spaces(author)
    return author.finish()


def write_demo_project(path: Path, timestamp: datetime) -> None:
    """Write the model to ``path`` as IFC4 SPF. A re-run with the same ``timestamp`` gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    compose_demo_project(timestamp).write(str(path))


def _spatial_structure(author: Author) -> None:
    site = author.spatial("SITE", "IfcSite", d.SITE_NAME, "PROJECT")
    site.LongName = f"{d.SITE_NAME}施工现场"
    site.RefLatitude, site.RefLongitude = (34, 45, 53, 139989), (113, 46, 11, 457757)
    site.RefElevation = d.ZERO_LEVEL_M
    building = author.spatial("BUILDING", "IfcBuilding", d.SITE_NAME, "SITE")
    building.ElevationOfRefHeight = d.ZERO_LEVEL_M
    author.describe(building, "Pset_BuildingCommon", {"NumberOfStoreys": 14})
    for level in d.LEVELS:
        storey = author.spatial(level.code, "IfcBuildingStorey", level.name, "BUILDING", (0, 0, level.elevation_m))
        storey.Elevation = level.elevation_m
        storey.LongName = f"{level.code} {level.name}"
        author.describe(storey, "Pset_BuildingStoreyCommon", {"EntranceLevel": level.code == "F01"})
