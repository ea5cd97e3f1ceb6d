"""What customers are expected to be worth together, in groups, and against what they bring today."""

from __future__ import annotations

import datetime as dt
from typing import Literal, cast

import numpy as np
import pandas as pd

from crm_core.base import NORMAL_QUANTILE
from crm_core.customers.metrics import Grouping
from crm_core.tables import Ask, Estimate
from crm_core.value import rules
from crm_core.value.estimates.fitted import cells_of
from crm_core.value.estimates.lifetime import Means, customer_lifetime_value, means_of
from crm_core.value.estimates.money_tried import money_trials
from crm_core.value.metrics import customers_in_groups, purchase_cells, revenue_of_window
from crm_core.value.models.cells import Integers


@Estimate
def expected_total(
    ask: Ask, *, as_of: dt.date, horizon_months: int = 12, discount_rate: float = 0.1
) -> pd.DataFrame:
    """What all customers together are expected to buy and to be worth in the months to come.

    Args:
        ask: The base.
        as_of: Only what happened up to the end of this day exists.
        horizon_months: How many Gregorian months to come count.
        discount_rate: By which money loses worth in a year; 0.1 is 10 %.

    Returns:
        Grain: one row.

        - `customers`: with at least one purchase up to `as_of`
        - `expected_purchases`: days with a purchase in the horizon
        - `expected_silent`: customers without a purchase in the horizon, the sum of `probability_of_none`
        - `customer_lifetime_value`: money, the sum of all customers'
        - `low`, `high`: money, between which that sum lies with a probability of 95 %
        - `forecast`: by which purchases are forecast
        - `by_margin`: whether cost is taken off

    Raises:
        CrmError: Too few customers came back to fit any model, or nothing was left of what they bought.
    """
    options = {"horizon_months": horizon_months, "discount_rate": discount_rate}
    means = means_of(ask, as_of=as_of, horizon_months=horizon_months, discount_rate=discount_rate)
    customers = ask(customer_lifetime_value, as_of=as_of, **options)
    value = int(customers["customer_lifetime_value"].sum())
    off = NORMAL_QUANTILE * relative_error_of_total(ask, means, as_of=as_of, horizon_months=horizon_months)
    return pd.DataFrame(
        {
            "customers": [len(customers)],
            "expected_purchases": [float(customers["expected_purchases"].sum())],
            "expected_silent": [float(customers["probability_of_none"].sum())],
            "customer_lifetime_value": [value],
            "low": [max(round(value * (1 - off)), 0)],
            "high": [round(value * (1 + off))],
            "forecast": [means.form.name],
            "by_margin": [means.by_margin],
        }
    )


def relative_error_of_total(ask: Ask, means: Means, *, as_of: dt.date, horizon_months: int) -> float:
    """Standard error of what all customers are expected to be worth, relative to it.

    What the model says of its own error is combined with how far the same forecast was off in money in
    trials, which knows of what no model does: seasons, prices, rivals.
    """
    total, error = means.model.total(means.weeks, cells_of(ask(purchase_cells, as_of=as_of)))
    tried = ask(money_trials, as_of=as_of, horizon_months=horizon_months)
    off = tried["error_of_money"].dropna().to_numpy("float64")
    return float(np.sqrt((error / total) ** 2 + (np.mean(off**2) if off.size else 0.0)))


@Estimate
def value_by_group(
    ask: Ask,
    *,
    as_of: dt.date,
    group: Grouping,
    horizon_months: int = 12,
    discount_rate: float = 0.1,
) -> pd.DataFrame:
    """What the customers of each group are expected to buy and to be worth in the months to come.

    Args:
        ask: The base.
        as_of: Only what happened up to the end of this day exists.
        group: By what customers are parted.
        horizon_months: How many Gregorian months to come count.
        discount_rate: By which money loses worth in a year; 0.1 is 10 %.

    Returns:
        Grain: a group with at least one customer, the most valuable first.

        - `group`: text, null for customers who are in none
        - `customers`: with at least one purchase up to `as_of`
        - `expected_purchases`: days with a purchase in the horizon
        - `customer_lifetime_value`: money, the sum of these customers'

    Raises:
        CrmError: Too few customers came back to fit any model, or nothing was left of what they bought.
        NotProvided: The base does not know what the grouping needs.
    """
    options = {"horizon_months": horizon_months, "discount_rate": discount_rate}
    members = ask(customers_in_groups, as_of=as_of, group=group)
    both = ask(customer_lifetime_value, as_of=as_of, **options).merge(members, on="customer_id")
    grouped = both.groupby("group", dropna=False, sort=True)
    rows = grouped.agg(
        customers=("customer_id", "size"),
        expected_purchases=("expected_purchases", "sum"),
        customer_lifetime_value=("customer_lifetime_value", "sum"),
    )
    return rows.reset_index().sort_values("customer_lifetime_value", ascending=False, kind="stable")


