"""Days from moments inside and outside the fence, in whatever order they came."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.attendance.rules import Mark, attend, bucket_of, gaps, moments, split, stays, time_inside
from spatial.people.shift_rules import ShiftTimes, span_of

ZONE = "Asia/Shanghai"
SHANGHAI = ZoneInfo(ZONE)
MINUTE = timedelta(minutes=1)
DAY = ShiftTimes("白班", time(7), time(18))
NIGHT = ShiftTimes("夜班", time(19), time(5))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def seen(*parts: str) -> list[tuple[datetime, bool]]:
    """Moments: `+07:00` inside, `-12:00` outside, of 2 March."""
    return [(at(f"2026-03-02T{part[1:]}"), part[0] == "+") for part in parts]


def every(start: str, end: str, step: timedelta = 5 * MINUTE) -> list[tuple[datetime, bool]]:
    found, moment = [], at(start)
    while moment <= at(end):
        found.append((moment, True))
        moment += step
    return found


def test_first_entry_begins_the_day_last_leaving_ends_it_and_what_is_between_is_a_break():
    span = span_of(DAY, date(2026, 3, 2), ZONE)
    morning = every("2026-03-02T06:55", "2026-03-02T11:30")
    afternoon = every("2026-03-02T13:00", "2026-03-02T17:40")
    moments_ = [*morning, *seen("-11:32", "-12:58"), *afternoon, *seen("-17:45")]
    day = attend(moments_, span.day, span, at("2026-03-02T20:00"))
    assert (day.came_at, day.left_at) == (at("2026-03-02T06:55"), at("2026-03-02T17:40"))
    assert day.breaks == ((at("2026-03-02T11:30"), at("2026-03-02T13:00")),)
    assert day.inside == timedelta(hours=9, minutes=15)
    assert (day.late, day.early) == (timedelta(0), 20 * MINUTE)
    assert (day.standing, day.unseen) == ("left", timedelta(0))


def test_silence_inside_is_not_counted_as_work():
    moments_ = [*every("2026-03-02T07:00", "2026-03-02T08:00"), *every("2026-03-02T10:00", "2026-03-02T11:00")]
    span = span_of(DAY, date(2026, 3, 2), ZONE)
    day = attend(moments_, span.day, span, at("2026-03-02T11:10"))
    assert (day.inside, day.unseen) == (timedelta(hours=2), timedelta(hours=2))
    assert day.standing == "here"
    assert attend(moments_, span.day, span, at("2026-03-02T12:00")).standing == "unseen"


def test_a_night_over_midnight_is_one_day_of_work():
    spans_ = [span_of(NIGHT, date(2026, 3, day), ZONE) for day in (1, 2)]
    moments_ = [(at("2026-03-01T18:50"), True), (at("2026-03-02T04:58"), True), (at("2026-03-02T05:01"), False),
                (at("2026-03-02T19:10"), True)]  # fmt: skip
    by_span, rest = split(moments_, spans_)
    assert rest == []
    first = attend(by_span[spans_[0]], date(2026, 3, 1), spans_[0], at("2026-03-02T20:00"))
    assert (first.day, first.came_at) == (date(2026, 3, 1), at("2026-03-01T18:50"))
    assert first.left_at == at("2026-03-02T04:58")
    assert attend(by_span[spans_[1]], date(2026, 3, 2), spans_[1], at("2026-03-02T20:00")).late == 10 * MINUTE


def test_a_moment_between_two_shifts_goes_to_the_one_whose_own_time_it_is():
    day, night = span_of(DAY, date(2026, 3, 2), ZONE), span_of(NIGHT, date(2026, 3, 2), ZONE)
    by_span, rest = split(seen("+18:30", "+19:00", "+17:59", "+06:00", "-05:59"), [day, night])
    assert [at for at, _ in by_span[night]] == [at("2026-03-02T19:00")]
    assert len(by_span[day]) == 3
    assert rest == seen("-05:59")


def test_who_never_came_is_absent_only_once_the_shift_has_begun():
    span = span_of(DAY, date(2026, 3, 2), ZONE)
    assert attend([], span.day, span, at("2026-03-02T06:59")).standing == "later"
    assert attend([], span.day, span, at("2026-03-02T07:00")).standing == "absent"


def test_a_post_is_short_in_steps_of_five_minutes_within_its_duty():
    start, end = at("2026-03-02T07:00"), at("2026-03-02T08:00")
    manned = {bucket_of(start + number * 5 * MINUTE): 1 for number in (0, 1, 4, 5, 6, 7, 8)}
    found = gaps(manned, start, end, 1, at("2026-03-02T07:52"))
    assert found == [
        (at("2026-03-02T07:10"), at("2026-03-02T07:20")),
        (at("2026-03-02T07:45"), at("2026-03-02T07:50")),
    ]
    assert gaps(manned, start, end, 2, at("2026-03-02T09:00")) == [(start, end)]


def test_hours_within_a_day_count_only_what_lies_in_it():
    moments_ = [*every("2026-03-02T06:00", "2026-03-02T20:00", 20 * MINUTE)]
    assert time_inside(moments_, at("2026-03-02T07:00"), at("2026-03-03T07:00")) == timedelta(hours=13)


fixes = st.lists(st.tuples(st.integers(0, 40_000), st.booleans()), min_size=1, max_size=60)


@settings(max_examples=200, deadline=None)
@given(fixes, st.randoms(use_true_random=False))
def test_any_order_of_the_same_fixes_with_doubles_gives_the_same_day(given_fixes, random):
    start = at("2026-03-02T06:30")

    def marks(order):
        held: dict[datetime, list] = {}
        for seconds, inside in order:
            moment = start + timedelta(seconds=seconds)
            mark = held.setdefault(bucket_of(moment), [None] * 4)
            first = 0 if inside else 2
            mark[first] = min(mark[first] or moment, moment)
            mark[first + 1] = max(mark[first + 1] or moment, moment)
        return moments(Mark(*mark) for mark in held.values())

    shuffled = [*given_fixes, *given_fixes[:5]]
    random.shuffle(shuffled)
    assert stays(marks(shuffled)) == stays(marks(given_fixes))


def test_who_comes_early_or_leaves_late_belongs_to_the_shift_they_worked():
    day, night = ShiftTimes("白班", time(7), time(19)), ShiftTimes("夜班", time(19), time(7))
    spans_ = [span_of(night, date(2026, 3, 1), ZONE), span_of(day, date(2026, 3, 2), ZONE),
              span_of(night, date(2026, 3, 2), ZONE)]  # fmt: skip
    moments_ = [*every("2026-03-02T06:40", "2026-03-02T19:20"), *seen("-19:25")]
    by_span, rest = split(moments_, spans_)
    assert rest == []
    assert [len(by_span[span]) for span in spans_] == [0, len(moments_), 0]
    worked = attend(by_span[spans_[1]], date(2026, 3, 2), spans_[1], at("2026-03-02T20:30"))
    assert (worked.came_at, worked.left_at) == (at("2026-03-02T06:40"), at("2026-03-02T19:20"))
    double = every("2026-03-02T03:00", "2026-03-02T12:00")
    by_span, _ = split(double, spans_)
    assert [len(by_span[span]) for span in spans_] == [48, 61, 0]
