"""The shareable report: one file, no outside request, nothing of a name ever runs."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from tests.webmap.field_cast import LAT, LON, Cast, build_cast
from webmap.reports.contents import PlanImage, ReportContents, TicketEntry, ZoneEntry
from webmap.reports.inlining import OutsideReference, inline_assets, outside_references, refuse_outside_references
from webmap.reports.shareable import render_report, safe_text
from webmap.wording.grade_signs import SIGNS

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
ONE_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)
HOSTILE = "${alert(1)}`</script><img src=http://evil.example/x>{{ 7*7 }}\\"


def contents(name: str = "二层临边", description: str = "栏杆缺失") -> ReportContents:
    ring = [(LON, LAT), (LON + 0.001, LAT), (LON + 0.001, LAT + 0.001), (LON, LAT)]
    zone = ZoneEntry("Z-1", name, "edge", SIGNS[4], "90.0 … 100.0 m", (f"工单 {name} 逾期",), [[ring]])
    ticket = TicketEntry("YH-1", "整改中", description, NOW, True, "2F", LAT, LON)
    corners = ((LON, LAT + 0.001), (LON + 0.001, LAT + 0.001), (LON, LAT))
    return ReportContents(
        site_code="field", site_name=name, organisation="中原建工", time_zone=ZoneInfo("Asia/Shanghai"),
        coloured_at=NOW, next_change_at=None, edition="cn-national 2026.1", sign=SIGNS[4], zones=(zone,),
        tickets=(ticket,), plan=PlanImage("总平面", ONE_PIXEL, "image/png", corners), centre=(LAT, LON),
    )  # fmt: skip


def test_the_report_loads_nothing_from_anywhere() -> None:
    page = render_report(contents())
    assert outside_references(page) == []
    loads = re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//[^"'> ]+""", re.sub(r"<a [^>]+>", "", page))
    assert loads == []
    assert "default-src 'none'" in page
    assert "data:image/png;base64," in page


def test_the_report_says_what_it_shows() -> None:
    with translation.override("en"):
        page = render_report(contents())
    assert '<html lang="en">' in page
    assert "2026-03-01 12:00:00" in page  # 04:00 UTC on the site's clock
    assert "cn-national 2026.1" in page
    assert page.count("tw-sign") >= 6 + 2  # legend, title and table: colour never without its sign
    assert "YH-1" in page and "栏杆缺失" in page and "Overdue" in page


def test_a_hostile_name_stays_text() -> None:
    page = render_report(contents(name=HOSTILE, description=HOSTILE))
    assert outside_references(page) == []
    scripts = "".join(re.findall(r"<script>(.*?)</script>", page, re.DOTALL))
    assert "alert(1)" in scripts  # the popup's text is there ...
    assert "${alert(1)}" not in scripts and "7*7 }}" not in scripts  # ... and inert for JavaScript and for Jinja
    assert "<img src=http" not in page
    assert "{{ 7*7 }}" in re.findall(r"<h1>(.*?)</h1>", page)[0]  # nobody computed 49


def test_safe_text_is_inert_in_markup_and_in_template_literals() -> None:
    assert safe_text("<`${}\\\"'&") == "&#60;&#96;&#36;&#123;&#125;&#92;&#34;&#39;&#38;"


def test_an_unknown_outside_script_is_refused_by_name() -> None:
    with pytest.raises(OutsideReference, match=r"https://cdn\.example/new\.js"):
        inline_assets('<head></head><script src="https://cdn.example/new.js"></script>')


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="http://a.example/x.png">',
        "<style>body{background:url(https://a.example/x.png)}</style>",
        '<style>@import "//a.example/x.css";</style>',
        '<div style="background:url(http://a.example/y)"></div>',
        '<link rel="stylesheet" href="https://a.example/x.css">',
        '<iframe src="//a.example"></iframe>',
    ],
)
def test_every_way_of_loading_from_outside_is_found(markup: str) -> None:
    with pytest.raises(OutsideReference, match=r"a\.example"):
        refuse_outside_references(markup)


def test_a_link_to_follow_loads_nothing() -> None:
    assert outside_references('<a href="https://a.example">x</a><img src="data:image/png;base64,AA==">') == []


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


def test_the_command_writes_the_real_site(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    call_command("write_report", str(file), site="field", language="en", stdout=io.StringIO())
    page = file.read_text(encoding="utf-8")
    assert "金水一号工地" in page and "二层临边" in page and "RP-01 楼层临边作业" in page
    assert outside_references(page) == []


def test_the_command_names_the_sites_when_the_code_is_wrong(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    with pytest.raises(CommandError, match=r"There is no site nowhere\. Sites: field, next-door\."):
        call_command("write_report", str(file), site="nowhere")
    assert not file.exists()
