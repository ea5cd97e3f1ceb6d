"""RFM scores and segments, ABC classes, the whale curve."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction

from tests.oracle.history import Customer, History, Row

SEGMENTS_BY_CELL = {
    # recency score: value scores 1 to 5
    5: ("new_customers", "potential_loyalists", "potential_loyalists", "champions", "champions"),
    4: ("promising", "potential_loyalists", "potential_loyalists", "loyal", "champions"),
    3: ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    2: ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose_them"),
    1: ("lost", "lost", "at_risk", "at_risk", "cannot_lose_them"),
}


def rfm(history: History) -> list[Row]:
    """Scores of 1 to 5, and the segment they make."""
    customers = list(history.customers.values())
    recency = _fifths(customers, lambda one: (history.as_of - one.last.date).days)
    frequency = _fifths(customers, lambda one: len(one.purchases))
    monetary = _fifths(customers, lambda one: one.revenue)
    rows: list[Row] = []
    for one, r, f, m in zip(customers, recency, frequency, monetary, strict=True):
        rows.append(
            {
                "customer_id": one.customer_id,
                "days_since_last_order": (history.as_of - one.last.date).days,
                "order_count": len(one.purchases),
                "revenue": one.revenue,
                "margin": one.margin,
                "r_score": 5 - r,
                "f_score": 1 + f,
                "m_score": 1 + m,
                "segment": SEGMENTS_BY_CELL[5 - r][value_score(1 + f, 1 + m) - 1],
            }
        )
    return rows


def value_score(f_score: int, m_score: int) -> int:
    """The mean of both, a half upwards."""
    return math.ceil((f_score + m_score) / 2)


def abc(history: History, value: str = "auto") -> list[Row]:
    """Customers by value, and the share that those before them bring."""
    ranked = _ranked(history, value)
    total = sum(max(money, 0) for _, money in ranked)
    before = 0
    rows: list[Row] = []
    for customer_id, money in ranked:
        share = Fraction(before, total) if total else Fraction(1)
        known = "A" if share < Fraction(80, 100) else "B" if share < Fraction(95, 100) else "C"
        rows.append(
            {
                "customer_id": customer_id,
                "value": money,
                "share_before": before / total if total else 1.0,
                "abc_class": known if money > 0 else "C",
            }
        )
        before += max(money, 0)
    return rows


def pareto_curve(history: History, value: str = "auto", points: int = 100) -> list[Row]:
    """The share of value that the best customers bring, at evenly spaced numbers of customers."""
    ranked = _ranked(history, value)
    count = len(ranked)
    total = sum(max(money, 0) for _, money in ranked)
    # Of n customers the k-th point holds the smallest number whose share is k/points or more.
    places = {-(-point * count // points) for point in range(1, points + 1)}
    rows: list[Row] = []
    sum_so_far = 0
    for place, (_, money) in enumerate(ranked, 1):
        sum_so_far += money
        if place in places:
            rows.append(
                {
                    "customers": place,
                    "customer_share": place / count,
                    "value": sum_so_far,
                    "value_share": sum_so_far / total if total else 0.0,
                }
            )
    return rows


def segment_summary(history: History) -> list[Row]:
    """The segments that have customers."""
    rows: list[Row] = []
    for segment, members in _grouped(rfm(history), "segment").items():
        margins = [member["margin"] for member in members]
        rows.append(
            {
                "segment": segment[0],
                "customers": len(members),
                "order_count": _sum(members, "order_count"),
                "revenue": _sum(members, "revenue"),
                "margin": None if None in margins else _sum(members, "margin"),
                "last_order_days": _sum(members, "days_since_last_order"),
            }
        )
    return rows


def rfm_grid(history: History) -> list[Row]:
    """The cells of recency and value score that have customers."""
    scored = [{**row, "value_score": _value_score_of(row)} for row in rfm(history)]
    return [
        {
            "r_score": r_score,
            "value_score": score,
            "segment": segment,
            "customers": len(members),
            "revenue": _sum(members, "revenue"),
        }
        for (r_score, score, segment), members in _grouped(
            scored, "r_score", "value_score", "segment"
        ).items()
    ]


def segment_moves(history: History, earlier: History) -> list[Row]:
    """Pairs of a segment at the earlier day (None: no customer yet) and at the later one (None: no more)."""
    before = {row["customer_id"]: row["segment"] for row in rfm(earlier)}
    now = rfm(history)
    moved = [{**row, "segment_before": before.get(row["customer_id"])} for row in now]
    gone = before.keys() - {row["customer_id"] for row in now}
    moved += [{"segment_before": before[one], "segment": None, "revenue": 0} for one in gone]
    return [
        {
            "segment_before": was,
            "segment": segment,
            "customers": len(members),
            "revenue": _sum(members, "revenue"),
        }
        for (was, segment), members in _grouped(moved, "segment_before", "segment").items()
    ]


def abc_summary(history: History) -> list[Row]:
    """The classes that have customers."""
    return [
        {"abc_class": name[0], "customers": len(members), "value": _sum(members, "value")}
        for name, members in _grouped(abc(history), "abc_class").items()
    ]


def customers_of_segment(
    history: History,
    segment: str | None = None,
    r_score: int | None = None,
    value_score: int | None = None,
    abc_class: str | None = None,
) -> set[object]:
    """The customers of whom all that is given holds."""
    classes = {row["customer_id"]: row["abc_class"] for row in abc(history)}
    return {
        row["customer_id"]
        for row in rfm(history)
        if segment in (None, row["segment"])
        and r_score in (None, row["r_score"])
        and value_score in (None, _value_score_of(row))
        and abc_class in (None, classes.get(row["customer_id"]))
    }


def _value_score_of(row: Row) -> int:
    f_score, m_score = row["f_score"], row["m_score"]
    assert isinstance(f_score, int)
    assert isinstance(m_score, int)
    return value_score(f_score, m_score)


def _fifths(customers: list[Customer], measure: Callable[[Customer], int]) -> list[int]:
    """floor(5 c / n) of each, where c customers of n have a strictly smaller measure."""
    ordered = sorted(measure(one) for one in customers)
    return [5 * bisect_left(ordered, measure(one)) // len(ordered) for one in customers]


def _ranked(history: History, value: str) -> list[tuple[str, int]]:
    everything_costed = history.base.costed and all(sale.cost is not None for sale in history.sales)
    by_margin = value == "margin" or (value == "auto" and everything_costed)
    money = {key: one.margin if by_margin else one.revenue for key, one in history.customers.items()}
    known = [(key, worth) for key, worth in money.items() if worth is not None]
    return sorted(known, key=lambda one: (-one[1], one[0]))


def _grouped(rows: list[Row], *columns: str) -> dict[tuple[object, ...], list[Row]]:
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in columns)].append(row)
    return groups


def _sum(rows: list[Row], column: str) -> int:
    return sum(int(str(row[column])) for row in rows)
