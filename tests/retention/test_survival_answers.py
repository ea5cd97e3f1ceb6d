"""What is said of how long it takes, for numbers made by hand."""

from __future__ import annotations

import datetime as dt
from math import exp

import pandas as pd
import pytest

from crm_core.retention.answers.ladder import Ladder, ladder, rhythms
from crm_core.retention.answers.survival import ShareEstimate, Survival, fallen, survival
from crm_core.retention.estimates import repeat_ladder
from crm_core.retention.metrics import USUAL_RUNGS
from crm_core.retention.models import IntervalEstimate
from crm_core.retention.rules.survival import LONGEST_SHOWN, MOST_GROUPS, Kind, quantile
from tests.fake_ask import FakeAsk, tables_between

AS_OF = dt.date(2024, 12, 31)
TABLES = tables_between(dt.date(2022, 1, 1), AS_OF)


def by_letter(_: object) -> None:
    """A grouping that nobody asks for rows: the fake knows the answers."""


def spells(*rows: tuple[int, int, int], group: str | None = None) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["duration_days", "observed", "spells"])
    return frame if group is None else frame.assign(group=group)


def asked(rows: pd.DataFrame, kind: Kind = "purchase", *, grouped: bool = False) -> Survival | None:
    ask = FakeAsk(TABLES, {f"{kind}_spells": rows})
    group = by_letter if grouped else None
    return survival(ask, kind, as_of=AS_OF, group=group)


BOTH = pytest.mark.parametrize("kind", ["purchase", "contract"])

# Of 100, 40 come back after 10 days and 20 after 50; the others are still watched after 400 days.
EVERYBODY = spells((10, 1, 40), (50, 1, 20), (400, 0, 40))


@BOTH
def test_everybody_followed_for_as_long_as_enough_are_watched(kind: Kind) -> None:
    found = asked(EVERYBODY, kind)
    assert found is not None
    whole = found.whole
    assert found.kind == kind
    assert (whole.count, whole.ended, whole.rest) == (100, 60, False)
    assert whole.median is not None
    assert whole.median.value == 50
    assert whole.curve["day"].iloc[0] == 0
    assert whole.curve["day"].iloc[-1] == 400
    assert dict(zip(found.days, whole.at_risk, strict=True)) == {0: 100, 90: 40, 180: 40, 270: 40, 360: 40}
    assert whole.within.keys() == {30, 90, 365}
    assert found.horizon == 365
    assert whole.within[365].value == pytest.approx(0.6)
    assert (whole.within[90].low or 1) < 0.6 < (whole.within[90].high or 0)
    assert whole.mean.value == pytest.approx(10 + 0.6 * 40 + 0.4 * 350)
    # Within 90 days: 40 wait 10 days, 20 wait 50, and 40 all of them.
    assert found.days[1] == 90
    assert whole.means[0].value == 0
    assert whole.means[1].value == pytest.approx(0.4 * 10 + 0.2 * 50 + 0.4 * 90)
    assert whole.means[1].low < whole.means[1].value < (whole.means[1].high or 0)
    assert found.mean_days == 400
    assert found.groups == ()
    assert found.unlike is None


def test_means_of_groups_are_of_days_for_which_each_was_watched() -> None:
    long, short = (
        spells((10, 1, 50), (400, 0, 50), group="long"),
        spells((10, 1, 50), (100, 0, 50), group="short"),
    )
    found = asked(pd.concat([long, short]), grouped=True)
    assert found is not None
    assert found.mean_days == 100
    assert [one.mean.value for one in (found.whole, *found.groups)] == pytest.approx([55, 55, 55])


def test_the_chance_by_age_is_events_over_days_watched() -> None:
    found = asked(EVERYBODY)
    assert found is not None
    first, second = found.ages[:2]
    assert (first.begins, first.ends, first.at_risk, first.ended) == (0, 30, 100, 40)
    assert first.chance.value == pytest.approx(1 - exp(-30 * 40 / (40 * 10 + 60 * 30)))
    assert second.chance.value == pytest.approx(1 - exp(-30 * 20 / (20 * 20 + 40 * 30)))
    # Forty are still watched beyond a year, and none of them came.
    assert (found.ages[-1].begins, found.ages[-1].ended) == (365, 0)
    assert found.ages_differ


