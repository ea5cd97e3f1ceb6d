"""Who of the silent comes back, and what is left of contracts, for numbers by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from crm_core.i18n import language
from crm_core.looks import Look
from crm_core.retention.answers.kept import contract_money, returns_of_silent
from crm_core.retention.charts.kept import group_dots, money_lines, monthly_dots
from crm_core.ui.plot import look
from tests.fake_ask import FakeAsk, tables_between

AS_OF = dt.date(2024, 12, 31)
TABLES = tables_between(dt.date(2022, 1, 1), AS_OF)
LOOKS = [look(language(code), "GBP", dark=dark) for code in ("en", "fa") for dark in (False, True)]


def _months(**columns: list[object]) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    usual = {"period": list(range(size)), "complete": [True] * (size - 1) + [False], "low": 0.1, "high": 0.9}
    return pd.DataFrame({**usual, **columns})


def test_returns_begin_with_the_first_month_that_somebody_could_return_in() -> None:
    rows = _months(customers=[0, 20, 30, 40, 50], reactivated=[0, 2, 3, 4, 5]).assign(
        reactivation_rate=[float("nan"), 0.1, 0.1, 0.1, 0.1]
    )
    found = returns_of_silent(FakeAsk(TABLES, {"reactivation": rows}), as_of=AS_OF, calendar="gregorian")
    assert [one.sure for one in found] == [False, True, True, False]
    none = FakeAsk(TABLES, {"reactivation": rows.head(3)})
    assert returns_of_silent(none, as_of=AS_OF, calendar="gregorian") == ()


def test_money_of_contracts_is_told_in_units_of_currency() -> None:
    rows = _months(customers=[30, 30, 30], retained=[27, 27, 27]).assign(
        retention_rate=0.9,
        opening_amount=10_000,
        closing_amount=9_500,
        gross_retention=0.9,
        net_retention=0.95,
    )
    found = contract_money(
        FakeAsk(TABLES, {"contract_revenue_retention": rows}), as_of=AS_OF, calendar="gregorian"
    )
    assert [one.month.sure for one in found] == [True, True, False]
    assert (found[0].opening, found[0].closing, found[0].gross, found[0].net) == (100.0, 95.0, 0.9, 0.95)


ROWS = pd.DataFrame(
    {
        "label": ["one<br>of 40", "two<br>of 40"],
        "share": [0.5, 0.4],
        "low": [0.4, 0.3],
        "high": [0.6, 0.5],
        "text": ["50%", "40%"],
        "told": ["first", "second"],
        "sure": [True, False],
        "rest": [False, True],
        "gross": [0.9, 0.8],
        "net": [0.9, 0.85],
    }
)


@pytest.mark.parametrize("seen", LOOKS)
def test_dots_have_whiskers(seen: Look) -> None:
    figure = group_dots(ROWS, seen)
    (trace,) = figure.data
    # The lowest whisker is at 30 %, and there is room for all of them beside each other.
    assert min(figure.layout.xaxis.range) == pytest.approx(0.27)
    assert list(trace.error_x.array) == pytest.approx([0.1, 0.1])


@pytest.mark.parametrize("seen", LOOKS)
def test_months_that_are_not_sure_are_open(seen: Look) -> None:
    ground = seen.colours.ground
    (trace,) = monthly_dots(ROWS, seen).data
    assert [colour == ground for colour in trace.marker.color] == [False, True]
    for line in money_lines(ROWS, ("gross", "net"), seen).data:
        assert [colour == ground for colour in line.marker.color] == [False, True]
