"""What the sheets of a site share: people, measures by kind, signs with their drawings, the QR code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import segno
from django.utils.translation import gettext as _

from spatial.cards.queries import card_table, settings_of
from spatial.cards.rules import Sign, signs_for
from spatial.risks.models import ControlMeasure, ResponsiblePerson, RiskPoint
from webmap.documents.list_version import ListVersion, list_version
from webmap.documents.sign_drawings import sign_drawing

LEVELS: Final = list(ResponsiblePerson.Level.values)
QUIET_MODULES: Final = 4  # the white border that readers of QR codes need (ISO/IEC 18004)


@dataclass(frozen=True)
class SiteFacts:
    """What every sheet of a site says about the site, read once."""

    site: Any
    version: ListVersion
    emergency_name: str
    emergency_phone: str
    numbers: tuple[tuple[str, str], ...]
    printed_at: datetime
    base_url: str
    language: str


def site_facts(site: Any, *, now: datetime, base_url: str, language: str) -> SiteFacts:
    """Return what every sheet says about its site; call it with the document's language active."""
    choices = settings_of(site)
    key = "zh" if language.startswith("zh") else "en"
    numbers = tuple((row[key], row["number"]) for row in card_table("emergency_steps")["numbers"])
    return SiteFacts(
        site=site, version=list_version(site), emergency_name=choices.emergency_name,
        emergency_phone=choices.emergency_phone, numbers=numbers,
        printed_at=now.astimezone(ZoneInfo(site.time_zone)), base_url=base_url.rstrip("/"), language=language,
    )  # fmt: skip


def people_of(point: RiskPoint) -> list[ResponsiblePerson]:
    """Return who answers for a point, the highest level first."""
    return sorted(point.responsible.all(), key=lambda person: LEVELS.index(person.level))


def measures_by_kind(point: RiskPoint) -> list[tuple[str, list[str]]]:
    """Return (kind, measures) of a point in the order of the five kinds, each measure once."""
    found: dict[str, list[str]] = {kind: [] for kind in ControlMeasure.Kind.values}
    for source in point.sources.all():
        for measure in source.measures.all():
            if measure.text not in found[measure.kind]:
                found[measure.kind].append(measure.text)
    return [(str(ControlMeasure.Kind(kind).label), texts) for kind, texts in found.items() if texts]


def accident_types(points: Iterable[RiskPoint]) -> list[str]:
    """Return the accident types of points, those of the highest grades first."""
    sources = sorted((s for point in points for s in point.sources.all()), key=lambda s: (-s.grade, -s.value))
    return list(dict.fromkeys(source.accident_type for source in sources if source.accident_type))


def own_emergency(points: Iterable[RiskPoint]) -> list[str]:
    """Return the emergency measures that points name themselves."""
    texts = [
        measure.text
        for point in points
        for source in point.sources.all()
        for measure in source.measures.all()
        if measure.kind == ControlMeasure.Kind.EMERGENCY
    ]
    return list(dict.fromkeys(texts))


def signs_of(points: Sequence[RiskPoint]) -> list[Sign]:
    """Return the signs that points call for."""
    texts = [point.name for point in points]
    for point in points:
        for source in point.sources.all():
            texts.append(source.name)
            texts += [measure.text for measure in source.measures.all()]
    return signs_for(accident_types(points), texts, card_table("warning_signs"))


def drawn(signs: Iterable[Sign], language: str) -> list[dict[str, str]]:
    """Return signs with their name in a language and their drawing."""
    return [
        {"name": sign.name(language), "kind": sign.kind, "svg": sign_drawing(sign.kind, sign.glyph)} for sign in signs
    ]


def place_of(point: RiskPoint) -> str:
    """Return where a point is: storey and element, as far as they are known."""
    anchor = point.anchor
    storey = anchor.storey.name if anchor.storey else ""
    return " · ".join(part for part in (storey, anchor.element_name) if part) or _("see the map")


def value_words(source: Any) -> str:
    """Return how a source was graded: LEC D=270, LS R=12."""
    return f"{source.method} {'D' if source.method == 'LEC' else 'R'}={source.value:g}"


def qr_drawing(address: str) -> str:
    """Return an address as a QR code in SVG, with the quiet border that readers need."""
    return str(
        segno.make(address, error="m", micro=False).svg_inline(border=QUIET_MODULES, omitsize=True, light="#fff")
    )
