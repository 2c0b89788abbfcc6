"""What a BCF file says, whatever its version: plain data, no XML. Lengths are metres in the model's coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class ModelFile:
    """The model file that a topic talks of. `ifc_project` is the GlobalId of its IfcProject, "" where unknown."""

    name: str
    reference: str = ""
    date: datetime | None = None
    ifc_project: str = ""


@dataclass(frozen=True)
class Camera:
    """A perspective camera: where it stands, where it looks, what is up (unit vectors), vertical view (degrees)."""

    position: Vector
    direction: Vector
    up: Vector
    field_of_view_deg: float = 60.0
    aspect_ratio: float = 1.5


@dataclass(frozen=True)
class Viewpoint:
    """A view of the model: selected elements by GlobalId (all others stay visible), a camera, a PNG."""

    guid: str
    selection: tuple[str, ...] = ()
    camera: Camera | None = None
    snapshot_png: bytes = b""


@dataclass(frozen=True)
class Comment:
    """One remark on a topic."""

    guid: str
    date: datetime
    author: str
    text: str


@dataclass(frozen=True)
class Topic:
    """One issue. GUIDs are lower-case UUIDs; times carry their zone."""

    guid: str
    title: str
    type: str
    status: str
    creation_date: datetime
    creation_author: str
    priority: str = ""
    labels: tuple[str, ...] = ()
    due_date: datetime | None = None
    assigned_to: str = ""
    description: str = ""
    files: tuple[ModelFile, ...] = ()
    comments: tuple[Comment, ...] = ()
    viewpoints: tuple[Viewpoint, ...] = ()
