"""The page of the customer club as its readers see it."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from crm_core.base import Id
from crm_core.i18n import LANGUAGES, language
from crm_core.loyalty.answers import thresholds
from crm_core.loyalty.estimates import loyalty_accounts, loyalty_ahead, loyalty_cost, loyalty_gains
from crm_core.loyalty.estimates.replayed import loyalty_ledger
from crm_core.loyalty.rules import TEMPLATES, Programme, read_programme, template
from crm_core.tables import Ask
from crm_core.ui import bases
from crm_core.ui.loyalty.choices import template_text, templates
from crm_core.workspace import open_base, programmes
from crm_core.workspace.bringing import write_demonstration
from tests.pages.drawn import INVISIBLE, drawn, said


@pytest.fixture(autouse=True)
def shown(shown_base: Path) -> Path:
    return shown_base


@pytest.fixture(scope="module")
def asked(demonstration_base: Path) -> tuple[Ask, dt.date]:
    workspace = open_base(str(demonstration_base))
    return workspace.ask(), workspace.as_of


def page() -> None:
    from pages import loyalty

    loyalty.render()


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_opens_with_its_answer_and_shows_figures_and_pictures(code: str) -> None:
    found, spoken = drawn(page, lang=code, programme="points_club"), language(code)
    assert len(found.texts("mo-answer")) == len(found.texts("mo-context")) == 1
    assert len(found.texts("mo-value")) == 5
    assert len(found.texts("mo-title")) == 9
    assert len(found.pictures) == 5
    assert found.texts("mo-section") == [
        *(
            spoken.say(f"loyalty.{one}.section")
            for one in ("edit", "points", "tiers", "segments", "against", "falling", "rising", "effect")
        ),
        spoken.say("loyalty.ranking.title"),
    ]
    assert "mo-failure" not in found.html
    assert "nan" not in re.sub(r"<[^>]+>", " ", found.html).split()


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_named_in_the_readers_language_and_gives_the_same(code: str, name: str) -> None:
    plain, named = read_programme(template(name)), templates(language(code))[name]
    assert nameless(named) == nameless(plain)
    assert named.name == language(code).say(f"loyalty.template.{name}")
    steps = named.tiers.steps if named.tiers else ()
    names = [named.name, *(step.name for step in steps), *(one.name for one in named.rewards)]
    assert all(re.search("[A-Za-z]", one) for one in names) == (code == "en")
    assert (named == plain) == (code == "en")
    assert read_programme(template_text(language(code), name)) == named


def nameless(programme: Programme) -> Programme:
    tiers = programme.tiers
    if tiers is not None:
        tiers = replace(tiers, steps=tuple(replace(step, name="") for step in tiers.steps))
    rewards = tuple(replace(one, name="") for one in programme.rewards)
    return replace(programme, name="", tiers=tiers, rewards=rewards)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_template_says_that_it_is_none_of_the_companys_programmes(
    code: str, demonstration_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken = language(code)
    note, mark = said(spoken, "loyalty.template.note"), said(spoken, "loyalty.template.picture", n="")
    named = said(spoken, "loyalty.template.named", name=spoken.say("loyalty.template.points_club"))
    found = drawn(page, lang=code, programme="points_club")
    assert found.html.count(note) == 1
    assert found.html.count(mark.strip()) >= 5
    assert named in unescape(found.html)
    assert spoken.say("loyalty.name.silver") in unescape(found.html)
    base = shutil.copytree(demonstration_base, tmp_path / "base")
    monkeypatch.setenv("MOSHTARI_BASE", str(base))
    programmes.save(str(base), template("points_club").replace("Points club", "points_club"))
    kept = drawn(page, lang=code, programme="points_club")
    assert note not in kept.html
    assert mark.strip() not in kept.html
    assert named not in unescape(kept.html)


def test_a_template_follows_the_reader_into_another_language() -> None:
    app = drawn(page, lang="en", programme="points_club").app
    assert "Small voucher" in str(app.text_area[0].value)
    app.query_params["lang"] = "fa"
    app.run()
    assert language("fa").say("loyalty.name.small") in str(app.text_area[0].value)


@pytest.mark.parametrize("code", LANGUAGES)
def test_months_that_cannot_be_shown_are_told(code: str) -> None:
    found = drawn(page, lang=code, programme="points_club", months="abc")
    words = said(language(code), "loyalty.months_unknown", asked=Id("abc"), months=12)
    assert words in INVISIBLE.sub("", unescape(re.sub(r"<[^>]+>", "", found.html)))
    sound = drawn(page, lang=code, programme="points_club", months="24").html
    assert said(language(code), "loyalty.months_unknown", asked="24", months=24) not in sound


def test_a_programme_without_points_shows_none() -> None:
    found = drawn(page, lang="en", programme="discount_ladder")
    assert found.texts("mo-answer")[0].startswith("“Discount ladder” would cost €")
    assert "Members with a tier" in found.html
    assert "Points liability" not in found.html
    assert language("en").say("loyalty.points.section") not in found.texts("mo-section")
    assert len(found.pictures) == 2


def test_the_headline_figures_and_context_are_those_of_the_metric(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    programme = read_programme(template("points_club"))
    costs = ask(loyalty_cost, as_of=as_of, programme=programme).set_index("redeeming")
    found, english = drawn(page, lang="en", programme="points_club"), language("en")
    days, scale = costs.loc["likely", "days"], ask.tables.money_scale
    assert days == 365

    def a_year(column: str, share: str) -> str:
        amount = float(str(costs.loc[share, column])) / scale * 365.25 / 365
        return english.money(amount, "EUR", compact=True, digits=2)

    shares = [english.percent(float(str(costs.loc[one, "break_even_lift"])), 1) for one in costs.index]
    (answer,) = found.texts("mo-answer")
    low, likely, high = (a_year("total_cost", one) for one in costs.index)
    assert f"{likely} ({low} to {high})" in answer
    assert f"{shares[1]} ({shares[0]} to {shares[2]})" in answer
    assert found.texts("mo-value")[:2] == [likely, a_year("brought", "likely")]
    assert a_year("brought", "likely") in found.texts("mo-context")[0]
    assert "30% to 80%" in found.texts("mo-context")[0]
    notes = found.texts("mo-change")
    assert f"{low} to {high}" in notes
    assert f"{shares[0]} to {shares[2]}" in notes


def test_liability_is_what_is_expected_with_the_most_beside_it(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    costs = ask(loyalty_cost, as_of=as_of, programme=read_programme(template("points_club")))
    found, english = drawn(page, lang="en", programme="points_club"), language("en")
    scale = ask.tables.money_scale

    def short(units: float) -> str:
        return english.money(units / scale, "EUR", compact=True, digits=2)

    expected, most = short(costs["expected_use"][1]), short(costs["outstanding"][1])
    low, high = short(costs["expected_use_low"].min()), short(costs["expected_use_high"].max())
    assert found.texts("mo-value")[3] == expected
    assert f"at most {most}, were all used" in found.texts("mo-change")
    assert f"{low} to {high}" in found.texts("mo-change")
    (title,) = (one for one in found.texts("mo-title") if "outstanding" in one)
    assert f"a liability of {expected} ({low} to {high}), at most {most}" in title


def test_what_members_bring_is_set_against_the_year_before(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    last = as_of - dt.timedelta(365)
    programme = read_programme(template("points_club"))
    now, before = (
        ask(loyalty_cost, as_of=day, programme=programme).iloc[1]["brought"] for day in (as_of, last)
    )
    told = language("en").change(now / before - 1)
    changes = drawn(page, lang="en", programme="points_club").texts("mo-change")
    assert any(told in one and "on a year earlier" in one for one in changes)
    half = drawn(page, lang="en", programme="points_club", months="6").texts("mo-change")
    assert not any("on a year earlier" in one for one in half)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_programme_is_set_against_another_one(code: str) -> None:
    found = drawn(page, lang=code, programme="points_club", compare="discount_ladder")
    spoken = language(code)
    assert len(found.texts("mo-title")) == 10
    assert spoken.say("loyalty.against.most") in found.texts("mo-section")
    rows = re.findall(rf'data-label="{re.escape(spoken.say("loyalty.programme"))}">(.*?)</td>', found.html)
    names = [spoken.say(f"loyalty.template.{one}") for one in ("points_club", "discount_ladder")]
    assert rows == names


def test_who_gains_and_who_loses_adds_up(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    rows = ask(
        loyalty_gains,
        as_of=as_of,
        programme=read_programme(template("points_club")),
        other=read_programme(template("discount_ladder")),
    )
    told = drawn(page, lang="en", programme="points_club", compare="discount_ladder").html
    (sentence,) = re.findall(r"<p>(Of [^<]*would be given more[^<]*)</p>", told)
    gaining, losing = (rows["gain"] > 0).sum(), (rows["gain"] < 0).sum()
    assert f"{gaining} would be given more by “Points club” than by “Discount ladder”" in sentence
    assert f"{losing} less" in sentence
    assert f"Of {len(rows)} members" in sentence
    first = re.findall(r'data-label="Customer ID"><a[^>]*><bdi>(.*?)</bdi>', told)
    assert first[:5] == list(rows["customer_id"][:5])
    assert first[5:10] == list(rows["customer_id"][-5:])[::-1]


def test_who_is_about_to_move_leads_to_the_customer(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    rows = ask(loyalty_ahead, as_of=as_of, programme=read_programme(template("points_club")))
    falling, rising = rows[~rows["rises"]], rows[rows["rises"]]
    assert min(len(falling), len(rising)) > 0
    found = drawn(page, lang="en", programme="points_club")
    assert f"{len(falling)} members fall on 31 December 2026" in found.html
    assert f"{len(rising)} members are one usual purchase away" in found.html
    named = re.findall(r'data-label="Customer ID"><a href="([^"]*)"[^>]*><bdi>(.*?)</bdi>', found.html)
    first = [*falling["customer_id"][:10], *rising["customer_id"][:10]]
    assert [who for _, who in named][: len(first)] == first
    assert all(f"customer={who}" in address for address, who in named)


def members() -> None:
    from pages import customer

    customer.render()


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("way", ["falling", "rising"])
def test_who_is_about_to_move_is_listed(code: str, way: str, asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    rows = ask(loyalty_ahead, as_of=as_of, programme=read_programme(template("points_club")))
    rows = rows[rows["rises"] == (way == "rising")]
    assert len(rows)
    here = f"moving={way}&programme=points_club"
    assert any(here in one for one in drawn(page, lang=code, programme="points_club").ways)
    found = drawn(members, lang=code, programme="points_club", moving=way)
    key = f"customer.headline.{way}"
    name = language(code).say("loyalty.template.points_club")
    assert found.texts("mo-answer") == [said(language(code), key, count=len(rows), programme=name)]
    named = re.findall(r"customer=([^&\"]*)", found.html)
    assert named == list(rows["customer_id"])[:100]
    assert "mo-failure" not in found.html


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_members_of_a_tier_are_listed(place: int, asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    programme = read_programme(template("points_club"))
    rows = ask(loyalty_accounts, as_of=as_of, programme=programme)
    tier = ["", "Silver", "Gold"][place]
    mine = rows[rows["tier"] == tier]
    assert len(mine)
    assert f"tier={place}&amp;programme=points_club" in drawn(page, lang="en", programme="points_club").html
    found = drawn(members, lang="en", programme="points_club", tier=str(place))
    (answer,) = found.texts("mo-answer")
    assert answer.startswith(f"{len(mine)} member")
    assert (tier or "no tier") in answer
    best = mine.sort_values(["revenue", "customer_id"], ascending=[False, True])["customer_id"]
    assert re.findall(r"customer=([^&\"]*)", found.html)[:20] == list(best)[:20]


def test_one_replay_does_for_the_page_and_the_lists_whatever_the_calendar() -> None:
    drawn(page, lang="fa", programme="points_club", months="36")
    drawn(members, lang="fa", programme="points_club", months="36", tier="1")
    drawn(members, lang="fa", programme="points_club", months="36", moving="falling")
    asked: Any = bases.opened()._answers._known
    replays = [dict(options) for build, _, _, options in asked if build is loyalty_ledger]
    assert [one["calendar"] for one in replays if one["months"] == 36] == ["jalali"]


def test_a_tier_that_is_not_there_asks_for_nobody_in_particular() -> None:
    everybody = drawn(members, lang="en").texts("mo-answer")
    for wrong in ({"tier": "9"}, {"tier": "-1"}, {"moving": "up"}):
        assert drawn(members, lang="en", programme="points_club", **wrong).texts("mo-answer") == everybody
    assert drawn(members, lang="en", tier="1").texts("mo-answer") == everybody


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_programme_that_was_saved_last_is_proposed_to_compare_with(
    code: str, demonstration_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = shutil.copytree(demonstration_base, tmp_path / "base")
    programmes.save(str(own), template("discount_ladder").replace("name: Discount ladder", "name: Today"))
    monkeypatch.setenv("MOSHTARI_BASE", str(own))
    found = drawn(page, lang=code, programme="points_club")
    assert any("compare=Today" in one for one in found.ways)
    alone = drawn(page, lang=code, programme="Today")
    assert not any("compare=" in one for one in alone.ways)
    assert said(language(code), "loyalty.against.nothing") in alone.html


def test_a_segment_leads_to_its_customers() -> None:
    found = drawn(page, lang="en", programme="points_club")
    assert re.search(r'<a href="customer\?[^"]*segment=champions', found.html)


def test_what_the_address_says_wrongly_is_as_usual() -> None:
    usual = drawn(page, lang="en", programme="points_club")
    wrong = drawn(
        page, lang="en", programme="points_club", goal="fame", by="amount", months="13", compare="none"
    )
    assert wrong.texts("mo-answer") == usual.texts("mo-answer")


@pytest.mark.parametrize("code", LANGUAGES)
def test_nobody_to_speak_of_is_one_sentence(code: str) -> None:
    found = drawn(page, lang=code, as_of="2020-01-01", programme="points_club")
    assert found.texts("mo-answer") == [language(code).say("loyalty.nobody")]
    assert not found.pictures


@pytest.mark.parametrize("code", LANGUAGES)
def test_whether_a_club_works_needs_members_and_others(code: str) -> None:
    found = drawn(page, lang=code, programme="points_club")
    section = language(code).say("loyalty.effect.section")
    assert section in found.texts("mo-section")
    assert said(language(code), "loyalty.effect.title") not in " ".join(found.pictures)


@pytest.mark.parametrize("code", LANGUAGES)
def test_whether_the_club_works_is_told_with_what_misleads(
    code: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path_factory.getbasetemp() / "with-a-club"
    if not base.exists():
        write_demonstration(base, customers=2_000, seed=3)
    monkeypatch.setenv("MOSHTARI_BASE", str(base))
    found = drawn(page, lang=code, programme="points_club")
    title = said(language(code), "loyalty.effect.title")
    (picture,) = (spec for name, spec in found.pictures.items() if title in name)
    none = said(language(code), "loyalty.effect.none")
    assert any(none in INVISIBLE.sub("", one) for one in picture["layout"]["xaxis"]["ticktext"])
    assert len(set(re.findall(r'class="mo-foot">([^<]*)<', found.html))) > 1
    assert "mo-failure" not in found.html
    before = drawn(page, lang=code)
    assert [language(code).say("loyalty.effect.section")] == before.texts("mo-section")
    read = INVISIBLE.sub("", re.sub(r"<[^>]+>", "", before.html))
    club = said(language(code), "loyalty.effect.by_campaign", campaign="club")
    assert said(language(code), "loyalty.effect.club_unwritten", club=club) in read


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_happens_at_the_thresholds_of_a_joined_programme_is_told(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = tmp_path_factory.getbasetemp() / "with-a-club"
    if not base.exists():
        write_demonstration(base, customers=2_000, seed=3)
    own = shutil.copytree(base, tmp_path / "base")
    joined = template("points_club").replace("who: everybody", "who: joined, campaign: club")
    programmes.save(str(own), joined)
    monkeypatch.setenv("MOSHTARI_BASE", str(own))
    found = drawn(page, lang=code, programme="Points club")
    spoken = language(code)
    title = said(spoken, "loyalty.effect.thresholds.title")
    assert title in found.html or any(title in one.label for one in found.app.expander)
    workspace = open_base(str(own))
    told = thresholds(workspace.ask(), as_of=workspace.as_of, programme=read_programme(joined))
    words = unescape(re.sub(r"<[^>]+>", "", found.html))
    assert told.sentences
    assert all(said(spoken, one.key, **one.values) in words for one in told.sentences)
    assert "mo-failure" not in found.html
    open_to_all = drawn(page, lang=code, programme="points_club")
    named = spoken.say("loyalty.template.points_club")
    replayed = said(spoken, "loyalty.effect.thresholds.replayed", programme=named)
    assert replayed in unescape(re.sub(r"<[^>]+>", "", open_to_all.html))


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_club_that_customers_joined_is_told_of_first(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_demonstration(tmp_path / "base", customers=2_000, seed=3)
    monkeypatch.setenv("MOSHTARI_BASE", str(tmp_path / "base"))
    text = template("points_club").replace("{who: everybody}", "{who: joined, campaign: club}")
    programmes.save(str(tmp_path / "base"), text.replace("name: Points club", "name: Friends"))
    found = drawn(page, lang=code, programme="Friends")
    sections = found.texts("mo-section")
    assert sections[:2] == [language(code).say(f"loyalty.{one}.section") for one in ("effect", "edit")]
    assert "mo-failure" not in found.html
    read = INVISIBLE.sub("", re.sub(r"<[^>]+>", "", found.html))
    gaps = dict.fromkeys(("cost", "lift", "change", "low", "high", "outcome"), "¤")
    verdicts = ("more", "less", "open")
    assert any(_reads(code, f"loyalty.effect.earns.{one}", read, **gaps) for one in verdicts)
    decides = {"more": ("low",), "less": ("high",), "open": ("low", "high")}

    def gives_verdict(headline: str) -> bool:
        return any(
            _reads(
                code,
                f"loyalty.headline.earns.{one}",
                headline,
                programme="Friends",
                **dict.fromkeys(("cost", "outcome", "lift", *ends), "¤"),
            )
            for one, ends in decides.items()
        )

    (headline,) = found.texts("mo-answer")
    assert gives_verdict(headline)
    # Of rules that are only tried nobody can say what they have brought.
    (tried,) = drawn(page, lang=code, programme="points_club").texts("mo-answer")
    assert not gives_verdict(tried)


def _reads(code: str, key: str, read: str, **gaps: str) -> bool:
    """Whether a text has all words of a message that stand between its gaps, `¤`."""
    return all(part in read for part in said(language(code), key, **gaps).split("¤") if part)


def test_who_bought_is_not_all_who_are_members(asked: tuple[Ask, dt.date]) -> None:
    ask, as_of = asked
    told = ask(loyalty_cost, as_of=as_of, programme=read_programme(template("points_club"))).iloc[0]
    assert 0 < told["buyers"] < told["members"]
    (context,) = drawn(page, lang="en", programme="points_club").texts("mo-context")
    english = language("en")
    members, buyers = (english.number(int(told[one])) for one in ("members", "buyers"))
    assert f"{members} customers would be members, of whom {buyers} bought in these days" in context
