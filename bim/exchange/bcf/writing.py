"""Write topics as a BCF 2.1 or 3.0 file. The same topics give the same bytes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Final
from xml.etree import ElementTree

from .topics import Camera, Comment, ModelFile, Topic, Vector, Viewpoint

VERSIONS: Final = ("2.1", "3.0")
FIRST_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_bcf(topics: Sequence[Topic], version: str) -> bytes:
    """Return a BCF file of these topics. Raises ValueError for another version than 2.1 and 3.0."""
    if version not in VERSIONS:
        raise ValueError(f"BCF {version!r} is not written; choose one of {', '.join(VERSIONS)}.")
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        _put(archive, "bcf.version", _xml(_version(version)))
        if version == "3.0":
            _put(archive, "extensions.xml", _xml(_extensions(topics)))
        for topic in topics:
            _put(archive, f"{topic.guid}/markup.bcf", _xml(_markup(topic, version)))
            for viewpoint in topic.viewpoints:
                name = f"{topic.guid}/{_view_name(viewpoint)}"
                _put(archive, name, _xml(_visualization(viewpoint, version)))
                if viewpoint.snapshot_png:
                    _put(archive, f"{topic.guid}/{_snapshot_name(viewpoint)}", viewpoint.snapshot_png, packed=False)
    return content.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes, *, packed: bool = True) -> None:
    info = zipfile.ZipInfo(name, FIRST_ZIP_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    archive.writestr(info, content)


def _xml(root: ElementTree.Element) -> bytes:
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _clean(text: str) -> str:
    """Return the text without the characters that XML cannot carry."""
    return _NOT_XML.sub("", text)


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, tag, {name: _clean(value) for name, value in attributes.items()})
    child.text = _clean(text) or None
    return child


def _add_known(parent: ElementTree.Element, tag: str, text: str) -> None:
    if _clean(text).strip():
        _add(parent, tag, text)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _view_name(viewpoint: Viewpoint) -> str:
    return f"viewpoint-{viewpoint.guid}.bcfv"


def _snapshot_name(viewpoint: Viewpoint) -> str:
    return f"snapshot-{viewpoint.guid}.png"


def _version(version: str) -> ElementTree.Element:
    root = ElementTree.Element("Version", VersionId=version)
    if version == "2.1":
        _add(root, "DetailedVersion", version)
    return root


def _extensions(topics: Sequence[Topic]) -> ElementTree.Element:
    """Return the lists of values that the topics of a 3.0 file use."""
    root = ElementTree.Element("Extensions")
    users = [t.creation_author for t in topics] + [t.assigned_to for t in topics]
    users += [comment.author for t in topics for comment in t.comments]
    _values(root, "TopicTypes", "TopicType", (t.type for t in topics))
    _values(root, "TopicStatuses", "TopicStatus", (t.status for t in topics))
    _values(root, "Priorities", "Priority", (t.priority for t in topics))
    _values(root, "TopicLabels", "TopicLabel", (label for t in topics for label in t.labels))
    _values(root, "Users", "User", users)
    return root


def _values(root: ElementTree.Element, group: str, tag: str, values: Iterable[str]) -> None:
    parent = _add(root, group)
    for value in sorted({value for value in values if value}):
        _add(parent, tag, value)


def _markup(topic: Topic, version: str) -> ElementTree.Element:
    root = ElementTree.Element("Markup")
    if topic.files:
        header = _add(root, "Header")
        files = header if version == "2.1" else _add(header, "Files")
        for file in topic.files:
            _file(files, file, version)
    body = _add(root, "Topic", Guid=topic.guid, TopicType=topic.type, TopicStatus=topic.status)
    _add(body, "Title", topic.title)
    _add_known(body, "Priority", topic.priority)
    labels = body if version == "2.1" or not topic.labels else _add(body, "Labels")
    for label in topic.labels:
        _add(labels, "Labels" if version == "2.1" else "Label", label)
    _add(body, "CreationDate", _time(topic.creation_date))
    _add(body, "CreationAuthor", topic.creation_author)
    if topic.due_date:
        _add(body, "DueDate", _time(topic.due_date))
    _add_known(body, "AssignedTo", topic.assigned_to)
    _add_known(body, "Description", topic.description)
    comments = root if version == "2.1" or not topic.comments else _add(body, "Comments")
    for comment in topic.comments:
        _comment(comments, comment)
    views = root if version == "2.1" or not topic.viewpoints else _add(body, "Viewpoints")
    for index, viewpoint in enumerate(topic.viewpoints):
        view = _add(views, "Viewpoints" if version == "2.1" else "ViewPoint", Guid=viewpoint.guid)
        _add(view, "Viewpoint", _view_name(viewpoint))
        if viewpoint.snapshot_png:
            _add(view, "Snapshot", _snapshot_name(viewpoint))
        _add(view, "Index", str(index))
    return root


def _file(parent: ElementTree.Element, file: ModelFile, version: str) -> None:
    node = _add(parent, "File", **{"isExternal" if version == "2.1" else "IsExternal": "true"})
    if file.ifc_project:
        node.set("IfcProject", file.ifc_project)
    _add_known(node, "Filename", file.name)
    if file.date:
        _add(node, "Date", _time(file.date))
    _add_known(node, "Reference", file.reference)


def _comment(parent: ElementTree.Element, comment: Comment) -> None:
    node = _add(parent, "Comment", Guid=comment.guid)
    _add(node, "Date", _time(comment.date))
    _add(node, "Author", comment.author)
    _add(node, "Comment", comment.text)


def _visualization(viewpoint: Viewpoint, version: str) -> ElementTree.Element:
    root = ElementTree.Element("VisualizationInfo", Guid=viewpoint.guid)
    components = _add(root, "Components")
    if viewpoint.selection:
        selection = _add(components, "Selection")
        for global_id in viewpoint.selection:
            _add(selection, "Component", IfcGuid=global_id)
    _add(components, "Visibility", DefaultVisibility="true")
    if viewpoint.camera:
        _camera(root, viewpoint.camera, version)
    return root


def _camera(root: ElementTree.Element, camera: Camera, version: str) -> None:
    node = _add(root, "PerspectiveCamera")
    _vector(node, "CameraViewPoint", camera.position)
    _vector(node, "CameraDirection", camera.direction)
    _vector(node, "CameraUpVector", camera.up)
    _add(node, "FieldOfView", f"{camera.field_of_view_deg:g}")
    if version == "3.0":
        _add(node, "AspectRatio", f"{camera.aspect_ratio:g}")


def _vector(parent: ElementTree.Element, tag: str, vector: Vector) -> None:
    node = _add(parent, tag)
    for axis, value in zip("XYZ", vector, strict=True):
        _add(node, axis, f"{value:.6f}")
