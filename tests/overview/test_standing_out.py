"""From where on something stands out, and that chance does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.overview.rules import FINDINGS_SHOWN, Buying, FindingName, Repeat, what_stands_out

BEFORE = Buying(
    active_customers=1_000,
    new_customers=400,
    lost_customers=300,
    order_count=4_000,
    customer_revenue=200_000,
    guest_revenue=0,
    revenue=200_000,
    margin=100_000,
)


def names(now: Buying, before: Buying | None = BEFORE) -> list[str]:
    return [one.name for one in what_stands_out(now, before, None)]


def test_nothing_stands_out_where_nothing_changed() -> None:
    assert what_stands_out(BEFORE, BEFORE, (Repeat(50, 50), Repeat(50, 50))) == ()


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"lost_customers": 400}, "lost_customers"),
        ({"new_customers": 300}, "fewer_new"),
        ({"new_customers": 500}, "more_new"),
        ({"order_count": 3_700, "customer_revenue": 185_000}, "purchases_per_customer"),
        ({"customer_revenue": 185_000}, "average_order_value"),
        ({"margin": 95_000}, "margin"),
        ({"guest_revenue": 50_000, "revenue": 250_000, "margin": 125_000}, "guests"),
    ],
)
def test_each_rule_finds_its_own(changed: dict[str, int], name: FindingName) -> None:
    assert names(replace(BEFORE, **changed)) == [name]


@pytest.mark.parametrize(
    "changed",
    [
        {"lost_customers": 329},
        {"new_customers": 361},
        {"new_customers": 439},
        {"order_count": 3_801, "customer_revenue": 190_050},
        {"customer_revenue": 190_100},
        {"margin": 96_100},
        {"guest_revenue": 49_900, "revenue": 249_900, "margin": 125_000},
        {"margin": None},
        {"new_customers": None, "lost_customers": None},
    ],
)
def test_what_stays_below_its_mark_or_is_unknown_does_not_stand_out(changed: dict[str, int | None]) -> None:
    assert names(replace(BEFORE, **changed)) == []


def test_more_lost_by_a_base_that_grew_as_much_do_not_stand_out() -> None:
    grown = replace(
        BEFORE,
        active_customers=1_400,
        new_customers=400,
        lost_customers=400,
        order_count=5_600,
        customer_revenue=280_000,
    )
    assert names(grown) == []
    assert names(replace(grown, lost_customers=500)) == ["lost_customers"]


def test_what_chance_explains_does_not_stand_out() -> None:
    small = replace(BEFORE, new_customers=30, lost_customers=30)
    assert names(replace(small, new_customers=36, lost_customers=36), small) == []
    assert names(replace(small, new_customers=60), small) == ["more_new"]


def test_few_customers_on_either_side_stand_out_for_nothing() -> None:
    few = replace(BEFORE, active_customers=ENOUGH_CUSTOMERS - 1)
    changed = replace(BEFORE, new_customers=4_000, margin=10)
    assert names(changed, few) == []
    assert names(replace(changed, active_customers=ENOUGH_CUSTOMERS - 1)) == []


def test_guests_need_no_period_before() -> None:
    guests = replace(BEFORE, guest_revenue=100_000)
    assert names(guests, None) == ["guests"]
    assert names(replace(guests, revenue=-5), None) == []


@pytest.mark.parametrize(
    ("now", "before", "found"),
    [
        (Repeat(400, 600), Repeat(500, 500), True),
        (Repeat(500, 500), Repeat(400, 600), False),
        (Repeat(460, 540), Repeat(500, 500), False),
        (Repeat(12, 18), Repeat(15, 15), False),
        (Repeat(0, 24), Repeat(24, 0), False),
    ],
)
def test_a_month_stands_out_by_its_share_of_buyers_who_did_not_come_back(
    now: Repeat, before: Repeat, found: bool
) -> None:
    assert [one.name for one in what_stands_out(BEFORE, None, (now, before))] == ["dormant"] * found


def test_the_furthest_past_its_mark_comes_first_and_not_more_than_three() -> None:
    now = replace(BEFORE, new_customers=40, lost_customers=600, margin=80_000, guest_revenue=60_000)
    found = what_stands_out(now, BEFORE, None)
    assert [one.name for one in found] == ["lost_customers", "fewer_new", "margin"]
    assert len(found) == FINDINGS_SHOWN
    assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)
