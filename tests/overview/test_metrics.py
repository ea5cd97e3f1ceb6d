"""Periods, lifecycle and spans against a table written by hand."""

from __future__ import annotations

import datetime as dt

from crm_core.overview.metrics import customers_of_span, lifecycle, revenue_by_period, span_figures
from crm_core.overview.rules import GROUPS, Group
from tests.engines import Engine
from tests.oracle.calendars import day_number
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment

AS_OF = dt.date(2024, 3, 10)
JANUARY = 2024 * 12  # months count from 0
DEY = 1402 * 12 + 9

# a's one order goes on over midnight, and over the end of the month.
BASE = Base(
    (
        Line("b", "1", moment("2024-01-10 12:00"), 50, 20),
        Line("a", "1", moment("2024-01-31 23:50"), 100, 40),
        Line("a", "1", moment("2024-02-01 00:10"), 20, 10),
        Line(None, "1", moment("2024-02-15 12:00"), 30, 5),
        Line("b", "2", moment("2024-03-02 12:00"), 40, None),
        Line("b", "3", moment("2024-03-03 12:00"), -10, 0),
    )
)


def test_revenue_by_month(engine: Engine) -> None:
    loaded = load(engine, BASE)
    rows = loaded.rows(revenue_by_period(loaded.tables, as_of=AS_OF))
    assert list(rows[0]) == [
        "period",
        "period_start",
        "complete",
        "revenue",
        "customer_revenue",
        "guest_revenue",
        "returned",
        "margin",
        "order_count",
        "active_customers",
        "new_customers",
    ]
    assert [tuple(row.values()) for row in rows] == [
        (JANUARY, dt.date(2024, 1, 1), True, 150, 150, 0, 0, 90, 2, 2, 2),
        (JANUARY + 1, dt.date(2024, 2, 1), True, 50, 20, 30, 0, 35, 0, 0, 0),
        (JANUARY + 2, dt.date(2024, 3, 1), False, 30, 30, 0, -10, None, 1, 1, 0),
    ]


def test_revenue_by_jalali_month(engine: Engine) -> None:
    loaded = load(engine, BASE)
    rows = loaded.rows(revenue_by_period(loaded.tables, as_of=AS_OF, calendar="jalali"))
    assert [tuple(row.values()) for row in rows] == [
        (DEY, dt.date(2023, 12, 22), True, 50, 50, 0, 0, 30, 1, 1, 1),
        (DEY + 1, dt.date(2024, 1, 21), True, 150, 120, 30, 0, 95, 1, 1, 1),
        (DEY + 2, dt.date(2024, 2, 20), False, 30, 30, 0, -10, None, 1, 1, 0),
    ]


def test_a_period_without_a_line_is_not_left_out(engine: Engine) -> None:
    loaded = load(engine, BASE)
    rows = loaded.rows(revenue_by_period(loaded.tables, as_of=AS_OF, unit="week"))
    # From Monday the 8th of January to the week of Sunday the 10th of March, which is whole.
    assert [row["period_start"] for row in rows] == [
        dt.date(2024, 1, 8) + dt.timedelta(7 * n) for n in range(9)
    ]
    assert [row["revenue"] for row in rows] == [50, 0, 0, 120, 0, 30, 0, 30, 0]
    assert [row["complete"] for row in rows] == [True] * 9
    assert [row["margin"] for row in rows] == [30, 0, 0, 70, 0, 25, 0, None, 0]


def test_lifecycle_by_month(engine: Engine) -> None:
    loaded = load(engine, BASE)
    rows = loaded.rows(lifecycle(loaded.tables, as_of=AS_OF))
    assert list(rows[0])[3:] == ["new", "returning", "resurrected", "dormant", "active"]
    assert [tuple(row.values()) for row in rows] == [
        (JANUARY, dt.date(2024, 1, 1), True, 2, 0, 0, 0, 2),
        (JANUARY + 1, dt.date(2024, 2, 1), True, 0, 0, 0, 2, 0),
        (JANUARY + 2, dt.date(2024, 3, 1), False, 0, 0, 1, 0, 1),
    ]
    rows = loaded.rows(lifecycle(loaded.tables, as_of=AS_OF, calendar="jalali"))
    assert [tuple(row.values())[3:] for row in rows] == [(1, 0, 0, 0, 1), (1, 0, 0, 1, 1), (0, 0, 1, 1, 1)]


