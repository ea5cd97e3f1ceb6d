"""What nobody would meet is told, each in one sentence, and what somebody meets is not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from crm_core.i18n import LANGUAGES, language
from crm_core.loyalty.answers import Doubt, doubts
from crm_core.loyalty.estimates import loyalty_accounts
from crm_core.loyalty.metrics import loyalty_entries, loyalty_rule_met
from crm_core.loyalty.rules import (
    TEMPLATES,
    Caps,
    Expiry,
    Members,
    Programme,
    Redemption,
    Reward,
    Rule,
    Step,
    Tiers,
    read_programme,
    template,
)
from crm_core.periods import date_of, day_of, months_before
from crm_core.workspace import Workspace, open_base

CLUB = read_programme(template("points_club"))


@pytest.fixture(scope="module")
def base(demonstration: Path) -> Workspace:
    return open_base(str(demonstration))


def found(base: Workspace, programme: Programme, months: int = 12) -> list[tuple[str, str]]:
    return [(one.part, one.told.key.rpartition(".")[2]) for one in asked(base, programme, months)]


def asked(base: Workspace, programme: Programme, months: int = 12) -> tuple[Doubt, ...]:
    return doubts(
        base.ask(),
        as_of=base.as_of,
        programme=programme,
        months=months,
        channels=base.choices.channels,
        categories=base.choices.categories,
    )


@pytest.mark.parametrize("name", TEMPLATES)
def test_of_what_somebody_meets_nothing_is_told(name: str, base: Workspace) -> None:
    assert found(base, read_programme(template(name))) == []


@pytest.mark.parametrize(
    ("programme", "told"),
    [
        (replace(CLUB, members=Members("everybody", kinds=("robot",))), [("members", "nobody")]),
        (replace(CLUB, members=Members("joined", campaign="none")), [("members", "nobody")]),
        (
            replace(CLUB, earn=(*CLUB.earn, Rule("purchase", 1, channels=("moon",)))),
            [("earning", "channel"), ("earning", "purchase")],
        ),
        (
            replace(CLUB, earn=(*CLUB.earn, Rule("purchase", 1, categories=("moon dust",)))),
            [("earning", "category"), ("earning", "purchase")],
        ),
        (replace(CLUB, earn=(*CLUB.earn, Rule("purchase", 1, at_least=1e9))), [("earning", "purchase")]),
        (replace(CLUB, earn=(*CLUB.earn, Rule("amount", 1, unit=1e9))), [("earning", "amount")]),
        (replace(CLUB, earn=(*CLUB.earn, Rule("punctual", 1, days_early=365))), [("earning", "punctual")]),
        (replace(CLUB, tiers=Tiers("amount", (Step("a", 1), Step("b", 1e11)))), [("tiers", "tier")]),
        (
            replace(CLUB, tiers=Tiers("amount", (Step("a", 1e10), Step("b", 1e11)))),
            [("tiers", "tier"), ("tiers", "tier")],
        ),
        (replace(CLUB, rewards=(*CLUB.rewards, Reward("car", 10**8, 1))), [("rewards", "reward")]),
        (
            replace(
                CLUB,
                tiers=None,
                expiry=Expiry("fixed", days=1),
                caps=Caps(day=9),
                rewards=(Reward("cup", 15, 1),),
            ),
            [("rewards", "reward_in_time")],
        ),
    ],
)
def test_what_nobody_meets_is_told(
    programme: Programme, told: list[tuple[str, str]], base: Workspace
) -> None:
    assert found(base, programme) == told
    for code in LANGUAGES:
        for one in asked(base, programme):
            assert language(code).tell(one.told)


def test_where_nobody_uses_points_no_reward_is_doubted_for_it(base: Workspace) -> None:
    assert found(base, replace(CLUB, redemption=Redemption(0, 0, 0))) == []


def test_the_most_that_anybody_had_is_what_the_ledger_says(base: Workspace) -> None:
    programme = replace(CLUB, rewards=(Reward("car", 10**8, 1),))
    rows = base.ask()(loyalty_accounts, as_of=base.as_of, programme=programme, redeeming="high")
    (doubt,) = asked(base, programme)
    assert doubt.told.values["most"] == (rows["balance_before"] + rows["issued"]).max()


@pytest.mark.parametrize(
    "rule",
    [
        *CLUB.earn,
        Rule("purchase", 3, at_least=100),
        Rule("referral", 1),
        Rule("repeat", 5, number=2),
        Rule("variety", 2),
    ],
)
def test_a_rule_is_met_by_those_whom_it_gives_points(rule: Rule, base: Workspace) -> None:
    ask, begin = base.ask(), date_of(months_before(day_of(base.as_of) + 1, 12))
    asked_for: dict[str, dt.date] = {"as_of": base.as_of, "begin": begin}
    met = ask(loyalty_rule_met, members=Members("everybody"), rule=rule, **asked_for)
    rows = ask(loyalty_entries, members=Members("everybody"), earn=(rule,), **asked_for)
    given = rows[rows["multiplied"] + rows["flat"] > 0]
    assert met["members"].tolist() == [given["place"].nunique()]
    assert met["points"].tolist() == [(given["multiplied"] + given["flat"]).sum()]
