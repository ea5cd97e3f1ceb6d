"""Cohorts against tables written by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from crm_core.base import InputError, NotProvided
from crm_core.customers.metrics import first_category, first_channel
from crm_core.customers.metrics.groupings import kind, region
from crm_core.periods import period_of
from crm_core.retention.metrics import cohort_retention, customers_of_cohort
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import Loaded, load, moment

AS_OF = dt.date(2024, 4, 15)
JANUARY, FEBRUARY = 2024 * 12, 2024 * 12 + 1

# a buys in January, February and April, and gives something back in March; b in January and April;
# c in February alone; the guest never counts.
BASE = Base(
    (
        Line("a", "1", moment("2024-01-31 10:00"), 100, 60, channel="web", category="tea"),
        Line("a", "2", moment("2024-02-01 10:00"), 50, 20, channel="shop", category="rice"),
        Line("a", "3", moment("2024-03-10 10:00"), -30, -10, channel="shop"),
        Line("a", "4", moment("2024-04-01 10:00"), 70, 30, channel="shop"),
        Line("b", "5", moment("2024-01-02 10:00"), 10, 4, channel="web", category="rice"),
        Line("b", "6", moment("2024-04-15 23:59"), 20, None, channel="web"),
        Line("c", "7", moment("2024-02-29 10:00"), 5, 1),
        Line(None, "8", moment("2024-02-29 10:00"), 5, 1),
    ),
    regions={"a": "north", "b": "south"},
)


def _table(loaded: Loaded, *columns: str, **options: object) -> list[tuple[object, ...]]:
    found = cohort_retention(loaded.tables, as_of=AS_OF, **options)  # type: ignore[arg-type]  # options of a test
    return [tuple(row[name] for name in columns) for row in loaded.rows(found)]


def _none_first(row: tuple[object, ...]) -> tuple[bool, str]:
    return row[0] is not None, str(row[0])


def test_three_customers_by_month(engine: Engine) -> None:
    loaded = load(engine, BASE)
    rows = loaded.rows(cohort_retention(loaded.tables, as_of=AS_OF))
    assert list(rows[0]) == [
        "cohort",
        "period",
        "cohort_size",
        "retained",
        "retention_rate",
        "complete",
        "low",
        "high",
        "order_count",
        "revenue",
        "margin",
    ]
    without_interval = [
        tuple(value for name, value in row.items() if name not in {"low", "high"}) for row in rows
    ]
    assert without_interval == [
        (JANUARY, 0, 2, 2, 1.0, True, 2, 110, 46),
        (JANUARY, 1, 2, 1, 0.5, True, 1, 50, 30),
        (JANUARY, 2, 2, 0, 0.0, True, 0, -30, -20),
        (JANUARY, 3, 2, 2, 1.0, False, 2, 90, None),
        (FEBRUARY, 0, 1, 1, 1.0, True, 1, 5, 4),
        (FEBRUARY, 1, 1, 0, 0.0, True, 0, 0, 0),
        (FEBRUARY, 2, 1, 0, 0.0, False, 0, 0, 0),
    ]


def test_intervals_are_those_of_the_books(engine: Engine) -> None:
    """Wilson (1927) for 1 of 2, 0 of 1 and 81 of 263; the last is the example of Newcombe (1998), table I."""
    loaded = load(engine, BASE)
    found = _table(loaded, "low", "high")
    assert found[1] == pytest.approx((0.094531, 0.905469), abs=1e-6)
    assert found[5] == pytest.approx((0.0, 0.793450), abs=1e-6)
    assert (found[0][1], found[5][0]) == (1.0, 0.0)
    many = [Line(f"c{one}", "1", moment("2024-01-05 10:00"), 1) for one in range(263)]
    again = [Line(f"c{one}", "2", moment("2024-02-05 10:00"), 1) for one in range(81)]
    loaded = load(engine, Base((*many, *again)))
    assert _table(loaded, "low", "high")[1] == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_in_a_period_or_at_any_time_after(engine: Engine) -> None:
    loaded = load(engine, BASE)
    found = _table(loaded, "cohort", "period", "retained", counting="on_or_after")
    assert [row[2] for row in found if row[0] == JANUARY] == [2, 2, 2, 2]
    assert [row[2] for row in found if row[0] == FEBRUARY] == [1, 0, 0]


def test_months_of_each_customer_s_own(engine: Engine) -> None:
    """Who first bought on the 31st begins each month on the 31st, or on the first where there is none."""
    loaded = load(engine, BASE)
    found = _table(loaded, "cohort", "period", "retained", "complete", "order_count", counting="rolling")
    # a: 31 January to 29 February, 1 to 30 March, 31 March to 30 April. b: the second of each month.
    assert found == [
        (JANUARY, 0, 2, True, 3),
        (JANUARY, 1, 0, True, 0),
        (JANUARY, 2, 1, False, 1),
        (JANUARY, 3, 1, False, 1),
        (FEBRUARY, 0, 1, True, 1),
        (FEBRUARY, 1, 0, False, 0),
        (FEBRUARY, 2, 0, False, 0),
    ]


def test_several_periods_in_one_cell(engine: Engine) -> None:
    loaded = load(engine, BASE)
    found = _table(loaded, "cohort", "period", "retained", "complete", "revenue", brackets=(1, 3, 6))
    assert found == [
        (JANUARY, 1, 1, True, 20),
        (JANUARY, 3, 2, False, 90),
        (FEBRUARY, 1, 0, False, 0),
    ]
    after = _table(loaded, "retained", brackets=(1, 3), counting="on_or_after")
    assert after == [(2,), (0,)]


@pytest.mark.parametrize("brackets", [(1,), (3, 1), (1, 1), (-1, 2), tuple(range(400))])
def test_brackets_that_do_not_rise_are_refused(engine: Engine, brackets: tuple[int, ...]) -> None:
    loaded = load(engine, BASE)
    with pytest.raises(InputError):
        cohort_retention(loaded.tables, as_of=AS_OF, brackets=brackets)


def test_weeks_and_jalali_months(engine: Engine) -> None:
    loaded = load(engine, BASE)
    # 2 January and 31 January are in Dey and Bahman of 1402, 15 April in Farvardin of 1403.
    found = _table(loaded, "cohort", "period", "retained", calendar="jalali")
    dey = 1402 * 12 + 9
    assert [row for row in found if row[0] == dey] == [
        (dey, 0, 1),
        (dey, 1, 0),
        (dey, 2, 0),
        (dey, 3, 1),
    ]
    weeks = _table(loaded, "cohort", "period", "retained", unit="week")
    first = period_of(19_724, "week")  # 2024-01-02
    assert [row[1] for row in weeks if row[0] == first and row[2]] == [0, 15]


def test_a_cohort_parted_on_a_day_is_one_of_those_before_it_and_one_of_the_others(engine: Engine) -> None:
    loaded = load(engine, BASE)
    columns = ("new", "cohort", "period", "cohort_size", "retained", "revenue")
    found = _table(loaded, *columns, unit="quarter", parted_on=dt.date(2024, 1, 31))
    quarter = 2024 * 4
    assert [(bool(new), *rest) for new, *rest in sorted(found)] == [
        (False, quarter, 0, 1, 1, 10),
        (False, quarter, 1, 1, 1, 20),
        (True, quarter, 0, 2, 2, 125),
        (True, quarter, 1, 2, 1, 70),
    ]
    by_region = _table(loaded, "group", "new", "cohort_size", group=region, parted_on=dt.date(2024, 1, 31))
    assert {(group, bool(new), size) for group, new, size in by_region} == {
        ("north", True, 1),
        ("south", False, 1),
        (None, True, 1),
    }


def test_parted_by_first_channel_first_category_and_region(engine: Engine) -> None:
    loaded = load(engine, BASE)
    columns = ("group", "cohort", "period", "cohort_size", "retained")
    by_channel = _table(loaded, *columns, group=first_channel, brackets=(0, 1))
    assert sorted(by_channel, key=_none_first) == [(None, FEBRUARY, 0, 1, 1), ("web", JANUARY, 0, 2, 2)]
    by_category = _table(loaded, *columns, group=first_category, brackets=(0, 1))
    assert sorted(by_category, key=_none_first) == [
        (None, FEBRUARY, 0, 1, 1),
        ("rice", JANUARY, 0, 1, 1),
        ("tea", JANUARY, 0, 1, 1),
    ]
    by_region = _table(loaded, *columns, group=region, brackets=(1, 2))
    assert sorted(by_region, key=_none_first) == [
        (None, FEBRUARY, 1, 1, 0),
        ("north", JANUARY, 1, 1, 1),
        ("south", JANUARY, 1, 1, 0),
    ]
    with pytest.raises(NotProvided):
        cohort_retention(loaded.tables, as_of=AS_OF, group=kind)


def test_the_customers_behind_a_cell_and_those_who_are_missing(engine: Engine) -> None:
    loaded = load(engine, BASE)

    def behind(**options: object) -> str:
        found = customers_of_cohort(loaded.tables, as_of=AS_OF, **options)  # type: ignore[arg-type]  # options of a test
        return "".join(str(row["customer_id"]) for row in loaded.rows(found.order_by("customer_id")))

    assert behind(cohort=JANUARY) == "ab"
    assert behind(cohort=JANUARY, period=1) == "a"
    assert behind(cohort=JANUARY, period=1, came_back=False) == "b"
    assert behind(cohort=JANUARY, period=2, counting="on_or_after") == "ab"
    assert behind(cohort=JANUARY, period=3, brackets=(1, 3, 6)) == "ab"
    assert behind(cohort=JANUARY, group=region, within="south") == "b"
    assert behind(cohort=FEBRUARY, group=region, within=None) == "c"
    assert behind(cohort=FEBRUARY + 1) == ""


def test_nobody_has_no_cohort(engine: Engine) -> None:
    loaded = load(engine, Base((Line("a", "1", moment("2024-01-02 10:00"), -5),)))
    assert _table(loaded, "cohort") == []
