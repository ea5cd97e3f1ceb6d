"""RFM scores and the segments that they make."""

from __future__ import annotations

import datetime as dt
import functools
import operator

import ibis
import ibis.expr.types as ir

from crm_core.customers.metrics import customer_totals, margin_of
from crm_core.periods import date_of, day_of, months_before
from crm_core.segments import rules
from crm_core.segments.metrics.worth import abc
from crm_core.tables import Tables, derivation


@derivation("base")
def scored_customers(tables: Tables) -> ir.Table:
    """Actual customers with their RFM scores and segment, up to the last line of the tables.

    Args:
        tables: `orders` (order line) and `rates`, by way of `customer_totals`.

    Returns:
        Grain: a customer with at least one purchase. Scores as in `rfm`.

        - `customer_id`: text
        - `last_day`: day number of the last purchase
        - `order_count`: purchases, 1 or more
        - `revenue`: money, returns included
        - `margin`: money, null where a cost is not known
        - `r_score`, `f_score`, `m_score`: 1 to 5
        - `segment`: name of the segment
    """
    totals = customer_totals(tables)
    # The later the last purchase, the fewer the days since it.
    scored = _with_fifth(totals, "behind", -totals.last_day)
    scored = _with_fifth(scored, "frequency", totals.order_count)
    scored = _with_fifth(scored, "monetary", totals.revenue)
    scored = scored.select(
        "customer_id",
        "last_day",
        "order_count",
        "revenue",
        margin=margin_of(scored),
        r_score=5 - scored.behind,
        f_score=1 + scored.frequency,
        m_score=1 + scored.monetary,
    )
    return scored.mutate(segment=_segment(scored))


