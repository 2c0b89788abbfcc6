"""Markup files of BCF 2.1 and 3.0."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from .topics import BimSnippet, Comment, DocumentReference, ModelFile, Topic
from .viewpoints import Viewpoint
from .writing_views import has_view_file
from .xml_writing import add, add_known, add_time


def view_name(view: Viewpoint) -> str:
    """Return the name of a viewpoint's file in the topic's folder."""
    return f"viewpoint-{view.guid}.bcfv"


def snapshot_name(view: Viewpoint) -> str:
    """Return the name of a viewpoint's picture in the topic's folder."""
    ending = "jpg" if view.snapshot.startswith(b"\xff\xd8") else "png"
    return f"snapshot-{view.guid}.{ending}"


def markup(topic: Topic, version: str) -> Element:
    """Return the Markup of a topic that fits the version."""
    old = version == "2.1"
    root = Element("Markup")
    if topic.files:
        header = add(root, "Header")
        files = header if old else add(header, "Files")
        for file in topic.files:
            _file(files, file, old)
    body = _topic(root, topic, old)
    comments = root if old or not topic.comments else add(body, "Comments")
    for comment in topic.comments:
        _comment(comments, comment, old)
    views = root if old or not topic.viewpoints else add(body, "Viewpoints")
    for view in topic.viewpoints:
        node = add(views, "Viewpoints" if old else "ViewPoint", Guid=view.guid)
        if has_view_file(view):
            add(node, "Viewpoint", view_name(view))
        if view.snapshot:
            add(node, "Snapshot", snapshot_name(view))
        if view.index is not None:
            add(node, "Index", str(view.index))
    return root


def _topic(root: Element, topic: Topic, old: bool) -> Element:
    named = {"ServerAssignedId": topic.server_assigned_id, "TopicType": topic.type, "TopicStatus": topic.status}
    body = add(root, "Topic", Guid=topic.guid, **{name: value for name, value in named.items() if value})
    _texts(body, topic.reference_links, "ReferenceLinks", "ReferenceLink", grouped=not old)
    add(body, "Title", topic.title)
    add_known(body, "Priority", topic.priority)
    if topic.index is not None:
        add(body, "Index", str(topic.index))
    _texts(body, topic.labels, "Labels", "Labels" if old else "Label", grouped=not old)
    add_time(body, "CreationDate", topic.creation_date)
    add(body, "CreationAuthor", topic.creation_author)
    add_time(body, "ModifiedDate", topic.modified_date)
    add_known(body, "ModifiedAuthor", topic.modified_author)
    add_time(body, "DueDate", topic.due_date)
    add_known(body, "AssignedTo", topic.assigned_to)
    add_known(body, "Stage", topic.stage)
    add_known(body, "Description", topic.description)
    if topic.snippet:
        _snippet(body, topic.snippet, old)
    documents = body if old or not topic.documents else add(body, "DocumentReferences")
    for document in topic.documents:
        _document(documents, document, old)
    related = body if old or not topic.related else add(body, "RelatedTopics")
    for guid in topic.related:
        add(related, "RelatedTopic", Guid=guid)
    return body


def _texts(parent: Element, texts: tuple[str, ...], group: str, tag: str, *, grouped: bool) -> None:
    if texts and grouped:
        parent = add(parent, group)
    for text in texts:
        add(parent, tag, text)


def _external(old: bool, value: bool) -> dict[str, str]:
    return {"isExternal" if old else "IsExternal": "true" if value else "false"}


def _file(parent: Element, file: ModelFile, old: bool) -> None:
    named = {"IfcProject": file.ifc_project, "IfcSpatialStructureElement": file.spatial_structure}
    node = add(parent, "File", **_external(old, file.external), **{k: v for k, v in named.items() if v})
    add_known(node, "Filename", file.name)
    add_time(node, "Date", file.date)
    add_known(node, "Reference", file.reference)


def _snippet(parent: Element, snippet: BimSnippet, old: bool) -> None:
    node = add(parent, "BimSnippet", SnippetType=snippet.type, **_external(old, snippet.external))
    add(node, "Reference", snippet.reference)
    add(node, "ReferenceSchema", snippet.schema)


def _document(parent: Element, document: DocumentReference, old: bool) -> None:
    node = add(parent, "DocumentReference", **({"Guid": document.guid} if document.guid else {}))
    if old:
        node.set("isExternal", "true" if document.url else "false")
        add(node, "ReferencedDocument", document.url or document.path)
    elif document.document:
        add(node, "DocumentGuid", document.document)
    else:
        add(node, "Url", document.url)
    add_known(node, "Description", document.description)


def _comment(parent: Element, comment: Comment, old: bool) -> None:
    node = add(parent, "Comment", Guid=comment.guid)
    add_time(node, "Date", comment.date)
    add(node, "Author", comment.author)
    if old or comment.text.strip():
        add(node, "Comment", comment.text)
    if comment.viewpoint:
        add(node, "Viewpoint", Guid=comment.viewpoint)
    add_time(node, "ModifiedDate", comment.modified_date)
    add_known(node, "ModifiedAuthor", comment.modified_author)
