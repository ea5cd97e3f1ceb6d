"""The command line as a user types it: what it prints, where, and how it ends."""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

import pyarrow.parquet as pq
import pytest

from crm_core.__main__ import main
from crm_core.workspace import current_version

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
        (("import", "{orders}", "--base", ""), "--base"),
        (("metric", "rmf", "--base", "{base}"), "rmf"),
        (("metric", "rfm", "--base", "{base}/nowhere"), "nowhere"),
        (("metric", "rfm", "--base", "{base}", "--set", "bins=7"), "bins"),
        (("metric", "cohort_retention", "--base", "{base}", "--set", "parted_on=May"), "YYYY-MM-DD"),
        (("metric", "lifecycle", "--base", "{base}", "--set", "unit=fortnight"), "fortnight"),
        (("metric", "rfm", "--base", "{base}", "--output", "{base}/no/such/folder.csv"), "folder.csv"),
        (("metric", "rfm", "--base", "{base}", "--as-of", "soon"), "soon"),
        (("import", "{base}/none.csv", "--base", "{base}"), "none.csv"),
        (("import", "{base}/CURRENT", "--base", "{base}"), "customer_id"),
        (("demo", "--base", "{base}", "--customers", "0"), "0"),
        (("demo", "--base", "{base}", "--customers", "10"), "base"),
        (("demo", "--base", "{base}/x", "--customers", "-5"), "-5"),
        (("demo", "--base", "{base}/x", "--customers", "many"), "many"),
        (("demo", "--base", "{base}/x", "--customers", "1.5"), "1.5"),
        (("demo", "--base", "{base}/x", "--customers", "9" * 30), "--customers"),
        (("demo", "--base", "{base}/x", "--seed", "-1"), "--seed"),
        (("serve", "--base", "{base}", "--port", "x"), "--port"),
        (("serve", "--base", "{base}", "--port", "99999999"), "--port"),
        (("metric", "rfm", "--base", "{base}", "--format", "xml"), "xml"),
        (("metric", "rfm", "--base", "{base}", "--output", "{base}"), "base"),
        (("metric", "rfm"), "--base"),
        (("metric", "rfm", "--base", "{base}", "--limit", "3"), "--limit"),
        (("mterics",), "mterics"),
        ((), "COMMAND"),
        (("import", "{orders}", "--base", "{base}/x", "--table", "nope"), "nope"),
        (("import", "{orders}", "--base", "{base}/x", "--table", "payments"), "due_at"),
        (("import", "{orders}", "--base", "{base}/x", "--currency", "EURO"), "EURO"),
        (("import", "{orders}", "--base", "{base}/x", "--currency", "€"), "€"),
        (("import", "{orders}", "--base", "{base}/x", "--time-zone", "Mars/Olympus"), "Mars/Olympus"),
        (("import", "{orders}", "--base", "{base}/x", "--time-zone", "../etc/passwd"), "../etc/passwd"),
        (("import", "{orders}", "--base", "{base}", "--currency", "USD"), "EUR"),
        (("import", "{orders}", "--base", "{base}", "--time-zone", "Asia/Tehran"), "UTC"),
        (("programme", "show", "Club", "--base", "{base}"), "Club"),
        (("programme", "save", "{base}/none.yaml", "--base", "{base}"), "none.yaml"),
        (("programme", "save", "{orders}", "--base", "{base}"), "programme"),
        (("programme", "restore", "Club", "0", "--base", "{base}"), "VERSION"),
        (("programme", "history", "Club", "--base", "postgres://a:secret@127.0.0.1:1/x"), "postgres"),
        (("programme",), "COMMAND"),
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
    orders, before = base.parent / "orders.csv", sorted(base.rglob("*"))
    assert main([argument.format(base=base, orders=orders) for argument in arguments]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert said in told[0]
    assert "secret" not in told[0]
    assert "_whole" not in told[0]
    assert not (base / "x").exists()
    assert sorted(base.rglob("*")) == before


def test_a_program_that_is_told_nonsense_ends_with_2() -> None:
    done = _run("metric", "rmf", "--base", "/nowhere")
    assert (done.returncode, done.stdout) == (2, b"")
    assert len(done.stderr.decode().splitlines()) == 1


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_a_reader_who_goes_away_is_no_error(form: str, base: Path) -> None:
    command = [sys.executable, "-m", "crm_core", "metric", "customer_summary", "--base", str(base)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, "--format", form], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as asked:
        assert asked.stdout is not None
        assert asked.stderr is not None
        asked.stdout.close()
        assert asked.stderr.read() == b""
        assert asked.wait(60) == 0


def _bringing(file: Path, base: Path, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "crm_core", "import", str(file), "--base", str(base)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "MOSHTARI_LANG": "en", "PYTHONPATH": str(ROOT)},
        **options,
    )


