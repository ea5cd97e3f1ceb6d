"""What customers are expected to be worth together, in groups, and against what they bring today."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from crm_core.customers.metrics import Grouping
from crm_core.tables import Ask, AsOf, Estimate, lasting
from crm_core.value import rules
from crm_core.value.estimates.lifetime import basis_of, customer_lifetime_value
from crm_core.value.estimates.options import DiscountRate, HorizonMonths
from crm_core.value.estimates.together import TENTHS, part_of, sums_of_value, with_bounds
from crm_core.value.metrics import revenue_of_window


@lasting
def expected_total(
    ask: Ask, *, as_of: AsOf, horizon_months: HorizonMonths = 12, discount_rate: DiscountRate = 0.1
) -> pd.DataFrame:
    """What all customers together are expected to buy and to be worth in the months to come.

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
        CannotForecast: Too few customers came back to fit any model, or nothing was left of what they bought.
    """
    options = {"horizon_months": horizon_months, "discount_rate": discount_rate}
    basis = basis_of(ask, as_of=as_of, horizon_months=horizon_months, discount_rate=discount_rate)
    sums = ask(sums_of_value, as_of=as_of, group=None, **options).assign(group="")
    row = with_bounds(
        ask, sums, as_of=as_of, horizon_months=horizon_months, discount_rate=discount_rate
    ).drop(columns=["group", "least"])
    return row.assign(forecast=basis.form.name, by_margin=basis.by_margin)


@Estimate
def value_by_group(
    ask: Ask,
    *,
    as_of: AsOf,
    group: Grouping,
    horizon_months: HorizonMonths = 12,
    discount_rate: DiscountRate = 0.1,
) -> pd.DataFrame:
    """What the customers of each group are expected to buy and to be worth in the months to come.

    Args:
        group: By what customers are parted.

    Returns:
        Grain: a group with at least one customer, the most valuable first.

        - `group`: text, null for customers who are in none
        - `customers`: with at least one purchase up to `as_of`
        - `expected_purchases`: days with a purchase in the horizon
        - `customer_lifetime_value`: money, the sum of these customers'
        - `low`, `high`: money, between which that sum lies with a probability of 95 %

    Raises:
        CannotForecast: Too few customers came back to fit any model, or nothing was left of what they bought.
        NotProvided: The base does not know what the grouping needs.
    """
    options = {"horizon_months": horizon_months, "discount_rate": discount_rate}
    sums = ask(sums_of_value, as_of=as_of, group=group, **options)
    rows = with_bounds(
        ask, sums, as_of=as_of, horizon_months=horizon_months, discount_rate=discount_rate, group=group
    ).drop(columns=["expected_silent", "least"])
    return rows.sort_values("customer_lifetime_value", ascending=False, kind="stable", ignore_index=True)


@Estimate
def value_by_tenth(
    ask: Ask, *, as_of: AsOf, horizon_months: HorizonMonths = 12, discount_rate: DiscountRate = 0.1
) -> pd.DataFrame:
    """What each tenth of customers, by what they are expected to be worth, is worth in the months to come.

    Returns:
        Grain: a tenth; equal customers are in the same, and one that is left empty is not there.

        - `tenth`: 1 (the best) to 10
        - `customers`: with at least one purchase up to `as_of`
        - `customer_lifetime_value`: money, the sum of these customers'
        - `low`, `high`: money, between which that sum lies with a probability of 95 %
        - `least`: money, what the least valuable of them is expected to be worth

    Raises:
        CannotForecast: Too few customers came back to fit any model, or nothing was left of what they bought.
    """
    options = {"horizon_months": horizon_months, "discount_rate": discount_rate}
    sums = ask(sums_of_value, as_of=as_of, group=None, **options)
    rows = with_bounds(ask, sums, as_of=as_of, horizon_months=horizon_months, discount_rate=discount_rate)
    rows = rows.assign(tenth=rows["group"].astype("int64"))
    return rows[["tenth", "customers", "customer_lifetime_value", "low", "high", "least"]]


Who = Literal["overlooked", "fading"] | int
"""Customers who stand out by a column of `value_standing`, or those of a tenth."""


@Estimate
def value_standing(
    ask: Ask, *, as_of: AsOf, horizon_months: HorizonMonths = 12, discount_rate: DiscountRate = 0.1
) -> pd.DataFrame:
    """Where each customer stands by what is expected, and by what the last year brought.

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
            it, more likely than not buys nothing in the horizon, and is not in the best tenth to come

    Raises:
        CannotForecast: Too few customers came back to fit any model, or nothing was left of what they bought.
    """
    options = {"horizon_months": horizon_months, "discount_rate": discount_rate}
    valued = ask(customer_lifetime_value, as_of=as_of, **options)
    brought = ask(revenue_of_window, as_of=as_of).rename(columns={"revenue": "recent_revenue"})
    rows = valued.merge(brought, on="customer_id")
    rows = rows.sort_values(
        ["customer_lifetime_value", "customer_id"], ascending=[False, True], ignore_index=True
    )
    rows["tenth"] = part_of(rows["customer_lifetime_value"], TENTHS)
    rows["revenue_fifth"] = part_of(rows["recent_revenue"], 5)
    kept = rows["recent_revenue"] > 0
    little = (rows["revenue_fifth"] > rules.WELL_SERVED_FIFTHS) & kept
    rows["overlooked"] = (rows["tenth"] <= rules.BEST_TENTHS) & little
    much = (rows["revenue_fifth"] <= rules.BEST_FIFTHS) & kept
    unlikely = rows["probability_of_none"] > rules.LIKELY
    rows["fading"] = much & unlikely & (rows["tenth"] > rules.DEAREST_TENTHS)
    return rows[
        [
            *("customer_id", "customer_lifetime_value", "low", "high", "expected_purchases"),
            *("probability_of_none", "recent_revenue", "tenth", "revenue_fifth", "overlooked", "fading"),
        ]
    ]


@Estimate
def standing_of(
    ask: Ask, *, as_of: AsOf, who: Who, horizon_months: HorizonMonths = 12, discount_rate: DiscountRate = 0.1
) -> pd.DataFrame:
    """The rows of `value_standing` of some customers.

    Args:
        who: A tenth by expected value, or who stands out.

    Returns:
        Grain: one of these customers. Columns and order as in `value_standing`.

    Raises:
        CannotForecast: Too few customers came back to fit any model, or nothing was left of what they bought.
    """
    rows = ask(value_standing, as_of=as_of, horizon_months=horizon_months, discount_rate=discount_rate)
    those = rows["tenth"] == who if isinstance(who, int) else rows[who]
    return rows[those].reset_index(drop=True)
