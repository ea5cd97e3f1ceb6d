"""Times of things that are compared within one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


def seconds_of(work: Callable[[], object]) -> float:
    """Seconds on the clock that a piece of work takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


@dataclass(frozen=True)
class Pairs:
    """Seconds of ours and of a peer's, measured in turn so that both met the same machine."""

    ours: tuple[float, ...]
    peer: tuple[float, ...]

    @property
    def seconds(self) -> float:
        """Median of ours."""
        return median(self.ours)

    @property
    def peer_seconds(self) -> float:
        """Median of the peer's."""
        return median(self.peer)

    @property
    def ratio(self) -> float:
        """Median of the ratios of ours to the peer's, pair by pair."""
        return median(mine / theirs for mine, theirs in zip(self.ours, self.peer, strict=True))


def alternating(pairs: int, ours: Callable[[], float], peer: Callable[[], float]) -> Pairs:
    """Seconds of two pieces of work that time themselves; every other pair begins with the peer."""
    mine: list[float] = []
    theirs: list[float] = []
    for number in range(pairs):
        for work, times in ((ours, mine), (peer, theirs))[:: 1 if number % 2 == 0 else -1]:
            times.append(work())
    return Pairs(tuple(mine), tuple(theirs))
