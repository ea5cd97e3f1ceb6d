"""Whether a club works, by walking through the days of one customer after the other."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import scipy.stats

from crm_core.loyalty.models import Histories, Matched

YEAR = 365
SEASON = 91


def _counts(told: Histories, customer: int) -> set[int]:
    """The days before the opening by which the customer's pace is told, with those set apart."""
    return set(range(max(int(told.first_day[customer]) + 1, told.opened - YEAR), told.opened))


def _apart(told: Histories, customer: int) -> set[int]:
    return {int(day) for day in told.apart_day[told.apart_customer == customer]}


def _rows(told: Histories, customer: int) -> dict[int, tuple[int, float]]:
    mine = told.customer == customer
    values = zip(told.day[mine], told.purchases[mine], told.worth[mine], strict=True)
    return {int(day): (int(count), float(worth)) for day, count, worth in values}


def pace(told: Histories, customer: int) -> float:
    """Purchases a day before the opening; 0 for those with less than 30 days that count."""
    days = _counts(told, customer) - _apart(told, customer)
    rows = _rows(told, customer)
    bought = sum(rows[day][0] for day in days if day in rows)
    return bought / len(days) if len(days) >= 30 else 0.0


def _days_after(told: Histories, customer: int, start: int, *, members: bool) -> list[int]:
    rows, joined = _rows(told, customer), int(told.joined[customer])
    bought = [day for day, (count, _) in rows.items() if count]
    last = max(bought, default=int(told.first_day[customer]))
    until = last - 1
    if not members and joined < last:
        until = joined
    before, apart = _counts(told, customer), _apart(told, customer)
    days = [day for day in range(start + 1, until + 1) if day not in apart and day >= told.opened]
    return [day for day in days if told.opened - 1 - (told.opened - 1 - day) % YEAR in before]


def followed(told: Histories, customer: int, start: int, *, members: bool) -> tuple[int, int, float]:
    """Days that count after a day, and purchases and worth on them."""
    days, rows = _days_after(told, customer, start, members=members), _rows(told, customer)
    bought = [rows[day] for day in days if day in rows]
    return len(days), sum(count for count, _ in bought), sum(worth for _, worth in bought)


def _parts(told: Histories, found: Matched) -> dict[int, dict[tuple[str, int], np.ndarray]]:
    """By customer, and by side and season: what came and what was expected, weighed."""
    parts: dict[int, dict[tuple[str, int], np.ndarray]] = defaultdict(
        lambda: defaultdict(lambda: np.zeros(2))
    )
    moments = found.moments
    for at in np.flatnonzero(found.weight > 0):
        customer, joins = int(moments.customer[at]), bool(moments.joins[at])
        mine, rows = pace(told, customer), _rows(told, customer)
        before = len(_counts(told, customer) - _apart(told, customer))
        weight = before * (1.0 if joins else float(found.weight[at]))
        for day in _days_after(told, customer, int(moments.day[at]), members=joins):
            season = (day - told.opened) // YEAR, (YEAR - 1 - (day - told.opened) % YEAR) // SEASON
            where = "members" if joins else "others", season[0] * 10 + season[1]
            parts[customer][where] += weight * np.array([rows.get(day, (0, 0))[0], mine])
    return parts


def _logarithm(sums: dict[tuple[str, int], np.ndarray], seasons: list[int]) -> float:
    came = sum(sums["members", one][0] for one in seasons)
    expected = sum(
        sums["members", one][1] * sums["others", one][0] / sums["others", one][1] for one in seasons
    )
    return float(np.log(came / expected))


def _summed(
    parts: dict[int, dict[tuple[str, int], np.ndarray]],
) -> tuple[dict[tuple[str, int], np.ndarray], list[int]]:
    sums: dict[tuple[str, int], np.ndarray] = defaultdict(lambda: np.zeros(2))
    for mine in parts.values():
        for where, values in mine.items():
            sums[where] = sums[where] + values
    return sums, [one for side, one in list(sums) if side == "others" and (sums[side, one] > 0).all()]


def difference(told: Histories, found: Matched) -> float:
    """How members' pace changed against that of the matched others."""
    sums, seasons = _summed(_parts(told, found))
    return float(np.exp(_logarithm(sums, seasons)))


def interval(told: Histories, found: Matched) -> tuple[float, float]:
    """Of `difference`, one customer left out at a time."""
    parts = _parts(told, found)
    sums, seasons = _summed(parts)
    whole, moved = _logarithm(sums, seasons), []
    for mine in parts.values():
        left = defaultdict(lambda: np.zeros(2), {where: values.copy() for where, values in sums.items()})
        for where, values in mine.items():
            left[where] -= values
        moved.append(_logarithm(left, seasons) - whole)
    squares = np.square(moved)
    freedom = 3 * squares.sum() ** 2 / np.square(squares).sum()
    reach = scipy.stats.t.ppf(0.975, freedom) * np.sqrt(squares.sum())
    return float(np.exp(whole - reach)), float(np.exp(whole + reach))