def test_the_ages_of_contracts_are_longer() -> None:
    found = asked(EVERYBODY, "contract")
    assert found is not None
    first, second = found.ages[:2]
    assert (first.begins, first.ends, first.at_risk, first.ended) == (0, 90, 100, 60)
    assert first.chance.value == pytest.approx(1 - exp(-30 * 60 / (40 * 10 + 20 * 50 + 40 * 90)))
    assert (second.begins, second.ends, second.ended) == (90, 180, 0)


@BOTH
def test_where_all_have_come_no_interval_is_known_and_none_is_made_up(kind: Kind) -> None:
    found = asked(spells((10, 1, 40), (95, 1, 60)), kind)
    assert found is not None
    assert found.whole.within.keys() == {30, 90}
    assert fallen(IntervalEstimate(0.0, float("nan"), float("nan"))) == ShareEstimate(1.0, None, None)


@BOTH
def test_nothing_is_drawn_beyond_the_longest_time(kind: Kind) -> None:
    found = asked(spells((10, 1, 40), (3_000, 0, 40)), kind)
    assert found is not None
    assert found.whole.curve["day"].iloc[-1] == LONGEST_SHOWN[kind]


@BOTH
def test_no_chance_within_thirty_days_of_customers_who_were_watched_for_less(kind: Kind) -> None:
    found = asked(spells((4, 1, 200), (25, 0, 200)), kind)
    assert found is not None
    assert found.ages == ()


@BOTH
@pytest.mark.parametrize(
    "rows",
    [
        spells((10, 1, 10), (400, 0, 14)),
        spells((400, 0, 500)),
        spells((1, 1, 500)),
        pd.DataFrame(columns=["duration_days", "observed", "spells"], dtype="int64"),
    ],
)
def test_too_few_nothing_seen_or_too_short_is_no_answer(rows: pd.DataFrame, kind: Kind) -> None:
    assert asked(rows, kind) is None


def test_groups_are_the_largest_and_the_rest_together() -> None:
    parts = [spells((10, 1, 30 + at), (400, 0, 40), group=letter) for at, letter in enumerate("abcdefg")]
    nobody = spells((10, 1, 5), (400, 0, 5)).assign(group=None)
    few = spells((10, 1, 2), group="z")
    found = asked(pd.concat([*parts, nobody, few]), grouped=True)
    assert found is not None
    assert [one.group for one in found.groups] == ["g", "f", "e", "d", "c", None]
    assert len(found.groups) == MOST_GROUPS + 1
    rest = found.groups[-1]
    assert rest.rest
    assert rest.count == 70 + 71 + 10 + 2
    assert sum(one.count for one in found.groups) == found.whole.count
    assert found.unlike is not None
    assert not found.unlike.differ
    assert found.unlike.pairs == ()


def test_groups_that_last_unlike_are_told_pair_by_pair() -> None:
    quick, slow = (
        spells((10, 1, 90), (400, 0, 30), group="quick"),
        spells((300, 1, 40), (400, 0, 60), group="slow"),
    )
    like_slow = spells((300, 1, 41), (400, 0, 59), group="like slow")
    found = asked(pd.concat([quick, slow, like_slow]), grouped=True)
    assert found is not None
    assert found.unlike is not None
    assert found.unlike.differ
    names = [one.group for one in found.groups]
    assert {frozenset((names[one], names[other])) for one, other in found.unlike.pairs} == {
        frozenset(("quick", "slow")),
        frozenset(("quick", "like slow")),
    }


def test_one_group_is_no_comparison() -> None:
    found = asked(EVERYBODY.assign(group="only"), grouped=True)
    assert found is not None
    assert found.groups == ()
    assert found.unlike is None


