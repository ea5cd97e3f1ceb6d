"""In what forms purchases are forecast, and what each form must know of a base on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_core.base import NotProvided
from crm_core.customers.metrics import Grouping, acquisition_channel
from crm_core.periods import MEAN_YEAR_DAYS, date_of
from crm_core.tables import Ask
from crm_core.value import rules
from crm_core.value.estimates.fitted import (
    cells_of,
    fitted_model,
    in_order,
    model_of,
    models_by_group,
    models_of_groups,
)
from crm_core.value.metrics import held_out_cells, purchases_after
from crm_core.value.models import PurchaseModel
from crm_core.value.models.cells import Floats, Integers
from crm_core.value.models.forecasts import AVERAGED, Snapshot, forecasts

BY_CHANNEL = "_by_channel"
"""Ends the name of a form in which customers won through different channels differ."""
IN_SEASON = "_in_season"
"""Ends the name of a form that knows how the same season went in years before."""


@dataclass(frozen=True)
class Form:
    """How purchases are forecast.

    Args:
        plain: Name of the forecast in `models.forecasts`: a model, or its mean with the recent window.
        by_channel: Whether the model is fitted to the customers won through each channel on their own.
        in_season: Whether it is scaled by what it would have missed in the same season of years before.
    """

    plain: str
    by_channel: bool = False
    in_season: bool = False

    @classmethod
    def named(cls, name: str) -> Form:
        """The form of this name."""
        rest = name.removesuffix(IN_SEASON)
        plain = rest.removesuffix(BY_CHANNEL)
        return cls(plain, by_channel=plain != rest, in_season=rest != name)

    @property
    def name(self) -> str:
        """Its name."""
        return self.plain + BY_CHANNEL * self.by_channel + IN_SEASON * self.in_season

    @property
    def model(self) -> str:
        """The name of the model in it."""
        return self.plain.removesuffix(AVERAGED)


@dataclass(frozen=True)
class Fitted:
    """The model of a form as it was fitted on a day.

    Args:
        form: Which forecast it makes, but for the season.
        model: Fitted to all customers.
        by_channel: Fitted to those won through each channel; empty where the form knows no channels.
    """

    form: Form
    model: PurchaseModel
    by_channel: Mapping[str, PurchaseModel]

    @property
    def models(self) -> tuple[PurchaseModel, ...]:
        """Those that `parts` speaks of, in its order."""
        return *self.by_channel.values(), self.model

    def parts(self, channels: pd.Series | None, count: int) -> Iterator[tuple[PurchaseModel, Integers]]:
        """Each model, and the places of the cells that it speaks of.

        Args:
            channels: The channel of each cell; None where they are not told apart.
            count: How many cells there are.
        """
        places = np.arange(count)
        if channels is None or not self.by_channel:
            yield self.model, places
            return
        for channel, model in self.by_channel.items():
            yield model, places[(channels == channel).to_numpy("bool", na_value=False)]
        yield self.model, places[~channels.isin(list(self.by_channel)).to_numpy("bool")]

    def expected(self, snapshot: Snapshot, channels: pd.Series | None, weeks: float) -> Floats:
        """Purchases in the weeks after a day, by cell."""
        found = np.zeros(len(snapshot.window_frequency))
        for model, places in self.parts(channels, found.size):
            found[places] = forecasts(snapshot.part(places), (model,), weeks)[self.form.plain]
        return found


def channels_known(ask: Ask) -> bool:
    """Whether the base knows through which channel customers were won."""
    try:
        acquisition_channel(ask.tables)
    except NotProvided:
        return False
    return True


def snapshot_of(rows: pd.DataFrame, window_days: int) -> Snapshot:
    """The histories in rows that have `window_frequency`."""
    return Snapshot(
        cells_of(rows), rows["window_frequency"].to_numpy("float64"), window_days / rules.DAYS_PER_WEEK
    )


@dataclass(frozen=True)
class Past:
    """Customers as they were known on a day, and what came of them.

    Args:
        cut: The number of the day, the last that was known.
        days: How many days after it are known as well.
        rows: Of `held_out_cells`; with `group`, the channel, where the form knows channels, and where they
            are parted otherwise.
        fitted: The model as it was fitted then.
    """

    cut: int
    days: int
    rows: pd.DataFrame
    fitted: Fitted

    @property
    def customers(self) -> Floats:
        """Customers by cell."""
        return self.rows["customers"].to_numpy("float64")

    @property
    def held_out(self) -> Floats:
        """Purchases that came, by cell."""
        return self.rows["held_out"].to_numpy("float64")

    def expected(self, days: int) -> Floats:
        """Purchases that were to be expected in so many days, by cell, whatever the season."""
        channels = self.rows.get("group")
        snapshot = snapshot_of(self.rows, self.days)
        return self.fitted.expected(snapshot, channels, days / rules.DAYS_PER_WEEK)


def past_of(ask: Ask, cut: int, days: int, form: Form, group: Grouping | None = None) -> Past | None:
    """A form of forecast as it would have been made on a day, and what came; None where none could be.

    Args:
        ask: The base.
        cut: The number of the day.
        days: How many days after it are forecast.
        form: The form; with a `group` other than the channel one that knows no channels.
        group: By what rows are parted besides.
    """
    cut_off, until = date_of(cut), date_of(cut + days)
    model = model_of(ask(fitted_model, as_of=cut_off, model=form.model))
    if model is None:
        return None
    by_channel = models_by_channel(ask, cut_off, form)
    if form.by_channel and not by_channel:
        return None
    by = acquisition_channel if form.by_channel else group
    parted = {} if by is None else {"group": by}
    rows = in_order(ask(held_out_cells, as_of=until, cut_off=cut_off, window_days=days, **parted))
    return Past(cut, days, rows, Fitted(form, model, by_channel))


def models_by_channel(ask: Ask, as_of: dt.date, form: Form) -> dict[str, PurchaseModel]:
    """The model of each channel as it is fitted on a day; too few customers of a channel go with all."""
    if not form.by_channel:
        return {}
    return models_by_group(ask(models_of_groups, as_of=as_of, group=acquisition_channel, model=form.model))


def seasonal_factors(ask: Ask, cut: int, ends: Sequence[int], form: Form, first_day: int) -> Floats | None:
    """By what a forecast would have been too low in the same season of years before.

    The ratio of what came to what the same forecast would have told a year earlier, whatever the channels;
    of more years their geometric mean. One year tells no more of the next than half of what it says (the
    logarithm counts n / (n + 1) with n years): the rest of the miss was not the season.

    Args:
        ask: The base.
        cut: Number of the last day that is known.
        ends: Days after it up to which purchases are forecast, in order; the factor of each is wanted.
        form: Of the forecast.
        first_day: Number of the first day of the base's history.

    Returns:
        A factor for each end; None where no season before is known in whole, with as much history before it
        as it is long.
    """
    logarithms = []
    for years in range(1, rules.MOST_SEASONS + 1):
        earlier = cut - round(years * MEAN_YEAR_DAYS)
        if ends[-1] > MEAN_YEAR_DAYS or earlier - first_day < ends[-1]:
            break
        past = past_of(ask, earlier, ends[-1], Form(form.plain))
        if past is None:
            break
        after = ask(purchases_after, as_of=date_of(earlier + ends[-1]), cut_off=date_of(earlier))
        came = np.array([after.loc[after["day"] <= earlier + end, "purchases"].sum() for end in ends], float)
        told = np.array([past.expected(end) @ past.customers for end in ends])
        if not (came.all() and told.all()):
            break
        logarithms.append(np.log(came / told))
    if not logarithms:
        return None
    weight = len(logarithms) / (len(logarithms) + 1)
    factors: Floats = np.exp(weight * np.mean(logarithms, axis=0))
    return factors


def season_of(ask: Ask, cut: int, ends: Sequence[int], form: Form, first_day: int) -> Floats:
    """`seasonal_factors` where the form knows the season, and 1 where it knows none."""
    factors = seasonal_factors(ask, cut, ends, form, first_day) if form.in_season else None
    return np.ones(len(ends)) if factors is None else factors
