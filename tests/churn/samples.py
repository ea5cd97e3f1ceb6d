"""Made customers whose reasons to leave are known, and slow ways to say what the models say."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from crm_core.churn.models import Categories, Snapshot

RULES = {"recency": "days_since_last_order"}


def made_customers(count: int, day: int = 0, seed: int = 1, effect: float = 1.0) -> Snapshot:
    """Customers who leave the likelier the longer they were silent, complained, or came by a fair.

    Args:
        count: How many.
        day: Of the snapshot.
        seed: Of what is drawn.
        effect: By how much the features tell who leaves; 0 is not at all.
    """
    draw = np.random.default_rng(seed + day)
    silent = np.floor(draw.exponential(60, count))
    orders = 1 + draw.poisson(2, count).astype(np.float64)
    gap = np.where(orders > 1, np.floor(draw.exponential(40, count)) + 1, np.nan)
    complaints = draw.poisson(0.3, count).astype(np.float64)
    channel = draw.choice(["fair", "shop", "web"], count, p=[0.2, 0.5, 0.3]).tolist()
    nothing = draw.normal(size=count)
    log_odds = 0.02 * (silent - 60) + 0.8 * (complaints - 0.3) + 1.0 * (np.array(channel) == "fair")
    churned = draw.random(count) < expit(effect * log_odds)
    return Snapshot(
        day,
        {
            "days_since_last_order": silent,
            "order_count": orders,
            "days_between_orders": gap,
            "complaint_count": complaints,
            "channel": Categories.of(channel),
            "noise": nothing,
        },
        churned.astype(np.float64),
    )


def made_snapshots(count: int = 1_500, effect: float = 1.0, seed: int = 1) -> list[Snapshot]:
    """The same on five days, half a horizon of 90 days apart."""
    return [made_customers(count, day, seed, effect) for day in (0, 45, 90, 135, 180)]
