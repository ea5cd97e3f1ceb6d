"""What a replay tells by month, by member, in all, agrees with itself and with a walk through the days."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_core.base import InputError
from crm_core.loyalty.estimates import (
    loyalty_accounts,
    loyalty_ahead,
    loyalty_breakage,
    loyalty_compared,
    loyalty_cost,
    loyalty_gains,
    loyalty_groups,
    loyalty_months,
    loyalty_moves,
    loyalty_tiers,
)
from crm_core.loyalty.estimates.replayed import loyalty_ledger
from crm_core.loyalty.metrics import loyalty_entries, loyalty_members
from crm_core.loyalty.models import Cost, Held, break_even_lift, chance_of_use
from crm_core.loyalty.rules import (
    TEMPLATES,
    Programme,
    Redemption,
    Step,
    Tiers,
    read_programme,
    template,
)
from crm_core.periods import date_of, day_of, months_before, period_of
from crm_core.segments.metrics import rfm, segment
from crm_core.tables import Ask, Build, Estimate
from crm_core.workspace import open_base
from crm_core.workspace.asked import metric_named, options_from_text
from tests.oracle.loyalty import Day, Member, Told, told_of

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
        assert (left + accounts["balance_before"] == accounts["balance"]).all()


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


@pytest.mark.parametrize("name", ["points_club", "punctual_business"])
def test_liability_is_what_is_used_of_points_held_as_long_ago_as_points_last(
    name: str, asked: tuple[Ask, dt.date]
) -> None:
    ask, as_of = asked
    usual = read_programme(template(name))
    # Everybody uses points, so that the walk knows who does.
    programme = replace(usual, redemption=Redemption(1.0, 1.0, 1.0))
    walked = walked_through(ask, as_of, programme)
    assert programme.expiry is not None
    lasting = (
        programme.expiry.days if programme.expiry.kind == "fixed" else 366 * (programme.expiry.years + 1)
    )
    whole = walked.days.stop - walked.begin
    since = max(walked.days.stop - lasting, walked.begin + whole // 3)
    held = sum(told.by_day[since - walked.begin - 1][5] for told in walked.told)
    used = sum(told.since(since, "redeemed") for told in walked.told)
    lost = sum(told.since(since, "expired", "taken_back") for told in walked.told)
    assert 0 < used < held
    each = max(one.cost / one.points for one in programme.rewards) * ask.tables.money_scale
    outstanding = sum(told.balance for told in walked.told)
    row = ask(loyalty_cost, as_of=as_of, programme=programme).iloc[1]
    assert row["balance"] == outstanding
    assert row["outstanding"] == round(outstanding * each)
    assert row["expected_use"] == pytest.approx(outstanding * each * used / (used + lost), abs=1)
    assert row["expected_use_low"] == pytest.approx(outstanding * each * used / held, abs=1)
    assert row["expected_use_high"] == pytest.approx(outstanding * each * (1 - lost / held), abs=1)
    assert row["use_chance"] == pytest.approx(used / (used + lost))


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_liability_of_the_last_month_is_that_of_the_end(name: str, asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    programme = read_programme(template(name))
    costs = ask(loyalty_cost, as_of=as_of, programme=programme).set_index("redeeming")
    months = ask(loyalty_months, as_of=as_of, programme=programme).groupby("redeeming").last()
    for column in ("balance", "outstanding", "expected_use", "expected_use_low", "expected_use_high"):
        assert (costs[column] == months[column].reindex(costs.index)).all(), column
    assert (costs["expected_use_low"] <= costs["expected_use"]).all()
    assert (costs["expected_use"] <= costs["expected_use_high"]).all()
    assert (costs["expected_use_high"] <= costs["outstanding"]).all()
    if programme.rewards:
        assert float(str(costs.loc["likely", "expected_use"])) > 0
        assert (costs["expected_use"] < costs["outstanding"]).all()


def test_what_will_be_used_is_not_known_before_any_points_are_used_or_gone() -> None:
    for points in (0, 10):
        low, likely, high = chance_of_use(Held(points, redeemed=0, lost=0))
        assert (low, high) == (0.0, 1.0)
        assert math.isnan(likely)
    assert chance_of_use(Held(points=10, redeemed=3, lost=3)) == (0.3, 0.5, 0.7)


def test_where_nobody_uses_points_none_are_expected_to_be_used(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    programme = replace(read_programme(template("points_club")), redemption=Redemption(0.0, 0.0, 0.0))
    costs = ask(loyalty_cost, as_of=as_of, programme=programme)
    assert (costs["outstanding"] > 0).all()
    assert (costs[["expected_use", "expected_use_low", "expected_use_high"]] == 0).all(axis=None)


def test_no_lift_pays_where_rewards_take_the_margin() -> None:
    assert break_even_lift(Cost(rewards=80, discounts=20, running=0), 100) is None
    assert break_even_lift(Cost(rewards=10, discounts=0, running=10), 110) == 0.2


def test_a_tier_that_nobody_reaches_has_nobody(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    programme = read_programme(template("discount_ladder"))
    assert programme.tiers is not None
    far = Tiers("amount", (*programme.tiers.steps, Step("Moon", 1e11, discount=5_000)), within_days=365)
    found = ask(loyalty_accounts, as_of=as_of, programme=replace(programme, tiers=far))
    assert "Moon" not in set(found["tier"])
    assert (found["missing_to_next"].dropna() > 0).all()


@dataclass(frozen=True)
class Walked:
    """All members of a programme, each walked through day by day, and which of these days are told."""

    customers: list[str]
    told: list[Told]
    days: range
    begin: int


def walked_through(ask: Ask, as_of: dt.date, programme: Programme, months: int = 12) -> Walked:
    """Every member uses points, as in `replayed`, from the day on which it begins."""
    end = day_of(as_of) + 1
    days = range(max(months_before(end, months), ask.tables.first_day), end)
    lasting = {"fixed": 366, "inactivity": 366, "year_end": 732}
    lead = lasting[programme.expiry.kind] if programme.expiry else 366
    first = date_of(max(days.start - lead, ask.tables.first_day)).replace(day=1)
    people = ask(loyalty_members, as_of=as_of, members=programme.members, begin=first)
    entries = ask(
        loyalty_entries,
        as_of=as_of,
        members=programme.members,
        earn=programme.earn,
        begin=first,
        purchase_cap=programme.caps.purchase,
        history_days=400,
    )
    of_member = {int(str(place)): rows for place, rows in entries.groupby("place")}
    told = []
    for place, since, last in people[["place", "since_day", "last_purchase_day"]].itertuples(index=False):
        rows = of_member.get(place, entries.iloc[:0])
        did = {int(row["day"]): Day(**{name: int(row[name]) for name in WHAT}) for _, row in rows.iterrows()}
        member = Member(since, None if pd.isna(last) else int(last), days=did)
        told.append(told_of(programme, member, range(day_of(first), end), ask.tables.money_scale))
    return Walked(list(people["customer_id"]), told, days, day_of(first))


@pytest.mark.parametrize("name", TEMPLATES)
def test_members_are_given_what_a_walk_through_their_days_gives(
    name: str, asked: tuple[Ask, dt.date]
) -> None:
    ask, as_of = asked
    programme = replace(read_programme(template(name)), redemption=Redemption(1.0, 1.0, 1.0))
    found = ask(loyalty_accounts, as_of=as_of, programme=programme).set_index("customer_id")
    walked = walked_through(ask, as_of, programme)
    steps = programme.tiers.steps if programme.tiers else ()
    names = ["", *(step.name for step in steps)]
    skipped = walked.days.start - walked.begin
    assert skipped > 300
    for customer_id, told in zip(walked.customers, walked.told, strict=True):
        mine, days = found.loc[customer_id], told.by_day[skipped:]
        for place, column in enumerate(("issued", "redeemed", "expired", "taken_back", "discount")):
            assert mine[column] == sum(day[place] for day in days), (customer_id, column)
        assert mine["balance"] == told.balance
        assert mine["balance_before"] == told.by_day[skipped - 1][5]
        assert (mine["tier_before"], mine["tier"]) == (names[told.by_day[skipped - 1][6]], names[told.tier])


@pytest.mark.parametrize("name", ["points_club", "punctual_business"])
def test_what_became_of_points_is_what_became_of_each_on_its_way(
    name: str, asked: tuple[Ask, dt.date]
) -> None:
    ask, as_of = asked
    programme = replace(read_programme(template(name)), redemption=Redemption(1.0, 1.0, 1.0))
    found = ask(loyalty_breakage, as_of=as_of, programme=programme)
    walked = walked_through(ask, as_of, programme)
    mine = found[found["redeeming"] == "likely"].set_index("month")
    fates: dict[tuple[int, str], int] = {}
    for told in walked.told:
        for (what, day), points in told.fates.items():
            month = int(period_of(day, "month"))
            fates[month, what] = fates.get((month, what), 0) + points
    for number, row in mine.iterrows():
        month = int(str(number))
        for what in ("redeemed", "expired", "taken_back"):
            assert row[what] == fates.get((month, what), 0), (month, what)
        used = row["redeemed"] + row["expired"] + row["taken_back"]
        assert row["issued"] == used + row["balance"]
        assert row["breakage"] == row["expired"] / row["issued"]
        assert not row["complete"] or row["balance"] == 0
    assert mine["complete"].any()
    assert not mine["complete"].all()
    assert (mine.loc[mine["complete"], "breakage"] > 0).any()


@pytest.mark.parametrize("name", TEMPLATES)
def test_tiers_and_groups_are_parts_of_the_whole(name: str, asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    programme = read_programme(template(name))
    whole = ask(loyalty_cost, as_of=as_of, programme=programme).set_index("redeeming")
    accounts = ask(loyalty_accounts, as_of=as_of, programme=programme).set_index("customer_id")
    tiers = ask(loyalty_tiers, as_of=as_of, programme=programme)
    groups = ask(loyalty_groups, as_of=as_of, programme=programme, group=segment)
    for parts in (tiers, groups):
        by_share = parts.groupby("redeeming", sort=False)
        sums = by_share[["members", "revenue", "brought", "reward_cost", "discount"]].sum()
        for column in sums:
            assert (sums[column] == whole[column]).all(), column
        running = by_share["running_cost"].sum()
        assert (abs(running - whole["running_cost"]) <= len(parts)).all()
        assert (parts["total_cost"] == parts[["reward_cost", "discount", "running_cost"]].sum(axis=1)).all()
        given = parts["reward_cost"] + parts["discount"]
        paid = parts["break_even_lift"].notna()
        grown = (1 + parts["break_even_lift"]) * (parts["brought"] - given) - parts["running_cost"]
        assert grown[paid].to_numpy() == pytest.approx(parts.loc[paid, "brought"].to_numpy())
    likely = tiers[tiers["redeeming"] == "likely"].set_index("tier")
    for column in ("issued", "reward_cost", "discount", "revenue", "purchases"):
        by_tier = accounts.groupby("tier")[column].sum()
        assert (likely[column] == by_tier.reindex(likely.index, fill_value=0)).all(), column
    segments = ask(rfm, as_of=as_of).set_index("customer_id")["segment"]
    mine = groups[groups["redeeming"] == "likely"].set_index("group")
    by_segment = accounts.groupby(segments)[["issued", "reward_cost", "discount", "revenue"]].sum()
    pd.testing.assert_frame_equal(
        mine[by_segment.columns.tolist()], by_segment, check_names=False, check_dtype=False
    )


def test_who_gains_is_given_more_than_by_the_other(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    ours, theirs = read_programme(template("punctual_business")), read_programme(template("points_club"))
    both = {}
    for name, one in (("ours", ours), ("theirs", theirs)):
        assert one.redemption is not None
        everybody = replace(one, redemption=Redemption(1.0, 1.0, 1.0))
        accounts = ask(loyalty_accounts, as_of=as_of, programme=everybody).set_index("customer_id")
        expected = np.rint(accounts["reward_cost"] * one.redemption.likely)
        both[name] = dict(expected.astype(np.int64) + accounts["discount"])
    rows = ask(loyalty_gains, as_of=as_of, programme=ours, other=theirs)
    assert set(rows["customer_id"]) == both["ours"].keys() | both["theirs"].keys()
    for _, row in rows.iterrows():
        one = row["customer_id"]
        assert row["given"] == both["ours"].get(one, 0)
        assert row["given_other"] == both["theirs"].get(one, 0)
        assert row["gain"] == row["given"] - row["given_other"]
    assert list(rows["gain"]) == sorted(rows["gain"], reverse=True)
    compared = ask(loyalty_compared, as_of=as_of, programme=ours, other=theirs, group=segment)
    segments = ask(rfm, as_of=as_of).set_index("customer_id")["segment"]
    rows["group"] = rows["customer_id"].map(segments)
    for _, row in compared.iterrows():
        its = rows[rows["group"] == row["group"]]
        assert row["members"] == len(its)
        assert row["gaining"] == (its["gain"] > 0).sum()
        assert row["losing"] == (its["gain"] < 0).sum()
        assert row["gain"] == its["gain"].sum() == row["given"] - row["given_other"]
    turned = ask(loyalty_gains, as_of=as_of, programme=theirs, other=ours)
    pd.testing.assert_series_equal(
        turned.set_index("customer_id")["gain"].sort_index(),
        -rows.set_index("customer_id")["gain"].sort_index(),
    )


@pytest.mark.parametrize("name", TEMPLATES)
def test_who_is_about_to_move_lacks_a_usual_purchase_or_falls_at_the_review(
    name: str, asked: tuple[Ask, dt.date]
) -> None:
    ask, as_of = asked
    programme = replace(read_programme(template(name)), redemption=Redemption(1.0, 1.0, 1.0))
    tiers = programme.tiers
    assert tiers is not None
    found = ask(loyalty_ahead, as_of=as_of, programme=programme).set_index("customer_id")
    accounts = ask(loyalty_accounts, as_of=as_of, programme=programme).set_index("customer_id")
    walked = walked_through(ask, as_of, programme)
    scale = ask.tables.money_scale if tiers.by == "amount" else 1
    names = ["", *(step.name for step in tiers.steps)]
    reviews = {"quarter": dt.date(as_of.year, 12, 31), "year": dt.date(as_of.year, 12, 31)}
    assert as_of.month > 9
    expected = {}
    for customer_id, told in zip(walked.customers, walked.told, strict=True):
        mine, ahead = accounts.loc[customer_id], told.measure_ahead / scale
        reached = sum(ahead >= step.at for step in tiers.steps)
        if reached < told.tier and told.misses >= tiers.grace:
            expected[customer_id] = (False, names[told.tier - 1], tiers.steps[told.tier - 1].at - ahead)
            continue
        welcome = 20 if mine["since"] > as_of.replace(year=as_of.year - 1) else 0
        gained = mine["issued"] - welcome if tiers.by == "points" else mine["revenue"] / scale
        usual = gained / mine["purchases"] if mine["purchases"] else 0
        missing = float(str(mine["missing_to_next"])) if mine["next_tier"] is not None else math.nan
        if 0 < missing <= usual:
            expected[customer_id] = (True, names[told.tier + 1], missing)
    assert set(found.index) == expected.keys()
    for customer_id, (rises, to, missing) in expected.items():
        row = found.loc[customer_id]
        assert (row["rises"], row["tier_next"]) == (rises, to)
        assert row["lacking"] == pytest.approx(missing)
        assert rises or row["review_on"] == reviews[tiers.review]
        assert rises or row["days_left"] == (reviews[tiers.review] - as_of).days
        assert row["brought"] <= accounts.loc[customer_id, "revenue"]
    assert len(expected)
    for _, some in found.groupby("rises"):
        assert some["brought"].is_monotonic_decreasing


def test_names_and_costs_take_no_other_replay(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    programme = read_programme(template("points_club"))
    replays = []

    class Counting:
        tables = ask.tables

        def __call__(self, build: Build, *, as_of: dt.date, **options: Any) -> pd.DataFrame:
            if build is loyalty_ledger:
                replays.append((options["terms"], options["shares"]))
            elif isinstance(build, Estimate):
                return build(self, as_of=as_of, **options)
            return ask(build, as_of=as_of, **options)

    count = Counting()
    dearer = replace(
        programme,
        name="other",
        rewards=tuple(replace(one, name=f"new {one.name}", cost=2 * one.cost) for one in programme.rewards),
        indicators=(),
    )
    told = {}
    for one in (programme, dearer):
        for metric in (loyalty_cost, loyalty_months, loyalty_moves, loyalty_breakage, loyalty_tiers):
            told[one.name, metric.__name__] = count(metric, as_of=as_of, programme=one)
        count(loyalty_ahead, as_of=as_of, programme=one)
        count(loyalty_groups, as_of=as_of, programme=one, group=segment)
    assert len(set(replays)) == 1
    before, after = told["Points club", "loyalty_cost"], told["other", "loyalty_cost"]
    assert (after["reward_cost"] == 2 * before["reward_cost"]).all()


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
