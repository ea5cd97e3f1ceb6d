"""What will each customer be worth, and what may we spend to keep or win one?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from crm_core.base import Money, Sentence
from crm_core.customers.metrics import Grouping
from crm_core.tables import Ask
from crm_core.value.answers.tried import Tried, tried
from crm_core.value.answers.won import Won, won
from crm_core.value.estimates import expected_total, value_by_group, value_standing

__all__ = ["Tried", "Value", "Won", "behind", "tried", "value", "won"]


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
        groups: `group`, `customers`, `expected_purchases`, `customer_lifetime_value`, `share`,
            `per_customer`, the most valuable first.
        tenths: `tenth` (1 the best), `customers`, `customer_lifetime_value`, `share`, `least`: what the last
            of them is expected to bring.
        overlooked: Customers worth more to come than what they brought lately would tell, the most valuable
            first; columns of `value_standing`.
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
    overlooked: pd.DataFrame
    currency: str

    @property
    def top_share(self) -> float:
        """The share of all expected value that the best tenth of customers brings."""
        return float(self.tenths["share"].iloc[0])


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
        CrmError: Too few customers came back to fit any model, or nothing was left of what they bought.
        NotProvided: The base does not know what the grouping needs.
    """
    options = {"horizon_months": horizon_months, "discount_rate": discount_rate}
    scale, currency = ask.tables.money_scale, ask.tables.currency
    total = ask(expected_total, as_of=as_of, **options).iloc[0]
    standing = _in_currency(ask(value_standing, as_of=as_of, **options), scale, "revenue")
    groups = _in_currency(ask(value_by_group, as_of=as_of, group=group, **options), scale)
    found = tried(ask, as_of=as_of, horizon_months=horizon_months, forecast=str(total["forecast"]))
    bounds = {name: float(total[name]) / scale for name in ("customer_lifetime_value", "low", "high")}
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
        tenths=_tenths(standing),
        overlooked=standing[standing["overlooked"]].reset_index(drop=True),
        currency=currency,
    )


def behind(
    ask: Ask, *, as_of: dt.date, horizon_months: int, discount_rate: float, tenth: int | None
) -> tuple[str, ...]:
    """The customers of a tenth by expected value, 1 the best; without one those who are overlooked."""
    standing = ask(value_standing, as_of=as_of, horizon_months=horizon_months, discount_rate=discount_rate)
    those = standing["overlooked"] if tenth is None else standing["tenth"] == tenth
    return tuple(standing.loc[those, "customer_id"])


def _in_currency(rows: pd.DataFrame, scale: int, *more: str) -> pd.DataFrame:
    money = ("customer_lifetime_value", *more)
    return rows.assign(**{name: rows[name].astype("float64") / scale for name in money})


def _shares(amounts: pd.Series) -> pd.Series:
    whole = amounts.sum()
    return amounts / whole if whole else amounts * 0.0


def _tenths(standing: pd.DataFrame) -> pd.DataFrame:
    tenths = standing.groupby("tenth", sort=True).agg(
        customers=("customer_id", "size"),
        customer_lifetime_value=("customer_lifetime_value", "sum"),
        least=("customer_lifetime_value", "min"),
    )
    return tenths.assign(share=_shares(tenths["customer_lifetime_value"])).reset_index()


def _headline(
    bounds: dict[str, float], currency: str, months: int, found: Tried, *, by_margin: bool
) -> Sentence:
    if found.verdict == "do_not_use":
        return Sentence("value.headline.unknown", {"months": months})
    # One digit is not enough to tell the ends of a narrow interval apart.
    amounts = {
        name: Money(bounds[bound], currency, digits=2)
        for name, bound in (("amount", "customer_lifetime_value"), ("low", "low"), ("high", "high"))
    }
    key = "value.headline.margin" if by_margin else "value.headline.revenue"
    return Sentence(key, {**amounts, "months": months})
