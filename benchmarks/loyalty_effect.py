"""Whether the effect of a club is found where it is known, and how far off simpler comparisons are.

Bases are drawn by the demonstration's own process: customers join with a probability that grows with their
hidden purchase rate, and from then on buy at a multiple of it. Each interval should hold that multiple in
95 % of the bases. Of 200 bases such a share is seen between 93 and 97 % four times in five: the settings of
the demonstration and all bases together are held to that, and each of the other settings to what all but one
in a thousand such shares keep to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from benchmarks.club_histories import club_histories, with_club
from benchmarks.report import Check, Figure, Report
from benchmarks.settings import Settings
from crm_core.loyalty.models import METHODS, Compared
from crm_core.loyalty.models.paces import What
from crm_core.sources.demonstration import settings_from_file


class Club(NamedTuple):
    """A club to be found: of a base of so many customers, its effect, and how joining grows with the rate."""

    customers: int
    rate_factor: float
    elasticity: float

    @property
    def name(self) -> str:
        """As the table calls it."""
        return f"{self.customers:,}, x{self.rate_factor:g}, elasticity {self.elasticity:g}"


AS_SHIPPED: Final = Club(20_000, 1.15, 1.2)
CLUBS: Final = (
    AS_SHIPPED,
    Club(2_000, 1.15, 1.2),
    Club(20_000, 1.4, 2.0),
    Club(20_000, 1.0, 0.0),
    Club(5_000, 1.0, 2.0),
    Club(2_000, 1.4, 2.0),
    Club(2_000, 1.0, 0.0),
)
COVERAGE: Final = (0.93, 0.97)
_ODD: Final = 3.29
"""Beyond so many standard deviations lies one in a thousand."""
WHAT: Final[tuple[What, ...]] = ("purchases", "worth")


def run(settings: Settings) -> Report:
    """Draw so many bases of each club, and count how often the interval holds the truth."""
    lines: list[Check | Figure] = []
    together: dict[What, list[bool]] = defaultdict(list)
    for club in CLUBS:
        found = _found(club, settings.effect_seeds)
        for what in WHAT:
            held = [one.low <= club.rate_factor <= one.high for one in found[what, "difference"]]
            together[what] += held
            low, high = COVERAGE if club == AS_SHIPPED else _bounds(settings.effect_seeds)
            lines.append(_check(f"{what}, {club.name}: the interval holds it", held, low, high))
        if club == AS_SHIPPED:
            lines += [
                Figure(f"{what}, {club.name}: {method}", _typical(found[what, method]), "x")
                for what in WHAT
                for method in METHODS
            ]
    lines += [_check(f"{what}, all bases", held, *COVERAGE) for what, held in together.items()]
    title = f"{settings.effect_seeds} bases of each club; means of the methods beside the truth"
    return Report("loyalty_effect", title, tuple(lines))


def _found(club: Club, seeds: int) -> dict[tuple[What, str], list[Compared]]:
    drawn_from = with_club(settings_from_file(), club.rate_factor, club.elasticity)
    found: dict[tuple[What, str], list[Compared]] = defaultdict(list)
    for seed in range(seeds):
        drawn = club_histories(drawn_from, club.customers, seed)
        for what in WHAT:
            for one in drawn.effects(what):
                found[what, one.method].append(one)
    return found


def _check(name: str, held: Sequence[bool], low: float, high: float) -> Check:
    share = float(np.mean(held)) if held else 0.0
    name = f"{name} in {100 * share:.1f} %"
    return Check(name, low <= share <= high, f"not {100 * low:.1f} to {100 * high:.1f} %")


def _bounds(seeds: int) -> tuple[float, float]:
    reach = _ODD * float(np.sqrt(0.95 * 0.05 / seeds))
    return 0.95 - reach, 0.95 + reach


def _typical(found: Sequence[Compared]) -> float:
    return float(np.exp(np.mean(np.log([one.ratio for one in found]))))
