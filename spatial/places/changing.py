"""Change places that are there, and add spaces: one act each, with what was before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from treebeard.mp_tree import MP_Node

from spatial.geometry import GeometryRefused, check_height_range

from .models import Building, Organisation, Region, Site, Space, Storey
from .operations import PlaceRefused, in_storage, place_act


def _told(value: Any) -> Any:
    """Return a field's value as an act keeps it: shapes by kind and number of corners, rows by their id."""
    if isinstance(value, GEOSGeometry):
        return f"{value.geom_type} {value.num_coords}"
    return str(value.pk) if hasattr(value, "pk") else value


def _change(row: Any, fields: dict[str, Any]) -> dict[str, Any]:
    """Set and save the fields that differ, and return {field: [before, after]}."""
    changed = {}
    for name, value in fields.items():
        value = in_storage(value) if isinstance(value, GEOSGeometry) else value
        before = getattr(row, name)
        if before != value:
            changed[name] = [_told(before), _told(value)]
            setattr(row, name, value)
    if changed:
        row.save(update_fields=list(changed))
    return changed


def _move_node(node: MP_Node, parent: MP_Node | None) -> list[Any] | None:
    """Hang a node below another parent (None: at the top), unless it hangs there already."""
    manager: Any = type(node)._default_manager
    before = node.get_parent(update=True)
    if (before and before.pk) == (parent and parent.pk):
        return None
    if parent is not None and (parent.pk == node.pk or parent.is_descendant_of(node)):
        raise PlaceRefused(f"{node} cannot lie below {parent}, which lies below it.")
    if parent is None:
        manager.move(node, type(node)._default_manager.get_root_nodes().last(), pos="last-sibling")
    else:
        manager.move(node, parent, pos="last-child")
    node.refresh_from_db()
    return [str(before) if before else None, str(parent) if parent else None]


@transaction.atomic
def change_region(
    *, region: Region, fields: dict[str, Any], parent: Region | None, actor: Any | None, now: datetime
) -> dict[str, Any]:
    """This function will change a region's name, level, boundary or source, and where it lies in the tree.

    Returns {field: [before, after]} of what differed. Raises PlaceRefused for a parent below the region.
    """
    changed = _change(region, fields)
    if moved := _move_node(region, parent):
        changed["parent"] = moved
    if changed:
        place_act(region, "change_region", organisation=None, site=None, actor=actor, now=now,
                  details={"code": region.code, "changed": changed})  # fmt: skip
    return changed


@transaction.atomic
def change_organisation(
    *, row: Organisation, fields: dict[str, Any], parent: Organisation | None, actor: Any | None, now: datetime
) -> dict[str, Any]:
    """This function will change an organisation's name, code or kind, and what it belongs to.

    Returns {field: [before, after]} of what differed. Raises PlaceRefused for a parent below it.
    """
    changed = _change(row, fields)
    if moved := _move_node(row, parent):
        changed["parent"] = moved
    if changed:
        place_act(row, "change_organisation", organisation=row, site=None, actor=actor, now=now,
                  details={"name": row.name, "changed": changed})  # fmt: skip
    return changed


@transaction.atomic
def change_site(*, site: Site, fields: dict[str, Any], actor: Any | None, now: datetime) -> dict[str, Any]:
    """This function will change what is known of a site; its code and its projected CRS stay.

    Returns {field: [before, after]} of what differed. Raises PlaceRefused for an invalid boundary or another CRS.
    """
    if fields.get("projected_srid", site.projected_srid) != site.projected_srid:
        raise PlaceRefused(f"The projected CRS of site {site.code} stays EPSG:{site.projected_srid}.")
    boundary = fields.get("boundary")
    if boundary is not None and not boundary.valid:
        raise PlaceRefused(f"The boundary is not a valid polygon: {boundary.valid_reason}.")
    changed = _change(site, fields)
    if changed:
        place_act(site, "change_site", organisation=site.organisation, site=site, actor=actor, now=now,
                  details={"code": site.code, "changed": changed})  # fmt: skip
    return changed


@transaction.atomic
def change_building(*, building: Building, fields: dict[str, Any], actor: Any | None, now: datetime) -> dict[str, Any]:
    """This function will change a building's zero level or outline; returns {field: [before, after]}."""
    return _change_on_site(building, "change_building", fields, actor, now)


@transaction.atomic
def change_storey(*, storey: Storey, fields: dict[str, Any], actor: Any | None, now: datetime) -> dict[str, Any]:
    """This function will change a storey's heights or order. Raises PlaceRefused for a top that is not above."""
    elevation_m, top_m = fields.get("elevation_m", storey.elevation_m), fields.get("top_m", storey.top_m)
    if top_m is not None and top_m <= elevation_m:
        raise PlaceRefused(f"The top of storey {storey.name} ({top_m} m) is not above its floor ({elevation_m} m).")
    return _change_on_site(storey, "change_storey", fields, actor, now)


@transaction.atomic
def create_space(
    *,
    storey: Storey,
    number: str,
    name: str = "",
    outline: GEOSGeometry | None = None,
    bottom_m: float | None = None,
    top_m: float | None = None,
    element_global_id: str = "",
    actor: Any | None,
    now: datetime,
) -> Space:
    """This function will add a room or area to a storey. Raises PlaceRefused for a height range upside down."""
    _check_heights(bottom_m, top_m)
    site = storey.site
    row = Space.objects.create(
        organisation_id=site.organisation_id,
        site=site,
        storey=storey,
        number=number,
        name=name,
        outline=in_storage(outline),
        bottom_m=bottom_m,
        top_m=top_m,
        element_global_id=element_global_id,
    )
    place_act(row, "create_space", organisation=site.organisation, site=site, actor=actor, now=now,
              details={"storey": storey.name, "number": number, "name": name})  # fmt: skip
    return row


@transaction.atomic
def change_space(*, space: Space, fields: dict[str, Any], actor: Any | None, now: datetime) -> dict[str, Any]:
    """This function will change a space's name, outline or heights. Raises PlaceRefused for heights upside down."""
    _check_heights(fields.get("bottom_m", space.bottom_m), fields.get("top_m", space.top_m))
    return _change_on_site(space, "change_space", fields, actor, now)


def _check_heights(bottom_m: float | None, top_m: float | None) -> None:
    try:
        check_height_range(bottom_m, top_m)
    except GeometryRefused as refusal:
        raise PlaceRefused(str(refusal)) from refusal


def _change_on_site(
    row: Building | Storey | Space, verb: str, fields: dict[str, Any], actor: Any | None, now: datetime
) -> dict[str, Any]:
    changed = _change(row, fields)
    if changed:
        place_act(row, verb, organisation=row.site.organisation, site=row.site, actor=actor, now=now,
                  details={"name": str(row), "changed": changed})  # fmt: skip
    return changed
