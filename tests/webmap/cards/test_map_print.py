"""The printed four-colour map: true to scale, to colours and to north."""

from __future__ import annotations

import io
from math import atan2, degrees

import numpy as np
import pypdfium2
import pytest
from django.test import Client
from PIL import Image

from spatial.control_lists.models import ListVersion as PublishedList
from spatial.control_lists.models import ReviewStep
from spatial.crs import transform_point
from spatial.zones.operations import create_zone
from tests.webmap.cards.conftest import BACKEND, NOW, Walls
from tests.webmap.cards.reading import POINTS_PER_MM, flat_text, page_sizes_mm
from tests.webmap.field_cast import BUILT_AT, LAT, LON, square
from webmap.documents.map_sheet import sheet_of
from webmap.wording.grade_signs import SIGNS

PATH = pypdfium2.raw.FPDF_PAGEOBJ_PATH
MAP = "/sites/field/risks/map-print/"


def sheet(walls: Walls, kind: str = "sheet.pdf", **query: str) -> bytes:
    client = Client()
    client.force_login(walls.cast.worker, backend=BACKEND)
    answer = client.get(MAP + kind, {"lang": "zh-hans", **query})
    assert answer.status_code == 200
    return answer.content


@pytest.mark.parametrize(("size", "millimetres"), [("a3", (420, 297)), ("a2", (594, 420))])
def test_the_sheet_is_one_lying_page_of_its_size_with_a_whole_title_block(
    walls: Walls, size: str, millimetres: tuple[int, int]
) -> None:
    pdf = sheet(walls, size=size)
    assert page_sizes_mm(pdf) == [millimetres]
    text = flat_text(pdf)
    for words in (
        "四色安全风险空间分布图", "金水一号工地", "中原建工", "固有风险(管控前)", "清单版本", "编制", "审核", "批准",
        "签字",
        "日期",
        "图例", "I重大·红", "II较大·橙", "III一般·黄", "IV低·蓝", "Z-RED", "RP-R", "子午线收敛角",
        "CGCS2000/3-degreeGauss-KrugerCM114E(EPSG:4547)",
    ):  # fmt: skip
        assert words.replace(" ", "") in text, words


def scale_of(pdf: bytes) -> int:
    text = flat_text(pdf)
    return int("".join(c for c in text[text.index("A3·1:") + 5 :][:6] if c.isdigit()))


def test_the_scale_bar_measured_on_the_page_is_as_long_as_its_metres(walls: Walls) -> None:
    pdf = sheet(walls)
    page = pypdfium2.PdfDocument(pdf)[0]
    boxes = []
    for thing in page.get_objects():
        left, bottom, right, top = (value / POINTS_PER_MM for value in thing.get_bounds())
        if thing.type == PATH and abs((top - bottom) - 1.9) < 0.03 and left > sheet_of("a3").side.x:
            boxes.append((left, right))
    assert len(boxes) == 4  # pieces of 1.6 mm; PDFium adds the line of 0.15 mm on every side
    drawn_mm = max(right for _, right in boxes) - min(left for left, _ in boxes) - 0.30
    words = page.get_textpage().get_text_range()
    metres = max(float(line.split(" m")[0].split()[-1]) for line in words.splitlines() if line.strip().endswith(" m"))
    assert metres > 0
    assert drawn_mm == pytest.approx(metres * 1000 / scale_of(pdf), abs=0.02)


def test_two_zones_are_as_far_apart_on_paper_as_on_the_ground(walls: Walls) -> None:
    pdf = sheet(walls)
    page = pypdfium2.PdfDocument(pdf)[0]
    dots = {}
    for thing in page.get_objects():
        left, bottom, right, top = (value / POINTS_PER_MM for value in thing.get_bounds())
        if abs((right - left) - 2.2) < 0.05 and abs((top - bottom) - 2.2) < 0.05:
            dots[((left + right) / 2, (bottom + top) / 2)] = 1
    xs = sorted(x for x, _ in dots if x < sheet_of("a3").side.x)
    ground = [transform_point(LON + d, LAT + 0.001, from_srid=4490, to_srid=4547) for d in (-0.001, 0.001)]
    apart_mm = (ground[1][0] - ground[0][0]) * 1000 / scale_of(pdf)
    assert xs[-1] - xs[0] == pytest.approx(apart_mm, abs=0.35)  # the lower pair lies some centimetres aside


def test_zones_in_the_picture_have_the_colours_of_their_grades(walls: Walls) -> None:
    picture = Image.open(io.BytesIO(sheet(walls, "sheet.png"))).convert("RGB")
    assert picture.size == (3308, 2339)  # 200 dots per inch
    pixels = np.asarray(picture).reshape(-1, 3).astype(int)
    for grade in (4, 3, 2, 1):
        full, pale = np.array(SIGNS[grade].rgb), np.array(SIGNS[grade].rgb) * 0.55 + 255 * 0.45
        assert (np.abs(pixels - full).max(axis=1) <= 2).sum() > 2000, f"outline and label of grade {grade}"
        assert (np.abs(pixels - pale).max(axis=1) <= 3).sum() > 20_000, f"filling of grade {grade}"


