"""Take BCF files in: keep the file, make tickets of its topics, put its comments on the tickets they belong to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext

from spatial.hazards.models import Hazard
from spatial.hazards.operations import report_hazard
from spatial.hazards.refusals import HazardRefused
from spatial.ledger.operations import record_act
from spatial.media import store_blob
from spatial.people.queries import roles_on
from spatial.places.models import Site

from .faults import gettext_noop
from .incoming import IncomingTopic, file_of, incoming_topics
from .models import BcfImport, ImportedComment, ImportedTopic
from .reading import read_bcf
from .snapshots import PictureUnreadable, bare_picture

LONGEST_DESCRIPTION: Final = 4_000
LONGEST_COMMENT: Final = 4_000
SOURCE: Final = "bcf"


class ImportRefused(ValueError):
    """A BCF file or a choice from it cannot be taken; the message says why. Nothing has changed."""


@dataclass(frozen=True)
class Taken:
    """What one choice brought: new tickets, and how many comments came onto which tickets."""

    reported: tuple[Hazard, ...]
    commented: tuple[tuple[Hazard, int], ...]


def may_import(user: Any, site: Site) -> bool:
    """Return whether a user may take topics in: whoever may report a hazard on the site."""
    return bool(roles_on(user, site))


@transaction.atomic
def keep_file(*, site: Site, content: bytes, file_name: str, actor: Any, now: datetime) -> BcfImport:
    """This function will keep an uploaded BCF file, to be looked at before anything is taken from it.

    The same file again is the earlier one. Raises ImportRefused, and BcfUnreadable where it is none.
    """
    if not may_import(actor, site):
        raise ImportRefused(gettext("You have no role on this site."))
    sha256 = hashlib.sha256(content).hexdigest()
    if (earlier := BcfImport.objects.filter(site=site, sha256=sha256).first()) is not None:
        return earlier
    bcf = read_bcf(content)
    store_blob(BytesIO(content))
    described = {
        "organisation_id": site.organisation_id, "file_name": file_name[:255], "version": bcf.version,
        "topic_count": len(bcf.topics), "uploaded_by": actor, "uploaded_at": now,
    }  # fmt: skip
    kept, _made = BcfImport.objects.get_or_create(site=site, sha256=sha256, defaults=described)
    return kept


@transaction.atomic
def take_topics(
    *,
    source: BcfImport,
    guids: Sequence[str],
    category: str,
    photos: Mapping[str, bytes],
    actor: Any,
    now: datetime,
) -> Taken:
    """This function will take topics of a kept file: a new one is reported as a hazard, a known one brings comments.

    All or nothing, and the same again adds nothing. `photos` are pictures by topic GUID for topics without a snapshot.
    One act tells of the whole choice. Raises ImportRefused.
    """
    site = Site.objects.select_for_update(no_key=True, of=("self",)).get(pk=source.site_id)
    if not may_import(actor, site):
        raise ImportRefused(gettext("You have no role on this site."))
    chosen = set(guids)
    rows = [row for row in incoming_topics(site, file_of(source.sha256)) if row.topic.guid in chosen]
    if not rows:
        raise ImportRefused(gettext("Choose at least one topic."))
    reported, commented = [], []
    for row in rows:
        if row.hazard is None:
            hazard = _report(row, source, site, category, photos.get(row.topic.guid, b""), actor, now)
            reported.append(hazard)
        else:
            hazard = row.hazard
        if (count := _add_comments(row, hazard, source)) and row.hazard is not None:
            commented.append((hazard, count))
    if reported or commented:
        _record(source, site, rows, reported, commented, actor, now)
    return Taken(tuple(reported), tuple(commented))


def _refuse(row: IncomingTopic, reason: str) -> ImportRefused:
    sentence = gettext("“%(title)s” was not taken, and nothing else either: %(reason)s")
    return ImportRefused(sentence % {"title": row.topic.title[:80], "reason": reason})


def _report(
    row: IncomingTopic, source: BcfImport, site: Site, category: str, photo: bytes, actor: Any, now: datetime
) -> Hazard:
    topic, place = row.topic, row.place
    if row.obstacle or place is None:
        raise _refuse(row, gettext(row.obstacle))
    given = row.snapshot or photo
    if not given:
        raise _refuse(row, gettext("it has no picture; a report needs one: add a photo to it."))
    try:
        picture = bare_picture(given)
    except PictureUnreadable as error:
        raise _refuse(row, gettext("its picture cannot be read.")) from error
    anchor = {
        "lon": place.lon, "lat": place.lat, "height_m": place.height_m, "model_id": place.model_id,
        "element_global_id": place.element_global_id, "element_name": place.element_name,
        "storey_id": place.storey.pk if place.storey else None,
    }  # fmt: skip
    try:
        hazard = report_hazard(
            site=site, anchor_at=anchor, description=description_of(row), category=category, photos=[picture],
            found_at=topic.creation_date or now, actor=actor, now=now, source=SOURCE,
        )  # fmt: skip
    except HazardRefused as error:
        raise _refuse(row, str(error)) from error
    ImportedTopic.objects.create(
        organisation_id=site.organisation_id, site=site, guid=topic.guid, hazard=hazard, source=source,
        topic_type=topic.type[:200], status=topic.status[:200], author=topic.creation_author[:200],
        creation_date=topic.creation_date, viewpoint=row.view,
    )  # fmt: skip
    return hazard


def description_of(row: IncomingTopic) -> str:
    """Return a ticket's words: the topic's title and description."""
    title = row.topic.title or gettext_noop("Untitled topic")
    return f"{title}\n{row.topic.description}".strip()[:LONGEST_DESCRIPTION]


def _add_comments(row: IncomingTopic, hazard: Hazard, source: BcfImport) -> int:
    ImportedComment.objects.bulk_create(
        ImportedComment(
            organisation_id=hazard.organisation_id, site_id=hazard.site_id, hazard=hazard, guid=one.guid,
            source=source, author=one.author[:200], date=one.date, text=one.text[:LONGEST_COMMENT],
        )
        for one in row.new_comments
    )  # fmt: skip
    return len(row.new_comments)


def _record(
    source: BcfImport,
    site: Site,
    rows: Sequence[IncomingTopic],
    reported: Sequence[Hazard],
    commented: Sequence[tuple[Hazard, int]],
    actor: Any,
    now: datetime,
) -> None:
    record_act(
        organisation=site.organisation, site=site, actor=actor, verb="import_bcf", subject_kind="bcf_import",
        subject_id=source.pk,
        details={
            "file": source.file_name, "sha256": source.sha256, "topics": [row.topic.guid for row in rows],
            "reported": [hazard.number for hazard in reported],
            "commented": {hazard.number: count for hazard, count in commented},
            "comments": [comment.guid for row in rows for comment in row.new_comments],
        },
        occurred_at=now, received_at=now,
    )  # fmt: skip
