"""Preview the zones of a file, and take those that were picked: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.ledger.operations import record_act
from spatial.places.models import Storey
from spatial.zones.fitting import Mended, heights_of_storeys, mended
from spatial.zones.models import Zone
from spatial.zones.operations import create_zone
from spatial.zones.refusals import refused, refused_for

from .reading import FileShape, ZoneFile, number_of, texts_of

CODE_NAMES = ("code", "编号", "编码", "id")
NAME_NAMES = ("name", "名称", "title")
KIND_NAMES = ("kind", "类型", "type")
BOTTOM_NAMES = ("bottom_m", "bottom", "底标高", "底高程")
TOP_NAMES = ("top_m", "top", "顶标高", "顶高程")
PARENT_NAMES = ("parent", "上级", "上级区域")
STOREY_NAMES = ("storeys", "storey", "楼层")


@dataclass(frozen=True)
class Draft:
    """A zone of a file as it would be made."""

    number: int
    where: str
    code: str
    name: str
    kind: str
    storeys: tuple[Storey, ...]
    mended: Mended
    unknown_storeys: tuple[str, ...] = ()
    parent: str = ""

    @property
    def fits(self) -> bool:
        return not self.mended.after.findings and not self.unknown_storeys


@dataclass(frozen=True)
class Pick:
    """A draft that a person has ticked, with the words the zone is to have; `repairs_seen` is the consent."""

    draft: Draft
    code: str
    name: str
    kind: str
    repairs_seen: bool


def preview_zones(
    *,
    site: Any,
    file: ZoneFile,
    srid: int,
    datum: crs.MapDatum = "CGCS2000",
    heights: tuple[float | None, float | None],
) -> list[Draft]:
    """Return the zones of a file read in EPSG:`srid` (or degrees of a web map); `heights` where the file has none."""
    codes = set(Zone.objects.filter(site=site).values_list("code", flat=True))
    known = {row.name: row for row in Storey.objects.filter(site=site).select_related("building")}
    known |= {f"{row.building.name}/{row.name}": row for row in known.values()}
    return [_draft(shape, site, srid, datum, heights, codes, known) for shape in file.shapes]


def _draft(
    shape: FileShape, site: Any, srid: int, datum: crs.MapDatum, heights: tuple[float | None, float | None],
    codes: set[str], known: dict[str, Storey],
) -> Draft:  # fmt: skip
    names = _storey_names(shape)
    storeys = tuple(known[name] for name in names if name in known)
    low, high = number_of(shape, *BOTTOM_NAMES), number_of(shape, *TOP_NAMES)
    if low is None and high is None:
        low, high = heights_of_storeys(storeys) if storeys else heights
    code = _code(shape, codes)
    kind = next(texts_of(shape, *KIND_NAMES), "area")
    return Draft(
        number=shape.number,
        where=shape.where,
        code=code,
        name=next(texts_of(shape, *NAME_NAMES), code)[:120],
        kind=kind if kind in Zone.Kind.values else "area",
        storeys=storeys,
        mended=mended(site=site, outline=_moved(shape.outline, datum), srid=srid, bottom_m=low, top_m=high),
        unknown_storeys=tuple(name for name in names if name not in known),
        parent=next(texts_of(shape, *PARENT_NAMES), "")[:40],
    )


def _storey_names(shape: FileShape) -> list[str]:
    known = {key.lower(): value for key, value in shape.facts.items()}
    value: Any = next((known[name] for name in STOREY_NAMES if known.get(name)), [])
    rows = value if isinstance(value, list) else str(value).replace("、", ",").replace(";", ",").split(",")
    return [str(row).strip() for row in rows if str(row).strip()]


def _code(shape: FileShape, codes: set[str]) -> str:
    given = next(texts_of(shape, *CODE_NAMES), "")[:40]
    if not given:
        number = 1
        while f"N{number:03d}" in codes:
            number += 1
        given = f"N{number:03d}"
    codes.add(given)
    return given


def _moved(outline: BaseGeometry, datum: crs.MapDatum) -> BaseGeometry:
    """Return an outline of a web map in CGCS2000."""
    if datum == "CGCS2000":
        return outline
    return shapely.transform(outline, lambda places: np.array([crs.to_cgcs2000(x, y, datum) for x, y in places]))


@transaction.atomic
def take_file_zones(
    *, site: Any, picks: Sequence[Pick], file_name: str, sha256: str, actor: Any | None, now: datetime
) -> list[Zone]:
    """This function will create the picked zones of a file. Raises ZoneRefused for the first that does not fit."""
    made: list[Zone] = []
    for pick in _parents_first(picks):
        made.append(_take(site, pick, actor, now))
    record_act(
        organisation=site.organisation,
        site=site,
        actor=actor,
        verb="import_zones",
        subject_kind="site",
        subject_id=site.pk,
        details={"file_name": file_name, "sha256": sha256, "zones": [zone.code for zone in made]},
        occurred_at=now,
        received_at=now,
    )
    return made


def _parents_first(picks: Sequence[Pick]) -> list[Pick]:
    """Return the picks so that each comes after the one that it lies in. Raises ZoneRefused for a circle."""
    waiting = list(picks)
    ordered: list[Pick] = []
    while waiting:
        codes = {pick.draft.code for pick in waiting}
        ready = [pick for pick in waiting if pick.draft.parent not in codes]
        if not ready:
            raise refused("parent_cycle", code=waiting[0].draft.parent)
        ordered += ready
        waiting = [pick for pick in waiting if pick not in ready]
    return ordered


def _parent_of(site: Any, pick: Pick) -> Zone | None:
    if not pick.draft.parent:
        return None
    found = Zone.objects.filter(site=site, code=pick.draft.parent, active=True).select_related("site").first()
    if found is None:
        raise refused("no_parent", code=pick.draft.parent)
    return found


def _take(site: Any, pick: Pick, actor: Any | None, now: datetime) -> Zone:
    result = pick.draft.mended
    if pick.draft.unknown_storeys:
        raise refused("unknown_storeys", names=", ".join(pick.draft.unknown_storeys))
    if result.repairs and not pick.repairs_seen:
        raise refused_for(result.before.findings)
    if result.after.findings:
        raise refused_for(result.after.findings)
    return create_zone(
        site=site,
        code=pick.code,
        name=pick.name,
        kind=pick.kind,
        outline=GEOSGeometry(shapely.to_wkb(result.outline, hex=True), srid=crs.STORAGE_SRID),
        bottom_m=result.bottom_m,
        top_m=result.top_m,
        parent=_parent_of(site, pick),
        storeys=pick.draft.storeys,
        accepted=(),
        repairs=result.repairs,
        actor=actor,
        now=now,
    )
