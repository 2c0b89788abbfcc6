"""What a BCF file would bring to a site: seen before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from spatial.hazards.models import Hazard, Transition
from spatial.media import open_blob
from spatial.places.models import Site

from .faults import gettext_noop
from .models import ImportedComment, ImportedTopic
from .placing import SiteModels, TopicPlace
from .reading import read_bcf
from .topics import BcfFile, Comment, Topic

CLOSED = frozenset({"closed", "resolved", "solved", "done", "fixed", "void"})
NO_PLACE = gettext_noop(
    "It has no place here: none of its elements is in a model of this site, and no camera of it fits a placed model."
)
NOTHING_NEW = gettext_noop("Nothing new.")


@dataclass(frozen=True)
class IncomingTopic:
    """A topic, the ticket that it belongs to already, and what taking it would do.

    `ours`: it went out from this site. `named` components it points at, `elements` of them stand in models now.
    `obstacle` is why it cannot be taken, "" where it can; not `models_here`: it names model files, none of them ours.
    """

    topic: Topic
    hazard: Hazard | None
    ours: bool
    new_comments: tuple[Comment, ...]
    named: int
    elements: int
    place: TopicPlace | None
    view: dict[str, Any] = field(default_factory=dict)
    obstacle: str = ""
    models_here: bool = True

    @property
    def snapshot(self) -> bytes:
        """The first picture, b"" where there is none."""
        return next((view.snapshot for view in self.topic.viewpoints if view.snapshot), b"")

    @property
    def suggested(self) -> bool:
        """Whether taking it is what a person would mostly want: it is open, inside the site, and has a picture."""
        if self.obstacle:
            return False
        if self.hazard is not None:
            return bool(self.new_comments)
        closed = self.topic.status.strip().casefold() in CLOSED
        placed = self.place and self.place.inside_site and self.models_here
        return bool(not closed and placed and self.snapshot)


@lru_cache(maxsize=2)
def file_of(sha256: str) -> BcfFile:
    """Return a stored BCF file as read; the two latest are kept, for the pictures of their page."""
    with open_blob(sha256) as blob:
        return read_bcf(blob.read())


def incoming_topics(site: Site, bcf: BcfFile) -> list[IncomingTopic]:
    """Return the topics of a file as they meet a site now, in the file's order."""
    models = SiteModels(site)
    models.load(bcf.topics)
    tickets = _tickets(site, bcf)
    steps = _known_comments(tickets)
    return [_incoming(topic, models, tickets.get(topic.guid), steps) for topic in bcf.topics]


def _tickets(site: Site, bcf: BcfFile) -> dict[str, tuple[Hazard, bool]]:
    """Return the ticket of each topic GUID that is known on the site, and whether the topic is ours."""
    guids = [UUID(topic.guid) for topic in bcf.topics]
    known = ImportedTopic.objects.filter(site=site, guid__in=guids).select_related("hazard")
    found = {str(row.guid): (row.hazard, False) for row in known}
    return found | {str(row.pk): (row, True) for row in Hazard.objects.filter(site=site, pk__in=guids)}


def _known_comments(tickets: Mapping[str, tuple[Hazard, bool]]) -> dict[UUID, set[str]]:
    """Return the GUIDs of the comments that each ticket has: those that came in, and its own steps."""
    hazards = [hazard.pk for hazard, _ in tickets.values()]
    known: dict[UUID, set[str]] = {pk: set() for pk in hazards}
    for hazard, guid in ImportedComment.objects.filter(hazard__in=hazards).values_list("hazard_id", "guid"):
        known[hazard].add(str(guid))
    for hazard, step in Transition.objects.filter(hazard__in=hazards).values_list("hazard_id", "id"):
        known[hazard].add(str(step))
    return known


def _incoming(
    topic: Topic, models: SiteModels, ticket: tuple[Hazard, bool] | None, known: Mapping[UUID, set[str]]
) -> IncomingTopic:
    hazard, ours = ticket or (None, False)
    had = known.get(hazard.pk, set()) if hazard else set()
    comments = tuple(one for one in topic.comments if one.text and one.guid not in had)
    named = {one for view in topic.viewpoints for one in view.global_ids()}
    place = None if hazard else models.place(topic)
    seen = None if hazard else models.seen(topic)
    view: dict[str, Any] = {}
    if seen:
        view = {"position": list(seen[0]), "target": list(seen[1]), **models.shown(topic)}
    obstacle = ""
    if hazard is not None and not comments:
        obstacle = NOTHING_NEW
    elif hazard is None and place is None:
        obstacle = NO_PLACE
    return IncomingTopic(
        topic, hazard, ours, comments, len(named), len(models.elements(topic)), place, view, obstacle,
        models_here=models.has_files_of(topic),
    )  # fmt: skip