Who = Literal["overlooked", "fading"] | int
"""Customers who stand out by a column of `value_standing`, or those of a tenth."""


@Estimate
def value_standing(
    ask: Ask, *, as_of: dt.date, horizon_months: int = 12, discount_rate: float = 0.1
) -> pd.DataFrame:
    """Where each customer stands by what is expected, and by what the last year brought.

    Args:
        ask: The base.
        as_of: Only what happened up to the end of this day exists.
        horizon_months: How many Gregorian months to come count.
        discount_rate: By which money loses worth in a year; 0.1 is 10 %.

    Returns:
        Grain: a customer with at least one purchase up to `as_of`, the most valuable first, ties by
        `customer_id`.

        - `customer_id`: text
        - `customer_lifetime_value`, `low`, `high`: money, with its bounds as in `customer_lifetime_value`
        - `expected_purchases`: days with a purchase in the horizon
        - `probability_of_none`: of no purchase in the horizon, 0 to 1
        - `recent_revenue`: money, of the last 365 days
        - `tenth`: by `customer_lifetime_value`, 1 (the best tenth of customers) to 10; equal customers are in
          the same
        - `revenue_fifth`: by `recent_revenue`, 1 (the best fifth) to 5; equal customers are in the same
        - `overlooked`: whether the customer is among the best fifth to come and not among the best two
            fifths of the last year, having kept something of what was bought in it
        - `fading`: whether the customer is among the best fifth of the last year, having kept something of
            it, and more likely than not buys nothing in the horizon

    Raises:
        CrmError: Too few customers came back to fit any model, or nothing was left of what they bought.
    """
    options = {"horizon_months": horizon_months, "discount_rate": discount_rate}
    valued = ask(customer_lifetime_value, as_of=as_of, **options)
    brought = ask(revenue_of_window, as_of=as_of).rename(columns={"revenue": "recent_revenue"})
    rows = valued.merge(brought, on="customer_id")
    rows = rows.sort_values(
        ["customer_lifetime_value", "customer_id"], ascending=[False, True], ignore_index=True
    )
    rows["tenth"] = _part(rows["customer_lifetime_value"], 10)
    rows["revenue_fifth"] = _part(rows["recent_revenue"], 5)
    kept = rows["recent_revenue"] > 0
    little = (rows["revenue_fifth"] > rules.WELL_SERVED_FIFTHS) & kept
    rows["overlooked"] = (rows["tenth"] <= rules.BEST_TENTHS) & little
    much = (rows["revenue_fifth"] <= rules.BEST_FIFTHS) & kept
    rows["fading"] = much & (rows["probability_of_none"] > rules.LIKELY)
    return rows[
        [
            *("customer_id", "customer_lifetime_value", "low", "high", "expected_purchases"),
            *("probability_of_none", "recent_revenue", "tenth", "revenue_fifth", "overlooked", "fading"),
        ]
    ]


def _part(amounts: pd.Series, parts: int) -> Integers:
    """In which of so many equal parts each amount is, 1 the highest; equal amounts are in the same."""
    higher = amounts.rank(method="min", ascending=False).to_numpy("int64") - 1
    return cast(Integers, 1 + parts * higher // max(len(amounts), 1))


@Estimate
def standing_of(
    ask: Ask, *, as_of: dt.date, who: Who, horizon_months: int = 12, discount_rate: float = 0.1
) -> pd.DataFrame:
    """The rows of `value_standing` of some customers.

    Args:
        ask: The base.
        as_of: Only what happened up to the end of this day exists.
        who: A tenth by expected value, or who stands out.
        horizon_months: How many Gregorian months to come count.
        discount_rate: By which money loses worth in a year; 0.1 is 10 %.

    Returns:
        Grain: one of these customers. Columns and order as in `value_standing`.

    Raises:
        CrmError: Too few customers came back to fit any model, or nothing was left of what they bought.
    """
    rows = ask(value_standing, as_of=as_of, horizon_months=horizon_months, discount_rate=discount_rate)
    those = rows["tenth"] == who if isinstance(who, int) else rows[who]
    return rows[those].reset_index(drop=True)
