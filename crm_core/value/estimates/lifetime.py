"""What each customer is expected to buy and to be worth."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import cast

import numpy as np
import pandas as pd

from crm_core.base import CrmError, check_between
from crm_core.customers.metrics import acquisition_channel, customers_in_groups
from crm_core.periods import day_of
from crm_core.tables import Ask, AsOf, Estimate
from crm_core.value import rules
from crm_core.value.estimates.fitted import fitted_models, in_order, purchase_models_of, spend_model_of
from crm_core.value.estimates.forms import (
    Fitted,
    Form,
    models_by_channel,
    season_of,
    snapshot_of,
)
from crm_core.value.estimates.options import DiscountRate, HorizonMonths
from crm_core.value.estimates.tried import best_forecast, horizon_days, known_days, value_trials
from crm_core.value.metrics import (
    purchase_histories,
    worth_of_purchases,
)
from crm_core.value.models import GammaGamma, PurchaseModel, value_interval
from crm_core.value.models.cells import Floats, Integers
from crm_core.value.models.forecasts import Snapshot, forecasts

_HISTORY = ["frequency", "recency_days", "age_days", "window_frequency"]


class CannotForecast(CrmError):
    """What the base holds is no ground for a forecast of value."""


@dataclass(frozen=True)
class Basis:
    """By what customers are forecast.

    Args:
        form: The form of forecast of purchases that did best in trials; without trials that of the likeliest
            model.
        fitted: The model in it.
        season: By what the season raises or lowers it; 1 where the form knows none.
        spend: The model of spend.
        kept: What is left of one unit of purchases after returns and, where costs are known, cost.
        by_margin: Whether cost is taken off.
        weeks: The horizon.
        weekly_rate: By which later purchases are discounted.
    """

    form: Form
    fitted: Fitted
    season: float
    spend: GammaGamma
    kept: float
    by_margin: bool
    weeks: float
    weekly_rate: float

    @property
    def model(self) -> PurchaseModel:
        """The model as it was fitted to all customers."""
        return self.fitted.model


def basis_of(ask: Ask, *, as_of: dt.date, horizon_months: int, discount_rate: float) -> Basis:
    """What is needed to forecast the customers of a base.

    Raises:
        InputError: There is no such horizon or discount rate.
        CannotForecast: Too few customers came back to fit any model, or nothing was left of what they bought.
    """
    check_between("discount_rate", discount_rate, 0, rules.HIGHEST_DISCOUNT_RATE)
    tried = ask(value_trials, as_of=as_of, horizon_months=horizon_months)
    fitted = ask(fitted_models, as_of=as_of)
    models, spend = purchase_models_of(fitted), spend_model_of(fitted)
    if not models or spend is None:
        raise CannotForecast("value.too_few_customers", least=rules.FEWEST_REPEAT_CUSTOMERS)
    worth = ask(worth_of_purchases, as_of=as_of).iloc[0]
    by_margin = bool(pd.notna(worth["margin"]))
    left, purchased = worth["margin" if by_margin else "revenue"], worth["purchased"]
    if not purchased or left <= 0:
        raise CannotForecast("value.nothing_kept")
    forecast, model = best_forecast(models, tried)
    form, days = Form.named(forecast), horizon_days(as_of, horizon_months)
    today = day_of(as_of)
    return Basis(
        form=form,
        fitted=Fitted(form, model, models_by_channel(ask, as_of, form)),
        season=float(season_of(ask, today, [days], form, today - known_days(ask, as_of))[-1]),
        spend=spend,
        kept=float(left / purchased),
        by_margin=by_margin,
        weeks=days / rules.DAYS_PER_WEEK,
        weekly_rate=float(np.log1p(discount_rate)) / rules.WEEKS_PER_YEAR,
    )


@Estimate
def customer_lifetime_value(
    ask: Ask, *, as_of: AsOf, horizon_months: HorizonMonths = 12, discount_rate: DiscountRate = 0.1
) -> pd.DataFrame:
    """What each customer is expected to buy and to be worth in the months to come.

    Purchases by the forecast that did best in `value_trials`, times spend on a purchase day by the
    Gamma-Gamma model, times what was left of purchases after returns and cost in the year before.

    Returns:
        Grain: a customer with at least one purchase up to `as_of`.

        - `customer_id`: text
        - `expected_purchases`: days with a purchase in the horizon
        - `probability_of_none`: of no purchase in the horizon, 0 to 1
        - `spend_per_purchase`: money, expected on a day with a purchase
        - `customer_lifetime_value`: money, expected margin in the horizon, discounted to `as_of`; revenue
          after returns where costs are not known
        - `low`, `high`: money, between which what the customer brings lies with a probability of 95 %; both 0
          for whoever almost certainly brings nothing, though the mean over many such customers is more

    Raises:
        CannotForecast: Too few customers came back to fit any model, or nothing was left of what they bought.
    """
    found = valued(ask, as_of=as_of, horizon_months=horizon_months, discount_rate=discount_rate)
    purchases, cell = found.purchases, found.cell
    low, high = value_interval(
        purchases.none,
        purchases.mean,
        purchases.variance,
        purchases.rate_shape,
        found.cells["frequency"].to_numpy("float64"),
        found.mean_spend,
        found.basis.spend,
        cell=cell,
    )

    def money(units: Floats) -> Integers:
        return cast(Integers, np.rint(units * ask.tables.money_scale).astype(np.int64))

    return pd.DataFrame(
        {
            "customer_id": found.customer_id,
            "expected_purchases": purchases.mean[cell],
            "probability_of_none": purchases.none[cell],
            "spend_per_purchase": money(found.spend),
            "customer_lifetime_value": money(found.value),
            "low": money(low * found.per_spend),
            "high": money(high * found.per_spend),
        }
    )


@dataclass(frozen=True)
class Valued:
    """Customers and what they are expected to buy and to be worth; money in units of currency.

    Args:
        basis: By what they are forecast.
        customer_id: Of each customer.
        cells: Histories that customers share.
        cell: The place of each customer's among them.
        purchases: To come, by cell.
        mean_spend: On the repeat purchase days of each customer so far.
        spend: Expected of each customer on a purchase day.
        per_spend: What one unit of it is worth today, after returns and cost.
    """

    basis: Basis
    customer_id: pd.Series
    cells: pd.DataFrame
    cell: Integers
    purchases: Purchases
    mean_spend: Floats
    spend: Floats
    per_spend: Floats

    @property
    def value(self) -> Floats:
        """What each customer is expected to be worth."""
        return self.purchases.mean[self.cell] * self.spend * self.per_spend


def valued(ask: Ask, *, as_of: dt.date, horizon_months: int, discount_rate: float) -> Valued:
    """What each customer is expected to buy and to be worth.

    Raises:
        InputError: There is no such horizon or discount rate.
        CannotForecast: Too few customers came back to fit any model, or nothing was left of what they bought.
    """
    basis = basis_of(ask, as_of=as_of, horizon_months=horizon_months, discount_rate=discount_rate)
    window = max(min(horizon_days(as_of, horizon_months), known_days(ask, as_of)), 1)
    customers = in_order(ask(purchase_histories, as_of=as_of, window_days=window))
    alike = _HISTORY
    if basis.form.by_channel:
        channels = ask(customers_in_groups, as_of=as_of, group=acquisition_channel)
        customers = customers.merge(channels, on="customer_id", how="left", validate="one_to_one")
        alike = [*_HISTORY, "group"]
    cells, cell = _cells(customers, alike)
    purchases = Purchases.of(basis, snapshot_of(cells, window), cells.get("group"))
    frequency = customers["frequency"].to_numpy("float64")
    repeat = customers["repeat_revenue"].to_numpy("float64") / ask.tables.money_scale
    mean_spend = repeat / np.maximum(frequency, 1)
    return Valued(
        basis=basis,
        customer_id=customers["customer_id"],
        cells=cells,
        cell=cell,
        purchases=purchases,
        mean_spend=mean_spend,
        spend=basis.spend.expected_spend(frequency, mean_spend),
        per_spend=basis.kept * purchases.discount[cell],
    )


def _cells(customers: pd.DataFrame, alike: list[str]) -> tuple[pd.DataFrame, Integers]:
    """Customers who are alike together, and the place of each customer's cell."""
    by_history = customers.groupby(alike, sort=False, dropna=False)
    cells = by_history.size().reset_index(name="customers")
    return cells, by_history.ngroup().to_numpy().astype(np.int64)


