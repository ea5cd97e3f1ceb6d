"""Each benchmark runs on a little data, and says so when something does not hold. Nothing is timed here."""

from __future__ import annotations

import importlib
import math
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import (
    append,
    churn_features,
    churn_page,
    churn_training,
    first_page,
    import_file,
    import_memory,
    loyalty_effect,
    loyalty_page,
    loyalty_thresholds,
    metric_against_pandas,
    purchase_models,
    questions,
    server,
    sessions,
    value_intervals,
)
from benchmarks.__main__ import NAMES, main
from benchmarks.asked import Question
from benchmarks.by_hand import sql_of
from benchmarks.by_hand.lines import Lines
from benchmarks.questions import difference_between
from benchmarks.report import Check, Figure, Report
from benchmarks.settings import REPOSITORY, Settings
from benchmarks.timing import alternating

LIMIT = re.compile(r"(?!_|ENGINE_)(\w+_)?(SECONDS|MEGABYTES|RATIO|GROWTH|AS_FAST)(_[A-Z_]+)?")
"""How limits are called."""

pytestmark = pytest.mark.xdist_group("benchmarks")


@pytest.fixture
def settings(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small share of everything, on made data alone."""
    cache = tmp_path_factory.getbasetemp() / "benchmark-bases"
    few = Settings(tmp_path, cache, shared_data=tmp_path / "absent", pairs=1)
    return replace(
        few,
        customers=200,
        shop_customers=200,
        file_rows=500,
        rows=500,
        appended_orders=20,
        sessions=2,
        seconds=1.0,
        pause=0.3,
    )


def _failed(report: Report) -> set[str]:
    return {line.name for line in report.lines if line.holds is False}


def _limited(report: Report) -> set[str]:
    return {line.name for line in report.lines if isinstance(line, Figure) and line.limit is not None}


def _figures_are_numbers(report: Report) -> bool:
    return all(math.isfinite(line.value) for line in report.lines if isinstance(line, Figure))


def test_every_benchmark_can_be_called_by_its_name() -> None:
    here = {path.stem for path in (REPOSITORY / "benchmarks").glob("*.py") if "def run(" in path.read_text()}
    assert here == set(NAMES)


def test_the_documents_tell_of_every_benchmark_and_its_limits() -> None:
    table = (REPOSITORY / "docs" / "benchmarks.md").read_text("utf-8")
    rows = {row[0]: row[-1] for row in re.findall(r"^\| `(\w+)` \|.*\| (.+) \|$", table, re.MULTILINE)}
    assert tuple(rows) == NAMES
    for name, told in rows.items():
        module = importlib.import_module(f"benchmarks.{name}")
        for limit, value in vars(module).items():
            if LIMIT.fullmatch(limit):
                assert f"{value:,g}" in told, f"{name}: {limit} is {value:g}"


def test_a_figure_holds_up_to_its_limit() -> None:
    assert Figure("a", 1.0, limit=1.0).holds
    assert Figure("a", 1.01, limit=1.0).holds is False
    assert Figure("a", float("nan"), limit=1.0).holds is False
    assert Figure("a", 1.0).holds is None


def test_a_report_that_measured_nothing_does_not_hold() -> None:
    assert not Report("a", "nothing", ()).holds
    assert Report("a", "one thing", (Figure("b", 1.0),)).holds


def test_a_table_shows_figure_limit_and_verdict() -> None:
    lines = (
        Figure("import / DuckDB", 2.5, "x", 2.0),
        Figure("peak", 1234.5, "MB"),
        Check("equal", holds=True),
    )
    table = Report("a", "some rows", lines, left_out=("the public file is not there",)).table()
    assert table.splitlines()[0] == "a: some rows"
    assert "import / DuckDB    2.50 x  2.00 x  DOES NOT HOLD" in table
    assert "peak             1,234 MB" in table
    assert table.splitlines()[-1] == "LEFT OUT: the public file is not there"


@pytest.mark.parametrize(("value", "status", "last"), [(1.0, 0, "Everything holds."), (3.0, 1, "append")])
def test_the_command_says_by_its_exit_status_whether_all_holds(
    value: float, status: int, last: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(append, "run", lambda settings: Report("append", "", (Figure("a", value, "x", 2.0),)))
    assert main(["append", "--share", "0.01"]) == status
    assert last in capsys.readouterr().out.splitlines()[-1]


def test_pairs_begin_with_either_in_turn() -> None:
    order: list[str] = []

    def timed(name: str, seconds: float) -> Callable[[], float]:
        def work() -> float:
            order.append(name)
            return seconds

        return work

    pairs = alternating(3, timed("ours", 3.0), timed("peer", 2.0))
    assert order == ["ours", "peer", "peer", "ours", "ours", "peer"]
    assert pairs.ratio == 1.5


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, ""),
        ({"count": [1, 3]}, "count 3 for 2"),
        ({"share": [0.1, 0.3]}, "share 0.3 for 0.2"),
        ({"count": [1, None]}, "count nan for 2"),
        ({"other": [1, 2]}, "columns"),
    ],
)
def test_answers_differ_by_value_and_not_by_order(changed: dict[str, list[float]], told: str) -> None:
    expected = pd.DataFrame({"name": ["a", "b"], "count": [1, 2], "share": [0.1, 0.2]})
    found = expected.assign(**changed).iloc[::-1]
    difference = difference_between(found, expected)
    assert difference.startswith(told) if told else not difference


def test_import_file(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_file, "RATIO", 0.0)
    report = import_file.run(settings)
    assert _failed(report) == _limited(report) == {"import / DuckDB"}
    assert _figures_are_numbers(report)
    assert "online_retail_ii.csv.gz is not there" in report.left_out[0]


def test_import_memory(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_memory, "MEGABYTES", 0.0)
    report = import_memory.run(settings)
    assert _failed(report) == _limited(report)
    assert _figures_are_numbers(report)


@pytest.mark.slow
def test_import_memory_of_an_import_that_fails(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_memory, "MAPPING", "orders: {columns: {customer_id: Nobody}}")
    assert {"the import ends well", "every row is read"} <= _failed(import_memory.run(settings))


@pytest.mark.slow
def test_questions(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("SECONDS_AT_DEFAULT", "SECONDS_WITH_FILTER", "RATIO_WITH_FILTER"):
        monkeypatch.setattr(questions, limit, 0.0)
    report = questions.run(settings, filters=("channels",))
    assert _failed(report) == _limited(report)
    assert _figures_are_numbers(report)


def test_a_wrong_answer_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(question: Question, lines: Lines) -> str:
        if question.build.__name__ != "abc_summary":
            return sql_of(question, lines)
        return f"SELECT abc_class, customers + 1 AS customers, value FROM ({sql_of(question, lines)})"

    monkeypatch.setattr(questions, "sql_of", wrong)
    failed = _failed(questions.run(settings, filters=()))
    assert "abc_summary equals by hand" in failed
    assert any(name.endswith("answers equal those by hand") for name in failed)


def test_append(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(append, "RATIO", 0.0)
    report = append.run(settings)
    assert _failed(report) == _limited(report) == {"append / rebuild"}
    assert _figures_are_numbers(report)


def test_metric_against_pandas(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    report = metric_against_pandas.run(settings)
    assert report.holds
    assert _figures_are_numbers(report)
    monkeypatch.setattr(metric_against_pandas, "SEGMENT_GRID", [["lost"] * 5] * 5)
    failed = _failed(metric_against_pandas.run(settings))
    assert failed == {"rfm: equal", "segment_summary: equal", "rfm_grid: equal"}


def test_churn_features(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(churn_features, "RATIO", 0.0)
    report = churn_features.run(replace(settings, customers=1_000))
    assert _failed(report) == _limited(report)
    assert len(_limited(report)) == 2
    assert _figures_are_numbers(report)


def test_churn_training(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("TRAINING_SECONDS", "MEGABYTES", "SCORING_SECONDS"):
        monkeypatch.setattr(churn_training, limit, 0.0)
    report = churn_training.run(replace(settings, customers=1_000, pairs=1))
    assert _failed(report) == _limited(report)
    assert len(_limited(report)) == 3
    assert _figures_are_numbers(report)


def test_purchase_models(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purchase_models, "PREDICTION_SECONDS", 0.0)
    monkeypatch.setattr(purchase_models, "_PEER", REPOSITORY / "no peer here")
    monkeypatch.setattr(purchase_models, "_CUSTOMERS_OF_A_SEED", 300)
    report = purchase_models.run(replace(settings, rows=5_000))
    predictions = {line.name for line in report.lines if "value with interval of" in line.name}
    assert len(predictions) == 3
    assert predictions <= _failed(report)
    assert _figures_are_numbers(report)
    assert [reason.partition(":")[0] for reason in report.left_out] == [
        "bg_nbd against lifetimes",
        "pareto_nbd against lifetimes",
    ]


@pytest.mark.slow
def test_value_intervals(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(value_intervals, "SHARE_WITHIN", (1.01, 1.02))
    report = value_intervals.run(replace(settings, customers=1_500))
    assert len(_failed(report)) == len(value_intervals.PARTED_BY) + 1
    assert _figures_are_numbers(report)


@pytest.mark.slow
def test_purchase_models_against_the_peer(settings: Settings) -> None:
    report = purchase_models.run(replace(settings, rows=100_000))
    apart = {line.name: line.holds for line in report.lines if "parameters within 2 %" in line.name}
    assert list(apart.values()) == [True, True]
    assert report.left_out == ()


@pytest.mark.slow
def test_sessions(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("COLD_START_SECONDS", "CLICK_SECONDS", "MANY_SECONDS"):
        monkeypatch.setattr(sessions, limit, 0.0)
    report = sessions.run(settings)
    assert _failed(report) == _limited(report)
    assert _figures_are_numbers(report)


def test_loyalty_effect(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loyalty_effect, "CLUBS", (loyalty_effect.AS_SHIPPED._replace(customers=1_500),))
    monkeypatch.setattr(loyalty_effect, "COVERAGE", (1.01, 1.02))
    report = loyalty_effect.run(replace(settings, effect_seeds=2))
    assert len(_failed(report)) == 2
    assert _figures_are_numbers(report)


def test_loyalty_thresholds(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loyalty_thresholds, "MEMBERS", (1_000,))
    monkeypatch.setattr(loyalty_thresholds, "COVERAGE", (1.01, 1.02))
    report = loyalty_thresholds.run(replace(settings, effect_seeds=2))
    assert len(_failed(report)) == 2
    assert _figures_are_numbers(report)


@pytest.mark.slow
def test_churn_page(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(churn_page, "MOVE_SECONDS", 0.0)
    report = churn_page.run(settings)
    assert _failed(report) == _limited(report)
    assert _figures_are_numbers(report)


@pytest.mark.slow
def test_loyalty_page(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loyalty_page, "MOVE_SECONDS", 0.0)
    report = loyalty_page.run(settings)
    assert _failed(report) == _limited(report)
    assert _figures_are_numbers(report)


def test_sessions_without_a_server(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REPOSITORY", settings.directory)
    assert _failed(sessions.run(settings)) == {"the server starts"}


APP = """
import streamlit as st

st.html('<h1 class="mo-answer">Revenue held.</h1>')
"""


def _repository(directory: Path, command: str) -> Path:
    """A repository whose `make run` is a command."""
    directory.mkdir()
    (directory / "app.py").write_text(APP)
    (directory / "Makefile").write_text(f"run:\n\t@{command}\n")
    for arguments in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "--quiet", "-m", "Start"],
    ):
        subprocess.run(["git", *arguments], cwd=directory, check=True)  # noqa: S607 - on the path
    return directory


def test_first_page(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_page, "SECONDS", 0.0)
    options = "--server.headless true --server.fileWatcherType none --browser.gatherUsageStats false"
    serve = (
        f"{sys.executable} -m streamlit run app.py --server.port $(PORT) --server.address 127.0.0.1 {options}"
    )
    report = first_page.run(settings, _repository(tmp_path / "repository", serve))
    assert _failed(report) == _limited(report) == {"the first page has text"}
    assert _figures_are_numbers(report)


def test_first_page_of_a_clone_that_does_not_start(settings: Settings, tmp_path: Path) -> None:
    report = first_page.run(settings, _repository(tmp_path / "repository", "echo nothing to start; exit 1"))
    assert _failed(report) == {"the first page has text", "the first page shows no failure"}
