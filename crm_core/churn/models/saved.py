"""What is saved when a customer is kept, learnt from what those who stayed and who left brought later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.churn.models.columns import Floats

Line = tuple[float, float]
"""An amount, and a share of what a customer brought before."""


@dataclass(frozen=True)
class SavedMargin:
    """What customers bring in a time that begins as the horizon does, by what they brought in as long before.

    Args:
        stayed: Of who stayed within the horizon.
        left: Of who left within it, and may have come back after.
    """

    stayed: Line
    left: Line

    def of(self, before: Floats) -> Floats:
        """What is saved when each is kept: what who stays brings more than who leaves; never below 0."""
        (amount, share), (amount_left, share_left) = self.stayed, self.left
        return np.maximum(amount - amount_left + (share - share_left) * np.maximum(before, 0.0), 0.0)


def saved_margin(before: Floats, after: Floats, left: Floats) -> SavedMargin:
    """What who stayed and who left brought, each as a straight line over what they had brought before.

    Weighted so that the lines of each sort add up to what it brought, whatever the spread of what customers
    bring, which grows with its mean. Where nobody stayed, who stays is taken to bring what came before; where
    nobody left, who leaves to bring nothing.

    Args:
        before: What each customer brought before the cut-off; what is below 0 counts as 0.
        after: And in as long a time after it.
        left: 1 for who left within the horizon after the cut-off, else 0.
    """
    known = np.maximum(before, 0.0)
    usual = float(known.mean()) if known.any() else 1.0
    return SavedMargin(
        stayed=_line(known[left == 0], after[left == 0], usual) if (left == 0).any() else (0.0, 1.0),
        left=_line(known[left == 1], after[left == 1], usual) if (left == 1).any() else (0.0, 0.0),
    )


def _line(before: Floats, after: Floats, usual: float) -> Line:
    root = 1 / np.sqrt(before + usual)
    table = np.column_stack([root, root * before / usual])
    amount, share = np.linalg.lstsq(table, root * after, rcond=None)[0]
    return float(amount), float(share) / usual
