"""The child: the same result, typed errors, and whatever kills it kills nobody else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crm_core.base import Cancelled, InputError
from crm_core.sources import child
from crm_core.sources.child import read_header_in_child, stage_in_child
from crm_core.sources.limits import Limits
from crm_core.sources.mapping import SourceOptions, load_mapping
from crm_core.sources.previewing import read_header
from crm_core.sources.staged import Staged
from crm_core.sources.staging import stage
from tests.sources.files import ORDERS, write

ROOT = Path(child.__file__).parent.parent.parent
GOOD = "order,customer,date,amount\n1,a,2020-01-02,3\n2,,2020-01-03,bad\n3,b,2020-01-04,5\n"


def in_child(path: Path, limits: Limits | None = None, **more: object) -> Staged:
    return stage_in_child(
        path,
        load_mapping(ORDERS),
        path.parent / "child",
        source_name="orders",
        money_scale=10_000,
        base_currency="EUR",
        limits=limits,
        **more,  # type: ignore[arg-type]  # options of a test
    )


def long_file(directory: Path) -> Path:
    return write(directory, GOOD + "4,c,2020-01-05,6\n" * 3_000_000)


def test_the_result_is_that_of_a_call(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    told: list[float] = []
    result = in_child(path, progress=told.append)
    called = stage(
        path,
        load_mapping(ORDERS),
        tmp_path / "called",
        source_name="orders",
        money_scale=10_000,
        base_currency="EUR",
        limits=Limits(),
        progress=None,
    )
    assert told[-1] == 1.0
    assert result.to_json() == json.loads(json.dumps(called.to_json()).replace("called", "child"))
    assert all(part.path.is_file() for part in result.parts)
    assert result.rejects is not None
    assert result.rejects.read_text() == (tmp_path / "called" / "rejects.csv").read_text()


def test_the_preview_is_that_of_a_call(tmp_path: Path) -> None:
    path = write(tmp_path, "مشتری;تاریخ;مبلغ\n۱;۱۴۰۲/۰۵/۱۲;۱۲٫۵\n")
    assert read_header_in_child(path) == read_header(path)
    options = SourceOptions(calendar="jalali", encoding="utf-8")
    assert read_header_in_child(path, options) == read_header(path, options)
    asked = read_header_in_child(path, table="payments")
    assert asked == read_header(path, table="payments")
    assert asked.missing == (("payments", "due_at"),)


def test_errors_come_back_with_key_and_values(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        in_child(write(tmp_path, "order,customer,date,total\n1,a,2020-01-02,3\n"))
    assert refusal.value.key == "import.column_missing"
    assert refusal.value.values == {"column": "amount", "columns": "order, customer, date, total"}
    assert not (tmp_path / "child").exists()


def test_a_parquet_bomb_ends_at_the_memory_limit_or_before(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 60_000, pa.int32()), pa.array(["x" * 4_000]))
    pq.write_table(pa.table({"customer": column}), path, compression="zstd")
    with pytest.raises(InputError) as refusal:
        stage_in_child(
            path,
            load_mapping(
                f"customers: {{columns: {{customer_id: customer, name: {' || '.join(['customer'] * 30)}}}}}"
            ),
            tmp_path / "child",
            source_name="bomb",
            money_scale=1,
            base_currency="EUR",
        )
    assert refusal.value.key in ("import.too_much_memory", "import.reader_died")
    assert not (tmp_path / "child").exists()


def test_too_much_memory_is_one_sentence(tmp_path: Path) -> None:
    rows = (f"{n},{'x' * 600}{n},2020-01-05,6\n" for n in range(400_000))
    path = write(tmp_path, GOOD + "".join(rows))
    with pytest.raises(InputError) as refusal:
        in_child(path, Limits(address_space_bytes=700 << 20, run_bytes=1 << 30, idle_seconds=5))
    assert refusal.value.key in ("import.too_much_memory", "import.reader_died")
    assert not (tmp_path / "child").exists()


def test_so_little_memory_that_not_even_threads_start(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        in_child(write(tmp_path, GOOD), Limits(address_space_bytes=330 << 20, idle_seconds=5))
    assert refusal.value.key in ("import.too_much_memory", "import.reader_died")
    assert not (tmp_path / "child").exists()


def test_a_child_that_is_stuck_ends_itself() -> None:
    stuck = "from crm_core.sources.worker import end_when_idle as e; e(1)"
    assert subprocess.run([sys.executable, "-c", stuck], cwd=ROOT, timeout=60, check=False).returncode == 3


def test_too_much_time_on_the_clock(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        in_child(long_file(tmp_path), Limits(seconds=0))
    assert (refusal.value.key, refusal.value.values["seconds"]) == ("import.too_slow", 0)
    assert not (tmp_path / "child").exists()


def test_too_much_processor_time(tmp_path: Path) -> None:
    path = write(
        tmp_path, GOOD + "".join(f"{n},c{n},2020-01-05 03:{n % 60:02d} pm,6.{n}\n" for n in range(900_000))
    )
    with pytest.raises(InputError) as refusal:
        in_child(path, Limits(cpu_seconds=1))
    assert refusal.value.key == "import.too_slow"
    assert not (tmp_path / "child").exists()


def test_it_can_be_cancelled(tmp_path: Path) -> None:
    stop = threading.Event()
    with pytest.raises(Cancelled) as stopped:
        in_child(long_file(tmp_path), cancelled=stop, progress=lambda _: stop.set())
    assert stopped.value.key == "import.cancelled"
    assert not (tmp_path / "child").exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_killed_child_is_one_sentence(tmp_path: Path, number: signal.Signals) -> None:
    def kill(_: float) -> None:
        for task in Path(f"/proc/{os.getpid()}/task").iterdir():
            with suppress(FileNotFoundError):  # a thread of ours that has ended meanwhile
                for pid in (task / "children").read_text().split():
                    if b"crm_core.sources.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        os.kill(int(pid), number)

    with pytest.raises(InputError) as refusal:
        in_child(long_file(tmp_path), progress=kill)
    assert refusal.value.key == "import.reader_died"
    assert not (tmp_path / "child").exists()


def test_a_fault_of_our_own_is_one_sentence_and_stands_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(InputError, match=r"import\.reader_died"):
        stage_in_child(
            write(tmp_path, GOOD),
            load_mapping(ORDERS),
            tmp_path / "child",
            source_name="orders",
            money_scale="many",  # type: ignore[arg-type]  # the fault
            base_currency="EUR",
        )
    assert "Traceback" in caplog.text
    assert not (tmp_path / "child").exists()


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    path = long_file(tmp_path)
    request = {
        "do": "stage",
        "path": str(path),
        "mapping": ORDERS,
        "directory": str(tmp_path / "child"),
        "source_name": "x",
        "money_scale": 1,
        "base_currency": "",
        "time_zone_name": None,
        "limits": asdict(Limits()),
    }
    running = subprocess.Popen(
        [sys.executable, "-m", "crm_core.sources.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write(json.dumps(request).encode() + b"\n")
    running.stdin.flush()
    running.stdout.readline()
    running.stdin.close()
    started = time.monotonic()
    assert running.wait(timeout=30) == 2
    assert time.monotonic() - started < 10
    running.stdout.close()


def test_it_starts_without_what_it_does_not_need(tmp_path: Path) -> None:
    """Its start is part of every import: pandas and Streamlit would cost more than reading a usual file."""
    listing = (
        "import sys, crm_core.sources.staging as s; print(sorted(m for m in sys.modules if '.' not in m))"
    )
    told = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    assert not {"streamlit", "sklearn", "plotly", "sqlalchemy"} & set(eval(told.stdout))  # noqa: S307 - our own child printed it
