"""Changing a programme on its page: replayed at once, kept in versions, and nothing lost on the way."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest

from crm_core.i18n import LANGUAGES, language
from crm_core.loyalty.estimates import loyalty_accounts, loyalty_cost
from crm_core.loyalty.metrics import loyalty_members
from crm_core.loyalty.rules import GOALS, NAMED_PARTS, Members, template
from crm_core.periods import date_of, day_of
from crm_core.ui.loyalty import programme_form
from crm_core.workspace import open_base, programmes
from crm_core.workspace.openings import bring_openings, with_openings
from tests.pages.drawn import INVISIBLE, Drawn, drawn, said

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


def opened(found: Drawn, code: str, part: str) -> bool:
    """Whether a part of the editor stands open."""
    words = language(code).say(f"loyalty.edit.part.{part}")
    return any(one.proto.expanded for one in found.app.expander if one.label.startswith(words))


def shown(label: str) -> str:
    """A label of a field as it is read."""
    return INVISIBLE.sub("", label).replace("\\", "")


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
    assert failures(found) == [
        said(language(code), "loyalty.programme.unreadable", line=line, quote="caps: [month: 5000}")
    ]
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
    spoken = language(code)
    gold, silver = (spoken.say(NAMED_PARTS[name]) for name in ("Gold", "Silver"))
    told = spoken.say("loyalty.programme.tier_below", name=gold, before=silver)
    plain = "".join(letter for letter in told if letter not in "\u2066\u2068\u2069")
    assert failures(found) == [plain]
    assert found.texts("mo-note mo-failure mo-here") == [plain], "it stands at its part, too"
    assert found.texts("mo-result-fault") == [plain], "and beside the fields"
    assert opened(found, code, "tiers")
    assert not opened(found, code, "rewards")
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
    again = language("en").say("loyalty.programmes.kept_again", name="باشگاه ما", version=3, again=1)
    assert INVISIBLE.sub("", again) in found.texts("mo-note mo-notice")
    assert programmes.read(base, "باشگاه ما").again == 1
    assert found.app.number_input(key="mo-edit-rewards-0-points").value == 100


def meets(base: str, *pairs: tuple[str, str], lang: str = "en") -> Drawn:
    """A page on which rewards[0].points became 150 while somebody else has saved a version 2."""
    programmes.save(base, CLUB)
    found = drawn(page, lang=lang, programme="Points club")
    put(found, "number_input", "edit-rewards-0-points", 150)
    text = CLUB
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    programmes.save(base, text, after=1)
    return press(found, "save")


@pytest.mark.parametrize("code", LANGUAGES)
def test_of_two_who_change_different_fields_both_are_kept(code: str, base: str) -> None:
    found = meets(
        base, ("cost: 2}", "cost: 3}"), ("name: Gold, from: 1000", "name: Gold, from: 600"), lang=code
    )
    assert len(failures(found)) == 1
    assert found.app.number_input(key="mo-edit-rewards-0-points").value == 150
    lines = found.texts("mo-rules")
    tier, reward = (
        said(language(code), key, number=number)
        for key, number in (("loyalty.edit.new_tier", 2), ("loyalty.edit.new_reward", 1))
    )
    assert tier in lines[0]
    assert reward in lines[0]
    assert language(code).number(600) in lines[0]
    assert reward in lines[1]
    assert language(code).number(150) in lines[1]
    assert "steps" not in found.html
    press(found, "both")
    kept = programmes.read(base, "Points club")
    assert (kept.version, kept.programme.rewards[0].points, kept.programme.rewards[0].cost) == (3, 150, 3)
    assert kept.programme.tiers is not None
    assert kept.programme.tiers.steps[1].at == 600
    assert not failures(found)


def test_what_both_have_changed_is_decided_by_the_reader(base: str) -> None:
    found = meets(base, ("points: 100, cost: 2}", "points: 120, cost: 3}"))
    assert found.app.button(key="mo-edit-both").disabled, "nothing is decided yet"
    pick = "mo-edit-pick-2-rewards-0-points"
    radio = found.app.radio(key=pick)
    assert [shown(one) for one in radio.options] == ["Mine: 150", "Version 2: 120"]
    assert shown(radio.label) == "Reward 1 “Small voucher”, Points (was: 100)"
    found.app.radio(key=pick).set_value("mine").run()
    assert (
        "This goes back of what was saved as version 2: Reward 1 “Small voucher”, Points: 120 → 150"
        in found.texts("mo-note mo-notice")
    )
    found.app.radio(key=pick).set_value("theirs").run()
    assert "This goes back of what you changed: Reward 1 “Small voucher”, Points: 150 → 120" in found.texts(
        "mo-note mo-notice"
    )
    press(found, "both")
    reward = programmes.read(base, "Points club").programme.rewards[0]
    assert (reward.points, reward.cost) == (120, 3)


def test_all_that_both_have_changed_is_decided_at_once(base: str) -> None:
    programmes.save(base, CLUB)
    found = drawn(page, lang="en", programme="Points club")
    put(found, "number_input", "edit-rewards-0-points", 150)
    put(found, "number_input", "edit-rewards-0-cost", 4.0)
    programmes.save(base, CLUB.replace("points: 100, cost: 2}", "points: 120, cost: 3}"), after=1)
    press(found, "save")
    press(found, "all-mine")
    press(found, "both")
    reward = programmes.read(base, "Points club").programme.rewards[0]
    assert (reward.points, reward.cost) == (150, 4)


def test_what_does_not_hold_together_is_put_together_to_be_mended(base: str) -> None:
    programmes.save(base, CLUB)
    found = put(
        drawn(page, lang="en", programme="Points club"), "number_input", "edit-tiers-steps-0-from", 900.0
    )
    programmes.save(base, CLUB.replace("from: 1000, multiplier", "from: 800, multiplier"), after=1)
    press(found, "save")
    assert "Gold" in failures(found)[-1]
    press(found, "join")
    assert found.app.number_input(key="mo-edit-tiers-steps-0-from").value == 900
    assert found.app.number_input(key="mo-edit-tiers-steps-1-from").value == 800
    put(found, "number_input", "edit-tiers-steps-1-from", 1000.0)
    press(found, "save")
    assert programmes.read(base, "Points club").version == 3


def test_a_text_that_cannot_be_read_waits_until_it_is_mended(base: str) -> None:
    programmes.save(base, CLUB)
    found = drawn(page, lang="en", programme="Points club")
    put(found, "text_area", "programme-text", "name: [")
    programmes.save(base, CLUB.replace("cost: 2}", "cost: 3}"), after=1)
    found.app.run()
    assert not [one for one in found.app.button if one.key == "mo-edit-both"]
    press(found, "theirs")
    assert "cost: 3" in text_of(found)


def test_versions_differ_in_words(base: str) -> None:
    programmes.save(base, CLUB)
    programmes.save(base, CLUB.replace("name: Gold, from: 1000", "name: Gold, from: 600"), after=1)
    found = drawn(page, lang="en", programme="Points club")
    assert found.texts("mo-rules") == ["Tier 2 “Gold”, From: 1,000 → 600"]
    assert '<details class="mo-as-text">' in found.html


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


def members() -> None:
    from pages import customer

    customer.render()


def with_balances(base: str, file: Path, tier: str = "") -> tuple[dt.date, set[str]]:
    """Keep a programme whose members all bring 90 points of 300 days ago: of which day, and who they are."""
    programmes.save(base, CLUB)
    workspace = open_base(base)
    day = date_of(day_of(workspace.as_of) - 300)
    rows = workspace.ask()(loyalty_members, as_of=day, members=Members("everybody"), begin=day)
    lines = "".join(f"{one},90,{tier}\n" for one in rows["customer_id"])
    file.write_text("customer_id,points,tier\n" + lines)
    bring_openings(workspace, "Points club", file, day)
    return day, set(rows["customer_id"])


def test_opening_balances_count_in_lists_and_comparisons_as_on_the_page(base: str, tmp_path: Path) -> None:
    with_balances(base, tmp_path / "balances.csv", tier="Gold")
    workspace = open_base(base)
    ask, as_of = workspace.ask(), workspace.as_of
    opened_programme = with_openings(base, programmes.read(base, "Points club").programme)
    accounts = ask(loyalty_accounts, as_of=as_of, programme=opened_programme, months=6)
    gold = int((accounts["tier"] == "Gold").sum())
    address = {"programme": "Points club", "months": "6"}
    (told,) = drawn(members, lang="en", tier="2", **address).texts("mo-answer")
    assert gold > 0
    assert told.startswith(f"{gold} member")
    found = drawn(page, lang="en", **address)
    assert "tier=2&amp;programme=Points+club" in found.html, "the page knows its own programme by its address"
    cost = ask(loyalty_cost, as_of=as_of, programme=opened_programme, months=6)
    likely = cost[cost["redeeming"] == "likely"]
    other = drawn(page, lang="en", compare="Points club", programme="points_club", months="6")
    outstanding = float(likely["outstanding"].iloc[0]) / workspace.tables.money_scale
    assert language("en").money(outstanding, "EUR") in other.html


def test_who_joined_is_asked_of_the_campaigns_of_the_base(monkeypatch: pytest.MonkeyPatch) -> None:
    found = drawn(page, lang="en", programme="points_club")
    monkeypatch.setattr(programme_form, "joined_campaigns", lambda *_, **__: ("Gold Card", "Old card"))
    put(found, "selectbox", "edit-members-who", "joined")
    assert "campaign: Gold Card" in text_of(found)
    assert found.app.selectbox(key="mo-edit-members-campaign").options == ["Gold Card", "Old card"]


def test_opening_balances_of_who_is_no_member_any_more_are_told(base: str, tmp_path: Path) -> None:
    day, everybody = with_balances(base, tmp_path / "balances.csv")
    workspace = open_base(base)
    ask, as_of = workspace.ask(), workspace.as_of
    programmes.save(base, CLUB.replace("everybody}", "everybody, kinds: [company]}"), after=1)
    companies = ask(loyalty_members, as_of=as_of, members=Members("everybody", kinds=("company",)), begin=day)
    strangers = len(everybody - set(companies["customer_id"]))
    found = drawn(page, lang="en", programme="Points club")
    assert strangers > 0
    assert said(language("en"), "loyalty.edit.openings_strangers", count=strangers) in found.texts(
        "mo-subtitle"
    )


def test_opening_balances_wait_for_a_programme_that_is_kept() -> None:
    found = drawn(page, lang="th", programme="points_club")
    assert language("th").say("loyalty.edit.openings_save_first") in found.texts("mo-subtitle")


def test_a_draft_survives_the_session_and_goes_when_it_is_saved(base: str) -> None:
    found = put(drawn(page, lang="en", programme="points_club"), "text_input", "edit-name", "Ours")
    token = found.app.query_params["draft"]
    assert said(language("en"), "loyalty.draft.waits", days=30) in found.texts("mo-subtitle")
    again = drawn(page, lang="fa", programme="points_club", draft=token)
    assert again.app.text_input(key="mo-edit-name").value == "Ours"
    put(again, "text_area", "programme-text", "name: [")
    third = drawn(page, lang="en", programme="points_club", draft=token)
    assert text_of(third) == "name: [", "whatever was written"
    put(third, "text_area", "programme-text", CLUB.replace("Points club", "Mine"))
    press(third, "save")
    assert "draft" not in third.app.query_params
    assert not list(Path(base).glob("programmes/drafts/*"))
    late = drawn(page, lang="en", programme="Mine", draft=token)
    assert failures(late) == [said(language("en"), "loyalty.draft.unknown", days=30)]
    assert "draft" not in late.app.query_params
    late.app.run()
    assert not failures(late), "it is said once"


def test_a_draft_that_is_let_go_of_is_gone(base: str) -> None:
    found = put(drawn(page, lang="en", programme="points_club"), "text_input", "edit-name", "Ours")
    assert list(Path(base).glob("programmes/drafts/*.json"))
    press(found, "discard")
    assert "draft" not in found.app.query_params
    assert not list(Path(base).glob("programmes/drafts/*"))


@pytest.mark.parametrize("token", ["../../../etc/passwd", "0" * 32])
def test_a_foreign_token_is_one_sentence(token: str) -> None:
    found = drawn(page, lang="en", programme="points_club", draft=token)
    assert failures(found) == [said(language("en"), "loyalty.draft.unknown", days=30)]
    assert text_of(found) == CLUB


def test_a_damaged_draft_is_one_sentence(base: str) -> None:
    found = put(drawn(page, lang="en", programme="points_club"), "text_input", "edit-name", "Ours")
    next(Path(base).glob("programmes/drafts/*.json")).write_text("rubbish")
    again = drawn(page, lang="en", programme="points_club", draft=found.app.query_params["draft"])
    assert failures(again) == [said(language("en"), "loyalty.draft.damaged")]


def test_a_draft_of_another_programme_waits_and_leads_there() -> None:
    found = put(drawn(page, lang="en", programme="points_club"), "text_input", "edit-name", "Ours")
    token = found.app.query_params["draft"]
    other = drawn(page, lang="en", programme="discount_ladder", draft=token)
    assert text_of(other) == template("discount_ladder")
    assert any(f"draft={token}" in way and "programme=points_club" in way for way in other.ways)


def test_where_no_draft_can_be_kept_the_page_says_so(base: str) -> None:
    (Path(base) / "programmes").mkdir(exist_ok=True)
    (Path(base) / "programmes" / "drafts").write_text("in the way")
    found = put(drawn(page, lang="en", programme="points_club"), "text_input", "edit-name", "Ours")
    assert any("only as long as this page is open" in one for one in found.texts("mo-subtitle"))
    assert found.app.text_input(key="mo-edit-name").value == "Ours"
    assert "draft" not in found.app.query_params


def test_the_result_stands_beside_the_fields() -> None:
    found = drawn(page, lang="en", programme="points_club")
    before = found.texts("mo-result-answer")
    assert before == found.texts("mo-answer")
    put(found, "number_input", "edit-rewards-0-cost", 20.0)
    assert found.texts("mo-result-answer") == found.texts("mo-answer") != before


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_emptied_number_is_told_at_its_field(code: str) -> None:
    found = put(
        drawn(page, lang=code, programme="points_club"), "number_input", "edit-rewards-0-points", None
    )
    field = said(
        language(code),
        "loyalty.edit.within",
        whole=language(code).say("loyalty.edit.new_reward", number=1),
        part=language(code).say("loyalty.edit.points"),
    )
    told = said(language(code), "loyalty.edit.needed", field=field, value=language(code).number(100))
    assert found.texts("mo-note mo-failure mo-here") == [told]
    assert found.app.number_input(key="mo-edit-rewards-0-points").value == 100
    assert opened(found, code, "rewards")
    found.app.run()
    assert not found.texts("mo-note mo-failure mo-here"), "until the next change"


def test_a_name_that_is_emptied_is_told_in_words() -> None:
    found = put(drawn(page, lang="en", programme="points_club"), "text_input", "edit-tiers-steps-1-name", "")
    assert found.texts("mo-note mo-failure mo-here") == [
        "What stands in Tier 2, Name cannot be used; it takes words, up to 100 letters."
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("who: everybody", "who: nobody", "Who takes part"),
        ("points: 1, unit: 1", "points: 0, unit: 1", "Rule 1, Points"),
        ("kind: fixed, days: 365", "kind: fixed", "“Days” is missing in Points expire"),
        ("name: Gold, from: 1000", "name: Gold", "“From” is missing in Tier 2"),
        ("likely: 0.5", "likely: 5", "Members who use their points, Likely, in %"),
        ("for: joining, points: 20", "for: joining, points: 20, unit: 3", "Rule 2, a rule for Joining"),
    ],
)
def test_a_fault_names_the_field_as_the_reader_knows_it(old: str, new: str, told: str) -> None:
    found = drawn(page, lang="en", programme="points_club")
    put(found, "text_area", "programme-text", CLUB.replace(old, new))
    assert told in failures(found)[0]
    assert "[" not in failures(found)[0]


def test_a_unit_that_the_base_cannot_count_is_told_and_can_be_mended() -> None:
    found = drawn(page, lang="en", programme="points_club")
    put(found, "text_area", "programme-text", CLUB.replace("unit: 1}", "unit: 0.00001}"))
    assert found.texts("mo-result-answer"), "why nothing can be told stands beside the fields"
    assert found.app.number_input(key="mo-edit-earn-0-unit").value == 0.00001
    press(found, "discard")
    assert text_of(found) == CLUB


@pytest.mark.parametrize("more", [{}, {"goal": GOALS[0]}])
def test_a_programme_that_there_is_not_is_told_where_none_is_kept(more: dict[str, str]) -> None:
    found = drawn(page, lang="en", programme="nonsense", **more)
    assert "There is no programme “nonsense” beside this base." in found.texts("mo-subtitle")


def test_a_kept_programme_that_is_named_like_a_template_is_none(base: str) -> None:
    note = said(language("en"), "loyalty.template.note")
    assert note in drawn(page, lang="en", programme="points_club").texts("mo-note mo-notice")
    programmes.save(base, CLUB.replace("Points club", "points_club"))
    assert note not in drawn(page, lang="en", programme="points_club").texts("mo-note mo-notice")


def test_shares_of_members_who_use_points_are_begun_with_any_of_them(base: str) -> None:
    found = drawn(page, lang="en", programme="discount_ladder")
    put(found, "number_input", "edit-redemption-likely", 40.0)
    assert not found.texts("mo-note mo-failure mo-here")
    assert "redemption:\n  low: 0.4\n  likely: 0.4\n  high: 0.4\n" in text_of(found)
