"""What a programme has done: members at their own pace of before, against others alike at theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import scipy

from crm_core.base import NORMAL_QUANTILE
from crm_core.loyalty.models.accounts import Flags, Floats, Integers
from crm_core.loyalty.models.matching import Matched
from crm_core.loyalty.models.paces import NOT_JOINED, Histories, Spells, What, followed
from crm_core.periods import YEAR_DAYS

Method = Literal["naive", "matched", "own_pace", "difference"]
METHODS: Final[tuple[Method, ...]] = ("naive", "matched", "own_pace", "difference")
_UPPER: Final = 0.975
_KURTOSIS: Final = 3.0


@dataclass(frozen=True)
class Compared:
    """How many times as much members buy as they would without the programme, by one method.

    Args:
        method: Which.
        after: What members bought or brought, in a year.
        expected: What they would have without the programme, in a year.
        ratio: Of the two.
        low, high: 95 % interval of `ratio`.
    """

    method: Method
    after: float
    expected: float
    ratio: float
    low: float
    high: float


@dataclass(frozen=True)
class _Side:
    """What came of members or others, and what was to be expected; spells x seasons, and by spell."""

    customer: Integers
    came: Floats
    expected: Floats
    weight: Floats


def effects(histories: Histories, found: Matched, what: What) -> tuple[Compared, ...]:
    """By each of the methods; those by which nothing can be told are left out.

    `naive`: members against others in the last year. `matched`: days after joining against those of matched
    others, whatever their pace of before. `own_pace`: members after joining against their own pace of before.
    `difference`: how members' pace has changed against how that of the matched others has. With pace b of
    before, days d and purchases n after, each in season s, weight w the days of before, sums over members M
    and matched others O::

        ratio = sum_M w n / sum_s (sum_M w b d) q,  q = sum_O w n / sum_O w b d in season s

    The interval leaves out one customer at a time (jackknife), on a logarithmic scale, with quantiles of
    Student's t for as many degrees of freedom as customers weigh in it.

    Args:
        histories: Of all customers.
        found: Who is compared.
        what: `purchases`, or what they brought.

    References:
        Abadie (2005), Semiparametric difference-in-differences estimators. Efron and Stein (1981), The
        jackknife estimate of variance.
    """
    told, weight = found.moments, found.weight
    members = followed(histories, told.customer[found.members], told.day[found.members], members=True)
    others = followed(histories, told.customer[found.others], told.day[found.others], members=False)
    pace = histories.pace_before(what)
    alike = weight[found.others]

    def side(spells: Spells, expected: Floats, times: Floats) -> _Side:
        came = spells.purchases if what == "purchases" else spells.worth
        return _Side(spells.customer, came, spells.days * expected[:, np.newaxis], times)

    def own(spells: Spells, times: Floats) -> _Side:
        return side(spells, pace[spells.customer], times * histories.days_before[spells.customer])

    def plain(spells: Spells, times: Floats) -> _Side:
        return side(spells, np.ones(len(spells.customer)), times)

    once = np.ones(len(members.customer))
    after = _a_year(plain(members, once))
    owned = own(members, once)
    after_weighed = _a_year(_Side(owned.customer, owned.came, members.days, owned.weight))
    found_by = (
        _naive(histories, what),
        _compared("matched", plain(members, once), plain(others, alike), len(histories), after),
        _compared("own_pace", owned, None, len(histories), after_weighed),
        _compared("difference", owned, own(others, alike), len(histories), after_weighed),
    )
    return tuple(one for one in found_by if one is not None)


def _a_year(side: _Side) -> float:
    days = (side.weight[:, np.newaxis] * side.expected).sum()
    came = (side.weight[:, np.newaxis] * side.came).sum()
    return float(came / days * YEAR_DAYS) if days > 0 else 0.0


def _naive(histories: Histories, what: What) -> Compared | None:
    """Members of today against the others, each customer's last year."""
    everybody = np.flatnonzero(histories.early)
    last = np.full(everybody.size, histories.today)
    came = histories.since(what, everybody, last - YEAR_DAYS + 1, last)
    member = histories.joined[everybody] < NOT_JOINED
    one = np.ones((everybody.size, 1))

    def side(those: Flags) -> _Side:
        return _Side(everybody[those], came[those, np.newaxis], one[those], one[those, 0])

    after = float(came[member].mean()) if member.any() else 0.0
    return _compared("naive", side(member), side(~member), len(histories), after)


def _compared(
    method: Method, members: _Side, others: _Side | None, customers: int, after: float
) -> Compared | None:
    """The ratio and its interval; None where nothing came of either, or nothing was to be expected."""
    mine = _by_customer(members, customers)
    theirs = None if others is None else _by_customer(others, customers)
    sums = [part.sum(axis=0) for part in mine + (theirs or ())]
    # Seasons in which others tell nothing are left out, for members too.
    use = np.ones(sums[0].shape, np.bool_) if theirs is None else (sums[2] > 0) & (sums[3] > 0)
    whole = _logarithm(sums, use)
    if not np.isfinite(whole):
        return None
    parts = [part[:, use] for part in mine + (theirs or ())]
    active = np.flatnonzero(sum(np.abs(part).sum(axis=1) for part in parts))
    without = [total[use] - part[active] for total, part in zip(sums, parts, strict=True)]
    moved = _logarithm(without, np.ones(int(use.sum()), np.bool_)) - whole
    if not np.isfinite(moved).all():
        return None
    variance = float((moved**2).sum())
    freedom = _KURTOSIS * variance**2 / float((moved**4).sum()) if variance else 1.0
    reach = float(scipy.special.stdtrit(freedom, _UPPER)) * float(np.sqrt(variance))
    ratio = float(np.exp(whole))
    return Compared(
        method,
        after=after,
        expected=after / ratio,
        ratio=ratio,
        low=float(np.exp(whole - max(reach, NORMAL_QUANTILE * variance**0.5))),
        high=float(np.exp(whole + max(reach, NORMAL_QUANTILE * variance**0.5))),
    )


def _logarithm(sums: Sequence[Floats], use: Flags) -> Floats:
    """Of what came over what was to be expected; NaN or infinite where there is none."""
    came, expected = sums[0][..., use], sums[1][..., use]
    with np.errstate(divide="ignore", invalid="ignore"):
        if len(sums) == 4:
            expected = expected * (sums[2][..., use] / sums[3][..., use])
        result: Floats = np.log(came.sum(axis=-1)) - np.log(expected.sum(axis=-1))
        return result


def _by_customer(side: _Side, customers: int) -> tuple[Floats, Floats]:
    """What came and what was expected, weighed and summed by customer; customers x seasons."""
    weighed = side.weight[:, np.newaxis]
    parts = []
    for values in (weighed * side.came, weighed * side.expected):
        sums = np.zeros((customers, values.shape[1]))
        for season in range(values.shape[1]):
            sums[:, season] = np.bincount(side.customer, values[:, season], minlength=customers)
        parts.append(sums)
    return parts[0], parts[1]
