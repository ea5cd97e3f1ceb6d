"""What customers are expected to be worth together, with the interval of the sum."""

from __future__ import annotations

import datetime as dt
from typing import cast

import numpy as np
import pandas as pd

from crm_core.customers.metrics import Grouping, customers_in_groups
from crm_core.tables import Ask, AsOf, Estimate
from crm_core.value import rules
from crm_core.value.estimates.fitted import cells_of
from crm_core.value.estimates.lifetime import Basis, Valued, basis_of, valued
from crm_core.value.estimates.money_tried import money_trials, money_trials_by_group
from crm_core.value.estimates.options import DiscountRate, HorizonMonths
from crm_core.value.models import interval_of_sum
from crm_core.value.models.cells import Floats, Integers
from crm_core.value.models.forecasts import AVERAGED

_SLOPES = tuple(f"slope_{place}" for place in range(4))
_SPEND_SLOPES = tuple(f"spend_slope_{place}" for place in range(3))

_SUMS = ("customers", "expected_purchases", "expected_silent", "value")
_ALL = "all"

TENTHS = 10


@Estimate
def sums_of_value(
    ask: Ask,
    *,
    as_of: AsOf,
    group: Grouping | None,
    horizon_months: HorizonMonths,
    discount_rate: DiscountRate,
) -> pd.DataFrame:
    """What customers are worth together, and what the uncertainty of it is made of, ready to be added up.

    Args:
        group: By what customers are parted; None for tenths by what they are expected to be worth.

    Returns:
        Grain: a group x a model of repeat purchase that speaks of some of its customers; money in units of
        currency.

        - `group`: text, null for customers who are in none; of tenths 01 (the best) to 10, equal customers
            in the same
        - `part`: which of `Fitted.parts` speaks of them
        - `customers`, `expected_purchases`, `expected_silent`, `value`: sums
        - `least`: what the least valuable of them is worth
        - `chance`: variance of the sum of `value` if the models were known
        - `slope_0`, `slope_1`, ...: by how much `value` grows with the logarithm of the model's parameters
        - `spend_slope_0`, ...: likewise of the model of spend

    Raises:
        CannotForecast: Too few customers came back to fit any model, or nothing was left of what they bought.
        NotProvided: The base does not know what the grouping needs.
    """
    found = valued(ask, as_of=as_of, horizon_months=horizon_months, discount_rate=discount_rate)
    # Of each customer as it is told of them, so that sums are those of what is told.
    value = np.rint(found.value * ask.tables.money_scale) / ask.tables.money_scale
    groups = _tenths(value) if group is None else _groups(ask, found, as_of, group)
    code, names = pd.factorize(groups, sort=True, use_na_sentinel=False)
    part, slopes = _slopes(found)
    cell, purchases, per_spend = found.cell, found.purchases, found.per_spend
    parts = int(part.max(initial=0)) + 1
    place = code * parts + part[cell]
    count = parts * len(names)
    frequency = found.cells["frequency"].to_numpy("float64")[cell]
    each = found.spend * per_spend
    variance = found.basis.spend.variance_of_value(
        purchases.mean[cell], purchases.variance[cell], frequency, found.mean_spend
    )
    per_purchase = purchases.mean[cell] * per_spend

    def summed(amounts: Floats) -> Floats:
        return np.bincount(place, amounts, count).astype(np.float64)

    spending = found.basis.spend.slopes(frequency, found.mean_spend)
    rows = pd.DataFrame(
        {
            "customers": summed(np.ones(place.size)),
            "expected_purchases": summed(purchases.mean[cell]),
            "expected_silent": summed(purchases.none[cell]),
            "value": summed(value),
            "least": _least(place, value, count),
            "chance": summed(variance * per_spend**2),
            **{name: summed(one[cell] * each) for name, one in zip(_SLOPES, slopes, strict=True)},
            **{name: summed(one * per_purchase) for name, one in zip(_SPEND_SLOPES, spending, strict=True)},
        }
    )
    rows.insert(0, "group", np.asarray(names, dtype=object).repeat(parts))
    rows.insert(1, "part", np.tile(np.arange(parts), len(names)))
    return rows[rows["customers"] > 0].reset_index(drop=True)


def _tenths(value: Floats) -> pd.Series[str]:
    """The tenth that each customer is in, by value."""
    return pd.Series([f"{tenth:02}" for tenth in part_of(value, TENTHS)])


def _groups(ask: Ask, found: Valued, as_of: dt.date, group: Grouping) -> pd.Series[str]:
    """The group that each customer is in; null for none."""
    members = ask(customers_in_groups, as_of=as_of, group=group)
    return found.customer_id.to_frame().merge(members, on="customer_id", how="left")["group"]