def test_two_imports_at_once_both_land(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(ORDERS)
    (tmp_path / "b.csv").write_text(ORDERS.replace("2024", "2023"))
    both = [_bringing(tmp_path / name, tmp_path / "base") for name in ("a.csv", "b.csv")]
    assert [(one.communicate(timeout=120)[1], one.returncode) for one in both] == [(b"", 0)] * 2
    done = _run("check", "--base", str(tmp_path / "base"))
    assert b"orders\t10\t" in done.stdout
    assert list((tmp_path / "base" / "staging").iterdir()) == []


def _limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 17, 1 << 17))


def test_a_disk_that_takes_no_more_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS + "".join(f"x{n},{n},2024-03-01,1,{n % 977}.25\n" for n in range(60_000)))
    refused = _bringing(file, tmp_path / "base", preexec_fn=_limit_files)
    told = refused.communicate(timeout=120)[1].decode().splitlines()
    assert refused.returncode == 2
    assert len(told) == 1
    assert told[0].startswith("The machine refused: ")
    assert current_version(str(tmp_path / "base")) is None
    assert _leftovers(tmp_path / "base") == []


@pytest.mark.parametrize("seconds", [0.4, 1.5, 2.5])
@pytest.mark.parametrize("everybody", [True, False], ids=["terminal", "process"])
def test_an_import_that_is_stopped_leaves_nothing(seconds: float, everybody: bool, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS + "".join(f"x{n},{n},2024-03-01,1,{n % 977}.25\n" for n in range(900_000)))
    work = _bringing(file, tmp_path / "base", start_new_session=True)
    time.sleep(seconds)
    (os.killpg if everybody else os.kill)(work.pid, signal.SIGINT)
    told = work.communicate(timeout=60)[1].decode().splitlines()
    # A signal that comes before the program has begun to listen ends it as it ends any.
    assert work.returncode == 130 or (seconds < 1 and work.returncode != 0)
    if work.returncode == 130:
        assert told == ["Stopped. Nothing was changed."]
    assert current_version(str(tmp_path / "base")) is None
    assert _leftovers(tmp_path / "base") == []
    assert _living(work.pid) == []


def _leftovers(base: Path) -> list[Path]:
    """Files of a base that holds nothing beyond its name and its locks."""
    return [path for path in base.rglob("*") if path.is_file() and path.name not in ("CURRENT", "lock")]


