"""The page of value to come as its readers see it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from crm_core.i18n import LANGUAGES, language
from crm_core.workspace.bringing import write_demonstration
from tests.pages.drawn import drawn


@pytest.fixture(scope="module")
def larger_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough customers won through each channel to tell what the next one will be worth."""
    directory = tmp_path_factory.mktemp("value") / "demonstration"
    write_demonstration(directory, customers=1_500, seed=7)
    return directory


@pytest.fixture(autouse=True)
def shown(larger_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOSHTARI_BASE", str(larger_base))


_NAMED = r'data-label="Customer ID"><a[^>]*><bdi>(.*?)</bdi>'


def page() -> None:
    from pages import value

    value.render()


def customer_page() -> None:
    from pages import customer

    customer.render()


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_opens_with_its_answer_and_shows_figures_and_pictures(code: str) -> None:
    found, spoken = drawn(page, lang=code), language(code)
    assert len(found.texts("mo-answer")) == len(found.texts("mo-context")) == 1
    assert len(found.texts("mo-value")) == 5
    assert len(found.texts("mo-title")) == 5
    assert len(found.pictures) == 3
    assert found.texts("mo-section") == [
        spoken.say("value.overlooked.title"),
        spoken.say("value.fading.title"),
        spoken.say("value.trials.title"),
    ]
    assert "mo-failure" not in found.html
    assert 'class="mo-minor"' in found.html


def test_the_headline_lies_between_its_bounds() -> None:
    (answer,) = drawn(page, lang="en").texts("mo-answer")
    value, low, high = (float(one) for one in re.findall(r"€([\d.]+)k", answer))
    assert low < value < high
    assert "margin in the next 12 months" in answer


def test_the_forecast_that_is_relied_on_stands_first_among_all() -> None:
    found = drawn(page, lang="en")
    rows = re.findall(r'<td data-label="Forecast">(.*?)</td>', found.html)
    assert rows[0].endswith("– relied on")
    assert len(set(rows[:9])) == 9
    assert set(rows[1:9]) < set(rows[9:])
    why = next(part for part in found.html.split("<p>") if part.startswith("Forecast used: "))
    assert rows[0].removesuffix(" – relied on") in re.sub(r"<[^>]+>", "", why)


def test_horizon_rate_and_groups_are_choices_in_the_address() -> None:
    usual = drawn(page, lang="en")
    offers = usual.html.split('class="mo-offers"')[1].split("</div>")[0]
    assert set(re.findall(r'data-part="(\w+)"', offers)) == {"horizon", "rate", "by"}
    chosen = drawn(page, lang="en", horizon="24", rate="0", by="first_channel")
    assert "in the next 24 months" in chosen.texts("mo-answer")[0]
    assert "First channel" in chosen.html.split('class="mo-offers"')[1].split("aria-current")[3]
    assert "Web shop" in " ".join(chosen.texts("mo-title")) + chosen.html
    wrong = drawn(page, lang="en", horizon="13", rate="-4", by="nothing")
    assert wrong.texts("mo-answer") == usual.texts("mo-answer")


def test_each_tenth_leads_to_its_customers() -> None:
    found = drawn(page, lang="en", horizon="24")
    bars = next(one["data"][0] for one in found.pictures.values() if one["data"][0]["type"] == "bar")
    assert bars["customdata"] == [f"tenth={tenth}&horizon=24" for tenth in range(1, 11)]
    listed = drawn(customer_page, lang="en", tenth="1", horizon="24")
    (headline,) = listed.texts("mo-answer")
    assert "expected to be worth most in the next 24 months" in headline
    tenth = drawn(customer_page, lang="fa", tenth="10")
    assert len(tenth.texts("mo-answer")) == 1


def test_who_is_worth_more_than_is_seen_can_be_listed_and_searched() -> None:
    found = drawn(page, lang="en")
    ways = [urlsplit(way) for way in found.ways if way.startswith("customer?")]
    assert [parse_qs(way.query).get("worth", ["-"])[0] for way in ways] == ["-", "overlooked", "fading"]
    (told,) = re.findall(r"<p>([\d,]+) customers are among the most valuable", found.html)
    (headline,) = drawn(customer_page, lang="en", worth="overlooked").texts("mo-answer")
    assert headline.startswith(f"{told} customers will be worth more")
    first = re.sub(r"<[^>]+>", "", re.findall(_NAMED, found.html)[0])
    one = drawn(customer_page, lang="en", worth="overlooked", id=first)
    assert one.texts("mo-answer") == [headline]
    assert [re.sub(r"<[^>]+>", "", each) for each in re.findall(_NAMED, one.html)] == [first]


def test_who_brought_much_and_will_probably_buy_nothing_is_told_and_listed() -> None:
    found = drawn(page, lang="en", horizon="6")
    (told,) = re.findall(r"<p>([\d,]+) customers? brought ", found.html)
    listed = drawn(customer_page, lang="en", worth="fading", horizon="6")
    assert listed.texts("mo-answer")[0].startswith(f"{told} customer")
    assert "in the next 6 months" in listed.texts("mo-answer")[0]
    silent = re.findall(r'data-label="Probability of no purchase"[^>]*>([\d.]+)%', listed.html)
    assert silent
    assert all(float(one) >= 50 for one in silent)


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_interval_of_nothing_is_said_in_words(code: str) -> None:
    spoken = language(code)
    html = drawn(customer_page, lang=code, worth="fading").html
    cells = re.findall(rf'data-label="{re.escape(spoken.say("column.bounds"))}"[^>]*>(.*?)</td>', html)
    assert spoken.say("value.bounds.nothing") in cells
    assert len(set(cells)) > 1


def test_the_list_of_customers_leads_to_the_most_valuable_to_come() -> None:
    assert any("tenth=1" in way for way in drawn(customer_page, lang="en").ways)


def test_a_part_of_what_customers_buy_has_no_cost_of_winning_them() -> None:
    found = drawn(page, lang="en", channel="App")
    assert language("en").say("value.won.narrowed") in found.texts("mo-subtitle")


def test_too_short_a_history_is_said_and_nothing_is_sold_as_a_forecast() -> None:
    found = drawn(page, lang="en", as_of="2023-12-20")
    (answer,) = found.texts("mo-answer")
    assert answer.startswith(("What customers will bring", "Too few customers"))
    assert not found.texts("mo-value")


@pytest.mark.parametrize("code", LANGUAGES)
def test_nobody_to_speak_of_is_one_sentence(code: str) -> None:
    found = drawn(page, lang=code, as_of="2023-11-05")
    assert found.texts("mo-answer") == [language(code).say("value.too_few_customers", least=30)]
    assert not found.pictures
