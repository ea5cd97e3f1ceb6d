"""What contacting the lists of earlier days would have earned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crm_core.churn.models.columns import Floats, Integers
from crm_core.churn.models.doubts import Doubt, doubt_of, offer_doubt, summed
from crm_core.churn.models.offers import Offer, checked_profit, ranked
from crm_core.churn.models.profit import Choice, by_recency


@dataclass(frozen=True)
class Earned:
    """What contacting customers at a past cut-off would have earned, now that it is known who left.

    Whether the offer would have kept them is not known; that is still the chance that the offer has.

    Args:
        chosen: The list that the scores say earns most.
        everybody: Contacting all.
        naive: As many as `chosen`, by recency alone.
        foresight: The most that could have been earned by who had known who would leave.
        doubt: What is not known of the sum of `chosen`.
    """

    chosen: Choice
    everybody: Choice
    naive: float
    foresight: float
    doubt: Doubt


def earned(
    probability: Floats,
    churned: Floats,
    margin: Floats,
    recency: Integers,
    offer: Offer,
    *,
    most: int | None = None,
) -> Earned:
    """What the list that the scores choose would have earned.

    The interval of each list holds what might as well have come of it (who of it left, whom the offer kept
    and who took it in vain, each by the chances that were foretold) and the standard error of the chance of
    saving, which is wrong for all alike.

    Args:
        probability: Of leaving, as it was foretold at the cut-off.
        churned: 1 for who left, else 0.
        margin: What is saved when one is kept.
        recency: Days since the last purchase at the cut-off, whole.
        offer: What keeping costs and how often it works.
        most: How many can be contacted at the most; None for any number.
    """
    expected = checked_profit(probability, margin, offer)
    chosen = expected > 0
    if most is not None:
        chosen[ranked(expected)[most:]] = False
    came = checked_profit(churned, margin, offer)
    shared = offer_doubt(churned, margin, offer)
    silent, naive = by_recency(came, recency)
    chance, _ = doubt_of(probability, margin, offer, 0.0)
    doubt = summed(chance[chosen], [one[chosen] for one in shared])
    return Earned(
        chosen=_about(came[chosen], doubt),
        everybody=_about(came, summed(chance, shared)),
        naive=float(np.interp(np.count_nonzero(chosen), silent, naive)),
        foresight=float(np.sort(came[came > 0])[::-1][:most].sum()),
        doubt=doubt,
    )


def earned_together(lists: Sequence[Earned]) -> Choice:
    """What several lists with the same offer would have earned together.

    An offer that works less well than was thought earns less on all of them: that doubt is added up, and does
    not become smaller by the number of lists. Customers are drawn for each list anew.
    """
    doubt = Doubt(
        sum(one.doubt.alone for one in lists),
        tuple(sum(errors) for errors in zip(*(one.doubt.shared for one in lists), strict=True)),
    )
    total, half = sum(one.chosen.profit for one in lists), doubt.half_width
    return Choice(sum(one.chosen.size for one in lists), total, total - half, total + half)


def _about(profit: Floats, doubt: Doubt) -> Choice:
    total, half = float(profit.sum()), doubt.half_width
    return Choice(profit.size, total, total - half, total + half)
