"""What a replay tells by month, by member, in all, agrees with itself and with a walk through the days."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm_core.base import InputError
from crm_core.loyalty.estimates import loyalty_accounts, loyalty_cost, loyalty_months, loyalty_moves
from crm_core.loyalty.metrics import loyalty_entries, loyalty_members
from crm_core.loyalty.models import Cost, break_even_lift
from crm_core.loyalty.rules import (
    TEMPLATES,
    Programme,
    Redemption,
    Step,
    Tiers,
    read_programme,
    template,
)
from crm_core.periods import date_of, day_of, months_before
from crm_core.tables import Ask
from crm_core.workspace import open_base
from crm_core.workspace.asked import metric_named, options_from_text
from tests.oracle.loyalty import Day, Member, told_of

WHAT = ("multiplied", "flat", "taken_back", "purchases", "spent", "returned")
SHARES = ("low", "likely", "high")


@pytest.fixture(scope="module")
def asked(demonstration: Path) -> tuple[Ask, dt.date]:
    workspace = open_base(str(demonstration))
    return workspace.ask(), workspace.as_of


@pytest.mark.parametrize("name", TEMPLATES)
def test_months_and_members_come_to_the_same(name: str, asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    programme = read_programme(template(name))
    months = ask(loyalty_months, as_of=as_of, programme=programme)
    for share in SHARES:
        accounts = ask(loyalty_accounts, as_of=as_of, programme=programme, redeeming=share)
        mine = months[months["redeeming"] == share]
        for column in ("issued", "redeemed", "expired", "taken_back", "reward_cost", "discount"):
            assert mine[column].sum() == accounts[column].sum(), column
        assert mine["balance"].iloc[-1] == accounts["balance"].sum()
        assert mine["members"].iloc[-1] == len(accounts)
        left = accounts["issued"] - accounts["redeemed"] - accounts["expired"] - accounts["taken_back"]
        assert (left == accounts["balance"]).all()


@pytest.mark.parametrize("name", TEMPLATES)
def test_moves_lead_from_tier_to_tier(name: str, asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    programme = read_programme(template(name))
    moves = ask(loyalty_moves, as_of=as_of, programme=programme)
    accounts = ask(loyalty_accounts, as_of=as_of, programme=programme)
    months = sorted(set(moves["month"]))
    by_month = {month: moves[moves["month"] == month] for month in months}
    for earlier, later in pairwise(months):
        ended = by_month[earlier].groupby("tier")["members"].sum()
        begun = by_month[later][~by_month[later]["joined"]].groupby("tier_before")["members"].sum()
        pd.testing.assert_series_equal(ended, begun, check_names=False)
    last = by_month[months[-1]].groupby("tier")["members"].sum()
    pd.testing.assert_series_equal(
        last, accounts.groupby("tier").size(), check_names=False, check_index_type=False
    )


@pytest.mark.parametrize("name", TEMPLATES)
def test_costs_are_sums_and_the_lift_pays_for_them(name: str, asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    programme = read_programme(template(name))
    costs = ask(loyalty_cost, as_of=as_of, programme=programme).set_index("redeeming")
    months = ask(loyalty_months, as_of=as_of, programme=programme)
    sums = months.groupby("redeeming")[["reward_cost", "discount"]].sum()
    for share in SHARES:
        told = costs.loc[share]
        assert told["reward_cost"] == sums.loc[share, "reward_cost"]
        assert told["discount"] == sums.loc[share, "discount"]
        assert told["total_cost"] == told["reward_cost"] + told["discount"] + told["running_cost"]
        grown = 1 + told["break_even_lift"]
        given = told["reward_cost"] + told["discount"]
        with_it = grown * (told["brought"] - given) - told["running_cost"]
        assert with_it == pytest.approx(told["brought"])
    assert list(costs["total_cost"]) == sorted(costs["total_cost"])


def test_no_lift_pays_where_rewards_take_the_margin() -> None:
    assert break_even_lift(Cost(rewards=80, discounts=20, running=0, outstanding=0), 100) is None
    assert break_even_lift(Cost(rewards=10, discounts=0, running=10, outstanding=0), 110) == 0.2


def test_a_tier_that_nobody_reaches_has_nobody(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    programme = read_programme(template("discount_ladder"))
    assert programme.tiers is not None
    far = Tiers("amount", (*programme.tiers.steps, Step("Moon", 1e11, discount=5_000)), within_days=365)
    found = ask(loyalty_accounts, as_of=as_of, programme=replace(programme, tiers=far))
    assert "Moon" not in set(found["tier"])
    assert (found["missing_to_next"].dropna() > 0).all()


@pytest.mark.parametrize("name", TEMPLATES)
def test_members_are_given_what_a_walk_through_their_days_gives(
    name: str, asked: tuple[Ask, dt.date]
) -> None:
    ask, as_of = asked
    programme = replace(read_programme(template(name)), redemption=Redemption(1.0, 1.0, 1.0))
    found = ask(loyalty_accounts, as_of=as_of, programme=programme).set_index("customer_id")
    begin = date_of(months_before(day_of(as_of) + 1, 12))
    people = ask(loyalty_members, as_of=as_of, members=programme.members, begin=begin)
    entries = ask(
        loyalty_entries,
        as_of=as_of,
        members=programme.members,
        earn=programme.earn,
        begin=begin,
        purchase_cap=programme.caps.purchase,
        history_days=400,
    )
    entries = entries.set_index("place")
    days, steps = range(day_of(begin), day_of(as_of) + 1), programme.tiers.steps if programme.tiers else ()
    for place, customer_id, since, last in people[
        ["place", "customer_id", "since_day", "last_purchase_day"]
    ].itertuples(index=False):
        rows = entries.loc[[place]] if place in entries.index else entries.iloc[:0]
        did = {int(row["day"]): Day(**{name: int(row[name]) for name in WHAT}) for _, row in rows.iterrows()}
        member = Member(since, None if pd.isna(last) else int(last), days=did)
        told, mine = told_of(programme, member, days, ask.tables.money_scale), found.loc[customer_id]
        for column in ("issued", "redeemed", "expired", "taken_back", "balance", "discount"):
            assert mine[column] == getattr(told, column), (customer_id, column)
        assert mine["tier"] == ["", *(step.name for step in steps)][told.tier], customer_id


@pytest.mark.parametrize("months", [0, 61, -1])
def test_months_are_in_range(months: int, asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    with pytest.raises(InputError, match=r"metric\.bad_option"):
        ask(loyalty_cost, as_of=as_of, programme=read_programme(template("points_club")), months=months)


def test_a_programme_is_named_on_the_command_line(tmp_path: Path) -> None:
    metric = metric_named("loyalty_cost")
    by_name = options_from_text(metric, ["programme=points_club"])
    file = tmp_path / "own.yaml"
    file.write_text(template("points_club"), "utf-8")
    assert options_from_text(metric, [f"programme={file}"]) == by_name
    assert isinstance(by_name["programme"], Programme)
    with pytest.raises(InputError, match=r"metric\.bad_option"):
        options_from_text(metric, [f"programme={tmp_path / 'none.yaml'}"])
    with pytest.raises(InputError, match=r"metric\.option_needed"):
        options_from_text(metric, [])
    file.write_bytes(np.random.default_rng(1).bytes(100))
    with pytest.raises(InputError):
        options_from_text(metric, [f"programme={file}"])
