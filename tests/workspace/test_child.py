"""Estimates worked out in a process beside the one that was asked."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crm_core.base import CrmError
from crm_core.tables import Selection
from crm_core.value.estimates import customer_lifetime_value, expected_total, value_by_group
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.bringing import write_demonstration
from crm_core.workspace.catalogue import GROUPINGS
from crm_core.workspace.child import Child

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
    running = child._running
    assert running is not None
    return running._process.pid


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
        assert there.equals(here), build.__name__
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
    wait_until(lambda: child._running is not None)
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


def test_it_ends_with_the_workspace(tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_core.workspace.ESTIMATES_APART_FROM_LINES", 1)
    shared = open_base(base, shared=True)
    assert len(shared.ask()(expected_total, as_of=shared.as_of)) == 1
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
