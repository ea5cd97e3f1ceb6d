"""How often an offer keeps who would leave, learnt from campaigns from which some were held back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.churn.models.columns import Floats


@dataclass(frozen=True)
class SaveChance:
    """The chance that an offer keeps a customer who would leave.

    Args:
        chance: At most 1; below 0 where more left of those contacted.
        standard_error: Of it.
        between: Standard deviation of the campaigns' effects beyond chance, on the logarithm of 1 - `chance`.
        campaigns: How many it is learnt from.
    """

    chance: float
    standard_error: float
    between: float
    campaigns: int


def save_chance(
    treatment: Floats, treatment_left: Floats, control: Floats, control_left: Floats
) -> SaveChance:
    """One chance of past campaigns, with as much doubt as they differ.

    An offer that keeps each customer who would leave with the chance s leaves the share 1 - s of those who
    leave without it. So 1 - s is the risk of leaving after contact over that without, and its logarithms are
    pooled with random effects: what the next campaign of the same sort may be expected to do on average. To
    campaigns where all or none of a group left, half a customer of each outcome is added.

    Args:
        treatment: Customers contacted, by campaign.
        treatment_left: Those of them who left.
        control: Customers held back.
        control_left: Those of them who left.

    References:
        DerSimonian and Laird (1986), Meta-analysis in clinical trials; Haldane (1956) for the half.
    """
    counts = np.column_stack([treatment, treatment_left, control, control_left]).astype(np.float64)
    if not len(counts) or counts[:, [0, 2]].min() < 1:
        raise ValueError("a campaign has customers contacted and held back")
    all_or_none = (counts[:, [1, 3]] == 0) | (counts[:, [1, 3]] == counts[:, [0, 2]])
    counts[all_or_none.any(axis=1)] += np.array([1.0, 0.5, 1.0, 0.5])
    size, left, held, gone = counts.T
    logs = np.log(left / size) - np.log(gone / held)
    variance = 1 / left - 1 / size + 1 / gone - 1 / held
    between = _between(logs, variance)
    weights = 1 / (variance + between)
    log = float(weights @ logs / weights.sum())
    remains = float(np.exp(log))
    return SaveChance(
        1 - remains, remains * float(1 / np.sqrt(weights.sum())), float(np.sqrt(between)), len(counts)
    )


def _between(effects: Floats, variance: Floats) -> float:
    """How much effects vary beyond chance, by the method of moments."""
    weights = 1 / variance
    total = weights.sum()
    spread = float(weights @ (effects - weights @ effects / total) ** 2)
    scale = float(total - weights @ weights / total)
    return max(0.0, (spread - (effects.size - 1)) / scale) if scale > 0 else 0.0
