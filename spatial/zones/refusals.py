"""Why a zone is not stored: a sentence for each finding that says what to do. English here, Chinese in the pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_noop as _

from .outline_rules import Finding

SENTENCES = {
    "empty": _("The outline is empty: draw it."),
    "not_a_polygon": _("The outline must be a polygon, not a %(kind)s."),
    "not_a_number": _("The outline has a coordinate that is not a number."),
    "too_many_vertices": _("The outline has %(count)s vertices; %(most)s are the most. Simplify it."),
    "no_place": _("The outline has no place in EPSG:%(srid)s: choose the coordinate system that it was drawn in."),
    "no_area": _("The outline crosses itself and encloses no area: draw it anew."),
    "self_crossing": _("The outline crosses itself, so it is not clear what lies inside."),
    "hole_outside": _("A hole does not lie inside its outline."),
    "duplicate_vertices": _("Vertices that lie on each other (closer than 1 cm): %(count)s."),
    "sliver": _("Splinters narrower than 5 cm among its parts and holes: %(count)s."),
    "all_thin": _("The outline is narrower than 5 cm: draw it wider."),
    "too_small": _("The zone has %(area_m2)s m²; %(least_m2)s m² is the least. Draw it larger."),
    "outside_site": _("%(outside_m2)s m² of the zone lie outside the site's boundary."),
    "not_on_site": _("The zone does not lie on this site: check the place and the coordinate system."),
    "axes_swapped": _("The axes are swapped: with x as east and y as north the zone lies on the site."),
    "map_datum": _("The coordinates are of a web map (%(datum)s); converted to CGCS2000 the zone lies on the site."),
    "other_crs": _("The coordinates are not of the declared system; read as EPSG:%(srid)s the zone lies on the site."),
    "outside_parent": _("The zone leaves its parent %(code)s."),
    "apart_from_parent": _("The zone does not lie in its parent %(code)s: choose another parent or none."),
    "outside_parent_height": _(
        "The height range leaves that of the parent %(code)s: change the heights or the parent."
    ),
    "child_outside": _("The zone %(code)s, which lies in this one, would no longer: change that one first."),
    "equal_zone": _("The zone is equal to the zone %(code)s (outline and heights): change that one instead."),
    "storey_elsewhere": _("The height range does not touch these storeys: %(storeys)s."),
    "height_not_a_number": _("A height is not a number."),
    "height_upside_down": _("The bottom (%(bottom_m)s m) is above the top (%(top_m)s m)."),
    "height_flat": _("The bottom and the top are both %(bottom_m)s m: a zone needs a height."),
    "code_taken": _("The code %(code)s is taken on this site: choose another."),
    "code_withdrawn": _("The code %(code)s belongs to a withdrawn zone of this site: choose another."),
    "no_code": _("Give the zone a code."),
    "no_name": _("Give the zone a name."),
    "too_long": _("The %(field)s is longer than %(most)s characters."),
    "no_reason": _("Say why: the reason is kept with the version."),
    "parent_elsewhere": _("The parent %(code)s is on another site."),
    "parent_withdrawn": _("The parent %(code)s is withdrawn: choose another or none."),
    "no_parent": _("There is no zone %(code)s on this site for it to lie in: import that one first, or with it."),
    "parent_cycle": _("The zone cannot lie in %(code)s: that zone lies in this one."),
    "storey_of_other_site": _("The storey %(name)s is on another site."),
    "unknown_storeys": _("The site has no storeys of these names: %(names)s."),
    "nothing_changed": _("Nothing is different from the present version."),
    "changed_meanwhile": _(
        "Somebody else has changed this zone meanwhile (it is at version %(version)s): load it anew."
    ),
    "withdrawn": _("The zone %(code)s is withdrawn."),
    "has_children": _("These zones lie in it: %(codes)s. Withdraw them or give them another parent first."),
    "live_triggers": _(
        "Its colour still has causes (%(count)s: %(labels)s). Confirm that you withdraw it all the same."
    ),
}
"""{code: sentence}; the words of a finding or of a refusal by its code."""


class ZoneRefused(ValueError):
    """A zone cannot be stored as given; the message says which value and why. `code` is empty for older sentences."""

    def __init__(self, sentence: str, *, code: str = "", values: dict[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.code, self.values = code, values or {}
        self.findings: tuple[Finding, ...] = ()


def refused(finding: str, /, **values: Any) -> ZoneRefused:
    """Return the refusal of this code with its sentence in English."""
    return ZoneRefused(SENTENCES[finding] % values, code=finding, values=values)


def refused_for(findings: Iterable[Finding]) -> ZoneRefused:
    """Return the refusal for findings, in the words of all of them."""
    rows = tuple(findings)
    words = " ".join(SENTENCES[row.code] % row.values for row in rows)
    error = ZoneRefused(words, code=rows[0].code, values=dict(rows[0].values))
    error.findings = rows
    return error
