"""What a replay tells stays as it is, or grows as it must, where the company's files are changed without a
change of what happened: rows in another order, other names, prices in hundredths, 28 years later, or the
customers of two halves.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_core.loyalty import estimates as told
from crm_core.loyalty.rules import programme_of
from tests.engines import Engine
from tests.loyalty.plain_asking import Asked, put
from tests.loyalty.plain_company import company, terms
from tests.loyalty.plain_files import Files, Row

FIRST, DAYS = dt.date(2023, 12, 28), 900
TIMES = 100
CYCLE = dt.timedelta(365 * 28 + 7)
"""After so many days Gregorian months, leap years and days of the week are the same again."""
CYCLE_MONTHS = 28 * 12
MONEY = {
    *("outstanding", "expected_use", "expected_use_low", "expected_use_high", "reward_cost", "discount"),
    *("revenue", "brought", "running_cost", "total_cost", "given", "given_other", "gain"),
}
SUMMED = {
    told.loyalty_months: ("redeeming", "month"),
    told.loyalty_breakage: ("redeeming", "month"),
    told.loyalty_moves: ("month", "joined", "tier_before", "tier"),
    told.loyalty_tiers: ("redeeming", "place"),
    told.loyalty_cost: ("redeeming",),
}
ADDED = (
    *("members", "buyers", "issued", "redeemed", "expired", "taken_back", "balance", "purchases"),
    *("revenue", "reward_cost", "discount", "outstanding"),
)


@dataclass
class Case:
    """A company by chance, a programme over it, and another one to set it against."""

    files: Files
    as_of: dt.date
    said: list[dict[str, Any]]

    def answers(self, engine: Engine) -> dict[str, pd.DataFrame]:
        """All that a replay tells."""
        ask = put(engine, self.files)
        found = {build.__name__: rows for build, rows in _all(ask, self.as_of, self.said[0]).items()}
        mine, other = (programme_of(one) for one in self.said)
        gains = ask(told.loyalty_gains, as_of=self.as_of, programme=mine, other=other)
        return found | {"gains": gains}


def _all(ask: Asked, as_of: dt.date, said: Mapping[str, Any]) -> dict[Any, pd.DataFrame]:
    builds = [*SUMMED, told.loyalty_accounts, *([told.loyalty_ahead] if "tiers" in said else [])]
    return {build: ask(build, as_of=as_of, programme=programme_of(said)) for build in builds}


def case(seed: int, **changed: Any) -> Case:
    """Where everybody uses points, so that it is no matter who is called what; rates in hundredths."""
    chance = random.Random(seed)
    files = company(chance, first=FIRST, days=DAYS)
    rates = [{**row, "rate": row["rate"][:4]} for row in files.rates]
    said: list[dict[str, Any]] = [dict(terms(chance)) for _ in range(2)]
    for one in said:
        one.update(changed)
        if "rewards" in one:
            one["redemption"] = {"low": 1, "likely": 1, "high": 1}
    return Case(replace(files, rates=rates), FIRST + dt.timedelta(chance.randrange(400, DAYS)), said)


def each(files: Files, change: Callable[[Row], Row]) -> Files:
    """The files with every row changed."""
    return of_each(files, lambda rows: [change(row) for row in rows])


def of_each(files: Files, change: Callable[[Sequence[Row]], Sequence[Row]]) -> Files:
    """The files with the rows of each changed."""
    return replace(
        files,
        orders=change(files.orders),
        payments=change(files.payments),
        customers=change(files.customers),
        contacts=change(files.contacts),
        rates=change(files.rates),
    )


def same(one: Mapping[str, pd.DataFrame], other: Mapping[str, pd.DataFrame]) -> None:
    for name, rows in one.items():
        pd.testing.assert_frame_equal(rows, other[name], obj=name, check_dtype=False)


@pytest.mark.parametrize("seed", range(1))
def test_rows_in_another_order(seed: int, kept_duckdb: Engine) -> None:
    before, chance = case(seed), random.Random(seed)

    def mixed(rows: Sequence[Row]) -> list[Row]:
        return chance.sample(rows, len(rows))

    files = of_each(before.files, mixed)
    same(before.answers(kept_duckdb), replace(before, files=files).answers(kept_duckdb))


@pytest.mark.parametrize("seed", range(1))
def test_guests_and_what_nobody_has_to_do_with(seed: int, kept_duckdb: Engine) -> None:
    before = case(seed)
    last = max(row["ordered_at"] for row in before.files.orders)
    orders = [row for row in before.files.orders if row["customer_id"] or row["ordered_at"] == last]
    guest = {**orders[0], "customer_id": "", "order_id": "", "amount": "1000000.00"}
    files = replace(before.files, orders=[*orders, guest])
    same(before.answers(kept_duckdb), replace(before, files=files).answers(kept_duckdb))


@pytest.mark.parametrize("seed", range(1))
def test_other_names(seed: int, kept_duckdb: Engine) -> None:
    before = case(seed)
    ids = sorted({row["customer_id"] for row in before.files.orders if row["customer_id"]})
    called = dict(zip(ids, [f"{9 - place} زهرا '%_\"" for place in range(len(ids))], strict=True))

    def renamed(row: Row) -> Row:
        own = {
            name: called.get(row[name], row[name]) for name in ("customer_id", "referred_by") if name in row
        }
        return {**row, **own}

    after = replace(before, files=each(before.files, renamed)).answers(kept_duckdb)
    for name, rows in before.answers(kept_duckdb).items():
        other = after[name]
        if "customer_id" in rows:
            by = [*(["rises"] if "rises" in rows else []), "customer_id"]
            rows = rows.assign(customer_id=rows["customer_id"].map(called))
            rows, other = (part.sort_values(by, ignore_index=True) for part in (rows, other))
        pd.testing.assert_frame_equal(rows, other, obj=name, check_dtype=False)


@pytest.mark.parametrize("seed", range(1))
def test_prices_in_hundredths(seed: int, kept_duckdb: Engine) -> None:
    before = case(seed)

    def dearer(row: Row) -> Row:
        return {**row, **{n: str(Decimal(row[n]) * TIMES) for n in ("amount", "cost") if row.get(n)}}

    after = Case(each(before.files, dearer), before.as_of, [_dearer(one) for one in before.said])
    rounded = TIMES * len(before.files.orders)
    found = after.answers(kept_duckdb)
    for name, rows in before.answers(kept_duckdb).items():
        by_amount = before.said[0].get("tiers", {}).get("by") == "amount"
        measured = {"measure", "missing_to_next", "lacking", "usual"} if by_amount else set()
        for column in rows:
            one, other = rows[column], found[name][column]
            if column in MONEY or column in measured:
                one, other = one.astype(float) * TIMES, other.astype(float)
                np.testing.assert_allclose(one, other, rtol=1e-9, atol=rounded, err_msg=f"{name} {column}")
            elif column == "break_even_lift":
                np.testing.assert_allclose(one, other, rtol=1e-3)
            elif column == "use_chance":
                np.testing.assert_allclose(one.astype(float), other.astype(float), atol=1e-3)
            elif name != "gains":
                pd.testing.assert_series_equal(one, other, obj=f"{name} {column}")


def _dearer(said: Mapping[str, Any]) -> dict[str, Any]:
    def times(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
        return {**row, **{name: float(Decimal(str(row[name])) * TIMES) for name in names if name in row}}

    told_now = {**said, "earn": [times(rule, "unit", "at_least") for rule in said["earn"]]}
    if "rewards" in said:
        told_now["rewards"] = [times(one, "cost") for one in said["rewards"]]
    if "running_cost" in said:
        told_now["running_cost"] = times(said["running_cost"], "year", "member_year")
    if said.get("tiers", {}).get("by") == "amount":
        told_now["tiers"] = {**said["tiers"], "steps": [times(one, "from") for one in said["tiers"]["steps"]]}
    return told_now


@pytest.mark.parametrize("seed", range(1))
def test_28_years_later(seed: int, kept_duckdb: Engine) -> None:
    before = case(seed, calendar="gregorian")

    def later(row: Row) -> Row:
        moved = {}
        for name in ("ordered_at", "due_at", "paid_at", "contacted_at"):
            if row.get(name):
                moved[name] = (dt.datetime.fromisoformat(row[name]) + CYCLE).isoformat(sep=" ")
        if "valid_from" in row:
            moved["valid_from"] = (dt.date.fromisoformat(row["valid_from"]) + CYCLE).isoformat()
        return {**row, **moved}

    after = Case(each(before.files, later), before.as_of + CYCLE, before.said)
    rows = before.answers(kept_duckdb)
    for one in rows.values():
        if "month" in one:
            one["month"] += CYCLE_MONTHS
        for name in {"since", "review_on"} & set(one.columns):
            one[name] = [None if day is None else day + CYCLE for day in one[name]]
    same(rows, after.answers(kept_duckdb))


@pytest.mark.parametrize("seed", range(1))
def test_two_halves_add_up(seed: int, kept_duckdb: Engine) -> None:
    whole = case(seed)
    for one in whole.said:
        # By referrals customers of one half earn for those of the other.
        one["earn"] = [rule for rule in one["earn"] if rule["for"] != "referral"]
        if not one["earn"]:
            one["earn"] = [{"for": "purchase", "points": 7}]
    guest = {**whole.files.orders[0], "customer_id": "", "ordered_at": f"{FIRST} 00:00:00"}
    parts = []
    for half in (0, 1):
        files = of_each(whole.files, partial(_of_half, half))
        parts.append(replace(whole, files=replace(files, orders=[guest, *files.orders])))
    found = [part.answers(kept_duckdb) for part in parts]
    for name, rows in whole.answers(kept_duckdb).items():
        both = pd.concat([one[name] for one in found], ignore_index=True)
        by = next((keys for build, keys in SUMMED.items() if build.__name__ == name), None)
        if by is None:
            keys = [*(["rises"] if "rises" in rows else []), "customer_id"]
            rows, both = (part.sort_values(keys, ignore_index=True) for part in (rows, both))
            if "brought" in rows:
                rows, both = rows.drop(columns="brought"), both.drop(columns="brought")
            pd.testing.assert_frame_equal(rows, both, obj=name, check_dtype=False)
            continue
        columns = [column for column in ADDED if column in rows]
        sums = [part.groupby(list(by))[columns].sum() for part in (rows, both)]
        apart = sums[0].sub(sums[1], fill_value=0).abs()
        rounded = apart.columns.isin(("reward_cost", "outstanding"))
        assert apart.loc[:, ~rounded].to_numpy().max(initial=0) == 0, name
        assert apart.to_numpy().max(initial=0) <= 1, name


def _of_half(half: int, rows: Sequence[Row]) -> list[Row]:
    """Those of the customers of a half, or of no customer by their kind."""
    own = [row.get("customer_id", str(half)) for row in rows]
    return [row for row, one in zip(rows, own, strict=True) if one and int(one.strip("c")) % 2 == half]
