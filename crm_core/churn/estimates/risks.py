"""What the page on who leaves needs of each customer: the chance, what would go, what weighs most."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from crm_core.churn import rules
from crm_core.churn.estimates.margins import basis_of, margins_on
from crm_core.churn.estimates.options import ChurnOf, HorizonDays, NoPurchase
from crm_core.churn.estimates.questions import Question, question_of
from crm_core.churn.estimates.scores import scored_on
from crm_core.churn.estimates.snapshots import Known
from crm_core.churn.metrics import Churn
from crm_core.churn.models import Categories
from crm_core.churn.models.columns import Floats, Integers, Truths
from crm_core.periods import day_of
from crm_core.tables import Ask, AsOf, Estimate

_RAISING: Final = 6
_LOWERING: Final = 4
PLACES: Final = (
    *(f"raises_{place}" for place in range(1, _RAISING + 1)),
    *(f"lowers_{place}" for place in range(1, _LOWERING + 1)),
)
"""Of each customer the subjects that raise the risk most, and those that lower it most."""
_MONTHS: Final = 12


@Estimate
def customer_risks(
    ask: Ask,
    *,
    as_of: AsOf,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
) -> pd.DataFrame:
    """How likely each customer is to leave, what would go with them, and what weighs most in it.

    Probabilities are those of `churn_scores`. Features that tell of one subject, as the days since the last
    purchase and the purchases of the last 90 days do, weigh together what their contributions in
    `churn_reasons` add up to, and the weightiest of them is named. What is 0 in the last days because nothing
    was bought in them tells of silence, which is always named by the days since the last purchase.

    Returns:
        Grain: a customer as in `churn_scores`, in the order of the ids.

        - `customer_id`: text
        - `churn_probability`: 0 to 1
        - `days_since_last_order`: whole days; of who is under contract and has never bought those since the
            contract began
        - `gap_days`: mean days from one day with a purchase to the next; null with fewer than two such days
        - `margin`: money, what the customer's orders brought in the last 365 days less their cost, as in
            `customer_stakes`; of who is under contract what the contracts bring in a year
        - `by_margin`: whether cost is taken off
        - `raises_1` to `raises_6`: the features that are named for the six subjects that raise the risk most;
            null where fewer raise it
        - `lowers_1` to `lowers_4`: likewise for the four that lower it most
        - with `_by`, `_number`, `_name`: by how much that subject raises the log-odds above what is usual,
            and the value of the feature, a number (money in units of currency) or a name

    Raises:
        InputError: The history is too short, or too few have left or stayed; or there is no such horizon.
        NotProvided: `churn` is `contract`, and the base has no contracts or does not know when they end.
    """
    question = question_of(ask, as_of, Question(horizon_days, churn, no_purchase))
    scored = scored_on(ask, day_of(as_of), question)
    model, known = scored.stored.model, scored.known
    margin, by_margin = margins(ask, as_of, known, question.churn)
    found = {
        "customer_id": known.ids,
        "churn_probability": model.probability(scored.columns),
        "days_since_last_order": silence(known),
        "gap_days": known.numbers("gap_days"),
        "margin": margin,
        "by_margin": by_margin,
    }
    reasons = model.reasons(scored.columns)
    return pd.DataFrame({**found, **weightiest(reasons, list(model.features), known)})


def silence(known: Known) -> Integers:
    """Whole days since a customer was last heard of by buying, or else since the contract began."""
    bought, begun = known.numbers("days_since_last_order"), known.numbers("contract_days")
    return np.nan_to_num(np.where(np.isnan(bought), begun, bought)).astype(np.int64)


def margins(ask: Ask, as_of: dt.date, known: Known, churn: Churn) -> tuple[Integers, bool]:
    """What each customer brings in a year, in whole units of the scale, and whether cost is taken off."""
    if churn == "contract":
        monthly = np.nan_to_num(known.numbers("contract_monthly_amount"))
        return np.rint(_MONTHS * monthly * ask.tables.money_scale).astype(np.int64), False
    basis = basis_of(ask, as_of)
    return margins_on(ask, as_of, basis).reindex(known.ids).fillna(0).to_numpy("int64"), basis.by_margin


def weightiest(parts: Floats, features: list[str], known: Known) -> dict[str, object]:
    """Of each customer the features that are named, with what they are and how much their subject weighs."""
    subjects = [rules.subject_of(feature) for feature in features]
    names = list(dict.fromkeys([*subjects, "silence"]))
    weights = np.zeros((len(parts), len(names)))
    named = np.zeros((len(parts), len(names)), np.int64)
    silent = _told_by_silence(features, known)
    for column, subject in enumerate(names):
        if subject == "silence":
            continue
        those = np.array([at for at, one in enumerate(subjects) if one == subject])
        own = np.where(silent[:, those], 0.0, parts[:, those])
        weights[:, column] = own.sum(axis=1)
        # What is named pulls the way in which the whole subject does.
        named[:, column] = those[(own * np.sign(weights[:, [column]])).argmax(axis=1)]
    silence = names.index("silence")
    weights[:, silence] = np.einsum("ij,ij->i", parts, silent)
    features = list(dict.fromkeys([*features, rules.NAMED_FOR_SILENCE]))
    named[:, silence] = features.index(rules.NAMED_FOR_SILENCE)
    order = np.argsort(-weights, axis=1, kind="stable")
    found: dict[str, object] = {}
    for number, place in enumerate(PLACES):
        raises = number < _RAISING
        rank = number if raises else len(names) - 1 - (number - _RAISING)
        at, by = np.full(len(parts), -1), np.zeros(len(parts))
        if 0 <= rank < len(names):
            subject_at = order[:, [rank]]
            weight = np.take_along_axis(weights, subject_at, axis=1)[:, 0]
            said = weight > 0 if raises else weight < 0
            at = np.where(said, np.take_along_axis(named, subject_at, axis=1)[:, 0], -1)
            by = np.where(said, weight, 0.0)
        found |= _place(place, at, by, features, known)
    return found


def _told_by_silence(features: list[str], known: Known) -> Truths:
    """Which features of each customer say no more than how long nothing was bought: a row a customer."""
    since = known.numbers(rules.NAMED_FOR_SILENCE)
    found = np.zeros((len(known.ids), len(features)), dtype=bool)
    for at, feature in enumerate(features):
        family, days = rules.family_of(feature)
        if rules.SUBJECTS[family] == "silence":
            found[:, at] = True
        elif days is not None and family in rules.NOTHING_BOUGHT:
            number = known.numbers(feature)
            nothing = np.isnan(number) | (number == rules.NOTHING_BOUGHT[family])
            # With a return in the meantime the sum is not 0, and tells more.
            found[:, at] = nothing & (since >= days)
    return found


def _place(place: str, at: Integers, by: Floats, features: list[str], known: Known) -> dict[str, object]:
    named = pd.Categorical.from_codes(at, categories=pd.Index(features))
    numbers, names = values_of(named, known)
    return {place: named, f"{place}_by": by, f"{place}_number": numbers, f"{place}_name": names}


def values_of(named: pd.Categorical[str], known: Known) -> tuple[Floats, pd.Categorical[str]]:
    """What the features are, one of each customer, as numbers and as names; nothing where none is named."""
    at = np.asarray(named.codes)
    numbers = np.full(len(at), np.nan)
    names = np.full(len(at), None, dtype=object)
    for code in np.unique(at[at >= 0]):
        rows, column = np.flatnonzero(at == code), known.columns.get(str(named.categories[code]))
        if isinstance(column, Categories):
            names[rows] = column.names[rows]
        elif column is not None:
            numbers[rows] = column[rows]
    return numbers, pd.Categorical(pd.Series(names, dtype="str"))
