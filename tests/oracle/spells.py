"""Times until the next purchase, the ladder and who is away from a category, told one customer at a time."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from tests.oracle.history import History, Row

Groups = Mapping[str, str | None]
NORMAL = 1.959963984540054


def days_of(history: History) -> dict[str, list[dt.date]]:
    """The days on which each customer bought."""
    return {one.customer_id: sorted({p.date for p in one.purchases}) for one in history.customers.values()}


def _spells(days: list[dt.date], as_of: dt.date) -> list[tuple[int, int]]:
    """For each day how long until the next one, and whether that came."""
    ends = [*days[1:], as_of]
    return [
        ((end - day).days, int(number < len(days)))
        for number, (day, end) in enumerate(zip(days, ends, strict=True), 1)
    ]


def _rows(counts: Mapping[tuple[object, ...], int], names: str) -> list[Row]:
    return [dict(zip(names.split(), (*key, many), strict=True)) for key, many in counts.items()]


def purchase_spells(history: History, purchase: int | None, groups: Groups | None = None) -> list[Row]:
    """Durations with how many there are of each."""
    counts: Counter[tuple[object, ...]] = Counter()
    for customer, days in days_of(history).items():
        for number, spell in enumerate(_spells(days, history.as_of), 1):
            if purchase in (None, number):
                counts[spell if groups is None else (groups.get(customer), *spell)] += 1
    return _rows(counts, ("" if groups is None else "group ") + "duration_days observed spells")


def ladder_spells(history: History, rungs: int, groups: Groups | None = None) -> list[Row]:
    """Durations from each of the first purchases to the next, with how many there are of each."""
    counts: Counter[tuple[object, ...]] = Counter()
    for customer, days in days_of(history).items():
        for number, spell in enumerate(_spells(days, history.as_of)[:rungs], 1):
            counts[(() if groups is None else (groups.get(customer),)) + (number, *spell)] += 1
    return _rows(counts, ("" if groups is None else "group ") + "purchase duration_days observed spells")


def rung(spells: list[tuple[int, int]]) -> Row:
    """From one purchase to the next one."""
    made, n = sum(observed for _, observed in spells), len(spells)
    low, high = wilson(made, n)
    return {
        "customers": n,
        "next_customers": made,
        "repeat_rate": made / n,
        "low": low,
        "high": high,
        "median_days": median(spells),
    }


def customers_on_rung(history: History, purchase: int) -> list[Row]:
    """Who bought on so many days."""
    return [{"customer_id": one} for one, days in days_of(history).items() if len(days) == purchase]


def wilson(made: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    square = NORMAL * NORMAL
    spread = math.sqrt(made * (n - made) / n + square / 4) * NORMAL
    low, high = (made + square / 2 - spread) / (n + square), (made + square / 2 + spread) / (n + square)
    return 0.0 if made == 0 else low, 1.0 if made == n else high


def median(spells: Iterable[tuple[int, int]]) -> int | None:
    """The first day after which the survival curve is at a half or below."""
    spells = list(spells)
    survival = 1.0
    for day in sorted({duration for duration, observed in spells if observed}):
        at_risk = sum(duration >= day for duration, _ in spells)
        events = sum(duration == day and observed for duration, observed in spells)
        survival *= 1 - events / at_risk
        if survival <= 0.5 + 1e-9:
            return day
    return None


def category_days(history: History) -> dict[tuple[str, str], list[dt.date]]:
    """The days on which each customer bought in each category."""
    parts: dict[tuple[str, object, str], list[tuple[dt.datetime, int]]] = defaultdict(list)
    for sale in history.sales:
        if sale.customer_id is not None and sale.line.category is not None:
            parts[sale.customer_id, sale.order, sale.line.category].append((sale.at, sale.amount))
    days: dict[tuple[str, str], set[dt.date]] = defaultdict(set)
    for (customer, _, category), lines in parts.items():
        if sum(amount for _, amount in lines) > 0:
            days[customer, category].add(min(at for at, _ in lines).date())
    return {key: sorted(some) for key, some in days.items()}


def category_gaps(history: History) -> list[Row]:
    """Days between one day in a category and the next."""
    counts: Counter[tuple[object, ...]] = Counter()
    for (_, category), days in category_days(history).items():
        counts.update((category, spell) for spell, observed in _spells(days, history.as_of) if observed)
    return _rows(counts, "category gap_days gaps")


def category_silences(history: History) -> list[Row]:
    """Days since the last day in a category."""
    counts: Counter[tuple[object, ...]] = Counter()
    for (_, category), days in category_days(history).items():
        counts[category, (history.as_of - days[-1]).days] += 1
    return _rows(counts, "category silence_days customers")


def overdue_customers(history: History, category: str, longer_than: int, up_to: int | None) -> list[Row]:
    """Who has been away from a category for so long."""
    return [
        {"customer_id": customer}
        for (customer, name), days in category_days(history).items()
        if name == category
        and longer_than < (history.as_of - days[-1]).days <= (math.inf if up_to is None else up_to)
    ]


def contract_spells(contracts: Iterable[tuple[str, dt.date, dt.date | None]], as_of: dt.date) -> list[Row]:
    """How long customers stayed under contract, day after day."""
    covered: dict[str, set[dt.date]] = defaultdict(set)
    for customer, begun, ended in contracts:
        if begun > as_of or (ended is not None and ended < begun):
            continue
        last = as_of if ended is None or ended > as_of else ended
        covered[customer] |= {begun + dt.timedelta(n) for n in range((last - begun).days + 1)}
    counts: Counter[tuple[object, ...]] = Counter()
    for days in covered.values():
        first = None
        for day in sorted(days):
            first = day if first is None else first
            following = day + dt.timedelta(1)
            if following not in days:
                # Whether there is one on the day after the last that is known, nobody knows.
                ended_by_then = following <= as_of
                counts[((following if ended_by_then else as_of) - first).days, int(ended_by_then)] += 1
                first = None
    return _rows(counts, "duration_days observed spells")
