"""Members and others who were alike when the members joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from crm_core.loyalty.models.accounts import Flags, Floats, Integers
from crm_core.loyalty.models.paces import NOT_JOINED, Histories

QUARTER_DAYS: Final = 91
"""Who is compared bought within the same so many days since the opening."""
MOST_ALIKE: Final = 10
"""With so many others a member is compared, at the most."""
CALIPER: Final = 0.2
"""How far apart they may be, in standard deviations of the log-odds of joining."""
COUNTRIES: Final = 5
"""So many countries, the largest, are told apart."""
_RIDGE: Final = 1.0
_STEPS: Final = 50
_CLOSE: Final = 1e-8


@dataclass(frozen=True)
class Moments:
    """Purchases since the opening at which a customer joined or could have joined.

    Args:
        customer: Whose.
        day: When: of the purchase, or of joining where that was later.
        joins: Whether the customer joined then.
        names: Of what is known then, in the order of columns.
        known: What is known, moments x names.
        scaled: The same on the scale on which moments are compared.
    """

    customer: Integers
    day: Integers
    joins: Flags
    names: tuple[str, ...]
    known: Floats
    scaled: Floats


@dataclass(frozen=True)
class Matched:
    """Which moments are compared.

    Args:
        moments: All.
        weight: Of each moment: 1 of a member who has others alike and 0 of one who has none; of others how
            many members they stand for.
    """

    moments: Moments
    weight: Floats

    @property
    def members(self) -> Flags:
        """The moments at which members joined who have others alike."""
        return self.moments.joins & (self.weight > 0)

    @property
    def others(self) -> Flags:
        """The moments of others that they are compared with."""
        return ~self.moments.joins & (self.weight > 0)


def moments(histories: Histories, company: Flags, country: npt.NDArray[np.object_]) -> Moments:
    """The moments of joining and of not joining, of customers from long enough before the opening.

    Of a member the last purchase up to joining; of everybody each purchase before joining.

    Args:
        histories: Of all customers.
        company: Whether each customer is a company.
        country: Of each customer; empty where it is not known.
    """
    rows = np.flatnonzero(
        histories.early[histories.customer]
        & (histories.purchases > 0)
        & (histories.day >= histories.opened)
        & (histories.day <= histories.joined[histories.customer])
    )
    customer, day = histories.customer[rows], histories.day[rows]
    joined = histories.joined[customer]
    last = np.append(customer[1:] != customer[:-1], True)[: rows.size]
    joins = last & (joined < NOT_JOINED)
    kept = joins | (day < joined)
    rows, joins = rows[kept], joins[kept]
    customer, day = histories.customer[rows], histories.day[rows]
    names, known, scaled = _known(histories, rows, company, country)
    when = np.where(joins, histories.joined[customer], day)
    return Moments(customer, when, joins, names, known, scaled)


def _known(
    histories: Histories, rows: Integers, company: Flags, country: npt.NDArray[np.object_]
) -> tuple[tuple[str, ...], Floats, Floats]:
    """What is known at some purchases since the opening, none of it made of what was bought before it."""
    customer, day = histories.customer[rows], histories.day[rows]
    opened = np.full(rows.size, histories.opened)
    since = histories.since("purchases", customer, opened, day)
    worth = histories.since("worth", customer, opened, day) / since
    bought = np.flatnonzero(histories.purchases > 0)
    before = bought[np.maximum(np.searchsorted(bought, rows) - 1, 0)]
    same = (before < rows) & (histories.customer[before] == customer)
    previous = np.maximum(np.where(same, histories.day[before], opened), opened)
    columns: dict[str, tuple[Floats, Floats]] = {}

    def add(name: str, values: Floats | Integers | Flags, scaled: Floats | None = None) -> None:
        plain = values.astype(np.float64)
        columns[name] = (plain, plain if scaled is None else scaled)

    tenure = day - histories.first_day[customer]
    add("days_as_customer", tenure, np.log1p(tenure))
    add("days_since_opening", day - opened, np.sqrt(day - opened))
    add("purchases_since_opening", since, np.log(since))
    add("days_since_previous", day - previous, np.log1p(day - previous))
    add("worth_of_purchase", worth, np.log(np.maximum(worth, 1.0)))
    add("company", company[customer])
    named, counts = np.unique(country[country != ""].astype(str), return_counts=True)
    for name in named[np.argsort(-counts, kind="stable")][:COUNTRIES]:
        add(f"country:{name}", (country == name)[customer])
    known, scaled = (np.stack(part, axis=1) for part in zip(*columns.values(), strict=True))
    return tuple(columns), known, scaled


def matched(found: Moments) -> Matched:
    """Compare each member with those others of the same quarter whose odds of joining then were nearest."""
    weight = np.zeros(found.joins.size)
    members, others = np.flatnonzero(found.joins), np.flatnonzero(~found.joins)
    if not members.size or not others.size:
        return Matched(found, weight)
    odds = log_odds(found.scaled, found.joins)
    quarter = (found.day - found.day.min()) // QUARTER_DAYS
    # Quarters one after the other on one line, too far apart for a caliper to reach the next.
    line = quarter * (4 * (odds.max() - odds.min()) + 1) + odds
    others = others[np.argsort(line[others], kind="stable")]
    at = np.searchsorted(line[others], line[members])
    near = at[:, np.newaxis] + np.arange(-MOST_ALIKE - 1, MOST_ALIKE + 1)
    there = (near >= 0) & (near < others.size)
    near = others[np.clip(near, 0, others.size - 1)]
    far = np.abs(line[near] - line[members][:, np.newaxis])
    there &= (far <= CALIPER * odds.std()) & (found.customer[near] != found.customer[members][:, np.newaxis])
    far = np.where(there, far, np.inf)
    nearest = np.argsort(far, axis=1, kind="stable")[:, :MOST_ALIKE]
    chosen = np.take_along_axis(near, nearest, axis=1)
    good = np.isfinite(np.take_along_axis(far, nearest, axis=1))
    count = good.sum(axis=1)
    weight[members] = count > 0
    share = np.broadcast_to(1.0 / np.maximum(count, 1)[:, np.newaxis], good.shape)
    np.add.at(weight, chosen[good], share[good])
    return Matched(found, weight)


def log_odds(scaled: Floats, joins: Flags) -> Floats:
    """The log-odds of joining by what is known: logistic regression, drawn a little to equal odds for all."""
    spread = scaled.std(axis=0)
    standard = (scaled - scaled.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    x = np.column_stack([np.ones(len(standard)), standard])
    penalty = np.full(x.shape[1], _RIDGE)
    penalty[0] = 0.0
    share = joins.mean()
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(share / (1.0 - share))
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(-(x @ beta)))
        slope = x.T @ (joins - chance) - penalty * beta
        bend = (x * (chance * (1.0 - chance))[:, np.newaxis]).T @ x + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        beta += step
        if np.abs(step).max() < _CLOSE:
            break
    result: Floats = x @ beta
    return result


@dataclass(frozen=True)
class Balance:
    """How alike members and others are in one thing.

    Args:
        name: What is looked at.
        members: Mean of the members compared.
        others_before, others_after: Mean of all others, and of those they are compared with.
        difference_before, difference_after: Between the means on the scale on which they are compared, in
            standard deviations of the members and others before matching.
    """

    name: str
    members: float
    others_before: float
    others_after: float
    difference_before: float
    difference_after: float


def balances(found: Matched, more: dict[str, Floats]) -> tuple[Balance, ...]:
    """How alike members and others are before and after matching.

    Args:
        found: What is compared.
        more: Further things that are known of each moment.
    """
    told = found.moments
    columns = {name: (told.known[:, at], told.scaled[:, at]) for at, name in enumerate(told.names)}
    columns |= {name: (values, values) for name, values in more.items()}
    return tuple(_balance(found, name, known, scaled) for name, (known, scaled) in columns.items())


def _balance(found: Matched, name: str, known: Floats, scaled: Floats) -> Balance:
    joins, weight = found.moments.joins, found.weight
    members, others = found.members, found.others
    spread = np.sqrt((scaled[joins].var() + scaled[~joins].var()) / 2) or 1.0
    alike = np.average(scaled[others], weights=weight[others])
    return Balance(
        name,
        members=float(known[members].mean()),
        others_before=float(known[~joins].mean()),
        others_after=float(np.average(known[others], weights=weight[others])),
        difference_before=float((scaled[joins].mean() - scaled[~joins].mean()) / spread),
        difference_after=float((scaled[members].mean() - alike) / spread),
    )
