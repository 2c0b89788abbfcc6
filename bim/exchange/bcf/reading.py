"""Read BCF 1.0, 2.0, 2.1 and 3.0 files (.bcf, .bcfzip) whoever wrote them. What cannot be read is listed.

One bad topic costs itself only. Nothing is unpacked to a disk, no address is followed, and every size has a limit.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

from .archive import MIB, Archive
from .elements import Node, attribute, child, children, guid_of, parse, plain, text_of
from .extension_lists import GROUPS
from .faults import BcfUnreadable, Broken, Fault, gettext_noop
from .reading_markup import read_topic
from .source import Source
from .topics import Attachment, BcfFile, Document, Extensions, Topic

MARKUP: Final = "markup.bcf"
KNOWN_VERSIONS: Final = ("1.0", "2.0", "2.1", "3.0")


def read_bcf(content: bytes) -> BcfFile:
    """Return everything that a BCF file holds. Raises BcfUnreadable where the whole file is none."""
    return _Reader(Archive(content)).read()


@dataclass
class _Reader:
    archive: Archive

    def read(self) -> BcfFile:
        self.faults: list[Fault] = list(self.archive.faults)
        self.attached: dict[str, str] = {}
        folders = [posixpath.dirname(name) for name in self.archive.names() if _is_markup(name)]
        folders = [folder for folder in folders if folder]
        if not folders and not any(fault.lost == "topic" for fault in self.faults):
            message = gettext_noop("There is no topic in this file (no markup.bcf): choose a BCF file.")
            raise BcfUnreadable(message)
        self.root = posixpath.commonpath([posixpath.dirname(folder) for folder in folders]) if folders else ""
        topics = tuple(self._topics(folders))
        stated = self._stated_version()
        project = self._root_xml("project.bcfp", "ProjectInfo", "ProjectExtension")
        node = child(project, "Project")
        return BcfFile(
            topics=topics,
            version=stated or self._told_version(topics),
            version_stated=bool(stated),
            project_id="" if node is None else attribute(node, "ProjectId"),
            project_name=text_of(node, "Name"),
            extensions=self._extensions(project),
            documents=tuple(self._documents()),
            attachments=tuple(self._attachments()),
            faults=tuple(self.faults),
        )

    def _topics(self, folders: list[str]) -> Iterator[Topic]:
        seen: dict[str, str] = {}
        for folder in folders:
            source = Source(self.archive, folder)
            source.file = next(
                name for name in self.archive.names() if posixpath.dirname(name) == folder and _is_markup(name)
            )
            markup = source.file
            try:
                topic = read_topic(source)
            except Broken as error:
                source.note_broken(error, lost="topic")
                self.faults += source.faults
                continue
            self.faults += source.faults
            if topic.guid in seen:
                message = gettext_noop("A second topic has the GUID %(guid)s; the one in %(first)s counts.")
                values = {"guid": topic.guid, "first": seen[topic.guid]}
                self.faults.append(Fault(markup, 0, message, values, "topic"))
                continue
            seen[topic.guid] = markup
            for path in source.attached:
                self.attached[path] = self._kept_path(path, folder, topic.guid)
            yield topic

    def _kept_path(self, path: str, folder: str, guid: str) -> str:
        """Return an attachment's path as it is written again: topic folders are named by GUID, from the root."""
        if path.startswith(f"{folder}/"):
            return f"{guid}/{path[len(folder) + 1 :]}"
        return posixpath.relpath(path, self.root) if self.root else path

    def _root_xml(self, name: str, *roots: str) -> Node | None:
        """Return the root of an XML file beside the topics; None where there is none or it is broken."""
        path = posixpath.join(self.root, name)
        if path not in self.archive:
            return None
        error = None
        for root in roots:
            try:
                return parse(self.archive.read_xml(path), root)
            except Broken as broken:
                error = error or broken
        if error:
            self.faults.append(Fault(path, error.line, error.message, error.values))
        return None

    def _stated_version(self) -> str:
        node = self._root_xml("bcf.version", "Version")
        if node is None:
            return ""
        stated = attribute(node, "VersionId")
        if stated not in KNOWN_VERSIONS:
            message = gettext_noop("The version %(value)s is not known; the file was read by its structure.")
            self.faults.append(
                Fault(posixpath.join(self.root, "bcf.version"), node.line, message, {"value": stated[:20]})
            )
            return ""
        return stated

    def _told_version(self, topics: tuple[Topic, ...]) -> str:
        """Return the version by what only one of them has: `extensions.xml`, statuses of comments, selections."""
        names = {posixpath.relpath(name, self.root or ".") for name in self.archive.names()}
        if "extensions.xml" in names or "documents.xml" in names:
            return "3.0"
        if any(comment.verbal_status or comment.status for topic in topics for comment in topic.comments):
            return "2.0" if any(topic.creation_date for topic in topics) else "1.0"
        return "2.1"

    def _extensions(self, project: Node | None) -> Extensions:
        node = self._root_xml("extensions.xml", "Extensions")
        if node is not None:
            values = {
                name: tuple(plain(item.text) for item in children(child(node, group), tag) if plain(item.text))
                for name, (group, tag, _) in GROUPS.items()
            }
            return Extensions(**values)
        schema = self._root_xml(text_of(project, "ExtensionSchema") or "extensions.xsd", "schema")
        if schema is None:
            return Extensions()
        redefined = [kind for group in children(schema, "redefine") for kind in children(group, "simpleType")]
        lists = {str(kind.get("name")): kind for kind in redefined}
        return Extensions(**{field.name: _enumerated(lists.get(GROUPS[field.name][2])) for field in fields(Extensions)})

    def _documents(self) -> Iterator[Document]:
        for node in children(child(self._root_xml("documents.xml", "DocumentInfo"), "Documents"), "Document"):
            path = posixpath.join(self.root, "documents.xml")
            try:
                guid = guid_of(node)
                path = posixpath.join(self.root, "documents", attribute(node, "Guid"))
                found = Document(guid, text_of(node, "Filename"), text_of(node, "Description"), self._content(path))
            except Broken as error:
                self.faults.append(Fault(path, error.line, error.message, error.values))
                continue
            yield found

    def _content(self, path: str) -> bytes:
        found = next((name for name in self.archive.names() if name.lower() == path.lower()), "")
        if not found:
            raise Broken(0, gettext_noop("%(name)s is named here, but it is not in the file."), name=path[:120])
        return self.archive.read(found)

    def _attachments(self) -> Iterator[Attachment]:
        for path, kept in sorted(self.attached.items(), key=lambda item: item[1]):
            try:
                yield Attachment(kept, self.archive.read(path))
            except Broken as error:
                self.faults.append(Fault(path, 0, error.message, error.values))


def _is_markup(name: str) -> bool:
    return posixpath.basename(name).lower() == MARKUP


def _enumerated(kind: Node | None) -> tuple[str, ...]:
    values = [attribute(item, "value") for item in children(child(kind, "restriction"), "enumeration")]
    return tuple(value for value in values if value)


__all__ = ["MIB", "BcfUnreadable", "read_bcf"]
