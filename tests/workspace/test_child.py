"""Estimates worked out in a process beside the one that was asked."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from crm_core.base import CrmError
from crm_core.tables import Ask, Estimate, Selection
from crm_core.value.estimates import customer_lifetime_value, expected_total, value_by_group
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.bringing import write_demonstration
from crm_core.workspace.catalogue import GROUPINGS
from crm_core.workspace.child import Answered, Asked, Child, Opening
from crm_core.workspace.wanted import Unwanted, as_long_as
from crm_core.workspace.worker import _Worker
from tests.conftest import REPOSITORY

PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("child") / "base"
    write_demonstration(path, customers=400, seed=3)
    return str(path)


@pytest.fixture(scope="module")
def workspace(base: str) -> Iterator[Workspace]:
    found = open_base(base)
    yield found
    found.close()


@pytest.fixture
def child(base: str, workspace: Workspace) -> Iterator[Child]:
    assert workspace.manifest is not None
    found = Child(base, workspace.manifest.version)
    yield found
    found.close()


def process_of(child: Child) -> int:
    assert child.process_id is not None
    return child.process_id


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_its_answers_are_those_given_here(child: Child, workspace: Workspace) -> None:
    channel = Selection(channels=workspace.choices.channels[:1])
    for build, selection, options in (
        (expected_total, Selection(), {"horizon_months": 6}),
        (customer_lifetime_value, channel, {}),
        (value_by_group, Selection(), {"group": GROUPINGS["segment"]}),
    ):
        there = child.ask(build, selection, workspace.as_of, options)
        here = workspace.ask(selection).rows(build, as_of=workspace.as_of, **options)
        assert there.schema == here.schema
        # The last bits of a fit depend on where its arrays happen to lie.
        pd.testing.assert_frame_equal(there.to_pandas(), here.to_pandas(), rtol=1e-9)
    assert process_of(child) != os.getpid()


def test_what_cannot_be_answered_is_told_as_it_would_be_here(child: Child, workspace: Workspace) -> None:
    with pytest.raises(CrmError) as refused:
        child.ask(expected_total, Selection(), workspace.as_of, {"horizon_months": 10_000})
    assert refused.value.key == "metric.bad_option"
    with pytest.raises(RuntimeError, match="the log says why"):
        child.ask(expected_total, Selection(), workspace.as_of, {"horizon": 12})
    assert child.ask(expected_total, Selection(), workspace.as_of, {}).num_rows == 1


def test_a_version_that_is_gone_is_told(base: str, workspace: Workspace) -> None:
    child = Child(base, 77)
    with pytest.raises(CrmError) as refused:
        child.ask(expected_total, Selection(), workspace.as_of, {})
    assert refused.value.key == "base.damaged"
    child.close()


def test_a_process_that_is_killed_is_told_and_the_next_question_starts_another(
    child: Child, workspace: Workspace
) -> None:
    caught: list[BaseException] = []

    def asks() -> None:
        try:
            child.ask(expected_total, Selection(), workspace.as_of, {})
        except CrmError as error:
            caught.append(error)

    asking = threading.Thread(target=asks)
    asking.start()
    wait_until(lambda: child.process_id is not None)
    os.kill(process_of(child), signal.SIGKILL)
    asking.join(PATIENCE_SECONDS)
    assert [str(error) for error in caught] == ["error.estimate_ended"]
    assert child.ask(expected_total, Selection(), workspace.as_of, {}).num_rows == 1


def test_it_ends_when_nobody_asks_and_comes_back_when_somebody_does(base: str, workspace: Workspace) -> None:
    assert workspace.manifest is not None
    child = Child(base, workspace.manifest.version, idle_seconds=0.01)
    first = child.ask(expected_total, Selection(), workspace.as_of, {})
    before = process_of(child)
    wait_until(lambda: not is_running(before))
    assert child.ask(expected_total, Selection(), workspace.as_of, {}).equals(first)
    assert process_of(child) != before
    child.close()


@Estimate
def slow_estimate(ask: Ask, *, as_of: dt.date, seconds: float) -> pd.DataFrame:
    """One row, after a while."""
    time.sleep(seconds)
    return pd.DataFrame({"seconds": [seconds]})


@Estimate
def large_estimate(ask: Ask, *, as_of: dt.date, size: int) -> pd.DataFrame:
    """As many rows as are asked for."""
    return pd.DataFrame({"number": np.arange(size)})


def test_it_does_not_end_while_it_works(base: str, workspace: Workspace) -> None:
    assert workspace.manifest is not None
    child = Child(base, workspace.manifest.version, idle_seconds=0.05)
    rows = child.ask(slow_estimate, Selection(), workspace.as_of, {"seconds": 0.5})
    assert rows.to_pylist() == [{"seconds": 0.5}]
    child.close()


@Estimate
def estimate_of_steps(ask: Ask, *, as_of: dt.date, begun: str) -> pd.DataFrame:
    """Writes down each step that it takes, one a tenth of a second, for ten seconds."""
    for step in range(100):
        ask(slow_estimate, as_of=as_of, seconds=0.1 + step / 1e6)
        with Path(begun).open("a") as file:
            file.write(".")
    return pd.DataFrame({"steps": [100]})


def test_what_nobody_waits_for_any_more_ends_there_too(
    base: str, workspace: Workspace, tmp_path: Path
) -> None:
    assert workspace.manifest is not None
    child, steps, wanted = Child(base, workspace.manifest.version), tmp_path / "steps", threading.Event()
    wanted.set()

    def asks() -> BaseException | None:
        try:
            with as_long_as(wanted.is_set):
                child.ask(estimate_of_steps, Selection(), workspace.as_of, {"begun": str(steps)})
        except Unwanted as error:
            return error
        return None

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(asks)
        wait_until(steps.exists)
        wanted.clear()
        assert isinstance(asked.result(PATIENCE_SECONDS), Unwanted)
    # It answers others, and takes hardly a step more for who has gone.
    assert child.ask(expected_total, Selection(), workspace.as_of, {}).num_rows == 1
    # The step that was being taken is ended.
    time.sleep(1.0)
    taken = steps.stat().st_size
    time.sleep(1.0)
    assert steps.stat().st_size == taken < 90
    child.close()


def test_an_answer_that_cannot_be_sent_is_told(base: str, workspace: Workspace) -> None:
    """A table that is too large to be packed leaves nobody waiting, and the process not busy for ever."""
    sent: list[Answered] = []

    def refuses(answer: Answered) -> None:
        if answer.rows is not None:
            raise MemoryError
        sent.append(answer)

    worker = _Worker(cast(Any, SimpleNamespace(send=refuses)), Opening(base, None, 1.0))
    worker._busy = 1
    worker._wanted.add(7)
    worker._answer(Asked(7, expected_total, Selection(), workspace.as_of, {}))
    assert [(one.number, str(one.error)) for one in sent] == [(7, "engine.out_of_memory")]
    assert worker._busy == 0


def test_large_questions_and_large_answers_pass_each_other(base: str, workspace: Workspace) -> None:
    """Neither side waits to be rid of what it has to say before it hears what the other has."""
    assert workspace.manifest is not None
    child = Child(base, workspace.manifest.version)
    many = Selection(categories=tuple(f"category {number}" for number in range(20_000)))
    size = 2_000_000
    answers: list[int] = []

    def asks(number: int) -> None:
        selection = many if number % 2 else Selection()
        rows = child.ask(large_estimate, selection, workspace.as_of, {"size": size + number})
        answers.append(rows.num_rows)

    threads = [threading.Thread(target=asks, args=(number,), daemon=True) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert sorted(answers) == [size + number for number in range(12)]
    child.close()


def test_a_retired_one_ends_after_its_last_question_and_a_closed_one_answers_no_more(
    base: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workspace.manifest is not None
    monkeypatch.setattr("crm_core.workspace.child.RETIRED_IDLE_SECONDS", 0.05)
    child = Child(base, workspace.manifest.version)
    child.ask(slow_estimate, Selection(), workspace.as_of, {"seconds": 0.0})
    process = process_of(child)
    child.retire()
    wait_until(lambda: not is_running(process))
    assert child.ask(slow_estimate, Selection(), workspace.as_of, {"seconds": 0.0}).num_rows == 1
    child.close()
    with pytest.raises(CrmError, match="estimate_ended"):
        child.ask(slow_estimate, Selection(), workspace.as_of, {"seconds": 0.0})


def test_it_ends_with_the_process_that_asked(base: str, tmp_path: Path) -> None:
    """Whoever started it is killed in the middle of a question: it does not go on by itself."""
    script = f"""
