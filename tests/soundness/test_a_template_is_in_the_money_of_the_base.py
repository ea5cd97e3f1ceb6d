"""A template's club cost a rial base 10,500 rials a year and paid at 0 % more.

Its vouchers of two and its points for each one of the currency are meant for euros; in a base where a
purchase comes to twenty million, all members were in the highest tier, and nothing cost anything.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.loyalty.answers import club, size_of_templates
from crm_core.loyalty.rules import read_programme, sized, template
from crm_core.sources.mapping import load_mapping
from crm_core.workspace import open_base
from crm_core.workspace.bringing import BaseSettings, bring

ROWS = "customer_id,order_id,ordered_at,amount\n" + "".join(
    f"C{number % 40},O{number},2026-{1 + number % 10:02}-{1 + number % 28:02},{{amount}}\n"
    for number in range(400)
)
NAMES = ("customer_id", "order_id", "ordered_at", "amount")
MAPPING = load_mapping(f"orders: {{columns: {{{', '.join(f'{one}: {one}' for one in NAMES)}}}}}")


def of_purchases(directory: Path, currency: str, amount: str) -> tuple[float, float, float]:
    """By how much templates are sized, with which growth the points club pays, and its share of revenue."""
    file = directory / "orders.csv"
    file.write_text(ROWS.format(amount=amount))
    bring(directory / "base", file, MAPPING, source_name=file.name, settings=BaseSettings(currency=currency))
    workspace = open_base(str(directory / "base"))
    ask, as_of = workspace.ask(), workspace.as_of
    times = size_of_templates(ask, as_of=as_of)
    programme = sized(read_programme(template("points_club")), times)
    found = club(ask, as_of=as_of, programme=programme, months=12)
    return times, found.lift.likely, found.cost.likely / found.brought


@pytest.mark.parametrize(("currency", "amount", "times"), [("IRR", "40000000", 1e6), ("THB", "1200", 10)])
def test_it_gives_as_much_as_in_euros(tmp_path: Path, currency: str, amount: str, times: float) -> None:
    for name in ("euros", "own"):
        (tmp_path / name).mkdir()
    like = float(amount) / times
    assert of_purchases(tmp_path / "own", currency, amount) == pytest.approx(
        (times, *of_purchases(tmp_path / "euros", "EUR", str(like))[1:]), rel=1e-6
    )
