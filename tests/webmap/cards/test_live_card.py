"""The code on a printed card opens the live card, as far as its site allows it."""

from __future__ import annotations

from urllib.parse import urlparse

from django.test import Client

from spatial.cards.operations import reissue_card
from spatial.ledger.models import Act
from spatial.rulebook.queries import current_edition
from spatial.zones.models import Trigger
from tests.webmap.cards.conftest import BACKEND, NOW, Walls
from tests.webmap.cards.reading import codes


def card_pdf(walls: Walls, code: str = "RP-R", **query: str) -> bytes:
    client = Client()
    client.force_login(walls.cast.worker, backend=BACKEND)
    address = f"/sites/field/risks/cards/{walls.points[code].pk}/card.pdf"
    answer = client.get(address, query)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    return answer.content


def test_the_code_read_from_the_printed_page_opens_the_card_for_anybody_when_the_site_allows_it(
    open_walls: Walls,
) -> None:
    [address] = codes(card_pdf(open_walls))
    assert address == f"http://testserver/c/{open_walls.cards['RP-R'].token}/"
    answer = Client().get(urlparse(address).path)
    words = answer.content.decode()
    assert answer.status_code == 200
    assert "RP-R 深基坑开挖" in words and 'data-grade="4"' in words
    assert "风险点 RP-R 深基坑开挖,自身风险等级" in words or "RP-R 深基坑开挖" in words
    assert "基坑周边设1.2m高防护栏杆,挂密目网,夜间设警示灯。" in words
    assert "company负责人" in words and 'href="tel:0371-7654321"' in words
    assert answer["Referrer-Policy"] == "no-referrer" and "noindex" in answer["X-Robots-Tag"]
    assert "no-cache" in answer["Cache-Control"]


def test_the_live_card_says_nothing_else_of_the_site(open_walls: Walls) -> None:
    words = Client().get(f"/c/{open_walls.cards['RP-R'].token}/").content.decode()
    others = [point.name for code, point in open_walls.points.items() if code != "RP-R"]
    for secret in (*others, "金水一号工地", "中原建工", "/sites/", "二层临边"):
        assert secret not in words


def test_the_live_card_shows_the_grade_of_the_moment_with_its_reason(open_walls: Walls) -> None:
    address = f"/c/{open_walls.cards['RP-B'].token}/"
    assert 'class="grade" data-grade="1"' in Client().get(address).content.decode()
    point = open_walls.points["RP-B"]
    Trigger.objects.create(
        organisation=point.organisation, site=point.site, kind="HAZ_GENERAL_OVERDUE", risk_point=point, starts_at=NOW,
        source_kind="hazard", source_id="1", source_label="YH-7", rule_edition=current_edition(on=NOW.date()),
    )  # fmt: skip
    words = Client().get(address).content.decode()
    assert 'class="grade" data-grade="4"' in words and "YH-7" in words


def test_a_site_that_does_not_allow_it_shows_nothing_and_asks_to_log_in(walls: Walls) -> None:
    address = f"/c/{walls.cards['RP-R'].token}/"
    answer = Client().get(address)
    words = answer.content.decode()
    assert answer.status_code == 403 and "请登录后查看此卡" in words and f"/login/?next={address}" in words
    for secret in ("RP-R", "深基坑", "金水一号工地", "0371"):
        assert secret not in words
    stranger, member = Client(), Client()
    stranger.force_login(walls.cast.stranger, backend=BACKEND)
    member.force_login(walls.cast.worker, backend=BACKEND)
    assert stranger.get(address).status_code == 404
    assert member.get(address).status_code == 200


def test_a_reissued_card_revokes_the_old_code(open_walls: Walls) -> None:
    old = open_walls.cards["RP-R"]
    acts = Act.objects.count()
    new = reissue_card(point=open_walls.points["RP-R"], actor=open_walls.cast.safety, now=NOW)
    assert (old.number, new.number) == (1, 2) and new.token != old.token and len(new.token) == 32
    gone = Client().get(f"/c/{old.token}/")
    assert gone.status_code == 404 and "深基坑" not in gone.content.decode()
    assert Client().get(f"/c/{new.token}/").status_code == 200
    assert codes(card_pdf(open_walls)) == [f"http://testserver/c/{new.token}/"]
    act = Act.objects.order_by("-sequence").first()
    assert Act.objects.count() == acts + 1 and act is not None and act.verb == "reissue_notice_card"
    assert old.token not in str(act.details) and new.token not in str(act.details)


def test_a_card_that_was_not_issued_prints_as_a_draft_without_a_code(walls: Walls) -> None:
    from tests.webmap.cards.reading import flat_text

    walls.cards["RP-R"].delete()
    pdf = card_pdf(walls, lang="zh-hans")
    assert codes(pdf) == [] and "草稿:本卡尚未发布,暂无二维码。" in flat_text(pdf)


def test_opening_live_cards_is_an_act_of_who_may_issue(walls: Walls) -> None:
    worker, safety = Client(), Client()
    worker.force_login(walls.cast.worker, backend=BACKEND)
    safety.force_login(walls.cast.safety, backend=BACKEND)
    address, body = "/sites/field/risks/cards/settings/", {"open": "on", "emergency_phone": "110"}
    acts = Act.objects.count()
    assert worker.post(address, body).status_code == 403
    assert Act.objects.count() == acts
    assert Client().get(f"/c/{walls.cards['RP-R'].token}/").status_code == 403
    assert safety.post(address, body).status_code == 302
    assert Act.objects.order_by("-sequence").values_list("verb", flat=True)[0] == "set_wall_settings"
    assert Client().get(f"/c/{walls.cards['RP-R'].token}/").status_code == 200
