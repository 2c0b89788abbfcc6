"""What the page says of functions and checks, by identifier: English here, Chinese in the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class FunctionWords:
    """A safety function: its name and what it needs the model for."""

    name: Any
    purpose: Any


@dataclass(frozen=True)
class CheckWords:
    """A check: what holds where it is passed, why that matters, what to do in the authoring tool."""

    name: Any
    why: Any
    todo: Any


FUNCTION_WORDS: Final = {
    "georeference": FunctionWords(
        _("Place on the map"),
        _("The model stands where the site is, so risks, people and devices meet on one map."),
    ),
    "storeys": FunctionWords(
        _("Storeys"),
        _("Zones, people and hazards are told apart storey by storey."),
    ),
    "elements": FunctionWords(
        _("Elements to anchor on"),
        _("A ticket or risk point is put on one element and found again."),
    ),
    "fall_edges": FunctionWords(
        _("Fall edges and openings"),
        _("Unprotected edges and holes are computed from floors, openings and railings."),
    ),
    "evacuation": FunctionWords(
        _("Evacuation"),
        _("People are counted by room, and rooms lead to a way out."),
    ),
    "fire": FunctionWords(
        _("Fire compartments"),
        _("Walls, floors and doors say how long they hold a fire."),
    ),
    "devices": FunctionWords(
        _("Devices and sensors"),
        _("A device that sends is joined with its element by its tag."),
    ),
}
CHECK_WORDS: Final = {
    "georeference.placed": CheckWords(
        _("The model stands on the map"),
        _("Without a place nothing of the model is on a map."),
        _(
            "Export with a map conversion to a projected CRS (CGCS2000), or place the model by hand "
            "with pairs of points."
        ),
    ),
    "georeference.inside_site": CheckWords(
        _("Its elements stand inside the site"),
        _("What stands outside the boundary belongs to no zone of the site."),
        _(
            "Check eastings, northings and rotation against a surveyed point; correct the site's "
            "boundary if it is wrong."
        ),
    ),
    "georeference.precise": CheckWords(
        _("Its place is more than latitude and longitude"),
        _("Latitude and longitude alone are often hundreds of metres off."),
        _("Give a map conversion with eastings, northings and rotation, or place the model by hand."),
    ),
    "georeference.agreeing": CheckWords(
        _("The file's statements of its place agree"),
        _("One carrier is used and the others are ignored; whoever reads another is elsewhere."),
        _("Remove the georeference that is wrong, or make both the same."),
    ),
    "georeference.on_ground": CheckWords(
        _("A storey lies at the site's ground"),
        _("A wrong height datum puts people on the wrong storey."),
        _("Give OrthogonalHeight in the 1985 Yellow Sea height datum, or correct the site's ground height."),
    ),
    "GEO-01": CheckWords(
        _("The file has a map conversion with eastings, northings and height"),
        _("It is the precise way to say where a model stands (IFC4 and later)."),
        _("Export IfcMapConversion with Eastings, Northings and OrthogonalHeight."),
    ),
    "GEO-02": CheckWords(
        _("The projected CRS is named by its EPSG code"),
        _("A code is understood everywhere; a name of one's own is not."),
        _("Name IfcProjectedCRS by its code, such as EPSG:4547."),
    ),
    "GEO-03": CheckWords(
        _("The site has the property set ePset_MapConversion"),
        _("IFC2X3 has no map conversion of its own; this set carries it."),
        _("Give IfcSite the set ePset_MapConversion with Eastings and Northings, or export IFC4."),
    ),
    "storeys.apart": CheckWords(
        _("Storeys lie at least a storey's height apart"),
        _("Levels that nearly coincide cannot be told apart by a height."),
        _("Export only real storeys; turn off 'building storey' for reference levels such as top of foundation."),
    ),
    "storeys.assigned": CheckWords(
        _("Elements belong to a storey"),
        _("What belongs to no storey is missing from every floor plan."),
        _("Assign the elements to their level before the export."),
    ),
    "storeys.in_band": CheckWords(
        _("Elements stand at the height of their storey"),
        _("An element that is listed on one storey and stands on another misleads."),
        _("Assign the elements to the level that they stand on."),
    ),
    "STO-01": CheckWords(
        _("There are storeys, and each has a name"),
        _("People choose a storey by its name."),
        _("Name every level, such as 3F or 三层."),
    ),
    "STO-02": CheckWords(
        _("Each storey has its elevation"),
        _("The elevation decides on which storey a person is."),
        _("Export the attribute Elevation of IfcBuildingStorey."),
    ),
    "STO-03": CheckWords(
        _("Each storey belongs to a building"),
        _("Without it the storeys of two buildings are mixed up."),
        _("Aggregate storeys to an IfcBuilding."),
    ),
    "elements.with_body": CheckWords(
        _("Elements have a body"),
        _("What has no body cannot be tapped or seen."),
        _("Export the elements' 3D geometry; leave logical objects out."),
    ),
    "elements.shaped": CheckWords(
        _("Every body could be shaped"),
        _("An element without a shape is missing from the picture."),
        _("Look at the gaps of the import, simplify these bodies and export them again."),
    ),
    "elements.unique_ids": CheckWords(
        _("Every GlobalId is used once"),
        _("A repeated GlobalId names two places."),
        _("Export with new GlobalIds for copied elements."),
    ),
    "elements.duplicates": CheckWords(
        _("No element stands on another of its kind"),
        _("Of two elements in one place a tap finds one, and quantities are doubled."),
        _("Delete the duplicate elements (Revit: warning 'identical instances in the same place')."),
    ),
    "ELM-01": CheckWords(
        _("Building elements have a name"),
        _("People find elements by their name."),
        _("Give every wall, slab, column, beam, door, window, stair and railing a name."),
    ),
    "fall_edges.searched": CheckWords(
        _("The search for fall edges ran"),
        _("Nothing is known of the edges before it."),
        _("Import the file again; older revisions were not searched."),
    ),
    "fall_edges.floors_shaped": CheckWords(
        _("There are slabs, and each has a shape"),
        _("A slab without a shape has no edges."),
        _("Export floors as IfcSlab with a solid body."),
    ),
    "fall_edges.storey_floors": CheckWords(
        _("Each storey has a floor slab at its level"),
        _("A storey without a floor has no edges to guard."),
        _("Export the floors of every storey with the model, also those of the structural model."),
    ),
    "fall_edges.voids_cut": CheckWords(
        _("Openings in slabs go through"),
        _("An opening that cuts nothing hides a hole."),
        _("Let the opening reach through the whole thickness of its slab."),
    ),
    "fall_edges.stair_holes": CheckWords(
        _("Floors leave a hole for the stair below"),
        _("A floor drawn over a stair hides the hole of the stair."),
        _("Cut the floor above the stair with an opening."),
    ),
    "fall_edges.holes_named": CheckWords(
        _("Holes in slabs are opening elements"),
        _("A cover or a risk point can only be put on a hole that is an element."),
        _("Model holes as openings (shaft or opening tool), not in the slab's outline."),
    ),
    "fall_edges.railings_high": CheckWords(
        _("Railings along floor edges are at least 1.05 m high"),
        _("A railing that is too low guards nobody."),
        _("Correct the railing's height, or check that the low one is meant so."),
    ),
    "FAL-01": CheckWords(
        _("There are slabs, and each says whether it is a floor, a roof or a landing"),
        _("Roofs and floors are guarded differently."),
        _("Set PredefinedType of IfcSlab to FLOOR, ROOF, LANDING or BASESLAB."),
    ),
    "FAL-02": CheckWords(
        _("There are railings, and each says whether it is a guardrail or a handrail"),
        _("Without railings every edge counts as open."),
        _("Export railings as IfcRailing with PredefinedType GUARDRAIL, BALUSTRADE or HANDRAIL."),
    ),
    "FAL-03": CheckWords(
        _("Openings in slabs have a name"),
        _("A named opening can be told from its neighbours on site."),
        _("Name every opening of a slab, such as 3F-D02."),
    ),
    "evacuation.spaces_closed": CheckWords(
        _("There are spaces, and each is a closed solid"),
        _("A person is in a room or in none."),
        _("Place rooms and export them as IfcSpace with a closed body."),
    ),
    "evacuation.spaces_cover": CheckWords(
        _("Spaces cover at least 60 % of each storey's floor"),
        _("Where no space is, nobody is counted."),
        _("Place rooms also in corridors, stairs, shafts and open halls."),
    ),
    "evacuation.doors_join": CheckWords(
        _("Doors lead from one space to another or outside"),
        _("A door that joins nothing is no way out."),
        _("Place rooms on both sides of the door, or say that it is external."),
    ),
    "evacuation.storeys_joined": CheckWords(
        _("A stair leads up to every storey with spaces"),
        _("A storey without a stair has no way down."),
        _("Model the stair or ramp up to the storey's floor."),
    ),
    "EVA-01": CheckWords(
        _("There are spaces, and each has a name or number"),
        _("A person is looked for by the room's name."),
        _("Name or number every room."),
    ),
    "EVA-02": CheckWords(
        _("There are doors, and each has its width and height"),
        _("How many people pass is decided by the narrowest door."),
        _("Export OverallWidth and OverallHeight of IfcDoor."),
    ),
    "EVA-03": CheckWords(
        _("Each door says whether it is external"),
        _("An external door is where the way out ends."),
        _("Give Pset_DoorCommon.IsExternal to every door."),
    ),
    "EVA-04": CheckWords(
        _("Each space belongs to a storey"),
        _("A space of no storey is on no evacuation plan."),
        _("Aggregate spaces to their IfcBuildingStorey."),
    ),
    "fire.compartments": CheckWords(
        _("Spaces belong to a zone"),
        _("A fire compartment is a zone of spaces."),
        _("Group rooms into IfcZone, one for each fire compartment."),
    ),
    "FIR-01": CheckWords(
        _("Walls have a fire rating"),
        _("Without ratings no wall stops a fire on the map."),
        _("Give Pset_WallCommon.FireRating a value such as 2.00h; the name of the property is no value."),
    ),
    "FIR-02": CheckWords(
        _("Slabs have a fire rating"),
        _("Floors part compartments too."),
        _("Give Pset_SlabCommon.FireRating a value such as 1.50h."),
    ),
    "FIR-03": CheckWords(
        _("Fire ratings of doors are values"),
        _("A rating that says nothing is worse than none."),
        _("Give Pset_DoorCommon.FireRating a value such as 甲级 or 1.50h, or leave it out."),
    ),
    "FIR-04": CheckWords(
        _("There are zones, and each has a name"),
        _("An alarm names its compartment."),
        _("Name every IfcZone, such as 防火分区 3-1."),
    ),
    "devices.in_storey": CheckWords(
        _("There are devices, and each belongs to a storey"),
        _("A reading is shown on a storey."),
        _("Model sensors, alarms and cameras, and assign them to their level."),
    ),
    "devices.in_space": CheckWords(
        _("Devices stand in a space"),
        _("An alarm says in which room it is."),
        _("Place rooms around the devices, or move the devices into their room."),
    ),
    "DEV-01": CheckWords(
        _("There are devices, and each has a tag"),
        _("The tag joins the element with the device that sends."),
        _(
            "Give every sensor, alarm, controller and camera its serial number or tag as attribute Tag "
            "(IFC4 and later)."
        ),
    ),
    "DEV-02": CheckWords(
        _("There are control elements, and each has a tag"),
        _("In IFC2X3 sensors and alarms are control elements; the tag joins them with the device that sends."),
        _("Give every IfcDistributionControlElement its serial number or tag as attribute Tag."),
    ),
    "DEV-03": CheckWords(
        _("Each device says what kind it is"),
        _("The kind decides the rule of its alarms."),
        _("Set PredefinedType, such as TEMPERATURESENSOR, SMOKESENSOR or CAMERA."),
    ),
}
NOT_JUDGED_WORDS: Final = {
    "unplaced": _("The model has no place on the map."),
    "no_boundary": _("The site has no boundary."),
    "no_ground": _("The ground height of the site or its storeys is not known."),
    "not_read": _("The file could not be read a second time."),
    "time": _("Its time was over."),
    "error": _("The model could not be asked."),
    "schema": _("The specification is for another IFC schema."),
}
GRADE_WORDS: Final = {
    "A": _("ready"),
    "B": _("works with gaps"),
    "C": _("not usable"),
}