LADDER_SPELLS = pd.concat(
    [
        EVERYBODY.assign(purchase=1),
        spells((20, 1, 20), (100, 0, 30), (400, 0, 10)).assign(purchase=2),
        spells((20, 1, 5), (100, 0, 15)).assign(purchase=3),
    ]
)


def test_rungs_are_compared_within_a_time_that_is_known_of_the_first_two() -> None:
    ask = FakeAsk(TABLES, {"ladder_spells": LADDER_SPELLS})
    found = ladder(ask, as_of=AS_OF)
    assert found is not None
    # Of the third purchase there are too few; of the second nobody knows yet what comes within a year.
    assert [one.purchase for one in found.rungs] == [1, 2]
    assert found.horizon == 90
    first, second = found.rungs
    assert first.within[365].value == pytest.approx(0.6)
    assert second.within.keys() == {30, 90}
    assert second.within[90].value == pytest.approx(20 / 60)
    assert first.median_days is not None
    assert first.median_days.value == 50
    assert second.median_days is None
    assert second.share.value == pytest.approx(1 / 3)


def test_a_rung_that_could_not_be_watched_for_as_long_is_left_out() -> None:
    third = spells((20, 1, 5), (40, 0, 95)).assign(purchase=3)
    rows = pd.concat([LADDER_SPELLS[LADDER_SPELLS["purchase"] < 3], third])
    found = ladder(FakeAsk(TABLES, {"ladder_spells": rows}), as_of=AS_OF)
    assert found is not None
    assert (found.horizon, [one.purchase for one in found.rungs]) == (90, [1, 2])


def test_the_page_and_the_metric_tell_the_same_ladder() -> None:
    ask = FakeAsk(TABLES, {"ladder_spells": LADDER_SPELLS})
    page, metric = ladder(ask, as_of=AS_OF), repeat_ladder(ask, as_of=AS_OF)
    assert page is not None
    assert {options["rungs"] for _, options in ask.asked} == {USUAL_RUNGS}
    told = [
        (
            one.purchase,
            one.customers,
            one.next_customers,
            one.share.value,
            one.share.low,
            one.share.high,
            None if one.median_days is None else one.median_days.value,
        )
        for one in page.rungs
    ]
    rows = metric.astype(object).where(metric.notna(), None).head(len(told))
    assert told == list(rows.itertuples(index=False, name=None))


def test_recent_buyers_do_not_count_as_lost() -> None:
    recent = spells((10, 1, 50), (5, 0, 100), (200, 0, 50)).assign(purchase=1)
    found = ladder(FakeAsk(TABLES, {"ladder_spells": recent}), as_of=AS_OF)
    assert found is not None
    assert found.rungs[0].share.value == 0.25
    assert found.rungs[0].within[90].value == pytest.approx(0.5)


def _ladder_of(*groups: pd.DataFrame) -> Ladder:
    def times(group: object = None, **_: object) -> pd.DataFrame:
        return LADDER_SPELLS if group is None else pd.concat(groups).assign(purchase=1)

    found = ladder(FakeAsk(TABLES, {"ladder_spells": times}), as_of=AS_OF, group=by_letter)
    assert found is not None
    return found


def test_a_ladder_by_group_begins_with_the_largest_and_ends_with_the_rest() -> None:
    small = spells((20, 1, 30), (400, 0, 40), group="small")
    big = spells((20, 1, 60), (400, 0, 80), group="big")
    nobody = spells((20, 1, 20), (400, 0, 20)).assign(group=None)
    tiny = spells((20, 1, 3), group="tiny")
    found = _ladder_of(small, big, nobody, tiny)
    assert [one.group for one in found.groups] == ["big", "small", None]
    assert found.groups[-1].rest
    assert found.groups[-1].customers == 43
    assert found.unlike is not None
    assert not found.unlike.tells_apart(0, 1)


