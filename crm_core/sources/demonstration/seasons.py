"""When things happen: seasonal intensity by market and group, arrivals, hours of the day.

Moments are days (float) since midnight before the history's first day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from crm_core.periods import MEAN_YEAR_DAYS, day_of, first_day, period_of, year_month_day
from crm_core.sources.demonstration.draws import Flags, Floats, Ints
from crm_core.sources.demonstration.settings import DemonstrationSettings
from crm_core.sources.demonstration.settings.people import Dip, Market, Peak

DAYS_PER_WEEK: Final = 7.0
SECONDS_PER_DAY: Final = 86_400


@dataclass(frozen=True)
class Clock:
    """Operational time that runs faster in season: one row for each kind of customer.

    Args:
        passed: Operational time passed at each midnight, shape `(rows, days + 1)`, strictly increasing along
            a row.
    """

    passed: Floats

    def at(self, row: Ints, moment: Floats | float) -> Floats:
        """Operational time passed at moments within the history."""
        days = self.passed.shape[1]
        midnights = np.arange(self.passed.size, dtype=np.float64)
        result: Floats = np.interp(row * days + moment, midnights, self.passed.ravel())
        return result

    def when(self, row: Ints, passed: Floats) -> Floats:
        """The moments at which so much operational time has passed; infinite beyond the history's end."""
        apart = float(self.passed.max()) + 1.0
        rows, days = self.passed.shape
        flat = (self.passed + apart * np.arange(rows)[:, np.newaxis]).ravel()
        midnights = np.tile(np.arange(days, dtype=np.float64), rows)
        result: Floats = np.where(
            passed < self.passed[row, -1], np.interp(passed + apart * row, flat, midnights), np.inf
        )
        return result


def purchase_clock(settings: DemonstrationSettings) -> Clock:
    """Weeks of purchase rate, row market * groups + group; over the history as many as it has."""
    dip = _dip(settings, settings.dip.purchases)
    rows = []
    for market in settings.markets.values():
        factor = season(settings, market)
        for group in settings.groups.values():
            row = factor**group.season * dip
            rows.append(row / row.mean() / DAYS_PER_WEEK)
    return Clock(_cumulated(np.array(rows)))


def arrival_clock(settings: DemonstrationSettings) -> Clock:
    """Share of a market's customers who have arrived, row market."""
    arrivals = settings.arrivals
    days = np.arange(settings.days)
    opening = np.exp(-days / arrivals.opening_days)
    steady = (1.0 + arrivals.yearly_growth) ** (days / MEAN_YEAR_DAYS)
    shares = (
        arrivals.opening_share * opening / opening.sum()
        + (1.0 - arrivals.opening_share) * steady / steady.sum()
    )
    dip = _dip(settings, settings.dip.arrivals)
    density = np.array([shares * dip * season(settings, market) for market in settings.markets.values()])
    return Clock(_cumulated(density / density.sum(axis=1, keepdims=True)))


def season(settings: DemonstrationSettings, market: Market) -> Floats:
    """Seasonal factor of each day of the history: weekday x month x peaks, without the dip."""
    days = np.arange(settings.days) + day_of(settings.first_day)
    weekday = days - first_day(period_of(days, "week"), "week")
    _, month, _ = year_month_day(days)
    factor: Floats = np.array(market.weekdays)[weekday] * np.array(market.months)[month - 1]
    for peak in market.peaks:
        factor *= np.where(_in_peak(days, peak), peak.factor, 1.0)
    return factor


def _in_peak(days: Ints, peak: Peak) -> Flags:
    _, month, day_of_month = year_month_day(days, peak.calendar)
    place = 100 * month + day_of_month
    first, last = (int(edge.replace("-", "")) for edge in (peak.first, peak.last))
    after, before = place >= first, place <= last
    result: Flags = after & before if first <= last else after | before
    return result


def _dip(settings: DemonstrationSettings, factor: float) -> Floats:
    dip: Dip = settings.dip
    days = np.arange(settings.days)
    within = (days >= settings.day(dip.first)) & (days <= settings.day(dip.last))
    return np.where(within, factor, 1.0)


def _cumulated(density: Floats) -> Floats:
    return np.concatenate([np.zeros((len(density), 1)), np.cumsum(density, axis=1)], axis=1)


def at_shop_hours(settings: DemonstrationSettings, moment: Floats) -> Floats:
    """The same days and the same order within each day, but the hours of a shop; infinite moments stay so."""
    moment = np.asarray(moment, dtype=np.float64)
    happened = np.isfinite(moment)
    day = np.floor(np.where(happened, moment, 0.0))
    share = np.cumsum(np.concatenate([[0.0], settings.hours])) / sum(settings.hours)
    clock_time = np.interp(np.where(happened, moment, 0.0) - day, share, np.linspace(0.0, 1.0, len(share)))
    # Rounding must not carry the last second of a day into the next one.
    latest = 1.0 - 1.0 / SECONDS_PER_DAY
    return np.where(happened, day + np.minimum(clock_time, latest), moment)


def daily_units(settings: DemonstrationSettings, rng: np.random.Generator) -> Floats:
    """Units of each currency for one unit of the base currency on each day, shape `(currencies, days)`."""
    rows = []
    for currency in settings.currencies.values():
        steps = rng.standard_normal(settings.days) * currency.daily_volatility
        steps += currency.yearly_drift / MEAN_YEAR_DAYS
        steps[0] = 0.0
        rows.append(np.round(currency.units * np.exp(np.cumsum(steps)), currency.decimals))
    return np.array(rows)
