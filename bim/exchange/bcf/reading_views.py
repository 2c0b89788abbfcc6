"""Viewpoints of BCF 1.0 to 3.0."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, TypeVar

from .elements import GLOBAL_ID, Node, attribute, child, children, flag, guid_of, number, text_of, vector
from .faults import Broken, gettext_noop
from .source import Source
from .viewpoints import (
    Bitmap,
    Camera,
    ClippingPlane,
    Coloring,
    Component,
    Line,
    OrthogonalCamera,
    Viewpoint,
    ViewSetupHints,
    Visibility,
)

COLOR: Final = re.compile("[0-9A-F]{6}([0-9A-F]{2})?")
Part = TypeVar("Part")


def read_view(source: Source, root: Node, *, guid: str, index: int | None, snapshot: bytes) -> Viewpoint:
    """Return the viewpoint of a VisualizationInfo; parts that are broken are noted in the source and left out.

    `guid` is the one of the markup; where it is "", that of the root. Raises Broken where neither is one.
    """
    parts = child(root, "Components")
    old = parts is not None and child(parts, "Visibility") is None and child(parts, "Selection") is None
    components = _old_components(source, parts) if old and child(parts, "Component") is not None else None
    visibility = child(parts, "Visibility")
    hints = child(parts, "ViewSetupHints")
    hints = hints if hints is not None else child(visibility, "ViewSetupHints")
    view = Viewpoint(
        guid=guid or guid_of(root),
        index=index,
        snapshot=snapshot,
        selection=_components(source, child(parts, "Selection")),
        visibility=None if visibility is None else _visibility(source, visibility),
        hints=None if hints is None else _hints(hints),
        coloring=tuple(_colors(source, child(parts, "Coloring"))),
        camera=_first(source, _camera, children(root, "PerspectiveCamera")),
        orthogonal=_first(source, _orthogonal, children(root, "OrthogonalCamera")),
        lines=_each(source, _line, children(child(root, "Lines"), "Line")),
        clipping_planes=_each(source, _plane, children(child(root, "ClippingPlanes"), "ClippingPlane")),
        bitmaps=_each(source, lambda node: _bitmap(source, node), _bitmaps(root)),
    )
    return view if components is None else components(view)


def _each(source: Source, read: Callable[[Node], Part], nodes: Iterator[Node]) -> tuple[Part, ...]:
    found = []
    for node in nodes:
        try:
            found.append(read(node))
        except Broken as error:
            source.note_broken(error, lost="value")
    return tuple(found)


def _first(source: Source, read: Callable[[Node], Part], nodes: Iterator[Node]) -> Part | None:
    return next(iter(_each(source, read, nodes)), None)


def _camera(node: Node) -> Camera:
    return Camera(
        vector(node, "CameraViewPoint"),
        vector(node, "CameraDirection"),
        vector(node, "CameraUpVector"),
        _angle(node),
        _ratio(node),
    )


def _angle(node: Node) -> float:
    value = number(node, "FieldOfView", node)
    if not 0 < value < 180:
        raise Broken(node.line, gettext_noop("A field of view of %(value)s degrees is none."), value=value)
    return value


def _ratio(node: Node) -> float | None:
    if child(node, "AspectRatio") is None:
        return None
    value = number(node, "AspectRatio", node)
    return value if value > 0 else None


def _orthogonal(node: Node) -> OrthogonalCamera:
    return OrthogonalCamera(
        vector(node, "CameraViewPoint"),
        vector(node, "CameraDirection"),
        vector(node, "CameraUpVector"),
        number(node, "ViewToWorldScale", node),
        _ratio(node),
    )


def _component(node: Node) -> Component:
    global_id = attribute(node, "IfcGuid")
    made = Component(global_id, text_of(node, "OriginatingSystem"), text_of(node, "AuthoringToolId"))
    if global_id and not GLOBAL_ID.fullmatch(global_id):
        message = gettext_noop("%(value)s is not an IFC GlobalId; the component was left out.")
        raise Broken(node.line, message, value=repr(global_id[:60]))
    if not global_id and not made.authoring_tool_id:
        raise Broken(node.line, gettext_noop("A component without a GlobalId and a tool's id was left out."))
    return made


def _components(source: Source, parent: Node | None) -> tuple[Component, ...]:
    return _each(source, _component, children(parent, "Component"))


def _visibility(source: Source, node: Node) -> Visibility:
    exceptions = _components(source, child(node, "Exceptions"))
    return Visibility(flag(node, "DefaultVisibility", default=False), exceptions)


def _hints(node: Node) -> ViewSetupHints:
    return ViewSetupHints(
        flag(node, "SpacesVisible", default=False),
        flag(node, "SpaceBoundariesVisible", default=False),
        flag(node, "OpeningsVisible", default=False),
    )


def _colors(source: Source, parent: Node | None) -> Iterator[Coloring]:
    for node in children(parent, "Color"):
        inner = child(node, "Components")
        found = _components(source, node if inner is None else inner)
        if color := _color(source, node):
            yield Coloring(color, found)


def _color(source: Source, node: Node) -> str:
    value = attribute(node, "Color").lstrip("#").upper()
    if value and not COLOR.fullmatch(value):
        source.note(node.line, gettext_noop("%(value)s is not a colour; it was left out."), value=repr(value[:60]))
        return ""
    return value


def _line(node: Node) -> Line:
    return Line(vector(node, "StartPoint"), vector(node, "EndPoint"))


def _plane(node: Node) -> ClippingPlane:
    return ClippingPlane(vector(node, "Location"), vector(node, "Direction"))


def _bitmaps(root: Node) -> Iterator[Node]:
    """Yield bitmaps: `Bitmaps` repeated (2.0), `Bitmap` repeated (2.1), `Bitmap` in one `Bitmaps` (3.0)."""
    yield from children(root, "Bitmap")
    for node in children(root, "Bitmaps"):
        if child(node, "Reference") is not None:
            yield node
        else:
            yield from children(node, "Bitmap")


def _bitmap(source: Source, node: Node) -> Bitmap:
    kind = (text_of(node, "Format") or text_of(node, "Bitmap")).upper().replace("JPEG", "JPG")
    if kind not in ("PNG", "JPG"):
        message = gettext_noop("A bitmap of the kind %(value)s is not read (PNG or JPG).")
        raise Broken(node.line, message, value=repr(kind[:20]))
    return Bitmap(
        kind,
        source.attach(text_of(node, "Reference"), node.line),
        vector(node, "Location"),
        vector(node, "Normal"),
        vector(node, "Up"),
        number(node, "Height", node),
    )


def _old_components(source: Source, parent: Node) -> Callable[[Viewpoint], Viewpoint]:
    """Return what puts the components of a file before 2.1 into a viewpoint.

    Version 2.0 marks each: selected, hidden, coloured. Version 1.0 only names them: they are what it points at.
    """
    selected, hidden, listed = list[Component](), list[Component](), list[Component]()
    colors: dict[str, list[Component]] = {}
    for node in children(parent, "Component"):
        found = _each(source, _component, iter([node]))
        color = _color(source, node)
        marked = attribute(node, "Selected", "Visible") != ""
        selected += found if flag(node, "Selected", default=not marked and not color) else []
        hidden += [] if flag(node, "Visible", default=True) else found
        colors.setdefault(color, []).extend(found)
        plain = flag(node, "Visible", default=True) and not color
        listed += found if plain and not flag(node, "Selected", default=not marked) else []
    painted = tuple(Coloring(color, tuple(parts)) for color, parts in colors.items() if color)

    def put(view: Viewpoint) -> Viewpoint:
        shown = Visibility(True, tuple(hidden))
        return replace(view, selection=tuple(selected), visibility=shown, coloring=painted, listed=tuple(listed))

    return put
