"""What the retention page says for numbers made by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from crm_core.customers.metrics import first_channel
from crm_core.periods import day_of, period_of
from crm_core.retention.answers import Cohorts, Shape, cohorts
from crm_core.retention.metrics import Length
from crm_core.retention.rules import wilson_interval
from tests.fake_ask import FakeAsk, tables_between

AS_OF = dt.date(2024, 12, 31)
FIRST = dt.date(2022, 1, 1)
LAST = 2024 * 12 + 11
BEGIN = 2022 * 12


def triangle(
    *,
    sizes: dict[int, int] | None = None,
    rate: float = 0.4,
    brackets: tuple[int, ...] = (),
    group: object = None,
    margin: float | None = 50.0,
    **_: Any,
) -> pd.DataFrame:
    """Cohorts of 100 by month, of whom 40 in a hundred come back in every period."""
    rows = []
    for name in ("web", "shop") if group else ("",):
        for cohort in range(BEGIN, LAST + 1):
            size = (sizes or {}).get(cohort, 100)
            if not size:
                continue
            later = rate / 2 if name == "shop" else rate
            begins = list(brackets[:-1]) if brackets else list(range(LAST - cohort + 1))
            ends = [end - 1 for end in brackets[1:]] if brackets else begins
            for begin, end in zip(begins, ends, strict=True):
                if cohort + begin > LAST:
                    continue
                retained = size if begin == 0 else round(later * size)
                low, high = wilson_interval(retained, size)
                rows.append(
                    {
                        **({"group": name} if group else {}),
                        "cohort": cohort,
                        "period": begin,
                        "cohort_size": size,
                        "retained": retained,
                        "retention_rate": retained / size,
                        "complete": cohort + end < LAST,
                        "low": low,
                        "high": high,
                        "order_count": 2 * retained,
                        "revenue": 1_000 * retained,
                        "margin": None if margin is None else int(margin * retained),
                    }
                )
    return pd.DataFrame(rows)


def answered(shape: Shape = Shape(), **made: Any) -> Cohorts:  # noqa: B008 - frozen
    def answer(*, as_of: dt.date, **options: Any) -> pd.DataFrame:
        return triangle(**made, **options)

    found = cohorts(
        FakeAsk(tables_between(FIRST, AS_OF), {"cohort_retention": answer}), as_of=AS_OF, shape=shape
    )
    assert found is not None
    return found


def test_all_cohorts_together_are_the_sums_of_their_whole_cells() -> None:
    sizes = dict.fromkeys(range(BEGIN, LAST + 1), 100) | {LAST - 2: 300}
    found = answered(sizes=sizes, rate=0.5)
    first = found.mean[1]
    # The cohort of the month before the last has a period that is not over yet.
    assert (first.customers, first.cohorts) == (100 * 33 + 300, 34)
    assert first.retention_rate == pytest.approx(0.5)
    assert (first.low, first.high) == wilson_interval(1_800, 3_600)
    assert first.retained == 1_800
    assert first.revenue == pytest.approx(1_800 * 1_000 / 100)
    assert first.cumulative == pytest.approx(15.0)
    assert all(cell.sure for cell in found.mean)


def test_what_a_customer_brought_so_far_adds_up() -> None:
    row = answered().rows[0]
    assert row.cells[0].cumulative == pytest.approx(10.0)
    assert row.cells[2].cumulative == pytest.approx(10.0 + 2 * 4.0)


def test_cohorts_of_old_customers_are_shown_and_not_averaged() -> None:
    found = answered(sizes={BEGIN: 1_000, BEGIN + 1: 500})
    assert found.old_cohorts == 2
    assert found.won_from == dt.date(2022, 3, 1)
    assert [row.old for row in found.rows[:3]] == [True, True, False]
    assert found.mean[1].customers == 100 * 32


def test_groups_are_the_means_of_their_cohorts() -> None:
    found = answered(Shape(group=first_channel))
    assert [row.group for row in found.rows] == ["shop", "web"]
    assert [row.cells[1].retention_rate for row in found.rows] == pytest.approx([0.2, 0.4])
    assert found.mean[1].retention_rate == pytest.approx(0.3)
    alone = answered(Shape(group=first_channel, within="web"))
    assert alone.rows[0].cohort == BEGIN
    assert alone.mean[1].retention_rate == pytest.approx(0.4)


def test_a_group_that_nobody_is_in_has_no_answer() -> None:
    ask = FakeAsk(
        tables_between(FIRST, AS_OF),
        {"cohort_retention": lambda *, as_of, **options: triangle(**options)},
    )
    assert cohorts(ask, as_of=AS_OF, shape=Shape(group=first_channel, within="phone")) is None


def test_brackets_end_where_the_next_one_begins() -> None:
    found = answered(Shape(brackets=(0, 1, 4)))
    assert [(cell.period, cell.last_period) for cell in found.rows[0].cells] == [(0, 0), (1, 3)]


def test_margin_is_told_only_where_all_costs_are_known() -> None:
    assert answered().with_margin
    without = answered(margin=None)
    assert not without.with_margin
    assert without.rows[0].cells[0].margin is None


@pytest.mark.parametrize(
    ("unit", "old", "won"),
    [
        ("week", 10, ("2022-02-28", "2022-02-28", "2022-03-01", "2022-03-06")),
        ("quarter", 1, ("2022-01-01", "2022-02-28", "2022-03-01", "2022-03-31")),
        ("year", 1, ("2022-01-01", "2022-02-28", "2022-03-01", "2022-12-31")),
    ],
)
def test_cohorts_of_any_length_leave_out_the_same_customers(
    unit: Length, old: int, won: tuple[str, ...]
) -> None:
    """Those of the first two months are old; the longer cohort in which they end is parted there."""

    def answer(
        *, as_of: dt.date, unit: Length = "month", parted_on: dt.date | None = None, **_: Any
    ) -> pd.DataFrame:
        monthly = triangle(sizes={BEGIN: 1_000, BEGIN + 1: 500})
        if unit == "month":
            return monthly
        assert parted_on is not None
        begin, parted, end = (period_of(day_of(day), unit, "gregorian") for day in (FIRST, parted_on, AS_OF))
        rows = monthly[monthly["cohort"] == LAST - 5]
        parts = ((False, range(begin, parted + 1)), (True, range(parted, end + 1)))
        return pd.concat([rows.assign(cohort=one, new=new) for new, some in parts for one in some])

    ask = FakeAsk(tables_between(FIRST, AS_OF), {"cohort_retention": answer})
    found = cohorts(ask, as_of=AS_OF, shape=Shape(unit=unit))
    assert found is not None
    assert found.won_from == dt.date(2022, 3, 1)
    assert [row.old for row in found.rows].index(False) == found.old_cohorts == old
    assert tuple(str(day) for row in found.rows if row.won for day in row.won) == won
    assert [row.cohort for row in found.rows if row.won] == [found.rows[old].cohort] * 2
    assert found.mean[0].customers == sum(row.customers for row in found.rows if not row.old)
    assert [options.get("parted_on") for _, options in ask.asked] == [None, found.won_from]


def test_a_cohort_that_begins_where_new_customers_do_is_whole() -> None:
    sizes = dict.fromkeys(range(BEGIN, BEGIN + 3), 1_000)
    found = answered(Shape(unit="month"), sizes=sizes)
    assert found.won_from == dt.date(2022, 4, 1)
    assert not any(row.won for row in found.rows)


def test_few_customers_and_nobody() -> None:
    assert answered(sizes=dict.fromkeys(range(BEGIN, LAST + 1), 0) | {BEGIN: 5}).few
    nobody = FakeAsk(tables_between(FIRST, AS_OF), {"cohort_retention": triangle().iloc[:0]})
    assert cohorts(nobody, as_of=AS_OF, shape=Shape()) is None
