"""What the segments page says for numbers made by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from crm_core.base import Sentence, Share
from crm_core.i18n import LANGUAGES, language
from crm_core.segments.answers import Segments, segments
from tests.fake_ask import FakeAsk, tables_between

AS_OF = dt.date(2011, 12, 9)
FIRST = dt.date(2009, 12, 1)

SUMMARY = pd.DataFrame(
    {
        "segment": ["champions", "at_risk", "lost"],
        "customers": [20, 30, 50],
        "order_count": [200, 90, 50],
        "revenue": [700_00, 200_00, 100_00],
        "margin": [350_00, 100_00, 50_00],
        "last_order_days": [200, 3_000, 20_000],
    }
)
CLASSES = pd.DataFrame({"abc_class": ["C", "A"], "customers": [70, 30], "value": [200_00, 800_00]})
CURVE = pd.DataFrame(
    {
        "customers": [50, 100],
        "customer_share": [0.5, 1.0],
        "value": [950_00, 1_000_00],
        "value_share": [0.95, 1.0],
    }
)
GRID = pd.DataFrame(
    {
        "r_score": [5, 1],
        "value_score": [5, 1],
        "segment": ["champions", "lost"],
        "customers": [20, 50],
        "revenue": [700_00, 100_00],
    }
)
MOVES = pd.DataFrame(
    {
        "segment_before": ["champions", "champions", None, "lost", "loyal"],
        "segment": ["champions", "at_risk", "champions", "champions", "at_risk"],
        "customers": [18, 5, 9, 3, 5],
        "revenue": [100_00, 50_00, 90_00, 30_00, 10_00],
    }
)


def ask_with(first: dt.date = FIRST, **frames: pd.DataFrame) -> FakeAsk:
    answers = {
        "segment_summary": SUMMARY,
        "abc_summary": CLASSES,
        "pareto_curve": CURVE,
        "rfm_grid": GRID,
        "segment_moves": MOVES,
        **frames,
    }
    return FakeAsk(tables_between(first, AS_OF), dict(answers))


def answered(first: dt.date = FIRST, **frames: pd.DataFrame) -> Segments:
    found = segments(ask_with(first, **frames), as_of=AS_OF)
    assert found is not None
    return found


def test_segments_stand_from_most_to_least_engaged_with_their_shares() -> None:
    found = answered()
    assert [one.name for one in found.segments] == ["champions", "loyal", "at_risk", "lost"]
    champions = found.segments[0]
    assert (champions.customers, champions.customer_share) == (20, 0.2)
    assert (champions.revenue, champions.revenue_share) == (700, 0.7)
    assert (champions.margin, champions.margin_share) == (350, 0.7)
    assert champions.days_since_last_order == 10
    assert champions.customers_before == 23
    assert champions.customer_share_before == pytest.approx(23 / 31)
    assert sum(one.customer_share_before or 0 for one in found.segments) == pytest.approx(1)
    assert sum(one.customer_share for one in found.segments) == pytest.approx(1)
    assert sum(one.revenue_share for one in found.segments) == pytest.approx(1)


def test_a_segment_that_everybody_left_is_shown_with_nobody_in_it() -> None:
    loyal = answered().segments[1]
    assert (loyal.customers, loyal.revenue, loyal.customers_before) == (0, 0, 5)
    assert loyal.days_since_last_order != loyal.days_since_last_order


def test_movements_are_the_largest_first_and_leave_out_who_stayed() -> None:
    found = answered()
    assert found.movements is not None
    assert [(one.before, one.now, one.way, one.customers) for one in found.movements] == [
        (None, "champions", "new", 9),
        ("champions", "at_risk", "down", 5),
        ("loyal", "at_risk", "down", 5),
        ("lost", "champions", "up", 3),
    ]
    assert found.stayed == 18
    assert found.movements[0].revenue == 90


def test_from_a_handful_of_customers_nobody_moved() -> None:
    found = answered(segment_moves=MOVES.assign(customers=[11, 5, 90, 3, 5]))
    assert (found.since, found.movements, found.stayed) == (None, None, None)
    assert answered(segment_moves=MOVES.assign(customers=[12, 5, 90, 3, 5])).since is not None


def test_a_handful_of_customers_are_no_groups() -> None:
    found = answered(segment_summary=SUMMARY.assign(customers=[4, 10, 10]))
    assert (found.customers, found.few) == (24, True)
    assert found.context == Sentence("segments.context.few", {"least": 25})
    assert not answered().few


def test_without_a_year_of_history_nobody_moved() -> None:
    found = answered(first=dt.date(2011, 3, 1))
    assert found.since is None
    assert found.movements is None
    assert found.stayed is None
    assert all(one.customers_before is None for one in found.segments)
    assert all(one.customer_share_before is None for one in found.segments)


def test_where_nobody_had_bought_by_then_there_is_no_share_to_compare_with() -> None:
    newcomers = pd.DataFrame(
        {"segment_before": [None], "segment": ["champions"], "customers": [100], "revenue": [1]}
    )
    found = answered(segment_moves=newcomers)
    assert found.segments
    assert all(one.customers_before is None for one in found.segments)
    assert all(one.customer_share_before is None for one in found.segments)


def test_classes_are_complete_and_in_their_order() -> None:
    classes = answered().classes
    assert classes["abc_class"].tolist() == ["A", "B", "C"]
    assert classes["customer_share"].tolist() == [0.3, 0.0, 0.7]
    assert classes["value_share"].tolist() == [0.8, 0.0, 0.2]
    assert classes["value"].tolist() == [800.0, 0.0, 200.0]


def test_the_headline_says_three_in_ten_when_it_is_three_in_ten() -> None:
    assert answered().headline == Sentence(
        "segments.headline.in_ten_revenue",
        {"some": Sentence("segments.in_ten.3"), "value_share": Share(0.8)},
    )
    assert language("en").tell(answered().headline) == "Three in ten customers bring 80% of revenue."
    uneven = CLASSES.assign(customers=[66, 34])
    assert answered(abc_summary=uneven).headline.values["customer_share"] == Share(0.34)


def test_value_is_margin_only_when_the_classes_are_made_of_it() -> None:
    assert not answered().by_margin
    by_margin = answered(abc_summary=CLASSES.assign(value=[100_00, 400_00]))
    assert by_margin.by_margin
    assert by_margin.headline.key == "segments.headline.in_ten_margin"
    unknown = SUMMARY.assign(margin=[float("nan"), 100_00, 50_00])
    found = answered(segment_summary=unknown)
    assert not found.by_margin
    assert all(one.margin is None and one.margin_share is None for one in found.segments)


def test_few_customers_are_not_spoken_of_in_shares() -> None:
    few = CLASSES.assign(customers=[20, 4])
    assert answered(abc_summary=few).headline == Sentence("segments.headline.few", {"count": 24})


def test_without_any_value_there_is_no_concentration() -> None:
    nothing = pd.DataFrame({"abc_class": ["C"], "customers": [100], "value": [-50]})
    assert answered(abc_summary=nothing).headline.key == "segments.headline.no_value"


def test_the_context_counts_who_is_slipping_away() -> None:
    assert answered().context == Sentence(
        "segments.context.slipping", {"count": 30, "all": 100, "revenue_share": Share(0.2)}
    )
    nobody = SUMMARY[SUMMARY["segment"] != "at_risk"]
    assert answered(segment_summary=nobody).context.key == "segments.context.none_slipping"


def test_no_customers_are_no_answer() -> None:
    assert segments(ask_with(segment_summary=SUMMARY.head(0)), as_of=AS_OF) is None


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_can_be_said(code: str) -> None:
    spoken = language(code)
    for share in (10, 20, 30, 34, 40, 50, 60, 70, 80, 90):
        found = answered(abc_summary=CLASSES.assign(customers=[100 - share, share]))
        assert spoken.tell(found.headline)
        assert spoken.tell(found.context)
    for found in (
        answered(abc_summary=CLASSES.assign(customers=[1, 1])),
        answered(segment_summary=SUMMARY.head(1)),
    ):
        assert spoken.tell(found.headline)
        assert spoken.tell(found.context)
