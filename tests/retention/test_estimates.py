"""The repeat ladder is the oracle's, made of the times that metrics count."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.retention.estimates import repeat_ladder
from tests.fake_ask import FakeAsk, tables_between
from tests.oracle import spells as oracle

AS_OF = dt.date(2024, 12, 31)
TABLES = tables_between(dt.date(2023, 1, 1), AS_OF)
SPELLS = st.tuples(st.sampled_from(["web", None]), st.integers(1, 2), st.integers(0, 9), st.integers(0, 1))


@given(st.lists(SPELLS, max_size=40))
def test_the_ladder_equals_the_oracle(rows: list[tuple[str | None, int, int, int]]) -> None:
    counted = pd.DataFrame(
        [(*row, many) for row, many in Counter(rows).items()],
        columns=["group", "purchase", "duration_days", "observed", "spells"],
    )
    found = repeat_ladder(
        FakeAsk(TABLES, {"ladder_spells": counted}), as_of=AS_OF, group=lambda tables: tables.orders
    )
    told = {
        (None if pd.isna(row["group"]) else row["group"], row["purchase"]): row
        for row in found.to_dict("records")
    }
    assert told.keys() == {(group, purchase) for group, purchase, _, _ in rows}
    for (group, purchase), row in told.items():
        wanted = oracle.rung([tuple(one[2:]) for one in rows if one[:2] == (group, purchase)])  # type: ignore[misc]  # two numbers
        median = wanted.pop("median_days")
        assert (None if pd.isna(row["median_days"]) else row["median_days"]) == median
        assert {name: row[name] for name in wanted} == pytest.approx(wanted)


def test_nobody_is_an_empty_ladder() -> None:
    nobody = pd.DataFrame(columns=["purchase", "duration_days", "observed", "spells"], dtype="int64")
    found = repeat_ladder(FakeAsk(TABLES, {"ladder_spells": nobody}), as_of=AS_OF)
    assert list(found.columns)[:3] == ["purchase", "customers", "next_customers"]
    assert found.empty