def test_lifecycle_by_quarter_and_year(engine: Engine) -> None:
    loaded = load(engine, BASE)
    assert [
        tuple(row.values())
        for unit in ("quarter", "year")
        for row in loaded.rows(lifecycle(loaded.tables, as_of=AS_OF, unit=unit, calendar="buddhist"))
    ] == [
        (2567 * 4, dt.date(2024, 1, 1), False, 2, 0, 0, 0, 2),
        (2567, dt.date(2024, 1, 1), False, 2, 0, 0, 0, 2),
    ]


def test_the_first_year_of_the_calendar_has_none_before_it(engine: Engine) -> None:
    """Never before is stood for by the last day of 1900; who buys in 1901 has not bought the year before."""
    loaded = load(engine, Base((Line("a", "1", moment("1901-01-02"), 5),)))
    (row,) = loaded.rows(lifecycle(loaded.tables, as_of=dt.date(1901, 6, 1), unit="year"))
    assert [row[name] for name in ("new", "returning", "resurrected", "active")] == [1, 0, 0, 1]


def test_before_the_first_line_there_is_no_period(engine: Engine) -> None:
    loaded = load(engine, BASE)
    early = dt.date(2023, 6, 1)
    assert loaded.rows(revenue_by_period(loaded.tables, as_of=early)) == []
    assert loaded.rows(lifecycle(loaded.tables, as_of=early)) == []


def test_figures_of_spans(engine: Engine) -> None:
    loaded = load(engine, BASE)
    spans = (_span("2024-03-01", "2024-03-10"), _span("2024-02-01", "2024-02-29"))
    rows = loaded.rows(span_figures(loaded.tables, as_of=AS_OF, spans=spans))
    assert rows == [
        {
            "span": 0,
            "active_customers": 1,
            "new_customers": 0,
            "lost_customers": 0,
            "order_count": 1,
            "customer_revenue": 30,
            "guest_revenue": 0,
            "revenue": 30,
            "margin": None,
        },
        {
            "span": 1,
            "active_customers": 0,
            "new_customers": 0,
            "lost_customers": 2,
            "order_count": 0,
            "customer_revenue": 20,
            "guest_revenue": 30,
            "revenue": 50,
            "margin": 35,
        },
    ]


def test_both_ends_of_a_span_belong_to_it(engine: Engine) -> None:
    """The span is the 10th to the 14th of January, the one before it the 5th to the 9th."""
    bought = {"p": (4,), "q": (5,), "r": (9, 14), "s": (10,), "t": (14,), "u": (9, 15)}
    lines = [
        Line(name, f"{day}", dt.datetime(2024, 1, day, 12), 1)
        for name, days in bought.items()
        for day in days
    ]
    loaded = load(engine, Base(tuple(lines)))
    span = _span("2024-01-10", "2024-01-14")
    (row,) = loaded.rows(span_figures(loaded.tables, as_of=dt.date(2024, 1, 20), spans=(span,)))
    assert (row["active_customers"], row["new_customers"], row["lost_customers"]) == (3, 2, 2)
    assert (row["order_count"], row["revenue"]) == (3, 3)


def test_customers_behind_the_figures_of_a_span(engine: Engine) -> None:
    loaded = load(engine, BASE)

    def behind(group: Group, before: str, first: str, last: str) -> list[object]:
        days = {"before": _day(before), "first": _day(first), "last": _day(last)}
        found = customers_of_span(loaded.tables, as_of=AS_OF, group=group, **days)
        return [row["customer_id"] for row in loaded.rows(found.order_by("customer_id"))]

    march = {group: behind(group, "2024-02-01", "2024-03-01", "2024-03-10") for group in GROUPS}
    assert march == {"active": ["b"], "new": [], "returning": [], "lost": [], "resurrected": ["b"]}
    february = {group: behind(group, "2024-01-01", "2024-02-01", "2024-02-29") for group in GROUPS}
    assert february == {"active": [], "new": [], "returning": [], "lost": ["a", "b"], "resurrected": []}
    all_time = {group: behind(group, "2023-01-01", "2024-01-01", "2024-03-10") for group in GROUPS}
    assert all_time == {
        "active": ["a", "b"],
        "new": ["a", "b"],
        "returning": [],
        "lost": [],
        "resurrected": [],
    }


def _day(date: str) -> int:
    return day_number(dt.date.fromisoformat(date))


def _span(first: str, last: str) -> tuple[int, int]:
    return _day(first), _day(last)
