"""Over zones, changes of the clocks and random outages: each due time fires at most once, and once where it must."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from jikimi.calendar import LATEST, NEVER, PROMPT, Business, Hours, Missed, Share, Spec, Verdict, decide, next_due

# half-hour and 24-hour changes, changes at midnight, none at all, on both halves of the earth
ZONES = [
    ZoneInfo(name)
    for name in (
        *("Asia/Seoul", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia"),
        *("America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "America/Nuuk", "America/St_Johns", "UTC"),
    )
]
FIRST = datetime(2008, 1, 1, tzinfo=UTC)
SPAN_S = 20 * 365 * 86400
HALF_MINUTE = timedelta(seconds=30)


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    opens = draw(st.integers(0, 1438))
    hours = Hours(opens, draw(st.integers(opens + 1, 1440)))
    free = draw(st.integers(1, 9))
    working = draw(st.frozensets(st.integers(0, 6), min_size=1))
    business = Business(working, hours, lambda day: day.toordinal() % (7 * free) == 0)
    zone, missed = draw(st.sampled_from(ZONES)), draw(st.sampled_from(Missed))
    days = draw(st.none() | st.frozensets(st.integers(0, 6), min_size=1))
    if draw(st.booleans()):
        return Spec(zone, business, missed, at=draw(st.integers(0, 1439)), days=days)
    span = timedelta(minutes=draw(st.integers(1, 1440)))
    return Spec(zone, business, missed, every=span, days=days, share=draw(st.sampled_from(Share)))


moments = st.integers(0, SPAN_S).map(lambda second: FIRST + timedelta(seconds=second))


def after(spec: Spec, moment: datetime, count: int) -> Iterator[datetime]:
    for _ in range(count):
        moment = next_due(spec, moment)
        if moment == NEVER:
            return
        yield moment


@given(specs(), moments)
def test_due_times_ascend_and_do_not_depend_on_where_one_begins_to_count(spec: Spec, moment: datetime) -> None:
    found = list(after(spec, moment, 40))

    assert all(sooner < later for sooner, later in pairwise([moment, *found]))
    for sooner, later in pairwise(found):
        middle = sooner + (later - sooner) / 2
        assert next_due(spec, middle) == later


@given(specs(), moments)
def test_a_due_time_lies_on_a_day_and_in_the_hours_of_its_schedule(spec: Spec, moment: datetime) -> None:
    for due in after(spec, moment, 20):
        local = due.astimezone(spec.zone)
        if is_near_a_change(spec.zone, due):
            continue
        day = local.date()
        assert spec.business.works(day) if spec.days is None else day.weekday() in spec.days
        if spec.at is not None:
            assert local.hour * 60 + local.minute == spec.at
        elif spec.share is not Share.ALL:
            assert spec.business.is_open(local) is (spec.share is Share.BUSINESS)


def is_near_a_change(zone: ZoneInfo, moment: datetime) -> bool:
    around = [moment + timedelta(hours=hours) for hours in (-30, 30)]
    return len({one.astimezone(zone).utcoffset() for one in around}) > 1


@given(st.sampled_from(ZONES), st.integers(0, 1439), moments)
def test_a_time_of_day_comes_once_for_every_day_that_there_is(zone: ZoneInfo, minute: int, moment: datetime) -> None:
    spec = Spec(zone, Business(frozenset(range(7)), Hours(0, 1440)), Missed.ONCE, at=minute)

    days = [due.astimezone(zone).date() for due in after(spec, moment, 60)]

    skipped = date(2011, 12, 30)  # Samoa had no such day
    for sooner, later in pairwise(days):
        gap = later - sooner
        assert gap == timedelta(days=1) or (zone.key == "Pacific/Apia" and sooner < skipped < later)


@given(specs(), moments, st.lists(st.tuples(st.integers(1, 4000), st.booleans()), min_size=1, max_size=12))
def test_a_due_time_fires_at_most_once_and_once_where_the_rule_says_so(
    spec: Spec, moment: datetime, looks: list[tuple[int, bool]]
) -> None:
    """Look at random, from a minute to three days apart, and die half the time before anything is written down."""
    due, fired, verdicts, now = next_due(spec, moment), dict[datetime, datetime](), list[Verdict](), moment
    for minutes, dies in looks:
        now += timedelta(minutes=minutes)
        if due > now:
            continue
        verdict = decide(spec, due, now)
        if verdict.fires:
            fired.setdefault(verdict.fires, now)  # the job's id, which only one job can have
        if not dies:
            verdicts.append(verdict)
            due = verdict.next

    made = [verdict.fires for verdict in verdicts if verdict.fires]
    assert len(made) == len(set(made))
    passed = list(takewhile(lambda one: one < due, after(spec, moment, 99_999)))
    assert len(passed) == len(made) + sum(verdict.missed for verdict in verdicts)
    assert set(made) <= set(passed)
    for one, when in fired.items():
        late = when - one
        if spec.missed is Missed.SKIP:
            assert late <= LATEST
            assert late <= PROMPT or not spec.business.is_open(when.astimezone(spec.zone))
    if spec.missed is Missed.ONCE:
        assert len(made) == len(verdicts)
        unsettled = {one for one in fired if one >= due}  # it died after the last one
        assert set(fired) - unsettled == set(made)
        assert len(unsettled) <= 1


@given(specs(), moments)
def test_whoever_looks_all_the_time_misses_nothing(spec: Spec, moment: datetime) -> None:
    due, now = next_due(spec, moment), moment
    for _ in range(30):
        if due == NEVER:
            return
        now = due + HALF_MINUTE
        verdict = decide(spec, due, now)
        assert (verdict.fires, verdict.missed) == (due, 0)
        due = verdict.next
