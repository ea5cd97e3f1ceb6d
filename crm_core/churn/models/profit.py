"""What contacting a list of customers is expected to earn, and which list earns most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from crm_core.base import NORMAL_QUANTILE
from crm_core.churn.models.columns import Floats, Integers
from crm_core.churn.rules import LIKELY

Kind = Literal["worth_keeping", "stay_anyway", "leave_anyway", "not_worth_it"]
KINDS: Final[tuple[Kind, ...]] = ("worth_keeping", "stay_anyway", "leave_anyway", "not_worth_it")
"""What becomes of customers when an offer is thought of; `kinds` gives their places here."""

_MEAN_TO_DEVIATION: Final = float(np.sqrt(np.pi / 2))
"""What the mean distance from the truth is multiplied by to be a standard deviation, if it is normal."""
_ROUNDING: Final = 1e-12
_POINTS_OF_ALL: Final = 120
_POINTS_OF_BEST: Final = 80


@dataclass(frozen=True)
class Offer:
    """What keeping customers costs, and how often it works.

    Args:
        contact_cost: Of contacting one customer, whatever comes of it.
        offer_cost: Of what a customer is given who takes the offer.
        save_chance: Chance that the offer keeps a customer who would leave, 0 to 1; one for all, or of each.
        save_error: Its standard error, likewise; 0 for a chance that is not an estimate. It is one error:
            where the chance of one customer is too high, that of all is, or too low where signs differ. Of
            several such errors that are independent a column each.
        taken_by_stayers: Share of those who would have stayed anyway who take the offer too.
    """

    contact_cost: float
    offer_cost: float
    save_chance: float | Floats
    save_error: float | Floats = 0.0
    taken_by_stayers: float = 1.0

    def __post_init__(self) -> None:
        for chance in (self.save_chance, self.taken_by_stayers):
            if not (np.min(chance) >= 0 and np.max(chance) <= 1):
                raise ValueError("a chance lies between 0 and 1")
        if not all(0 <= one < np.inf for one in (self.contact_cost, self.offer_cost)):
            raise ValueError("costs are finite and not below 0")
        if not np.isfinite(self.save_error).all():
            raise ValueError("errors are finite")


@dataclass(frozen=True)
class Choice:
    """How many customers are contacted, and what that is expected to earn.

    Args:
        size: How many.
        profit: The sum of their expected profit.
        low: The lower end of the 95 % band of what will be earned.
        high: Its upper end.
    """

    size: int
    profit: float
    low: float
    high: float


@dataclass(frozen=True)
class ProfitCurve:
    """Expected profit against the number of customers contacted.

    Args:
        choices: From nobody to everybody, those with the highest expected profit first.
        best: The one that earns most.
        chosen: `best`, or the first of it where only so many can be contacted.
        everybody: Contacting all.
        naive: What as many customers would earn who were chosen by recency alone, for each of `choices`.
        naive_at_chosen: Likewise for as many as in `chosen`.
    """

    choices: tuple[Choice, ...]
    best: Choice
    chosen: Choice
    everybody: Choice
    naive: tuple[float, ...]
    naive_at_chosen: float


@dataclass(frozen=True)
class KindSum:
    """The customers of one kind together.

    Args:
        kind: Which.
        customers: How many they are.
        leaving: How many of them are expected to leave.
        margin_at_risk: The margin that is expected to go with them.
        profit: What contacting them would be expected to earn.
    """

    kind: Kind
    customers: int
    leaving: float
    margin_at_risk: float
    profit: float


@dataclass(frozen=True)
class Doubt:
    """By what the sum of a list is off.

    Args:
        alone: The variance of what customers bring to it, each drawn for himself.
        shared: Its standard error from each error that all lists share.
    """

    alone: float
    shared: tuple[float, ...]

    @property
    def half_width(self) -> float:
        """Of the 95 % interval."""
        return NORMAL_QUANTILE * float(np.sqrt(self.alone + sum(one**2 for one in self.shared)))


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


def expected_profit(probability: Floats, margin: Floats, offer: Offer) -> Floats:
    """What contacting each customer is expected to earn.

    With p the probability of leaving, m the margin that is saved when a customer is kept, s the chance that
    the offer keeps one who would leave, a the share of those staying anyway who take it, o what it costs then
    and c what the contact costs::

        profit = p s (m - o) - (1 - p) a o - c

    Who would leave and is not kept does not take the offer; who stays anyway brings the margin anyway.

    Args:
        probability: Of leaving; calibrated, for what is earned is linear in it.
        margin: What is saved when a customer is kept.
        offer: What keeping costs and how often it works.

    Reference:
        Neslin, Gupta, Kamakura, Lu and Mason (2006), Defection detection: measuring and understanding the
        predictive accuracy of customer churn models; Verbraken, Verbeke and Baesens (2013), A novel profit
        maximizing metric for measuring classification performance of customer churn prediction models: there
        every customer has the same m, and a = 1.
    """
    given_away = offer.taken_by_stayers * offer.offer_cost
    worth = offer.save_chance * (margin - offer.offer_cost) + given_away
    return np.asarray(probability * worth - (given_away + offer.contact_cost))


def expected_cost(probability: Floats, offer: Offer) -> Floats:
    """What contacting each customer is expected to cost: the contact, and what is given to who takes it.

    Args:
        probability: Of leaving.
        offer: What keeping costs and how often it works.
    """
    taking = probability * offer.save_chance + (1 - probability) * offer.taken_by_stayers
    return np.asarray(offer.contact_cost + offer.offer_cost * taking)


def within_budget(profit: Floats, cost: Floats, budget: float) -> int:
    """How many customers a budget pays for, the highest expected profit first.

    Args:
        profit: Expected of each.
        cost: Likewise what contacting is expected to cost.
        budget: What there is to spend.
    """
    spent = np.cumsum(cost[ranked(profit)])
    # The sum of many costs may miss the budget that they make up by its last digits.
    return int(np.searchsorted(spent, budget * (1 + _ROUNDING), side="right"))


def ranked(profit: Floats) -> Integers:
    """Places of customers, the highest expected profit first; of equal ones the first comes first."""
    return np.argsort(-profit, kind="stable")


def profit_curve(
    probability: Floats,
    margin: Floats,
    recency: Integers,
    offer: Offer,
    *,
    calibration_error: float = 0.0,
    most: int | None = None,
) -> ProfitCurve:
    """Expected profit against the number of customers contacted.

    The band is of what will be earned, 1.96 standard deviations about what is expected, of three parts that
    are independent: the standard error of the chance of saving, which is wrong for all alike; the level of
    the probabilities, likewise, whose standard deviation makes `calibration_error` its mean distance; and
    chance itself, who leaves, is kept and takes the offer, each customer alone.

    Args:
        probability: Of leaving, of each customer.
        margin: Likewise what is saved when one is kept.
        recency: Likewise days since the last purchase, in whole days: the naive rule contacts the longest
            silent first, of those silent for equally long the same share.
        offer: What keeping costs and how often it works.
        calibration_error: How far probabilities were from what came, in the mean, when they were tried.
        most: How many can be contacted at the most; None for any number.
    """
    profit = _checked(probability, margin, offer)
    count = profit.size
    order = ranked(profit)
    best = int(np.count_nonzero(profit > 0))
    chosen = best if most is None else min(best, most)
    sizes = _sizes(best, chosen, count)
    chance, shared = _doubt(probability, margin, offer, calibration_error)
    choices = _choices(profit[order], chance[order], [one[order] for one in shared], sizes)
    of_size = {one.size: one for one in choices}
    silent, naive = _by_recency(profit, recency)
    return ProfitCurve(
        choices=choices,
        best=of_size[best],
        chosen=of_size[chosen],
        everybody=of_size[count],
        naive=tuple(float(one) for one in np.interp(sizes, silent, naive)),
        naive_at_chosen=float(np.interp(chosen, silent, naive)),
    )


def kinds(probability: Floats, margin: Floats, offer: Offer) -> npt.NDArray[np.int8]:
    """Of each customer the place in `KINDS`.

    `worth_keeping`: contacting is expected to earn something. Of the others, `stay_anyway`: it would, were it
    certain that the customer leaves; but that is not likely enough. Of those whom it would not pay to contact
    even then, `leave_anyway` is who is more likely to leave than not, and `not_worth_it` is who is not.
    """
    profit = _checked(probability, margin, offer)
    if_leaving = expected_profit(np.ones_like(probability), margin, offer)
    without = np.where(probability > LIKELY, KINDS.index("leave_anyway"), KINDS.index("not_worth_it"))
    places = np.where(if_leaving > 0, KINDS.index("stay_anyway"), without)
    return np.where(profit > 0, KINDS.index("worth_keeping"), places).astype(np.int8)


def kind_sums(
    probability: Floats, margin: Floats, offer: Offer, at_risk: Floats | None = None
) -> tuple[KindSum, ...]:
    """The customers of each kind together, in the order of `KINDS`.

    Args:
        probability: Of leaving, of each customer.
        margin: What is saved when each is kept.
        offer: What keeping costs and how often it works.
        at_risk: What is expected to go with each; None for the probability times what is saved.
    """
    places = kinds(probability, margin, offer)
    going = probability * margin if at_risk is None else at_risk
    values = (probability, going, expected_profit(probability, margin, offer))
    customers = np.bincount(places, minlength=len(KINDS))
    sums = [np.bincount(places, one, minlength=len(KINDS)) for one in values]
    return tuple(
        KindSum(kind, int(customers[place]), *(float(one[place]) for one in sums))
        for place, kind in enumerate(KINDS)
    )


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
    expected = _checked(probability, margin, offer)
    chosen = expected > 0
    if most is not None:
        chosen[ranked(expected)[most:]] = False
    came = _checked(churned, margin, offer)
    shared = _offer_doubt(churned, margin, offer)
    silent, naive = _by_recency(came, recency)
    chance, _ = _doubt(probability, margin, offer, 0.0)
    doubt = _summed(chance[chosen], [one[chosen] for one in shared])
    return Earned(
        chosen=_about(came[chosen], doubt),
        everybody=_about(came, _summed(chance, shared)),
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


def _checked(probability: Floats, margin: Floats, offer: Offer) -> Floats:
    profit = expected_profit(probability, margin, offer)
    if not profit.size:
        raise ValueError("there is nobody to contact")
    if not (np.isfinite(profit.sum()) and probability.min() >= 0 and probability.max() <= 1):
        raise ValueError("probabilities lie between 0 and 1, and margins are known")
    return profit


def _columns(errors: float | Floats) -> list[float | Floats]:
    """Independent errors one by one, each for all or of each customer."""
    if isinstance(errors, np.ndarray) and errors.ndim > 1:
        return list(errors.T)
    return [errors]


def _sizes(best: int, chosen: int, count: int) -> Integers:
    """Numbers of customers: evenly from none to all, and closer together where it matters."""
    evenly = np.linspace(0, count, _POINTS_OF_ALL + 1)
    closely = np.linspace(0, min(2 * best, count), _POINTS_OF_BEST + 1)
    return np.unique(np.concatenate([evenly, closely, [best, chosen]]).round().astype(np.int64))


def _doubt(
    probability: Floats, margin: Floats, offer: Offer, calibration_error: float
) -> tuple[Floats, list[Floats]]:
    """By what a customer's profit is off: by chance alone, squared; and for each error that all share."""
    saved = margin - offer.offer_cost
    given_away = offer.taken_by_stayers * offer.offer_cost
    worth = offer.save_chance * saved + given_away
    off = _MEAN_TO_DEVIATION * calibration_error
    mean = probability * worth - given_away
    squared = probability * (offer.save_chance * saved**2) + (1 - probability) * given_away * offer.offer_cost
    return squared - mean**2, [*_offer_doubt(probability, margin, offer), off * worth]


