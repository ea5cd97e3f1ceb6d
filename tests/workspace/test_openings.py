"""Opening balances: kept whole or not at all, and what a replay begins with."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm_core.base import BaseDamaged, InputError
from crm_core.i18n import LANGUAGES, language
from crm_core.loyalty.estimates import loyalty_accounts, loyalty_months
from crm_core.loyalty.metrics import loyalty_entries, loyalty_members
from crm_core.loyalty.rules import Programme, Redemption, template
from crm_core.periods import date_of, day_of
from crm_core.workspace import Workspace, open_base, programmes
from crm_core.workspace.asked import metric_named, options_from_text
from crm_core.workspace.bringing import write_demonstration
from crm_core.workspace.openings import bring_openings, openings, with_openings
from tests.oracle.loyalty import Day, Member, told_of

NAME = "Points club"
CLUB = template("points_club")
BEFORE_DAYS = 200


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("openings") / "base"
    write_demonstration(base, customers=300, seed=11)
    return base


@pytest.fixture
def workspace(first: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(first, tmp_path / "base")
    programmes.save(str(tmp_path / "base"), CLUB)
    return open_base(str(tmp_path / "base"))


def day_before(workspace: Workspace) -> dt.date:
    return date_of(day_of(workspace.as_of) - BEFORE_DAYS)


def members(workspace: Workspace) -> list[str]:
    day, programme = day_before(workspace), programmes.read(workspace.location, NAME).programme
    rows = workspace.ask()(loyalty_members, as_of=day, members=programme.members, begin=day)
    return list(rows["customer_id"])


def file(tmp_path: Path, *rows: str, heading: str = "customer_id,points,tier") -> Path:
    path = tmp_path / "balances.csv"
    path.write_text("\n".join([heading, *rows]) + "\n", "utf-8")
    return path


def test_balances_are_kept_and_found_again(workspace: Workspace, tmp_path: Path) -> None:
    one, other, *_ = members(workspace)
    path = file(tmp_path, f"{other},120,Gold", f"{one},0,")
    kept = bring_openings(workspace, NAME, path, day_before(workspace))
    assert openings(workspace.location, NAME) == kept
    assert [(row.customer_id, row.points, row.tier) for row in kept.balances] == sorted(
        [(one, 0, ""), (other, 120, "Gold")]
    )
    programme = with_openings(workspace.location, programmes.read(workspace.location, NAME).programme)
    assert programme.openings is not None
    assert (other, 120, 2) in programme.openings.balances
    found = options_from_text(metric_named("loyalty_cost"), [f"programme={NAME}"], workspace.location)
    assert found["programme"] == programme
    again = bring_openings(workspace, NAME, file(tmp_path, f"{one},5,"), day_before(workspace))
    assert again.version == 2
    assert openings(workspace.location, NAME) == again


@pytest.mark.parametrize(
    "heading",
    ["Customer ID;Points;Tier", "کد مشتری;امتیاز;سطح", "كد مشتري;مانده امتياز;سطح", "รหัสลูกค้า;คะแนน;ระดับ"],
)
def test_a_file_may_call_its_columns_as_its_company_does(
    heading: str, workspace: Workspace, tmp_path: Path
) -> None:
    one, other, *_ = members(workspace)
    path = file(tmp_path, f"{other},۱۲۰,Gold", f"{one},7,", heading=heading.replace(";", ","))
    kept = bring_openings(workspace, NAME, path, day_before(workspace))
    assert {(row.customer_id, row.points, row.tier) for row in kept.balances} == {
        (one, 7, ""),
        (other, 120, "Gold"),
    }


@pytest.mark.parametrize(
    ("rows", "fault", "values"),
    [
        (["{0},-5,"], "negative", {"count": 1}),
        (["{0},1.5,"], "no_points", {"count": 1}),
        (["{0},,", "{1},many,"], "no_points", {"count": 2}),
        (["{0},5,", "{0},6,"], "twice", {"count": 1}),
        ([",5,", "{0},6,"], "no_customer", {"count": 1, "examples": "2"}),
        (["{0},5,Platinum"], "no_tier", {"count": 1}),
        (
            ["nobody,5,", "no one,5,", "x,1,", "y,1,"],
            "no_member",
            {"count": 4, "examples": "nobody, no one, x"},
        ),
        (["{0},5,,7"], "ragged", {"count": 1}),
    ],
)
def test_what_cannot_be_is_one_sentence_and_nothing_is_taken(
    rows: list[str], fault: str, values: dict[str, object], workspace: Workspace, tmp_path: Path
) -> None:
    known = members(workspace)
    path = file(tmp_path, *(row.format(*known) for row in rows), f"{known[5]},1,")
    with pytest.raises(InputError) as told:
        bring_openings(workspace, NAME, path, day_before(workspace))
    assert told.value.key == f"loyalty.openings.{fault}"
    assert values.items() <= told.value.values.items()
    for code in LANGUAGES:
        assert language(code).explain(told.value)
    assert openings(workspace.location, NAME) is None


def test_a_file_without_points_or_of_another_day_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    path = file(tmp_path, "a,1", heading="customer_id,score")
    with pytest.raises(InputError, match="no_column"):
        bring_openings(workspace, NAME, path, day_before(workspace))
    with pytest.raises(InputError, match="bad_option"):
        bring_openings(workspace, NAME, file(tmp_path, "a,1,"), workspace.as_of)
    with pytest.raises(InputError, match="unknown"):
        bring_openings(workspace, "Other", file(tmp_path, "a,1,"), day_before(workspace))


def test_who_joined_later_is_no_member_by_then(workspace: Workspace, tmp_path: Path) -> None:
    everybody = workspace.ask()(
        loyalty_members,
        as_of=workspace.as_of,
        members=programmes.read(workspace.location, NAME).programme.members,
        begin=workspace.as_of,
    )
    later = sorted({*everybody["customer_id"]} - {*members(workspace)})
    assert later
    with pytest.raises(InputError, match="no_member"):
        bring_openings(workspace, NAME, file(tmp_path, f"{later[0]},5,"), day_before(workspace))


def test_a_tier_that_is_gone_is_told(workspace: Workspace, tmp_path: Path) -> None:
    one = members(workspace)[0]
    bring_openings(workspace, NAME, file(tmp_path, f"{one},5,Gold"), day_before(workspace))
    programmes.save(workspace.location, CLUB.replace("Gold", "Ruby"), after=1)
    with pytest.raises(InputError, match="tier_gone"):
        with_openings(workspace.location, programmes.read(workspace.location, NAME).programme)


def test_damaged_balances_are_told(workspace: Workspace, tmp_path: Path) -> None:
    one = members(workspace)[0]
    bring_openings(workspace, NAME, file(tmp_path, f"{one},5,"), day_before(workspace))
    path = next(Path(workspace.location).glob("programmes/*/openings/*.csv"))
    path.write_text(path.read_text().replace(f"{one},5", f"{one},50"))
    with pytest.raises(BaseDamaged, match="openings"):
        openings(workspace.location, NAME)
    assert [one.error for one in programmes.listed(workspace.location)] == [None]


def opened(workspace: Workspace, tmp_path: Path) -> Programme:
    """The club with balances of every third member."""
    rows = [
        f"{one},{7 * place},{('', 'Silver', 'Gold')[place % 3]}"
        for place, one in enumerate(members(workspace))
    ]
    bring_openings(workspace, NAME, file(tmp_path, *rows[::3], rows[1], rows[2]), day_before(workspace))
    return with_openings(workspace.location, programmes.read(workspace.location, NAME).programme)


def test_a_replay_begins_with_what_members_bring(workspace: Workspace, tmp_path: Path) -> None:
    programme = replace(opened(workspace, tmp_path), redemption=Redemption(1.0, 1.0, 1.0))
    ask, as_of, day = workspace.ask(), workspace.as_of, day_before(workspace)
    assert programme.openings is not None
    found = ask(loyalty_accounts, as_of=as_of, programme=programme, months=3).set_index("customer_id")
    begin, balances = date_of(day_of(day) + 1), {one: rest for one, *rest in programme.openings.balances}
    people = ask(loyalty_members, as_of=as_of, members=programme.members, begin=begin)
    entries = ask(
        loyalty_entries,
        as_of=as_of,
        members=programme.members,
        earn=programme.earn,
        begin=begin,
        purchase_cap=programme.caps.purchase,
    ).set_index("place")
    steps = ["", *(step.name for step in programme.tiers.steps)] if programme.tiers else [""]
    what = ("multiplied", "flat", "taken_back", "purchases", "spent", "returned")
    brought = 0
    for place, who, since, last in people[
        ["place", "customer_id", "since_day", "last_purchase_day"]
    ].itertuples(index=False):
        rows = entries.loc[[place]] if place in entries.index else entries.iloc[:0]
        did = {int(row["day"]): Day(**{name: int(row[name]) for name in what}) for _, row in rows.iterrows()}
        points, tier = balances.get(who, (0, 0))
        brought += points
        member = Member(
            since, None if pd.isna(last) else int(last), points, day_of(day), tier, redeems=True, days=did
        )
        days = range(day_of(begin), day_of(as_of) + 1)
        told = told_of(programme, member, days, workspace.tables.money_scale)
        assert found.loc[who, "balance"] == told.balance, who
        assert found.loc[who, "tier"] == steps[told.tier], who
    assert brought > 0
    left = (
        found["balance_before"] + found["issued"] - found["redeemed"] - found["expired"] - found["taken_back"]
    )
    assert (left == found["balance"]).all()
    assert (found["balance"] >= 0).all()


def test_points_that_are_brought_expire_once(workspace: Workspace, tmp_path: Path) -> None:
    programme = replace(opened(workspace, tmp_path), earn=(), rewards=(), redemption=None, tiers=None)
    assert programme.openings is not None
    assert programme.expiry is not None
    brought = sum(points for _, points, _ in programme.openings.balances)
    soon = replace(programme, expiry=replace(programme.expiry, days=150))
    ask, as_of = workspace.ask(), workspace.as_of
    for tried, gone in ((programme, 0), (soon, brought)):
        rows = ask(loyalty_months, as_of=as_of, programme=tried, months=6)
        rows = rows[rows["redeeming"] == "likely"]
        assert rows["expired"].sum() == gone
        assert rows["balance"].iloc[-1] == brought - gone
        assert (np.diff(rows["balance"]) <= 0).all()


def test_a_replay_of_days_before_begins_without_them(workspace: Workspace, tmp_path: Path) -> None:
    programme = opened(workspace, tmp_path)
    ask, as_of = workspace.ask(), workspace.as_of
    with_them = ask(loyalty_months, as_of=as_of, programme=programme, months=12)
    without = ask(loyalty_months, as_of=as_of, programme=replace(programme, openings=None), months=12)
    pd.testing.assert_frame_equal(with_them, without)
