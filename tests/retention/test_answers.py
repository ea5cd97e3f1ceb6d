"""What the retention page says for numbers made by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from crm_core.base import Share
from crm_core.customers.metrics import first_channel
from crm_core.i18n import LANGUAGES, language
from crm_core.retention.answers import Cohorts, Shape, cohorts
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


def answered(shape: Shape = Shape(), **made: Any) -> Cohorts:  # noqa: B008  # frozen
    def answer(*, as_of: dt.date, **options: Any) -> pd.DataFrame:
        return triangle(**made, **options)

    found = cohorts(
        FakeAsk(tables_between(FIRST, AS_OF), {"cohort_retention": answer}), as_of=AS_OF, shape=shape
    )
    assert found is not None
    return found


def test_the_headline_tells_of_the_latest_year_that_can_be_told() -> None:
    found = answered()
    # Of 36 months the last one is not over: 23 cohorts have 12 whole months after theirs, 29 have 6.
    assert found.headline.key == "retention.headline"
    assert found.comeback is not None
    assert found.comeback.months == 6
    assert found.comeback.last - found.comeback.first == 11
    assert found.comeback.last == LAST - 7
    assert (found.comeback.customers, found.comeback.retained) == (1_200, 480)
    assert found.headline.values["share"] == Share(0.4, 0)
    # The context says whom it speaks of.
    assert (found.context.values["first"], found.context.values["last"]) == (
        dt.date(2023, 6, 1),
        dt.date(2024, 5, 31),
    )
    assert found.context.key == "retention.context.level"


def test_a_year_before_that_was_clearly_other_is_said_to_be() -> None:
    def answer(*, as_of: dt.date, **options: Any) -> pd.DataFrame:
        rows = triangle(**options)
        early = (rows["cohort"] < 2023 * 12 + 5) & (rows["period"] > 0)
        rows.loc[early, "retained"] = 80
        return rows

    ask = FakeAsk(tables_between(FIRST, AS_OF), {"cohort_retention": answer})
    found = cohorts(ask, as_of=AS_OF, shape=Shape())
    assert found is not None
    assert found.before is not None
    assert found.before.retention_rate == pytest.approx(0.8)
    assert found.context.key == "retention.context.down"


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


def test_few_customers_and_short_histories_are_said_to_be() -> None:
    few = answered(sizes=dict.fromkeys(range(BEGIN, LAST + 1), 0) | {BEGIN: 5})
    assert few.few
    assert few.headline.key == "retention.headline.few"
    nobody = FakeAsk(tables_between(FIRST, AS_OF), {"cohort_retention": triangle().iloc[:0]})
    assert cohorts(nobody, as_of=AS_OF, shape=Shape()) is None
    rows = triangle()
    one_month = FakeAsk(
        tables_between(FIRST, AS_OF),
        {"cohort_retention": rows[(rows["cohort"] == LAST)].assign(complete=False)},
    )
    found = cohorts(one_month, as_of=AS_OF, shape=Shape())
    assert found is not None
    assert found.headline.key == "retention.headline.unknown"
    assert not found.mean


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_can_be_said(code: str) -> None:
    spoken = language(code)
    found = answered()
    assert spoken.tell(found.headline)
    assert spoken.tell(found.context)
