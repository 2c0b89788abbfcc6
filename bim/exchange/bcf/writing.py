"""Write topics as a BCF 2.1 or 3.0 file. The same topics give the same bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import fields
from io import BytesIO
from typing import Final
from xml.etree.ElementTree import Element

from .extension_lists import GROUPS
from .fitting import VERSIONS, fit
from .topics import BcfFile, Document, Extensions, Topic
from .writing_markup import markup, snapshot_name, view_name
from .writing_views import has_view_file, visualization
from .xml_writing import add, add_known, as_bytes

__all__ = ["VERSIONS", "write_bcf", "write_file"]
FIRST_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
XSD: Final = "http://www.w3.org/2001/XMLSchema"


def write_bcf(topics: Sequence[Topic], version: str) -> bytes:
    """Return a BCF file of these topics. Raises ValueError for another version than 2.1 and 3.0."""
    return write_file(BcfFile(topics=tuple(topics)), version)


def write_file(bcf: BcfFile, version: str) -> bytes:
    """Return a whole file, fitted to the version: what that changes, `fit` lists.

    Raises ValueError for another version than 2.1 and 3.0.
    """
    fitted, _ = fit(bcf, version)
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        _put(archive, "bcf.version", as_bytes(_version(version)))
        _put_project(archive, fitted)
        if version == "3.0":
            _put(archive, "extensions.xml", as_bytes(_extensions(fitted.extensions)))
        for topic in fitted.topics:
            _put_topic(archive, topic, version)
        if fitted.documents:
            _put(archive, "documents.xml", as_bytes(_documents(fitted.documents)))
        for document in fitted.documents:
            _put(archive, f"documents/{document.guid}", document.content)
        for attachment in fitted.attachments:
            _put(archive, attachment.path, attachment.content)
    return content.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes, *, packed: bool = True) -> None:
    info = zipfile.ZipInfo(name, FIRST_ZIP_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    archive.writestr(info, content)


def _put_topic(archive: zipfile.ZipFile, topic: Topic, version: str) -> None:
    _put(archive, f"{topic.guid}/markup.bcf", as_bytes(markup(topic, version)))
    for view in topic.viewpoints:
        if has_view_file(view):
            _put(archive, f"{topic.guid}/{view_name(view)}", as_bytes(visualization(view, version)))
        if view.snapshot:
            _put(archive, f"{topic.guid}/{snapshot_name(view)}", view.snapshot, packed=False)


def _version(version: str) -> Element:
    root = Element("Version", VersionId=version)
    if version == "2.1":
        add(root, "DetailedVersion", version)
    return root


def _put_project(archive: zipfile.ZipFile, bcf: BcfFile) -> None:
    """Put the project's name and, in 2.1, the lists of its values, where there are any."""
    listed = bcf.version == "2.1" and bcf.extensions != Extensions()
    if not (bcf.project_id or listed):
        return
    root = Element("ProjectExtension" if bcf.version == "2.1" else "ProjectInfo")
    if bcf.project_id:
        add_known(add(root, "Project", ProjectId=bcf.project_id), "Name", bcf.project_name)
    if bcf.version == "2.1":
        add(root, "ExtensionSchema", "extensions.xsd" if listed else "")
    _put(archive, "project.bcfp", as_bytes(root))
    if listed:
        _put(archive, "extensions.xsd", as_bytes(_extension_schema(bcf.extensions)))


def _extensions(extensions: Extensions) -> Element:
    root = Element("Extensions")
    for field in fields(Extensions):
        group, tag, _ = GROUPS[field.name]
        parent = add(root, group)
        for value in getattr(extensions, field.name):
            add(parent, tag, value)
    return root


def _extension_schema(extensions: Extensions) -> Element:
    """Return the schema that narrows the values of 2.1's markup, as that version lists them."""
    root = Element("schema", xmlns=XSD)
    parent = add(root, "redefine", schemaLocation="markup.xsd")
    for field in fields(Extensions):
        kind = GROUPS[field.name][2]
        restriction = add(add(parent, "simpleType", name=kind), "restriction", base=kind)
        for value in getattr(extensions, field.name):
            add(restriction, "enumeration", value=value)
    return root


def _documents(documents: Sequence[Document]) -> Element:
    root = Element("DocumentInfo")
    parent = add(root, "Documents")
    for document in documents:
        node = add(parent, "Document", Guid=document.guid)
        add(node, "Filename", document.filename)
        add_known(node, "Description", document.description)
    return root