def _offer_doubt(probability: Floats, margin: Floats, offer: Offer) -> list[Floats]:
    """By what a customer's profit is off where the chance of saving is, for each of its errors."""
    saved = probability * (margin - offer.offer_cost)
    return [np.asarray(one * saved) for one in _columns(offer.save_error)]


def _choices(profit: Floats, chance: Floats, shared: Sequence[Floats], sizes: Integers) -> tuple[Choice, ...]:
    """The lists of some sizes; customers in the order in which they are contacted."""
    sums, alone, *together = (
        np.concatenate([[0.0], np.cumsum(np.add.reduceat(one, sizes[:-1]))])
        for one in (profit, chance, *shared)
    )
    wide = NORMAL_QUANTILE * np.sqrt(np.maximum(alone, 0) + sum(one**2 for one in together))
    return tuple(
        Choice(int(size), float(one), float(one - half), float(one + half))
        for size, one, half in zip(sizes, sums, wide, strict=True)
    )


def _by_recency(profit: Floats, recency: Integers) -> tuple[Integers, Floats]:
    """Numbers of customers and what they earn, the longest silent first, day by day of silence."""
    days = recency - recency.min()
    customers = np.bincount(days)[::-1]
    sums = np.bincount(days, profit)[::-1]
    some = customers > 0
    return (
        np.concatenate([[0], np.cumsum(customers[some])]),
        np.concatenate([[0.0], np.cumsum(sums[some])]),
    )


def _summed(chance: Floats, shared: Sequence[Floats]) -> Doubt:
    return Doubt(float(chance.sum()), tuple(float(one.sum()) for one in shared))


def _about(profit: Floats, doubt: Doubt) -> Choice:
    total, half = float(profit.sum()), doubt.half_width
    return Choice(profit.size, total, total - half, total + half)