def _with_fifth(rows: ir.Table, name: str, measure: ir.IntegerColumn) -> ir.Table:
    """`rows` with floor(5 c / n) of each, of the n rows c having a strictly smaller measure."""
    # Counted by value: ranks would sort the whole table once for each measure.
    values = measure.name("value").as_table().group_by("value").agg(tied=lambda tied: tied.count())
    smaller = values.tied.sum().over(ibis.cumulative_window(order_by=values.value)) - values.tied
    values = values.mutate(fifth=5 * smaller // values.tied.sum().over(ibis.window()))
    begins = values.agg(
        **{f"begin_{fifth}": values.value.min(where=values.fifth >= fifth) for fifth in range(1, 5)}
    )
    beside = rows.mutate(measure=measure).cross_join(begins)
    reached = [ibis.ifelse(beside.measure >= beside[begin], 1, 0) for begin in begins.columns]
    return beside.select(*rows.columns, **{name: functools.reduce(operator.add, reached).cast("int64")})


def segment(tables: Tables) -> ir.Table:
    """Actual customers by the segment that they are in at the end of the tables.

    Args:
        tables: `orders` (order line) and `rates`, by way of `scored_customers`.

    Returns:
        Grain: a customer with at least one purchase.

        - `customer_id`: text
        - `group`: name of the segment
    """
    return scored_customers(tables).select("customer_id", group=lambda scored: scored.segment)


@derivation("base")
def segments_year_before(tables: Tables) -> ir.Table:
    """The segments as they were twelve Gregorian months before the last line of the tables.

    Args:
        tables: `orders` (order line) and `rates`, by way of `scored_customers`.

    Returns:
        Grain: a customer with at least one purchase by then.

        - `customer_id`: text
        - `segment`: name of the segment
    """
    return _segments_at(tables, date_of(_year_before(tables)))


def _year_before(tables: Tables) -> int:
    return months_before(tables.last_day, 12)


def rfm(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """Recency, frequency and monetary scores of each customer, 5 best, and the segment they make.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a customer with at least one purchase up to `as_of`. With n customers and c of them with a
        strictly smaller value, a score is 1 + floor(5 c / n), and for recency 5 - floor(5 c / n); customers
        with equal values have equal scores.

        - `customer_id`: text
        - `days_since_last_order`: days, 0 or more
        - `order_count`: purchases, 1 or more
        - `revenue`: money, returns included
        - `margin`: money, null where a cost is not known
        - `r_score`: 1 to 5, over `days_since_last_order`
        - `f_score`: 1 to 5, over `order_count`
        - `m_score`: 1 to 5, over `revenue`
        - `segment`: name of the segment, a function of the three scores
    """
    scored = scored_customers(tables.until(as_of))
    return scored.select(
        "customer_id",
        "order_count",
        "revenue",
        "margin",
        "r_score",
        "f_score",
        "m_score",
        "segment",
        days_since_last_order=day_of(as_of) - scored.last_day,
    ).relocate("days_since_last_order", after="customer_id")


def _segment(scored: ir.Table) -> ir.StringValue:
    cell = 10 * scored.r_score + rules.value_score(scored.f_score, scored.m_score)
    cells = [
        (10 * (row + 1) + column + 1, name)
        for row, names in enumerate(rules.SEGMENT_GRID)
        for column, name in enumerate(names)
    ]
    return cell.cases(*cells)


def segment_summary(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """The named segments: how many customers, and what they brought.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a segment with at least one customer.

        - `segment`: its name
        - `customers`: customers in it
        - `order_count`: their purchases
        - `revenue`: money, returns included
        - `margin`: money; null where the cost of any of their lines is not known
        - `last_order_days`: sum over the customers of days since the last purchase
    """
    scored = rfm(tables, as_of=as_of)
    return scored.group_by("segment").agg(
        customers=scored.count(),
        order_count=scored.order_count.sum().cast("int64"),
        revenue=scored.revenue.sum().cast("int64"),
        margin=_whole_margin(scored),
        last_order_days=scored.days_since_last_order.sum().cast("int64"),
    )


def rfm_grid(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """Customers by recency score and value score (mean of frequency and monetary score, halves upward).

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a cell with at least one customer.

        - `r_score`: 1 to 5
        - `value_score`: 1 to 5
        - `segment`: the segment that the cell belongs to
        - `customers`: customers in it
        - `revenue`: money, returns included
    """
    scored = rfm(tables, as_of=as_of)
    scored = scored.mutate(value_score=rules.value_score(scored.f_score, scored.m_score))
    return scored.group_by("r_score", "value_score", "segment").agg(
        customers=scored.count(), revenue=scored.revenue.sum().cast("int64")
    )


def segment_moves(tables: Tables, *, as_of: dt.date, since: dt.date) -> ir.Table:
    """Who moved: customers by their segment at two dates.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: The later date; only what happened up to its end exists.
        since: The earlier date, likewise.

    Returns:
        Grain: a pair of segments with at least one customer.

        - `segment_before`: segment at `since`; null for those who had not bought yet
        - `segment`: segment at `as_of`; null for those all of whose purchases were returned in between
        - `customers`: customers who went this way
        - `revenue`: money that they brought up to `as_of`; 0 for those without a segment
    """
    tables = tables.until(as_of)
    now = scored_customers(tables).select("customer_id", "segment", "revenue")
    before = _segments_of(tables, since).rename(segment_before="segment")
    moved = now.outer_join(before, "customer_id").select("segment_before", "segment", "revenue")
    return moved.group_by("segment_before", "segment").agg(
        customers=moved.count(), revenue=moved.revenue.sum().coalesce(0).cast("int64")
    )


def customers_of_segment(
    tables: Tables,
    *,
    as_of: dt.date,
    segment: str | None = None,
    r_score: int | None = None,
    value_score: int | None = None,
    abc_class: str | None = None,
    segment_before: str | None = None,
    since: dt.date | None = None,
) -> ir.Table:
    """The customers behind a segment, a cell of the RFM grid or an ABC class; all that is given must hold.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        segment: Name of a segment.
        r_score: Recency score, 1 to 5.
        value_score: Mean of frequency and monetary score, halves upward, 1 to 5.
        abc_class: A, B or C.
        segment_before: Name of the segment at `since`.
        since: An earlier date; without `segment_before`, those who had not bought yet by then.

    Returns:
        Grain: a customer.

        - `customer_id`: text
    """
    kept = rfm(tables, as_of=as_of)
    if segment is not None:
        kept = kept.filter(kept.segment == segment)
    if r_score is not None:
        kept = kept.filter(kept.r_score == r_score)
    if value_score is not None:
        kept = kept.filter(rules.value_score(kept.f_score, kept.m_score) == value_score)
    if abc_class is not None:
        ranked = abc(tables, as_of=as_of)
        kept = kept.semi_join(ranked.filter(ranked.abc_class == abc_class), "customer_id")
    if since is not None:
        before = _segments_of(tables.until(as_of), since)
        if segment_before is None:
            kept = kept.anti_join(before, "customer_id")
        else:
            kept = kept.semi_join(before.filter(before.segment == segment_before), "customer_id")
    return kept.select("customer_id")


def _segments_of(tables: Tables, since: dt.date) -> ir.Table:
    return (
        segments_year_before(tables)
        if since == date_of(_year_before(tables))
        else _segments_at(tables, since)
    )


def _segments_at(tables: Tables, since: dt.date) -> ir.Table:
    return scored_customers(tables.until(since)).select("customer_id", "segment")


def _whole_margin(scored: ir.Table) -> ir.IntegerValue:
    """The sum of margins, or null where one of them is not known."""
    known = scored.margin.count() == scored.count()
    return ibis.ifelse(known, scored.margin.sum().cast("int64"), ibis.null("int64"))