def _living(session: int) -> list[int]:
    """Processes of a session."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            told = status.read_text().rpartition(")")[2].split()
            if int(told[3]) == session and told[0] != "Z":
                found.append(int(status.parent.name))
    return found


def test_a_base_that_may_only_be_read_answers_and_refuses(
    base: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shutil.copytree(base, tmp_path / "base")
    (tmp_path / "more.csv").write_text(ORDERS.replace("2024", "2023"))

    def read_only(path: Path, mode: str = "r", *rest: Any, **options: Any) -> IO[Any]:
        if set(mode) & set("wax+") and path.is_relative_to(tmp_path / "base"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opened(path, mode, *rest, **options)

    opened = Path.open
    monkeypatch.setattr(Path, "open", read_only)
    monkeypatch.setenv("MOSHTARI_LANG", "en")
    assert main(["metric", "rfm", "--base", str(tmp_path / "base")]) == 0
    capfd.readouterr()
    assert main(["import", str(tmp_path / "more.csv"), "--base", str(tmp_path / "base")]) == 2
    told = capfd.readouterr().err.splitlines()
    assert len(told) == 1
    assert told[0].startswith("There is no permission to use ")
    assert current_version(str(tmp_path / "base")) == 1


def test_programmes_are_kept_changed_and_brought_back(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOSHTARI_LANG", "en")
    here = str(tmp_path / "base")
    shutil.copytree(base, here)
    file = tmp_path / "club.yaml"

    def say(*arguments: str) -> tuple[int, list[str]]:
        status = main([*arguments, "--base", here])
        told = capsys.readouterr()
        return status, (told.err if status else told.out).splitlines()

    assert say("programme", "list") == (0, [])
    first = "name: باشگاه ما\nmembers: {who: everybody}\nearn: [{for: purchase, points: 1}]\n"
    file.write_text(first)
    assert say("programme", "save", str(file)) == (0, ["“\u2068باشگاه ما\u2069” is kept as version 1."])
    file.write_text(first.replace("points: 1", "points: 2"))
    status, told = say("programme", "save", str(file))
    assert status == 2
    assert "version 1" in told[0]
    assert say("programme", "save", str(file), "--after", "1")[0] == 0
    file.write_text(first.replace("points: 1", "points: 3"))
    status, told = say("programme", "save", str(file), "--after", "1")
    assert status == 2
    assert "version 2" in told[0]
    assert say("programme", "restore", "باشگاه ما", "1", "--after", "2")[0] == 0
    assert say("programme", "show", "باشگاه ما") == (0, first.splitlines())
    assert "points: 2" in "".join(say("programme", "show", "باشگاه ما", "--version", "2")[1])
    assert say("programme", "show", "points_club")[1][0] == "name: Points club"
    assert say("programme", "show", "points_club", "--version", "1")[0] == 2, "templates have none"
    history = say("programme", "history", "باشگاه ما")[1]
    assert [line.partition("\t")[0] for line in history] == ["3", "2", "1"]
    assert history[0].endswith("\tas version 1 was")
    assert say("programme", "list")[1][0].startswith("باشگاه ما\t3\t")
    status, told = say("metric", "loyalty_cost", "--set", "programme=باشگاه ما", "--set", "months=1")
    assert (status, len(told)) == (0, 4)
    balances = tmp_path / "balances.csv"
    balances.write_text("customer_id,points\n007,1250\n")
    bring = ("programme", "openings", "باشگاه ما", str(balances), "--as-of", "2024-01-31")
    assert say(*bring) == (0, ["Opening balances of 31 January 2024 are kept: members 1, points 1,250."])
    rows = say("metric", "loyalty_accounts", "--set", "programme=باشگاه ما", "--set", "months=1")[1]
    opened = csv.DictReader(io.StringIO("\n".join(rows)))
    assert {row["customer_id"]: row["balance"] for row in opened}["007"] == "1251", (
        "and a point for the purchase after"
    )
    balances.write_text("customer_id,points\n007,-1\n")
    status, told = say(*bring)
    assert status == 2
    assert "007" in told[0]


@pytest.mark.parametrize("base", ["nowhere", "duckdb://somewhere"])
def test_programmes_of_no_base_are_not_none(base: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["programme", "list", "--base", base]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


THAI = """เลขที่ใบเสร็จ,รหัสลูกค้า,วันที่ซื้อ,ยอดรวม
๑,๐๐๗,๕/๖/๒๕๖๗,"๑,๒๕๐.๕๐"
๒,๐๐๗,29/02/2567,10
๓,๐๐๘,๑๓ ก.พ. ๒๕๖๗,20
"""


def test_a_thai_file_with_buddhist_years(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(THAI)
    done = _run("import", str(tmp_path / "orders.csv"), "--currency", "thb", "--base", str(tmp_path / "base"))
    assert done.returncode == 0, done.stderr
    assert b"calendar: buddhist" in done.stdout
    assert b"3 rows read: 3 accepted, 0 set aside." in done.stdout
    rows = csv.DictReader(
        io.StringIO(_run("metric", "customer_summary", "--base", str(tmp_path / "base")).stdout.decode())
    )
    told = {row["customer_id"]: (row["first_ordered_at"][:10], row["last_ordered_at"][:10]) for row in rows}
    assert told == {"๐๐๗": ("2024-02-29", "2024-06-05"), "๐๐๘": ("2024-02-13", "2024-02-13")}
