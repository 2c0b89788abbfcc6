"""Topics with their comments and viewpoints, from the markup files of BCF 1.0 to 3.0."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from .elements import (
    GLOBAL_ID,
    GUID,
    Node,
    attribute,
    child,
    children,
    flag,
    guid_of,
    moment,
    plain,
    text_of,
)
from .faults import Broken, gettext_noop
from .reading_views import read_view
from .source import Source
from .topics import BimSnippet, Comment, DocumentReference, ModelFile, Topic
from .viewpoints import Viewpoint

FIRST_VIEW = "viewpoint.bcfv"
FIRST_PICTURE = "snapshot.png"


def read_topic(source: Source) -> Topic:
    """Return the topic of a folder. Raises Broken where it has no readable markup, Topic or GUID."""
    markup = source.xml(source.file, "Markup")
    node = child(markup, "Topic")
    if node is None:
        raise Broken(markup.line, gettext_noop("The markup has no Topic: export the topic again."))
    guid = _topic_guid(source, node)
    snippet = child(node, "BimSnippet")
    comments = child(node, "Comments")
    modified = _time(source, node, "ModifiedDate")
    topic = Topic(
        guid=guid,
        title=text_of(node, "Title"),
        type=attribute(node, "TopicType"),
        status=attribute(node, "TopicStatus"),
        creation_date=_time(source, node, "CreationDate"),
        creation_author=text_of(node, "CreationAuthor"),
        priority=text_of(node, "Priority"),
        labels=_texts(node, "Labels", "Label"),
        due_date=_time(source, node, "DueDate"),
        assigned_to=text_of(node, "AssignedTo"),
        description=text_of(node, "Description"),
        files=tuple(_files(source, child(markup, "Header"))),
        comments=tuple(_comments(source, markup if comments is None else comments)),
        index=_index(source, node),
        stage=text_of(node, "Stage"),
        modified_date=modified,
        modified_author=text_of(node, "ModifiedAuthor"),
        reference_links=_texts(node, "ReferenceLink", "ReferenceLink")
        + _texts(node, "ReferenceLinks", "ReferenceLink"),
        snippet=None if snippet is None else _snippet(source, snippet),
        documents=tuple(_documents(source, node)),
        related=tuple(_related(source, node)),
        server_assigned_id=attribute(node, "ServerAssignedId"),
    )
    return _with_views(source, topic, markup, node)


def _topic_guid(source: Source, node: Node) -> str:
    """Return the topic's GUID; where it is broken, the folder's name, if that is one."""
    try:
        return guid_of(node)
    except Broken as error:
        folder = posixpath.basename(source.folder).lower().strip("{}")
        if not GUID.fullmatch(folder):
            raise
        source.note_broken(error, lost="value")
        return folder


def _texts(node: Node, group: str, name: str) -> tuple[str, ...]:
    """Return texts that are repeated (`Labels`, 2.1) or grouped (`Labels/Label`, 3.0), without the empty ones."""
    found = []
    for part in children(node, group):
        inner = list(children(part, name))
        found += [plain(item.text) for item in inner] if inner else [plain(part.text)]
    return tuple(text for text in found if text)


def _time(source: Source, node: Node, name: str) -> datetime | None:
    text = text_of(node, name)
    value = moment(text) if text else None
    if text and value is None:
        message = gettext_noop("%(name)s %(value)s is not a time; it was left out.")
        source.note(node.line, message, name=name, value=repr(text[:60]))
    return value


def _index(source: Source, node: Node) -> int | None:
    text = text_of(node, "Index")
    try:
        value = int(text) if text else None
    except ValueError:
        value = None
    if text and (value is None or abs(value) >= 2**31):
        source.note(node.line, gettext_noop("The index %(value)s is not a number; it was left out."), value=text[:20])
        return None
    return value


def _files(source: Source, header: Node | None) -> Iterator[ModelFile]:
    grouped = child(header, "Files")
    for node in children(header if grouped is None else grouped, "File"):
        external = flag(node, "isExternal", "IsExternal", default=True)
        reference = text_of(node, "Reference")
        yield ModelFile(
            name=text_of(node, "Filename"),
            reference=reference if external or not reference else source.attach(reference, node.line),
            date=_time(source, node, "Date"),
            ifc_project=_global_id(source, node, "IfcProject"),
            spatial_structure=_global_id(source, node, "IfcSpatialStructureElement"),
            external=external,
        )


def _global_id(source: Source, node: Node, name: str) -> str:
    value = attribute(node, name)
    if value and not GLOBAL_ID.fullmatch(value):
        message = gettext_noop("%(value)s is not an IFC GlobalId; it was left out.")
        source.note(node.line, message, value=repr(value[:60]))
        return ""
    return value


def _snippet(source: Source, node: Node) -> BimSnippet:
    external = flag(node, "isExternal", "IsExternal", default=False)
    reference = text_of(node, "Reference")
    if reference and not external:
        reference = source.attach(reference, node.line)
    return BimSnippet(attribute(node, "SnippetType"), reference, text_of(node, "ReferenceSchema"), external)


def _documents(source: Source, topic: Node) -> Iterator[DocumentReference]:
    grouped = child(topic, "DocumentReferences")
    for node in children(topic if grouped is None else grouped, "DocumentReference"):
        old = text_of(node, "ReferencedDocument")
        external = flag(node, "isExternal", "IsExternal", default=False)
        document = text_of(node, "DocumentGuid").lower()
        if document and not GUID.fullmatch(document):
            message = gettext_noop("%(value)s is not a GUID: export the topic again.")
            source.note(node.line, message, value=repr(document[:60]))
            document = ""
        yield DocumentReference(
            guid=_optional_guid(source, node),
            url=old if external else text_of(node, "Url"),
            path=source.attach(old, node.line) if old and not external else "",
            document=document,
            description=text_of(node, "Description"),
        )


def _optional_guid(source: Source, node: Node) -> str:
    if not attribute(node, "Guid"):
        return ""
    try:
        return guid_of(node)
    except Broken as error:
        source.note_broken(error, lost="value")
        return ""


def _related(source: Source, topic: Node) -> Iterator[str]:
    groups = [topic, *children(topic, "RelatedTopics")]
    for node in [
        item for group in groups for name in ("RelatedTopic", "RelatedTopics") for item in children(group, name)
    ]:
        if attribute(node, "Guid") and (guid := _optional_guid(source, node)):
            yield guid


def _comments(source: Source, parent: Node) -> Iterator[Comment]:
    seen: set[str] = set()
    for node in children(parent, "Comment"):
        try:
            comment = _comment(source, node)
        except Broken as error:
            source.note_broken(error, lost="comment")
            continue
        if comment.guid in seen:
            message = gettext_noop("A second comment has the GUID %(guid)s; the first one counts.")
            source.note(node.line, message, lost="comment", guid=comment.guid)
            continue
        seen.add(comment.guid)
        yield comment


def _comment(source: Source, node: Node) -> Comment:
    date = moment(text_of(node, "Date"))
    if date is None:
        raise Broken(node.line, gettext_noop("A comment has no readable date: export the topic again."))
    view, answered = child(node, "Viewpoint"), child(node, "ReplyToComment")
    return Comment(
        guid=guid_of(node),
        date=date,
        author=text_of(node, "Author"),
        text=text_of(node, "Comment"),
        viewpoint="" if view is None else _optional_guid(source, view),
        modified_date=_time(source, node, "ModifiedDate"),
        modified_author=text_of(node, "ModifiedAuthor"),
        verbal_status=text_of(node, "VerbalStatus"),
        status=text_of(node, "Status"),
        reply_to="" if answered is None else _optional_guid(source, answered),
    )


def _with_views(source: Source, topic: Topic, markup: Node, node: Node) -> Topic:
    grouped = child(node, "Viewpoints")
    entries = list(children(markup, "Viewpoints")) or list(children(grouped, "ViewPoint"))
    markup_file, views, seen = source.file, list[Viewpoint](), set[str]()
    for entry in entries:
        source.file = markup_file
        view = _view(source, entry)
        source.file = markup_file
        if view is not None and view.guid in seen:
            message = gettext_noop("A second viewpoint has the GUID %(guid)s; the first one counts.")
            source.note(entry.line, message, lost="viewpoint", guid=view.guid)
        elif view is not None:
            seen.add(view.guid)
            views.append(view)
    if not entries and (first := _first_view(source, topic.guid)) is not None:
        views.append(first)
    return replace(topic, viewpoints=tuple(views))


def _view(source: Source, entry: Node) -> Viewpoint | None:
    """Return the viewpoint that an entry of the markup names; None, with a note, where it cannot be read."""
    name, picture = text_of(entry, "Viewpoint"), text_of(entry, "Snapshot")
    try:
        guid, index = guid_of(entry), _index(source, entry)
    except Broken as error:
        source.note_broken(error, lost="viewpoint")
        return None
    snapshot = source.picture(picture, entry.line) if picture else b""
    if not name:
        return Viewpoint(guid, index=index, snapshot=snapshot, visibility=None)
    return _read(source, name, entry.line, guid, index, snapshot)


def _read(source: Source, name: str, line: int, guid: str, index: int | None, snapshot: bytes) -> Viewpoint | None:
    path = posixpath.normpath(posixpath.join(source.folder, name.replace("\\", "/")))
    if path not in source.archive:
        message = gettext_noop("The viewpoint %(name)s is not in the file.")
        source.note(line, message, lost="viewpoint", name=name[:120])
        return Viewpoint(guid, index=index, snapshot=snapshot, visibility=None) if snapshot else None
    try:
        root = source.xml(path, "VisualizationInfo")
        return read_view(source, root, guid=guid, index=index, snapshot=snapshot)
    except Broken as error:
        source.note_broken(error, lost="viewpoint")
        return Viewpoint(guid, index=index, snapshot=snapshot, visibility=None) if snapshot else None


def _first_view(source: Source, topic_guid: str) -> Viewpoint | None:
    """Return the viewpoint of a file before 2.0, which the markup does not name; its GUID follows from the topic's."""
    path = posixpath.join(source.folder, FIRST_VIEW)
    picture = posixpath.join(source.folder, FIRST_PICTURE)
    snapshot = source.picture(FIRST_PICTURE, 0) if picture in source.archive else b""
    guid = str(uuid5(UUID(topic_guid), FIRST_VIEW))
    if path not in source.archive:
        return Viewpoint(guid, snapshot=snapshot, visibility=None) if snapshot else None
    return _read(source, FIRST_VIEW, 0, guid, None, snapshot)
