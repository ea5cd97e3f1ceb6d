"""How long it takes until customers buy again, on the retention page."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from crm_core.i18n import LANGUAGES, language
from crm_core.sources.mapping import load_mapping
from crm_core.workspace.bringing import bring
from tests.pages.drawn import drawn

KEYS = ("retention.survival.subtitle", "retention.ages.subtitle")


def page() -> None:
    from pages import retention

    retention.render()


def customer_page() -> None:
    from pages import customer

    customer.render()


@pytest.mark.usefixtures("shown_base")
@pytest.mark.parametrize("code", LANGUAGES)
def test_curves_chances_ladder_and_who_is_overdue_are_drawn(code: str) -> None:
    shown = drawn(page, lang=code)
    described = "\n".join(shown.pictures)
    for key in KEYS:
        assert language(code).say(key) in described
    # Of the contracts there are too few.
    assert language(code).say("retention.survival.title.contract.undrawn") in shown.texts("mo-title")
    assert language(code).say("retention.ladder.rung.1") in str(shown.pictures)
    assert language(code).say("retention.column.long_overdue") in shown.html


@pytest.mark.usefixtures("shown_base")
def test_groups_that_are_alike_are_tested_and_not_set_against_each_other() -> None:
    shown = drawn(page, lang="en", split="first_channel")
    told = re.search(r"no more than chance would make them \(p = (0\.\d{3})\)\.", "\n".join(shown.pictures))
    assert told is not None
    assert float(told[1]) >= 0.05
    titles = shown.texts("mo-title")
    assert any(re.fullmatch(r"Half of customers buy again within \d+ days of .*", one) for one in titles)
    assert not any("buy again within 365 days;" in one for one in titles)


def test_groups_that_are_unlike_are_set_against_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of ninety who came by the app sixty buy again after ten days, of ninety of the shop fifteen."""
    rows = ["last,0,2024-03-01,9,App"]
    for number in range(180):
        channel, again = ("App", 120) if number % 2 else ("Shop", 30)
        days = ("2022-01-01", "2022-01-11") if number < again else ("2022-01-01",)
        rows += [f"{number}/{day},{number},{day},9,{channel}" for day in days]
    file = tmp_path / "orders.csv"
    file.write_text("order,customer,date,amount,channel\n" + "\n".join(rows) + "\n", "utf-8")
    mapping = (
        "orders: {columns: {order_id: order, customer_id: customer, ordered_at: date, amount: amount,"
        " channel: channel}}"
    )
    bring(tmp_path / "base", file, load_mapping(mapping), source_name="orders.csv")
    monkeypatch.setenv("MOSHTARI_BASE", str(tmp_path / "base"))
    shown = drawn(page, lang="en", split="first_channel")
    assert "App: 67% buy again within 365 days; Shop: 17%" in shown.texts("mo-title")
    assert re.search(r"more than chance would make them \(p < 0\.001\)\.", "\n".join(shown.pictures))


@pytest.mark.usefixtures("shown_base")
def test_rungs_and_categories_lead_to_their_customers() -> None:
    shown = drawn(page, lang="en")
    codes = {
        code.partition("&since=")[0]
        for figure in shown.pictures.values()
        for trace in figure["data"]
        for code in trace.get("customdata") or ()
        if isinstance(code, str)
    }
    assert {"rung=1", "rung=2"} <= codes
    address = next(one for one in re.findall(r'href="(customer\?[^"]*overdue=[^"]*)"', shown.html))
    query = dict(part.split("=") for part in unescape(address).partition("?")[2].split("&"))
    told = next(one for one in re.findall(r'title="([^"]*silent for longer[^"]*)"', shown.html))
    behind = drawn(customer_page, **query)
    (headline,) = behind.texts("mo-answer")
    count = re.search(r"; ([\d,]+) of", unescape(told))
    assert count is not None
    assert headline.startswith(
        f"{count[1]} customers last bought {query['overdue'].replace('+', ' ')} between"
    )


@pytest.mark.usefixtures("shown_base")
def test_each_bar_of_who_is_overdue_leads_to_those_whom_it_counts() -> None:
    shown = drawn(page, lang="en")
    bars = re.findall(r'<p[^>]*><a href="(customer\?[^"]*overdue=[^"]*)">.*?</span>([\d,]+)</b>', shown.html)
    assert {"up_to=" in address for address, _ in bars} == {True, False}
    for address, count in bars[:2]:
        query = {name: values[0] for name, values in parse_qs(urlsplit(unescape(address)).query).items()}
        assert drawn(customer_page, **query).texts("mo-answer")[0].startswith(f"{count} customer")


@pytest.mark.usefixtures("shown_base")
@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    "query",
    [
        {"rung": "1"},
        {"rung": "3"},
        {"overdue": "Tea", "longer_than": "10"},
        {"overdue": "Tea", "longer_than": "9", "up_to": "90"},
    ],
)
def test_the_customer_page_knows_them_in_every_language(code: str, query: dict[str, str]) -> None:
    shown = drawn(customer_page, lang=code, **query)
    (headline,) = shown.texts("mo-answer")
    assert headline != drawn(customer_page, lang=code).texts("mo-answer")[0]


def test_what_the_base_cannot_carry_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No categories, no contracts, and nobody who was watched for long."""
    days = [f"2024-{month:02}-28" for month in range(1, 13)]
    rows = [f"{day}/{number},{number},{day},9" for day in days for number in range(40)]
    file = tmp_path / "orders.csv"
    file.write_text("order,customer,date,amount\n" + "\n".join(rows) + "\n", "utf-8")
    mapping = "orders: {columns: {order_id: order, customer_id: customer, ordered_at: date, amount: amount}}"
    bring(tmp_path / "base", file, load_mapping(mapping), source_name="orders.csv")
    monkeypatch.setenv("MOSHTARI_BASE", str(tmp_path / "base"))
    shown = drawn(page, lang="en")
    said = unescape(shown.html)
    assert "Who is overdue" in said
    assert "contract" not in " ".join(shown.texts("mo-title"))
    assert any("buy again within 31 days" in one for one in shown.texts("mo-title"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_who_is_long_overdue_is_not_nobody(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All come back after four days or not at all, in a base of a single month."""
    rows = [
        f"{day}/{number},{number},2024-01-{day:02},9,Tea"
        for number in range(120)
        for day in ((1, 5) if number % 2 else (1,))
    ]
    rows.append("28/x,x,2024-01-28,9,Tea")
    file = tmp_path / "orders.csv"
    file.write_text("order,customer,date,amount,kind\n" + "\n".join(rows) + "\n", "utf-8")
    mapping = (
        "orders: {columns: {order_id: order, customer_id: customer, ordered_at: date, amount: amount,"
        " category: kind}}"
    )
    bring(tmp_path / "base", file, load_mapping(mapping), source_name="orders.csv")
    monkeypatch.setenv("MOSHTARI_BASE", str(tmp_path / "base"))
    titles = drawn(page, lang=code).texts("mo-title")
    days = language(code).say("retention.days", count=4)
    told = language(code).say("retention.overdue.title.long", count=120, category="Tea", days=days)
    assert re.sub("[\u2066-\u2069]", "", told) in titles
    # Nobody could be watched for thirty days.
    assert language(code).say("retention.ages.title.undrawn") in titles
