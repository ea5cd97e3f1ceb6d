"""The page of who is about to leave as its readers see it."""

from __future__ import annotations

import functools
import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from crm_core.base import ContactWay
from crm_core.churn.estimates import churn_scores, churn_watch_list
from crm_core.customers.answers import consents
from crm_core.i18n import LANGUAGES, language
from crm_core.sources.mapping import load_mapping
from crm_core.ui import bases
from crm_core.workspace.bringing import bring
from tests.pages.drawn import Drawn, drawn, said

pytestmark = pytest.mark.xdist_group("churn drawn")

_NAMED = r'data-label="Customer ID"><a[^>]*><bdi>(.*?)</bdi>'
MAPPING = "orders: {columns: {order_id: order, customer_id: customer, ordered_at: date, amount: amount}}"


def before_the_watch_list(found: Drawn) -> str:
    """What stands above those who are newly at risk, who are named too."""
    above, title, _ = found.html.partition(language("en").say("churn.watch.title"))
    assert title
    return above


@pytest.fixture(autouse=True)
def shown(larger_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOSHTARI_BASE", str(larger_base))


def page() -> None:
    from pages import churn

    churn.render()


def customer_page() -> None:
    from pages import customer

    customer.render()


def newly() -> int:
    workspace = bases.opened()
    return len(workspace.ask()(churn_watch_list, as_of=workspace.as_of, horizon_days=90))


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_opens_with_its_answer_its_figures_and_a_list(code: str) -> None:
    found, spoken = drawn(page, lang=code), language(code)
    assert len(found.texts("mo-answer")) == len(found.texts("mo-context")) == 1
    assert len(found.texts("mo-value")) == 5
    assert said(spoken, "churn.figure.profit") == found.texts("mo-label")[0]
    assert said(spoken, "churn.money.title") == found.texts("mo-section")[1]
    assert "mo-failure" not in found.html
    assert said(spoken, "churn.context.newly", count=newly(), days=30) in found.texts("mo-context")[0]
    assert not re.search(r"[a-z]+_[a-z_]+_\d", re.sub(r"<[^>]+>", "", found.html))


def test_the_list_is_what_the_headline_counts() -> None:
    found = drawn(page, lang="en")
    (told,) = re.findall(r"the first ([\d,]+) customers of the list", found.texts("mo-answer")[0])
    (way,) = (urlsplit(one) for one in found.ways if "kind=worth_keeping" in one)
    assert parse_qs(way.query)["kind"] == ["worth_keeping"]
    listed = drawn(customer_page, lang="en", kind="worth_keeping")
    assert listed.texts("mo-answer")[0].startswith(f"{told} customers whom it pays to contact")
    first = [re.sub(r"<[^>]+>", "", one) for one in re.findall(_NAMED, before_the_watch_list(found))]
    assert first
    assert first == [re.sub(r"<[^>]+>", "", one) for one in re.findall(_NAMED, listed.html)][: len(first)]


def test_a_list_says_its_offer_and_leads_to_each_customer_with_it() -> None:
    listed = drawn(customer_page, lang="en", kind="worth_keeping", contact="1", offer="2", saved="50")
    (told,) = listed.texts("mo-context")
    assert "costs €1 for the contact and €2 for what is given, and keeps 50%" in told
    assert "In charge" in listed.html
    links = re.findall(r'href="([^"]*[?;&]customer=[^"]*)"', listed.html)
    addresses = [parse_qs(urlsplit(unescape(one)).query) for one in links]
    assert addresses
    assert all(one["risk"] == ["yes"] and one["contact"] == ["1"] for one in addresses)


def test_the_chances_are_those_of_the_estimates() -> None:
    listed = drawn(customer_page, lang="en", kind="stay_anyway", sort="customer_id", contact="5")
    names = [re.sub(r"<[^>]+>", "", one) for one in re.findall(_NAMED, listed.html)]
    chances = re.findall(r'data-label="Chance of leaving"[^>]*>([\d.]+)%', listed.html)
    workspace = bases.opened()
    rows = workspace.ask()(churn_scores, as_of=workspace.as_of, horizon_days=90).set_index("customer_id")
    expected = rows["churn_probability"].reindex(names)
    assert names
    assert [float(one) / 100 for one in chances] == pytest.approx(expected.tolist(), abs=0.0006)


def test_an_offer_is_set_in_the_address_and_by_sliders() -> None:
    usual = drawn(page, lang="en")
    dear = drawn(page, lang="en", contact="100000")
    assert "there is no customer whom it pays to contact" in dear.texts("mo-answer")[0]
    assert not re.findall(_NAMED, before_the_watch_list(dear))
    slider = usual.app.select_slider(key="mo-term-saved")
    slider.set_value(1).run()
    assert usual.app.query_params["saved"] in ("100", ["100"])
    assert "the interval holds no doubt about it" in usual.html
    assert "mo-failure" not in usual.html
    wrong = drawn(page, lang="en", contact="nan", offer="-1", saved="120", taken="much", days="17")
    assert wrong.texts("mo-answer") == drawn(page, lang="en").texts("mo-answer")


def test_how_many_can_be_contacted_is_set_in_the_address_and_kept() -> None:
    offer = {"contact": "0", "offer": "0", "saved": "100", "most": "7"}
    found = drawn(page, lang="en", **offer)
    assert "the first 7 customers of the list" in found.texts("mo-answer")[0]
    assert found.app.number_input(key="mo-term-most").value == 7
    (way,) = (urlsplit(one) for one in found.ways if "kind=worth_keeping" in one and "sort" not in one)
    assert parse_qs(way.query)["most"] == ["7"]
    listed = drawn(customer_page, lang="en", kind="worth_keeping", **offer)
    assert listed.texts("mo-answer")[0].startswith("The 7 customers it pays most to contact")
    found.app.number_input(key="mo-term-most").set_value(3).run()
    assert found.app.query_params["most"] in ("3", ["3"])


@pytest.mark.parametrize("typed", [0, -5])
def test_a_number_that_cannot_be_is_answered_with_a_sentence(typed: int) -> None:
    found = drawn(page, lang="en", most="7")
    found.app.number_input(key="mo-term-most").set_value(typed).run()
    (told,) = found.texts("mo-note mo-failure")
    assert told.startswith(f"{str(typed).replace('-', chr(0x2212))} is no number of customers to contact")
    assert found.app.query_params["most"] in ("7", ["7"])
    for budget in (float(typed), 1e-300):
        found.app.number_input(key="mo-term-budget").set_value(budget).run()
        assert "is no budget" in found.texts("mo-note mo-failure")[0]
    assert "budget" not in found.app.query_params


def test_money_to_spend_is_set_in_the_address_and_kept() -> None:
    offer = {"contact": "2", "offer": "0", "saved": "50"}
    found = drawn(page, lang="en", budget="15", **offer)
    assert "the first 7 customers of the list" in found.texts("mo-answer")[0]
    assert found.texts("mo-value")[2] == "€14"
    listed = drawn(customer_page, lang="en", kind="worth_keeping", budget="15", **offer)
    assert listed.texts("mo-answer")[0].startswith("The 7 customers")
    poor = drawn(page, lang="en", budget="1", **offer)
    assert "does not pay for contacting even one" in poor.texts("mo-answer")[0]


@pytest.mark.parametrize("code", LANGUAGES)
def test_customers_are_listed_by_the_way_that_reaches_them(code: str) -> None:
    offer = {"contact": "0", "offer": "0", "saved": "50", "most": "9", "via": "Phone"}
    found, spoken = drawn(page, lang=code, **offer), language(code)
    reached = re.findall(r'data-part="via" data-value="(\w*)"[^>]*>([^<]+)</a>', found.html)
    assert [way for way, _ in reached] == ["", "Email", "Phone", "SMS"]
    assert spoken.contact_way("Phone") in found.texts("mo-answer")[0]
    to_list = [way for way in found.ways if "kind=worth_keeping" in way]
    assert to_list
    assert all("via=Phone" in way for way in to_list)
    listed = drawn(customer_page, lang=code, kind="worth_keeping", **offer)
    assert said(spoken, "customer.reached", way=ContactWay("Phone")) in listed.texts("mo-context")[0]
    label = re.escape(said(spoken, "column.open_channels"))
    ways = re.findall(rf'data-label="{label}"[^>]*>([^<]*)<', listed.html)
    assert len(ways) == 9
    assert all(spoken.contact_way("Phone") in one for one in ways)
    assert said(spoken, "column.save_chance") in listed.html


def test_what_says_nothing_here_leaves_the_address() -> None:
    wrong = drawn(page, lang="en", via="Pigeon", days="17", most="0", by="moon", saved="50", budget="1e-300")
    (dropped,) = re.findall(r"for \(const part of (\[.*?\])\)", wrong.html)
    assert dropped == '["budget", "by", "days", "most", "via"]'
    assert "const part of" not in drawn(page, lang="en", via="Phone", days="90", most="4").html


def test_free_contacts_that_always_work_are_worth_it_for_all_who_bring_something() -> None:
    found = drawn(page, lang="en", contact="0", offer="0", saved="100")
    worth = int(
        re.findall(r"the ([\d,]+) customers it pays", found.texts("mo-answer")[0])[0].replace(",", "")
    )
    listed = drawn(customer_page, lang="en", kind="worth_keeping", contact="0", offer="0", saved="100")
    assert listed.texts("mo-answer")[0].startswith(f"{worth:,} customers")


def _may_leave(name: str) -> bool:
    asked = drawn(customer_page, lang="en", customer=name, risk="yes")
    return all(language("en").say(f"churn.{one}") in asked.html for one in ("otherwise.title", "one.raises"))


@functools.cache
def _who_may_leave() -> str:
    """Of who is safe already nothing would have to be different."""
    listed = drawn(customer_page, lang="en", kind="worth_keeping")
    names = [re.sub(r"<[^>]+>", "", one) for one in re.findall(_NAMED, listed.html)]
    return next(name for name in names if _may_leave(name))


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_customer_is_told_of_when_it_is_asked_for(code: str) -> None:
    spoken, who = language(code), _who_may_leave()
    quiet = drawn(customer_page, lang=code, customer=who)
    assert said(spoken, "churn.one.title") not in quiet.texts("mo-section")
    assert any("risk=yes" in way for way in quiet.ways)
    asked = drawn(customer_page, lang=code, customer=who, risk="yes")
    assert said(spoken, "churn.one.title") in asked.texts("mo-section")
    assert said(spoken, "churn.drivers.no_lever") in asked.texts("mo-subtitle")
    assert said(spoken, "churn.otherwise.title") in asked.html
    assert said(spoken, "churn.otherwise.bought_today") in asked.html
    # Why is told in the same words, in the same order, wherever it is told.
    here = drawn(customer_page, lang=code, kind="worth_keeping").html
    shown = re.findall(rf"{re.escape(said(spoken, 'churn.one.raises'))}</dt><dd[^>]*>(.*?)</dd>", asked.html)
    assert len(shown) == 1
    assert shown[0] in here


def months(directory: Path, customers: int, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many customers who all buy once a month, for so many months."""
    rows = [
        f"{month}/{one},10-{one:02},{2020 + month // 12}-{month % 12 + 1:02}-15,{10 + one}"
        for month in range(many)
        for one in range(customers)
    ]
    file = directory / "orders.csv"
    file.write_text("order,customer,date,amount\n" + "\n".join(rows) + "\n", "utf-8")
    bring(directory / "base", file, load_mapping(MAPPING), source_name="orders.csv")
    monkeypatch.setenv("MOSHTARI_BASE", str(directory / "base"))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(("customers", "many"), [(1, 1), (1, 36), (3, 36), (40, 2), (40, 36)])
def test_too_little_to_learn_from_is_one_sentence_and_ways_out(
    customers: int, many: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    months(tmp_path, customers, many, monkeypatch)
    found = drawn(page, lang=code)
    assert len(found.texts("mo-answer")) == 1
    assert not found.pictures
    assert not found.texts("mo-value")
    assert found.ways
    assert "mo-failure" not in found.html


def test_where_contracts_are_not_known_they_are_not_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    months(tmp_path, 3, 36, monkeypatch)
    found = drawn(page, lang="en", churn="contract")
    assert 'data-part="churn"' not in found.html
    assert found.texts("mo-answer") == drawn(page, lang="en").texts("mo-answer")


def test_a_customer_who_refuses_the_way_is_told_so() -> None:
    workspace = bases.opened()
    said_of = consents(workspace.ask(), as_of=workspace.as_of)
    assert said_of is not None
    refusing = said_of.refused.index[said_of.refused["Phone"] & ~said_of.refused["Email"]]
    scored = workspace.ask()(churn_scores, as_of=workspace.as_of, horizon_days=90)["customer_id"]
    who = next(one for one in refusing if one in set(scored))
    asked = {"lang": "en", "customer": who, "risk": "yes"}
    told = "refuses to be contacted by"
    assert told in drawn(customer_page, **asked, via="Phone").html
    assert told not in drawn(customer_page, **asked, via="Email").html
    assert said(language("en"), "column.kept_margin") in drawn(customer_page, **asked).html


@pytest.mark.parametrize("code", LANGUAGES)
def test_beside_the_list_stands_why_it_is_no_longer(code: str) -> None:
    found = drawn(page, lang=code, via="Phone", most="100000")
    notes = " ".join(found.texts("mo-subtitle"))
    chosen = re.findall(r"[\d,\u06f0-\u06f9\u066c]+", found.texts("mo-value")[1])[0]
    assert chosen in notes
    if code == "en":
        assert f"beyond {chosen} each further contact is expected to lose money" in notes
        assert "are expected to leave; the others are listed" in notes
        assert "With them" in notes
        assert "The cost of a contact is the mean of those by phone" in notes
    assert said(language(code), "contact_way.phone") in notes
