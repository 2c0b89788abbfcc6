"""What a BCF file says, in any version: plain data, no XML. GUIDs are lower-case UUIDs, times carry their zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .faults import Fault
from .viewpoints import Camera, Component, OrthogonalCamera, Vector, Viewpoint

__all__ = [
    "Attachment",
    "BcfFile",
    "BimSnippet",
    "Camera",
    "Comment",
    "Component",
    "Document",
    "DocumentReference",
    "Extensions",
    "ModelFile",
    "OrthogonalCamera",
    "Topic",
    "Vector",
    "Viewpoint",
]


@dataclass(frozen=True)
class ModelFile:
    """The model file that a topic talks of. `ifc_project` is the GlobalId of its IfcProject, "" where unknown.

    `spatial_structure` is the GlobalId of the part that the file covers. A file that is not `external` lies in the
    archive, its `reference` is the path from the topic's folder.
    """

    name: str
    reference: str = ""
    date: datetime | None = None
    ifc_project: str = ""
    spatial_structure: str = ""
    external: bool = True


@dataclass(frozen=True)
class Comment:
    """One remark on a topic. `verbal_status`, `status` and `reply_to` are of BCF 2.0 and before."""

    guid: str
    date: datetime
    author: str
    text: str
    viewpoint: str = ""
    modified_date: datetime | None = None
    modified_author: str = ""
    verbal_status: str = ""
    status: str = ""
    reply_to: str = ""


@dataclass(frozen=True)
class BimSnippet:
    """A piece of model data that goes with a topic; not `external`: a file in the topic's folder."""

    type: str
    reference: str
    schema: str
    external: bool = False


@dataclass(frozen=True)
class DocumentReference:
    """A document by address (`url`), by a path from the topic's folder (2.1), or by its GUID in the file (3.0)."""

    guid: str = ""
    url: str = ""
    path: str = ""
    document: str = ""
    description: str = ""


@dataclass(frozen=True)
class Topic:
    """One issue. `creation_date` is None where a file before 2.1 does not say it."""

    guid: str
    title: str
    type: str
    status: str
    creation_date: datetime | None
    creation_author: str
    priority: str = ""
    labels: tuple[str, ...] = ()
    due_date: datetime | None = None
    assigned_to: str = ""
    description: str = ""
    files: tuple[ModelFile, ...] = ()
    comments: tuple[Comment, ...] = ()
    viewpoints: tuple[Viewpoint, ...] = ()
    index: int | None = None
    stage: str = ""
    modified_date: datetime | None = None
    modified_author: str = ""
    reference_links: tuple[str, ...] = ()
    snippet: BimSnippet | None = None
    documents: tuple[DocumentReference, ...] = ()
    related: tuple[str, ...] = ()
    server_assigned_id: str = ""


@dataclass(frozen=True)
class Extensions:
    """The values that a project allows."""

    topic_types: tuple[str, ...] = ()
    topic_statuses: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    topic_labels: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    snippet_types: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A document inside a BCF 3.0 file."""

    guid: str
    filename: str
    description: str = ""
    content: bytes = b""


@dataclass(frozen=True)
class Attachment:
    """A file in the archive that a topic names by path; `path` is from the root of the archive."""

    path: str
    content: bytes


@dataclass(frozen=True)
class BcfFile:
    """A whole BCF file. `version` is 1.0, 2.0, 2.1 or 3.0; not `version_stated`: told by the structure.

    `faults` is what could not be read: where, and what was lost by it.
    """

    topics: tuple[Topic, ...] = ()
    version: str = "2.1"
    version_stated: bool = True
    project_id: str = ""
    project_name: str = ""
    extensions: Extensions = Extensions()
    documents: tuple[Document, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    faults: tuple[Fault, ...] = ()
