"""What a customer's orders say of a day: how recent, how many, in which rhythm, of what, through what."""

from __future__ import annotations

from typing import Final, cast

import ibis
import ibis.expr.types as ir

from crm_core.churn.metrics.columns import Features, count, days, divided, name, ratio, total
from crm_core.churn.metrics.prices import CHANGE_SCALE
from crm_core.churn.rules import PURCHASE_WINDOWS
from crm_core.customers.metrics import NO_DAY_BEFORE, order_lines, order_totals, purchase_days
from crm_core.expressions import rounded
from crm_core.periods import YEAR_DAYS
from crm_core.tables import Tables

_TREND_DAYS: Final = (90, 180)
_COUNTED: Final = (*PURCHASE_WINDOWS, 360)
_DISCOUNT_DAYS: Final = 90

FEATURES: Final[Features] = {
    "days_since_last_order": days(),
    "days_since_first_order": days(),
    "order_count": count(),
    **{f"order_count_{window}": count() for window in PURCHASE_WINDOWS},
    "revenue": count(),
    **{f"revenue_{window}": count() for window in PURCHASE_WINDOWS},
    "average_order_value": days(),
    "orders_per_year": ratio(),
    "silent_share": ratio(),
    "purchase_days": count(),
    "gap_days": ratio(),
    "gap_deviation_days": ratio(),
    "last_gap_days": days(),
    "longest_gap_days": days(),
    "overdue_ratio": ratio(),
    **{f"order_trend_{span}": ratio() for span in _TREND_DAYS},
    **{f"revenue_trend_{span}": ratio() for span in _TREND_DAYS},
    "return_count": count(),
    "return_count_365": count(),
    "returned": count(),
    "days_since_last_return": days(),
    "returned_order_count": count(),
    "channel_count": count("orders.channel"),
    "main_channel": name("orders.channel"),
    "main_channel_share": ratio("orders.channel"),
}
BASKET_FEATURES: Final[Features] = {
    "price_change_180": ratio("orders.quantity"),
    "category_count": count("orders.category"),
    "main_category": name("orders.category"),
    "main_category_share": ratio("orders.category"),
    "discount_share": ratio("orders.discount"),
    "discount_share_90": ratio("orders.discount"),
}


def buyers(past: Tables) -> ir.Table:
    """The customers with a purchase, by `customer_id`."""
    return purchase_days(past).select("customer_id").distinct()


def purchase_features(past: Tables, today: int) -> ir.Table:
    """The columns in `FEATURES` of each customer with a purchase."""
    orders = order_totals(past)
    both = _rhythms(purchase_days(past)).inner_join(_sums(orders, today), "customer_id")
    if "orders.channel" in past.provided:
        both = both.left_join(_channels(orders), "customer_id").drop("customer_id_right")
    else:
        both = both.mutate(channel_count=0, main_channel=ibis.null("string"), main_channel_share=0.0)
    silent, age = today - both.last_day, today - both.first_day
    gap_count = both.purchase_days - 1
    span = both.last_day - both.first_day
    return both.select(
        "customer_id",
        "order_count",
        *(f"{what}_{window}" for what in ("order_count", "revenue") for window in PURCHASE_WINDOWS),
        "revenue",
        "purchase_days",
        "longest_gap_days",
        "return_count",
        "return_count_365",
        "returned",
        "returned_order_count",
        "channel_count",
        "main_channel",
        "main_channel_share",
        days_since_last_order=silent,
        days_since_first_order=age,
        average_order_value=rounded(divided(both.purchased, both.order_count)),
        orders_per_year=divided(both.order_count * YEAR_DAYS, age + 1),
        silent_share=divided(silent, age),
        gap_days=divided(span, gap_count),
        gap_deviation_days=_deviation(gap_count, span, both.gap_squares),
        last_gap_days=ibis.ifelse(gap_count > 0, both.last_day - both.day_before, ibis.null("int64")),
        overdue_ratio=divided(silent * gap_count, span),
        days_since_last_return=today - both.last_return_day,
        **{f"order_trend_{one}": _trend(both, "order_count", one) for one in _TREND_DAYS},
        **{f"revenue_trend_{one}": _trend(both, "revenue", one) for one in _TREND_DAYS},
    )


