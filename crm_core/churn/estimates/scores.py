"""How likely each customer is to leave, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from crm_core.base import check_between
from crm_core.churn.estimates.options import ChurnOf, HorizonDays, NoPurchase
from crm_core.churn.estimates.questions import Question, question_of
from crm_core.churn.estimates.snapshots import Known, known_on
from crm_core.churn.estimates.trained import Stored, stored_of
from crm_core.churn.models import Categories
from crm_core.churn.models.additive import logarithmic
from crm_core.churn.models.columns import Column, Columns, Floats, Integers
from crm_core.periods import day_of
from crm_core.tables import Ask, AsOf, Estimate, lasting

REST: Final = "rest"
"""Stands in place of a feature for all the reasons that are not told one by one."""
MOST_REASONS: Final = 20
_ROWS_AT_ONCE: Final = 50_000
_CLEAR: Final = 0.5
"""Correlation from which on a feature is said to raise the risk, or to lower it, as it grows."""


@dataclass(frozen=True)
class Scored:
    """Customers of a day, with the model that was taught by what was known on it.

    Args:
        known: The customers.
        stored: The models.
        columns: The features that the chosen one reads.
    """

    known: Known
    stored: Stored
    columns: Columns


def scored_on(ask: Ask, day: int, question: Question, *, only: str | None = None) -> Scored:
    """The customers of a day, or one of them, and the model that scores them.

    Raises:
        InputError: As `trained_churn`.
    """
    stored = stored_of(ask, day, question)
    known = known_on(ask, day, question, only=only)
    return Scored(known, stored, known.of(stored.model))


@Estimate
def churn_scores(
    ask: Ask,
    *,
    as_of: AsOf,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
) -> pd.DataFrame:
    """How likely each customer is to leave within the horizon.

    By the model of `trained_churn` that is chosen; `churn_backtest` says how well the same would have
    foretold before, and `churn_reasons` why a customer is scored so.

    Returns:
        Grain: a customer with a purchase up to `as_of`; with `churn` `contract` one with a contract that
        runs.

        - `customer_id`: text
        - `churn_probability`: 0 to 1
        - `log_odds`: logarithm of its odds, on whose scale reasons add up
        - `base_value`: log-odds of a customer whose every feature weighs what it weighs on average over all
        - `horizon_days`: over which it is asked

    Raises:
        InputError: The history is too short, or too few have left or stayed; or there is no such horizon.
        NotProvided: `churn` is `contract`, and the base has no contracts or does not know when they end.
    """
    question = question_of(ask, as_of, Question(horizon_days, churn, no_purchase))
    scored = scored_on(ask, day_of(as_of), question)
    log_odds = scored.stored.model.log_odds(scored.columns)
    return pd.DataFrame(
        {
            "customer_id": scored.known.ids,
            "churn_probability": scipy.special.expit(log_odds),
            "log_odds": log_odds,
            # What everything weighs on average adds up to what everybody has on average.
            "base_value": float(log_odds.mean()) if log_odds.size else np.nan,
            "horizon_days": question.horizon_days,
        }
    )


@Estimate
def churn_reasons(
    ask: Ask,
    *,
    as_of: AsOf,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
    most: int = 5,
) -> pd.DataFrame:
    """Why each customer is scored as in `churn_scores`: the features that raise or lower the risk most.

    A customer's contributions add up to `log_odds` - `base_value` of `churn_scores`: nothing is left over.

    Args:
        most: How many features are told of each customer, 1 to 20.

    Returns:
        Grain: a customer x a feature, the weightiest first, and `rest` for all others together.

        - `customer_id`: text
        - `place`: 1 for the weightiest, 2 ..., the last for the rest
        - `feature`: a column of `churn_features`, `no_purchase_log_odds`, or `rest`
        - `contribution`: to the log-odds, above what the feature contributes on average
        - `effect`: `raises` or `lowers` the risk, or `neither`
        - `number`: the feature's value where it is a number, money in units of currency; null where it is
            missing
        - `name`: its value where it is a name; null where it is missing

    Raises:
        InputError: The history is too short, or too few have left or stayed; or an option is out of range.
        NotProvided: `churn` is `contract`, and the base has no contracts or does not know when they end.
    """
    check_between("most", most, 1, MOST_REASONS)
    question = question_of(ask, as_of, Question(horizon_days, churn, no_purchase))
    scored = scored_on(ask, day_of(as_of), question)
    features = scored.stored.model.features
    reasons = scored.stored.model.reasons(scored.columns)
    most = min(most, len(features))
    top = _weightiest(reasons, most)
    told = np.take_along_axis(reasons, top, axis=1)
    rest = reasons.sum(axis=1) - told.sum(axis=1)
    contribution = np.column_stack([told, rest]).ravel()
    customers = len(top)
    number, name = _values(scored.columns, features, top)
    return pd.DataFrame(
        {
            "customer_id": scored.known.ids.repeat(most + 1).to_numpy(),
            "place": np.tile(np.arange(1, most + 2), customers),
            "feature": np.array([*features, REST])[
                np.column_stack([top, np.full(customers, len(features))]).ravel()
            ],
            "contribution": contribution,
            "effect": np.array(["lowers", "neither", "raises"])[np.sign(contribution).astype(int) + 1],
            "number": number,
            "name": pd.Series(name, dtype="str"),
        }
    )


def _weightiest(reasons: Floats, most: int) -> Integers:
    """Places of the largest of each row, without their signs; of equal ones the first."""
    found = np.empty((len(reasons), most), np.int64)
    for start in range(0, len(reasons), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        found[rows] = np.argsort(-np.abs(reasons[rows]), axis=1, kind="stable")[:, :most]
    return found


def _values(
    columns: Columns, features: tuple[str, ...], top: Integers
) -> tuple[Floats, npt.NDArray[np.object_]]:
    """What the features are of which reasons are told, as numbers and as names; nothing of the rest."""
    shape = (top.shape[0], top.shape[1] + 1)
    numbers, names = np.full(shape, np.nan), np.full(shape, None, dtype=object)
    for place, feature in enumerate(features):
        rows, ranks = np.nonzero(top == place)
        column = columns[feature]
        if isinstance(column, Categories):
            names[rows, ranks] = column.names[rows]
        else:
            numbers[rows, ranks] = column[rows]
    return numbers.ravel(), names.ravel()


@lasting
def churn_drivers(
    ask: Ask,
    *,
    as_of: AsOf,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
) -> pd.DataFrame:
    """What tells, in the whole base, who is likely to leave: features by how much they weigh.

    These are signs by which the model tells customers apart; that changing one changes what a customer does
    is not said.

    Returns:
        Grain: a feature of the chosen model, the weightiest first.

        - `feature`: a column of `churn_features`, or `no_purchase_log_odds`
        - `mean_contribution`: mean over customers of its contribution to the log-odds without the sign
        - `direction`: `rising`: the higher, the likelier to leave; `falling`; `mixed`; `names`: it has no
            order

    Raises:
        InputError: The history is too short, or too few have left or stayed; or there is no such horizon.
        NotProvided: `churn` is `contract`, and the base has no contracts or does not know when they end.
    """
    question = question_of(ask, as_of, Question(horizon_days, churn, no_purchase))
    scored = scored_on(ask, day_of(as_of), question)
    model = scored.stored.model
    reasons = model.reasons(scored.columns)
    rows = pd.DataFrame(
        {
            "feature": list(model.features),
            "mean_contribution": np.abs(reasons).mean(axis=0),
            "direction": [
                _direction(scored.columns[feature], reason)
                for feature, reason in zip(model.features, reasons.T, strict=True)
            ],
        }
    )
    return rows.sort_values(["mean_contribution", "feature"], ascending=[False, True], ignore_index=True)


def _direction(column: Column, part: Floats) -> str:
    if isinstance(column, Categories):
        return "names"
    known = ~np.isnan(column)
    numbers, added = logarithmic(column[known]), part[known]
    if numbers.size < 2 or numbers.min() == numbers.max() or added.min() == added.max():
        return "mixed"
    together = float(np.corrcoef(numbers, added)[0, 1])
    return "mixed" if abs(together) < _CLEAR else "rising" if together > 0 else "falling"
