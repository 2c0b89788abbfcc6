"""The empty IFC4 file: header, project, metric units, contexts, map conversion into the 3-degree zone."""

from __future__ import annotations

from datetime import datetime
from math import cos, radians, sin

import ifcopenshell
import ifcopenshell.api.context
import ifcopenshell.api.georeference
import ifcopenshell.api.project
import ifcopenshell.api.root
import ifcopenshell.api.unit

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project.identity import global_id


def open_project(timestamp: datetime) -> tuple[ifcopenshell.file, ifcopenshell.entity_instance]:
    """Make the file and return it with its body context. ``timestamp`` is the only thing that differs in a re-run."""
    file = ifcopenshell.api.project.create_file(version="IFC4")
    name = file.header.file_name
    name.name = "ZD-TOWER.ifc"
    name.time_stamp = timestamp.isoformat(timespec="seconds")
    name.author = ("Twinwall 示范项目",)
    name.organization = ("Twinwall",)
    name.originating_system = "Twinwall write_demo_model"
    name.authorization = ""
    project = ifcopenshell.api.root.create_entity(file, ifc_class="IfcProject", name="郑东示范塔楼工程")
    project.GlobalId = global_id("project")
    project.LongName = "郑东新区示范塔楼(在建)"
    project.Phase = "主体施工"
    units = [
        ifcopenshell.api.unit.add_si_unit(file, unit_type=kind)
        for kind in ("LENGTHUNIT", "AREAUNIT", "VOLUMEUNIT", "PLANEANGLEUNIT")
    ]
    assigned = ifcopenshell.api.unit.assign_unit(file, units=units)
    assigned.Units = units  # the API keeps them as a set, whose order changes from run to run
    model = ifcopenshell.api.context.add_context(file, context_type="Model")
    body = ifcopenshell.api.context.add_context(
        file, context_type="Model", context_identifier="Body", target_view="MODEL_VIEW", parent=model
    )
    _georeference(file)
    return file, body


def _georeference(file: ifcopenshell.file) -> None:
    code = f"EPSG:{d.PROJECTED_SRID}"
    ifcopenshell.api.georeference.add_georeferencing(file, name=code)
    ifcopenshell.api.georeference.edit_georeferencing(
        file,
        projected_crs={
            "Name": code,
            "Description": "CGCS2000 / 3-degree Gauss-Kruger CM 114E",
            "GeodeticDatum": "CGCS2000",
            "VerticalDatum": "1985国家高程基准 (EPSG:5737)",
            "MapProjection": "Gauss-Kruger",
            "MapZone": "CM 114E",
            "MapUnit": _metre(file),
        },
        coordinate_operation={
            "Eastings": d.EASTING_M,
            "Northings": d.NORTHING_M,
            "OrthogonalHeight": d.ZERO_LEVEL_M,
            "XAxisAbscissa": cos(radians(d.ROTATION_DEG)),
            "XAxisOrdinate": sin(radians(d.ROTATION_DEG)),
            "Scale": 1.0,
        },
    )


def _metre(file: ifcopenshell.file) -> ifcopenshell.entity_instance:
    return next(unit for unit in file.by_type("IfcSIUnit") if unit.UnitType == "LENGTHUNIT")
