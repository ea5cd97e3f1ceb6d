"""What every room builds on: order lines in one currency, orders, purchase days, customers, sales by day."""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir

from crm_core.expressions import rounded
from crm_core.periods import FIRST_DAY, LAST_DAY, day_of_second
from crm_core.schemas import MONEY_SCALE
from crm_core.tables import Tables, derivation

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
        - `discount`: money taken off before the amount, null where unknown
        - `product_id`, `product`, `category`, `channel`, `brand`: text, as the base has them
        - `quantity`: 1/10,000 of a piece
    """
    lines = tables.orders.mutate(day=_day(tables.orders.ordered_at))
    money = {name: lines[name] for name in ("amount", "cost", "discount")}
    if "orders.currency" in tables.provided:
        lines, money = in_own_currency(lines, tables, *money)
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
        **money,
    )


@order_lines.narrowed
def _lines_within(whole: ir.Table, tables: Tables) -> ir.Table:
    return tables.within(whole)


def in_own_currency(
    rows: ir.Table, tables: Tables, *money: str
) -> tuple[ir.Table, dict[str, ir.IntegerValue]]:
    """Rows whose money can be told in the base's currency, and that money.

    Args:
        rows: With `currency`, and the `day` whose rate holds.
        tables: For `rates` (currency x day).
        *money: Columns of the rows that are money.
    """
    own = rows.currency.isnull() | (rows.currency == tables.currency)
    rates = tables.get("rates")
    if rates is None:
        rows = rows.filter(own)
        return rows, {name: rows[name] for name in money}
    rows = rows.left_join(_rates_by_day(rows, rates), ["currency", "day"])
    rows = rows.filter(rows.currency.isnull() | (rows.currency == tables.currency) | rows.rate.notnull())
    own = rows.currency.isnull() | (rows.currency == tables.currency)
    return rows, {name: _converted(rows[name], own, rows.rate, tables.money_scale) for name in money}


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
        - `returned_line_count`: lines below 0
        - `uncosted_line_count`: lines whose cost is not known
    """
    return _summed(order_lines(tables))


def _summed(lines: ir.Table) -> ir.Table:
    lines = lines.filter(lines.customer_id.notnull())
    channel, day = lines.channel, lines.day
    some_channels = (channel.min() != channel.max()) | (channel.count() < lines.count())
    orders = lines.group_by("customer_id", "order_id").agg(
        ordered_at=lines.ordered_at.min(),
        channel=channel.min(),
        divided=(day.min() < day.max()) | ((channel.count() > 0) & some_channels),
        revenue=lines.amount.sum().cast("int64"),
        cost=lines.cost.sum().coalesce(0).cast("int64"),
        line_count=lines.count(),
        returned_line_count=lines.count(where=lines.amount < 0),
        uncosted_line_count=lines.count() - lines.cost.count(),
    )
    return orders.mutate(day=_day(orders.ordered_at)).relocate("day", after="ordered_at")


@order_totals.narrowed
def _orders_within(whole: ir.Table, tables: Tables) -> ir.Table | None:
    """An order of one day and one channel is kept or left out as it is; only of others the lines are read."""
    if "category" in tables.kept or tables.whole is None:
        return None
    orders = tables.of_residents(whole.filter(~whole.divided, whole.day <= tables.last_day))
    if "channel" in tables.kept:
        orders = orders.filter(orders.channel.isin(tables.kept["channel"]))
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
    divided = orders.filter(orders.divided).select("customer_id", "order_id")
    # Not a semi-join, for which SQLite looks through all orders once for each line.
    return order_lines(tables).inner_join(divided, ["customer_id", "order_id"])


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
        - `revenue`: money, sum of those purchases, above 0
        - `previous_purchase_day`: day number of the customer's purchase day before, or `NO_DAY_BEFORE`
        - `next_purchase_day`: day number of the purchase day after, or `NO_DAY_AFTER`
    """
    return _bought_on(order_totals(tables))


def _bought_on(orders: ir.Table) -> ir.Table:
    purchases = orders.filter(orders.revenue > 0)
    bought = purchases.group_by("customer_id", "day").agg(
        order_count=purchases.count(), revenue=purchases.revenue.sum().cast("int64")
    )
    history = ibis.window(group_by="customer_id", order_by="day")
    return bought.mutate(
        previous_purchase_day=bought.day.lag(1, NO_DAY_BEFORE).over(history),
        next_purchase_day=bought.day.lead(1, NO_DAY_AFTER).over(history),
    )


@purchase_days.narrowed
def _purchase_days_within(whole: ir.Table, tables: Tables) -> ir.Table | None:
    """An earlier day changes what was bought before it only where an order is divided."""
    if not tables.kept.keys() <= {"region"}:
        return None
    days = tables.of_residents(whole.filter(whole.day <= tables.last_day))
    if tables.whole is None or not tables.ended:
        return days
    after = ibis.ifelse(days.next_purchase_day > tables.last_day, NO_DAY_AFTER, days.next_purchase_day)
    days = days.mutate(next_purchase_day=after)
    divided = divided_lines(tables.whole).customer_id
    orders = order_totals(tables)
    theirs = _bought_on(orders.filter(orders.customer_id.isin(divided)))
    return days.filter(~days.customer_id.isin(divided)).union(theirs)


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
        order_count=ibis.ifelse(bought, 1, 0).sum().cast("int64"),
        return_count=ibis.ifelse(bought, 0, 1).sum().cast("int64"),
        revenue=orders.revenue.sum().cast("int64"),
        cost=orders.cost.sum().cast("int64"),
        uncosted_line_count=orders.uncosted_line_count.sum().cast("int64"),
    )
    customers = by_customer.filter(by_customer.order_count > 0)
    days = {"first_day": _day(customers.first_ordered_at), "last_day": _day(customers.last_ordered_at)}
    return customers.mutate(**days).relocate(*days, after="last_ordered_at")


@customer_totals.narrowed
def _customers_within(whole: ir.Table, tables: Tables) -> ir.Table | None:
    if tables.ended or not tables.kept.keys() <= {"region"}:
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
    return None if tables.kept else whole.filter(whole.day <= tables.last_day)


def _day(moment: ir.TimestampValue) -> ir.IntegerValue:
    return day_of_second(moment.epoch_seconds())


def margin_of(table: ir.Table) -> ir.IntegerValue:
    """Revenue less cost, or null where the cost of any line that went into the row is not known."""
    return ibis.ifelse(table.uncosted_line_count == 0, table.revenue - table.cost, ibis.null("int64"))
