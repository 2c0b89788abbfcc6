"""The ledger of machines: what is stored, what is refused with nothing stored, and who may write."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from openpyxl import Workbook, load_workbook

from spatial.ledger.models import Act
from spatial.machines.importing import ImportFaulty, import_machines
from spatial.machines.models import Machine, MachineCheck, MachineDocument, OperationRecord
from spatial.machines.operations import (
    MachineForbidden,
    MachineRefused,
    begin_operation,
    check_machine,
    end_operation,
    file_document,
    register_machine,
    retire_machine,
)
from spatial.machines.queries import pair_checks, scene_of, visible, worked
from spatial.machines.sheets import COLUMNS, SheetRefused, read_sheet, template
from spatial.people.models import Certificate
from tests.spatial.conftest import LAT, LON
from tests.spatial.machines.conftest import CRANE

pytestmark = pytest.mark.django_db


def test_a_crane_is_compiled_onto_the_plan_of_its_site(yard, cast):
    scene = scene_of(cast.site)
    one, two = scene.cranes[yard.crane.pk], scene.cranes[yard.low.pk]
    assert two.x - one.x == pytest.approx(80.0, abs=0.1)
    assert (one.base_m, one.jib_level_m, one.top_m) == (100.0, 160.0, 167.0)
    assert scene.devices == {yard.box.pk: yard.crane.pk, yard.low_box.pk: yard.low.pk, yard.tag.pk: yard.digger.pk}
    (check,) = pair_checks(scene)
    assert check.overlaps
    assert check.met
    assert check.height_gap_m == pytest.approx(160 - 2.5 - 147)


def test_a_changed_machine_is_compiled_anew(yard, cast):
    assert len(scene_of(cast.site).cranes) == 2
    retire_machine(machine=yard.low, actor=cast.officer, now=cast.now)
    assert len(scene_of(cast.site).cranes) == 1


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"code": "T1"}, "taken"),
        ({"kind": "rocket"}, "not a kind"),
        ({"crane": None}, "needs its measures"),
        ({"crane": {**CRANE, "jib_m": -1.0}}, "above 0"),
        ({"crane": {**CRANE, "top_height_m": 50.0}}, "not below its jib"),
        ({"crane": {**CRANE, "colour": 1.0}}, "not a measure"),
        ({"name": " "}, "code and a name"),
    ],
)
def test_what_cannot_be_a_machine_is_refused_and_nothing_is_stored(yard, cast, facts, word):
    before = Machine.objects.count(), Act.objects.count()
    given = {"code": "T9", "name": "9号", "kind": "tower_crane", "place": (LON, LAT, 100.0), "crane": CRANE, **facts}
    with pytest.raises(MachineRefused, match=word):
        register_machine(site=cast.site, actor=cast.officer, now=cast.now, **given)
    assert (Machine.objects.count(), Act.objects.count()) == before


def test_a_device_tells_of_one_machine_only(yard, cast):
    with pytest.raises(MachineRefused, match="attached to T1"):
        register_machine(
            site=cast.site, code="X1", name="x", kind="other", devices=[yard.box], actor=None, now=cast.now
        )
    assert not Machine.objects.filter(code="X1").exists()


def test_strangers_and_workers_keep_no_machines(yard, cast):
    for user in (cast.stranger, cast.worker):
        with pytest.raises(MachineForbidden):
            retire_machine(machine=yard.crane, actor=user, now=cast.now)
    assert visible(cast.stranger).count() == 0
    assert visible(cast.worker).count() == 3


def test_a_paper_of_a_kind_takes_the_place_of_the_one_before(yard, cast):
    for day in (date(2027, 1, 1), date(2028, 1, 1)):
        file_document(machine=yard.crane, kind="use", valid_until=day, actor=cast.officer, now=cast.now)
    assert MachineDocument.objects.get(machine=yard.crane).valid_until == date(2028, 1, 1)
    with pytest.raises(MachineRefused, match="before it begins"):
        file_document(
            machine=yard.crane, kind="use", done_on=date(2028, 1, 1), valid_until=date(2027, 1, 1), actor=None,
            now=cast.now,
        )  # fmt: skip


def _certify(yard, cast, until: date):
    Certificate.objects.create(
        organisation=cast.site.organisation, site=cast.site, person=yard.person, kind="tower_crane_driver",
        number="1", valid_from=date(2025, 1, 1), valid_until=until,
    )  # fmt: skip


def test_an_operator_is_verified_by_a_way_of_verifying_and_a_valid_certificate(yard, cast):
    def begin(verified_by: str):
        return begin_operation(
            machine=yard.crane, person=yard.person, verified_by=verified_by, actor=cast.worker, now=cast.now
        )

    assert not begin("人脸").verified  # no certificate
    _certify(yard, cast, cast.now.date() - timedelta(days=1))
    assert not begin("人脸").verified  # it has ended
    Certificate.objects.update(valid_until=cast.now.date())
    assert not begin("").verified  # nobody looked
    assert begin("人脸").verified
    assert OperationRecord.objects.filter(machine=yard.crane, ended_at__isnull=True).count() == 1


def test_hours_and_lifts_of_a_day(yard, cast):
    hour = timedelta(hours=1)
    run = begin_operation(machine=yard.crane, person=None, actor=None, now=cast.now - 30 * hour)
    end_operation(record=run, actor=None, now=cast.now - 22 * hour)
    OperationRecord.objects.update(lifts=7)
    begin_operation(machine=yard.crane, person=None, actor=None, now=cast.now - 2 * hour)
    day = worked([yard.crane], since=cast.now - 24 * hour, until=cast.now)[yard.crane.pk]
    assert (day.runs, day.hours, day.lifts) == (2, pytest.approx(4.0), 7)


def test_a_check_is_kept_with_its_findings(yard, cast):
    check_machine(
        machine=yard.crane, kind="daily", items=8, findings=["吊钩"], done_by="王", actor=cast.worker, now=cast.now
    )
    assert MachineCheck.objects.get().findings == ["吊钩"]
    with pytest.raises(MachineRefused, match="who did"):
        check_machine(machine=yard.crane, kind="daily", items=8, findings=[], done_by=" ", actor=None, now=cast.now)


def sheet(*rows: dict) -> bytes:
    book = Workbook()
    page = book.worksheets[0]
    page.append(list(COLUMNS))
    for row in rows:
        page.append([row.get(name, "") for name in COLUMNS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


GOOD = {
    "编号": "T5", "名称": "5号塔吊", "机械类型": "塔式起重机", "经度": LON, "纬度": LAT, "起重臂长": 60, "平衡臂长": 13,
    "臂架高度": 45, "最高点高度": 53, "额定起重量表": "3:6;30:2.7；60：1", "检测有效期": "2027年6月30日",
    "型号": 6010.0,
}  # fmt: skip


def test_a_sheet_of_machines_is_registered_with_papers(yard, cast):
    (machine,) = import_machines(site=cast.site, content=sheet(GOOD), actor=cast.officer, now=cast.now)
    assert (machine.code, machine.model, machine.crane.jib_m) == ("T5", "6010", 60.0)
    assert machine.crane.load_chart == [[3.0, 6.0], [30.0, 2.7], [60.0, 1.0]]
    assert machine.anchor.geometry.z == 100.0
    assert machine.documents.get().valid_until == date(2027, 6, 30)


def test_every_fault_of_a_sheet_is_told_by_row_and_column_and_nothing_is_stored(yard, cast):
    bad = {"编号": "T6", "名称": "", "机械类型": "飞船", "检测有效期": "soon", "车长": "lang"}
    swapped = {**GOOD, "编号": "T7", "经度": LAT, "纬度": LON}
    twice = {**GOOD, "编号": "T7"}
    before = Machine.objects.count()
    with pytest.raises(ImportFaulty) as refusal:
        import_machines(site=cast.site, content=sheet(GOOD, bad, swapped, twice), actor=cast.officer, now=cast.now)
    found = {(fault.row, fault.column) for fault in refusal.value.faults}
    assert found == {(3, "名称"), (3, "机械类型"), (3, "检测有效期"), (3, "车长"), (4, "经度"), (5, "编号")}
    assert Machine.objects.count() == before


def test_what_the_ledger_refuses_is_told_by_row_too(yard, cast):
    taken = {**GOOD, "编号": "T1"}
    rising = {**GOOD, "编号": "T8", "额定起重量表": "3:6;30:7"}
    alone = {**GOOD, "编号": "T9", "设备编码": "C1,NONE"}
    with pytest.raises(ImportFaulty) as refusal:
        import_machines(site=cast.site, content=sheet(GOOD, taken, rising, alone), actor=cast.officer, now=cast.now)
    assert [fault.row for fault in refusal.value.faults] == [3, 4, 5]
    assert not Machine.objects.filter(code="T5").exists()


def test_the_template_reads_as_a_sheet_and_junk_does_not():
    rows, faults = read_sheet(template())
    assert ([row.code for row in rows], faults) == (["T1"], [])
    assert load_workbook(io.BytesIO(template())).worksheets[0].max_row == 2
    for junk in (b"no sheet", sheet()):
        with pytest.raises(SheetRefused):
            read_sheet(junk)
