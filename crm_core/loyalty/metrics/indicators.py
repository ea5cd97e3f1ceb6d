"""By what a company ranks its customers, customer by customer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import ibis

from crm_core.customers.metrics import customer_totals, order_lines, order_totals
from crm_core.expressions import day_number
from crm_core.loyalty.metrics.members import of_kinds, referred
from crm_core.loyalty.rules import Indicator, IndicatorName
from crm_core.periods import FIRST_DAY, day_of
from crm_core.tables import Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Looked:
    """What is looked at of each customer, whatever it weighs.

    Args:
        name: Which indicator.
        channels: Whose share `channel_share` is.
        within_days: Over which time up to now; 0 for ever.
    """

    name: IndicatorName
    channels: tuple[str, ...] = ()
    within_days: int = 0


def looked_at(indicator: Indicator) -> Looked:
    """What an indicator looks at, without its weight and bands."""
    return Looked(indicator.name, indicator.channels, indicator.within_days)


def loyalty_indicators(
    tables: Tables, *, as_of: dt.date, looked: tuple[Looked, ...], kinds: tuple[str, ...] = ()
) -> ir.Table:
    """What each customer comes to by several indicators.

    Args:
        tables: `orders` (order line), with `rates` (currency x day) where lines are in other currencies;
            `payments` (invoice) with paid_at for days early; `customers` (customer) with referred_by for
            referrals, with kind for some kinds only.
        as_of: Only what happened up to the end of this day exists.
        looked: What is looked at.
        kinds: Only customers of these kinds; empty for all.

    Returns:
        Grain: a customer with a purchase, in the order of `customer_id`.

        - `customer_id`: text
        - `value_0`, `value_1`: and on, of each of `looked` in order. `amount`: revenue in units of currency;
          `purchases`: how many; `variety`: different categories bought; `days_early`: mean days by which
          invoices were paid before they were due, those overdue and not paid counting as paid today, null
          without any; `channel_share`: share of purchases
          made through the channels, null without purchases; `referrals`: customers referred whose first
          purchase lies in the time; `tenure_days`: days since the first purchase; `returned_share`: value of
          returns over value of purchases, null without purchases

    Raises:
        NotProvided: The base lacks what an indicator is about.
    """
    past, today = tables.until(as_of), day_of(as_of)
    totals = customer_totals(past)
    found = of_kinds(past, totals.select("customer_id", "first_day"), kinds)
    for place, one in enumerate(looked):
        name = f"value_{place}"
        if one.name == "tenure_days":
            found = found.mutate(**{name: (today - found.first_day).cast("float64")})
            continue
        first = today - one.within_days + 1 if one.within_days else FIRST_DAY
        values = _values(past, one, first, today)
        told = values.select("customer_id", **{name: values.value})
        found = found.left_join(told, "customer_id").drop("customer_id_right")
        if one.name in ("amount", "purchases", "variety", "referrals"):
            found = found.mutate(**{name: found[name].coalesce(0.0)})
    return found.drop("first_day").order_by("customer_id")


def _values(past: Tables, one: Looked, first: int, today: int) -> ir.Table:
    """`customer_id` and `value` of those of whom there is something to tell."""
    if one.name == "variety":
        lines = order_lines(past)
        lines = lines.filter(lines.customer_id.notnull(), lines.day >= first, lines.amount > 0)
        return lines.group_by("customer_id").agg(value=lines.category.nunique().cast("float64"))
    if one.name == "days_early":
        return _days_early(past, first, today)
    if one.name == "referrals":
        return _referrals(past, first)
    orders = order_totals(past)
    orders = orders.filter(orders.day >= first)
    bought = orders.revenue > 0
    purchases = _number(bought).sum()
    spent = ibis.ifelse(bought, orders.revenue, 0).sum().cast("float64")
    returned = ibis.ifelse(bought, 0, -orders.revenue).sum().cast("float64")
    values = {
        "amount": orders.revenue.sum().cast("float64") / past.money_scale,
        "purchases": purchases.cast("float64"),
        "channel_share": _number(bought & orders.channel.isin(one.channels or ("",))).sum().cast("float64")
        / purchases.nullif(0),
        "returned_share": returned / spent.nullif(0.0),
    }
    return orders.group_by("customer_id").agg(value=values[one.name])


def _days_early(past: Tables, first: int, today: int) -> ir.Table:
    invoices = past.need("payments", "paid_at")
    invoices = invoices.filter(invoices.customer_id.notnull(), invoices.amount > 0)
    invoices = invoices.mutate(due_day=day_number(invoices.due_at), paid_day=day_number(invoices.paid_at))
    invoices = invoices.mutate(is_open=(invoices.paid_day > today).coalesce(True))
    # Else whoever pays one of ten invoices pays best.
    invoices = invoices.filter(~invoices.is_open | (invoices.due_day < today))
    invoices = invoices.mutate(day=ibis.ifelse(invoices.is_open, today, invoices.paid_day))
    invoices = invoices.filter(invoices.day >= first)
    days = (invoices.due_day - invoices.day).sum().cast("float64") / invoices.count()
    return invoices.group_by("customer_id").agg(value=days)


def _referrals(past: Tables, first: int) -> ir.Table:
    bought = referred(past, first)
    counted = bought.group_by("referred_by").agg(value=bought.count().cast("float64"))
    return counted.select(customer_id="referred_by", value="value")


def _number(flag: ir.BooleanValue) -> ir.IntegerColumn:
    return cast("ir.IntegerColumn", ibis.ifelse(flag, 1, 0))
