"""Files into a base: what a second import, another order of rows or a cut in the middle may not change."""

from __future__ import annotations

import csv
import datetime as dt
import errno
import json
import random
import threading
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from crm_core.base import Cancelled, InputError
from crm_core.engine.versions import BaseDirectory
from crm_core.sources.mapping import Mapping, load_mapping
from crm_core.workspace import METRICS, bringing, current_version, open_base
from crm_core.workspace.bringing import (
    BaseSettings,
    Brought,
    bring,
    look,
    mapping_for,
    write_demonstration,
)
from tests.needed import LEARNT, options_needed

HEADER = ["Invoice", "Customer", "When", "Price", "Pieces", "Country"]
MAPPING = """
source: {calendar: gregorian, day_order: ymd, decimal: "."}
orders:
  columns: {order_id: Invoice, customer_id: Customer, ordered_at: When, amount: Price * Pieces}
  currency: EUR
customers:
  columns: {customer_id: Customer, country: Country}
"""
AS_OF = dt.date(2024, 6, 30)

ASKED = {
    name: metric
    for name, metric in METRICS.items()
    if name
    not in (
        *("acquisition_costs", "campaign_effects", "contract_revenue_retention", "retention_by_group"),
        *("loyalty_clubs", "loyalty_early_contacts"),
    )
    and metric not in LEARNT
}
"""The metrics that orders alone can answer: these files know no channels, contacts or contracts, and too few
customers to learn from who leaves."""


def _rows(seed: int, count: int = 400) -> list[list[str]]:
    chance = random.Random(seed)
    rows = []
    for _ in range(count):
        customer = chance.randrange(50)
        day = dt.datetime(2023, 1, 1) + dt.timedelta(minutes=chance.randrange(60 * 24 * 540))
        price = f"{chance.randrange(-500, 3000) / 100:.2f}"
        invoice = f"{customer:03d}-{chance.randrange(12)}"
        name = "" if customer == 29 else f"{customer:05d}"
        rows.append(
            [invoice, name, day.isoformat(" "), price, str(chance.randrange(1, 5)), f"Land {customer % 4}"]
        )
    return rows


