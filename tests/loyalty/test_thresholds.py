"""Just above a threshold against just below it: the lines by hand, what was planted, and nothing of later."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from benchmarks.loyalty_thresholds import NONE, PLANTED, drawn
from crm_core.base import CrmError
from crm_core.loyalty.answers import thresholds
from crm_core.loyalty.estimates import loyalty_thresholds
from crm_core.loyalty.metrics import loyalty_entries
from crm_core.loyalty.models import Near, heap, jump
from crm_core.loyalty.rules import Members, Programme, Rule, Step, Tiers
from crm_core.tables import Ask
from crm_core.workspace import open_base
from crm_core.workspace.bringing import write_demonstration

AMOUNT = Tiers("amount", (Step("Silver", 300.0), Step("Gold", 5_000_000.0)), 365, "quarter")
CLUB = Programme("Club", Members("joined", "club"), (Rule("amount", 1, 1.0),), tiers=AMOUNT)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ask, dt.date]:
    base = tmp_path_factory.mktemp("thresholds") / "base"
    write_demonstration(base, customers=3_000, seed=2)
    workspace = open_base(str(base))
    return workspace.ask(), workspace.as_of


def _line(points: list[tuple[int, int]], bandwidth: int) -> float:
    """The height at 0 of a weighted line, worked out in fractions."""
    weights = [1 - Fraction(abs(x), bandwidth) for x, _ in points]
    total = sum(weights, Fraction(0))
    x0 = sum((w * x for w, (x, _) in zip(weights, points, strict=True)), Fraction(0)) / total
    y0 = sum((w * y for w, (_, y) in zip(weights, points, strict=True)), Fraction(0)) / total
    slope = sum(w * (x - x0) * (y - y0) for w, (x, y) in zip(weights, points, strict=True)) / sum(
        w * (x - x0) ** 2 for w, (x, _) in zip(weights, points, strict=True)
    )
    return float(y0 - slope * x0)


def test_levels_are_those_of_two_lines_by_hand() -> None:
    below, above = [(-8, 1), (-5, 4), (-2, 2), (-1, 5)], [(0, 7), (3, 6), (4, 11), (9, 2)]
    rows = np.array(below + above)
    near = Near(np.arange(8), rows[:, 0].astype(float), 10.0)
    found = jump(near, rows[:, 1].astype(float))
    assert found.below == pytest.approx(_line(below, 10))
    assert found.above == pytest.approx(_line(above, 10))


def test_the_interval_is_that_of_sums_of_residuals_by_member() -> None:
    """A loop over members, each side by itself: what a member adds to the height of its line at 0."""
    random = np.random.default_rng(5)
    member, x = random.integers(0, 40, 300), random.uniform(-1, 1, 300)
    y = x + random.normal(size=300) + random.normal(size=40)[member]
    near = Near(member, x, 1.0)
    pull = np.zeros(300)
    for side in (x < 0, x >= 0):
        w, z = 1 - np.abs(x[side]), x[side]
        centre = (w * z).sum() / w.sum()
        spread = (w * (z - centre) ** 2).sum()
        lever = w * (1 / w.sum() - centre * (z - centre) / spread)
        slope = (w * (z - centre) * y[side]).sum() / spread
        height = (lever * y[side]).sum()
        pull[side] = (1 if z[0] >= 0 else -1) * lever * (y[side] - height - slope * z)
    variance = sum(pull[member == one].sum() ** 2 for one in range(40)) * 40 / 39 * 299 / 296
    reach = scipy.stats.t.ppf(0.975, min(near.members) - 2) * variance**0.5
    found = jump(near, y)
    assert (found.high - found.low) / 2 == pytest.approx(reach)
    assert (found.high + found.low) / 2 == pytest.approx(found.above - found.below)


@pytest.mark.parametrize("factor", [NONE, PLANTED])
def test_the_interval_holds_what_was_planted(factor: float) -> None:
    """Of 40 clubs it fails in 6 or more once in a hundred."""
    clubs = [drawn(3_000, factor, seed) for seed in range(40)]
    held = [club.found.low <= club.truth <= club.found.high for club in clubs]
    assert sum(held) >= 34
    errors = [club.found.above - club.found.below - club.truth for club in clubs]
    assert abs(np.mean(errors)) < 3 * np.std(errors) / len(errors) ** 0.5


def test_members_who_steer_are_found() -> None:
    random = np.random.default_rng(1)
    x = random.uniform(-100, 100, 4_000)
    assert heap(Near(np.arange(4_000), x, 100.0), 10.0).chance > 0.01
    near = (x < 0) & (x > -6)
    steered = heap(Near(np.arange(4_000), np.where(near, -x, x), 100.0), 10.0)
    assert steered.chance < 1e-6
    exact = scipy.stats.binomtest(steered.above, steered.above + steered.below, alternative="greater")
    assert steered.chance == pytest.approx(exact.pvalue)


def test_a_member_is_counted_once_on_the_first_day_very_near() -> None:
    near = Near(np.array([7, 8, 7, 7, 8]), np.array([-30.0, 2.0, -1.0, 3.0, -2.0]), 50.0)
    found = heap(near, 5.0)
    assert (found.below, found.above, found.chance) == (1, 1, 0.75)


def test_nobody_near_is_too_few() -> None:
    nobody = Near(np.zeros(0, np.int64), np.zeros(0), 5.0)
    assert not nobody.enough
    assert heap(nobody, 1.0).chance == 1.0
    assert not Near(np.arange(200), np.repeat([-1.0, 0.0], 100), 5.0).enough


@pytest.mark.parametrize("by", ["amount", "purchases", "points"])
def test_members_near_are_those_of_a_count_by_hand(by: str, asked: tuple[Ask, dt.date]) -> None:
    """The measure at each review by sums over the days before it, and what came after it."""
    ask, as_of = asked
    at = {"amount": 300.0, "points": 300.0, "purchases": 4.0}[by]
    club = replace(CLUB, tiers=Tiers(by, (Step("Silver", at),), 365, "quarter"))  # type: ignore[arg-type]  # one of the measures
    rows = ask(loyalty_entries, as_of=as_of, members=club.members, earn=club.earn, begin=dt.date(2000, 1, 1))
    scale = ask.tables.money_scale
    values = {
        "amount": (rows["spent"] - rows["returned"]) / scale,
        "purchases": rows["purchases"],
        "points": rows["multiplied"],
    }[by]
    sides: tuple[set[int], set[int]] = (set(), set())
    epoch = dt.date(1970, 1, 1)
    for end in pd.date_range("2000-01-01", as_of - dt.timedelta(180), freq="QE").date:
        day = (end - epoch).days
        past = (rows["day"] <= day) & (rows["day"] > day - 365)
        measure = values[past].groupby(rows["place"][past]).sum()
        for place, value in measure[(measure - at).abs() < at / 2].items():
            sides[value >= at].add(place)
    told = ask(loyalty_thresholds, as_of=as_of, programme=club).iloc[0]
    assert (told["members_below"], told["members_above"]) == (len(sides[0]), len(sides[1]))
    assert min(len(one) for one in sides) > 50


def test_nothing_after_the_day_is_read(asked: tuple[Ask, dt.date]) -> None:
    """With all later orders deleted an earlier day is answered alike."""
    ask, as_of = asked
    earlier = as_of - dt.timedelta(200)
    told = ask(loyalty_thresholds, as_of=earlier, programme=CLUB)
    cut = replace(ask.tables, orders=ask.tables.orders.filter(ask.tables.orders.ordered_at <= str(earlier)))

    class Cut:
        tables = cut

        def __call__(self, build: object, **options: object) -> pd.DataFrame:
            return build(cut, **options).execute()  # type: ignore[operator,no-any-return]  # a metric, whose rows Ibis leaves untyped

    pd.testing.assert_frame_equal(told, loyalty_thresholds(Cut(), as_of=earlier, programme=CLUB))


def test_what_can_be_said_is_said_of_each_tier(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    found = thresholds(ask, as_of=as_of, programme=CLUB)
    keys = [one.key.rpartition(".")[2] for one in found.sentences]
    assert keys[0] in ("more", "less", "open")
    assert keys[-1] == "too_few"
    told = found.rows.iloc[0]
    heavy = found.rows.assign(heap_chance=0.001)
    said = replace(found, rows=heavy).sentences[1]
    assert said.key == "loyalty.effect.thresholds.steered"
    assert said.values["above"] == told["heap_above"]
    assert all(f"`{name}`" in str(loyalty_thresholds.__doc__) for name in found.rows.columns)


@pytest.mark.parametrize(
    ("programme", "key"),
    [
        (replace(CLUB, members=Members("everybody")), "loyalty.effect.thresholds.replayed"),
        (replace(CLUB, tiers=None), "loyalty.effect.thresholds.no_tiers"),
        (replace(CLUB, members=Members("joined", "no such campaign")), "loyalty.effect.nobody"),
    ],
)
def test_where_nothing_can_be_learnt(programme: Programme, key: str, asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    with pytest.raises(CrmError) as refused:
        ask(loyalty_thresholds, as_of=as_of, programme=programme)
    assert refused.value.key == key


def test_a_club_that_is_too_young(asked: tuple[Ask, dt.date]) -> None:
    ask, _ = asked
    contacts = ask.tables.need("contacts")
    opened = contacts.filter(contacts.outcome == "joined").contacted_at.min().execute()
    with pytest.raises(CrmError) as refused:
        ask(loyalty_thresholds, as_of=opened.date() + dt.timedelta(90), programme=CLUB)
    assert refused.value.key == "loyalty.effect.thresholds.too_early"
