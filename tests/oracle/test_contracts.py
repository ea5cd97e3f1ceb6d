"""What is kept of contracts equals the oracle on random ones, on every engine."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.periods import date_of, first_day
from crm_core.retention.metrics import contract_revenue_retention
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import as_arrow, open_on

ORDERS = Base((Line("a", "1", dt.datetime(2024, 1, 10), 100),), currency="")
DAYS = st.integers(0, 150).map(lambda day: dt.date(2023, 12, 1) + dt.timedelta(day))
CONTRACT = st.tuples(st.sampled_from("ab"), DAYS, st.none() | DAYS, st.integers(1, 9))


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(contracts=st.lists(CONTRACT, max_size=7), as_of=DAYS.filter(lambda day: day >= dt.date(2024, 1, 10)))
def test_any_contracts_equal_the_oracle(
    any_engine: Engine, contracts: list[tuple[str, dt.date, dt.date | None, int]], as_of: dt.date
) -> None:
    """Month by month and customer by customer what is paid at the beginning and what at the end."""
    any_engine.load(
        {
            **as_arrow(ORDERS),
            "contracts": pa.table(
                {
                    "customer_id": pa.array([one[0] for one in contracts], pa.string()),
                    "started_at": pa.array([_noon(one[1]) for one in contracts], pa.timestamp("us")),
                    "ended_at": pa.array([one[2] and _noon(one[2]) for one in contracts], pa.timestamp("us")),
                    "monthly_amount": pa.array([one[3] for one in contracts], pa.int64()),
                }
            ),
        }
    )
    loaded = open_on(any_engine)
    rows = loaded.rows(contract_revenue_retention(loaded.tables, as_of=as_of))
    names = ("period", "customers", "retained", "opening_amount", "closing_amount")
    found = [
        (*(row[name] for name in names), round(row["gross_retention"] * row["opening_amount"]))  # type: ignore[operator]  # numbers
        for row in rows
    ]
    assert found == _expected(contracts, as_of)


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12))


def _expected(
    contracts: list[tuple[str, dt.date, dt.date | None, int]], as_of: dt.date
) -> list[tuple[object, ...]]:
    def paid(who: str, opens: dt.date) -> int:
        return sum(
            amount
            for name, begun, end, amount in contracts
            if name == who and begun <= as_of and begun <= opens and (end is None or end >= min(opens, as_of))
        )

    found: list[tuple[object, ...]] = []
    for month in range(2024 * 12, as_of.year * 12 + as_of.month):
        begins, ends = (date_of(first_day(one, "month", "gregorian")) for one in (month, month + 1))
        pairs = [(paid(who, begins), paid(who, ends)) for who in "ab"]
        pairs = [(opening, closing) for opening, closing in pairs if opening]
        if pairs:
            found.append(
                (
                    month,
                    len(pairs),
                    sum(closing > 0 for _, closing in pairs),
                    sum(opening for opening, _ in pairs),
                    sum(closing for _, closing in pairs),
                    sum(min(pair) for pair in pairs),
                )
            )
    return found
