"""What becomes of the money that contracts bring month by month."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir

from crm_core.base import NotProvided
from crm_core.customers.metrics import NO_DAY_AFTER, in_own_currency
from crm_core.expressions import date_of_day, day_number, integers, wilson_interval
from crm_core.periods import Calendar, day_of, first_day, period_of
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
        one of `as_of`. The beginning of a month is its first day, its end the first day of the next, or
        `as_of`. A contract runs from the day of its start to the day of its end; one that ends on `as_of`
        goes on, for another may follow on it. Its amount is told at the rate of the day on which it started,
        so that rates make no difference to what is kept.

        - `period`: integer of the month
        - `period_start`: date of its first day
        - `complete`: whether its end is known: the first day of the next month lies up to `as_of`
        - `customers`: customers with a running contract at its beginning, 1 or more
        - `retained`: those of them with a running contract at its end
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
        day=day_number(contracts.started_at),
        end=day_number(contracts.ended_at),
    )
    rows = rows.filter(rows.day <= today, rows.monthly_amount > 0)
    rows, money = in_own_currency(rows, tables, "monthly_amount")
    current, begin = (period_of(day, "month", calendar) for day in (today, tables.first_day))
    runs = rows.select(
        "customer_id",
        amount=money["monthly_amount"],
        opens=ibis.greatest(period_of(rows.day - 1, "month", calendar) + 1, begin),
        closes=ibis.ifelse(
            rows.end.isnull() | (rows.end >= today), NO_DAY_AFTER, period_of(rows.end, "month", calendar) + 1
        ),
    )
    summed = _month_by_month(_changes(runs.filter(runs.closes > runs.opens)), begin, current)
    low, high = wilson_interval(summed.retained, summed.customers)
    return summed.select(
        "period",
        period_start=date_of_day(first_day(summed.period, "month", calendar)),
        complete=summed.period < current,
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


def _changes(runs: ir.Table) -> ir.Table:
    """The months at whose beginning a customer pays another amount than a month before: `before`, `after`.

    A run is paid for at the beginnings of all months from `opens` up to and without `closes`.
    """
    steps = ibis.union(
        runs.select("customer_id", period="opens", step="amount"),
        runs.filter(runs.closes < NO_DAY_AFTER).select(
            "customer_id", period="closes", step=lambda t: -t.amount
        ),
    )
    steps = steps.group_by("customer_id", "period").agg(step=steps.step.sum().cast("int64"))
    so_far = ibis.cumulative_window(group_by="customer_id", order_by="period")
    after = steps.step.sum().over(so_far).cast("int64")
    return steps.select("period", before=after - steps.step, after=after)


def _month_by_month(changes: ir.Table, begin: int, current: int) -> ir.Table:
    """By month what is paid at its beginning, by how many, and what becomes of that up to its end."""
    zero = ibis.literal(0, "int64")
    rise = changes.after - changes.before
    of_known = changes.before > 0
    spine = integers(max(current - begin + 1, 0))
    parts = ibis.union(
        spine.select(period=spine.n + begin, paid=zero, payers=zero, left=zero, gone=zero, lost=zero),
        changes.select(
            "period",
            paid=rise,
            payers=_one(changes.after > 0) - _one(of_known),
            left=zero,
            gone=zero,
            lost=zero,
        ),
        # What changes at the beginning of a month has become so in the month before.
        changes.select(
            period=changes.period - 1,
            paid=zero,
            payers=zero,
            left=_one(of_known) * rise,
            gone=_one(of_known & (changes.after == 0)),
            lost=-_one(rise < 0) * rise,
        ),
    )
    names = ("paid", "payers", "left", "gone", "lost")
    months = parts.group_by("period").agg(**{name: parts[name].sum().cast("int64") for name in names})
    so_far = ibis.cumulative_window(order_by="period")
    opening, customers = (months[name].sum().over(so_far).cast("int64") for name in ("paid", "payers"))
    months = months.mutate(opening=opening, customers=customers)
    months = months.filter(months.period >= begin, months.period <= current, months.customers > 0)
    return months.select(
        "period",
        "customers",
        "opening",
        retained=months.customers - months.gone,
        closing=months.opening + months["left"],
        left=months.opening - months.lost,
    )


def _one(condition: ir.BooleanValue) -> ir.IntegerValue:
    return ibis.ifelse(condition, 1, 0).cast("int64")
