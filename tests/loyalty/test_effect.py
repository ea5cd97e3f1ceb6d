"""Whether a club works: the counts equal a walk through the days, and what was planted is found."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.club_histories import Drawn, club_histories, with_club
from crm_core.base import CrmError, Money, NotProvided
from crm_core.loyalty.answers import Club, Ranged, Works
from crm_core.loyalty.estimates import loyalty_balance, loyalty_effect, loyalty_effect_members
from crm_core.loyalty.models import NOT_JOINED, Histories, Matched, effects, matched, moments
from crm_core.loyalty.models.matching import log_odds
from crm_core.loyalty.models.paces import followed
from crm_core.loyalty.rules import Members, Programme
from crm_core.sources.demonstration import settings_from_file
from crm_core.tables import Ask
from crm_core.workspace import open_base
from crm_core.workspace.asked import metric_named, options_from_text
from crm_core.workspace.bringing import write_demonstration
from tests.oracle import loyalty_effect as slow

CLUB = Programme("Club", Members("joined", "club"))
PLANTED = 1.15


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ask, dt.date]:
    """A demonstration base that is large enough to say something."""
    base = tmp_path_factory.mktemp("club") / "base"
    write_demonstration(base, customers=3_000, seed=2)
    workspace = open_base(str(base))
    return workspace.ask(), workspace.as_of


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return club_histories(settings_from_file(), 3_000, 4)


@st.composite
def few(draw: st.DrawFn) -> Histories:
    """A few customers of the days before and after an opening."""
    opened, today = 500, draw(st.sampled_from((900, 1_300)))
    rows, first, joined, apart = [], [], [], []
    for customer in range(draw(st.integers(1, 4))):
        days = sorted(draw(st.sets(st.integers(100, today), min_size=1, max_size=12)))
        first.append(min(days[0], opened - 1))
        if days[0] != first[-1]:
            days = [first[-1], *days]
        later = [day for day in days if day >= opened]
        joined.append(draw(st.sampled_from([NOT_JOINED, opened, *later])))
        rows += [(customer, day, draw(st.integers(0, 2)) if day != first[-1] else 1) for day in days]
        apart += [(customer, day) for day in sorted(draw(st.sets(st.integers(50, today + 9), max_size=9)))]
    customers, day, purchases = np.array(rows).T
    whose, touched = np.array(apart).reshape(-1, 2).T
    return Histories(
        customers,
        day,
        purchases,
        10.0 * purchases - 1,
        np.array(first),
        np.array(joined),
        whose,
        touched,
        opened,
        today,
    )


@settings(max_examples=60, deadline=None)
@given(few(), st.booleans(), st.sampled_from((480, 500, 777)))
def test_who_is_followed_is_followed_day_by_day(told: Histories, members: bool, start: int) -> None:
    everybody = np.arange(len(told))
    found = followed(told, everybody, np.full(len(told), start), members=members)
    for customer in range(len(told)):
        days, purchases, worth = slow.followed(told, customer, start, members=members)
        assert found.days[customer].sum() == days
        assert found.purchases[customer].sum() == purchases
        assert found.worth[customer].sum() == pytest.approx(worth)
    assert told.pace_before("purchases") == pytest.approx([slow.pace(told, one) for one in range(len(told))])


def test_the_ratio_is_what_members_bought_over_what_was_to_be_expected(drawn: Drawn) -> None:
    told = matched(moments(drawn.histories, drawn.company, drawn.country))
    found = {one.method: one for one in effects(drawn.histories, told, "purchases")}
    assert found["difference"].ratio == pytest.approx(slow.difference(drawn.histories, told))
    for one in found.values():
        assert one.low < one.ratio < one.high
        assert one.after / one.expected == pytest.approx(one.ratio)


def test_the_interval_is_of_leaving_out_one_customer_at_a_time(drawn: Drawn) -> None:
    """The jackknife of the code against one by hand, for a tenth of the customers' sums."""
    told = matched(moments(drawn.histories, drawn.company, drawn.country))
    some = np.flatnonzero(told.weight > 0)[::10]
    weight = np.zeros_like(told.weight)
    weight[some] = told.weight[some]
    thin = Matched(told.moments, weight)
    one = effects(drawn.histories, thin, "purchases")[-1]
    assert (one.low, one.high) == pytest.approx(slow.interval(drawn.histories, thin), rel=1e-6)


