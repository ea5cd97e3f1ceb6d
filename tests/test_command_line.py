"""The command line as a user types it: what it prints, where, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from crm_core.__main__ import main

ROOT = Path(__file__).parents[1]
ORDERS = """Invoice,CustomerID,InvoiceDate,Quantity,Price
1,007,2024-01-05 10:00:00,2,1.25
2,007,2024-02-06 11:00:00,1,4
2,007,2024-02-06 11:00:00,-1,1
3,,2024-02-07 11:00:00,3,3
4,008,2024-03-01 09:30:00,1,10.10
"""


def _run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "MOSHTARI_LANG": "en", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "crm_core", *arguments], capture_output=True, env=environment, check=False
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("command_line")
    (directory / "orders.csv").write_text(ORDERS)
    done = _run(
        "import", str(directory / "orders.csv"), "--currency", "EUR", "--base", str(directory / "base")
    )
    assert done.returncode == 0, done.stderr
    assert b"Quantity * Price" in done.stdout, "a guessed mapping is shown"
    assert b"5 rows read: 5 accepted, 0 set aside." in done.stdout
    return directory / "base"


def test_a_metric_comes_out_as_csv(base: Path) -> None:
    done = _run("metric", "customer_summary", "--base", str(base))
    assert (done.returncode, done.stderr) == (0, b"")
    rows = {row["customer_id"]: row for row in csv.DictReader(io.StringIO(done.stdout.decode()))}
    assert rows["007"]["revenue"] == "5.5000"
    assert rows["007"]["order_count"] == "2"
    assert rows["007"]["first_ordered_at"] == "2024-01-05 10:00:00"
    assert rows["008"]["days_since_last_order"] == "0"
    assert rows["008"]["margin"] == ""


def test_a_metric_as_of_an_earlier_day_knows_nothing_later(base: Path) -> None:
    done = _run(
        "metric", "customer_summary", "--base", str(base), "--as-of", "2024-01-31", "--format", "json"
    )
    assert [row["customer_id"] for row in json.loads(done.stdout)] == ["007"]
    assert json.loads(done.stdout)[0]["revenue"] == 2.5


def test_a_metric_goes_into_a_parquet_file(base: Path, tmp_path: Path) -> None:
    path = tmp_path / "months.parquet"
    done = _run(
        *("metric", "revenue_by_period", "--base", str(base), "--set", "calendar=jalali"),
        *("--format", "parquet", "--output", str(path)),
    )
    assert (done.returncode, done.stdout) == (0, b"")
    months = pq.read_table(path)
    assert [str(amount) for amount in months["revenue"].to_pylist()] == ["2.5000", "12.0000", "10.1000"]
    assert [str(amount) for amount in months["guest_revenue"].to_pylist()] == ["0.0000", "9.0000", "0.0000"]
    assert list(tmp_path.iterdir()) == [path]


def test_the_passport_counts_what_was_brought(base: Path) -> None:
    done = _run("check", "--base", str(base))
    assert done.returncode == 0
    assert b"2 customers, 3 purchases" in done.stdout
    assert b"orders\t5\t" in done.stdout


def test_every_metric_is_listed() -> None:
    done = _run("metrics")
    names = {line.split("\t")[0] for line in done.stdout.decode().splitlines()}
    assert {"customer_summary", "rfm", "abc", "pareto_curve", "revenue_by_period", "lifecycle"} <= names


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("metric", "rmf", "--base", "{base}"), "rmf"),
        (("metric", "rfm", "--base", "{base}/nowhere"), "nowhere"),
        (("metric", "rfm", "--base", "{base}", "--set", "bins=7"), "bins"),
        (("metric", "lifecycle", "--base", "{base}", "--set", "unit=fortnight"), "fortnight"),
        (("metric", "rfm", "--base", "{base}", "--output", "{base}/no/such/folder.csv"), "folder.csv"),
        (("metric", "rfm", "--base", "{base}", "--as-of", "soon"), "soon"),
        (("import", "{base}/none.csv", "--base", "{base}"), "none.csv"),
        (("import", "{base}/CURRENT", "--base", "{base}"), "customer_id"),
        (("demo", "--base", "{base}", "--customers", "0"), "0"),
        (("demo", "--base", "{base}", "--customers", "10"), "base"),
        (("check", "--base", "oracle://nobody:secret@127.0.0.1:1/x"), "oracle"),
    ],
)
@pytest.mark.parametrize("language", ["en", "fa", "th"])
def test_bad_input_ends_with_2_and_one_line(
    base: Path,
    arguments: tuple[str, ...],
    said: str,
    language: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOSHTARI_LANG", language)
    try:
        status = main([argument.format(base=base) for argument in arguments])
    except SystemExit as ended:
        status = int(ended.code or 0)
    told = capsys.readouterr().err.splitlines()
    assert status == 2
    assert said in told[-1]
    assert "secret" not in told[-1]
    assert len(told) == 1 or told[0].startswith("usage: ")


def test_a_program_that_is_told_nonsense_ends_with_2() -> None:
    done = _run("metric", "rmf", "--base", "/nowhere")
    assert (done.returncode, done.stdout) == (2, b"")
    assert len(done.stderr.decode().splitlines()) == 1
