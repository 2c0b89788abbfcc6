"""What BCF 2.1 and 3.0 can hold of a file, and what they demand that it does not say. Every change is listed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from .fitting_views import fit_view
from .topics import Attachment, BcfFile, Comment, Document, DocumentReference, Extensions, Topic

VERSIONS: Final = ("2.1", "3.0")
UNKNOWN: Final = "Unknown"
UNTITLED: Final = "Untitled"
UNKNOWN_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Loss:
    """One thing that is not written as it was read: the topic ("" for the file), the field, and why."""

    topic: str
    field: str
    why: str


@dataclass
class Losses:
    """The list while it grows."""

    topic: str = ""
    found: list[Loss] = field(default_factory=list)

    def add(self, name: str, why: str) -> None:
        """This function will list a field of the present topic."""
        self.found.append(Loss(self.topic, name, why))


def fit(bcf: BcfFile, version: str) -> tuple[BcfFile, tuple[Loss, ...]]:
    """Return the file as the version can hold it, and what that changes.

    Raises ValueError for another version than 2.1 and 3.0.
    """
    if version not in VERSIONS:
        raise ValueError(f"BCF {version!r} is not written; choose one of {', '.join(VERSIONS)}.")
    losses = Losses()
    bcf = replace(bcf, version=version, version_stated=True, faults=())
    if bcf.project_name and not bcf.project_id:
        losses.add("project_id", "a project needs an id; its name was taken")
        bcf = replace(bcf, project_id=bcf.project_name)
    bcf = replace(bcf, topics=tuple(_topic(topic, version, losses) for topic in bcf.topics))
    losses.topic = ""
    bcf = _documents_by_path(bcf, losses) if version == "2.1" else _documents_by_guid(bcf, losses)
    if version == "3.0":
        extensions = _in_use(bcf)
        if bcf.extensions not in (Extensions(), extensions):
            losses.add("extensions", "the values in use were added to the lists")
        bcf = replace(bcf, extensions=extensions)
    return replace(bcf, attachments=tuple(sorted(bcf.attachments, key=lambda one: one.path))), tuple(losses.found)


def _topic(topic: Topic, version: str, losses: Losses) -> Topic:
    losses.topic = topic.guid
    changes: dict[str, Any] = {}

    def demand(name: str, value: Any, why: str) -> None:
        if not getattr(topic, name):
            changes[name] = value
            losses.add(name, why)

    dates = sorted(comment.date for comment in topic.comments)
    authors = [comment.author for comment in topic.comments if comment.author]
    demand("title", UNTITLED, "a topic needs a title")
    demand("creation_date", (dates or [topic.modified_date or UNKNOWN_TIME])[0], "a topic needs a date of creation")
    demand("creation_author", (authors or [topic.modified_author or UNKNOWN])[0], "a topic needs an author")
    if version == "3.0":
        demand("type", UNKNOWN, "3.0 needs a type")
        demand("status", UNKNOWN, "3.0 needs a status")
        snippet = topic.snippet
        if snippet and not (snippet.type and snippet.reference and snippet.schema):
            changes["snippet"] = None
            losses.add("snippet", "3.0 needs its type, reference and schema")
    elif topic.server_assigned_id:
        changes["server_assigned_id"] = ""
        losses.add("server_assigned_id", "2.1 has no such field")
    views = []
    for view in topic.viewpoints:
        fitted, whys = fit_view(view, version)
        views.append(fitted)
        for name, why in whys:
            losses.add(f"viewpoints.{name}", why)
    comments = tuple(_comment(comment, losses) for comment in topic.comments)
    return replace(topic, comments=comments, viewpoints=tuple(views), **changes)


def _comment(comment: Comment, losses: Losses) -> Comment:
    for name in ("verbal_status", "status", "reply_to"):
        if getattr(comment, name):
            losses.add(f"comments.{name}", "only 2.0 and before have this field")
    if not comment.author:
        losses.add("comments.author", "a comment needs an author")
    author = comment.author or UNKNOWN
    return replace(comment, author=author, verbal_status="", status="", reply_to="")


def _documents_by_path(bcf: BcfFile, losses: Losses) -> BcfFile:
    """Return the file with its documents as attachments that topics name by path (2.1)."""
    paths = {document.guid: f"documents/{document.guid}/{_base_name(document)}" for document in bcf.documents}
    named = {one.document for topic in bcf.topics for one in topic.documents}
    for document in bcf.documents:
        losses.add(
            "documents", "2.1 names documents by path" if document.guid in named else "2.1 keeps no such document"
        )
    topics = []
    for topic in bcf.topics:
        kept = []
        for one in topic.documents:
            if one.document:
                losses.topic = topic.guid
                losses.add("documents", "2.1 names documents by path")
                path = f"../{paths[one.document]}" if one.document in paths else one.document
                one = replace(one, document="", path=path)
            kept.append(one)
        topics.append(replace(topic, documents=tuple(kept)))
    losses.topic = ""
    moved = [Attachment(paths[one.guid], one.content) for one in bcf.documents if one.guid in named]
    if moved:
        losses.add("attachments", "2.1 names documents by path")
    return replace(bcf, topics=tuple(topics), documents=(), attachments=(*bcf.attachments, *moved))


def _base_name(document: Document) -> str:
    return posixpath.basename(document.filename.replace("\\", "/").replace(":", "_")).strip(". ") or "document"


def _documents_by_guid(bcf: BcfFile, losses: Losses) -> BcfFile:
    """Return the file with documents that topics name by path moved to where 3.0 keeps them."""
    files = {one.path: one.content for one in bcf.attachments}
    made: dict[str, Document] = {}
    topics = []
    for topic in bcf.topics:
        losses.topic = topic.guid
        kept = []
        for number, one in enumerate(topic.documents):
            path = posixpath.normpath(posixpath.join(topic.guid, one.path)) if one.path else ""
            fitted = _reference(one, topic.guid, number, path if path in files else "")
            if fitted != one:
                losses.add("documents", "3.0 names documents by GUID")
            if fitted and fitted.document and path:
                made[path] = Document(fitted.document, posixpath.basename(path), "", files[path])
            kept += [fitted] if fitted else []
        topics.append(replace(topic, documents=tuple(kept)))
    losses.topic = ""
    named = _named_paths(topics)
    if made:
        losses.add("documents", "3.0 keeps documents by GUID")
        losses.add("attachments", "3.0 keeps documents by GUID")
    attachments = tuple(one for one in bcf.attachments if one.path not in made or one.path in named)
    return replace(bcf, topics=tuple(topics), documents=(*bcf.documents, *made.values()), attachments=attachments)


def _reference(one: DocumentReference, topic: str, number: int, path: str) -> DocumentReference | None:
    """Return a reference that 3.0 can hold; None where it names nothing."""
    guid = one.guid or str(uuid5(UUID(topic), f"document {number}"))
    if path:
        return replace(one, guid=guid, path="", document=str(uuid5(UUID(topic), path)))
    if not (one.url or one.path or one.document):
        return None
    return replace(one, guid=guid, path="", url=one.url or one.path)


def _named_paths(topics: Iterable[Topic]) -> set[str]:
    """Return the paths of attachments that something else than a document reference names."""
    names = set()
    for topic in topics:
        references = [one.reference for one in topic.files if not one.external]
        references += [topic.snippet.reference] if topic.snippet and not topic.snippet.external else []
        references += [bitmap.reference for view in topic.viewpoints for bitmap in view.bitmaps]
        names |= {posixpath.normpath(posixpath.join(topic.guid, reference)) for reference in references if reference}
    return names


def _in_use(bcf: BcfFile) -> Extensions:
    """Return the lists of a file with the values that its topics use after the given ones, in order."""
    topics = bcf.topics
    people = [(t.creation_author, t.modified_author, t.assigned_to) for t in topics]
    people += [(comment.author, comment.modified_author, "") for t in topics for comment in t.comments]
    used = Extensions(
        topic_types=tuple(t.type for t in topics),
        topic_statuses=tuple(t.status for t in topics),
        priorities=tuple(t.priority for t in topics),
        topic_labels=tuple(label for t in topics for label in t.labels),
        users=tuple(person for group in people for person in group),
        snippet_types=tuple(t.snippet.type for t in topics if t.snippet),
        stages=tuple(t.stage for t in topics),
    )
    lists = {}
    for one in fields(Extensions):
        given = [value for value in getattr(bcf.extensions, one.name) if value]
        lists[one.name] = tuple(dict.fromkeys([*given, *sorted({value for value in getattr(used, one.name) if value})]))
    return Extensions(**lists)