@dataclass(frozen=True)
class Purchases:
    """Purchases to come, by cell.

    `discount` is what a purchase in the horizon is worth today, on average; `rate_shape` the model's.
    """

    mean: Floats
    none: Floats
    variance: Floats
    discount: Floats
    rate_shape: Floats

    @classmethod
    def of(cls, basis: Basis, snapshot: Snapshot, channels: pd.Series | None) -> Purchases:
        count = len(snapshot.window_frequency)
        found = cls(*(np.zeros(count) for _ in fields(cls)))
        for model, places in basis.fitted.parts(channels, count):
            part = cls._of_part(basis, model, snapshot.part(places))
            for field in fields(cls):
                getattr(found, field.name)[places] = getattr(part, field.name)
        return found

    @classmethod
    def _of_part(cls, basis: Basis, model: PurchaseModel, snapshot: Snapshot) -> Purchases:
        weeks, cells = basis.weeks, snapshot.cells
        history = (cells.frequency, cells.recency, cells.age)
        by_model = model.expected_purchases(weeks, *history)
        some = np.maximum(by_model, np.finfo(float).tiny)
        discounted = model.discounted_purchases(weeks, basis.weekly_rate, *history)
        mean = forecasts(snapshot, (model,), weeks)[basis.form.plain] * basis.season
        scale = mean / some
        # A forecast above the model's tells of more purchases, and not of more people who buy.
        none = model.probability_of_none(weeks, *history) ** np.minimum(scale, 1.0)
        # What chance adds to the variance grows with the mean, what customers differ by with its square.
        beyond_chance = np.maximum(model.variance_of_purchases(weeks, *history) - by_model, 0.0)
        return cls(
            mean=mean,
            # A model that is sure of nobody leaves it to the mean of a forecast that is not.
            none=np.where(none < 1, none, np.exp(-mean)),
            variance=mean + beyond_chance * scale**2,
            discount=np.where(by_model > 0, discounted / some, 1.0),
            rate_shape=np.broadcast_to(model.rate_shape(cells.frequency), mean.shape),
        )
