"""Which groups do our customers form, what is each worth, and who moved?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from crm_core.base import Sentence, Share
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.periods import date_of, day_of, months_before
from crm_core.segments.metrics import abc_summary, pareto_curve, rfm_grid, segment_moves, segment_summary
from crm_core.segments.rules import SEGMENTS, STRATEGY, Strategy, Way, in_ten, way
from crm_core.tables import Ask


@dataclass(frozen=True)
class Segment:
    """A named segment: its customers and what they brought, in units of currency.

    `customers_before` counts those who were in it at the earlier date, and `customer_share_before` is their
    share of all who were customers by then; None where the base does not reach so far.
    """

    name: str
    strategy: Strategy
    customers: int
    customer_share: float
    revenue: float
    revenue_share: float
    margin: float | None
    margin_share: float | None
    order_count: int
    days_since_last_order: float
    customers_before: int | None
    customer_share_before: float | None


@dataclass(frozen=True)
class Movement:
    """Customers who were in a segment at the earlier date (None: new since) and are in another one now."""

    before: str | None
    now: str
    way: Way
    customers: int
    revenue: float


@dataclass(frozen=True)
class Segments:
    """The whole answer.

    Args:
        as_of: Only what happened up to the end of this day exists.
        since: The earlier date that movements are counted from; None where the base does not reach so far, or
            had too few customers then.
        headline: The answer in one sentence.
        context: What stands below it.
        customers: All actual customers.
        few: Whether these are too few to speak of groups.
        segments: In the order from the most to the least engaged; only those that have or had customers.
        grid: `r_score`, `value_score`, `segment`, `customers`, `revenue` for each of the 25 cells.
        curve: `pareto_curve`, money in units of currency.
        classes: `abc_class`, `customers`, `value`, `customer_share`, `value_share`, from A to C.
        by_margin: Whether value is margin; else it is revenue.
        movements: Who changed segment since the earlier date, the largest group first; None without `since`.
        stayed: Customers who are in the same segment as then; None without `since`.
        currency: The base's currency.
    """

    as_of: dt.date
    since: dt.date | None
    headline: Sentence
    context: Sentence
    customers: int
    few: bool
    segments: tuple[Segment, ...]
    grid: pd.DataFrame
    curve: pd.DataFrame
    classes: pd.DataFrame
    by_margin: bool
    movements: tuple[Movement, ...] | None
    stayed: int | None
    currency: str


MOVES_OVER_MONTHS = 12


def segments(ask: Ask, *, as_of: dt.date) -> Segments | None:
    """The groups that the customers form at a date, and who moved over the year before.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        The answer, or None when there is no customer yet.
    """
    scale = ask.tables.money_scale
    summary = ask(segment_summary, as_of=as_of).set_index("segment")
    if summary.empty:
        return None
    earlier = months_before(day_of(as_of), MOVES_OVER_MONTHS)
    since = date_of(earlier) if earlier >= ask.tables.first_day else None
    moves = None if since is None else ask(segment_moves, as_of=as_of, since=since)
    if moves is not None and moves.loc[moves["segment_before"].notna(), "customers"].sum() < ENOUGH_CUSTOMERS:
        since = moves = None
    curve = ask(pareto_curve, as_of=as_of)
    curve["value"] = curve["value"].astype("float64") / scale
    ranked = ask(abc_summary, as_of=as_of)
    by_margin = _whole_margin(summary) and int(ranked["value"].sum()) == int(summary["margin"].sum())
    classes = _classes(ranked, scale)
    grid = ask(rfm_grid, as_of=as_of)
    grid["revenue"] = grid["revenue"].astype("float64") / scale
    found = _segments(summary, moves, scale)
    customers = int(summary["customers"].sum())
    return Segments(
        as_of=as_of,
        since=since,
        headline=_headline(classes, by_margin=by_margin),
        context=_context(found),
        customers=customers,
        few=customers < ENOUGH_CUSTOMERS,
        segments=found,
        grid=grid.sort_values(["r_score", "value_score"], ignore_index=True),
        curve=curve.sort_values("customers", ignore_index=True),
        classes=classes,
        by_margin=by_margin,
        movements=None if moves is None else _movements(moves, scale),
        stayed=None if moves is None else int(moves.loc[_same(moves), "customers"].sum()),
        currency=ask.tables.currency,
    )


def _whole_margin(summary: pd.DataFrame) -> bool:
    return bool(summary["margin"].notna().all())


def _same(moves: pd.DataFrame) -> pd.Series:
    return moves["segment_before"] == moves["segment"]


def _movements(moves: pd.DataFrame, scale: int) -> tuple[Movement, ...]:
    found = []
    for row in moves[~_same(moves) & moves["segment"].notna()].to_dict("records"):
        before = None if pd.isna(row["segment_before"]) else str(row["segment_before"])
        now = str(row["segment"])
        found.append(Movement(before, now, way(before, now), int(row["customers"]), row["revenue"] / scale))
    order = {name: place for place, name in enumerate(SEGMENTS)}
    return tuple(
        sorted(found, key=lambda one: (-one.customers, order[one.now], order.get(one.before or "", -1)))
    )


def _segments(summary: pd.DataFrame, moves: pd.DataFrame | None, scale: int) -> tuple[Segment, ...]:
    customers, revenue = summary["customers"].sum(), summary["revenue"].sum()
    margin = summary["margin"].sum() if _whole_margin(summary) else None
    before = None if moves is None else moves.groupby("segment_before")["customers"].sum()
    all_before = 0 if before is None else int(before.sum())
    rows = {row["segment"]: row for row in summary.reset_index().to_dict("records")}
    found = []
    for name in SEGMENTS:
        was = None if before is None else int(before.get(name, 0))
        if name not in rows and not was:
            continue
        row = rows.get(name)
        count = 0 if row is None else int(row["customers"])
        brought = 0 if row is None else int(row["revenue"])
        earned = None if margin is None else 0 if row is None else int(row["margin"])
        found.append(
            Segment(
                name=name,
                strategy=STRATEGY[name],
                customers=count,
                customer_share=count / customers,
                revenue=brought / scale,
                revenue_share=brought / revenue if revenue > 0 else 0.0,
                margin=None if earned is None else earned / scale,
                margin_share=None if earned is None or not margin or margin < 0 else earned / margin,
                order_count=0 if row is None else int(row["order_count"]),
                days_since_last_order=float("nan") if row is None else row["last_order_days"] / count,
                customers_before=was,
                customer_share_before=was / all_before if was is not None and all_before else None,
            )
        )
    return tuple(found)


def _classes(classes: pd.DataFrame, scale: int) -> pd.DataFrame:
    classes = classes.set_index("abc_class").reindex(["A", "B", "C"], fill_value=0).reset_index()
    positive = classes["value"].clip(lower=0).sum()
    classes["customer_share"] = classes["customers"] / classes["customers"].sum()
    classes["value_share"] = classes["value"] / positive if positive else 0.0
    classes["value"] = classes["value"].astype("float64") / scale
    return classes


def _headline(classes: pd.DataFrame, *, by_margin: bool) -> Sentence:
    """The share of customers that brings four fifths: class A."""
    customers = int(classes["customers"].sum())
    best = classes.iloc[0]
    if customers < ENOUGH_CUSTOMERS:
        return Sentence("segments.headline.few", {"count": customers})
    if not best["customers"]:
        return Sentence("segments.headline.no_value")
    share = float(best["customer_share"])
    values: dict[str, object] = {"value_share": Share(float(best["value_share"]))}
    tenths = in_ten(share)
    if tenths is not None:
        values["some"] = Sentence(f"segments.in_ten.{tenths}")
        key = "segments.headline.in_ten_margin" if by_margin else "segments.headline.in_ten_revenue"
        return Sentence(key, values)
    values["customer_share"] = Share(share)
    key = "segments.headline.share_margin" if by_margin else "segments.headline.share_revenue"
    return Sentence(key, values)


def _context(found: tuple[Segment, ...]) -> Sentence:
    """How much revenue comes from customers who are slipping away; or that there are too few to tell."""
    if sum(one.customers for one in found) < ENOUGH_CUSTOMERS:
        return Sentence("segments.context.few", {"least": ENOUGH_CUSTOMERS})
    slipping = [one for one in found if one.strategy == "win_back"]
    count = sum(one.customers for one in slipping)
    if not count:
        return Sentence("segments.context.none_slipping", {"count": sum(one.customers for one in found)})
    share = sum(one.revenue_share for one in slipping)
    return Sentence(
        "segments.context.slipping",
        {
            "count": count,
            "all": sum(one.customers for one in found),
            "revenue_share": Share(share),
        },
    )
