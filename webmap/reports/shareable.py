"""The shareable report: one HTML file with a folium map, which opens from a mail attachment with no network."""

from __future__ import annotations

from typing import Any, Final

import folium
from branca.element import Element
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext

from webmap.wording.grade_signs import SIGNS

from .contents import PlanImage, Position, ReportContents, TicketEntry, ZoneEntry
from .inlining import data_uri, inline_assets, refuse_outside_references
from .plan_overlay import MetricScale, PlanOverlay

_PANEL_MARK: Final = "<!-- twinwall panel -->"
_STYLE_MARK: Final = "/* twinwall style */"
_UNSAFE: Final = str.maketrans({c: f"&#{ord(c)};" for c in "&<>\"'`${}\\"})


def render_report(contents: ReportContents) -> str:
    """This function will return the report as one HTML document in the active language.

    The file carries its scripts, styles and pictures; raises `inlining.OutsideReference` should it ever not.
    """
    page = folium.Map(
        location=list(contents.centre), zoom_start=17, max_zoom=23, tiles=None, zoom_snap=0.25,
        attribution_control=False,
    )  # fmt: skip
    MetricScale().add_to(page)
    figure: Any = page.get_root()
    figure.html.add_child(Element(_PANEL_MARK), name="panel")
    figure.header.add_child(Element(f"<style>{_STYLE_MARK}</style>"), name="style")
    if contents.plan:
        _plan_overlay(contents.plan).add_to(page)
    zones = folium.FeatureGroup(name=gettext("Zones"), control=True).add_to(page)
    for zone in sorted(contents.zones, key=lambda z: z.sign.grade):
        _zone_shape(zone).add_to(zones)
        _zone_sign(zone).add_to(zones)
    tickets = folium.FeatureGroup(name=gettext("Tickets"), control=True).add_to(page)
    for ticket in contents.tickets:
        _ticket_marker(ticket, contents).add_to(tickets)
    folium.LayerControl(collapsed=True).add_to(page)
    if bounds := _bounds(contents):
        page.fit_bounds(bounds, padding=(16, 16))
    return _finish(figure.render(), contents)


def _finish(page: str, contents: ReportContents) -> str:
    """Put our own markup in after folium has rendered: its templates would run what names contain."""
    panel = render_to_string("reports/panel.html", {"report": contents, "signs": SIGNS.values()})
    style = render_to_string("reports/report.css")
    language = get_language() or "zh-hans"
    page = page.replace("<html>", f'<html lang="{language}">', 1)
    page = page.replace("<head>", f"<head><title>{safe_text(_title(contents))}</title>", 1)
    page = inline_assets(page)
    return refuse_outside_references(page.replace(_STYLE_MARK, style, 1).replace(_PANEL_MARK, panel, 1))


def _title(contents: ReportContents) -> str:
    day = contents.coloured_at.astimezone(contents.time_zone).strftime("%Y-%m-%d %H:%M")
    return f"{contents.site_name} · {day}"


def safe_text(text: object) -> str:
    """Return text that is inert in HTML and in the JavaScript template literals that folium puts it into."""
    return str(text).translate(_UNSAFE)


def _plan_overlay(plan: PlanImage) -> PlanOverlay:
    return PlanOverlay(
        image=data_uri(plan.png, plan.media_type),
        corners=[[lat, lon] for lon, lat in plan.corners],
        name=safe_text(gettext("Site plan")),
    )


def _zone_shape(zone: ZoneEntry) -> folium.GeoJson:
    label = f"{zone.sign.numeral} {zone.name}"
    reasons = "".join(f"<li>{safe_text(reason)}</li>" for reason in zone.reasons)
    popup = (
        f"<b>{safe_text(zone.name)}</b> ({safe_text(zone.code)})<br>"
        f"{safe_text(zone.sign.colour_word)} · {safe_text(zone.sign.word)} {zone.sign.numeral}<br>"
        f"{safe_text(zone.kind)} · {safe_text(zone.heights)}<ul>{reasons}</ul>"
    )
    style = {
        "color": zone.sign.css,
        "weight": 2.5,
        "dashArray": zone.sign.dash,
        "fillColor": zone.sign.css,
        "fillOpacity": 0.35,
    }
    shape = folium.GeoJson(
        {"type": "Feature", "properties": {}, "geometry": {"type": "MultiPolygon", "coordinates": zone.polygons}},
        style_function=lambda feature: style,
        tooltip=folium.Tooltip(safe_text(label)),
    )
    shape.add_child(folium.Popup(popup, max_width=340))
    return shape


def _zone_sign(zone: ZoneEntry) -> folium.Marker:
    """Return the grade's numeral and the zone's name on the map: colour never stands alone."""
    ring = max((polygon[0] for polygon in zone.polygons), key=len)
    lons, lats = [lon for lon, _ in ring], [lat for _, lat in ring]
    html = f'<span class="tw-zone"><b>{zone.sign.numeral}</b> {safe_text(zone.name)}</span>'
    return folium.Marker(
        location=(max(lats), (min(lons) + max(lons)) / 2),
        icon=folium.DivIcon(html=html, icon_size=(160, 22), icon_anchor=(80, 0)),
        interactive=False,
    )


def _ticket_marker(ticket: TicketEntry, contents: ReportContents) -> folium.Marker:
    deadline = ticket.deadline.astimezone(contents.time_zone).strftime("%Y-%m-%d %H:%M") if ticket.deadline else "–"
    overdue = f"<br><b>{safe_text(gettext('Overdue'))}</b>" if ticket.overdue else ""
    popup = (
        f"<b>{safe_text(ticket.number)}</b> · {safe_text(ticket.state)}{overdue}<br>{safe_text(ticket.description)}"
        f"<br>{safe_text(ticket.place)}<br>{safe_text(gettext('Deadline'))}: {deadline}"
    )
    css_class = "tw-pin tw-pin-overdue" if ticket.overdue else "tw-pin"
    return folium.Marker(
        location=(ticket.lat, ticket.lon),
        icon=folium.DivIcon(html=f'<span class="{css_class}">!</span>', icon_size=(26, 26), icon_anchor=(13, 13)),
        popup=folium.Popup(popup, max_width=320),
        tooltip=folium.Tooltip(safe_text(ticket.number)),
    )


def _bounds(contents: ReportContents) -> list[Position]:
    points: list[Position] = [
        (lat, lon) for zone in contents.zones for polygon in zone.polygons for ring in polygon for lon, lat in ring
    ]
    points += [(ticket.lat, ticket.lon) for ticket in contents.tickets]
    if contents.plan:
        points += [(lat, lon) for lon, lat in contents.plan.corners]
    if not points:
        return []
    lats, lons = [p[0] for p in points], [p[1] for p in points]
    return [(min(lats), min(lons)), (max(lats), max(lons))]
