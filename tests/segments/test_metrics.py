"""Scores, segments, classes and the whale curve against a table written by hand."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest

from crm_core.base import InputError, NotProvided
from crm_core.segments import rules
from crm_core.segments.metrics import (
    abc,
    abc_summary,
    customers_of_segment,
    pareto_curve,
    rfm,
    rfm_grid,
    segment_moves,
    segment_summary,
)
from crm_core.segments.rules import SEGMENTS
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment
from tests.oracle.segments import SEGMENTS_BY_CELL, value_score

AS_OF = dt.date(2024, 12, 31)
NOON = moment("2024-12-31 12:00")
DAY = dt.timedelta(1)

# Five customers worth 50, 30, 15, 5 and 0; a brought back all that it had bought.
BASE = Base(
    (
        Line("e", "1", NOON - 70 * DAY, 20),
        Line("e", "2", NOON - 60 * DAY, 20),
        Line("e", "3", NOON, 10),
        Line("d", "1", NOON - 80 * DAY, 20),
        Line("d", "2", NOON - 10 * DAY, 10),
        Line("c", "1", NOON - 10 * DAY, 15),
        Line("b", "1", NOON - 100 * DAY, 5),
        Line("a", "1", NOON - 400 * DAY, 5),
        Line("a", "2", NOON - 390 * DAY, -5),
    ),
    costed=False,
)


def test_scores_and_segments_of_five_customers(engine: Engine) -> None:
    loaded = load(engine, BASE)
    rows = loaded.rows(rfm(loaded.tables, as_of=AS_OF).order_by("customer_id"))
    assert list(rows[0]) == [
        "customer_id",
        "days_since_last_order",
        "order_count",
        "revenue",
        "margin",
        "r_score",
        "f_score",
        "m_score",
        "segment",
    ]
    assert [tuple(row.values()) for row in rows] == [
        ("a", 400, 1, 0, None, 1, 1, 1, "lost"),
        ("b", 100, 1, 5, None, 2, 1, 2, "hibernating"),
        ("c", 10, 1, 15, None, 4, 1, 3, "potential_loyalists"),
        ("d", 10, 2, 30, None, 4, 4, 4, "loyal"),
        ("e", 0, 3, 50, None, 5, 5, 5, "champions"),
    ]


def test_classes_of_five_customers(engine: Engine) -> None:
    loaded = load(engine, BASE)
    rows = loaded.rows(abc(loaded.tables, as_of=AS_OF).order_by("customer_id"))
    assert [tuple(row.values()) for row in rows] == [
        ("a", 0, 1.0, "C"),
        ("b", 5, 0.95, "C"),
        ("c", 15, 0.8, "B"),
        ("d", 30, 0.5, "A"),
        ("e", 50, 0.0, "A"),
    ]
    found = loaded.rows(abc_summary(loaded.tables, as_of=AS_OF).order_by("abc_class"))
    assert [tuple(row.values()) for row in found] == [("A", 2, 80), ("B", 1, 15), ("C", 2, 5)]


def test_the_whale_curve_of_five_customers(engine: Engine) -> None:
    loaded = load(engine, BASE)
    rows = loaded.rows(pareto_curve(loaded.tables, as_of=AS_OF).order_by("customers"))
    assert [tuple(row.values()) for row in rows] == [
        (1, 0.2, 50, 0.5),
        (2, 0.4, 80, 0.8),
        (3, 0.6, 95, 0.95),
        (4, 0.8, 100, 1.0),
        (5, 1.0, 100, 1.0),
    ]
    halves = loaded.rows(pareto_curve(loaded.tables, as_of=AS_OF, points=2).order_by("customers"))
    assert [row["customers"] for row in halves] == [3, 5]
    for points in (0, 1_001):
        with pytest.raises(InputError):
            pareto_curve(loaded.tables, as_of=AS_OF, points=points)


def test_the_curve_falls_where_customers_cost_more_than_they_bring(engine: Engine) -> None:
    lines = [Line(name, "1", NOON, 100, 100 - margin) for name, margin in (("a", 90), ("b", 10), ("c", -40))]
    loaded = load(engine, Base(tuple(lines)))
    rows = loaded.rows(pareto_curve(loaded.tables, as_of=AS_OF).order_by("customers"))
    assert [(row["value"], row["value_share"]) for row in rows] == [(90, 0.9), (100, 1.0), (60, 0.6)]
    classes = loaded.rows(abc(loaded.tables, as_of=AS_OF).order_by("customer_id"))
    assert [tuple(row.values()) for row in classes] == [
        ("a", 90, 0.0, "A"),
        ("b", 10, 0.9, "B"),
        ("c", -40, 1.0, "C"),
    ]


def test_nobody_of_positive_value_is_class_c(engine: Engine) -> None:
    lines = (
        Line("a", "1", NOON, 5),
        Line("a", "2", NOON, -5),
        Line("b", "1", NOON, 1),
        Line("b", "2", NOON, -9),
    )
    loaded = load(engine, Base(lines, costed=False))
    rows = loaded.rows(abc(loaded.tables, as_of=AS_OF).order_by("customer_id"))
    assert [(row["value"], row["abc_class"]) for row in rows] == [(0, "C"), (-8, "C")]
    curve = loaded.rows(pareto_curve(loaded.tables, as_of=AS_OF).order_by("customers"))
    assert [(row["value"], row["value_share"]) for row in curve] == [(0, 0.0), (-8, 0.0)]


def test_value_is_margin_only_where_every_cost_is_known(engine: Engine) -> None:
    lines = (Line("a", "1", NOON, 100, 90), Line("b", "1", NOON, 50, 10), Line(None, "1", NOON, 10, None))
    values = []
    for base in (Base(lines[:2]), Base(lines)):
        loaded = load(engine, base)
        rows = loaded.rows(abc(loaded.tables, as_of=AS_OF).order_by("customer_id"))
        values.append([row["value"] for row in rows])
    assert values == [[10, 40], [100, 50]]


def test_margin_is_refused_where_no_cost_is_known(engine: Engine) -> None:
    loaded = load(engine, BASE)
    for metric in (abc, pareto_curve):
        with pytest.raises(NotProvided):
            metric(loaded.tables, as_of=AS_OF, value="margin")


def test_ties_in_value_are_in_the_order_of_customer_id(engine: Engine, collated_engine: Engine) -> None:
    ids = ["B", "a", "C", "é", "z", "1", "01", "ب"]
    base = Base(tuple(Line(one, "1", NOON, 10) for one in ids), costed=False)
    for each in (engine, collated_engine):
        loaded = load(each, base)
        rows = loaded.rows(abc(loaded.tables, as_of=AS_OF).order_by("share_before"))
        assert [row["customer_id"] for row in rows] == sorted(ids), each.url
        assert "".join(str(row["abc_class"]) for row in rows) == "AAAAAAAB"


def test_who_moved_in_fifty_days(engine: Engine) -> None:
    loaded = load(engine, BASE)
    moved = segment_moves(loaded.tables, as_of=AS_OF, since=AS_OF - 50 * DAY)
    assert sorted(loaded.rows(moved), key=lambda row: str(row["segment"])) == [
        {"segment_before": "champions", "segment": "champions", "customers": 1, "revenue": 50},
        {"segment_before": "about_to_sleep", "segment": "hibernating", "customers": 1, "revenue": 5},
        {"segment_before": "hibernating", "segment": "lost", "customers": 1, "revenue": 0},
        {"segment_before": "potential_loyalists", "segment": "loyal", "customers": 1, "revenue": 30},
        {"segment_before": None, "segment": "potential_loyalists", "customers": 1, "revenue": 15},
    ]


def test_the_segments_and_the_grid_add_up(engine: Engine) -> None:
    loaded = load(engine, BASE)
    summary = loaded.rows(segment_summary(loaded.tables, as_of=AS_OF).order_by("segment"))
    assert [tuple(row.values()) for row in summary] == [
        ("champions", 1, 3, 50, None, 0),
        ("hibernating", 1, 1, 5, None, 100),
        ("lost", 1, 1, 0, None, 400),
        ("loyal", 1, 2, 30, None, 10),
        ("potential_loyalists", 1, 1, 15, None, 10),
    ]
    grid = loaded.rows(rfm_grid(loaded.tables, as_of=AS_OF).order_by("r_score", "value_score"))
    assert [tuple(row.values()) for row in grid] == [
        (1, 1, "lost", 1, 0),
        (2, 2, "hibernating", 1, 5),
        (4, 2, "potential_loyalists", 1, 15),
        (4, 4, "loyal", 1, 30),
        (5, 5, "champions", 1, 50),
    ]


def test_the_customers_behind_a_segment_a_cell_and_a_class(engine: Engine) -> None:
    loaded = load(engine, BASE)

    def behind(**options: object) -> str:
        found = customers_of_segment(loaded.tables, as_of=AS_OF, **options)  # type: ignore[arg-type]  # options of a test
        return "".join(str(row["customer_id"]) for row in loaded.rows(found.order_by("customer_id")))

    assert behind() == "abcde"
    assert behind(segment="loyal") == "d"
    assert behind(r_score=4) == "cd"
    assert behind(r_score=4, value_score=2) == "c"
    assert behind(abc_class="C") == "ab"
    assert behind(abc_class="C", r_score=2) == "b"
    assert behind(segment="loyal", abc_class="C") == ""


def test_one_customer_alone_is_new(engine: Engine) -> None:
    """Nobody has less than the only customer: 5 for recency, 1 for the two others."""
    loaded = load(engine, Base((Line("a", "1", NOON, 5),)))
    rows = loaded.rows(rfm(loaded.tables, as_of=AS_OF))
    assert [tuple(row.values())[5:] for row in rows] == [(5, 1, 1, "new_customers")]


def test_each_of_the_125_cells_is_in_the_segment_of_the_oracle() -> None:
    scores = range(1, 6)
    cells = product(scores, scores, scores)
    found = {(r, f, m): rules.SEGMENT_GRID[r - 1][rules.value_score(f, m) - 1] for r, f, m in cells}
    assert found == {(r, f, m): SEGMENTS_BY_CELL[r][value_score(f, m) - 1] for r, f, m in found}
    assert set(found.values()) == set(SEGMENTS)
