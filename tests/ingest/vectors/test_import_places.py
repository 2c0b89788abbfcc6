"""Places imported: what the preview says is what is written, all at once or not at all; and out again the same."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from django.db import DatabaseError, connection

from ingest.vectors.places.export import records_of, write_excel, write_geopackage
from ingest.vectors.places.headings import guess_columns
from ingest.vectors.places.operations import Answers, ImportRefused, import_places, keep_file, preview, table_of
from spatial import crs
from spatial.ledger.models import Act
from spatial.people.operations import create_user, grant_role
from spatial.places.models import Building, Organisation, Region, Site, Space, Storey
from spatial.places.operations import create_organisation, create_region
from tests.ingest.cast import PIT_EAST, PIT_NORTH, START, place
from tests.ingest.vectors.place_files import excel, geojson, geopackage, square

pytestmark = pytest.mark.django_db
LON, LAT = 113.625, 34.7466


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def user_of(name: str, *, is_superuser: bool = False) -> Any:
    user = create_user(username=name, password=f"一座工地-2026-{name}", full_name=name)
    user.is_superuser = is_superuser
    user.save()
    return user


@pytest.fixture
def owner(db):
    return user_of("owner", is_superuser=True)


def sent(kind: str, content: bytes, name: str, datum: str = "EPSG:4490", *, user: Any, site: Any = None, repair=False):
    """A file kept and previewed: (file, answers, plan)."""
    file = keep_file(kind=kind, site=site, content=content, file_name=name, actor=user, now=START)
    table = table_of(file)
    answers = Answers(table.name, guess_columns(kind, table.headings), datum, repair)
    return file, answers, preview(file, table, answers, user)[0]


def imported(kind: str, content: bytes, name: str, datum: str = "EPSG:4490", *, user: Any, site: Any = None):
    file, answers, plan = sent(kind, content, name, datum, user=user, site=site)
    assert [str(problem) for problem in plan.problems] == []
    return import_places(file=file, answers=answers, digest=plan.digest, actor=user, now=START)


def luoyang(name: str = "洛阳市", half: float = 0.2) -> bytes:
    return geojson(
        [
            ({"adcode": "410302", "name": "老城区"}, square(112.48, 34.68, 0.05)),
            ({"adcode": "410300", "name": name}, square(112.45, 34.65, half)),
            ({"adcode": "410000", "name": "河南省"}, square(112.45, 34.65, 3)),
        ]
    )


def test_regions_come_in_above_before_below_whatever_their_order_in_the_file(owner):
    plan = imported("regions", luoyang(), "洛阳.geojson", user=owner)
    assert plan.counts == {"new": 3, "changed": 0, "unchanged": 0, "refused": 0}
    rows = list(Region.objects.order_by("path").values_list("code", "name", "level", "depth", "boundary_source"))
    assert rows == [
        ("410000", "河南省", "province", 1, "洛阳.geojson"),
        ("410300", "洛阳市", "city", 2, "洛阳.geojson"),
        ("410302", "老城区", "district", 3, "洛阳.geojson"),
    ]
    assert Act.objects.filter(verb="create_region").count() == 3
    act = Act.objects.get(verb="import_places")
    assert act.details["new"] == 3 and act.details["datum"] == "EPSG:4490" and act.actor == owner


def test_the_same_file_again_changes_nothing_and_another_says_what_was_and_what_will_be(owner):
    imported("regions", luoyang(), "洛阳.geojson", user=owner)
    file, answers, plan = sent("regions", luoyang(), "洛阳.geojson", user=owner)
    assert plan.counts == {"new": 0, "changed": 0, "unchanged": 3, "refused": 0}
    with pytest.raises(ImportRefused, match="Nothing would change"):
        import_places(file=file, answers=answers, digest=plan.digest, actor=owner, now=START)
    _, _, plan = sent("regions", luoyang("洛阳", 0.21), "洛阳.geojson", user=owner)
    assert plan.counts == {"new": 0, "changed": 1, "unchanged": 2, "refused": 0}
    changes = [(c.field, c.before, c.after) for step in plan.writes for c in step.changes]
    assert changes == [("name", "洛阳市", "洛阳"), ("geometry", "1,625.58 km² (n=5)", "1,792.20 km² (n=5)")]
    imported("regions", luoyang("洛阳", 0.21), "洛阳.geojson", user=owner)
    assert Region.objects.get(code="410300").name == "洛阳"
    assert Act.objects.get(verb="change_region").details["changed"]["name"] == ["洛阳市", "洛阳"]


def test_a_region_moves_with_all_below_it_and_never_below_itself(owner):
    imported("regions", luoyang(), "a.geojson", user=owner)
    rows = [
        ["编码", "名称", "级别", "上级编码"],
        ["410300", "洛阳市", "市", "370000"],
        ["370000", "山东省", "省", None],
    ]
    plan = imported("regions", excel(rows), "a.xlsx", user=owner)
    assert [c.field for step in plan.writes for c in step.changes] == ["parent"]
    assert Region.objects.get(code="410302").get_ancestors().first().code == "370000"
    rows = [["编码", "名称", "级别", "上级编码"], ["410300", "洛阳市", "市", "410302"]]
    _, _, plan = sent("regions", excel(rows), "a.xlsx", user=owner)
    assert str(plan.problems[0]) == "Row 2, parent: 老城区 is no higher level: a city cannot lie below it."
    rows = [["编码", "名称", "级别", "上级编码"], ["a", "甲", "市", "b"], ["b", "乙", "市", "a"]]
    _, _, plan = sent("regions", excel(rows), "a.xlsx", user=owner)
    assert {str(p) for p in plan.problems} == {
        f"Row {row}, parent: the regions a, b lie below each other." for row in (2, 3)
    }


def test_a_refused_row_refuses_the_whole_import_and_what_hangs_below_it(owner):
    rows = [
        ["编码", "名称", "级别", "上级编码"],
        ["x", None, "市", None],
        ["y", "乙", "区", "x"],
        ["z", "丙", "区", None],
    ]
    file, answers, plan = sent("regions", excel(rows), "a.xlsx", user=owner)
    assert [str(problem) for problem in plan.problems] == [
        "Row 2, name: is missing.",
        "Row 3, parent: there is no region x in the file or in the tree: import it first.",
    ]
    assert plan.counts == {"new": 1, "changed": 0, "unchanged": 0, "refused": 2}
    with pytest.raises(ImportRefused, match="nothing was imported"):
        import_places(file=file, answers=answers, digest=plan.digest, actor=owner, now=START)
    assert Region.objects.count() == 0


def test_what_changed_since_the_preview_is_not_overwritten(owner):
    imported("regions", luoyang(), "a.geojson", user=owner)
    file, answers, plan = sent("regions", luoyang("洛城"), "a.geojson", user=owner)
    Region.objects.filter(code="410300").update(name="别的")
    with pytest.raises(ImportRefused, match="have changed since the preview"):
        import_places(file=file, answers=answers, digest=plan.digest, actor=owner, now=START)
    assert Region.objects.get(code="410300").name == "别的"


REFUSING = """
CREATE FUNCTION refuse_old_town() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.code = '410302' THEN RAISE EXCEPTION 'the disk is full'; END IF; RETURN NEW; END $$;
CREATE TRIGGER refuse_old_town BEFORE INSERT ON places_region FOR EACH ROW EXECUTE FUNCTION refuse_old_town()
"""


def test_a_write_that_fails_half_way_leaves_nothing(owner):
    file, answers, plan = sent("regions", luoyang(), "a.geojson", user=owner)
    with connection.cursor() as cursor:
        cursor.execute(REFUSING)  # the third of the three rows cannot be stored
    with pytest.raises(DatabaseError, match="the disk is full"):
        import_places(file=file, answers=answers, digest=plan.digest, actor=owner, now=START)
    assert Region.objects.count() == 0 and not Act.objects.filter(verb="create_region").exists()
    file.refresh_from_db()
    assert file.imported_at is None


def shifted(shape: Any) -> Any:
    return shapely.transform(shape, lambda p: [crs.to_gcj02(x, y) for x, y in p])


def test_boundaries_in_gcj02_declared_otherwise_are_told_by_what_is_known(owner):
    imported("regions", luoyang(), "a.geojson", user=owner)
    wrong = geojson([({"adcode": "410302", "name": "老城区"}, shifted(square(112.48, 34.68, 0.05)))])
    _, _, plan = sent("regions", wrong, "a.geojson", user=owner)
    assert plan.suggested_datum == "GCJ-02"
    assert str(plan.warnings[0]).startswith(
        "These coordinates look like GCJ-02 (Amap, Tencent): 1 shapes lie about 575 m off (563 m east, -117 m north)"
    )
    _, _, plan = sent("regions", wrong, "a.geojson", "GCJ-02", user=owner)
    assert plan.counts["unchanged"] == 1 and plan.warnings == []  # converted at the door, to the millimetre


def test_new_sites_in_gcj02_that_fall_out_of_their_region_are_told(owner):
    imported("regions", luoyang(), "a.geojson", user=owner)
    create_organisation(name="乙")
    lon, lat = crs.to_gcj02(112.5285, 34.68)  # 140 m inside the district's eastern border
    rows = [["编码", "名称", "施工单位", "区域", "经度", "纬度"], ["s-1", "甲", "乙", "410302", lon, lat]]
    _, _, plan = sent("sites", excel(rows), "a.xlsx", user=owner)
    assert plan.suggested_datum == "GCJ-02" and plan.warnings[0].datum == "GCJ-02"
    _, _, plan = sent("sites", excel(rows), "a.xlsx", "GCJ-02", user=owner)
    assert plan.warnings == [] and plan.counts["new"] == 1


def test_organisations_are_told_apart_by_code_or_by_a_name_of_one(owner):
    rows = [["统一社会信用代码", "单位名称", "类型", "上级单位"],
            ["91410100MA0000001X", "中原建工集团", "企业", None],
            [None, "中原建工一分公司", None, "91410100MA0000001X"],
            [None, "金水区住建局", "主管部门", None]]  # fmt: skip
    imported("organisations", excel(rows), "a.xlsx", user=owner)
    found = list(Organisation.objects.order_by("path").values_list("code", "name", "kind", "depth"))
    assert found == [
        ("91410100MA0000001X", "中原建工集团", "enterprise", 1), ("", "中原建工一分公司", "enterprise", 2),
        ("", "金水区住建局", "authority", 1),
    ]  # fmt: skip
    create_organisation(name="金水区住建局")
    _, _, plan = sent("organisations", excel([["名称"], ["金水区住建局"]]), "a.xlsx", user=owner)
    assert str(plan.problems[0]) == "Row 2, name: 2 organisations are called 金水区住建局: write the code."
    rows = [["名称", "上级"], ["甲", "乙"], ["乙", "甲"]]
    _, _, plan = sent("organisations", excel(rows), "a.xlsx", user=owner)
    assert [str(p) for p in plan.problems] == [
        f"Row {row}, parent: the organisations 乙, 甲 belong to each other." for row in (2, 3)
    ]


def test_sites_take_the_zone_of_their_place_and_keep_it(owner):
    create_organisation(name="乙")
    ring = crs.transform_shape(
        shapely.box(PIT_EAST, PIT_NORTH, PIT_EAST + 200, PIT_NORTH + 100), from_srid=4547, to_srid=4490
    )
    rows = [({"code": "s-1", "name": "甲工地", "organisation": "乙", "people_count": 120}, ring)]
    imported("sites", geopackage(rows, srid=4490), "a.gpkg", user=owner)
    site = Site.objects.get(code="s-1")
    assert (site.projected_srid, site.people_count, site.phase) == (4547, 120, "active")
    assert site.boundary.contains(site.location)
    changed = geojson([({"code": "s-1", "name": "甲工地", "company": "乙", "状态": "停工", "epsg": 4548}, ring)])
    _, _, plan = sent("sites", changed, "a.geojson", user=owner)
    assert str(plan.problems[0]) == "Row 1, projected_srid: a site keeps its coordinate system: EPSG:4547."
    far = geojson([({"code": "s-2", "name": "丙", "company": "乙", "epsg": 4551}, ring)])
    _, _, plan = sent("sites", far, "a.geojson", user=owner)
    assert str(plan.problems[0]).endswith(
        "the site lies at 113.77° E, far from the middle of EPSG:4551: take EPSG:4547."
    )
    wide = geojson([({"code": "s-2", "name": "丙", "company": "乙"}, square(LON, LAT, 0.3))])
    _, _, plan = sent("sites", wide, "a.geojson", user=owner)
    assert str(plan.problems[0]) == "Row 1, geometry: is 86 km across, more than the 30 km of the largest sites."


ROOMS = [
    ["楼栋", "±0.000(m)", "楼层", "楼面标高(m)", "层顶标高", "房间号", "房间名称", "空间底标高", "空间顶标高"],
    ["3号楼", 95.5, None, None, None, None, None, None, None],
    ["3号楼", None, "1F", 95.5, 99.5, None, None, None, None],
    ["3号楼", None, "2F", 99.5, None, "201", "配电间", 99.5, 102.0],
    ["3号楼", None, "2F", 99.5, None, "202", "会议室", None, None],
    ["4号楼", 96.0, "1F", 96.0, None, None, None, None, None],
]  # fmt: skip


def test_a_table_of_rooms_makes_buildings_storeys_and_spaces_at_once(cast, owner):
    plan = imported("structure", excel(ROOMS), "房间.xlsx", user=owner, site=cast.site)
    assert plan.counts["new"] == 7
    assert Building.objects.get(site=cast.site, name="3号楼").zero_level_m == 95.5
    storeys = (
        Storey.objects.filter(building__name="3号楼")
        .order_by("index")
        .values_list("name", "elevation_m", "top_m", "index")
    )
    assert list(storeys) == [("1F", 95.5, 99.5, 0), ("2F", 99.5, None, 1)]
    space = Space.objects.get(site=cast.site, number="201")
    assert (space.name, space.bottom_m, space.top_m, str(space.storey)) == ("配电间", 99.5, 102.0, "2F")
    assert space.organisation == cast.organisation


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["3号楼", None, "2F", 99.6, None, "203", None, None, None],
         "Row 7, elevation_m: 99.6 differs from 99.5 in row 4 for 3号楼 / 2F."),
        (["3号楼", None, "9F", None, None, "901", None, None, None],
         "Row 7, storey: there is no 3号楼 / 9F on the site or in the file: add a row for it."),
        (["5号楼", None, None, None, None, None, None, None, None], "Row 7, zero_level_m: is missing: 5号楼 is new."),
        (["3号楼", None, "2F", None, None, "203", None, 102.0, 99.0],
         "Row 7, top_m: the bottom (102.0 m) is not below the top (99.0 m)."),
        (["3号楼", None, None, None, None, "203", None, None, None],
         "Row 7, storey: is missing: a space lies on a storey."),
        (["3号楼", None, "2F", None, None, 201, None, None, None],
         "Row 7, number: 3号楼 / 2F / 201 is in row 4 already: keep one of the two."),
    ],
)  # fmt: skip
def test_a_room_that_cannot_be_is_refused_by_row_and_field_and_nothing_is_written(cast, owner, row, said):
    file, answers, plan = sent("structure", excel([*ROOMS, row]), "房间.xlsx", user=owner, site=cast.site)
    assert [str(problem) for problem in plan.problems] == [said]
    with pytest.raises(ImportRefused):
        import_places(file=file, answers=answers, digest=plan.digest, actor=owner, now=START)
    assert Space.objects.count() == 0


def test_floor_heights_above_zero_instead_of_yellow_sea_are_warned_of(cast, owner):
    rows = [["楼栋", "±0.000", "楼层", "标高"], ["3号楼", 95.5, "1F", 0.0], ["3号楼", 95.5, "2F", 4.0]]
    _, _, plan = sent("structure", excel(rows), "a.xlsx", user=owner, site=cast.site)
    assert str(plan.warnings[0]).startswith("Floor heights look like heights above ±0.000 (3号楼 / 1F, 3号楼 / 2F)")


def test_an_outline_far_from_the_site_is_refused(cast, owner):
    Site.objects.filter(pk=cast.site.pk).update(location=f"SRID=4490;POINT({place(0, 0)[0]} {place(0, 0)[1]})")
    cast.site.refresh_from_db()
    file = geojson([({"楼栋": "3号楼", "±0.000": 95.5}, square(place(0, 0)[0] + 0.1, place(0, 0)[1], 0.001))])
    _, _, plan = sent("structure", file, "a.geojson", user=owner, site=cast.site)
    assert str(plan.problems[0]).startswith("Row 1, geometry: lies 9.1 km from the site")


def test_people_import_in_their_own_reach_only(owner):
    imported("regions", luoyang(), "a.geojson", user=owner)
    other = create_region(code="370000", name="山东省", level="province")
    mine, theirs = create_organisation(name="甲集团"), create_organisation(name="乙集团", code="B-1")
    regulator = user_of("regulator")
    grant_role(user=regulator, role="dept_reviewer", region=Region.objects.get(code="410300"))
    head = user_of("head")
    grant_role(user=head, role="enterprise_head", organisation=mine)
    rows = [["编码", "名称"], ["410303", "西工区"], [other.code, "鲁"], ["410400", "平顶山市"]]
    _, _, plan = sent("regions", excel(rows), "a.xlsx", user=regulator)
    assert [str(p) for p in plan.problems] == [
        f"Row {row}, code: lies outside the regions in which you may import." for row in (3, 4)
    ]
    assert plan.counts["new"] == 1
    rows = [
        ["代码", "名称", "上级"],
        [None, "甲分公司", "甲集团"],
        [None, "丙", None],
        ["B-1", "乙", None],
        [None, "丁", "乙集团"],
    ]
    _, _, plan = sent("organisations", excel(rows), "a.xlsx", user=head)
    assert [p.row for p in plan.problems] == [3, 4, 5] and plan.counts["new"] == 1
    rows = [["编码", "名称", "施工单位", "区域"], ["s-1", "一", "甲集团", "410302"], ["s-2", "二", "乙集团", "410302"]]
    _, _, plan = sent("sites", excel(rows), "a.xlsx", user=head)
    assert [str(p) for p in plan.problems] == ["Row 3, organisation: there is no organisation 乙集团: import it first."]
    assert theirs.name not in {step.parent[0].name for step in plan.steps}


@pytest.mark.parametrize("form", ["gpkg", "xlsx"])
def test_what_is_exported_comes_in_again_unchanged(cast, owner, form):
    imported("regions", luoyang(), "a.geojson", user=owner)
    imported("structure", excel(ROOMS), "房间.xlsx", user=owner, site=cast.site)
    outline = geojson([({"楼栋": "3号楼"}, square(*place(100, 100), 0.0005))])
    Site.objects.filter(pk=cast.site.pk).update(region=Region.objects.get(code="410302"))
    imported("structure", outline, "a.geojson", user=owner, site=cast.site)
    kinds = ("regions", "organisations", "sites", "structure")
    tables = {kind: records_of(kind, owner, cast.site) for kind in kinds}
    content = write_geopackage(tables) if form == "gpkg" else write_excel(tables, str)
    for kind, count in (("regions", 3), ("organisations", 1), ("sites", 1), ("structure", 10)):
        site = cast.site if kind == "structure" else None
        _, _, plan = sent(kind, content, f"places.{form}", user=owner, site=site)
        assert [str(problem) for problem in plan.problems] == []
        assert plan.counts == {"new": 0, "changed": 0, "unchanged": count, "refused": 0}, kind
