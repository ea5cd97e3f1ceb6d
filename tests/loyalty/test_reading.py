"""Programmes are read and written without loss, and whatever is wrong is told by key, place and value."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.base import Id, InputError
from crm_core.loyalty.rules import (
    LONGEST,
    SCHEMA_FILE,
    TEMPLATES,
    Expiry,
    Members,
    Programme,
    read_programme,
    template,
    write_programme,
)

LEAST = "name: p\nmembers: {who: everybody}\n"
EARN = "earn: [{for: purchase, points: 1}]\n"


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_written_as_it_was_read(name: str) -> None:
    programme = read_programme(template(name))
    text = write_programme(programme)
    assert read_programme(text) == programme
    assert write_programme(read_programme(text)) == text


def test_everything_that_can_be_said_survives() -> None:
    text = (
        LEAST
        + EARN
        + (
            "calendar: jalali\n"
            "caps: {purchase: 9, day: 10, month: 11}\n"
            "expiry: {kind: year_end, years: 2}\n"
            "tiers: {by: tenure, review: year, grace: 2, way_down: straight, steps: [{name: طلایی, from: 0},"
            " {name: ทอง, from: 30, multiplier: 1.15, discount: 2.55}]}\n"
            "rewards: [{name: r, points: 5, cost: 1.5}]\n"
            "redemption: {low: 0, likely: 0.5, high: 1}\n"
            "running_cost: {year: 100, member_year: 0.5}\n"
            "indicators: [{indicator: channel_share, weight: 2, channels: [web], within_days: 30,"
            " bands: [{from: 0, points: -1}, {from: 0.5, points: 2}]}]\n"
        )
    )
    programme = read_programme(text)
    assert programme.tiers is not None
    assert [step.multiplier for step in programme.tiers.steps] == [100, 115]
    assert programme.tiers.steps[1].discount == 255
    assert programme.expiry == Expiry("year_end", years=2)
    assert read_programme(write_programme(programme)) == programme


UNSEEN = ("\u200b", "\u200e", "\u2060", "\u00ad", "\u200c", "\u200d", "\ufe0f", "\u2800", "\u3164", "\ufeff")


@pytest.mark.parametrize("unseen", UNSEEN)
@pytest.mark.parametrize("name", ["{}", "{}{}", "Gold{}", "{}Gold", "Go{}ld", "ทอง{}", "طلایی{}"])
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name: NAME\nmembers: {who: everybody}\n" + EARN, "name"),
        (LEAST + "tiers: {by: amount, steps: [{name: NAME, from: 1}]}", "tiers.steps[1].name"),
        (
            LEAST
            + EARN
            + "redemption: {low: 0, likely: 0, high: 1}\nrewards: [{name: NAME, points: 1, cost: 1}]",
            "rewards[1].name",
        ),
    ],
)
def test_a_name_with_what_nobody_sees_is_told(text: str, place: str, name: str, unseen: str) -> None:
    with pytest.raises(InputError) as told:
        read_programme(text.replace("NAME", '"' + name.replace("{}", unseen) + '"'))
    assert told.value.key == "loyalty.programme.name_unseen"
    assert told.value.values == {"place": place}


@pytest.mark.parametrize(
    "name", ["نقره‌ای", "خوش‌حسابِ ما", "สมาชิกที่นี่", "น้ำ", "É", "E\u0301", "❤️", "👩‍👧", "5 ★", "क्‍ष", "!"]
)
def test_a_name_has_what_its_script_needs(name: str) -> None:
    text = LEAST + f'tiers: {{by: amount, steps: [{{name: "{name}", from: 1}}]}}'
    tiers = read_programme(text).tiers
    assert tiers is not None
    assert tiers.steps[0].name == name


def test_names_that_differ_in_nothing_seen_are_one() -> None:
    steps = '{name: "کتاب‌ها", from: 1}, {name: "کتابها", from: 2}'
    with pytest.raises(InputError, match="name_twice"):
        read_programme(LEAST + f"tiers: {{by: amount, steps: [{steps}]}}")


def test_a_whole_number_is_one_however_it_is_written() -> None:
    caps, expiry = "caps: {day: 100.0, month: 2.0e+2}\n", "expiry: {kind: fixed, days: 9.0}"
    plain = "caps: {day: 100, month: 200}\nexpiry: {kind: fixed, days: 9}"
    assert repr(read_programme(LEAST + EARN + caps + expiry)) == repr(read_programme(LEAST + EARN + plain))


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("", "wrong", {"place": "programme"}),
        ("- a\n- b", "wrong", {"place": "programme"}),
        ("name: p\n", "missing", {"name": "members"}),
        ("name: [\n", "unreadable", {"line": 1, "quote": Id("name: [")}),
        ("name: p\nname: q\nmembers: {who: everybody}\n", "unreadable", {"line": 2, "quote": Id("name: q")}),
        ("name: p\nmembers: \x07x\n", "unreadable", {"line": 2, "quote": Id("members: \ufffdx")}),
        (f"name: p\n- {'x' * 99}", "unreadable", {"line": 2, "quote": Id(f"- {'x' * 58}…")}),
        ("a: &x {b: c}\nd: *x\n", "unreadable", {}),
        (
            "name: p\nmembers: {who: nobody}\n",
            "wrong",
            {"place": "members.who", "allowed": "everybody, joined"},
        ),
        ("name: p\nmembers: {who: joined}\n" + EARN, "missing", {"place": "members", "name": "campaign"}),
        (LEAST, "gives_nothing", {}),
        (LEAST + "colour: red\n" + EARN, "unknown", {"name": "colour"}),
        (LEAST + "earn: [{for: amount, points: 1}]", "missing", {"place": "earn[1]", "name": "unit"}),
        (LEAST + "earn: [{for: punctual, points: 1}]", "missing", {"place": "earn[1]", "name": "days_early"}),
        (
            LEAST + "earn: [{for: joining, points: 1, unit: 2}]",
            "not_for",
            {"name": "unit", "kind": "joining"},
        ),
        (LEAST + "earn: [{for: repeat, points: 1}]", "missing", {"place": "earn[1]", "name": "number"}),
        (
            LEAST + "earn: [{for: variety, points: 1, number: 2}]",
            "not_for",
            {"name": "number", "kind": "variety"},
        ),
        (LEAST + "earn: [{for: purchase, points: -1}]", "wrong", {"place": "earn[1].points"}),
        (LEAST + "earn: [{for: purchase, points: .nan}]", "unreadable", {}),
        (LEAST + EARN + "caps:\n  day: 010", "unreadable", {"line": 5}),
        (LEAST + EARN + "caps:\n  day: 1:30", "unreadable", {"line": 5}),
        (LEAST + EARN + "caps:\n  <<: {day: 1}", "unreadable", {"line": 5}),
        (LEAST + EARN + "caps:\n  day: 1\n  day: 2", "unreadable", {"line": 6}),
        (LEAST + EARN + "expiry: {kind: inactivity, days: 3, years: 2}", "not_for", {"name": "years"}),
        (
            LEAST + "tiers: {by: amount, steps: [{name: a, from: 1, multiplier: 1.004}]}",
            "wrong",
            {"place": "tiers.steps[1].multiplier"},
        ),
        (LEAST + "earn: [{for: amount, points: 1, unit: .inf}]", "unreadable", {}),
        (LEAST + "earn: [{for: amount, points: 1, unit: 0}]", "wrong", {"place": "earn[1].unit"}),
        (LEAST + "earn: [{for: purchase, points: true}]", "wrong", {"place": "earn[1].points"}),
        (
            LEAST + "tiers: {by: amount, steps: [{name: a, from: 9}, {name: b, from: 9}]}",
            "tier_below",
            {"name": "b", "before": "a"},
        ),
        (
            LEAST + "tiers: {by: amount, steps: [{name: a, from: 1}, {name: a, from: 9}]}",
            "name_twice",
            {"name": "a"},
        ),
        (LEAST + "tiers: {by: points, steps: [{name: a, from: 1}]}", "no_points", {"name": "a"}),
        (LEAST + "tiers: {by: amount, steps: []}", "wrong", {"place": "tiers.steps"}),
        (LEAST + EARN + "rewards: [{name: r, points: 5, cost: 1}]", "missing", {"name": "redemption"}),
        (LEAST + EARN + "redemption: {low: 0.5, likely: 0.4, high: 1}", "shares_not_rising", {}),
        (
            LEAST + EARN + "caps: {month: 10}\nexpiry: {kind: fixed, days: 28}\nredemption: "
            "{low: 0, likely: 0, high: 1}\nrewards: [{name: r, points: 21, cost: 1}]",
            "reward_beyond",
            {"name": "r", "points": 21, "most": 20},
        ),
        (
            LEAST + EARN + "caps: {day: 2}\nexpiry: {kind: year_end}\nredemption: "
            "{low: 0, likely: 0, high: 1}\nrewards: [{name: r, points: 733, cost: 1}]",
            "reward_beyond",
            {"points": 733, "most": 732},
        ),
        (
            LEAST + "earn: [{for: joining, points: 5}]\nredemption: "
            "{low: 0, likely: 0, high: 1}\nrewards: [{name: r, points: 6, cost: 1}]",
            "reward_beyond",
            {"points": 6, "most": 5},
        ),
        (
            LEAST + EARN + "caps: {day: 3}\n"
            "tiers: {by: points, within_days: 10, steps: [{name: a, from: 30}, {name: b, from: 31}]}",
            "tier_beyond",
            {"name": "b", "at": 31, "most": 30},
        ),
        (LEAST + EARN + "expiry: {kind: fixed}", "missing", {"place": "expiry", "name": "days"}),
        (
            LEAST
            + "indicators: [{indicator: amount, weight: 1,"
            + " bands: [{from: 2, points: 1}, {from: 1, points: 2}]}]",
            "bands_not_rising",
            {"place": "indicators[1]"},
        ),
    ],
)
def test_whatever_is_wrong_is_told(text: str, key: str, values: dict[str, object]) -> None:
    with pytest.raises(InputError) as told:
        read_programme(text)
    assert told.value.key == f"loyalty.programme.{key}"
    assert values.items() <= told.value.values.items()


@pytest.mark.parametrize(
    "more",
    [
        "expiry: {kind: fixed, days: 28}\n",
        "caps: {month: 10}\n",
        "caps: {month: 10}\nexpiry: {kind: inactivity, days: 28}\n",
        "caps: {month: 500}\nexpiry: {kind: fixed, days: 28}\n",
        "caps: {purchase: 1}\nexpiry: {kind: fixed, days: 1}\n",
    ],
)
def test_what_some_member_may_come_to_is_no_contradiction(more: str) -> None:
    rewards = "redemption: {low: 0, likely: 0, high: 1}\nrewards: [{name: r, points: 1000, cost: 1}]\n"
    assert read_programme(LEAST + EARN + more + rewards).rewards[0].points == 1000


def test_a_text_that_is_too_long_is_not_read() -> None:
    with pytest.raises(InputError, match="too_long"):
        read_programme("#" * (LONGEST + 1))


@given(st.text(max_size=200))
def test_no_text_brings_it_down(text: str) -> None:
    with contextlib.suppress(InputError):
        assert isinstance(read_programme(text), Programme)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(InputError, match="unreadable"):
        read_programme("name: " + "[" * 5_000)


def test_the_schema_is_one_that_others_can_read() -> None:
    schema = json.loads(SCHEMA_FILE.read_text("utf-8"))
    assert schema["$schema"].endswith("2020-12/schema")
    assert set(schema["properties"]) == set(Programme.__dataclass_fields__) - {"openings"}
    assert Programme("p", Members("everybody")).earn == ()


def test_a_number_of_very_many_digits_is_told_where_it_stands() -> None:
    text = template("points_club").replace("cost: 2", f"cost: {'9' * 5_000}")
    line = next(at for at, one in enumerate(text.splitlines(), 1) if "999999" in one)
    with pytest.raises(InputError) as refused:
        read_programme(text)
    assert (refused.value.key, refused.value.values["line"]) == ("loyalty.programme.unreadable", line)
