"""Revenue and customers by period, the lifecycle of the customer base, and figures of any span of days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from crm_core.customers.metrics import NO_DAY_BEFORE, margin_of, purchase_days, sales_days
from crm_core.expressions import date_of_day, integers
from crm_core.overview.rules import Group
from crm_core.periods import Calendar, Unit, day_of, first_day, last_day, period_of
from crm_core.tables import Metric, Tables


def revenue_by_period(
    tables: Tables, *, as_of: dt.date, unit: Unit = "month", calendar: Calendar = "gregorian"
) -> ir.Table:
    """What was sold in each calendar period, and to how many customers.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        unit: Length of the period: `day`, `week`, `month`, `quarter` or `year`.
        calendar: `gregorian`, `jalali` or `buddhist`.

    Returns:
        Grain: a calendar period, from the one of the first order line to the one of `as_of`, none left out.

        - `period`: integer of the period
        - `period_start`: date of its first day
        - `complete`: whether its last day lies up to `as_of`
        - `revenue`: money, sum of all lines' amounts, returns and guests included
        - `customer_revenue`: money, the part of `revenue` that known customers brought
        - `guest_revenue`: money, the part of `revenue` of orders without a customer
        - `returned`: money, sum of the negative amounts within `revenue`, 0 or less
        - `margin`: money, revenue less cost; null where the cost of any line is not known
        - `order_count`: purchases of known customers
        - `active_customers`: customers with a purchase in the period
        - `new_customers`: those of them whose first purchase it was
    """
    tables = tables.until(as_of)
    sales = sales_days(tables)
    sales = sales.mutate(period=period_of(sales.day, unit, calendar))
    sold = sales.group_by("period").agg(
        revenue=sales.revenue.sum().cast("int64"),
        guest_revenue=sales.revenue.sum(where=sales.guest == 1).coalesce(0).cast("int64"),
        returned=sales.returned.sum().cast("int64"),
        cost=sales.cost.sum().cast("int64"),
        uncosted_line_count=sales.uncosted_line_count.sum().cast("int64"),
    )
    bought = _purchase_days(tables, unit, calendar)
    buyers = bought.group_by("period").agg(
        order_count=bought.order_count.sum().cast("int64"),
        active_customers=bought.is_active.sum().cast("int64"),
        new_customers=bought.is_new.sum().cast("int64"),
    )
    spine = _periods(tables, as_of, unit, calendar)
    laid = spine.left_join(sold, "period").drop("period_right").left_join(buyers, "period")
    return laid.select(
        "period",
        "period_start",
        "complete",
        revenue=laid.revenue.coalesce(0),
        customer_revenue=laid.revenue.coalesce(0) - laid.guest_revenue.coalesce(0),
        guest_revenue=laid.guest_revenue.coalesce(0),
        returned=laid.returned.coalesce(0),
        margin=ibis.ifelse(
            laid.uncosted_line_count.coalesce(0) == 0,
            laid.revenue.coalesce(0) - laid.cost.coalesce(0),
            ibis.null("int64"),
        ),
        order_count=laid.order_count.coalesce(0),
        active_customers=laid.active_customers.coalesce(0),
        new_customers=laid.new_customers.coalesce(0),
    ).order_by("period")


def lifecycle(
    tables: Tables, *, as_of: dt.date, unit: Unit = "month", calendar: Calendar = "gregorian"
) -> ir.Table:
    """Who bought in each period, by what they did before: new, returning, resurrected, and who fell dormant.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        unit: Length of the period, a month unless told.
        calendar: `gregorian`, `jalali` or `buddhist`.

    Returns:
        Grain: a calendar period, from the one of the first order line to the one of `as_of`, none left out.

        - `period`: integer of the period
        - `period_start`: date of its first day
        - `complete`: whether its last day lies up to `as_of`
        - `new`: customers whose first purchase lies in it
        - `returning`: customers who bought in it and in the period before
        - `resurrected`: customers who bought in it and earlier, but not in the period before
        - `dormant`: customers who bought in the period before and not in it
        - `active`: customers who bought in it: new, returning and resurrected
    """
    tables = tables.until(as_of)
    bought = _purchase_days(tables, unit, calendar)
    counted = bought.group_by("period").agg(
        new=bought.is_new.sum().cast("int64"),
        returning=bought.is_returning.sum().cast("int64"),
        active=bought.is_active.sum().cast("int64"),
    )
    previous = counted.select(period=counted.period + 1, active_before=counted.active)
    spine = _periods(tables, as_of, unit, calendar)
    laid = spine.left_join(counted, "period").drop("period_right").left_join(previous, "period")
    laid = laid.select(
        "period",
        "period_start",
        "complete",
        new=laid.new.coalesce(0),
        returning=laid.returning.coalesce(0),
        active=laid.active.coalesce(0),
        active_before=laid.active_before.coalesce(0),
    )
    return laid.select(
        "period",
        "period_start",
        "complete",
        "new",
        "returning",
        resurrected=laid.active - laid.new - laid.returning,
        dormant=laid.active_before - laid.returning,
        active=laid.active,
    ).order_by("period")


def _purchase_days(tables: Tables, unit: Unit, calendar: Calendar) -> ir.Table:
    """Purchase days with their `period`, and as 1 or 0 what the day is to its customer.

    `is_new`: the first one ever; `is_active`: the first one in its period; `is_returning`: that, with a
    purchase in the period before.
    """
    days = purchase_days(tables)
    days = days.select(
        "order_count",
        "previous_purchase_day",
        period=period_of(days.day, unit, calendar),
        period_before=period_of(days.previous_purchase_day, unit, calendar),
    )
    return days.select(
        "period",
        "order_count",
        is_new=ibis.ifelse(days.previous_purchase_day == NO_DAY_BEFORE, 1, 0),
        is_active=ibis.ifelse(days.period_before < days.period, 1, 0),
        is_returning=ibis.ifelse(
            (days.period_before == days.period - 1) & (days.previous_purchase_day != NO_DAY_BEFORE), 1, 0
        ),
    )


def _periods(tables: Tables, as_of: dt.date, unit: Unit, calendar: Calendar) -> ir.Table:
    """The calendar periods from the first order line to `as_of`."""
    today = day_of(as_of)
    first, current = period_of(tables.first_day, unit, calendar), period_of(today, unit, calendar)
    whole = today == last_day(current, unit, calendar)
    spine = integers(max(current - first + 1, 0))
    spine = spine.select(period=spine.n + first)
    return spine.select(
        "period",
        period_start=date_of_day(first_day(spine.period, unit, calendar)),
        complete=(spine.period < current) | ibis.literal(whole),
    )


def span_figures(tables: Tables, *, as_of: dt.date, spans: Sequence[tuple[int, int]]) -> ir.Table:
    """The figures of some spans of days, each beside the span of the same length before it.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        spans: First and last day number of each span, both included.

    Returns:
        Grain: a span, in the order asked for.

        - `span`: its number, from 0
        - `active_customers`: customers with a purchase in the span
        - `new_customers`: those of them whose first purchase lies in it
        - `lost_customers`: customers with a purchase in the equally long span before it and none in it
        - `order_count`: purchases of known customers in the span
        - `customer_revenue`: money, lines of known customers, returns included
        - `guest_revenue`: money, lines of orders without a customer
        - `revenue`: money, both together
        - `margin`: money, revenue less cost; null where the cost of any line is not known
    """
    tables = tables.until(as_of)
    rows = [_span_row(tables, number, first, last) for number, (first, last) in enumerate(spans)]
    return ibis.union(*rows).order_by("span") if len(rows) > 1 else rows[0]


def _span_row(tables: Tables, number: int, first: int, last: int) -> ir.Table:
    days = purchase_days(tables)
    length = last - first + 1
    days = days.filter(days.day.between(first - length, last))
    inside = days.day >= first
    bought = days.agg(
        active_customers=_count(inside & (days.previous_purchase_day < first)),
        new_customers=_count(inside & (days.previous_purchase_day == NO_DAY_BEFORE)),
        lost_customers=_count(~inside & (days.next_purchase_day > last)),
        order_count=ibis.ifelse(inside, days.order_count, 0).sum().coalesce(0).cast("int64"),
    )
    sales = sales_days(tables)
    sales = sales.filter(sales.day.between(first, last))
    sold = sales.agg(
        revenue=sales.revenue.sum().coalesce(0).cast("int64"),
        guest_revenue=sales.revenue.sum(where=sales.guest == 1).coalesce(0).cast("int64"),
        cost=sales.cost.sum().coalesce(0).cast("int64"),
        uncosted_line_count=sales.uncosted_line_count.sum().coalesce(0).cast("int64"),
    )
    row = bought.cross_join(sold)
    return row.select(
        "active_customers",
        "new_customers",
        "lost_customers",
        "order_count",
        "revenue",
        "guest_revenue",
        span=ibis.literal(number, "int64"),
        customer_revenue=row.revenue - row.guest_revenue,
        margin=margin_of(row),
    ).select(
        "span",
        "active_customers",
        "new_customers",
        "lost_customers",
        "order_count",
        "customer_revenue",
        "guest_revenue",
        "revenue",
        "margin",
    )


def customers_of_span(
    tables: Tables, *, as_of: dt.date, group: Group, before: int, first: int, last: int
) -> ir.Table:
    """The customers behind a figure of a span of days.

    Args:
        tables: `orders` (order line).
        as_of: Only what happened up to the end of this day exists.
        group: `active`: with a purchase in the span; `new`: whose first purchase lies in it; `returning`:
            with a purchase in it and in the days before it; `resurrected`: with a purchase in it and one
            earlier, but none in the days before it; `lost`: with a purchase in the days before it and none
            in it.
        before: Day number on which "the days before" begin.
        first: Day number of the span's first day.
        last: Day number of its last day.

    Returns:
        Grain: a customer.

        - `customer_id`: text
    """
    days = purchase_days(tables.until(as_of))
    earlier, later = days.previous_purchase_day, days.next_purchase_day
    if group == "lost":
        return days.filter(days.day.between(before, first - 1), later > last).select("customer_id")
    kept = {
        "active": earlier < first,
        "new": earlier == NO_DAY_BEFORE,
        "returning": earlier.between(before, first - 1),
        "resurrected": (earlier < before) & (earlier != NO_DAY_BEFORE),
    }
    return days.filter(days.day.between(first, last), kept[group]).select("customer_id")


def _count(condition: ir.BooleanValue) -> ir.IntegerScalar:
    return ibis.ifelse(condition, 1, 0).sum().coalesce(0).cast("int64")


METRICS = (
    Metric(
        revenue_by_period,
        order=("period",),
        money=("revenue", "customer_revenue", "guest_revenue", "returned", "margin"),
    ),
    Metric(lifecycle, order=("period",)),
)
