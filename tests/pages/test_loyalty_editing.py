"""Changing a programme on its page: replayed at once, kept in versions, and nothing lost on the way."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from crm_core.i18n import LANGUAGES, language
from crm_core.loyalty.metrics import loyalty_members
from crm_core.loyalty.rules import Members, template
from crm_core.periods import date_of, day_of
from crm_core.workspace import open_base, programmes
from crm_core.workspace.openings import bring_openings
from tests.pages.drawn import Drawn, drawn

CLUB = template("points_club")


@pytest.fixture(autouse=True)
def base(demonstration_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A base of its own: programmes are kept beside it."""
    shutil.copytree(demonstration_base, tmp_path / "base")
    monkeypatch.setenv("MOSHTARI_BASE", str(tmp_path / "base"))
    return str(tmp_path / "base")


def page() -> None:
    from pages import loyalty

    loyalty.render()


def put(found: Drawn, kind: str, key: str, value: Any) -> Drawn:
    """Set a field, and let the page run."""
    getattr(found.app, kind)(key=f"mo-{key}").set_value(value).run()
    assert not found.app.exception, found.app.exception
    return found


def press(found: Drawn, key: str) -> Drawn:
    found.app.button(key=f"mo-edit-{key}").click().run()
    assert not found.app.exception, found.app.exception
    return found


def failures(found: Drawn) -> list[str]:
    return found.texts("mo-note mo-failure")


def text_of(found: Drawn) -> str:
    return str(found.app.text_area(key="mo-programme-text").value)


def test_a_changed_field_is_replayed_at_once() -> None:
    found = drawn(page, lang="en", programme="points_club")
    before = found.texts("mo-answer")
    put(found, "number_input", "edit-rewards-0-cost", 20.0)
    assert found.texts("mo-answer") != before
    assert "cost: 20" in text_of(found)
    assert not failures(found)
    press(found, "discard")
    assert found.texts("mo-answer") == before
    assert text_of(found) == CLUB


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_malformed_text_is_one_sentence_and_is_still_there(code: str) -> None:
    found = drawn(page, lang=code, programme="points_club")
    before = found.texts("mo-answer")
    broken = CLUB.replace("caps: {", "caps: [")
    put(found, "text_area", "programme-text", broken)
    line = broken.splitlines().index("caps: [month: 5000}") + 1
    assert failures(found) == [language(code).say("loyalty.programme.unreadable", line=line)]
    assert text_of(found) == broken
    assert found.texts("mo-answer") == before, "the last one in order is shown"
    assert not [one for one in found.app.number_input if str(one.key).startswith("mo-edit-")], (
        "no field writes over it"
    )
    assert found.app.button(key="mo-edit-save").disabled
    found.app.run()
    assert text_of(found) == broken, "another run loses nothing"


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_tier_below_its_predecessor_is_one_sentence(code: str) -> None:
    found = put(
        drawn(page, lang=code, programme="points_club"), "number_input", "edit-tiers-steps-1-from", 100.0
    )
    told = language(code).say("loyalty.programme.tier_below", name="Gold", before="Silver")
    assert failures(found) == ["".join(letter for letter in told if letter not in "\u2066\u2068\u2069")]
    assert found.app.number_input(key="mo-edit-tiers-steps-1-from").value == 100
    put(found, "number_input", "edit-tiers-steps-1-from", 900.0)
    assert not failures(found)


def test_a_programme_is_kept_and_changed_in_versions(base: str) -> None:
    found = put(drawn(page, lang="en", programme="points_club"), "text_input", "edit-name", "باشگاه ما")
    press(found, "save")
    assert found.app.query_params["programme"] == "باشگاه ما"
    assert programmes.read(base, "باشگاه ما").version == 1
    put(found, "number_input", "edit-rewards-0-points", 150)
    press(found, "save")
    assert programmes.read(base, "باشگاه ما").programme.rewards[0].points == 150
    assert [one.version for one in programmes.history(base, "باشگاه ما")] == [2, 1]
    press(found, "restore")
    assert programmes.read(base, "باشگاه ما").again == 1
    assert found.app.number_input(key="mo-edit-rewards-0-points").value == 100


def test_of_two_who_change_a_programme_the_second_is_told_and_loses_nothing(base: str) -> None:
    programmes.save(base, CLUB)
    found = drawn(page, lang="en", programme="Points club")
    put(found, "number_input", "edit-rewards-0-points", 150)
    programmes.save(base, CLUB.replace("cost: 2}", "cost: 3}"), after=1)
    press(found, "save")
    assert len(failures(found)) == 1
    assert "version 2" in failures(found)[0]
    shown = found.html
    assert "<del>− " in shown
    assert "cost: 3" in shown
    assert found.app.number_input(key="mo-edit-rewards-0-points").value == 150
    press(found, "mine")
    kept = programmes.read(base, "Points club")
    assert (kept.version, kept.programme.rewards[0].points) == (3, 150)
    assert not failures(found)


