"""A programme in the making: by fields or as text, and whatever is wrong, nothing that was said is lost."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.base import InputError
from crm_core.loyalty.rules import TEMPLATES, Step, read_programme, template
from crm_core.workspace.programme_drafts import NEW, Line, Place, ProgrammeDraft, changes

CLUB = ProgrammeDraft.of(template("points_club"), 3)


def test_a_draft_begins_as_the_version_that_it_changes() -> None:
    assert CLUB.text == CLUB.kept == template("points_club")
    assert (CLUB.after, CLUB.changed, CLUB.error, CLUB.is_shaped) == (3, False, None, True)
    assert CLUB.programme == read_programme(template("points_club"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_field_that_says_the_same_changes_no_programme(name: str) -> None:
    draft = ProgrammeDraft.of(template(name), 0)
    put = draft.put(("name",), draft.told["name"])
    assert put.programme == draft.programme
    assert read_programme(put.text) == draft.programme


@pytest.mark.parametrize(
    ("place", "value", "found"),
    [
        (("name",), "باشگاه ما", lambda one: one.name == "باشگاه ما"),
        (("calendar",), "jalali", lambda one: one.calendar == "jalali"),
        (("caps", "day"), 50, lambda one: one.caps.day == 50),
        (("caps", "month"), None, lambda one: one.caps.month == 0),
        (("expiry",), None, lambda one: one.expiry is None),
        (("tiers", "steps", 0, "from"), 200, lambda one: one.tiers.steps[0].at == 200),
        (("tiers", "steps", 1), None, lambda one: len(one.tiers.steps) == 1),
        (
            ("tiers", "steps", 2),
            {"name": "Moon", "from": 5000},
            lambda one: one.tiers.steps[2] == Step("Moon", 5000),
        ),
        (("earn", 2), dict(NEW["referral"]), lambda one: one.earn[2].earning == "referral"),
        (("earn", 0, "channels"), ["web"], lambda one: one.earn[0].channels == ("web",)),
        (("rewards", 0, "points"), 150, lambda one: one.rewards[0].points == 150),
        (("redemption", "likely"), 0.6, lambda one: one.redemption.likely == 0.6),
        (("running_cost", "year"), 900, lambda one: one.running_cost.year == 900),
    ],
)
def test_a_field_changes_what_it_says_and_nothing_else(place: Place, value: object, found: Any) -> None:
    put = CLUB.put(place, value)
    assert found(put.programme)
    assert put.changed
    assert read_programme(put.text) == put.programme
    assert CLUB.text == template("points_club"), "a draft is another one"


@pytest.mark.parametrize("kind", sorted(NEW))
def test_a_rule_of_each_kind_can_be_added(kind: str) -> None:
    assert CLUB.put(("earn", 2), dict(NEW[kind])).error is None


def test_what_has_nothing_left_is_gone() -> None:
    draft = CLUB.put(("tiers", "steps", 1), None).put(("tiers", "steps", 0), None)
    assert draft.programme.tiers is None
    assert draft.put(("caps", "month"), None).told.get("caps") is None


def test_a_tier_below_its_predecessor_is_told_and_shown() -> None:
    put = CLUB.put(("tiers", "steps", 1, "from"), 100)
    assert put.error is not None
    assert put.error.key == "loyalty.programme.tier_below"
    assert put.told["tiers"]["steps"][1]["from"] == 100, "the field says what was put"
    assert put.programme == CLUB.programme, "the last one in order stays"
    assert put.is_shaped
    mended = put.put(("tiers", "steps", 1, "from"), 900)
    assert mended.error is None
    assert mended.programme.tiers is not None
    assert mended.programme.tiers.steps[1].at == 900


@pytest.mark.parametrize(
    ("place", "value"),
    [(("name",), ""), (("caps", "day"), 0), (("earn", 0, "unit"), 0), (("expiry", "kind"), "x")],
)
def test_what_no_programme_can_say_is_refused_and_the_draft_stays(place: Place, value: object) -> None:
    with pytest.raises(InputError, match=r"loyalty\.programme\.wrong"):
        CLUB.put(place, value)


def test_a_malformed_text_is_kept_and_told_by_its_line() -> None:
    text = template("points_club").replace("caps: {", "caps: [")
    written = CLUB.written(text)
    assert written.text == text
    assert written.error is not None
    assert written.error.key == "loyalty.programme.unreadable"
    assert written.programme == CLUB.programme
    assert not written.is_shaped, "no field may write over it"
    mended = written.written(template("points_club") + "# remark\n")
    assert (mended.error, mended.programme) == (None, CLUB.programme)
    assert mended.changed


def test_a_text_of_another_shape_is_kept_and_told_by_its_place() -> None:
    written = CLUB.written("name: x\nmembers: {who: nobody}\n")
    assert written.error is not None
    assert written.error.values["place"] == "members.who"
    assert not written.is_shaped


def test_changes_are_lines_that_went_and_came() -> None:
    assert changes("a\nb\nc\nd\n", "a\nb\nx\nd\n") == (
        *(Line("same", "b"), Line("gone", "c"), Line("new", "x"), Line("same", "d")),
    )
    assert changes("a\n", "a\n") == ()
    assert changes("-- a\n", "++ b\n") == (Line("gone", "-- a"), Line("new", "++ b"))
