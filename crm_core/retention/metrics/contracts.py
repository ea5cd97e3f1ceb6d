"""What becomes of the money that contracts bring month by month."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir

from crm_core.base import NotProvided
from crm_core.customers.metrics import NO_DAY_AFTER, in_own_currency
from crm_core.expressions import date_of_day, integers, wilson_interval
from crm_core.periods import Calendar, day_of, day_of_second, first_day, last_day, period_of
from crm_core.tables import Tables


def contract_revenue_retention(
    tables: Tables, *, as_of: dt.date, calendar: Calendar = "gregorian"
) -> ir.Table:
    """Of what the customers under contract paid at the beginning of a month, how much they pay at its end.

    Args:
        tables: `contracts` (contract), and `rates` (currency x day) where they are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        calendar: `gregorian`, `jalali` or `buddhist`.

    Returns:
        Grain: a month with a running contract at its beginning, from the one of the first order line to the
        one of `as_of`. A contract runs from the day after its start to the day of its end; its amount is
        told at the rate of the day on which it started, so that rates make no difference to what is kept.

        - `period`: integer of the month
        - `period_start`: date of its first day
        - `complete`: whether its last day lies up to `as_of`
        - `customers`: customers with a running contract at its beginning, 1 or more
        - `retained`: those of them with a running contract at its end, or at that of `as_of`
        - `retention_rate`: `retained` / `customers`, 0 to 1
        - `low`: 95 % Wilson interval of the rate, its lower end, 0 to 1
        - `high`: its upper end, 0 to 1
        - `opening_amount`: money a month under contract at its beginning
        - `closing_amount`: money a month that the same customers have under contract at its end
        - `gross_retention`: what is left of the opening amount, without what customers took on, 0 to 1
        - `net_retention`: `closing_amount` / `opening_amount`; above 1 where more was taken on than ended

    Raises:
        NotProvided: The base has no contracts, or does not know their amounts.
    """
    tables = tables.until(as_of)
    contracts = tables.of_residents(tables.need("contracts"))
    if "contracts.monthly_amount" not in tables.provided:
        raise NotProvided("base.column_not_provided", table="contracts", column="monthly_amount")
    today = day_of(as_of)
    rows = contracts.select(
        "customer_id",
        "currency",
        "monthly_amount",
        day=day_of_second(contracts.started_at.epoch_seconds()),
        end=day_of_second(contracts.ended_at.epoch_seconds()),
    )
    rows = rows.filter(rows.day <= today, rows.monthly_amount > 0)
    rows, money = in_own_currency(rows, tables, "monthly_amount")
    # What is to end later has not ended.
    end = ibis.ifelse(rows.end.isnull() | (rows.end > today), NO_DAY_AFTER, rows.end)
    rows = rows.select("customer_id", "day", end=end, amount=money["monthly_amount"])
    current, begin = (period_of(day, "month", calendar) for day in (today, tables.first_day))
    months = integers(max(current - begin + 1, 0))
    months = months.select(period=months.n + begin)
    months = months.mutate(
        opens=first_day(months.period, "month", calendar),
        closes=first_day(months.period + 1, "month", calendar),
    )
    laid = rows.cross_join(months)
    opening = ibis.ifelse((laid.day < laid.opens) & (laid.end >= laid.opens), laid.amount, 0)
    closing = ibis.ifelse((laid.day < laid.closes) & (laid.end >= laid.closes), laid.amount, 0)
    paying = (
        laid.mutate(opening=opening, closing=closing)
        .group_by("customer_id", "period")
        .agg(opening=lambda t: t.opening.sum().cast("int64"), closing=lambda t: t.closing.sum().cast("int64"))
    )
    paying = paying.filter(paying.opening > 0)
    summed = paying.group_by("period").agg(
        customers=paying.count(),
        retained=ibis.ifelse(paying.closing > 0, 1, 0).sum().cast("int64"),
        opening=paying.opening.sum().cast("int64"),
        closing=paying.closing.sum().cast("int64"),
        left=ibis.ifelse(paying.closing < paying.opening, paying.closing, paying.opening).sum().cast("int64"),
    )
    low, high = wilson_interval(summed.retained, summed.customers)
    whole = today == last_day(current, "month", calendar)
    return summed.select(
        "period",
        period_start=date_of_day(first_day(summed.period, "month", calendar)),
        complete=(summed.period < current) | ibis.literal(whole),
        customers=summed.customers,
        retained=summed.retained,
        retention_rate=summed.retained.cast("float64") / summed.customers.cast("float64"),
        low=low,
        high=high,
        opening_amount=summed.opening,
        closing_amount=summed.closing,
        gross_retention=summed.left.cast("float64") / summed.opening.cast("float64"),
        net_retention=summed.closing.cast("float64") / summed.opening.cast("float64"),
    ).order_by("period")
