"""Two changes of one programme put together: nothing of either is lost, what nobody can decide is told."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.base import InputError
from crm_core.loyalty.rules import TEMPLATES, plain_of, template
from crm_core.workspace.merging import Clash, Difference, differences, merged
from crm_core.workspace.programme_drafts import NEW, Place, ProgrammeDraft

CLUB: dict[str, Any] = plain_of(template("points_club"))
CHANGES: tuple[tuple[Place, Any], ...] = (
    (("name",), "POINTS club"),
    (("calendar",), "jalali"),
    (("members", "kinds"), ["person"]),
    (("caps", "day"), 70),
    (("caps", "month"), None),
    (("expiry",), None),
    (("expiry",), {"kind": "inactivity", "days": 200}),
    (("expiry", "days"), 90),
    (("tiers", "within_days"), 180),
    (("tiers", "steps", 0, "from"), 200),
    (("tiers", "steps", 1, "name"), "Ruby"),
    (("tiers", "steps", 1, "discount"), 2),
    (("tiers", "steps", 0), None),
    (("tiers", "steps", 2), {"name": "Moon", "from": 5000}),
    (("earn", 0, "points"), 2),
    (("earn", 0, "channels"), ["web"]),
    (("earn", 1), dict(NEW["referral"])),
    (("earn", 2), dict(NEW["purchase"])),
    (("rewards", 0, "cost"), 3),
    (("rewards", 1), None),
    (("redemption", "likely"), 0.6),
    (("running_cost",), None),
    (("running_cost", "year"), 900),
    (("indicators", 0, "weight"), 1),
    (("indicators", 0, "bands", 1, "points"), 4),
)


def changed(told: dict[str, Any], *changes: tuple[Place, Any]) -> dict[str, Any]:
    """What a programme says with other values in some places; those that no programme takes are left out."""
    draft = ProgrammeDraft(template("points_club"), "", 0, told, told, CLUB_PROGRAMME)
    for place, value in changes:
        try:
            draft = draft.put(place, copy.deepcopy(value))
        except (InputError, IndexError, KeyError):
            continue
    return dict(draft.told)


CLUB_PROGRAMME = ProgrammeDraft.of(template("points_club"), 0).programme
several = st.lists(st.sampled_from(CHANGES), max_size=5)


@settings(max_examples=30)
@given(st.sampled_from(TEMPLATES), several)
def test_what_only_one_has_changed_stays_as_it_is(name: str, changes: list[tuple[Place, Any]]) -> None:
    base = plain_of(template(name))
    mine = changed(base, *changes)
    assert merged(base, mine, base).told == mine
    assert merged(base, base, mine).told == mine
    assert merged(base, mine, mine).told == mine
    assert not merged(base, mine, base).clashes + merged(base, base, mine).clashes


@settings(max_examples=30)
@given(st.sampled_from(TEMPLATES), several, several)
def test_without_a_clash_it_is_the_same_whoever_is_asked(
    name: str, ours: list[tuple[Place, Any]], others: list[tuple[Place, Any]]
) -> None:
    base = plain_of(template(name))
    mine, theirs = changed(base, *ours), changed(base, *others)
    one, other = merged(base, mine, theirs), merged(base, theirs, mine)
    assert {clash.place for clash in one.clashes} == {clash.place for clash in other.clashes}
    if not one.clashes:
        assert one.told == other.told
    every = {clash.place: "theirs" for clash in one.clashes}
    assert merged(base, mine, theirs, every).told == other.told  # type: ignore[arg-type]  # a literal


@settings(max_examples=30)
@given(several, several)
def test_nothing_of_either_goes_unless_it_is_told(
    ours: list[tuple[Place, Any]], others: list[tuple[Place, Any]]
) -> None:
    mine, theirs = changed(CLUB, *ours), changed(CLUB, *others)
    found = merged(CLUB, mine, theirs)
    assert merged(CLUB, found.told, theirs).told == found.told, "all of theirs is in it already"
    if not found.clashes:
        assert merged(CLUB, found.told, mine).told == found.told, "and all of mine"


@settings(max_examples=30)
@given(several)
def test_differences_are_none_exactly_where_both_say_the_same(changes: list[tuple[Place, Any]]) -> None:
    mine = changed(CLUB, *changes)
    assert bool(differences(CLUB, mine)) == (mine != CLUB)


@pytest.mark.parametrize(
    ("ours", "others"),
    [
        ((("tiers", "steps", 1, "from"), 1200), (("tiers", "steps", 1, "discount"), 3)),
        ((("tiers", "steps", 1, "name"), "Ruby"), (("tiers", "steps", 1, "from"), 1200)),
        ((("rewards", 0, "cost"), 3), (("rewards", 0, "points"), 150)),
        ((("running_cost", "year"), 800), (("running_cost", "member_year"), 2)),
    ],
)
def test_different_fields_merge_by_themselves(ours: tuple[Place, Any], others: tuple[Place, Any]) -> None:
    found = merged(CLUB, changed(CLUB, ours), changed(CLUB, others))
    assert found.told == changed(CLUB, ours, others)
    assert (found.clashes, found.error) == ((), None)


def test_one_takes_a_tier_out_and_the_other_changes_another() -> None:
    mine = changed(CLUB, (("tiers", "steps", 0), None))
    theirs = changed(CLUB, (("tiers", "steps", 1, "from"), 1200))
    found = merged(CLUB, mine, theirs)
    assert [step["from"] for step in found.told["tiers"]["steps"]] == [1200]
    assert not found.clashes
    assert merged(CLUB, changed(CLUB, (("tiers", "steps", 1), None)), theirs).clashes == (
        Clash(
            ("tiers", "steps", 1),
            CLUB["tiers"]["steps"][1],
            None,
            {**CLUB["tiers"]["steps"][1], "from": 1200},
        ),
    )


def test_one_adds_and_the_other_changes() -> None:
    mine = changed(CLUB, (("rewards", 2), {"name": "Trip", "points": 900, "cost": 30}))
    theirs = changed(CLUB, (("rewards", 0, "cost"), 3))
    found = merged(CLUB, mine, theirs)
    assert [one["cost"] for one in found.told["rewards"]] == [3, 12, 30]
    assert not found.clashes


def test_both_add_so_the_list_is_one_field() -> None:
    mine = changed(CLUB, (("earn", 2), dict(NEW["referral"])))
    theirs = changed(CLUB, (("earn", 2), dict(NEW["purchase"])))
    found = merged(CLUB, mine, theirs)
    assert [clash.place for clash in found.clashes] == [("earn",)]
    assert merged(CLUB, mine, theirs, {("earn",): "theirs"}).told == theirs


def test_an_order_that_changed_is_one_field() -> None:
    mine = {**CLUB, "rewards": CLUB["rewards"][::-1]}
    found = merged(CLUB, mine, changed(CLUB, (("rewards", 0, "cost"), 3)))
    assert [clash.place for clash in found.clashes] == [("rewards",)]


def test_an_item_in_the_place_of_another_is_not_given_what_was_the_others() -> None:
    mine = changed(CLUB, (("tiers", "steps", 1), None))
    mine = changed(mine, (("tiers", "steps", 1), {"name": "Moon", "from": 2000}))
    found = merged(CLUB, mine, changed(CLUB, (("tiers", "steps", 1, "discount"), 2)))
    assert [clash.place for clash in found.clashes] == [("tiers", "steps", 1)]


def test_another_kind_of_expiry_is_another_expiry() -> None:
    mine = changed(CLUB, (("expiry",), {"kind": "year_end", "years": 1}))
    theirs = changed(CLUB, (("expiry", "days"), 90))
    found = merged(CLUB, mine, theirs)
    assert [clash.place for clash in found.clashes] == [("expiry",)]
    for side, told in (("mine", mine), ("theirs", theirs)):
        decided = merged(CLUB, mine, theirs, {("expiry",): side})  # type: ignore[dict-item]  # a literal
        assert (decided.told["expiry"], decided.error) == (told["expiry"], None)


def test_two_changes_that_do_not_hold_together_say_so() -> None:
    mine = changed(CLUB, (("tiers", "steps", 0, "from"), 900))
    theirs = changed(CLUB, (("tiers", "steps", 1, "from"), 800))
    found = merged(CLUB, mine, theirs)
    assert not found.clashes
    assert found.error is not None
    assert found.error.key == "loyalty.programme.tier_below"


def test_differences_name_each_field() -> None:
    later = changed(
        CLUB,
        (("tiers", "steps", 1, "from"), 600),
        (("rewards", 0), None),
        (("earn", 2), dict(NEW["referral"])),
        (("caps", "day"), 9),
    )
    assert sorted(differences(CLUB, later), key=lambda one: str(one.place)) == [
        Difference(("caps", "day"), None, 9),
        Difference(("earn", 2), None, NEW["referral"]),
        Difference(("rewards", 0), CLUB["rewards"][0], None),
        Difference(("tiers", "steps", 1, "from"), 1000, 600),
    ]
