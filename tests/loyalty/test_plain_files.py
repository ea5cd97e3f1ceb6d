"""From files to files: what the command line writes of a club is what its company's files come to."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from crm_core.__main__ import main
from crm_core.engine.versions import BaseDirectory
from crm_core.loyalty.estimates import loyalty_months
from crm_core.loyalty.rules import template
from crm_core.workspace import open_base, programmes
from crm_core.workspace.bringing import write_demonstration
from crm_core.workspace.openings import with_openings
from tests.loyalty.plain_club import Club
from tests.loyalty.plain_expected import Expected, compare
from tests.loyalty.plain_files import DAY, Files

ORDERS = """order_id,customer_id,ordered_at,amount,currency,channel,category
1,a,2024-01-05 10:00:00,1500000,IRR,web,tea
2,b,2024-02-10 10:00:00,820500,IRR,shop,rice
3,a,2024-02-11 10:00:00,-500000,IRR,web,tea
4,a,2024-03-19 10:00:00,30.5,USD,shop,soap
5,b,2024-03-20 23:30:00,99999,IRR,web,tea
6,,2024-03-21 10:00:00,100000,IRR,web,tea
7,b,2024-06-01 10:00:00,12.25,USD,web,tea
8,c,2024-07-01 10:00:00,640000,IRR,web,soap
9,a,2025-03-20 10:00:00,250000,IRR,shop,tea
10,a,2025-03-21 10:00:00,710000,IRR,shop,tea
"""
RATES = """currency,valid_from,rate
USD,2024-03-01,42000
USD,2024-05-01,58499.5
"""
CLUB: dict[str, Any] = {
    "name": "باشگاه",
    "calendar": "jalali",
    "members": {"who": "everybody"},
    "earn": [
        {"for": "amount", "points": 1, "unit": 10000},
        {"for": "amount", "points": 1, "unit": 20000, "channels": ["web"], "at_least": 99999.2},
    ],
    "caps": {"month": 190},
    "expiry": {"kind": "year_end"},
    "tiers": {
        "by": "amount",
        "within_days": 365,
        "review": "year",
        "steps": [
            {"name": "نقره", "from": 900000, "multiplier": 1.15, "discount": 2.5},
            {"name": "طلا", "from": 2000000, "multiplier": 1.5, "discount": 7},
        ],
    },
    "rewards": [{"name": "چای", "points": 40, "cost": 150000}],
    "redemption": {"low": 0, "likely": 0.5, "high": 1},
}
BROUGHT = {"a": (15, "طلا"), "b": (0, "نقره")}


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def done(*arguments: str) -> None:
    assert main(arguments) == 0


def test_a_base_of_whole_units_from_its_files_to_its_tables(tmp_path: Path) -> None:
    base, files = tmp_path / "base", Files(rows_of(ORDERS), rates=rows_of(RATES), scale=1, own="IRR")
    for name, text in {
        "orders.csv": ORDERS,
        "rates.csv": RATES,
        "club.yaml": yaml.safe_dump(CLUB, allow_unicode=True),
        "balances.csv": "customer_id,points,tier\n"
        + "".join(f"{one},{points},{tier}\n" for one, (points, tier) in BROUGHT.items()),
    }.items():
        (tmp_path / name).write_text(text, "utf-8")
    beside = ("--base", str(base))
    for table in ("orders", "rates"):
        done("import", str(tmp_path / f"{table}.csv"), "--table", table, "--currency", "IRR", *beside)
    done("programme", "save", str(tmp_path / "club.yaml"), *beside)
    done(
        "programme",
        "openings",
        CLUB["name"],
        str(tmp_path / "balances.csv"),
        "--as-of",
        "2024-02-10",
        *beside,
    )
    workspace = open_base(str(base))
    kept = with_openings(str(base), programmes.read(str(base), CLUB["name"]).programme)
    as_of = dt.date(2025, 3, 21)
    club = Club(files, CLUB, as_of, openings=(dt.date(2024, 2, 10), BROUGHT))
    compare(workspace.ask(), club, "buddhist")
    expected = Expected(club, "jalali").months()
    output = tmp_path / "months.csv"
    options = [f"programme={CLUB['name']}", "calendar=jalali"]
    settings = [word for one in options for word in ("--set", one)]
    day = ("--as-of", as_of.isoformat())
    done("metric", "loyalty_months", *settings, *day, "--output", str(output), *beside)
    written = [row for row in rows_of(output.read_text("utf-8")) if row["redeeming"] != "likely"]
    by_share = [row for share in ("low", "high") for row in written if row["redeeming"] == share]
    mine = [{name: row[name] for name in expected[0]} for row in by_share]
    assert mine == [{name: told_as(value) for name, value in row.items()} for row in expected]
    asked = workspace.ask()(loyalty_months, as_of=as_of, programme=kept, calendar="jalali")
    assert asked["balance"].tolist() == [
        int(row["balance"])
        for share in ("low", "likely", "high")
        for row in rows_of(output.read_text("utf-8"))
        if row["redeeming"] == share
    ]
    workspace.close()


def told_as(value: object) -> str:
    """A value as the command line writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("plain") / "base"
    write_demonstration(base, customers=60, seed=3)
    return base


def files_of(base: Path) -> Files:
    """The parts of a base, as their owner would have written them."""
    manifest = BaseDirectory(base).current()
    assert manifest is not None

    def told(column: str, value: Any) -> str:
        if value is None:
            return ""
        if column in ("amount", "cost"):
            return str(Decimal(value) / 10_000)
        return repr(value) if isinstance(value, float) else str(value)

    def rows(table: str) -> list[dict[str, str]]:
        return [
            {column: told(column, value) for column, value in row.items()}
            for path in sorted((base / "parts" / table).glob("*.parquet"))
            for row in pq.read_table(path).to_pylist()
        ]

    return Files(
        rows("orders"),
        rows("payments"),
        rows("customers"),
        rows("contacts"),
        rows("rates"),
        own=manifest.currency,
    )


@pytest.mark.parametrize("name", ["points_club", "punctual_business"])
def test_templates_on_the_demonstration_base(name: str, small: Path) -> None:
    said = yaml.safe_load(template(name))
    if "redemption" in said:
        said["redemption"] = {"low": 0, "likely": 0.5, "high": 1}
    workspace = open_base(str(small))
    as_of = workspace.as_of if name == "points_club" else workspace.as_of - 100 * DAY
    compare(workspace.ask(), Club(files_of(small), said, as_of), "gregorian")
    workspace.close()
