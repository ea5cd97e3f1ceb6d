"""What the page of value to come says for numbers made by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, cast

import pandas as pd
import pytest

from crm_core.base import Change, CrmError, Money, NotProvided, Sentence, Share
from crm_core.customers.answers import LISTED, CustomerList, Listing, page_of
from crm_core.customers.metrics import first_channel
from crm_core.i18n import LANGUAGES, language
from crm_core.periods import day_of
from crm_core.value import rules
from crm_core.value.answers import CannotForecast, Value, Won, customers_by_value, value, won
from crm_core.value.estimates import Who
from crm_core.value.rules import pay_back_month
from tests.fake_ask import FakeAsk, tables_between

AS_OF = dt.date(2026, 10, 31)
FIRST = dt.date(2023, 11, 1)

TOTAL = pd.DataFrame(
    {
        "customers": [10],
        "expected_purchases": [20.0],
        "expected_silent": [4.5],
        "customer_lifetime_value": [1_000_00],
        "low": [900_00],
        "high": [1_100_00],
        "forecast": ["bg_nbd"],
        "by_margin": [True],
    }
)
DEAREST = Listing(sort="customer_lifetime_value")
STANDING = pd.DataFrame(
    {
        "customer_id": [f"c{place}" for place in range(10)],
        "customer_lifetime_value": [640_00, 160_00, *[25_00] * 8],
        "expected_purchases": 2.0,
        "low": 0,
        "high": [2_000_00, 500_00, *[0] * 8],
        "probability_of_none": [0.1, 0.45, *[0.99] * 8],
        "recent_revenue": 50_00,
        "tenth": [1, 2, *[3] * 8],
        "revenue_fifth": [3, *[1] * 9],
        "overlooked": [True, *[False] * 9],
        "fading": [*[False] * 8, True, True],
    }
)
GROUPS = pd.DataFrame(
    {
        "group": ["App", None],
        "customers": [4, 6],
        "expected_purchases": [15.0, 5.0],
        "customer_lifetime_value": [800_00, 200_00],
        "low": [700_00, 100_00],
        "high": [900_00, 300_00],
    }
)
TENTHS = pd.DataFrame(
    {
        "tenth": [1, 2, 3],
        "customers": [1, 1, 8],
        "customer_lifetime_value": [640_00, 160_00, 200_00],
        "low": [500_00, 100_00, 150_00],
        "high": [800_00, 220_00, 250_00],
        "least": [640_00, 160_00, 25_00],
    }
)


def trials(*errors: float, chosen: str = "bg_nbd", average: float = 2.0) -> pd.DataFrame:
    rows = [
        {
            "cut_off": dt.date(2025 - place, 10, 31),
            "horizon_days": 365,
            "forecast": name,
            "customers": 9,
            "purchases": 20,
            "error_of_total": error if name == chosen else 0.5,
            "mae": 1.0 if name == chosen else average,
            "rmse": 1.0 if name == chosen else average,
            "loss": 1.0 if name == chosen else average,
            "rank_correlation": 0.5 if name == chosen else None,
            "chosen": name == chosen,
        }
        for place, error in enumerate(errors)
        for name in ("bg_nbd", "everybody_average")
    ]
    return pd.DataFrame(rows, columns=["cut_off", "forecast", *COLUMNS])


COLUMNS = (
    *("horizon_days", "customers", "purchases", "error_of_total", "mae", "rmse"),
    *("loss", "rank_correlation", "chosen"),
)


def in_money(*errors: float) -> pd.DataFrame:
    days = [dt.date(2025 - place, 10, 31) for place in range(len(errors))]
    rows = {"cut_off": days, "forecast": "bg_nbd", "error_of_money": list(errors)}
    return pd.DataFrame(rows)


def fitted(*problems: str) -> pd.DataFrame:
    """What is fitted today: BG/NBD alone, of parameters that do not matter."""
    rows = pd.DataFrame({"parameter": ["r", "alpha", "a", "b"], "value": 1.0, "standard_error": 0.1})
    rows = rows.assign(**{f"covariance_{place}": 0.0 for place in range(4)})
    return rows.assign(model="bg_nbd", log_likelihood=-1.0, customers=10, problems=" ".join(problems))


def ask_with(first: dt.date = FIRST, **frames: Any) -> FakeAsk:
    answers = {
        "expected_total": TOTAL,
        "purchase_cells": pd.DataFrame({"age_days": [day_of(AS_OF) - day_of(first)]}),
        "value_standing": STANDING,
        "value_by_group": GROUPS,
        "value_by_tenth": TENTHS,
        "value_trials": trials(0.01, -0.03),
        "fitted_models": fitted(),
        "money_trials": in_money(0.02, -0.04),
        "forecast_by_tenth": pd.DataFrame(),
        "forecast_over_time": pd.DataFrame(),
        **frames,
    }
    return FakeAsk(tables_between(first, AS_OF), dict(answers))


def answered(first: dt.date = FIRST, **frames: Any) -> Value:
    return value(ask_with(first, **frames), as_of=AS_OF, group=first_channel)


def test_the_headline_carries_the_total_and_its_bounds() -> None:
    amounts = {
        name: Money(amount, "GBP", digits=2)
        for name, amount in (("amount", 1000.0), ("low", 900.0), ("high", 1100.0))
    }
    assert answered().headline == Sentence("value.headline.margin", {**amounts, "months": 12})
    by_revenue = answered(expected_total=TOTAL.assign(by_margin=False))
    assert by_revenue.headline.key == "value.headline.revenue"


def test_groups_and_tenths_have_shares_of_all_value() -> None:
    found = answered()
    assert found.groups["share"].tolist() == [0.8, 0.2]
    assert found.groups["per_customer"].tolist() == pytest.approx([200.0, 200 / 6])
    assert found.top_share == 0.64
    assert found.tenths["share"].sum() == pytest.approx(1)
    assert found.tenths["least"].tolist()[:2] == [640.0, 160.0]


def test_who_stands_out_is_counted_and_the_first_are_named() -> None:
    found = answered()
    assert found.overlooked.count == 1
    assert found.overlooked.first["customer_id"].tolist() == ["c0"]
    assert found.overlooked.first["customer_lifetime_value"].tolist() == [640.0]
    assert (found.fading.count, found.fading.recent_revenue) == (2, 100.0)


def summaries(*, which: Callable[..., object], limit: int, **options: Any) -> pd.DataFrame:
    named = options.get("ids", STANDING["customer_id"])
    rows = pd.DataFrame({"customer_id": list(named), "segment": "loyal", "revenue": 9_00, "margin": None})
    return rows.assign(all_customers=len(rows)).iloc[::-1]


def listed(who: Who = 3, rows: pd.DataFrame = STANDING, **how: Any) -> CustomerList:
    those = rows["tenth"] == who if isinstance(who, int) else rows[who]
    ask = ask_with(standing_of=rows[those], listed_customers=summaries)
    rows = customers_by_value(ask, as_of=AS_OF, who=who, horizon_months=12, discount_rate=0.1)
    found = page_of(ask, rows, as_of=AS_OF, **{"listing": DEAREST, **how})
    named = [len(tuple(cast(Any, options["ids"]))) for _, options in ask.asked if "ids" in options]
    assert max(named, default=0) <= LISTED
    return found


def test_a_list_by_value_holds_what_is_expected_in_its_order_page_by_page() -> None:
    found = listed(limit=3, skip=2)
    assert found.count == 8
    assert found.rows["customer_id"].tolist() == ["c4", "c5", "c6"]
    assert found.rows["segment"].tolist() == ["loyal"] * 3
    assert found.rows["customer_lifetime_value"].tolist() == [25.0] * 3
    assert found.rows["recent_revenue"].tolist() == [50.0] * 3
    by_id = listed(limit=2, listing=Listing(sort="customer_id", descending=True)).rows
    assert by_id["customer_id"].tolist() == ["c9", "c8"]
    begun = listed("fading", listing=Listing(sort="recent_revenue", beginnings=("c9", "x")))
    assert (begun.count, begun.rows["customer_id"].tolist()) == (1, ["c9"])


def test_a_long_list_is_not_asked_for_by_its_names() -> None:
    many = pd.concat([STANDING] * 30, ignore_index=True)
    many["customer_id"] = [f"c{place}" for place in range(len(many))]
    assert len(listed(rows=many, limit=len(many)).rows) == 240


@pytest.mark.parametrize(
    ("rows", "verdict", "reason"),
    [
        (trials(0.01, -0.03), "use", "value.verdict.use"),
        (trials(0.01), "use_with_care", "value.verdict.care_once"),
        (trials(0.15, 0.2), "use_with_care", "value.verdict.care_error"),
        (trials(0.3, 0.4), "do_not_use", "value.verdict.too_far_off"),
        (trials(0.01, 0.01, average=0.5), "do_not_use", "value.verdict.no_better"),
    ],
)
def test_the_verdict_comes_with_its_reason(rows: pd.DataFrame, verdict: str, reason: str) -> None:
    found = answered(value_trials=rows)
    assert found.tried.verdict == verdict
    assert found.tried.told.values["verdict"] == Sentence(reason)
    assert (found.headline.key == "value.headline.unknown") == (verdict == "do_not_use")


def test_a_history_that_does_not_determine_the_model_asks_for_care_and_is_named() -> None:
    found = answered(fitted_models=fitted("dropout_at_zero")).tried
    assert found.verdict == "use_with_care"
    assert found.problems == ("dropout_at_zero",)
    assert found.told.values["verdict"] == with_problem("value.verdict.care_undetermined")
    far_off = answered(fitted_models=fitted("dropout_at_zero"), value_trials=trials(0.3, 0.4)).tried
    assert far_off.told.values["verdict"] == with_problem("value.verdict.too_far_off")
    untried = answered(
        fitted_models=fitted("dropout_at_zero"), value_trials=trials(), money_trials=in_money()
    )
    assert untried.tried.told == with_problem("value.verdict.untried")


def with_problem(verdict: str) -> Sentence:
    told = {"verdict": Sentence(verdict), "problem": Sentence("value.problem.dropout_at_zero")}
    return Sentence("value.verdict.and_problem", told)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_problem_is_said_in_a_sentence_of_its_own(code: str) -> None:
    codes, spoken = ("dropout_at_zero", "heterogeneity_at_bound"), language(code)
    assert set(codes) == rules.UNIDENTIFYING - rules.USELESS
    told = spoken.tell(answered(fitted_models=fitted(*codes)).tried.told)
    assert all(spoken.say(f"value.problem.{one}") in told for one in codes)


def test_a_history_shorter_than_twice_the_horizon_asks_for_care() -> None:
    found = answered(first=dt.date(2025, 2, 1))
    assert found.tried.verdict == "use_with_care"
    assert found.tried.told.values["verdict"] == Sentence("value.verdict.care_shorter")


def test_the_range_of_errors_is_told_with_its_signs() -> None:
    told = answered().tried.told.values["tried"]
    assert isinstance(told, Sentence)
    assert (told.values["low"], told.values["high"]) == (Change(-0.03), Change(0.01))
    spoken = language("en").tell(told)
    assert "off by −3.0% to +1.0% in" in spoken


def test_what_was_off_in_money_is_told_and_weighed() -> None:
    found = answered().tried
    assert found.told.values["money"] == Sentence(
        "value.tried.money.often", {"low": Change(-0.04), "high": Change(0.02)}
    )
    relied_on = found.each[found.each["forecast"] == "bg_nbd"]
    assert relied_on["error_of_money"].tolist() == [0.02, -0.04]
    assert found.each["error_of_money"].notna().sum() == 2
    verdicts = [answered(money_trials=in_money(0.02, off)).tried.verdict for off in (0.09, 0.12, -0.26)]
    assert verdicts == ["use", "use_with_care", "do_not_use"]
    once, never = (answered(money_trials=rows).tried.told for rows in (in_money(0.02), in_money()))
    assert once.values["money"] == Sentence("value.tried.money.once", {"error": Change(0.02)})
    assert never.values["money"] == Sentence("value.tried.money.never")


def test_an_untried_forecast_is_none() -> None:
    found = answered(value_trials=trials(), money_trials=in_money())
    assert found.tried.verdict == "do_not_use"
    assert found.tried.told == Sentence("value.verdict.untried")
    assert found.tried.why.key == "value.why.likeliest"
    assert found.tried.forecasts.empty


def test_the_chosen_forecast_stands_first() -> None:
    forecasts = answered(value_trials=trials(0.01, -0.03, average=0.5)).tried.forecasts
    assert forecasts["forecast"].tolist() == ["bg_nbd", "everybody_average"]
    assert forecasts["error_of_total"].tolist() == pytest.approx([0.02, 0.5])


def test_where_the_best_of_the_trials_cannot_be_made_today_the_next_best_is_named() -> None:
    rows = trials(0.01, -0.03, chosen="everybody_average")
    rows.loc[rows["forecast"] == "everybody_average", "chosen"] = True
    found = answered(value_trials=rows).tried
    assert found.why.key == "value.why.next_best"
    assert found.forecasts.set_index("forecast")["chosen"].to_dict() == {
        "bg_nbd": True,
        "everybody_average": False,
    }


def test_a_rule_that_did_better_is_named() -> None:
    rows = trials(0.01, -0.03)
    better = rows[rows["forecast"] == "bg_nbd"].assign(forecast="recent_window", loss=0.9, chosen=False)
    found = answered(value_trials=pd.concat([rows, better], ignore_index=True)).tried
    assert found.verdict == "use_with_care"
    rule = Sentence("forecast.recent_window")
    assert found.told.values["verdict"] == Sentence("value.verdict.care_simple", {"rule": rule})


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("errors", [(), (0.01,), (0.01, -0.03), (0.2, 0.2), (0.4, 0.4)])
def test_every_sentence_can_be_said(errors: tuple[float, ...], code: str) -> None:
    found, spoken = answered(value_trials=trials(*errors)), language(code)
    for sentence in (found.headline, found.tried.told, found.tried.why):
        assert spoken.tell(sentence)


COSTS = pd.DataFrame(
    {
        "channel": ["Shop", "Search", "Rare", None],
        "customers": [100, 200, 3, 5],
        "cost": [1_000_00, 10_000_00, 10_00, 10_00],
        "uncosted_contacts": [0, 0, 0, 0],
    }
)
VALUES = pd.DataFrame(
    {
        "group": ["Search"] * 37 + ["Shop"] * 37,
        "months": [*range(37)] * 2,
        "customers": [200] * 37 + [100] * 37,
        "value": [20_00 + 500 * month for month in range(37)] + [30_00 + 100 * month for month in range(37)],
    }
)


def won_with(*, narrowed: bool = False, months: int = 12, **frames: Any) -> Won:
    ask = ask_with(**{"acquisition_costs": COSTS, "new_customer_value": VALUES, **frames})
    found = won(
        ask,
        as_of=AS_OF,
        group=first_channel,
        horizon_months=months,
        discount_rate=0.1,
        narrowed=narrowed,
    )
    asked = [options["horizon_months"] for name, options in ask.asked if name == "new_customer_value"]
    assert set(asked) <= {months}
    return found


def raising(error: CrmError) -> Any:
    def answer(**_: object) -> pd.DataFrame:
        raise error

    return answer


def test_channels_stand_by_what_a_new_customer_brings_for_what_one_costs() -> None:
    channels = won_with().channels
    assert channels["channel"].tolist() == ["Shop", "Search"]
    assert channels["cost"].tolist() == [10.0, 50.0]
    assert channels["value"].tolist() == [42.0, 80.0]
    assert channels["loses"].tolist() == [False, False]
    assert channels["pay_back"].tolist() == [0, 6]
    assert channels["times"].tolist() == pytest.approx([4.2, 1.6])


def test_a_horizon_in_which_less_comes_back_than_was_spent_is_marked() -> None:
    channels = won_with(months=5).channels.set_index("channel")
    assert channels["value"].to_dict() == {"Shop": 35.0, "Search": 45.0}
    assert channels["loses"].to_dict() == {"Shop": False, "Search": True}
    assert channels["pay_back"].to_dict() == {"Shop": 0, "Search": 6}


def test_a_channel_that_cost_nothing_stands_first() -> None:
    channels = won_with(acquisition_costs=COSTS.assign(cost=[1_000_00, 0, 10_00, 10_00])).channels
    assert channels["channel"].tolist() == ["Search", "Shop"]
    assert channels["times"].isna().tolist() == [True, False]


def test_a_channel_with_a_contact_of_unknown_cost_is_left_out() -> None:
    channels = won_with(acquisition_costs=COSTS.assign(uncosted_contacts=[1, 0, 0, 0])).channels
    assert channels["channel"].tolist() == ["Search"]


@pytest.mark.parametrize(
    ("found", "key"),
    [
        ({"narrowed": True}, "value.won.narrowed"),
        ({"acquisition_costs": raising(NotProvided("x"))}, "value.won.not_provided"),
        ({"acquisition_costs": COSTS.iloc[3:]}, "value.won.not_provided"),
        ({"acquisition_costs": COSTS.iloc[:0]}, "value.won.not_provided"),
        (
            {"new_customer_value": raising(CannotForecast("value.too_few_won", least=100))},
            "value.too_few_won",
        ),
    ],
)
def test_what_is_missing_is_said(found: dict[str, Any], key: str) -> None:
    missing = won_with(**found).missing
    assert missing is not None
    assert missing.key == key


def test_a_channel_of_one_side_only_has_no_cost_to_hold_against_a_value() -> None:
    for rows in (COSTS.iloc[2:], COSTS.replace({"Shop": "shop", "Search": "search"})):
        found = won_with(acquisition_costs=rows)
        assert found.channels.empty
        assert found.missing == Sentence("value.won.no_common_channel", {"least": 100})


def test_contacts_without_a_cost_in_every_channel_are_counted() -> None:
    """Those of a channel whose customers are too few to speak of change nothing."""
    found = won_with(acquisition_costs=COSTS.assign(uncosted_contacts=[1, 2, 4, 8]))
    assert found.channels.empty
    assert found.missing == Sentence("value.won.uncosted", {"contacts": 3})


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_missing_has_words(code: str) -> None:
    spoken = language(code)
    for rows in (COSTS.iloc[2:], COSTS.assign(uncosted_contacts=1)):
        missing = won_with(acquisition_costs=rows).missing
        assert missing is not None
        assert spoken.tell(missing)


def test_the_month_of_pay_back_is_the_first_that_suffices() -> None:
    assert pay_back_month((10.0, 15.0, 20.0), 15.0) == 1
    assert pay_back_month((10.0, 15.0, 20.0), 9.0) == 0
    assert pay_back_month((10.0, 15.0, 20.0), 21.0) is None


def test_what_may_be_relied_on_is_said_where_the_forecast_may_not() -> None:
    assert answered().tried.instead == ()
    rule, ranking = answered(value_trials=trials(0.4, 0.6)).tried.instead
    assert rule == Sentence(
        "value.instead.rule",
        {"rule": Sentence("forecast.everybody_average"), "error": Share(0.5)},
    )
    assert ranking == Sentence("value.instead.ranking", {"correlation": 0.5})
    unranked = trials(0.4, 0.6).assign(rank_correlation=0.29)
    assert [one.key for one in answered(value_trials=unranked).tried.instead] == ["value.instead.rule"]


@pytest.mark.parametrize(
    ("high", "key"),
    [
        (1_800_00, "value.verdict.use"),
        (2_000_00, "value.verdict.care_wide"),
        (3_000_00, "value.verdict.too_wide"),
    ],
)
def test_an_interval_wider_than_its_amount_caps_the_verdict(high: int, key: str) -> None:
    told = answered(expected_total=TOTAL.assign(high=high)).tried.told
    assert cast(Sentence, told.values["verdict"]).key == key
