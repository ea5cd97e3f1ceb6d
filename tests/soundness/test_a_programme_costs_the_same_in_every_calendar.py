"""A programme cost 57.6k read in English and 57.5k read in Persian, on the same day and the same base.

The replay began with a month of the reader's calendar, and so did the months that are told. Both go by the
programme's own calendar; only the months by which sums are told are the reader's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from crm_core.loyalty.estimates import loyalty_ahead, loyalty_cost, loyalty_months, loyalty_tiers
from crm_core.loyalty.rules import Programme, read_programme, template
from crm_core.tables import Ask, Estimate
from crm_core.workspace import open_base
from crm_core.workspace.bringing import write_demonstration

POINTS = ["issued", "redeemed", "expired", "taken_back", "reward_cost", "discount"]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    base = tmp_path_factory.mktemp("calendars") / "base"
    write_demonstration(base, customers=300, seed=5)
    return open_base(str(base)).ask()


@pytest.mark.parametrize("as_of", [dt.date(2026, 2, 28), dt.date(2026, 7, 31)])
@pytest.mark.parametrize("mine", ["gregorian", "jalali"])
def test_totals_do_not_depend_on_who_reads_them(mine: str, as_of: dt.date, ask: Ask) -> None:
    club = read_programme(template("points_club"))
    programme: Programme = replace(club, calendar=mine)  # type: ignore[arg-type]  # one of the calendars

    def told(build: Estimate, calendar: str) -> pd.DataFrame:
        return ask(build, as_of=as_of, programme=programme, calendar=calendar)

    for build in (loyalty_cost, loyalty_tiers, loyalty_ahead):
        pd.testing.assert_frame_equal(told(build, "gregorian"), told(build, "jalali"))
    months, others = (told(loyalty_months, one) for one in ("gregorian", "jalali"))
    assert set(months["month"]) != set(others["month"])
    sums, others_sums = (one.groupby("redeeming")[POINTS].sum() for one in (months, others))
    pd.testing.assert_frame_equal(sums, others_sums)