def test_who_changes_nothing_sees_what_another_has_saved(base: str) -> None:
    programmes.save(base, CLUB)
    found = drawn(page, lang="en", programme="Points club")
    programmes.save(base, CLUB.replace("cost: 2}", "cost: 3}"), after=1)
    found.app.run()
    assert "cost: 3" in text_of(found)
    assert not failures(found)


def test_another_programme_of_the_name_is_not_written_over(base: str) -> None:
    programmes.save(base, CLUB.replace("points: 100", "points: 110"))
    found = press(drawn(page, lang="en", programme="points_club"), "save")
    assert len(failures(found)) == 1
    assert programmes.read(base, "Points club").version == 1
    press(found, "theirs")
    assert found.app.query_params["programme"] == "Points club"
    assert "points: 110" in text_of(found)


def test_rules_tiers_and_rewards_are_added_and_removed() -> None:
    found = drawn(page, lang="fa", programme="points_club")
    for key in ("earn-2-new", "tiers-steps-2-new", "rewards-2-new"):
        press(found, key)
    assert not failures(found)
    put(found, "selectbox", "edit-earn-2-for", "purchase")
    for key in ("earn-2-remove", "tiers-steps-2-remove", "rewards-2-remove"):
        press(found, key)
    assert not failures(found)


def test_a_damaged_programme_is_in_nobodys_way(base: str) -> None:
    programmes.save(base, CLUB)
    programmes.save(base, CLUB.replace("Points club", "Other"))
    path = next(path for path in Path(base).glob("programmes/*/*.yaml") if "other" in path.parent.name)
    path.write_text("rubbish")
    found = drawn(page, lang="en", programme="Points club")
    assert len(failures(found)) == 1
    assert "Other" not in failures(found)[0], "no version of it can be read, so its directory is named"
    assert text_of(found) == CLUB


def test_a_programme_whose_newest_version_is_damaged_goes_back_to_the_one_before(base: str) -> None:
    programmes.save(base, CLUB)
    programmes.save(base, CLUB.replace("points: 100", "points: 110"), after=1)
    next(Path(base).glob("programmes/*/000002.yaml")).write_text("rubbish")
    found = put(drawn(page, lang="en", programme="discount_ladder"), "text_input", "edit-name", "Mine")
    assert "Points club" in failures(found)[0]
    press(found, "sound-0")
    assert not failures(found)
    assert found.app.text_input(key="mo-edit-name").value == "Mine", "what was in hand stays"
    assert (programmes.read(base, "Points club").version, programmes.read(base, "Points club").again) == (
        3,
        1,
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_nobody_would_meet_is_told_and_can_be_saved(code: str, base: str) -> None:
    programmes.save(base, CLUB.replace("unit: 1}", "unit: 1, channels: [moon]}"))
    found = drawn(page, lang=code, programme="Points club")
    told = language(code).say("loyalty.doubt.channel", name="moon")
    plain = "".join(letter for letter in told if letter not in "\u2066\u2068\u2069")
    assert plain in found.texts("mo-note mo-notice")
    assert not failures(found)


def test_opening_balances_are_told_and_left_out_once_they_do_not_fit(base: str, tmp_path: Path) -> None:
    programmes.save(base, CLUB)
    workspace = open_base(base)
    day = date_of(day_of(workspace.as_of) - 400)
    rows = workspace.ask()(loyalty_members, as_of=day, members=Members("everybody"), begin=day)
    (tmp_path / "balances.csv").write_text(
        "customer_id,points,tier\n" + "".join(f"{one},90,Gold\n" for one in rows["customer_id"])
    )
    before = drawn(page, lang="en", programme="Points club").texts("mo-answer")
    bring_openings(workspace, "Points club", tmp_path / "balances.csv", day)
    found = drawn(page, lang="en", programme="Points club")
    assert found.texts("mo-answer") != before
    told = language("en").say("loyalty.edit.openings_now", date=day, count=len(rows), points=90 * len(rows))
    assert told in found.texts("mo-subtitle")
    put(found, "text_input", "edit-tiers-steps-1-name", "Ruby")
    assert len(failures(found)) == 1
    assert "Gold" in failures(found)[0]
    assert found.app.text_input(key="mo-edit-tiers-steps-1-name").value == "Ruby"


def test_opening_balances_wait_for_a_programme_that_is_kept() -> None:
    found = drawn(page, lang="th", programme="points_club")
    assert language("th").say("loyalty.edit.openings_save_first") in found.texts("mo-subtitle")
