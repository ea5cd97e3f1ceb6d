"""What will each customer be worth, and what may we spend to keep or win one?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from crm_core.base import Money, Sentence
from crm_core.customers.metrics import Grouping
from crm_core.tables import Ask
from crm_core.value.answers.listed import customers_by_value, in_currency
from crm_core.value.answers.tried import Tried, forecast_named, tried
from crm_core.value.answers.won import Won, won
from crm_core.value.estimates import (
    CannotForecast,
    expected_total,
    fitted_models,
    forecast_over_time,
    money_trials,
    value_by_group,
    value_by_tenth,
    value_standing,
    value_trials,
)

__all__ = [
    "CannotForecast",
    "StandingOut",
    "Tried",
    "Value",
    "Won",
    "customers_by_value",
    "forecast_named",
    "steps",
    "tried",
    "value",
    "won",
]


FIRST: Final = 10
"""Customers who are named where there are more of them."""


@dataclass(frozen=True)
class StandingOut:
    """Customers who stand out, money in units of currency.

    Args:
        count: How many they are.
        recent_revenue: What they brought together in the last 365 days.
        first: The most valuable of them; columns of `value_standing`.
    """

    count: int
    recent_revenue: float
    first: pd.DataFrame


@dataclass(frozen=True)
class Value:
    """The whole answer, money in units of currency.

    Args:
        as_of: Only what happened up to the end of this day exists.
        horizon_months: How many months to come count.
        discount_rate: By which money loses worth in a year.
        headline: The answer in one sentence.
        tried: How the forecast did on the base's own past, and whether to rely on it.
        customers: All actual customers.
        value: What they are expected to bring together; margin if `by_margin`, else revenue.
        low: Its lower bound.
        high: Its upper bound.
        by_margin: Whether cost is taken off.
        expected_purchases: Days with a purchase, of all customers.
        expected_silent: How many customers are expected to buy nothing.
        groups: `group`, `customers`, `expected_purchases`, `customer_lifetime_value`, `low`, `high`, `share`,
            `per_customer`, the most valuable first.
        tenths: `tenth` (1 the best), `customers`, `customer_lifetime_value`, `low`, `high`, `share`, `least`:
            what the last of them is expected to bring.
        overlooked: Customers worth more to come than what they brought lately would tell.
        fading: Customers who brought much lately and will probably buy nothing.
        currency: The base's currency.
    """

    as_of: dt.date
    horizon_months: int
    discount_rate: float
    headline: Sentence
    tried: Tried
    customers: int
    value: float
    low: float
    high: float
    by_margin: bool
    expected_purchases: float
    expected_silent: float
    groups: pd.DataFrame
    tenths: pd.DataFrame
    overlooked: StandingOut
    fading: StandingOut
    currency: str

    @property
    def top_share(self) -> float:
        """The share of all expected value that the best tenth of customers brings."""
        return float(self.tenths["share"].iloc[0])


def steps(ask: Ask, *, as_of: dt.date, horizon_months: int) -> Mapping[str, Callable[[], object]]:
    """What is worked out before the answer, by name and in order; what is known takes no time."""
    ahead = {"horizon_months": horizon_months}
    return {
        "fitting": lambda: ask(fitted_models, as_of=as_of),
        "trying": lambda: ask(value_trials, as_of=as_of, **ahead),
        "trying_money": lambda: ask(money_trials, as_of=as_of, **ahead),
        "comparing": lambda: ask(forecast_over_time, as_of=as_of, **ahead),
        "valuing": lambda: None,
    }


def value(
    ask: Ask, *, as_of: dt.date, group: Grouping, horizon_months: int = 12, discount_rate: float = 0.1
) -> Value:
    """What the customers are expected to be worth, and how far that can be relied on.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        group: By what customers are parted.
        horizon_months: How many months to come count.
        discount_rate: By which money loses worth in a year.

    Raises:
        CannotForecast: Too few customers came back to fit any model, or nothing was left of what they bought.
        NotProvided: The base does not know what the grouping needs.
    """
    options = {"horizon_months": horizon_months, "discount_rate": discount_rate}
    scale, currency = ask.tables.money_scale, ask.tables.currency
    total = ask(expected_total, as_of=as_of, **options).iloc[0]
    standing = in_currency(ask(value_standing, as_of=as_of, **options), scale)
    groups = in_currency(ask(value_by_group, as_of=as_of, group=group, **options), scale)
    tenths = in_currency(ask(value_by_tenth, as_of=as_of, **options), scale)
    bounds = {name: float(total[name]) / scale for name in ("customer_lifetime_value", "low", "high")}
    found = tried(
        ask,
        as_of=as_of,
        horizon_months=horizon_months,
        forecast=str(total["forecast"]),
        width=(bounds["high"] - bounds["low"]) / (bounds["customer_lifetime_value"] or 1.0),
    )
    by_margin = bool(total["by_margin"])
    return Value(
        as_of=as_of,
        horizon_months=horizon_months,
        discount_rate=discount_rate,
        headline=_headline(bounds, currency, horizon_months, found, by_margin=by_margin),
        tried=found,
        customers=int(total["customers"]),
        value=bounds["customer_lifetime_value"],
        low=bounds["low"],
        high=bounds["high"],
        by_margin=by_margin,
        expected_purchases=float(total["expected_purchases"]),
        expected_silent=float(total["expected_silent"]),
        groups=groups.assign(
            share=_shares(groups["customer_lifetime_value"]),
            per_customer=groups["customer_lifetime_value"] / groups["customers"],
        ),
        tenths=tenths.assign(share=_shares(tenths["customer_lifetime_value"])),
        overlooked=_standing_out(standing, "overlooked"),
        fading=_standing_out(standing, "fading"),
        currency=currency,
    )


def _standing_out(standing: pd.DataFrame, column: str) -> StandingOut:
    those = standing[standing[column]]
    first = those.head(FIRST).reset_index(drop=True)
    return StandingOut(len(those), float(those["recent_revenue"].sum()), first)


def _shares(amounts: pd.Series) -> pd.Series:
    whole = amounts.sum()
    return amounts / whole if whole else amounts * 0.0


def _headline(
    bounds: dict[str, float], currency: str, months: int, found: Tried, *, by_margin: bool
) -> Sentence:
    if found.verdict == "do_not_use":
        return Sentence("value.headline.unknown", {"months": months})
    amounts = {
        name: Money(bounds[bound], currency, digits=2)
        for name, bound in (("amount", "customer_lifetime_value"), ("low", "low"), ("high", "high"))
    }
    key = "value.headline.margin" if by_margin else "value.headline.revenue"
    return Sentence(key, {**amounts, "months": months})