def basket_features(past: Tables, today: int, changes: ir.Table | None) -> ir.Table | None:
    """The columns in `BASKET_FEATURES` of each known customer; None where the base knows none of them.

    Args:
        past: The tables of the customers.
        today: Day number of the last day that exists.
        changes: As from `price_changes`, of everybody's purchases.
    """
    if changes is None and past.provided.isdisjoint({"orders.category", "orders.discount"}):
        return None
    lines = order_lines(past)
    lines = lines.filter(lines.customer_id.notnull(), lines.amount > 0)
    lines = lines.select("customer_id", "category", "product_id", "amount", "discount", "day")
    # One pass over the lines for all; the few products are looked up on the way.
    lines = lines.mutate(change=ibis.null("int64")) if changes is None else _with_changes(lines, changes)
    discount = lines.discount.coalesce(0)
    lately = today - lines.day < _DISCOUNT_DAYS
    by_category = lines.group_by("customer_id", "category").agg(
        spent=total(lines.amount),
        spent_lately=total(lines.amount, lately),
        discount=total(discount),
        discount_lately=total(discount, lately),
        priced=total(lines.amount, lines.change.notnull()),
        dearer=total(lines.amount * lines.change.coalesce(0)),
    )
    names = ("spent", "spent_lately", "discount", "discount_lately", "priced", "dearer")
    sums = by_category.group_by("customer_id").agg(**{one: total(by_category[one]) for one in names})
    main = _main(by_category.filter(by_category.category.notnull()), "category", "spent")
    both = sums.left_join(main, "customer_id")
    return both.select(
        "customer_id",
        "category_count",
        "main_category",
        "main_category_share",
        discount_share=divided(both.discount, both.spent + both.discount),
        discount_share_90=divided(both.discount_lately, both.spent_lately + both.discount_lately),
        price_change_180=divided(both.dearer, both.priced * CHANGE_SCALE),
    )


def _with_changes(lines: ir.Table, changes: ir.Table) -> ir.Table:
    both = lines.left_join(changes, "product_id")
    return both.select(*lines.columns, "change")


def _rhythms(bought: ir.Table) -> ir.Table:
    again = bought.previous_purchase_day != NO_DAY_BEFORE
    gap = ibis.ifelse(again, bought.day - bought.previous_purchase_day, 0).cast("int64")
    return bought.group_by("customer_id").agg(
        purchase_days=bought.count(),
        first_day=bought.day.min(),
        last_day=bought.day.max(),
        day_before=bought.previous_purchase_day.max(),
        gap_squares=(gap * gap).sum().cast("int64"),
        longest_gap_days=gap.max(where=again),
    )


def _sums(orders: ir.Table, today: int) -> ir.Table:
    age = today - orders.day
    bought = orders.revenue > 0
    sums = orders.group_by("customer_id").agg(
        order_count=orders.count(where=bought),
        purchased=total(orders.revenue, bought),
        revenue=total(orders.revenue),
        returned_order_count=orders.count(where=orders.returned_line_count > 0),
        return_count=orders.count(where=~bought),
        return_count_365=orders.count(where=~bought & (age < 365)),
        last_return_day=orders.day.max(where=~bought),
        **{f"order_count_{one}": orders.count(where=bought & (age < one)) for one in _COUNTED},
        **{f"revenue_{one}": total(orders.revenue, age < one) for one in _COUNTED},
    )
    return sums.mutate(returned=sums.revenue - sums.purchased)


def _channels(orders: ir.Table) -> ir.Table:
    bought = orders.filter(orders.revenue > 0, orders.channel.notnull())
    by_channel = bought.group_by("customer_id", "channel").agg(order_count=bought.count())
    return _main(by_channel, "channel", "order_count")


def _main(parts: ir.Table, part: str, by: str) -> ir.Table:
    """In how many parts each customer has something, and in which most; of equal ones the first by name."""
    most = parts.group_by("customer_id").agg(
        **{f"{part}_count": parts.count(), "in_all": total(parts[by]), "in_main": parts[by].max()}
    )
    same = parts.inner_join(most, [parts.customer_id == most.customer_id, parts[by] == most.in_main])
    first = same.group_by("customer_id").agg(**{f"main_{part}": same[part].min()})
    both = most.inner_join(first, "customer_id")
    return both.mutate(**{f"main_{part}_share": divided(both.in_main, both.in_all)})


def _trend(sums: ir.Table, what: str, span: int) -> ir.FloatingValue:
    late = sums[f"{what}_{span}"]
    early = sums[f"{what}_{180 if span == 90 else 360}"] - late
    return divided(late - early, late.abs() + early.abs())


def _deviation(gaps: ir.IntegerValue, total: ir.IntegerValue, squares: ir.IntegerValue) -> ir.FloatingValue:
    """Standard deviation of gaps from whole sums; null where there are fewer than two."""
    of = ibis.ifelse(gaps > 1, gaps * (gaps - 1), ibis.null("int64"))
    variance = divided(gaps * squares - total * total, of)
    return cast("ir.FloatingValue", variance.sqrt())
