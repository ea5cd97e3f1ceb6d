"""The amounts of a template in the size of a base's own purchases, whatever money it counts in."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from crm_core.loyalty.rules.programme import Programme

_MEANT_FOR: Final = 50.0
"""A purchase for which the amounts of templates are written, in units of currency."""


def template_size(purchase: float) -> float:
    """By which of 1, 10, 100 ... 0.1, 0.01 ... the amounts of a template are multiplied.

    Only tenfolds, so that they stay numbers that people say.

    Args:
        purchase: What one comes to in a base, in units of its currency; 0 or less where there is none.
    """
    return 10.0 ** round(math.log10(purchase / _MEANT_FOR)) if purchase > 0 else 1.0


def sized(programme: Programme, times: float) -> Programme:
    """A programme with so many times the amounts of money; points, days and shares are as they were."""

    def larger(amount: float) -> float:
        return float(f"{amount * times:.12g}")

    tiers = programme.tiers
    if tiers is not None and tiers.by == "amount":
        tiers = replace(tiers, steps=tuple(replace(step, at=larger(step.at)) for step in tiers.steps))
    running = programme.running_cost
    return replace(
        programme,
        earn=tuple(
            replace(rule, unit=larger(rule.unit), at_least=larger(rule.at_least)) for rule in programme.earn
        ),
        tiers=tiers,
        rewards=tuple(replace(one, cost=larger(one.cost)) for one in programme.rewards),
        running_cost=replace(running, year=larger(running.year), member_year=larger(running.member_year)),
        indicators=tuple(
            replace(one, bands=tuple(replace(band, at=larger(band.at)) for band in one.bands))
            if one.name == "amount"
            else one
            for one in programme.indicators
        ),
    )
