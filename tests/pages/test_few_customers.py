"""Bases of one, a few and just enough customers: what is drawn, and what is said in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.i18n import LANGUAGES, language
from crm_core.sources.mapping import load_mapping
from crm_core.workspace.bringing import bring
from tests.pages.drawn import drawn

MAPPING = "orders: {columns: {order_id: order, customer_id: customer, ordered_at: date, amount: amount}}"


def overview_page() -> None:
    from pages import overview

    overview.render()


def segments_page() -> None:
    from pages import segments

    segments.render()


def value_page() -> None:
    from pages import value

    value.render()


def customer_page() -> None:
    from pages import customer

    customer.render()


def base_of(directory: Path, months: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A base in which so many customers, always the same ones first, bought on the last day of each month."""
    rows = [
        f"{month}/{number},10-{number:02},{month}-28,{10 + number}"
        for month, many in months.items()
        for number in range(many)
    ]
    file = directory / "orders.csv"
    file.write_text("order,customer,date,amount\n" + "\n".join(rows) + "\n", "utf-8")
    bring(directory / "base", file, load_mapping(MAPPING), source_name="orders.csv")
    monkeypatch.setenv("MOSHTARI_BASE", str(directory / "base"))


YEARS = [f"{year}-{month:02}" for year in (2022, 2023, 2024) for month in range(1, 13)]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("customers", [1, 3, 20, 24])
def test_few_customers_are_counted_and_nothing_is_drawn(
    customers: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base_of(tmp_path, dict.fromkeys(YEARS, customers), monkeypatch)
    spoken = language(code)
    for page, key in ((overview_page, "overview.context.few"), (segments_page, "segments.context.few")):
        shown = drawn(page, lang=code)
        assert not shown.pictures
        assert not shown.texts("mo-title") + shown.texts("mo-change") + shown.texts("mo-highlight")
        assert "mo-trend" not in shown.html
        counted = {"count": customers} if key.startswith("overview") else {}
        assert spoken.say(key, least=25, **counted) in shown.texts("mo-context")
        (way,) = (way for way in shown.ways if way.startswith("customer?"))
        assert "group=" not in way


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("customers", [1, 24, 29])
def test_too_few_who_came_back_are_no_forecast(
    customers: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base_of(tmp_path, dict.fromkeys(YEARS, customers), monkeypatch)
    shown = drawn(value_page, lang=code)
    assert shown.texts("mo-answer") == [language(code).say("value.too_few_customers", least=30)]
    assert not shown.pictures
    assert not shown.texts("mo-value")


def test_enough_customers_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base_of(tmp_path, dict.fromkeys(YEARS, 25), monkeypatch)
    assert len(drawn(overview_page, lang="en").pictures) == 2
    shown = drawn(segments_page, lang="en")
    assert len(shown.pictures) == 2
    assert shown.texts("mo-beside")
    assert any(each.startswith("Nobody has changed segment since") for each in shown.texts("mo-subtitle"))


def test_a_picture_that_a_base_cannot_carry_says_what_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    months = {month: 3 if month < "2024" else 30 for month in YEARS}
    base_of(tmp_path, months, monkeypatch)
    shown = drawn(overview_page, lang="en")
    assert len(shown.pictures) == 1
    assert "Why revenue changed" in shown.texts("mo-title")
    assert any(
        "there were 30 in this one and 3 in the one before" in each for each in shown.texts("mo-subtitle")
    )
    moved = drawn(segments_page, lang="en")
    assert len(moved.pictures) == 2
    assert "Who moved between segments" in moved.texts("mo-title")


def test_a_base_of_one_month_shows_no_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base_of(tmp_path, {"2024-01": 40, "2024-02": 40}, monkeypatch)
    shown = drawn(overview_page, lang="en")
    assert not shown.pictures
    assert any("so far 1 is" in each for each in shown.texts("mo-subtitle"))


def test_an_id_in_a_persian_heading_reads_as_it_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base_of(tmp_path, {"2024-01": 2}, monkeypatch)
    listed = drawn(customer_page, lang="fa")
    assert '<bdi dir="ltr">10-01</bdi>' in listed.html
    one = drawn(customer_page, lang="fa", customer="10-01", order="2024-01/1")
    assert one.html.count('<bdi dir="ltr">10-01</bdi>') == 2
    assert one.html.count('<bdi dir="ltr">2024-01/1</bdi>') == 2


@pytest.mark.parametrize("page", ["2", "99", "9" * 17, "9" * 5_000, "-3", "two"])
def test_a_page_that_a_list_does_not_have_is_its_first_one(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base_of(tmp_path, {"2024-01": 28}, monkeypatch)
    shown = drawn(customer_page, lang="en", page=page)
    assert shown.texts("mo-answer") == ["28 customers have bought from us."]
    assert "10-27" in shown.html
    found = drawn(customer_page, lang="en", page=page, id="10-0")
    assert "10-09" in found.html
    assert "10-27" not in found.html


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "soon"])
def test_a_day_that_no_calendar_knows_is_not_looked_at(
    day: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base_of(tmp_path, {"2024-01": 28}, monkeypatch)
    assert "28 January 2024" in drawn(customer_page, lang="en", as_of=day).html
