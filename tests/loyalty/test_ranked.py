"""The ranking that the page shows is the one that other programs get, and a plain sort by plain sums."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crm_core.loyalty.answers import Ranked, Standing, ranked, standing, tiers_of
from crm_core.loyalty.estimates import loyalty_accounts, loyalty_points, loyalty_ranking
from crm_core.loyalty.metrics import Looked
from crm_core.loyalty.rules import TEMPLATES, Band, Indicator, Programme, read_programme, template, usual_days
from crm_core.workspace import Workspace, open_base

CHANNEL = Indicator("channel_share", 2.5, (Band(0.5, 1.0), Band(1.0, 2.0)), ("web",), 365)


@pytest.fixture(scope="module")
def workspace(demonstration: Path) -> Iterator[Workspace]:
    found = open_base(str(demonstration))
    yield found
    found.close()


def programmes() -> list[Programme]:
    found = [read_programme(template(name)) for name in TEMPLATES]
    tenths = tuple(replace(one, weight=one.weight / 10) for one in found[1].indicators)
    return [*found, replace(found[0], indicators=(*tenths, CHANNEL))]


def found_by(workspace: Workspace, programme: Programme) -> tuple[Standing, Ranked]:
    found = standing(workspace.ask(), as_of=workspace.as_of, programme=programme)
    return found, ranked(found, programme.indicators)


@pytest.mark.parametrize("programme", programmes(), ids=[*TEMPLATES, "tenths"])
def test_the_page_and_other_programs_see_the_same_ranking(workspace: Workspace, programme: Programme) -> None:
    _, order = found_by(workspace, programme)
    rows = workspace.ask()(loyalty_ranking, as_of=workspace.as_of, programme=programme)
    told = zip(order.rank, order.customers, order.sums, strict=True)
    assert sorted(told) == list(rows[["rank", "customer_id", "indicator_points"]].itertuples(index=False))
    lines = workspace.ask()(loyalty_points, as_of=workspace.as_of, programme=programme)
    mine = dict(zip(order.customers, order.points, strict=True))
    for customer, place, points in zip(
        lines["customer_id"], lines["place"], lines["indicator_points"], strict=True
    ):
        assert mine[customer][place - 1] == points


@pytest.mark.parametrize("programme", programmes(), ids=[*TEMPLATES, "tenths"])
def test_the_order_is_that_of_plain_sums(workspace: Workspace, programme: Programme) -> None:
    found, order = found_by(workspace, programme)
    sums, beside = {}, {}
    heaviest = max(programme.indicators, key=lambda one: one.weight)
    at, way = programme.indicators.index(heaviest), -1 if heaviest.bands[-1].points < 0 else 1
    for customer, values in zip(found.customers, found.of(programme.indicators), strict=True):
        points = 0.0
        for indicator, value in zip(programme.indicators, values, strict=True):
            reached = [band.points for band in indicator.bands if not math.isnan(value) and value >= band.at]
            points += indicator.weight * (reached[-1] if reached else 0.0)
        sums[customer] = round(points, 9)
        beside[customer] = math.inf if math.isnan(values[at]) else -way * values[at]
    assert list(order.customers) == sorted(sums, key=lambda one: (-sums[one], beside[one], one))
    assert [round(one, 9) for one in order.sums] == [sums[one] for one in order.customers]
    for place in (0, 7, len(sums) - 1):
        customer = order.customers.iloc[place]
        assert order.place_of(customer) == place
        assert order.rank[place] == 1 + sum(other > sums[customer] for other in sums.values())
        alike = sum(other == sums[customer] for other in sums.values())
        assert order.sharing(int(order.rank[place])) == alike
    assert order.place_of("nobody") is None


@pytest.mark.parametrize("programme", programmes(), ids=[*TEMPLATES, "tenths"])
def test_bars_hold_every_customer_once(workspace: Workspace, programme: Programme) -> None:
    _, order = found_by(workspace, programme)
    assert 1 < len(order.spread) <= 25
    assert sum(one.customers for one in order.spread) == len(order.customers)
    for one in order.spread:
        inside = [number for number, points in enumerate(order.sums) if one.low <= points < one.high]
        assert len(inside) == one.customers
        assert not inside or inside[0] == one.before
    for part, points in zip(order.parts, order.points.T, strict=True):
        assert part.points == pytest.approx(sum(points))
        assert (part.given, part.taken) == (sum(points > 0), sum(points < 0))


def test_what_weighs_is_no_question(workspace: Workspace) -> None:
    programme = read_programme(template("points_club"))
    found, order = found_by(workspace, programme)
    one = programme.indicators[0]
    heavier = (replace(one, weight=9.0, bands=(Band(1.0, 5.0),)), *programme.indicators[1:])
    again = ranked(found, heavier)
    assert again.indicators == heavier
    assert list(again.sums) != list(order.sums)
    left_out = ranked(found, programme.indicators[1:])
    assert left_out.points.shape[1] == order.points.shape[1] - 1


def test_an_indicator_that_is_taken_in_has_bands_that_somebody_reaches(workspace: Workspace) -> None:
    found, _ = found_by(workspace, read_programme(template("points_club")))
    for looked in found.looked:
        if looked.within_days == usual_days(looked.name):
            one = found.proposed(looked)
            assert one is not None
            assert (found.of([one])[:, 0] >= one.bands[-1].at).any()
    channel = found.proposed(Looked("channel_share", ("web",), 365))
    assert channel is not None
    assert [band.at for band in channel.bands] == [0.5, 1.0]


def test_tiers_do_not_depend_on_what_customers_are_ranked_by(workspace: Workspace) -> None:
    programme = read_programme(template("points_club"))
    accounts = workspace.ask()(loyalty_accounts, as_of=workspace.as_of, programme=programme)
    customers = list(accounts["customer_id"].iloc[[0, 5, 9]])
    found = tiers_of(workspace.ask(), as_of=workspace.as_of, programme=programme, customers=customers)
    mine = accounts.set_index("customer_id").loc[customers]
    assert found.loc[customers, "tier"].tolist() == mine["tier"].tolist()
    left = found.loc[customers, "missing_to_next"].tolist()
    assert left == pytest.approx(mine["missing_to_next"].tolist(), nan_ok=True)
