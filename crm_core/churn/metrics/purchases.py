"""What a customer's orders say of a day: how recent, how many, in which rhythm, of what, through what."""

from __future__ import annotations

from typing import Final, cast

import ibis
import ibis.expr.types as ir

from crm_core.churn.metrics.columns import Features, count, days, divided, name, number_of, ratio, total
from crm_core.customers.metrics import NO_DAY_BEFORE, order_lines, order_totals, purchase_days
from crm_core.expressions import rounded
from crm_core.tables import Tables

WINDOWS: Final = (30, 90, 180, 365)
"""Days up to the day of the features within which purchases and revenue are counted."""
_TREND_DAYS: Final = (90, 180)
_COUNTED: Final = (*WINDOWS, 360)
_DISCOUNT_DAYS: Final = 90
_DAYS_PER_YEAR: Final = 365

FEATURES: Final[Features] = {
    "days_since_last_order": days(),
    "days_since_first_order": days(),
    "order_count": count(),
    **{f"order_count_{window}": count() for window in WINDOWS},
    "revenue": count(),
    **{f"revenue_{window}": count() for window in WINDOWS},
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
    "channel_count": count("orders.channel"),
    "main_channel": name("orders.channel"),
    "main_channel_share": ratio("orders.channel"),
}
BASKET_FEATURES: Final[Features] = {
    "category_count": count("orders.category"),
    "main_category": name("orders.category"),
    "main_category_share": ratio("orders.category"),
    "discount_share": ratio("orders.discount"),
    "discount_share_90": ratio("orders.discount"),
}


def purchase_features(past: Tables, today: int) -> ir.Table:
    """The columns in `FEATURES` of each customer with a purchase; a row without `order_count` has none."""
    rhythms = _rhythms(purchase_days(past))
    by_channel = _by_channel(order_totals(past), today)
    sums = _over_channels(by_channel)
    main = _main(by_channel, sums, "channel", "order_count", "top_channel")
    both = rhythms.inner_join(sums, "customer_id").left_join(main, "customer_id")
    silent, age = today - both.last_day, today - both.first_day
    gap_count = both.purchase_days - 1
    span = both.last_day - both.first_day
    return both.select(
        "customer_id",
        "order_count",
        *(f"{what}_{window}" for what in ("order_count", "revenue") for window in WINDOWS),
        "revenue",
        "purchase_days",
        "longest_gap_days",
        "return_count",
        "return_count_365",
        "returned",
        "channel_count",
        days_since_last_order=silent,
        days_since_first_order=age,
        average_order_value=rounded(divided(both.purchased, both.order_count)),
        orders_per_year=divided(both.order_count * _DAYS_PER_YEAR, age + 1),
        silent_share=divided(silent, age),
        gap_days=divided(span, gap_count),
        gap_deviation_days=_deviation(gap_count, span, both.gap_squares),
        last_gap_days=ibis.ifelse(gap_count > 0, both.last_day - both.day_before, ibis.null("int64")),
        overdue_ratio=divided(silent * gap_count, span),
        days_since_last_return=today - both.last_return_day,
        main_channel=both.channel,
        main_channel_share=divided(both.top_channel, both.in_channels),
        **{f"order_trend_{one}": _trend(both, "order_count", one) for one in _TREND_DAYS},
        **{f"revenue_trend_{one}": _trend(both, "revenue", one) for one in _TREND_DAYS},
    )


def basket_features(past: Tables, today: int) -> ir.Table | None:
    """The columns in `BASKET_FEATURES` of each known customer; None where the base knows none of them."""
    if past.provided.isdisjoint({"orders.category", "orders.discount"}):
        return None
    lines = order_lines(past)
    lines = lines.filter(lines.customer_id.notnull(), lines.amount > 0)
    discount = lines.discount.coalesce(0)
    lately = today - lines.day < _DISCOUNT_DAYS
    by_category = lines.group_by("customer_id", "category").agg(
        spent=total(lines.amount),
        spent_lately=total(lines.amount, lately),
        discount=total(discount),
        discount_lately=total(discount, lately),
    )
    known = by_category.category.notnull()
    sums = by_category.group_by("customer_id").agg(
        spent=total(by_category.spent),
        spent_lately=total(by_category.spent_lately),
        discount=total(by_category.discount),
        discount_lately=total(by_category.discount_lately),
        category_count=by_category.category.count(),
        in_categories=total(by_category.spent, known),
        top_category=by_category.spent.max(where=known),
    )
    main = _main(by_category, sums, "category", "spent", "top_category")
    both = sums.left_join(main, "customer_id")
    return both.select(
        "customer_id",
        "category_count",
        main_category=both.category,
        main_category_share=divided(both.top_category, both.in_categories),
        discount_share=divided(both.discount, both.spent + both.discount),
        discount_share_90=divided(both.discount_lately, both.spent_lately + both.discount_lately),
    )


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


def _by_channel(orders: ir.Table, today: int) -> ir.Table:
    age = today - orders.day
    bought = orders.revenue > 0
    return orders.group_by("customer_id", "channel").agg(
        order_count=number_of(bought),
        purchased=total(orders.revenue, bought),
        revenue=total(orders.revenue),
        return_count=number_of(~bought),
        return_count_365=number_of(~bought & (age < 365)),
        last_return_day=orders.day.max(where=~bought),
        **{f"order_count_{one}": number_of(bought & (age < one)) for one in _COUNTED},
        **{f"revenue_{one}": total(orders.revenue, age < one) for one in _COUNTED},
    )


def _over_channels(by_channel: ir.Table) -> ir.Table:
    used = by_channel.channel.notnull() & (by_channel.order_count > 0)
    apart = {"customer_id", "channel", "last_return_day"}
    sums = by_channel.group_by("customer_id").agg(
        **{one: total(by_channel[one]) for one in by_channel.columns if one not in apart},
        last_return_day=by_channel.last_return_day.max(),
        channel_count=number_of(used),
        in_channels=total(by_channel.order_count, used),
        top_channel=by_channel.order_count.max(where=used),
    )
    return sums.mutate(returned=sums.revenue - sums.purchased)


def _main(parts: ir.Table, sums: ir.Table, part: str, by: str, highest: str) -> ir.Table:
    """The part in which each customer has most; of equal ones the first by name."""
    parts = parts.filter(parts[part].notnull(), parts[by] > 0).select("customer_id", part, by)
    top = sums.select("customer_id", highest)
    same = parts.inner_join(top, [parts.customer_id == top.customer_id, parts[by] == top[highest]])
    return same.group_by("customer_id").agg(**{part: same[part].min()})


def _trend(sums: ir.Table, what: str, span: int) -> ir.FloatingValue:
    late = sums[f"{what}_{span}"]
    early = sums[f"{what}_{180 if span == 90 else 360}"] - late
    return divided(late - early, late.abs() + early.abs())


def _deviation(gaps: ir.IntegerValue, total: ir.IntegerValue, squares: ir.IntegerValue) -> ir.FloatingValue:
    """Standard deviation of gaps from whole sums; null where there are fewer than two."""
    of = ibis.ifelse(gaps > 1, gaps * (gaps - 1), ibis.null("int64"))
    variance = divided(gaps * squares - total * total, of)
    return cast("ir.FloatingValue", variance.sqrt())