def test_members_and_matched_others_are_alike_but_for_their_pace_before(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    rows = ask(loyalty_balance, as_of=as_of, programme=CLUB).set_index("known")
    on = rows[rows["matched_on"]]
    assert on["difference_after"].abs().max() < 0.1
    assert on["difference_before"].abs().max() > 0.2
    assert float(rows["difference_after"]["pace_before"]) > 0.1


def test_the_odds_of_joining_are_those_of_a_plain_regression() -> None:
    random = np.random.default_rng(3)
    known = random.normal(size=(4_000, 3)) * [1.0, 5.0, 0.0] + [0.0, 100.0, 7.0]
    joins = random.random(4_000) < 1 / (1 + np.exp(-(-2.0 + 0.8 * known[:, 0])))
    odds = log_odds(known, joins)
    assert 1 / (1 + np.exp(-odds)) @ np.ones(4_000) == pytest.approx(joins.sum())
    assert np.polyfit(known[:, 0], odds, 1)[0] == pytest.approx(0.8, abs=0.12)


def test_what_was_planted_is_found_and_simpler_comparisons_are_far_off(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    rows = ask(loyalty_effect, as_of=as_of, programme=CLUB)
    by = {(row["outcome"], row["method"]): row for row in rows.to_dict("records")}
    for outcome in ("purchases", "margin"):
        told = by[outcome, "difference"]
        assert told["low"] <= PLANTED <= told["high"]
        assert told["gain"] == pytest.approx(told["after"] - told["expected"])
        assert told["gain_low"] < told["gain"] < told["gain_high"]
        assert by[outcome, "naive"]["low"] > 2 * told["ratio"]
        assert by[outcome, "matched"]["low"] > PLANTED


@pytest.mark.parametrize(("factor", "elasticity"), [(1.0, 2.0), (1.4, 0.0)])
def test_another_effect_is_found_as_well(factor: float, elasticity: float) -> None:
    club = with_club(settings_from_file(), factor, elasticity)
    found = [club_histories(club, 6_000, seed).effects("purchases")[-1] for seed in range(6)]
    errors = np.log([one.ratio for one in found]) - np.log(factor)
    spread = np.log([one.high / one.low for one in found]) / 3.92
    assert abs(errors.sum()) < 3 * np.sqrt((spread**2).sum())


def test_every_member_is_compared_or_left_out_for_one_reason(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    rows = ask(loyalty_effect_members, as_of=as_of, programme=CLUB).set_index("reason")["members"]
    joined = ask.tables.need("contacts")
    everyone = joined.filter(joined.outcome == "joined").customer_id.nunique()
    assert rows.sum() == int(everyone.execute())
    assert (rows >= 0).all()
    assert rows["came_later"] > 0
    assert rows["compared"] == ask(loyalty_effect, as_of=as_of, programme=CLUB)["members"].iloc[0]


def test_what_follows_the_day_changes_nothing(asked: tuple[Ask, dt.date], tmp_path: Path) -> None:
    """Nobody is compared by what came later: on an earlier day the counts are those of that day."""
    ask, as_of = asked
    earlier = as_of - dt.timedelta(240)
    now, then = (ask(loyalty_effect_members, as_of=day, programme=CLUB) for day in (as_of, earlier))
    assert then["members"].sum() < now["members"].sum()
    told = ask(loyalty_effect, as_of=earlier, programme=CLUB)
    found = told.to_dict("records")[3]
    assert found["low"] <= PLANTED <= found["high"]


@pytest.mark.parametrize(
    ("programme", "key"),
    [
        (Programme("p", Members("everybody")), "loyalty.effect.not_joined"),
        (Programme("p", Members("joined", "no such campaign")), "loyalty.effect.nobody"),
        (Programme("p", Members("joined", "club", ("company",))), "loyalty.effect.too_few"),
    ],
)
def test_what_cannot_be_told_is_refused(programme: Programme, key: str, asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    for estimate in (loyalty_effect, loyalty_balance, loyalty_effect_members):
        with pytest.raises(CrmError) as refused:
            ask(estimate, as_of=as_of, programme=programme)
        assert refused.value.key == key


def test_columns_are_those_that_are_told_of(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    for estimate in (loyalty_effect, loyalty_balance, loyalty_effect_members):
        rows: pd.DataFrame = ask(estimate, as_of=as_of, programme=CLUB)
        assert all(f"`{name}`" in str(estimate.__doc__) for name in rows.columns)
        assert "programme" in options_from_text(metric_named(estimate.__name__), ["programme=points_club"])


def test_a_base_that_does_not_know_who_joined(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    blind = replace(ask.tables, others={})

    class Blind:
        tables = blind

        def __call__(self, build: object, **options: object) -> pd.DataFrame:
            return build(blind, **options).execute()  # type: ignore[operator,no-any-return]  # a metric, whose rows Ibis leaves untyped

    with pytest.raises(NotProvided):
        loyalty_effect(Blind(), as_of=as_of, programme=CLUB)


def test_where_letters_go_out_every_month_no_day_is_left_out(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    contacts = ask.tables.need("contacts")
    sent = ibis.memtable({"sent": [as_of - dt.timedelta(30 * month) for month in range(40)]})
    everybody = ask.tables.need("customers").select("customer_id").cross_join(sent)
    nothing = {name: ibis.null(kind) for name, kind in contacts.schema().items()}
    told = {
        "customer_id": everybody.customer_id,
        "contacted_at": everybody.sent.cast(contacts.contacted_at.type()),
        "campaign_id": ibis.literal("letter"),
    }
    letters = everybody.select(**{**nothing, **told}).select(contacts.columns)
    often = replace(ask.tables, others={**ask.tables.others, "contacts": contacts.union(letters)})

    class Often:
        tables = often

        def __call__(self, build: object, **options: object) -> pd.DataFrame:
            return build(often, **options).execute()  # type: ignore[operator,no-any-return]  # a metric, whose rows Ibis leaves untyped

    assert set(ask(loyalty_effect, as_of=as_of, programme=CLUB)["apart_days"]) == {42}
    assert set(loyalty_effect(Often(), as_of=as_of, programme=CLUB)["apart_days"]) == {0}


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(1.05, 1.2, "more"), (0.9, 1.01, "less"), (0.9, 1.2, "open"), (1.03, 1.2, "open")],
)
def test_a_club_earns_its_cost_where_its_effect_is_surely_more(low: float, high: float, told: str) -> None:
    effects = pd.DataFrame(
        {
            "outcome": ["margin"],
            "method": ["difference"],
            "after": [100.0],
            "ratio": [1.1],
            "low": [low],
            "high": [high],
            "gain": [9.0],
            "gain_low": [1.0],
            "gain_high": [20.0],
        }
    )
    nothing = pd.DataFrame()
    found = Works("club", "EUR", "margin", 100, 100, 0, effects, nothing, nothing)
    assert found.earns(club_that_costs(2.0, 3.0, 4.0)) == told
    assert found.earns(club_that_costs(2.0, 3.0, 110.0)) == ("less" if told == "less" else "open")
    by_revenue = replace(club_that_costs(2.0, 3.0, 4.0), by_margin=False)
    assert found.earns(by_revenue) == ("uncosted" if told == "more" else told)


@pytest.mark.parametrize(
    ("low", "gain", "high", "told", "values"),
    [
        (9.0, 55.0, 97.0, "more", (55.0, 9.0, 97.0)),
        (-155.0, 19.0, 129.0, "open", (19.0, -155.0, 129.0)),
        (-97.0, -55.0, -9.0, "less", (55.0, 9.0, 97.0)),
    ],
)
def test_money_is_due_to_the_club_only_where_its_interval_says_so(
    low: float, gain: float, high: float, told: str, values: tuple[float, ...]
) -> None:
    effects = pd.DataFrame(
        {
            "outcome": ["margin"],
            "method": ["difference"],
            "after": [325.0],
            "ratio": [1.1],
            "low": [0.9],
            "high": [1.2],
            "gain": [gain],
            "gain_low": [low],
            "gain_high": [high],
        }
    )
    nothing = pd.DataFrame()
    said = Works("club", "EUR", "margin", 100, 100, 0, effects, nothing, nothing).in_money
    assert said is not None
    assert said.key == f"loyalty.effect.margin.{told}"
    amounts = [said.values[name] for name in ("gain", "low", "high")]
    assert [one.amount for one in amounts if isinstance(one, Money)] == list(values)


@pytest.mark.parametrize(
    ("apart", "unlike"), [((0.02, -0.09, 0.4), None), ((0.02, -0.3, 0.4), ("country:DE", 0.3))]
)
def test_who_is_not_alike_after_matching_is_said(
    apart: tuple[float, ...], unlike: tuple[str, float] | None
) -> None:
    balance = pd.DataFrame(
        {
            "known": ["company", "country:DE", "pace_before"],
            "matched_on": [True, True, False],
            "difference_after": apart,
        }
    )
    nothing = pd.DataFrame()
    found = Works("club", "EUR", "margin", 100, 100, 0, nothing, balance, nothing)
    assert found.unlike == unlike


@pytest.mark.parametrize("ratio", [1.0, 1.04, 1.3])
def test_the_lift_that_pays_is_that_over_what_members_bring_without_the_club(ratio: float) -> None:
    club = club_that_costs(2.0, 3.0, 4.0, running=5.0)
    lift = club.lift_with(ratio).likely
    without, given = club.brought / ratio, club.rewards.likely / ratio
    grown = (1 + lift) * (without - given) - club.running
    assert grown == pytest.approx(without)
    earned = club.brought - without
    assert (ratio - 1 > lift) == (earned > club.cost.likely)


def club_that_costs(few: float, likely: float, many: float, running: float = 0.0) -> Club:
    """Members bring 100 with it; rewards cost so much."""
    rewards = Ranged(few, likely, many)
    return Club(
        programme=CLUB,
        days=365,
        members=100,
        members_before=None,
        buyers=100,
        currency="EUR",
        by_margin=True,
        cost=Ranged(few + running, likely + running, many + running),
        rewards=rewards,
        discounts=Ranged(0.0, 0.0, 0.0),
        running=running,
        brought=100.0,
        brought_before=None,
        lift=Ranged(0.0, 0.0, 0.0),
        outstanding=rewards,
        expected_use=None,
        use_chance=None,
        months=pd.DataFrame(),
        breakage=pd.DataFrame(),
    )