def test_each_zone_is_filled_by_its_own_grade_at_its_own_place(walls: Walls) -> None:
    pdf = sheet(walls)
    picture = np.asarray(pypdfium2.PdfDocument(pdf)[0].render(scale=200 / 72).to_pil().convert("RGB")).astype(int)
    k = 200 / 25.4
    window = sheet_of("a3").window
    middle_x, middle_y = window.x + window.width / 2, window.y + window.height / 2
    reach = 1000 / scale_of(pdf)
    east, north = 0.0010 * 91_560, 0.0010 * 110_930  # metres of 0.001 degrees here
    for sign_x, sign_y, grade in ((1, 1, 4), (-1, 1, 3), (-1, -1, 2), (1, -1, 1)):
        x = int((middle_x + sign_x * east * reach) * k)
        y = int((middle_y - sign_y * north * reach) * k)
        part = picture[y - 90 : y + 90, x - 90 : x + 90].reshape(-1, 3)
        pale = {g: np.array(SIGNS[g].rgb) * 0.55 + 255 * 0.45 for g in (1, 2, 3, 4)}
        counted = {g: int((np.abs(part - colour).max(axis=1) <= 4).sum()) for g, colour in pale.items()}
        assert max(counted, key=lambda g: counted[g]) == grade, counted
        assert counted[grade] > 5000


def test_the_north_arrow_points_to_true_north() -> None:
    from spatial.crs import grid_factors
    from webmap.documents.map_drawing import north_drawing

    for lon in (113.0, 113.77, 114.9):
        start = transform_point(lon, LAT, from_srid=4490, to_srid=4547)
        further = transform_point(lon, LAT + 0.001, from_srid=4490, to_srid=4547)
        clockwise = degrees(atan2(further[0] - start[0], further[1] - start[1]))
        svg = north_drawing(grid_factors(lon, LAT, 4547).convergence_deg, true_word="N")
        turned = float(svg.split("rotate(")[1].split(" ")[0])
        assert turned == pytest.approx(clockwise, abs=0.005)


def test_the_current_layer_says_when_and_follows_the_facts(walls: Walls) -> None:
    text = flat_text(sheet(walls, layer="current"))
    assert "当前风险20" in text and "固有风险(管控前)" not in text


def test_a_storey_shows_its_own_zones_and_an_empty_one_says_what_to_do(walls: Walls) -> None:
    storey = walls.cast.storey
    text = flat_text(sheet(walls, storey=str(storey.pk)))
    assert "四色安全风险空间分布图·2F" in text and "Z-EDGE" in text
    client = Client()
    client.force_login(walls.cast.stranger, backend=BACKEND)
    assert client.get("/sites/next-door/risks/map-print/").status_code == 200
    from spatial.places.models import Site

    Site.objects.filter(code="next-door").update(boundary=None)
    empty = client.get("/sites/next-door/risks/map-print/sheet.pdf")
    assert (
        empty.status_code == 404 and "请先绘制区域" in empty.content.decode()
    ) or "Draw a zone first" in empty.content.decode()


def test_every_red_or_orange_point_is_on_the_map_or_the_chart_with_the_same_grade(walls: Walls) -> None:
    from django.utils import timezone

    from spatial.cards.queries import inherent_grade
    from webmap.documents.chart import activity_of
    from webmap.documents.map_sheet import MapChoice, read_map

    shown = {mark.code: mark.grade for mark in read_map(walls.site, MapChoice(), now=timezone.now()).contents.points}
    bars = {p.code: activity_of(p).grade for p in walls.points.values() if p.kind == "activity"}
    serious = {code: inherent_grade(p) for code, p in walls.points.items() if inherent_grade(p) >= 3}
    assert serious == {"RP-R": 4, "RP-O": 3}
    assert all(shown.get(code) == grade and bars.get(code, grade) == grade for code, grade in serious.items())


def test_an_assembly_point_and_an_escape_way_are_marks_without_a_grade(walls: Walls) -> None:
    before = flat_text(sheet(walls))
    for code, kind, east in (("Z-JH", "assembly", 0.0), ("Z-TD", "escape", 0.0006)):
        create_zone(
            site=walls.site, code=code, name=code, kind=kind, outline=square(LON + east, LAT - 0.0015, 0.0001),
            bottom_m=90.0, top_m=95.0, actor=None, now=BUILT_AT,
        )  # fmt: skip
    text = flat_text(sheet(walls))
    assert "紧急集合点" not in before
    assert "紧急集合点" in text and "疏散通道" in text
    assert text[text.index("I重大") : text.index("紧急集合点")].startswith("I重大·红11II较大·橙11III一般·黄11IV低·蓝")


def test_a_published_list_gives_version_and_signers(walls: Walls) -> None:
    person = walls.cast.manager
    edition = walls.points["RP-R"].rule_edition
    row = PublishedList.objects.create(
        organisation=walls.site.organisation, site=walls.site, kind="activity", number=3, state="published",
        made_by=walls.cast.safety, published_at=NOW, published_by=person, rule_edition=edition,
    )  # fmt: skip
    for verb, actor in (("pass", walls.cast.town), ("publish", person)):
        ReviewStep.objects.create(
            version=row,
            verb=verb,
            from_state="head",
            actor=actor,
            actor_role="",
            act_hash="ab12cd34ef56" + "0" * 52,
            at=NOW,
        )
    text = flat_text(sheet(walls))
    for words in ("第3版(2026-03-02)", "编制赵安全", "审核吴街道", "批准陈经理", "签字ab12cd34ef56"):
        assert words in text, words