def part_of(amounts: Floats | pd.Series, parts: int) -> Integers:
    """In which of so many equal parts each amount is, 1 the highest; equal amounts are in the same."""
    higher = pd.Series(amounts).rank(method="min", ascending=False).to_numpy("int64") - 1
    return cast(Integers, 1 + parts * higher // max(len(higher), 1))


def _slopes(found: Valued) -> tuple[Integers, Floats]:
    """The part that each cell is in, and by how much its purchases grow with its model's parameters."""
    basis, count = found.basis, len(found.cells)
    part, slopes = np.zeros(count, np.int64), np.zeros((len(_SLOPES), count))
    cells = cells_of(found.cells)
    share = basis.season * (0.5 if basis.form.plain.endswith(AVERAGED) else 1.0)
    for number, (model, places) in enumerate(basis.fitted.parts(found.cells.get("group"), count)):
        part[places] = number
        own = cells.part(places)
        slopes[:, places] = share * model.slopes(basis.weeks, own.frequency, own.recency, own.age)
    return part, slopes


def _least(place: Integers, value: Floats, count: int) -> Floats:
    least = np.full(count, np.inf)
    np.minimum.at(least, place, value)
    return least


def with_bounds(
    ask: Ask,
    rows: pd.DataFrame,
    *,
    as_of: dt.date,
    horizon_months: int,
    discount_rate: float,
    group: Grouping | None = None,
) -> pd.DataFrame:
    """Groups of `sums_of_value` with the bounds of what each is worth, money in the base's scale.

    The variance of a sum holds what its customers do by chance, that the parameters of the models (which its
    customers share) are estimated, and by how much the same forecast missed in money in trials, which knows
    of what no model does: seasons, prices, rivals.

    Args:
        ask: The base.
        rows: Of `sums_of_value`; those of one group are added up.
        as_of: As in `sums_of_value`.
        horizon_months: Likewise.
        discount_rate: Likewise.
        group: By what customers are parted, for the misses of each group; None to take those of all together.

    Returns:
        Grain: a group, in order. `group`, `customers`, `expected_purchases`, `expected_silent`,
        `customer_lifetime_value`, `least`, `low` and `high`.
    """
    basis = basis_of(ask, as_of=as_of, horizon_months=horizon_months, discount_rate=discount_rate)
    together = _without_misses(rows.assign(group=_ALL), basis)
    table = _without_misses(rows, basis)
    tried = ask(money_trials, as_of=as_of, horizon_months=horizon_months).assign(group=_ALL)
    missed = _missed(tried, together, rules.usual_miss(horizon_months) ** 2)
    if group is not None:
        trials = ask(money_trials_by_group, as_of=as_of, group=group, horizon_months=horizon_months)
        missed = np.maximum(missed, _missed(trials, table))
    low, high = interval_of_sum(table["value"], table["variance"] + missed * table["value"] ** 2)
    scale = ask.tables.money_scale
    units = {"customer_lifetime_value": table["value"], "least": table["least"], "low": low, "high": high}
    money = {one: np.rint(np.asarray(amount) * scale).astype("int64") for one, amount in units.items()}
    told = table[["group", "customers", "expected_purchases", "expected_silent"]]
    return told.assign(customers=told["customers"].astype("int64"), **money)


def _without_misses(rows: pd.DataFrame, basis: Basis) -> pd.DataFrame:
    """Groups of `sums_of_value`, in order; `variance`: of `value`, by chance and by what is estimated."""
    found = []
    for name, own in rows.groupby("group", sort=True, dropna=False):
        variance = float(own["chance"].sum())
        for number, of_part in own.groupby("part"):
            slope = of_part[[*_SLOPES]].sum().to_numpy("float64")
            variance += float(slope @ basis.fitted.models[int(str(number))].covariance @ slope)
        slope = own[[*_SPEND_SLOPES]].sum().to_numpy("float64")
        variance += float(slope @ basis.spend.covariance @ slope)
        sums = {one: own[one].sum() for one in _SUMS}
        found.append({"group": name, **sums, "least": own["least"].min(), "variance": variance})
    return pd.DataFrame(found)


def _missed(trials: pd.DataFrame, groups: pd.DataFrame, usual: float | None = None) -> Floats:
    """The mean square by which each group was missed in trials, relative to its sum, beyond chance.

    Of few trials a mean square is itself hardly known: what is usual counts as one trial more.

    Args:
        trials: Of `money_trials_by_group`.
        groups: `group`, `value`, and its `variance` by chance and by what is estimated.
        usual: The mean square that is usual; None for the mean over all groups and trials by their money, for
            a small group that is forecast badly, as of customers who have only just come, tells little of
            the others.
    """
    told, came = trials["forecast_money"].astype("float64"), trials["actual_money"].astype("float64")
    off = np.square((told - came) / told.where(told > 0))
    rows = trials.assign(square=off, told=told)[["group", "square", "told"]]
    value = groups["value"].where(groups["value"] > 0)
    known = groups[["group"]].assign(chance=groups["variance"] / value**2, place=np.arange(len(groups)))
    rows = rows.merge(known, on="group").dropna(subset=["square", "chance"])
    beyond = np.maximum(rows["square"] - rows["chance"], 0.0)
    if usual is None:
        usual = float(np.average(beyond, weights=rows["told"])) if len(rows) else 0.0
    count = np.bincount(rows["place"], minlength=len(groups))
    total = np.bincount(rows["place"], beyond, minlength=len(groups))
    return np.asarray((total + usual) / (count + 1))
