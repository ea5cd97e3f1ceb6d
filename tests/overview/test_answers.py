"""What the overview says for numbers made by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import pandas as pd
import pytest

from crm_core.base import Money, Sentence, Share
from crm_core.i18n import LANGUAGES, language
from crm_core.overview.answers import Overview, overview
from crm_core.overview.rules import PERIOD_CHOICES, PeriodChoice, Span
from crm_core.periods import CALENDARS, Calendar, day_of, first_day, last_day, period_of
from tests.fake_ask import Answer, FakeAsk, tables_between

AS_OF = dt.date(2011, 12, 9)
FIRST = dt.date(2009, 12, 1)
NOW = {
    "active_customers": 40,
    "new_customers": 10,
    "lost_customers": 5,
    "order_count": 80,
    "customer_revenue": 90_000,
    "guest_revenue": 10_000,
    "revenue": 100_000,
    "margin": 30_000,
}
BEFORE = {
    "active_customers": 50,
    "new_customers": 20,
    "lost_customers": 6,
    "order_count": 75,
    "customer_revenue": 80_000,
    "guest_revenue": 8_000,
    "revenue": 88_000,
    "margin": 25_000,
}


def months(calendar: Calendar, as_of: dt.date, first: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """As many calendar months as the base has, each with figures of its own."""
    indexes = range(
        period_of(day_of(first), "month", calendar), period_of(day_of(as_of), "month", calendar) + 1
    )
    shared = {
        "period": list(indexes),
        "period_start": [first_day(one, "month", calendar) for one in indexes],
        "complete": [last_day(one, "month", calendar) <= day_of(as_of) for one in indexes],
    }
    size = [100 + at for at in range(len(indexes))]
    sold = pd.DataFrame(shared).assign(
        revenue=[1_000 * one for one in size],
        customer_revenue=[900 * one for one in size],
        guest_revenue=[100 * one for one in size],
        returned=0,
        margin=[300 * one for one in size],
        order_count=size,
        active_customers=[one // 2 for one in size],
        new_customers=5,
    )
    cycle = pd.DataFrame(shared).assign(
        new=5, returning=20, resurrected=40, dormant=[2 * one for one in size], active=size
    )
    return sold, cycle


def ask_with(
    rows: Iterable[Mapping[str, int | None]],
    *,
    as_of: dt.date = AS_OF,
    first: dt.date = FIRST,
    calendar: Calendar = "gregorian",
) -> FakeAsk:
    sold, cycle = months(calendar, as_of, first)
    known = list(rows)

    def figures(*, as_of: dt.date, spans: tuple[tuple[int, int], ...]) -> pd.DataFrame:
        assert len(set(spans)) == len(spans)
        return pd.DataFrame([{"span": at, **known[at]} for at in range(len(spans))])

    answers: dict[str, Answer] = {"span_figures": figures, "revenue_by_period": sold, "lifecycle": cycle}
    return FakeAsk(tables_between(first, as_of), answers)


def answered(
    *rows: Mapping[str, int | None], choice: PeriodChoice = "last_12_months", first: dt.date = FIRST
) -> Overview:
    found = overview(ask_with(rows, first=first), as_of=AS_OF, choice=choice)
    assert found is not None
    return found


def figure(found: Overview, name: str) -> tuple[float | None, float | None, float | None]:
    one = next(each for each in found.figures if each.name == name)
    return one.value, one.before, one.last_year


def test_figures_are_in_units_of_currency_beside_those_before() -> None:
    found = answered(NOW, BEFORE)
    assert figure(found, "revenue") == (1_000, 880, 880)
    assert figure(found, "margin") == (300, 250, 250)
    assert figure(found, "average_order_value") == (900 / 80, 800 / 75, 800 / 75)
    assert figure(found, "purchases_per_customer") == (2.0, 1.5, 1.5)
    assert figure(found, "active_customers") == (40, 50, 50)
    assert found.purchases == 80
    assert found.currency == "GBP"


def test_lost_customers_need_the_time_before_to_lie_in_the_base() -> None:
    """Those lost in the year before bought in the year before that, of which the base knows nothing."""
    assert figure(answered(NOW, BEFORE), "lost_customers") == (5, None, None)


def test_three_months_are_compared_with_two_periods() -> None:
    third = {**BEFORE, "active_customers": 7}
    found = answered(NOW, BEFORE, third, choice="last_3_months")
    assert figure(found, "active_customers") == (40, 50, 7)


def test_a_course_has_whole_months_only() -> None:
    one = next(each for each in answered(NOW, BEFORE).figures if each.name == "order_count")
    assert one.trend == tuple(range(111, 124))
    assert not next(each for each in answered(NOW, BEFORE).figures if each.name == "lost_customers").trend


def test_a_margin_that_is_not_known_is_none() -> None:
    found = answered({**NOW, "margin": None}, BEFORE)
    assert figure(found, "margin") == (None, 250, 250)


def test_the_headline_names_the_change_and_its_causes() -> None:
    found = answered(NOW, BEFORE)
    assert found.headline.key == "overview.headline.grew"
    assert found.headline.values["revenue"] == Money(1_000, "GBP")
    assert found.headline.values["change"] == Share(1_000 / 880 - 1)
    reason = found.headline.values["reason"]
    assert isinstance(reason, Sentence)
    assert reason == Sentence(
        "overview.reason.but",
        {
            "first": Sentence("overview.cause.purchases_per_customer.up"),
            "second": Sentence("overview.cause.customers.down"),
        },
    )


def test_a_second_cause_in_the_same_direction_is_joined_to_the_first() -> None:
    found = answered({**NOW, "active_customers": 70, "order_count": 140}, BEFORE)
    reason = found.headline.values["reason"]
    assert isinstance(reason, Sentence)
    assert reason.key in ("overview.reason.and", "overview.reason.but")


@pytest.mark.parametrize(("revenue", "word"), [(88_000, "held"), (60_000, "fell"), (200_000, "grew")])
def test_revenue_grows_holds_or_falls(revenue: int, word: str) -> None:
    now = {**NOW, "revenue": revenue, "customer_revenue": revenue - 10_000}
    assert answered(now, BEFORE).headline.key == f"overview.headline.{word}"


def test_without_known_customers_the_headline_gives_no_reason() -> None:
    nobody = dict.fromkeys(NOW, 0)
    found = answered({**nobody, "revenue": 900, "guest_revenue": 900}, BEFORE)
    assert found.headline.key == "overview.headline.fell.plain"
    assert found.bridge is None


def test_growth_from_nothing_has_no_percentage() -> None:
    nothing = dict.fromkeys(NOW, 0)
    assert answered(NOW, nothing).headline.key == "overview.headline.from_nothing"


def test_without_an_earlier_period_nothing_is_compared() -> None:
    found = answered(NOW, first=dt.date(2011, 1, 3))
    assert found.headline.key == "overview.headline.alone"
    assert found.context.key == "overview.context.uncompared"
    assert found.bridge is None
    assert found.highlights == ()
    assert all(one.before is None and one.last_year is None for one in found.figures)


def test_all_time_needs_no_excuse_for_standing_alone() -> None:
    found = answered(NOW, choice="all")
    assert found.context.key == "overview.context.with_guests"
    assert found.headline.values["period"] == Sentence("overview.during.all", {"first": FIRST})
    assert found.context.values["customers"] == Sentence("overview.context.all", {"count": 80, "each": 2.0})


def test_the_bridge_is_in_units_of_currency_and_adds_up() -> None:
    bridge = answered(NOW, BEFORE).bridge
    assert bridge is not None
    assert (bridge.before, bridge.now) == (880, 1_000)
    assert bridge.before + sum(amount for _, amount in bridge.steps) == pytest.approx(bridge.now, abs=1e-9)


def test_new_customers_need_the_time_before_to_lie_in_the_base() -> None:
    """Those of the year before would nearly all pass for new: the base begins days before it."""
    found = answered(NOW, BEFORE)
    assert figure(found, "new_customers")[0] is not None
    assert figure(found, "new_customers")[1:] == (None, None)
    assert not {"fewer_new", "more_new"} & {one.name for one in found.highlights}
    assert "new_before" not in str(found.context)


MANY_BEFORE = {**BEFORE, "active_customers": 500, "new_customers": 200, "order_count": 750}
MANY = {**NOW, "active_customers": 400, "new_customers": 100, "order_count": 800}


def test_what_stands_out_says_what_it_is_and_whose_customers_it_is_about() -> None:
    found = answered(MANY, MANY_BEFORE, first=dt.date(2008, 12, 1))
    new = next(one for one in found.highlights if one.name == "fewer_new")
    values = {"change": Share(0.5), "now": 100, "before": 200, "last": AS_OF}
    assert new.headline == Sentence("overview.finding.fewer_new", values)
    assert new.told == Sentence("overview.finding.fewer_new.told", values)
    assert new.customers is not None
    assert (new.customers.group, new.customers.span) == ("new", found.compared.span)
    assert new.customers.before_first == found.compared.span.first - found.compared.span.days


def test_a_month_that_stands_out_is_about_its_own_customers() -> None:
    ask = ask_with([MANY, MANY])
    cycle = ask.answers["lifecycle"]
    assert isinstance(cycle, pd.DataFrame)
    ask.answers["lifecycle"] = cycle.assign(
        returning=[80] * (len(cycle) - 2) + [20, 80], dormant=[20] * (len(cycle) - 2) + [80, 20]
    )
    found = overview(ask, as_of=AS_OF, choice="last_12_months")
    assert found is not None
    (dormant,) = (one for one in found.highlights if one.name == "dormant")
    assert dormant.customers is not None
    assert dormant.customers.group == "lost"
    assert dormant.customers.span == Span(day_of(dt.date(2011, 11, 1)), day_of(dt.date(2011, 11, 30)))
    assert dormant.customers.before_first == day_of(dt.date(2011, 10, 1))
    assert dormant.told.values["now"] == Share(0.8)
    assert dormant.told.values["last"] == dt.date(2011, 11, 30)


def test_amounts_that_stand_out_are_in_units_of_currency() -> None:
    found = answered({**MANY_BEFORE, "customer_revenue": 60_000, "margin": None}, MANY_BEFORE)
    (basket,) = (one for one in found.highlights if one.name == "average_order_value")
    assert basket.told.values["before"] == Money(800 / 750, "GBP")
    assert basket.customers is None


def test_few_customers_are_not_compared() -> None:
    ask = ask_with([NOW, BEFORE])
    cycle = ask.answers["lifecycle"]
    assert isinstance(cycle, pd.DataFrame)
    for customers, few in ((24, True), (25, False)):
        ask.answers["lifecycle"] = cycle.assign(new=[customers] + [0] * (len(cycle) - 1))
        found = overview(ask, as_of=AS_OF, choice="last_12_months")
        assert found is not None
        assert (found.customers, found.few) == (customers, few)
        assert (found.headline.key == "overview.headline.alone") == few
        assert (found.context == Sentence("overview.context.few", {"count": 24, "least": 25})) == few
        assert not (few and found.highlights)


def test_too_few_buyers_in_one_period_have_no_bridge() -> None:
    assert answered(NOW, {**BEFORE, "active_customers": 24}).bridge is None
    assert answered(NOW, {**BEFORE, "active_customers": 25}).bridge is not None


def test_nothing_is_asked_twice() -> None:
    ask = ask_with([NOW, BEFORE])
    overview(ask, as_of=AS_OF, choice="last_12_months")
    assert [name for name, _ in ask.asked] == ["span_figures", "revenue_by_period", "lifecycle"]


def test_nothing_in_the_filter_is_no_answer() -> None:
    nothing = dict.fromkeys(NOW, 0)
    assert overview(ask_with([nothing, nothing]), as_of=AS_OF, choice="last_12_months") is None


def test_a_day_before_the_first_order_is_no_answer() -> None:
    ask = ask_with([])
    assert overview(ask, as_of=FIRST - dt.timedelta(days=1), choice="last_12_months") is None
    assert not ask.asked


@pytest.mark.parametrize("choice", PERIOD_CHOICES)
@pytest.mark.parametrize("calendar", CALENDARS)
@pytest.mark.parametrize("as_of", [dt.date(2012, 2, 29), dt.date(2011, 12, 31), dt.date(2012, 3, 20)])
def test_every_sentence_can_be_said_in_every_language(
    choice: PeriodChoice, calendar: Calendar, as_of: dt.date
) -> None:
    for rows in (
        (NOW, BEFORE, BEFORE),
        (BEFORE, NOW, NOW),
        (NOW, NOW, NOW),
        ({**NOW, "guest_revenue": 0}, BEFORE, BEFORE),
        (MANY, MANY_BEFORE, MANY_BEFORE),
        (MANY_BEFORE, MANY, MANY),
        ({**MANY, "guest_revenue": 60_000, "margin": 1_000, "customer_revenue": 40_000}, MANY, MANY),
    ):
        found = overview(
            ask_with(rows, as_of=as_of, calendar=calendar), as_of=as_of, choice=choice, calendar=calendar
        )
        assert found is not None
        for code in LANGUAGES:
            spoken = language(code, calendar)
            said = [found.headline, found.context]
            said += [part for one in found.highlights for part in (one.headline, one.told)]
            assert all(spoken.tell(one) for one in said)


def test_the_headline_reads_as_a_manager_would_say_it() -> None:
    found = answered(NOW, BEFORE)
    assert language("en").tell(found.headline) == (
        "Revenue grew 14% to £1,000 in the last 12 months: "
        "each customer bought more often, but fewer customers bought."
    )
