"""A forecast was tried on days before the first purchase of anybody known, and failed on having nobody.

Guests' lines of earlier years, or a channel that opened late, made the base look older than its customers.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from crm_core.tables import Selection
from crm_core.value.estimates import customer_lifetime_value, value_trials
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.bringing import bring, load_mapping

MAPPING = "orders: {columns: {customer_id: who, ordered_at: day, amount: amount, channel: channel}}"


def _brought(directory: Path) -> Workspace:
    guests = [f",20{year}-05-0{day},10,shop" for year in range(15, 22) for day in range(1, 8)]
    bought = [
        f"c{one},{dt.date(2022, 1, 1) + dt.timedelta(one * 7 % 200 + step * (20 + one))},{10 + one % 7},web"
        for one in range(60)
        for step in range(8)
    ]
    file = directory / "orders.csv"
    file.write_text("\n".join(["who,day,amount,channel", *guests, *bought]))
    bring(directory / "base", file, load_mapping(MAPPING), source_name=file.name)
    return open_base(str(directory / "base"))


def test_guests_of_earlier_years_and_a_late_channel(tmp_path: Path) -> None:
    workspace = _brought(tmp_path)
    for selection in (Selection(), Selection(channels=("web",))):
        ask = workspace.ask(selection)
        tried = ask(value_trials, as_of=workspace.as_of, horizon_months=3)
        assert len(tried)
        assert min(tried["cut_off"]) > dt.date(2022, 1, 1)
        assert len(ask(customer_lifetime_value, as_of=workspace.as_of, horizon_months=3)) == 60
    workspace.close()
