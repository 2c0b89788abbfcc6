"""Viewpoints as XML of BCF 2.1 and 3.0."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from .viewpoints import Bitmap, Camera, Component, OrthogonalCamera, Vector, Viewpoint, ViewSetupHints, Visibility
from .xml_writing import add, add_known


def has_view_file(view: Viewpoint) -> bool:
    """Return whether a viewpoint says more than its picture."""
    return bool(
        view.selection
        or view.visibility
        or view.hints
        or view.coloring
        or view.camera
        or view.orthogonal
        or view.lines
        or view.clipping_planes
        or view.bitmaps
    )


def visualization(view: Viewpoint, version: str) -> Element:
    """Return the VisualizationInfo of a viewpoint."""
    root = Element("VisualizationInfo", Guid=view.guid)
    if view.visibility:
        _components(root, view, view.visibility, version)
    if view.orthogonal:
        _orthogonal(root, view.orthogonal, version)
    if view.camera:
        _camera(root, view.camera, version)
    if view.lines:
        parent = add(root, "Lines")
        for line in view.lines:
            node = add(parent, "Line")
            _vector(node, "StartPoint", line.start)
            _vector(node, "EndPoint", line.end)
    if view.clipping_planes:
        parent = add(root, "ClippingPlanes")
        for plane in view.clipping_planes:
            node = add(parent, "ClippingPlane")
            _vector(node, "Location", plane.location)
            _vector(node, "Direction", plane.direction)
    if view.bitmaps:
        parent = root if version == "2.1" else add(root, "Bitmaps")
        for bitmap in view.bitmaps:
            _bitmap(parent, bitmap, version)
    return root


def _components(root: Element, view: Viewpoint, shown: Visibility, version: str) -> None:
    components = add(root, "Components")
    if view.hints and version == "2.1":
        _hints(components, view.hints)
    if view.selection:
        _each(add(components, "Selection"), view.selection)
    visibility = add(components, "Visibility", DefaultVisibility=_flag(shown.default_visible))
    if view.hints and version == "3.0":
        _hints(visibility, view.hints)
    if shown.exceptions:
        _each(add(visibility, "Exceptions"), shown.exceptions)
    if view.coloring:
        parent = add(components, "Coloring")
        for color in view.coloring:
            node = add(parent, "Color", Color=color.color)
            _each(node if version == "2.1" else add(node, "Components"), color.components)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _hints(parent: Element, hints: ViewSetupHints) -> None:
    add(
        parent,
        "ViewSetupHints",
        SpacesVisible=_flag(hints.spaces),
        SpaceBoundariesVisible=_flag(hints.space_boundaries),
        OpeningsVisible=_flag(hints.openings),
    )


def _each(parent: Element, components: Iterable[Component]) -> None:
    for component in components:
        node = add(parent, "Component", **({"IfcGuid": component.global_id} if component.global_id else {}))
        add_known(node, "OriginatingSystem", component.originating_system)
        add_known(node, "AuthoringToolId", component.authoring_tool_id)


def _standing(root: Element, tag: str, camera: Camera | OrthogonalCamera) -> Element:
    node = add(root, tag)
    _vector(node, "CameraViewPoint", camera.position)
    _vector(node, "CameraDirection", camera.direction)
    _vector(node, "CameraUpVector", camera.up)
    return node


def _camera(root: Element, camera: Camera, version: str) -> None:
    node = _standing(root, "PerspectiveCamera", camera)
    add(node, "FieldOfView", repr(float(camera.field_of_view_deg)))
    if version == "3.0":
        add(node, "AspectRatio", repr(float(camera.aspect_ratio or 1)))


def _orthogonal(root: Element, camera: OrthogonalCamera, version: str) -> None:
    node = _standing(root, "OrthogonalCamera", camera)
    add(node, "ViewToWorldScale", repr(float(camera.view_height_m)))
    if version == "3.0":
        add(node, "AspectRatio", repr(float(camera.aspect_ratio or 1)))


def _bitmap(parent: Element, bitmap: Bitmap, version: str) -> None:
    node = add(parent, "Bitmap")
    add(node, "Bitmap" if version == "2.1" else "Format", bitmap.format if version == "2.1" else bitmap.format.lower())
    add(node, "Reference", bitmap.reference)
    _vector(node, "Location", bitmap.location)
    _vector(node, "Normal", bitmap.normal)
    _vector(node, "Up", bitmap.up)
    add(node, "Height", repr(float(bitmap.height_m)))


def _vector(parent: Element, tag: str, vector: Vector) -> None:
    node = add(parent, tag)
    for axis, value in zip("XYZ", vector, strict=True):
        add(node, axis, repr(float(value)))
