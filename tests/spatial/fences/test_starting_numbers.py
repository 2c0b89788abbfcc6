"""What a new fence starts with is a table of the edition: a company's counts for the fences made after it."""

from datetime import timedelta

import pytest

from spatial.fences.defaults import person_limits
from spatial.fences.operations import FenceRefused, create_fence, revise_fence
from spatial.fences.queries import site_fences, starting_table
from spatial.rulebook.adjustable import EditionRefused
from spatial.zones.operations import create_zone
from tests.ingest.cast import build_cast, rectangle
from tests.spatial.own_edition import noon_of_tomorrow, publish_own

pytestmark = pytest.mark.django_db


@pytest.fixture
def day():
    return noon_of_tomorrow()


def publish(cast, day, **answers):
    publish_own(cast, day, {f"fence_defaults.{name.replace('__', '.')}": value for name, value in answers.items()})


def fence_at(cast, day, code="N1", **settings):
    zone = create_zone(
        site=cast.site, code=code, name="新坑", kind="pit", outline=rectangle(100, 0, 120, 20), bottom_m=None,
        top_m=None, actor=None, now=day,
    )  # fmt: skip
    return create_fence(zone=zone, actor=None, now=day, **settings)


def test_a_new_fence_has_the_hysteresis_of_its_company_and_keeps_it(day):
    own, other = build_cast(), build_cast()
    before = fence_at(own, day - timedelta(days=1), "N0")
    publish(own, day, approach__receded_beyond_m=2.5, entering__enter_fixes=3, times__crowded_after_s=20)
    found = [fence_at(cast, day, approach_m=3.0) for cast in (own, other)]
    assert [(one.receded_beyond_m, one.enter_fixes, one.crowded_after_s) for one in (before, *found)] == [
        (1.0, 2, 30), (2.5, 3, 20), (1.0, 2, 30),
    ]  # fmt: skip
    zones = [site_fences(cast.site).index.by_id[one.zone_id] for cast, one in zip((own, other), found, strict=True)]
    assert [zone.ahead_m for zone in zones] == [5.5, 4.0]
    before.refresh_from_db()
    assert before.receded_beyond_m == 1.0


def test_a_fence_has_its_own_numbers_from_then_on(day):
    cast = build_cast()
    fence = fence_at(cast, day, approach_m=3.0, receded_beyond_m=4.0)
    revise_fence(fence=fence, changes={"receded_beyond_m": 0.5}, reason="窄巷", actor=None, now=day)
    assert site_fences(cast.site).index.by_id[fence.zone_id].ahead_m == 3.5
    with pytest.raises(FenceRefused, match="receded_beyond_m: must be above 0"):
        revise_fence(fence=fence, changes={"receded_beyond_m": 0.0}, reason="x", actor=None, now=day)


def test_fixes_and_persons_are_whole_numbers_and_limits_of_a_standard_become_stricter_only(day):
    cast = build_cast()
    for name, value, code in (
        ("entering__enter_fixes", 2.5, "out_of_limits"), ("persons__suspended_basket", 3, "out_of_bounds"),
    ):  # fmt: skip
        with pytest.raises(EditionRefused) as refused:
            publish(cast, day, **{name: value})
        assert [fault.code for fault in refused.value.faults] == [code]
    publish(cast, day, persons__hoist_cage=8)
    assert [row.value for row in person_limits(starting_table(cast.site, day))] == [8, 2, 1]
