"""What nobody waits for any more ends with the next question, and is nobody's answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from crm_core.workspace.wanted import Unwanted, as_long_as, awaited, check_wanted


def test_it_goes_on_while_somebody_waits() -> None:
    check_wanted()
    with as_long_as(lambda: True):
        check_wanted()
    with pytest.raises(Unwanted), as_long_as(lambda: False):
        check_wanted()
    check_wanted()


def test_who_waits_for_the_answer_of_another_may_stop_waiting() -> None:
    answer: Future[int] = Future()
    wanted = threading.Event()
    wanted.set()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(_waited, wanted.is_set, answer)
        wanted.clear()
        assert isinstance(waiting.exception(10), Unwanted)
    assert not answer.done()


@pytest.mark.parametrize("wanted", [None, lambda: True])
def test_an_answer_is_handed_on_as_it_is(wanted: Any) -> None:
    answer: Future[int] = Future()
    answer.set_result(3)
    assert _waited(wanted, answer) == 3
    failed: Future[int] = Future()
    failed.set_exception(TimeoutError("of the engine"))
    with pytest.raises(TimeoutError, match="of the engine"):
        _waited(wanted, failed)


def _waited(wanted: Callable[[], bool] | None, answer: Future[int]) -> int:
    if wanted is None:
        return awaited(answer)
    with as_long_as(wanted):
        return awaited(answer)
