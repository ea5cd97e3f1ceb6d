"""From order lines to one row a customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

import ibis
import ibis.expr.types as ir

from crm_core.periods import FIRST_DAY, LAST_DAY, day_of, day_of_second
from crm_core.tables import MONEY_SCALE, Metric, Tables, derivation, rounded

_OVER_THE_HALF: Final = 1 + 2**-50

NO_DAY_BEFORE: Final = FIRST_DAY - 1
"""Stands for "never before" where a day number is expected."""
NO_DAY_AFTER: Final = LAST_DAY + 1
"""Stands for "not again so far"."""


@derivation("line")
def order_lines(tables: Tables) -> ir.Table:
    """Every order line, guests' included, with its amounts in the base's currency.

    Args:
        tables: `orders` (order line) and, where lines are in other currencies, `rates` (currency x day).

    Returns:
        Grain: an order line that has an amount in the base's currency. An amount in another currency is
        converted at the rate valid on its day and rounded half away from zero; where there is no such rate
        the line is left out (the data passport counts it).

        - `customer_id`: text, null for a guest
        - `order_id`: text
        - `ordered_at`: moment of the line
        - `day`: day number of that moment
        - `amount`: money, negative for a return
        - `cost`: money, null where unknown
        - `product_id`, `product`, `category`, `channel`, `brand`: text, as the base has them
        - `quantity`: 1/10,000 of a piece
    """
    lines = tables.orders.mutate(day=day_of_second(tables.orders.ordered_at.epoch_seconds()))
    amount, cost = lines.amount, lines.cost
    if "orders.currency" in tables.provided:
        own = lines.currency.isnull() | (lines.currency == tables.currency)
        rates = tables.get("rates")
        if rates is None:
            lines = lines.filter(own)
        else:
            lines = lines.left_join(_rates_by_day(lines, rates), ["currency", "day"])
            lines = lines.filter(
                lines.currency.isnull() | (lines.currency == tables.currency) | lines.rate.notnull()
            )
            own = lines.currency.isnull() | (lines.currency == tables.currency)
            amount = _converted(lines.amount, own, lines.rate, tables.money_scale)
            cost = _converted(lines.cost, own, lines.rate, tables.money_scale)
    return lines.select(
        "customer_id",
        "order_id",
        "ordered_at",
        "day",
        "product_id",
        "product",
        "category",
        "channel",
        "brand",
        "quantity",
        amount=amount,
        cost=cost,
    )


@order_lines.narrowed
def _lines_within(whole: ir.Table, tables: Tables) -> ir.Table:
    return tables.within(whole)


def _converted(
    money: ir.IntegerColumn, own: ir.BooleanValue, rate: ir.FloatingColumn, money_scale: int
) -> ir.IntegerValue:
    # A product of doubles may fall short of the half that the decimals make: 100 * 0.145 is below 14.5.
    exact = money.cast("float64") * rate * (money_scale / MONEY_SCALE * _OVER_THE_HALF)
    return ibis.ifelse(own, money, rounded(exact))


def _rates_by_day(lines: ir.Table, rates: ir.Table) -> ir.Table:
    """The rate of each currency on each day on which there is a line in it: one row for both."""
    days = lines.filter(lines.currency.notnull()).select("currency", "day").distinct()
    rates = rates.select(
        "currency", "rate", valid_day=day_of_second(rates.valid_from.cast("timestamp").epoch_seconds())
    )
    # Of several rates of one day the highest holds: one of them must, whatever the order of rows.
    of_currency = ibis.window(group_by="currency", order_by=["valid_day", "rate"])
    rates = rates.mutate(next_day=rates.valid_day.lead(1, NO_DAY_AFTER).over(of_currency))
    valid = [days.currency == rates.currency, rates.valid_day <= days.day, days.day < rates.next_day]
    return days.inner_join(rates, valid).select("currency", "day", "rate")


@derivation("customer")
def order_totals(tables: Tables) -> ir.Table:
    """The orders of known customers, each as the sum of its lines.

    Args:
        tables: `orders` (order line) and `rates`, by way of `order_lines`.

    Returns:
        Grain: an order (customer_id, order_id).

        - `customer_id`, `order_id`: text
        - `ordered_at`: moment of its earliest line
        - `day`: day number of that moment
        - `channel`: text, of its lines, one of them where they differ; null where none has any
        - `divided`: whether its lines lie on several days or in several channels
        - `revenue`: money, sum of the lines' amounts; the order is a purchase when it is above 0
        - `cost`: money, sum of the lines' known costs
        - `line_count`: lines
        - `uncosted_line_count`: lines whose cost is not known
    """
    return _summed(order_lines(tables))


def _summed(lines: ir.Table) -> ir.Table:
    lines = lines.filter(lines.customer_id.notnull())
    channel, day = lines.channel, lines.day
    some_channels = (channel.min() != channel.max()) | (channel.count() < lines.count())
    return lines.group_by("customer_id", "order_id").agg(
        ordered_at=lines.ordered_at.min(),
        day=lines.day.min(),
        channel=channel.min(),
        divided=(day.min() < day.max()) | ((channel.count() > 0) & some_channels),
        revenue=lines.amount.sum().cast("int64"),
        cost=lines.cost.sum().coalesce(0).cast("int64"),
        line_count=lines.count(),
        uncosted_line_count=lines.count() - lines.cost.count(),
    )


@order_totals.narrowed
def _orders_within(whole: ir.Table, tables: Tables) -> ir.Table | None:
    """An order of one day and one channel is kept or left out as it is; only of others the lines are read."""
    if tables.selection.categories or tables.whole is None:
        return None
    orders = tables.of_residents(whole.filter(~whole.divided, whole.day <= tables.last_day))
    if tables.selection.channels:
        orders = orders.filter(orders.channel.isin(tables.selection.channels))
    return orders.union(_summed(tables.within(divided_lines(tables.whole))))


@derivation("customer")
def divided_lines(tables: Tables) -> ir.Table:
    """The order lines of those orders of which a day or a channel may keep a part.

    Args:
        tables: `orders` (order line) and `rates`, by way of `order_lines` and `order_totals`.

    Returns:
        Grain: an order line of a divided order. Columns as in `order_lines`.
    """
    orders = order_totals(tables)
    return order_lines(tables).semi_join(orders.filter(orders.divided), ["customer_id", "order_id"])


@derivation("customer")
def purchase_days(tables: Tables) -> ir.Table:
    """The days on which each known customer bought, each knowing the one before and the one after.

    Args:
        tables: `orders` (order line) and `rates`, by way of `order_totals`.

    Returns:
        Grain: a customer and a day in which the moment of at least one purchase lies.

        - `customer_id`: text
        - `day`: day number
        - `order_count`: purchases on it, 1 or more
        - `previous_purchase_day`: day number of the customer's purchase day before, or `NO_DAY_BEFORE`
        - `next_purchase_day`: day number of the purchase day after, or `NO_DAY_AFTER`
    """
    return _bought_on(order_totals(tables))


def _bought_on(orders: ir.Table) -> ir.Table:
    purchases = orders.filter(orders.revenue > 0)
    bought = purchases.group_by("customer_id", "day").agg(order_count=purchases.count())
    history = ibis.window(group_by="customer_id", order_by="day")
    return bought.mutate(
        previous_purchase_day=bought.day.lag(1, NO_DAY_BEFORE).over(history),
        next_purchase_day=bought.day.lead(1, NO_DAY_AFTER).over(history),
    )


@purchase_days.narrowed
def _purchase_days_within(whole: ir.Table, tables: Tables) -> ir.Table | None:
    """An earlier day changes what was bought before it only where an order is divided."""
    if tables.selection.channels or tables.selection.categories:
        return None
    days = tables.of_residents(whole.filter(whole.day <= tables.last_day))
    if tables.whole is None or not tables.ended:
        return days
    after = ibis.ifelse(days.next_purchase_day > tables.last_day, NO_DAY_AFTER, days.next_purchase_day)
    days = days.mutate(next_purchase_day=after)
    divided = divided_lines(tables.whole)
    theirs = order_totals(tables).semi_join(divided, "customer_id")
    return days.anti_join(divided, "customer_id").union(_bought_on(theirs))


@derivation("customer")
def customer_totals(tables: Tables) -> ir.Table:
    """All that each actual customer has done up to the last line of the tables.

    Args:
        tables: `orders` (order line) and `rates`, by way of `order_totals`.

    Returns:
        Grain: a customer with at least one purchase.

        - `customer_id`: text
        - `first_ordered_at`, `last_ordered_at`: moments of the first and the last purchase
        - `first_day`, `last_day`: day numbers of those moments
        - `order_count`: purchases, 1 or more
        - `return_count`: orders that sum to 0 or less
        - `revenue`: money, all lines, returns included
        - `cost`: money, all known costs
        - `uncosted_line_count`: lines whose cost is not known
    """
    orders = order_totals(tables)
    bought = orders.revenue > 0
    by_customer = orders.group_by("customer_id").agg(
        first_ordered_at=orders.ordered_at.min(where=bought),
        last_ordered_at=orders.ordered_at.max(where=bought),
        first_day=orders.day.min(where=bought),
        last_day=orders.day.max(where=bought),
        order_count=ibis.ifelse(bought, 1, 0).sum().cast("int64"),
        return_count=ibis.ifelse(bought, 0, 1).sum().cast("int64"),
        revenue=orders.revenue.sum().cast("int64"),
        cost=orders.cost.sum().cast("int64"),
        uncosted_line_count=orders.uncosted_line_count.sum().cast("int64"),
    )
    return by_customer.filter(by_customer.order_count > 0)


@customer_totals.narrowed
def _customers_within(whole: ir.Table, tables: Tables) -> ir.Table | None:
    if tables.selection.channels or tables.selection.categories or tables.ended:
        return None
    return tables.of_residents(whole)


@derivation("base")
def sales_days(tables: Tables) -> ir.Table:
    """What was sold on each day, guests kept apart from known customers.

    Args:
        tables: `orders` (order line) and `rates`, by way of `order_lines`.

    Returns:
        Grain: a day x (guest or not) with at least one line.

        - `day`: day number
        - `guest`: 1 for orders without a customer, else 0
        - `revenue`: money, sum of the lines' amounts, returns included
        - `returned`: money, sum of the negative amounts, 0 or less
        - `cost`: money, sum of the known costs
        - `line_count`: lines
        - `uncosted_line_count`: lines whose cost is not known
    """
    lines = order_lines(tables)
    lines = lines.mutate(guest=ibis.ifelse(lines.customer_id.isnull(), 1, 0))
    return lines.group_by("day", "guest").agg(
        revenue=lines.amount.sum().cast("int64"),
        returned=ibis.ifelse(lines.amount < 0, lines.amount, 0).sum().cast("int64"),
        cost=lines.cost.sum().coalesce(0).cast("int64"),
        line_count=lines.count(),
        uncosted_line_count=lines.count() - lines.cost.count(),
    )


@sales_days.narrowed
def _sales_within(whole: ir.Table, tables: Tables) -> ir.Table | None:
    return None if tables.selection else whole.filter(whole.day <= tables.last_day)


def margin_of(table: ir.Table) -> ir.IntegerValue:
    """Revenue less cost, or null where the cost of any line that went into the row is not known."""
    return ibis.ifelse(table.uncosted_line_count == 0, table.revenue - table.cost, ibis.null("int64"))


def customer_summary(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """Each actual customer as of a day: when they bought, how often, and what they brought in.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a customer with at least one purchase up to `as_of`.

        - `customer_id`: text
        - `first_ordered_at`: moment of the first purchase
        - `last_ordered_at`: moment of the last purchase
        - `days_since_first_order`: days from the date of the first purchase to `as_of`, 0 or more
        - `days_since_last_order`: days from the date of the last purchase to `as_of`, 0 or more
        - `order_count`: purchases, 1 or more
        - `return_count`: orders that sum to 0 or less
        - `revenue`: money, all the customer's lines, returns included
        - `margin`: money, revenue less cost; null where the cost of any of the lines is not known
    """
    totals = customer_totals(tables.until(as_of))
    today = day_of(as_of)
    return totals.select(
        "customer_id",
        "first_ordered_at",
        "last_ordered_at",
        "order_count",
        "return_count",
        "revenue",
        days_since_first_order=today - totals.first_day,
        days_since_last_order=today - totals.last_day,
        margin=margin_of(totals),
    ).relocate("days_since_first_order", "days_since_last_order", after="last_ordered_at")


def listed_customers(
    tables: Tables,
    *,
    as_of: dt.date,
    which: Callable[..., ir.Table],
    limit: int,
    skip: int = 0,
    sort: str = "revenue",
    descending: bool = True,
    ranks: tuple[str, ...] = (),
    beginnings: tuple[str, ...] = (),
    beside: Callable[..., ir.Table] | None = None,
    **options: object,
) -> ir.Table:
    """Some customers with their summary, in the order of one of the columns.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        which: A function of tables, `as_of` and `options` whose `customer_id` says which customers.
        limit: How many rows at the most.
        skip: How many to leave out before them.
        sort: The column that orders them; what is not known comes last, equals are in the order of
            `customer_id`.
        descending: Whether its highest value comes first.
        ranks: The values of that column from the lowest to the highest, where they are not to be compared as
            they are.
        beginnings: Leaves those whose `customer_id` begins with one of these; none leaves all.
        beside: A function of tables and `as_of` with one row for each actual customer, by `customer_id`.
        **options: What `which` is asked with.

    Returns:
        Grain: a customer. Columns as in `customer_summary`, those that only `beside` has, and

        - `all_customers`: how many there are without the limit
    """
    wanted = which(tables, as_of=as_of, **options).select("customer_id")
    listed = customer_summary(tables, as_of=as_of).semi_join(wanted, "customer_id")
    if beginnings:
        listed = listed.filter(ibis.or_(*(listed.customer_id.left(len(one)) == one for one in beginnings)))
    more = None if beside is None else _only_of(beside(tables, as_of=as_of), listed)
    if more is not None and sort not in listed.columns:
        listed, more = listed.inner_join(more, "customer_id"), None

    def placed(rows: ir.Table) -> ir.Table:
        key = (
            rows[sort].cases(*((value, place) for place, value in enumerate(ranks))) if ranks else rows[sort]
        )
        ties = [] if sort == "customer_id" else [rows.customer_id]
        return rows.order_by([key.desc() if descending else key.asc(), *ties])

    rows = placed(listed).limit(limit, offset=skip)
    if more is not None:
        rows = rows.inner_join(more, "customer_id")
    return placed(rows.cross_join(listed.agg(all_customers=listed.count())))


def _only_of(more: ir.Table, known: ir.Table) -> ir.Table:
    """What one table says of each customer beyond another."""
    return more.select("customer_id", *(name for name in more.columns if name not in known.columns))


def one_customer(tables: Tables, *, as_of: dt.date, customer_id: str) -> ir.Table:
    """The customer of this id, if there is such an actual customer; an option of `listed_customers`.

    Args:
        tables: `orders` (order line).
        as_of: Only what happened up to the end of this day exists.
        customer_id: The id.

    Returns:
        Grain: a customer; one row or none.

        - `customer_id`: text
    """
    totals = customer_totals(tables.until(as_of))
    return totals.filter(totals.customer_id == customer_id).select("customer_id")


def orders_of_customer(tables: Tables, *, as_of: dt.date, customer_id: str) -> ir.Table:
    """One customer's orders, the latest first.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        customer_id: The customer.

    Returns:
        Grain: an order.

        - `order_id`: text
        - `ordered_at`: moment of its earliest line
        - `revenue`: money, sum of its lines; 0 or less for a return
        - `margin`: money, null where a cost is not known
        - `line_count`: lines, 1 or more
    """
    orders = order_totals(tables.until(as_of))
    orders = orders.filter(orders.customer_id == customer_id)
    shown = orders.select("order_id", "ordered_at", "revenue", "line_count", margin=margin_of(orders))
    return shown.order_by([shown.ordered_at.desc(), shown.order_id])


def lines_of_order(tables: Tables, *, as_of: dt.date, customer_id: str, order_id: str) -> ir.Table:
    """The lines of one order.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        customer_id: Whose order.
        order_id: Which order.

    Returns:
        Grain: an order line.

        - `ordered_at`: moment of the line
        - `product_id`, `product`, `category`, `channel`: text
        - `quantity`: 1/10,000 of a piece
        - `amount`: money, negative for a return
    """
    lines = order_lines(tables.until(as_of))
    lines = lines.filter(lines.customer_id == customer_id, lines.order_id == order_id)
    columns = ("ordered_at", "product_id", "product", "category", "channel", "quantity", "amount")
    return lines.select(*columns).order_by(["ordered_at", "product_id", "amount"])


METRICS = (Metric(customer_summary, money=("revenue", "margin")),)
