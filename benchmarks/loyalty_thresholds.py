"""Whether what a tier does is found at its threshold: how often the interval holds what was planted.

Members have purchase rates that differ (gamma) and amounts of purchases that do too (lognormal). What they
spend in a year is the measure; from then on those who have reached the threshold buy at a multiple of their
rate. Each interval should hold the difference in 95 % of the clubs: of 200 clubs such a share is seen between
89.9 and 100 % all but one time in a thousand.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import numpy as np

from benchmarks.report import Check, Figure, Report
from benchmarks.settings import Settings
from crm_core.loyalty.models import Jump, Near, jump
from crm_core.loyalty.models.accounts import Floats

NONE: Final = 1.0
PLANTED: Final = 1.3
MEMBERS: Final = (2_000, 20_000)
COVERAGE: Final = (0.899, 1.0)
_AT: Final = 300.0
_SHAPE, _RATE, _AMOUNT, _SPREAD = 2.0, 6.0, 50.0, 0.6
_YEARS_AFTER: Final = 180 / 365


class Drawn(NamedTuple):
    """A club: the difference at its threshold, and what is found."""

    truth: float
    found: Jump


def drawn(members: int, factor: float, seed: int) -> Drawn:
    """A club of so many members whose tier multiplies purchases."""
    near, rates, random = _members(members, seed)
    bought = random.poisson(rates * _YEARS_AFTER * np.where(near.above, factor, 1.0))
    return Drawn((factor - 1) * level(), jump(near, bought.astype(np.float64)))


def _members(count: int, seed: int) -> tuple[Near, Floats, np.random.Generator]:
    random = np.random.default_rng(seed)
    rates = random.gamma(_SHAPE, _RATE / _SHAPE, count)
    purchases = random.poisson(rates)
    amounts = random.lognormal(np.log(_AMOUNT), _SPREAD, int(purchases.sum()))
    spent = np.bincount(np.repeat(np.arange(count), purchases), amounts, count)
    some = np.flatnonzero(np.abs(spent - _AT) < _AT / 2)
    return Near(some, (spent[some] - _AT).astype(np.float64), _AT / 2), rates[some], random


@cache
def level() -> float:
    """What members at the threshold buy in the time after at their own rate, of very many."""
    near, rates, _ = _members(1_000_000, 2**31)
    return float(rates[np.abs(near.distance) < 3].mean() * _YEARS_AFTER)


def run(settings: Settings) -> Report:
    """Draw so many clubs, and count how often the interval holds the truth."""
    lines: list[Check | Figure] = []
    for members in MEMBERS:
        for factor in (NONE, PLANTED):
            clubs = [drawn(members, factor, seed) for seed in range(settings.effect_seeds)]
            held = float(np.mean([one.found.low <= one.truth <= one.found.high for one in clubs]))
            name = f"{members:,} members, x{factor:g}"
            told = f"{name}: the interval holds it in {100 * held:.1f} %"
            low, high = COVERAGE
            lines.append(Check(told, low <= held <= high, f"not {100 * low:.1f} to {100 * high:.1f} %"))
            errors = [one.found.above - one.found.below - one.truth for one in clubs]
            lines.append(
                Figure(f"{name}: mean error, in thousandths", 1000 * float(np.mean(errors)), "purchases")
            )
    return Report("loyalty_thresholds", f"{settings.effect_seeds} clubs of each kind", tuple(lines))