def test_the_ladder_and_the_curves_part_customers_alike_and_by_one_test() -> None:
    rows = [
        spells((10, 1, 90), (400, 0, 30), group="quick"),
        spells((300, 1, 40), (400, 0, 60), group="slow"),
        spells((300, 1, 41), (400, 0, 59), group="like slow"),
    ]
    steps, curves = _ladder_of(*rows), asked(pd.concat(rows), grouped=True)
    assert curves is not None
    assert [one.group for one in steps.groups] == [one.group for one in curves.groups]
    assert steps.unlike == curves.unlike
    assert steps.unlike is not None
    assert steps.unlike.tells_apart(1, 0)
    assert not steps.unlike.tells_apart(1, 2)


def test_a_lone_sixth_group_keeps_its_name() -> None:
    rows = [spells((10, 1, 30 + at), (400, 0, 40), group=letter) for at, letter in enumerate("abcdef")]
    found = asked(pd.concat(rows), grouped=True)
    assert found is not None
    assert [one.group for one in found.groups] == list("fedcba")
    assert not any(one.rest for one in found.groups)


def test_all_others_who_are_in_no_group_are_not_another_group() -> None:
    rows = [
        spells((10, 1, 30), (400, 0, 40), group="a"),
        spells((10, 1, 30), (400, 0, 39)).assign(group=None),
    ]
    found = asked(pd.concat(rows), grouped=True)
    assert found is not None
    assert [(one.group, one.rest) for one in found.groups] == [("a", False), ("", True)]


def test_nobody_is_no_ladder() -> None:
    few = LADDER_SPELLS[LADDER_SPELLS["purchase"] == 3]
    assert ladder(FakeAsk(TABLES, {"ladder_spells": few}), as_of=AS_OF) is None
    nobody_yet = spells((40, 0, 100)).assign(purchase=1)
    assert ladder(FakeAsk(TABLES, {"ladder_spells": nobody_yet}), as_of=AS_OF) is None
    too_short = spells((5, 1, 50), (20, 0, 100)).assign(purchase=1)
    assert ladder(FakeAsk(TABLES, {"ladder_spells": too_short}), as_of=AS_OF) is None


def test_the_rhythm_of_a_category() -> None:
    gaps = pd.DataFrame(
        {"category": ["tea"] * 4 + ["rice"], "gap_days": [10, 20, 30, 90, 5], "gaps": [50, 30, 15, 5, 24]}
    )
    silences = pd.DataFrame(
        {
            "category": ["tea"] * 4 + ["rice"],
            "silence_days": [20, 21, 30, 31, 400],
            "customers": [7, 3, 2, 1, 9],
        }
    )
    found = rhythms(FakeAsk(TABLES, {"category_gaps": gaps, "category_silences": silences}), as_of=AS_OF)
    assert found is not None
    (tea,) = found.categories
    assert (tea.category, tea.customers, tea.gaps) == ("tea", 13, 100)
    assert (tea.usual_days, tea.overdue_days, tea.long_overdue_days) == (10, 20, 30)
    # As long as four of five is not longer.
    assert (tea.overdue, tea.long_overdue) == (5, 1)


def test_no_category_has_a_rhythm() -> None:
    gaps = pd.DataFrame({"category": ["rice"], "gap_days": [5], "gaps": [24]})
    silences = pd.DataFrame({"category": ["rice"], "silence_days": [5], "customers": [24]})
    assert (
        rhythms(FakeAsk(TABLES, {"category_gaps": gaps, "category_silences": silences}), as_of=AS_OF) is None
    )


@pytest.mark.parametrize(
    ("share", "value"), [(0.1, 1), (0.3, 1), (0.31, 2), (0.5, 2), (0.7, 4), (0.95, 9), (1.0, 9)]
)
def test_a_quantile_is_the_smallest_value_that_holds_the_share(share: float, value: int) -> None:
    # Three ones, two twos, two fours, three nines.
    assert quantile([(9, 3), (1, 3), (4, 2), (2, 2)], share) == value
