"""Units of the demo that hold dangerous substances: a gas cylinder store and a diesel tank."""

from __future__ import annotations

from datetime import datetime, timedelta

from spatial.major_hazards.following import follow_stream
from spatial.major_hazards.models import HazardUnit, UnitSubstance
from spatial.major_hazards.operations import SubstanceGiven, identify_unit, record_stock, save_unit
from spatial.observations.models import Datastream
from spatial.people.models import User
from spatial.places.models import Site
from spatial.zones.models import Zone
from webmap.demo.sensors import DIESEL_LEVEL, GAS_SCALE
from webmap.demo.zones import MATERIAL_YARD

DAYS = 6
GAS_STORE, DIESEL_TANK = "WHY-01", "WHY-02"
ZONES = ("Z28", MATERIAL_YARD)
ACETYLENE_T = ("0.120", "0.210", "0.180", "0.260", "0.240", "0.310")
"""What the store held at each morning's count."""


FOLLOWED = ((GAS_STORE, "乙炔", GAS_SCALE, "0.001"), (DIESEL_TANK, "W5.4", DIESEL_LEVEL, "3.36"))
"""Unit, substance, sensor, and tonnes per unit measured: kilograms of gas; metres in a tank of 4 m² of diesel."""


def ensure_following(site: Site, users: dict[str, User], now: datetime) -> None:
    """This function will let amounts of the demo's units follow their sensors."""
    for unit_code, name, device_code, factor in FOLLOWED:
        row = UnitSubstance.objects.filter(unit__site=site, unit__code=unit_code, name__startswith=name).first()
        stream = Datastream.objects.filter(site=site, device__code=device_code).select_related("device").first()
        if row is None or stream is None or row.stream_id is not None:
            continue
        row.unit.devices.add(stream.device)
        follow_stream(substance=row, stream=stream, factor=factor, actor=users["safety_officer"], now=now)


def ensure_major_hazards(site: Site, users: dict[str, User], now: datetime) -> None:
    """This function will keep two units in zones of the site, with a week of counts and a signed identification."""
    if HazardUnit.objects.filter(site=site).exists():
        return
    safety, began = users["safety_officer"], now - timedelta(days=DAYS)
    places = {zone.code: zone for zone in Zone.objects.filter(site=site, code__in=ZONES)}
    store = save_unit(
        site=site,
        code=GAS_STORE,
        name="气瓶库",
        kind="storage",
        zone=places[ZONES[0]],
        exposed_people=86,
        responsible_name="赵明",
        phone="13700000021",
        substances=[SubstanceGiven("acetylene", "", "0.4"), SubstanceGiven("oxygen", "", "3")],
        actor=safety,
        now=began,
    )
    tank = save_unit(
        site=site,
        code=DIESEL_TANK,
        name="柴油储罐",
        kind="storage",
        zone=places[ZONES[1]],
        exposed_people=86,
        responsible_name="赵明",
        phone="13700000021",
        substances=[SubstanceGiven("diesel", "", "20")],
        actor=safety,
        now=began,
    )
    for day, amount in enumerate(ACETYLENE_T):
        counted = began + timedelta(days=day, minutes=30)
        row = store.substances.get(name="乙炔")
        record_stock(substance=row, amount_t=amount, at=counted, now=counted, actor=safety)
    oxygen, diesel = store.substances.exclude(name="乙炔").get(), tank.substances.get()
    record_stock(substance=oxygen, amount_t="1.850", at=began, now=began, actor=safety)
    record_stock(substance=diesel, amount_t="12.400", at=began, now=began, actor=safety)
    for unit in (store, tank):
        identify_unit(unit=unit, actor=safety, now=began)
