"""Purchase histories and their sufficient statistics, from which models of repeat purchase are fitted."""

from __future__ import annotations

import datetime as dt
from typing import Final

import ibis
import ibis.expr.types as ir

from crm_core.base import InputError, NotProvided, check_between
from crm_core.customers.metrics import (
    NO_DAY_BEFORE,
    Grouping,
    customer_totals,
    margin_of,
    order_totals,
    purchase_days,
    winning_contacts,
)
from crm_core.periods import YEAR_DAYS, day_of
from crm_core.tables import Metric, Tables

LONGEST_WINDOW_DAYS: Final = 36_525


def purchase_histories(tables: Tables, *, as_of: dt.date, window_days: int = YEAR_DAYS) -> ir.Table:
    """What models of repeat purchase know of each customer; a transaction is a day with a purchase.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        window_days: How many of the last days up to `as_of` `window_frequency` counts, 1 or more.

    Returns:
        Grain: a customer with at least one purchase up to `as_of`.

        - `customer_id`: text
        - `frequency`: days with a purchase after the first such day, 0 or more
        - `recency_days`: days from the first to the last day with a purchase, 0 or more
        - `age_days`: days from the first day with a purchase to `as_of`
        - `window_frequency`: those of the days in `frequency` that lie in the window
        - `repeat_revenue`: money, sum of the purchases on the days that `frequency` counts
    """
    check_between("window_days", window_days, 1, LONGEST_WINDOW_DAYS)
    return _histories(purchase_days(tables.until(as_of)), day_of(as_of), window_days)


