"""How long customers stay under contract, on the retention page of a base of sixty contracts."""

from __future__ import annotations

import datetime as dt
from math import exp
from pathlib import Path

import pytest

from crm_core.i18n import LANGUAGES, Language, language
from crm_core.periods import day_of, period_of
from crm_core.sources.mapping import load_mapping
from crm_core.ui import report
from crm_core.ui.report import Picture, Undrawn
from crm_core.ui.shell import Reader
from crm_core.workspace.bringing import bring
from tests.pages.drawn import INVISIBLE, drawn

CONTRACTS = 60
MAPPINGS = {
    "orders": "orders: {columns: {order_id: order, customer_id: customer, ordered_at: date, amount: amount,"
    " channel: channel}}",
    "contracts": (
        "contracts: {columns: {customer_id: customer, started_at: begins, ended_at: ends,"
        " monthly_amount: amount}}"
    ),
}
FIRST = dt.date(2022, 1, 1)
AFTER_A_YEAR = 1 - exp(-30 * 40 / (40 * 35 + 20 * 365))
"""Forty end 35 days after the first year, twenty are watched for all of the second."""


def page() -> None:
    from pages import retention

    retention.render()


def _files() -> dict[str, str]:
    """Forty contracts last 400 days, into the second year; twenty go on to the last day."""
    orders, contracts = ["order,customer,date,amount,channel"], ["customer,begins,ends,amount"]
    for number in range(CONTRACTS):
        begins = FIRST + dt.timedelta(days=number % 5)
        ends = begins + dt.timedelta(days=399) if number < 40 else ""
        contracts.append(f"{number},{begins},{ends},10")
        channel = ("App", "Web")[number % 2]
        days = (begins, begins + dt.timedelta(days=40 + number))
        orders += [f"{number}/{day},{number},{day},10,{channel}" for day in days]
    orders.append(f"last,0,{FIRST + dt.timedelta(days=900)},10,App")
    return {"orders": "\n".join(orders) + "\n", "contracts": "\n".join(contracts) + "\n"}


@pytest.fixture(scope="module")
def contract_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("contracts")
    for name, text in _files().items():
        file = directory / f"{name}.csv"
        file.write_text(text, "utf-8")
        bring(directory / "base", file, load_mapping(MAPPINGS[name]), source_name=file.name)
    return directory / "base"


@pytest.fixture
def pictures(contract_base: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Picture]:
    """What the page draws, by name, once it has been drawn."""
    found: dict[str, Picture] = {}
    draw = report.picture

    def seen(reader: Reader, one: Picture | Undrawn) -> None:
        if isinstance(one, Picture):
            found[one.name] = one
        draw(reader, one)

    monkeypatch.setenv("MOSHTARI_BASE", str(contract_base))
    monkeypatch.setattr(report, "picture", seen)
    return found


def columns(spoken: Language, *keys: str) -> list[str]:
    return [spoken.say(key) for key in keys]


def headings(picture: Picture) -> list[str]:
    return [column.label for column in picture.table.columns.values()]


@pytest.mark.parametrize("code", LANGUAGES)
def test_contracts_have_a_curve_chances_by_age_and_their_money(
    code: str, pictures: dict[str, Picture]
) -> None:
    spoken = language(code)
    shown = drawn(page, lang=code)
    drawn_of_contracts = [pictures[name] for name in ("contracts", "contract-ages", "contract-money")]
    titles = shown.texts("mo-title")
    assert all(INVISIBLE.sub("", one.title) in titles for one in drawn_of_contracts)
    assert len(shown.pictures) == sum(one.figure is not None for one in pictures.values())
    curve, ages, money = drawn_of_contracts
    assert curve.title == spoken.say(
        "retention.survival.title.contract.half", days=spoken.say("retention.days", count=400)
    )
    assert ages.title == spoken.say(
        "retention.ages.contract.title",
        begins=spoken.number(365),
        ends=spoken.number(730),
        share=spoken.percent(AFTER_A_YEAR, 0),
    )
    assert money.title == spoken.say(
        "retention.contract_money.title.same",
        month=spoken.period(
            period_of(day_of(dt.date(2023, 2, 1)), "month", spoken.calendar), "month", style="long"
        ),
        gross=spoken.percent(20 / 60, 0),
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_their_tables_have_every_number_with_its_interval(code: str, pictures: dict[str, Picture]) -> None:
    spoken = language(code)
    drawn(page, lang=code)
    column, interval = "retention.column", ("column.low", "column.high")
    assert headings(pictures["contracts"]) == columns(
        spoken,
        f"{column}.days",
        f"{column}.at_risk",
        f"{column}.contract.waiting",
        *interval,
        f"{column}.mean_so_far",
        *interval,
    )
    assert headings(pictures["contract-ages"]) == columns(
        spoken,
        f"{column}.age",
        f"{column}.at_risk",
        f"{column}.contract.ended",
        f"{column}.chance",
        *interval,
    )
    assert headings(pictures["contract-money"]) == columns(
        spoken,
        "column.period",
        "column.customers",
        "column.retained",
        "column.opening_amount",
        "column.closing_amount",
        "column.gross_retention",
        "column.net_retention",
        "column.complete",
    )
    assert all(set(one.table.columns) <= set(one.table.rows.columns) for one in pictures.values())


def test_contracts_of_which_none_has_ended_are_not_drawn(pictures: dict[str, Picture]) -> None:
    drawn(page, lang="en", as_of="2023-01-20")
    assert "contracts" not in pictures
    assert "contract-ages" not in pictures


@pytest.mark.parametrize("code", LANGUAGES)
def test_groups_are_told_with_median_and_mean_beside_everybody(
    code: str, pictures: dict[str, Picture]
) -> None:
    spoken = language(code)
    drawn(page, lang=code, split="first_channel")
    curve = pictures["survival"]
    assert list(curve.table.rows["group"]) == [spoken.say("retention.mean.all"), "App", "Web"]
    assert list(curve.table.rows["count"]) == [60, 30, 30]
    # One comes back on each day from the fortieth on; of each group enough are watched for fifty days.
    assert curve.table.rows["median"][0] == 69
    assert curve.table.rows["median"][1:].isna().all()
    means = [(sum(range(40, 50)) + 50 * 50) / 60, (220 + 25 * 50) / 30, (225 + 25 * 50) / 30]
    assert list(curve.table.rows["mean"]) == pytest.approx(means)
    assert (curve.table.rows["mean_low"] < curve.table.rows["mean"]).all()
    assert curve.table.columns["mean"].label == spoken.say(
        "retention.column.mean_within", days=spoken.say("retention.days", count=50)
    )
    shown = [one for one in curve.table.columns if one.startswith(("median", "mean"))]
    assert shown == ["median", "median_low", "median_high", "mean", "mean_low", "mean_high"]