def _written(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def _mapping() -> Mapping:
    return load_mapping(MAPPING)


def _bring(base: Path, file: Path) -> Brought:
    return bring(base, file, _mapping(), source_name=file.name)


def _answers(base: Path) -> dict[str, list[dict[str, object]]]:
    """Every metric's rows, in an order of their own."""
    workspace = open_base(str(base))
    try:
        rows = {
            name: workspace.table(metric, as_of=AS_OF, **options_needed(metric, AS_OF)).to_pylist()
            for name, metric in ASKED.items()
        }
    finally:
        workspace.close()
    return {name: sorted(found, key=lambda row: json.dumps(row, default=str)) for name, found in rows.items()}


def test_the_order_of_rows_changes_no_number(tmp_path: Path) -> None:
    rows = _rows(1)
    _bring(tmp_path / "a", _written(tmp_path / "a.csv", rows))
    random.Random(2).shuffle(rows)
    _bring(tmp_path / "b", _written(tmp_path / "b.csv", rows))
    assert _answers(tmp_path / "a") == _answers(tmp_path / "b")


@pytest.mark.parametrize("cut", [1, 133, 399])
def test_an_import_in_two_halves_gives_what_the_whole_gives(tmp_path: Path, cut: int) -> None:
    rows = _rows(3)
    _bring(tmp_path / "whole", _written(tmp_path / "whole.csv", rows))
    for number, half in enumerate((rows[:cut], rows[cut:])):
        brought = _bring(tmp_path / "halves", _written(tmp_path / f"half{number}.csv", half))
        assert (brought.new, brought.read) == (True, len(half))
    assert _answers(tmp_path / "whole") == _answers(tmp_path / "halves")


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    base, file = tmp_path / "base", _written(tmp_path / "orders.csv", _rows(4))
    first = _bring(base, file)
    before = _answers(base)
    again = _bring(base, file)
    assert (first.new, again.new) == (True, False)
    assert again.version == first.version == current_version(str(base))
    assert _answers(base) == before


def test_what_comes_after_the_day_changes_nothing(tmp_path: Path) -> None:
    rows = _rows(5)
    _bring(tmp_path / "all", _written(tmp_path / "all.csv", rows))
    _bring(tmp_path / "past", _written(tmp_path / "past.csv", [row for row in rows if row[2] < "2024-03-02"]))
    for name, metric in ASKED.items():
        answers = []
        for base in ("all", "past"):
            workspace = open_base(str(tmp_path / base))
            as_of = dt.date(2024, 3, 1)
            table = workspace.table(metric, as_of=as_of, **options_needed(metric, as_of))
            answers.append(sorted(map(str, table.to_pylist())))
            workspace.close()
        assert answers[0] == answers[1], name


def test_rows_that_cannot_be_read_are_kept_with_their_reason(tmp_path: Path) -> None:
    rows = _rows(6, 20)
    rows[3][2], rows[7][3] = "yesterday", "a lot"
    brought = _bring(tmp_path / "base", _written(tmp_path / "orders.csv", rows))
    assert (brought.read, brought.accepted, brought.rejected_rows) == (20, 18, 2)
    assert brought.rejected == {"reject.bad_date": 1, "reject.bad_number": 1}
    assert brought.rejects is not None
    kept = brought.rejects.read_text("utf-8-sig")
    assert "yesterday" in kept
    assert "a lot" in kept


def test_a_file_that_cannot_be_used_leaves_the_base_as_it_was(tmp_path: Path) -> None:
    base = tmp_path / "base"
    _bring(base, _written(tmp_path / "orders.csv", _rows(7)))
    before = _answers(base)
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(InputError):
        _bring(base, empty)
    assert current_version(str(base)) == 1
    assert _answers(base) == before
    assert list((base / "staging").iterdir()) == []


def test_a_stopped_import_leaves_the_base_as_it_was(tmp_path: Path) -> None:
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(Cancelled):
        bring(
            tmp_path / "base",
            _written(tmp_path / "orders.csv", _rows(8)),
            _mapping(),
            source_name="orders.csv",
            cancelled=stopped,
        )
    assert current_version(str(tmp_path / "base")) is None


def test_the_currency_of_a_base_must_be_said_when_the_orders_are_in_several(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("customer_id,ordered_at,amount,currency\n1,2024-01-01,5,EUR\n2,2024-01-02,6,USD\n")
    mapping, guessed = mapping_for(file, None)
    assert guessed
    with pytest.raises(InputError) as refused:
        bring(tmp_path / "base", file, mapping, source_name="orders.csv")
    assert refused.value.key == "import.base_currency_needed"
    bring(tmp_path / "base", file, mapping, source_name="orders.csv", settings=BaseSettings(currency="EUR"))
    passport = open_base(str(tmp_path / "base")).passport
    assert (passport.currency, passport.customers, passport.unconverted_lines) == ("EUR", 1, 1)


def test_rates_that_come_later_convert_what_was_there(tmp_path: Path) -> None:
    base = tmp_path / "base"
    orders, rates = tmp_path / "orders.csv", tmp_path / "rates.csv"
    orders.write_text("customer_id,ordered_at,amount,currency\n1,2024-01-01,5,EUR\n2,2024-01-02,6,USD\n")
    rates.write_text("currency,valid_from,rate\nUSD,2023-12-31,0.9\n")
    settings = BaseSettings(currency="EUR")
    bring(base, orders, mapping_for(orders, None)[0], source_name="orders.csv", settings=settings)
    bring(base, rates, mapping_for(rates, None, "rates")[0], source_name="rates.csv")
    rows = open_base(str(base)).table(METRICS["customer_summary"]).sort_by("customer_id")
    assert [str(amount) for amount in rows["revenue"].to_pylist()] == ["5.0000", "5.4000"]


def test_a_later_file_knows_better_where_a_customer_lives(tmp_path: Path) -> None:
    base = tmp_path / "base"
    for number, (day, land) in enumerate((("2024-02-01", "North"), ("2024-01-01", "South"))):
        row = ["1", "007", f"{day} 10:00:00", "5.00", "1", land]
        _bring(base, _written(tmp_path / f"{number}.csv", [row]))
    workspace = open_base(str(base))
    assert workspace.choices.regions == ("North",)


def test_the_demonstration_is_written_once_with_its_truth(tmp_path: Path) -> None:
    base = tmp_path / "base"
    first = write_demonstration(base, customers=200, seed=3)
    again = write_demonstration(base, customers=200, seed=3)
    assert (first.new, again.new) == (True, False)
    assert json.loads((base / "truth" / "truth.json").read_text("utf-8"))
    assert (base / "truth" / "customers.parquet").is_file()
    assert open_base(str(base)).demonstration
    with pytest.raises(InputError):
        write_demonstration(base, customers=300, seed=3)
    manifest = BaseDirectory(base).current()
    assert manifest is not None
    assert isinstance(pa.table({"read": [one.read for one in manifest.imports]}), pa.Table)


def test_numbers_that_cannot_be_counted_leave_the_base_as_it_was(tmp_path: Path) -> None:
    base = tmp_path / "base"
    rows = [
        ["1", "7", "2024-01-01", "900000000000000", "1", "X"],
        ["2", "7", "2024-01-02", "900000000000000", "1", "X"],
    ]
    with pytest.raises(InputError) as refused:
        _bring(base, _written(tmp_path / "huge.csv", rows))
    assert refused.value.key == "engine.numbers_too_large"
    assert not current_version(str(base))
    _bring(base, _written(tmp_path / "good.csv", _rows(9)))
    before = _answers(base)
    with pytest.raises(InputError):
        _bring(base, _written(tmp_path / "huge.csv", rows))
    assert current_version(str(base)) == 1
    assert _answers(base) == before


def test_own_orders_do_not_mix_with_the_demonstration(tmp_path: Path) -> None:
    base = tmp_path / "base"
    write_demonstration(base, customers=50, seed=1)
    with pytest.raises(InputError) as refused:
        _bring(base, _written(tmp_path / "orders.csv", _rows(10)))
    assert refused.value.key == "import.base_is_demonstration"


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt(), RuntimeError("x")])
def test_an_import_that_cannot_be_counted_is_taken_back(
    fault: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "base"
    _bring(base, _written(tmp_path / "a.csv", _rows(1)))
    parts = sorted((base / "parts").rglob("*"))
    more = _written(tmp_path / "b.csv", _rows(2))

    def build(*_: object) -> None:
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(bringing, "build", build)
        with pytest.raises(type(fault)):
            _bring(base, more)
        with pytest.raises(type(fault)):
            _bring(base, tmp_path / "a.csv")
    assert current_version(str(base)) == 1, "what was there before stays"
    assert sorted((base / "parts").rglob("*")) == parts
    assert _bring(base, more).version == 2


def test_an_import_that_is_stopped_while_it_is_counted_is_taken_back(tmp_path: Path) -> None:
    stop = threading.Event()

    def progress(share: float) -> None:
        if share > 0.6:
            stop.set()

    file = _written(tmp_path / "a.csv", _rows(1))
    with pytest.raises(Cancelled):
        bring(tmp_path / "base", file, _mapping(), source_name="a", progress=progress, cancelled=stop)
    assert current_version(str(tmp_path / "base")) is None


def test_what_a_base_keeps_to_cannot_be_changed_by_a_later_import(tmp_path: Path) -> None:
    file = _written(tmp_path / "a.csv", _rows(1))
    _bring(tmp_path / "base", file)
    for settings in (BaseSettings(currency="USD"), BaseSettings(time_zone="Asia/Tehran")):
        with pytest.raises(InputError, match=r"import\.base_has_"):
            bring(tmp_path / "base", file, _mapping(), source_name="a", settings=settings)
    same = BaseSettings(currency=" eur ", time_zone="UTC")
    assert not bring(tmp_path / "base", file, _mapping(), source_name="a", settings=same).new


def test_what_a_look_shows_is_in_the_bases_own_units(tmp_path: Path) -> None:
    file = _written(tmp_path / "a.csv", [["1", "a", "2024-01-05", "1.6", "1", "x"]])
    rial = BaseSettings(currency="IRR", time_zone="Asia/Tehran")
    mapping = load_mapping(MAPPING.replace("  currency: EUR\n", ""))
    assert (
        look(tmp_path / "base", file, mapping=mapping, settings=rial).read[0].values["orders.amount"] == "2"
    )
    assert look(tmp_path / "base", file, mapping=mapping).read[0].values["orders.amount"] == "1.6"
    assert not (tmp_path / "base").exists()
