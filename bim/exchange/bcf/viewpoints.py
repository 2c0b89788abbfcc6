"""What a viewpoint says, whatever its version: plain data, no XML. Lengths are metres in the model's coordinates."""

from __future__ import annotations

from dataclasses import dataclass

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Camera:
    """A perspective camera: where it stands, where it looks, what is up (unit vectors), vertical view (degrees).

    `aspect_ratio` is width by height, None where the file does not say it (before BCF 3.0).
    """

    position: Vector
    direction: Vector
    up: Vector
    field_of_view_deg: float = 60.0
    aspect_ratio: float | None = 1.5


@dataclass(frozen=True)
class OrthogonalCamera:
    """A camera without perspective; `view_height_m` is the height of what it shows."""

    position: Vector
    direction: Vector
    up: Vector
    view_height_m: float
    aspect_ratio: float | None = 1.5


@dataclass(frozen=True)
class Component:
    """A part of a model, by its IFC GlobalId or, where that is "", by the id that its authoring tool gave it."""

    global_id: str = ""
    originating_system: str = ""
    authoring_tool_id: str = ""


@dataclass(frozen=True)
class ViewSetupHints:
    """Which kinds of things the view shows, beside the components that it names."""

    spaces: bool = False
    space_boundaries: bool = False
    openings: bool = False


@dataclass(frozen=True)
class Visibility:
    """Everything is visible, or nothing is, but for the exceptions."""

    default_visible: bool = True
    exceptions: tuple[Component, ...] = ()


@dataclass(frozen=True)
class Coloring:
    """Components in one colour: six hexadecimal digits RGB, or eight with alpha."""

    color: str
    components: tuple[Component, ...]


@dataclass(frozen=True)
class Line:
    """A line of redlining."""

    start: Vector
    end: Vector


@dataclass(frozen=True)
class ClippingPlane:
    """A section through the model: a point of the plane and the normal that points to what is cut away."""

    location: Vector
    direction: Vector


@dataclass(frozen=True)
class Bitmap:
    """A picture that stands in the model; `reference` is its path from the topic's folder, `format` PNG or JPG."""

    format: str
    reference: str
    location: Vector
    normal: Vector
    up: Vector
    height_m: float


@dataclass(frozen=True)
class Viewpoint:
    """A view of the model: selected components, visible ones, colours, cameras, sections, lines, bitmaps, a picture.

    `visibility` None: the file says nothing about components. `listed` are components that a file before 2.1 names
    without selecting, hiding or colouring them. `snapshot` is a PNG or JPEG file.
    """

    guid: str
    selection: tuple[Component, ...] = ()
    visibility: Visibility | None = Visibility()
    hints: ViewSetupHints | None = None
    coloring: tuple[Coloring, ...] = ()
    camera: Camera | None = None
    orthogonal: OrthogonalCamera | None = None
    lines: tuple[Line, ...] = ()
    clipping_planes: tuple[ClippingPlane, ...] = ()
    bitmaps: tuple[Bitmap, ...] = ()
    snapshot: bytes = b""
    index: int | None = None
    listed: tuple[Component, ...] = ()

    def global_ids(self) -> tuple[str, ...]:
        """Return the GlobalIds that the view points at: those selected, else coloured, else listed or shown alone."""
        shown = () if self.visibility is None or self.visibility.default_visible else self.visibility.exceptions
        coloured = tuple(part for color in self.coloring for part in color.components)
        for parts in (self.selection, coloured, self.listed, shown):
            if found := tuple(dict.fromkeys(part.global_id for part in parts if part.global_id)):
                return found
        return ()
