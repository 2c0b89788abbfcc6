"""The pure parts: scales, labels, hatching, bars."""

from __future__ import annotations

import pytest
from shapely.geometry import box

from spatial.cards.queries import card_table
from spatial.cards.rules import emergency_steps, inherent_zone_grades, met_by_post, post_rules, signs_for
from webmap.documents import chart_drawing as chart
from webmap.documents.map_geometry import (
    Label,
    NothingToShow,
    View,
    Window,
    fitting_scale,
    hatch,
    place_labels,
    scale_bar,
)
from webmap.documents.sign_drawings import GLYPHS, sign_drawing

WINDOW = Window(25, 5, 312, 287)
BANDS: dict[str, dict[int, tuple[float, float]]] = {
    "LEC": {1: (0, 70), 2: (70, 160), 3: (160, 320), 4: (320, 10_000)},
    "LS": {1: (0, 8), 2: (9, 12), 3: (15, 16), 4: (20, 25)},
}


@pytest.mark.parametrize(("metres", "scale"), [(100, 500), (200, 1000), (148, 500), (149, 1000), (14, 50)])
def test_the_scale_is_the_first_of_the_series_that_fits(metres: float, scale: int) -> None:
    series = [50, 100, 200, 500, 1000, 2000]
    assert fitting_scale((0, 0, metres, metres / 2), WINDOW, series) == scale


def test_what_fits_no_scale_is_refused() -> None:
    with pytest.raises(NothingToShow, match="do not fit a sheet at 1:2000"):
        fitting_scale((0, 0, 9000, 10), WINDOW, [1000, 2000])


def test_a_metre_on_the_ground_is_its_part_on_paper() -> None:
    view = View(WINDOW, (500_000.0, 3_800_000.0), 500)
    assert view.to_sheet(500_000, 3_800_000) == (181.0, 148.5)
    assert view.to_sheet(500_010, 3_800_010) == (201.0, 128.5)


@pytest.mark.parametrize(("scale", "metres", "length"), [(500, 20, 40), (1000, 40, 40), (300, 8, 26.6667), (50, 2, 40)])
def test_a_scale_bar_has_round_steps_and_its_true_length(scale: int, metres: float, length: float) -> None:
    bar = scale_bar(scale, room_mm=56)
    assert (bar.metres, bar.length_mm) == (metres, pytest.approx(length, abs=1e-3))


def test_hatching_stays_inside_and_differs_by_grade() -> None:
    area = box(10, 10, 40, 30)
    single, cross = hatch(area, "diagonal"), hatch(area, "cross-hatch")
    assert single is not None and cross is not None and cross.length == pytest.approx(2 * single.length, rel=0.05)
    dots = hatch(area, "dots")
    assert dots is not None and area.contains(dots) and hatch(area, "none") is None


def test_labels_never_cover_each_other_nor_leave_the_window() -> None:
    wishes = [Label(f"Z{n}", (100 + n % 3, 100 + n % 2), 14, 4) for n in range(40)]
    placed = place_labels(wishes, WINDOW)
    boxes = [box(p.x - 7, p.y - 2, p.x + 7, p.y + 2) for p in placed]
    assert len(placed) == 40
    assert all(not a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(box(25, 5, 337, 292).contains(one) for one in boxes)
    assert sum(not p.leads for p in placed) >= 1


def bar(code: str, grade: int, value: float, method: str = "LEC") -> chart.Activity:
    return chart.Activity(code, f"作业{code}", grade, method, value, 1, "坍塌", "公司")


def test_bars_are_sorted_by_grade_then_value_and_end_inside_their_band() -> None:
    rows = [bar("a", 2, 90), bar("b", 4, 720), bar("c", 3, 270), bar("d", 4, 1440), bar("e", 3, 16, "LS")]
    ordered = chart.sorted_activities(rows, BANDS)
    assert [row.code for row in ordered] == ["d", "b", "e", "c", "a"]
    for row in rows:
        assert row.grade - 1 < chart.reach(row, BANDS) < row.grade
    svg = chart.chart_drawing(
        ordered, BANDS, row_mm=8,
        words={"title": "t", "activity": "a", "about": "b", "sources": "%d", "direct": "x"},
        grade_words={1: "低", 2: "一般", 3: "较大", 4: "重大"},
    )  # fmt: skip
    assert svg.count('class="bar"') == 5 and svg.index('data-code="d"') < svg.index('data-code="b"')


def test_a_zone_is_as_grave_as_the_gravest_point_in_it_and_below_it() -> None:
    parents = {"site": None, "pit": "site", "edge": "pit", "yard": None}
    grades = inherent_zone_grades(parents, {"p": ["edge"], "q": ["site"], "r": []}, {"p": 4, "q": 2, "r": 3})
    assert grades == {"site": 4, "pit": 4, "edge": 4, "yard": 0}


def test_signs_come_by_accident_and_words_in_the_order_of_the_standard() -> None:
    table = card_table("warning_signs")
    signs = signs_for(["触电"], ["绝缘手套"], table)
    assert [sign.zh for sign in signs] == ["禁止合闸", "禁止触摸", "当心触电", "必须戴防护手套", "必须穿防护鞋"]
    assert {row["conf"] for row in table["signs"]} <= {"A", "B", "C"} and table["source"]
    for row in table["signs"]:
        assert row["glyph"] in GLYPHS and sign_drawing(row["kind"], row["glyph"]).startswith("<svg")


def test_steps_and_rules_fall_back_to_those_of_everybody() -> None:
    steps = card_table("emergency_steps")
    assert emergency_steps(["没有的类型"], steps, "zh-hans")[0] == "立即停止作业,呼救并报告现场负责人"
    assert len(emergency_steps(["高处坠落", "高处坠落"], steps, "en")) == 4
    rules = card_table("post_rules")
    assert post_rules("外架架子工", rules)["trade"] == "架子工" and post_rules("油漆工", rules)["trade"] == "*"
    assert met_by_post("电工", {"a": "总配电房", "b": "基坑"}, rules) == ["a"]
    assert met_by_post("安全员", {"a": "总配电房", "b": "基坑"}, rules) == ["a", "b"]
