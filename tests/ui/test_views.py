"""What pages have made is kept by its size, and made once however many ask."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from crm_core.ui.views import Views, bytes_of


@dataclass(frozen=True)
class Held:
    rows: pd.DataFrame

    @cached_property
    def twice(self) -> np.ndarray:
        return np.concatenate([self.rows.to_numpy(), self.rows.to_numpy()])


def test_what_is_kept_takes_no_more_than_there_is_room_for() -> None:
    views, made = Views(room=100_000), []

    def make(number: int) -> np.ndarray:
        made.append(number)
        return np.zeros(4_000)

    for number in (1, 2, 3, 1, 4, 1, 2):
        views.get(number, partial(make, number))
        assert views.taken <= 100_000
    # The one not seen for longest went first.
    assert made == [1, 2, 3, 4, 2]


def test_one_view_alone_may_take_more() -> None:
    views = Views(room=10)
    large = views.get("large", lambda: np.zeros(1_000))
    assert views.get("large", lambda: np.ones(1)) is large


def test_a_view_is_made_once_for_all_who_wait_for_it() -> None:
    views, begun, made = Views(), threading.Event(), []

    def make() -> str:
        made.append("x")
        begun.wait(5)
        return "view"

    found: list[str] = []
    those = [threading.Thread(target=lambda: found.append(views.get("one", make))) for _ in range(4)]
    for one in those:
        one.start()
    begun.set()
    for one in those:
        one.join()
    assert (found, made) == (["view"] * 4, ["x"])


def test_what_fails_is_made_anew() -> None:
    views = Views()

    def fails() -> str:
        raise ValueError("no view")

    with pytest.raises(ValueError, match=r"^no view$"):
        views.get("one", fails)
    assert views.get("one", lambda: "made") == "made"


def test_after_a_failure_one_at_a_time_makes_it_and_it_counts_once() -> None:
    views, begun, go_on = Views(), threading.Event(), threading.Event()
    at_once: list[int] = [0]
    most: list[int] = [0]

    def fails() -> np.ndarray:
        begun.set()
        go_on.wait(5)
        raise ValueError

    def make() -> np.ndarray:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        threading.Event().wait(0.05)
        at_once[0] -= 1
        return np.zeros(1_000)

    def first() -> None:
        with contextlib.suppress(ValueError):
            views.get("one", fails)

    those = [threading.Thread(target=first)]
    those[0].start()
    begun.wait(5)
    for _ in range(4):
        those.append(threading.Thread(target=views.get, args=("one", make)))
        those[-1].start()
    go_on.set()
    views.get("one", make)
    for one in those:
        one.join()
    assert most == [1]
    assert views.taken == 8_000


def test_all_that_is_held_counts_once() -> None:
    held = Held(pd.DataFrame({"x": np.zeros(10_000)}))
    assert 80_000 <= bytes_of(held) < 90_000
    assert bytes_of([held, held]) < 90_000
    assert held.twice.size
    assert 240_000 <= bytes_of({"held": (held,)}) < 250_000
    assert bytes_of(go.Figure(go.Scatter(x=np.zeros(10_000)))) >= 80_000
    figures = [go.Figure(go.Scatter(x=np.zeros(10_000))) for _ in range(10)]
    assert bytes_of(figures) >= 800_000


@dataclass(frozen=True)
class Learns:
    """What it tells is worked out when it is first asked for."""

    length: int

    @cached_property
    def told(self) -> str:
        return "x" * self.length


def test_what_a_view_works_out_while_it_is_shown_is_counted() -> None:
    kept = Views()
    one = kept.get("one", lambda: Learns(100_000))
    assert kept.taken < 10_000
    assert one.told
    assert kept.get("one", lambda: Learns(1)) is one
    assert kept.taken > 100_000
    kept.get("one", lambda: Learns(1))
    assert kept.taken == bytes_of(one)
