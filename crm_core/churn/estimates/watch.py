"""Who is newly at risk, and in which groups the risk rises: customers of today against some time before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import pandas as pd

from crm_core.base import InputError, NotProvided, check_between
from crm_core.churn import rules
from crm_core.churn.estimates.options import ChurnOf, HorizonDays, NoPurchase
from crm_core.churn.estimates.questions import Question, question_of
from crm_core.churn.estimates.risks import PLACES, customer_risks, values_of, weightiest
from crm_core.churn.estimates.scores import scored_on
from crm_core.churn.estimates.snapshots import Known, chances_on, known_on
from crm_core.churn.estimates.trained import stored_of
from crm_core.churn.metrics import Churn
from crm_core.churn.models import AdditiveModel, Categories, Columns
from crm_core.churn.models.columns import Floats, Integers, at_rows
from crm_core.churn.models.rises import Rise, corrected, rise_of
from crm_core.customers.estimates import open_channels
from crm_core.customers.metrics import Grouping, customer_owners, customers_in_groups
from crm_core.periods import date_of, day_of
from crm_core.tables import Ask, AsOf, Estimate

LONGEST_DAYS: Final = 365
_RAISES: Final = PLACES[:3]
_TOLD: Final = tuple(
    f"{place}{part}"
    for place in _RAISES
    for part in ("", "_by", "_number", "_name", "_number_before", "_name_before")
)


@Estimate
def churn_watch_list(
    ask: Ask,
    *,
    as_of: AsOf,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
    days_before: int = rules.WATCHED_DAYS,
    threshold: float = rules.LIKELY,
) -> pd.DataFrame:
    """Who is newly at risk: customers above a threshold now who were not above it some time before.

    Both chances are told by today's model, then of what was known of the customer then. So a chance that rose
    is the customer's doing and not the model's, whose level follows the season.

    Args:
        days_before: How long ago, 1 to 365 days; who was no customer yet is not on the list.
        threshold: Chance of leaving above which a customer is at risk, above 0 and below 1.

    Returns:
        Grain: a customer newly at risk, the likeliest to leave first.

        - `customer_id`: text
        - `churn_probability`: 0 to 1
        - `churn_probability_before`: 0 to 1, of the customer as known `days_before` days before
        - `days_since_last_order`, `gap_days`, `margin`, `by_margin`: as in `customer_risks`
        - `owner`: who looks after the customer now; null where nobody does, or nobody knows
        - `next_step`: what to do first: `settle_complaint`, `settle_invoice`, `renew_contract`,
            `ask_what_is_wrong`, `visit`, `call`, `write`, `no_contact`; nobody is
            called or written to who refuses it
        - `raises_1`, `raises_1_by`, `raises_1_number`, `raises_1_name`, `raises_1_number_before`,
            `raises_1_name_before`, `raises_2`, `raises_2_by`, `raises_2_number`, `raises_2_name`,
            `raises_2_number_before`, `raises_2_name_before`, `raises_3`, `raises_3_by`, `raises_3_number`,
            `raises_3_name`, `raises_3_number_before`, `raises_3_name_before`: the features that are named
            for the three subjects that raised the log-odds most since then, by how much, and what the
            feature is now and was then, a number (money in units of currency) or a name

    Raises:
        InputError: The history is too short, or too few have left or stayed; or an option is out of range.
        NotProvided: `churn` is `contract`, and the base has no contracts or does not know when they end.
    """
    if not 0 < threshold < 1:
        raise InputError("metric.bad_option", option="threshold", value=threshold, allowed="0 < … < 1")
    question = question_of(ask, as_of, Question(horizon_days, churn, no_purchase))
    pair = _pair(ask, day_of(as_of), days_before, question)
    new = np.flatnonzero((pair.now > threshold) & (pair.before <= threshold))
    # Rows that cannot be told apart by their chance stand in the order of their ids, in which they come.
    new = new[np.argsort(-pair.now[new], kind="stable")]
    columns, columns_before = at_rows(pair.columns, new), at_rows(pair.columns_before, pair.places[new])
    rose = pair.model.parts(columns) - pair.model.parts(columns_before)
    known = Known(pair.known.ids.iloc[new].reset_index(drop=True), at_rows(pair.known.columns, new))
    told = weightiest(rose, list(pair.model.features), known)
    told |= _before(told, Known(known.ids, at_rows(pair.then, pair.places[new])))
    risks = ask(customer_risks, as_of=as_of, **question.options).set_index("customer_id")
    of_these = risks.loc[known.ids, ["days_since_last_order", "margin", "by_margin"]]
    return pd.DataFrame(
        {
            "customer_id": known.ids,
            "churn_probability": pair.now[new],
            "churn_probability_before": pair.before[new],
            "days_since_last_order": of_these["days_since_last_order"].to_numpy(),
            "gap_days": known.numbers("gap_days"),
            "margin": of_these["margin"].to_numpy(),
            "by_margin": of_these["by_margin"].to_numpy(),
            "owner": _owners(ask, as_of, known.ids),
            "next_step": _steps(known, told, question.churn, _ways(ask, as_of, known.ids)),
            **{name: told[name] for name in _TOLD},
        }
    )


@dataclass(frozen=True)
class _Pair:
    """Customers of a day, and the same ones as they were known before.

    Args:
        model: Scores both.
        known: Those of the day.
        columns: What the model reads of them.
        columns_before: What it reads of those who were customers before.
        then: All that was known of these.
        places: Where each stands among these; of who was none, the first.
        now: Chance of each.
        before: Of each before; NaN of who was no customer.
    """

    model: AdditiveModel
    known: Known
    columns: Columns
    columns_before: Columns
    then: Columns
    places: Integers
    now: Floats
    before: Floats


def _pair(ask: Ask, day: int, days_before: int, question: Question) -> _Pair:
    check_between("days_before", days_before, 1, LONGEST_DAYS)
    scored = scored_on(ask, day, question)
    model = scored.stored.model
    then = known_on(ask, day - days_before, question)
    columns = then.of(model)
    places = pd.Index(then.ids).get_indexer(pd.Index(scored.known.ids))
    chances = np.append(model.probability(columns), np.nan)
    return _Pair(
        model,
        scored.known,
        scored.columns,
        columns,
        then.columns,
        np.maximum(places, 0),
        model.probability(scored.columns),
        chances[places],
    )


def _before(told: Mapping[str, object], known: Known) -> dict[str, object]:
    """What the features that are named were of the customers as they were known before."""
    found: dict[str, object] = {}
    for place in _RAISES:
        numbers, names = values_of(cast("pd.Categorical[str]", told[place]), known)
        found |= {f"{place}_number_before": numbers, f"{place}_name_before": names}
    return found


def _owners(ask: Ask, as_of: dt.date, ids: pd.Series) -> pd.Series:
    try:
        owners = ask(customer_owners, as_of=as_of)
    except NotProvided:
        return pd.Series([None] * len(ids), dtype="str")
    return owners.set_index("customer_id")["owner"].reindex(ids).astype("str").reset_index(drop=True)


def _ways(ask: Ask, as_of: dt.date, ids: pd.Series) -> list[rules.May]:
    """In which ways each customer may be contacted."""
    try:
        rows = ask(open_channels, as_of=as_of)
    except NotProvided:
        return [rules.May()] * len(ids)
    rows = rows[rows["customer_id"].isin(ids)]
    ways = {
        who: rules.ways_open(dict(zip(own["channel"], own["refused"], strict=True)))
        for who, own in rows.groupby("customer_id")
    }
    return [ways.get(one, rules.May()) for one in ids]


def _steps(known: Known, told: Mapping[str, object], churn: Churn, ways: list[rules.May]) -> pd.Series:
    strongest = pd.Series(told[_RAISES[0]], dtype="object")
    kind = known.columns.get("kind")
    kinds = kind.names if isinstance(kind, Categories) else [None] * len(strongest)
    counts = (known.numbers("open_complaint_count"), known.numbers("unpaid_count"))
    steps = [
        rules.next_step(
            rules.subject_of(feature) if isinstance(feature, str) else None,
            open_complaints=complaints,
            unpaid=unpaid,
            contract=churn == "contract",
            company=kind == "company",
            may=may,
        )
        for feature, complaints, unpaid, kind, may in zip(strongest, *counts, kinds, ways, strict=True)
    ]
    return pd.Series(steps, dtype="str")


@Estimate
def churn_warnings(
    ask: Ask,
    *,
    as_of: AsOf,
    group: Grouping,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
    days_before: int = rules.WATCHED_DAYS,
) -> pd.DataFrame:
    """In which groups of customers the chance of leaving has risen by more than it usually does.

    Customers of a group, as it was some time before, are each compared with themselves, by today's model. The
    chances of customers who are looked at again rise by that alone, since nobody takes the place of those who
    left; so the rise is held against that of the same group in as long a time just before.

    Args:
        group: By what customers are parted.
        days_before: How long ago, 1 to 365 days.

    Returns:
        Grain: a group, the surest to have risen first.

        - `group`: text, null for customers who are in none
        - `customers`: who were in it then and still are customers
        - `mean_before`: mean chance of leaving then
        - `mean_now`: now
        - `usual_rise`: by how much the mean rose in as long a time before; null where nobody was there
        - `p_value`: how likely so large a rise above the usual one is by chance, all groups considered
            (Benjamini and Hochberg); null with fewer than 30 customers
        - `warned`: whether it is 0.05 or less

    Raises:
        InputError: The history is too short, or too few have left or stayed; or an option is out of range.
        NotProvided: The base does not know what the grouping needs; or `churn` is `contract`, and it has no
            contracts or does not know when they end.
    """
    check_between("days_before", days_before, 1, LONGEST_DAYS)
    question = question_of(ask, as_of, Question(horizon_days, churn, no_purchase))
    day = day_of(as_of)
    model = stored_of(ask, day, question).model
    days = (day, day - days_before, day - 2 * days_before)
    chances = pd.concat([chances_on(ask, one, model, question) for one in days], axis="columns", sort=True)
    groups = [
        ask(customers_in_groups, as_of=date_of(one), group=group)
        .set_index("customer_id")["group"]
        .reindex(chances.index)
        for one in days[1:]
    ]
    now, before, earlier = (chances.iloc[:, place].to_numpy("float64") for place in range(3))
    of_group = {
        name: rise_of(now, before, earlier, _inside(groups[0], name), _inside(groups[1], name))
        for name in [*sorted(groups[0].dropna().unique()), None]
    }
    found = {name: rise for name, rise in of_group.items() if rise.customers}
    return _warned(found)


def _inside(groups: pd.Series, name: str | None) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.asarray(groups.isna() if name is None else (groups == name).fillna(value=False), dtype=bool)


def _warned(found: Mapping[str | None, Rise]) -> pd.DataFrame:
    raw = [one.p_value if one.customers >= rules.LEAST_WARNED else float("nan") for one in found.values()]
    p_values = corrected(raw)
    rows = pd.DataFrame(
        {
            "group": pd.Series(list(found), dtype="str"),
            "customers": [one.customers for one in found.values()],
            "mean_before": [one.before for one in found.values()],
            "mean_now": [one.now for one in found.values()],
            "usual_rise": [one.usual for one in found.values()],
            "p_value": p_values,
            "warned": p_values <= rules.SURELY,
        }
    )
    order = np.argsort(np.where(np.isnan(raw), 2.0, raw), kind="stable")
    return rows.iloc[order].reset_index(drop=True)
