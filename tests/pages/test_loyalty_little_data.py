"""The page of the customer club on bases of orders only: sixty customers, one, a few days, all returned."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from crm_core.i18n import LANGUAGES, language
from crm_core.loyalty.rules import TEMPLATES
from crm_core.sources.mapping import load_mapping
from crm_core.workspace.bringing import bring
from tests.pages.drawn import Drawn, drawn, said

MAPPING = "orders: {columns: {order_id: order, customer_id: customer, ordered_at: date, amount: amount}}"
LAST = dt.date(2025, 6, 30)


def page() -> None:
    from pages import loyalty

    loyalty.render()


def base_of(
    directory: Path, monkeypatch: pytest.MonkeyPatch, customers: int, days: int, amount: int = 40
) -> None:
    """A base in which so many customers bought every 17 days in the last days up to one."""
    rows = [
        f"{day}/{who},C{who},{LAST - dt.timedelta(days=day)},{amount + who}"
        for who in range(customers)
        for day in range(who % 17, days, 17)
    ]
    file = directory / "orders.csv"
    file.write_text("order,customer,date,amount\n" + "\n".join(rows) + "\n", "utf-8")
    bring(directory / "base", file, load_mapping(MAPPING), source_name="orders.csv")
    monkeypatch.setenv("MOSHTARI_BASE", str(directory / "base"))


def holds(found: Drawn) -> None:
    assert len(found.texts("mo-answer")) == 1
    assert "nan" not in re.sub(r"<[^>]+>", " ", found.html).split()


@pytest.mark.parametrize("code", LANGUAGES)
def test_sixty_customers_and_orders_only(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base_of(tmp_path, monkeypatch, 60, 800)
    spoken = language(code)
    for name in ("points_club", "discount_ladder"):
        found = drawn(page, lang=code, programme=name, compare="points_club")
        holds(found)
        assert spoken.say("loyalty.figure.brought.revenue") in found.html
        least = said(spoken, "loyalty.lift.at_least", lift="¤").split("¤")[0].strip()
        assert least in found.texts("mo-answer")[0]
        assert sum(least in one for one in found.texts("mo-value")) == 1
        assert "mo-failure" not in found.html
    business = drawn(page, lang=code, programme="punctual_business")
    holds(business)
    assert not business.texts("mo-value")
    assert business.texts("mo-answer")[0].startswith(
        spoken.say("base.table_not_provided", table="customers")[:20]
    )
    against = drawn(page, lang=code, programme="points_club", compare="punctual_business")
    assert len(against.texts("mo-value")) == 5
    assert "mo-failure" in against.html


@pytest.mark.parametrize("programme", TEMPLATES[:2])
@pytest.mark.parametrize(("customers", "days"), [(1, 400), (3, 40), (60, 5)])
def test_hardly_anything_to_go_by(
    programme: str, customers: int, days: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base_of(tmp_path, monkeypatch, customers, days)
    found = drawn(page, lang="en", programme=programme)
    holds(found)
    assert "mo-failure" not in found.html
    told = re.findall(r"in the ([\d,]+) days? up to", " ".join(found.texts("mo-context")))
    first = max(day for who in range(customers) for day in range(who % 17, days, 17))
    assert [int(one) for one in told] == [min(365, first + 1)]
    scaled = "are scaled up" in " ".join(found.texts("mo-context"))
    assert scaled == (first < 364)


def test_members_who_gave_everything_back_bring_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base_of(tmp_path, monkeypatch, 2, 1)
    file = tmp_path / "back.csv"
    file.write_text(f"order,customer,date,amount\nr0,C0,{LAST},-40\nr1,C1,{LAST},-500\n", "utf-8")
    bring(tmp_path / "base", file, load_mapping(MAPPING), source_name="back.csv")
    found = drawn(page, lang="en", programme="points_club")
    assert found.texts("mo-answer") == [language("en").say("loyalty.nobody")]