import threading, time
from crm_core.tables import Selection
from crm_core.workspace import open_base
from crm_core.workspace.child import Answered, Asked, Child, Opening
from crm_core.workspace.wanted import Unwanted, as_long_as
from crm_core.workspace.worker import _Worker
from tests.conftest import REPOSITORY
from tests.workspace.test_child import slow_estimate
workspace = open_base({base!r})
child = Child({base!r}, workspace.manifest.version)
asking = threading.Thread(
    target=child.ask, args=(slow_estimate, Selection(), workspace.as_of, {{"seconds": 600}}), daemon=True
)
asking.start()
while child.process_id is None:
    time.sleep(0.01)
print(child.process_id, flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert parent.stdout is not None
    process = int(parent.stdout.readline())
    time.sleep(1)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not is_running(process))


def test_it_ends_with_the_workspace(tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_core.workspace.ESTIMATES_APART_FROM_LINES", 1)
    shared = open_base(base, shared=True)
    assert len(shared.ask()(customer_lifetime_value, as_of=shared.as_of))
    child = shared._answers._child
    assert child is not None
    process = process_of(child)
    assert is_running(process)
    shared.close()
    assert not is_running(process)


def test_small_bases_and_single_readers_need_no_process(base: str) -> None:
    for shared in (False, True):
        workspace = open_base(base, shared=shared)
        assert workspace._answers._child is None
        workspace.close()
