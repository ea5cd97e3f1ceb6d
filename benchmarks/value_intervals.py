"""How often what customers bring lies within the interval that was told, over bases of different seeds.

A year is told on an earlier day of each base, so that it is known what each group and all together brought in
it: that is summed up from their orders.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from typing import Final

import pandas as pd

from benchmarks.report import Check, Figure, Report
from benchmarks.settings import Settings
from crm_core.customers.metrics import customers_in_groups, order_totals
from crm_core.periods import day_of
from crm_core.retention.rules import wilson_interval
from crm_core.tables import Ask
from crm_core.value.estimates import expected_total, value_by_group
from crm_core.workspace import open_base
from crm_core.workspace.bringing import write_demonstration
from crm_core.workspace.catalogue import GROUPINGS

SHARE_WITHIN: Final = (0.93, 0.97)
FIRST_SEED: Final = 1_000
"""Other seeds than those from which `value.rules.USUAL_MISS` is known."""
SEEDS: Final = 60
CUSTOMERS: Final = 4_000
PARTED_BY: Final = ("segment", "region", "acquisition_channel")
_ALL: Final = "all together"


def run(settings: Settings) -> Report:
    """A year told at two days of each base, of all customers and of the groups that they form.

    A smaller share of the data is fewer bases.
    """
    seeds = max(round(SEEDS * settings.shop_customers / Settings.shop_customers), 1)
    customers = min(CUSTOMERS, settings.customers)
    found = []
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        location = settings.directory / str(seed)
        write_demonstration(location, customers=customers, seed=seed)
        workspace = open_base(str(location), limits=settings.limits())
        try:
            found += list(_told_and_came(workspace.ask(), workspace.as_of))
        finally:
            workspace.close()
            shutil.rmtree(location)
    rows = pd.concat(found, ignore_index=True)
    rows["within"] = (rows["low"] <= rows["came"]) & (rows["came"] <= rows["high"])
    rows["half"] = (rows["high"] - rows["low"]) / 2 / rows["customer_lifetime_value"]
    lines: list[Figure | Check] = []
    for name, own in rows.groupby("parted", sort=False):
        share = float(own["within"].mean())
        # Of so many bases the share itself is known only so far: what it may be has to reach into the limits.
        low, high = wilson_interval(int(own["within"].sum()), len(own))
        holds = low <= SHARE_WITHIN[1] and high >= SHARE_WITHIN[0]
        told = f"{share:.1%} ({low:.1%} to {high:.1%})"
        about = f"{name}: {len(own):,} sums within their 95 % intervals"
        lines.append(Check(f"{about}: {told}", holds, told))
        lines.append(Figure(f"{name}: half of an interval, in the middle", 100 * own["half"].median(), "%"))
    about = f"{seeds} bases of {customers:,} customers, a year told one and two years before their last day"
    return Report("value_intervals", about, tuple(lines))


def _told_and_came(ask: Ask, last_day: dt.date) -> Iterator[pd.DataFrame]:
    orders = order_totals(ask.tables).select("customer_id", "day", "revenue", "cost").to_pandas()
    for years in (1, 2):
        as_of, until = (last_day.replace(year=last_day.year - back) for back in (years, years - 1))
        then = orders[(orders["day"] > day_of(as_of)) & (orders["day"] <= day_of(until))]
        came = (then["revenue"] - then["cost"]).groupby(then["customer_id"]).sum()
        total = ask(expected_total, as_of=as_of, discount_rate=0.0)
        for name in PARTED_BY:
            group = GROUPINGS[name]
            told = ask(value_by_group, as_of=as_of, group=group, discount_rate=0.0)
            members = ask(customers_in_groups, as_of=as_of, group=group)
            brought = members.assign(came=members["customer_id"].map(came).fillna(0))
            sums = brought.groupby("group", dropna=False, as_index=False)["came"].sum()
            yield told.merge(sums, on="group").assign(parted=name)
            total["came"] = brought["came"].sum()
        yield total.assign(parted=_ALL)