def purchase_cells(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """How many customers have the same purchase history: all that the likelihood of a model depends on.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a history that at least one customer has.

        - `frequency`: days with a purchase after the first such day, 0 or more
        - `recency_days`: days from the first to the last day with a purchase, 0 or more
        - `age_days`: days from the first day with a purchase to `as_of`
        - `customers`: customers with this history
        - `repeat_revenue`: money, sum of their purchases on the days that `frequency` counts
    """
    histories = purchase_histories(tables, as_of=as_of)
    return histories.group_by("frequency", "recency_days", "age_days").agg(
        customers=histories.count(), repeat_revenue=histories.repeat_revenue.sum().cast("int64")
    )


def spend_cells(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """How many customers spent the same on as many days: all that the likelihood of a spend model depends on.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a number of days and a sum that at least one customer has who came back.

        - `frequency`: days with a purchase after the first such day, 1 or more
        - `repeat_revenue`: money, sum of one customer's purchases on those days
        - `customers`: customers of whom this is so
    """
    histories = purchase_histories(tables, as_of=as_of)
    histories = histories.filter(histories.frequency > 0)
    return histories.group_by("frequency", "repeat_revenue").agg(customers=histories.count())


def held_out_cells(
    tables: Tables, *, as_of: dt.date, cut_off: dt.date, window_days: int, group: Grouping | None = None
) -> ir.Table:
    """Purchase histories as they were at a cut-off, and what came of them up to `as_of`.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        cut_off: An earlier day; histories know only what happened up to its end.
        window_days: How many of the last days up to the cut-off `window_frequency` counts, 1 or more.
        group: By what customers are parted besides, as they stood at the cut-off.

    Returns:
        Grain: a history and what followed it, of at least one customer who had bought up to the cut-off; with
        `group` of each group.

        - `group`: text, null for customers who are in none; only with `group`
        - `frequency`: days with a purchase after the first such day, 0 or more
        - `recency_days`: days from the first to the last day with a purchase, 0 or more
        - `age_days`: days from the first day with a purchase to the cut-off
        - `window_frequency`: those of the days in `frequency` that lie in the window
        - `held_out`: days with a purchase after the cut-off
        - `customers`: customers of whom this is so
        - `repeat_revenue`: money, sum of their purchases on the days that `frequency` counts
        - `held_out_revenue`: money, sum of their purchases after the cut-off
    """
    check_between("window_days", window_days, 1, LONGEST_WINDOW_DAYS)
    if cut_off > as_of:
        raise InputError("metric.bad_option", option="cut_off", value=cut_off, allowed=f"… {as_of}")
    tables = tables.until(as_of)
    cut = day_of(cut_off)
    before = _histories(purchase_days(tables.until(cut_off)), cut, window_days)
    parted: tuple[str, ...] = ()
    if group is not None:
        before, parted = _in_groups(tables, before, cut_off, group), ("group",)
    days = purchase_days(tables)
    days = days.filter(days.day > cut)
    after = days.group_by("customer_id").agg(
        held_out=days.count(), held_out_revenue=days.revenue.sum().cast("int64")
    )
    both = before.left_join(after, "customer_id")
    both = both.mutate(held_out=both.held_out.coalesce(0), held_out_revenue=both.held_out_revenue.coalesce(0))
    alike = (*parted, "frequency", "recency_days", "age_days", "window_frequency", "held_out")
    return both.group_by(*alike).agg(
        customers=both.count(),
        repeat_revenue=both.repeat_revenue.sum().cast("int64"),
        held_out_revenue=both.held_out_revenue.sum().cast("int64"),
    )


def worth_of_purchases(tables: Tables, *, as_of: dt.date, window_days: int = YEAR_DAYS) -> ir.Table:
    """What is left of purchases after returns and cost: what turns a forecast of purchases into one of value.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        window_days: How many of the last days up to `as_of` count, 1 or more.

    Returns:
        Grain: one row.

        - `purchased`: money, sum of known customers' purchases, 0 or more
        - `revenue`: money, sum of all their orders, returns included
        - `margin`: money, null where the cost of any of their lines is not known
    """
    check_between("window_days", window_days, 1, LONGEST_WINDOW_DAYS)
    orders = order_totals(tables.until(as_of))
    orders = orders.filter(orders.day > day_of(as_of) - window_days)
    sums = orders.agg(
        purchased=ibis.ifelse(orders.revenue > 0, orders.revenue, 0).sum().coalesce(0).cast("int64"),
        revenue=orders.revenue.sum().coalesce(0).cast("int64"),
        cost=orders.cost.sum().coalesce(0).cast("int64"),
        uncosted_line_count=orders.uncosted_line_count.sum().coalesce(0).cast("int64"),
    )
    return sums.select("purchased", "revenue", margin=margin_of(sums))


def grouped_cells(tables: Tables, *, as_of: dt.date, group: Grouping) -> ir.Table:
    """`purchase_cells` of each group of customers.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        group: By what customers are parted.

    Returns:
        Grain: a group and a history that at least one of its customers has.

        - `group`: text, null for customers who are in none
        - `frequency`: days with a purchase after the first such day, 0 or more
        - `recency_days`: days from the first to the last day with a purchase, 0 or more
        - `age_days`: days from the first day with a purchase to `as_of`
        - `customers`: customers with this history
        - `repeat_revenue`: money, sum of their purchases on the days that `frequency` counts
    """
    histories = _in_groups(tables, purchase_histories(tables, as_of=as_of), as_of, group)
    return histories.group_by("group", "frequency", "recency_days", "age_days").agg(
        customers=histories.count(), repeat_revenue=histories.repeat_revenue.sum().cast("int64")
    )


def _in_groups(tables: Tables, rows: ir.Table, as_of: dt.date, group: Grouping) -> ir.Table:
    members = group(tables.until(as_of)).select("customer_id", "group")
    return rows.left_join(members, "customer_id").drop("customer_id_right")


def revenue_of_window(tables: Tables, *, as_of: dt.date, window_days: int = YEAR_DAYS) -> ir.Table:
    """What each customer brought lately.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        window_days: How many of the last days up to `as_of` count, 1 or more.

    Returns:
        Grain: a customer with at least one purchase up to `as_of`.

        - `customer_id`: text
        - `revenue`: money, orders in the window, returns included; 0 where there are none
    """
    tables = tables.until(as_of)
    orders = order_totals(tables)
    orders = orders.filter(orders.day > day_of(as_of) - window_days)
    brought = orders.group_by("customer_id").agg(revenue=orders.revenue.sum().cast("int64"))
    bought = customer_totals(tables).select("customer_id")
    both = bought.left_join(brought, "customer_id")
    return both.select("customer_id", revenue=both.revenue.coalesce(0))


def acquisition_costs(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """What it cost to win customers, by the channel through which they were won.

    Args:
        tables: `contacts` (contact) with outcome, channel and cost, `orders` (order line), and `rates`
            (currency x day) where contacts are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a channel with at least one contact whose outcome is `acquired` or `lead`.

        - `channel`: text, null where the contact has none
        - `customers`: customers won: with such a contact and at least one purchase
        - `cost`: money, of all these contacts, those with people who have not bought included
        - `uncosted_contacts`: contacts whose cost is not known

    Raises:
        NotProvided: The base does not know what it cost to win customers.
    """
    contacts = winning_contacts(tables, as_of=as_of)
    if "contacts.channel" not in tables.provided:
        raise NotProvided("base.column_not_provided", table="contacts", column="channel")
    bought = customer_totals(tables.until(as_of)).select("customer_id", first_day=lambda t: t.first_day)
    both = contacts.left_join(bought, "customer_id")
    return both.group_by("channel").agg(
        customers=both.customer_id.nunique(where=both.first_day.notnull()),
        cost=both.cost.sum().coalesce(0).cast("int64"),
        uncosted_contacts=both.count() - both.cost.count(),
    )


def purchases_after(tables: Tables, *, as_of: dt.date, cut_off: dt.date) -> ir.Table:
    """How much those who had bought up to a cut-off bought after it, day by day.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        cut_off: An earlier day.

    Returns:
        Grain: a day after the cut-off on which at least one of them bought.

        - `day`: day number
        - `purchases`: days with a purchase, one for each customer who bought
    """
    days = purchase_days(tables.until(as_of))
    known = days.group_by("customer_id").agg(first=days.day.min())
    after = days.filter(days.day > day_of(cut_off)).inner_join(
        known.filter(known["first"] <= day_of(cut_off)), "customer_id"
    )
    return after.group_by("day").agg(purchases=after.count())


def _histories(days: ir.Table, last_day: int, window_days: int) -> ir.Table:
    by_customer = days.group_by("customer_id").agg(
        purchase_days=days.count(),
        first=days.day.min(),
        last=days.day.max(),
        in_window=ibis.ifelse(days.day > last_day - window_days, 1, 0).sum().cast("int64"),
        revenue=days.revenue.sum().cast("int64"),
        first_revenue=days.revenue.sum(where=days.previous_purchase_day == NO_DAY_BEFORE).cast("int64"),
    )
    first_in_window = ibis.ifelse(by_customer["first"] > last_day - window_days, 1, 0)
    return by_customer.select(
        "customer_id",
        frequency=by_customer.purchase_days - 1,
        recency_days=by_customer["last"] - by_customer["first"],
        age_days=last_day - by_customer["first"],
        window_frequency=by_customer.in_window - first_in_window,
        repeat_revenue=by_customer.revenue - by_customer.first_revenue,
    )


METRICS = (
    Metric(purchase_histories, order=("customer_id",), money=("repeat_revenue",)),
    Metric(purchase_cells, order=("frequency", "recency_days", "age_days"), money=("repeat_revenue",)),
    Metric(spend_cells, order=("frequency", "repeat_revenue"), money=("repeat_revenue",)),
    Metric(
        held_out_cells,
        order=("group", "frequency", "recency_days", "age_days", "window_frequency", "held_out"),
        money=("repeat_revenue", "held_out_revenue"),
    ),
    Metric(acquisition_costs, order=("channel",), money=("cost",)),
    Metric(worth_of_purchases, order=("purchased",), money=("purchased", "revenue", "margin")),
)
