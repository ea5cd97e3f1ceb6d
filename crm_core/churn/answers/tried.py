"""How well it would have been told who leaves, and whether the scores may be relied on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import numpy as np
import pandas as pd

from crm_core.base import Sentence, Share
from crm_core.churn import rules
from crm_core.churn.answers.keeping import Deal, Terms, people_of
from crm_core.churn.answers.leaving import Asked
from crm_core.churn.estimates import (
    churn_backtest,
    churn_calibration,
    churn_drift,
    risks_tried,
    trained_churn,
)
from crm_core.churn.estimates.backtest import ALIKE
from crm_core.churn.estimates.drift import SCORE
from crm_core.churn.models import Choice, Earned, earned, earned_together, expected_cost, expected_profit
from crm_core.churn.rules import Judged, Verdict
from crm_core.customers.answers import consents
from crm_core.tables import Ask

MEASURES: Final = ("auc", "pr_auc", "brier", "log_loss", "calibration_error", "lift_at_10")


@dataclass(frozen=True)
class Reliance:
    """Whether scores may be relied on, as every page that shows any has to say.

    Args:
        verdict: What to do with them.
        against: What speaks against them, the weightiest first; nothing where the verdict is to use them.
        apart: How far chances were from what came, on average over the days on which they were tried.
    """

    verdict: Verdict
    against: tuple[Sentence, ...]
    apart: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether scores may be shown at all."""
        return self.verdict != "do_not_use"

    @property
    def told(self) -> Sentence:
        """The verdict with its reasons."""
        if not self.against:
            return Sentence("churn.verdict.use")
        return Sentence(f"churn.verdict.{self.verdict}", {"reason": _together(self.against)})

    @property
    def care(self) -> Sentence | None:
        """The word of care that stands beside a score; None where none is needed."""
        return self.told if self.against else None


@dataclass(frozen=True)
class Tried:
    """Trials on the base's own past.

    Args:
        reliance: Whether the scores may be relied on.
        told: How the same method did, and the verdict with its reasons.
        why: Which model it is, and why.
        model: The one that scores today's customers.
        trials: On how many earlier days it was tried.
        horizon_days: How many days after each were compared.
        models: A row for each model and rule of thumb over all days, the one that is used first, then by
            log-loss: `model`, `auc`, `pr_auc`, `brier`, `log_loss`, `calibration_error`, `lift_at_10` (means,
            each day as often as it has customers), `rule`, `used`.
        each: Rows of `churn_backtest`.
        tenths: Rows of `churn_calibration`.
        drift: Rows of `churn_drift`.
    """

    reliance: Reliance
    told: Sentence
    why: Sentence
    model: str
    trials: int
    horizon_days: int
    models: pd.DataFrame = field(repr=False)
    each: pd.DataFrame = field(repr=False)
    tenths: pd.DataFrame = field(repr=False)
    drift: pd.DataFrame = field(repr=False)

    @property
    def verdict(self) -> Verdict:
        """What to do with the scores."""
        return self.reliance.verdict


def reliance(ask: Ask, *, as_of: dt.date, asked: Asked) -> Reliance:
    """Whether scores may be relied on: what every page that shows any asks first.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        asked: What is asked of the customers.

    Raises:
        InputError: The history is too short, or too few have left or stayed.
    """
    each, drift = (ask(one, as_of=as_of, **asked.options) for one in (churn_backtest, churn_drift))
    return _reliance(each, drift, asked.horizon_days)


def tried(ask: Ask, *, as_of: dt.date, asked: Asked) -> Tried:
    """How well the same method would have told before who leaves.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        asked: What is asked of the customers.

    Raises:
        InputError: The history is too short, or too few have left or stayed.
    """
    each, tenths, drift = (
        ask(one, as_of=as_of, **asked.options) for one in (churn_backtest, churn_calibration, churn_drift)
    )
    found = _reliance(each, drift, asked.horizon_days)
    taught = ask(trained_churn, as_of=as_of, **asked.options)
    model = str(taught.loc[taught["chosen"], "model"].iloc[0])
    times = int(each["cut_off"].nunique())
    return Tried(
        reliance=found,
        told=Sentence("churn.tried.and_verdict", {"tried": _told(each, asked), "verdict": found.told})
        if times
        else found.told,
        why=Sentence("churn.why", {"model": model_named(model)}),
        model=model,
        trials=times,
        horizon_days=asked.horizon_days,
        models=_means(each, model),
        each=each,
        tenths=tenths,
        drift=drift,
    )


def model_named(model: str) -> Sentence:
    """What a model or a rule of thumb is called."""
    return Sentence(f"churn.model.{model}")


@dataclass(frozen=True)
class Before:
    """What acting on the lists of earlier days would have earned, money in units of currency.

    Args:
        days: The latest day first: `cut_off`, `customers`: who could be contacted, `contacted`, `earned` with
            its 95 % interval `low` to `high`, `everybody`: by contacting all, `naive`: by contacting as many
            who were silent longest, `foresight`: by who had known who would leave.
        together: All the lists.
    """

    days: pd.DataFrame = field(repr=False)
    together: Choice


def earned_before(ask: Ask, *, as_of: dt.date, asked: Asked, deal: Deal, terms: Terms) -> Before | None:
    """What acting on the list of each earlier day would have earned, money in units of currency.

    The list is the one that the page would have shown on that day with the same offer, horizon, way of
    contact, and number of customers who can be contacted or money to spend, without those who had refused
    that way, or every one, by then. Who left is known by now; whether the offer would have kept them is not,
    and is still its chance.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        asked: What is asked of the customers.
        deal: The offer.
        terms: How many can be contacted, for how much, and in which way.

    Returns:
        What they would have earned; None where nothing could be tried, or nobody was to be reached.
    """
    rows = ask(risks_tried, as_of=as_of, **asked.options)
    rows = rows[rows["reachable"].astype(bool)]
    scale = ask.tables.money_scale
    rows = rows.assign(margin=rows["margin"] / scale, kept_margin=rows["kept_margin"] / scale)
    lists, days = [], []
    for day, part in rows.groupby("cut_off", sort=True):
        reached = _reached(ask, cast(dt.date, day), part, terms.way)
        if len(reached):
            lists.append(_list(reached, deal, terms))
            days.append({"cut_off": day, "customers": len(reached), **_told_of(lists[-1])})
    return Before(pd.DataFrame(days[::-1]), earned_together(lists)) if lists else None


def _reached(ask: Ask, day: dt.date, rows: pd.DataFrame, way: str | None) -> pd.DataFrame:
    """Those rows whose customers had not refused a way by then."""
    said = None if way is None else consents(ask, as_of=day)
    own = None if said is None or way is None else said.named(way)
    # A way of which nobody had said anything by then was refused by nobody.
    if said is None or own is None:
        return rows
    return rows[said.allowed(rows["customer_id"], own)]


def _list(rows: pd.DataFrame, deal: Deal, terms: Terms) -> Earned:
    chance, margin = (rows[name].to_numpy("float64") for name in ("churn_probability", "kept_margin"))
    offer = deal.to(people_of(rows))
    return earned(
        chance,
        rows["churned"].to_numpy("float64"),
        margin,
        rows["days_since_last_order"].to_numpy("int64"),
        offer,
        most=terms.many(expected_profit(chance, margin, offer), expected_cost(chance, offer)),
    )


def _told_of(found: Earned) -> dict[str, object]:
    return {
        "contacted": found.chosen.size,
        "earned": found.chosen.profit,
        "low": found.chosen.low,
        "high": found.chosen.high,
        "everybody": found.everybody.profit,
        "naive": found.naive,
        "foresight": found.foresight,
    }


def _reliance(each: pd.DataFrame, drift: pd.DataFrame, days: int) -> Reliance:
    score_drift = float(drift.set_index("feature")["stability_index"][SCORE])
    trials = [_trial(rows) for _, rows in each.groupby("cut_off", sort=True)]
    return relied_on(trials, score_drift, days)


def relied_on(trials: Sequence[rules.Tried], score_drift: float = 0.0, days: int = 0) -> Reliance:
    """Whether scores may be relied on by how they did, in words.

    Args:
        trials: What was tried.
        score_drift: Stability index of the scores since it was learnt.
        days: Length of the time looked ahead, where it is one.
    """
    judged = rules.judged(trials, score_drift)
    values = _values(score_drift, judged, days)
    told = tuple(Sentence(f"churn.against.{_code(code, judged)}", values) for code in judged.reasons)
    return Reliance(judged.verdict, told, judged.apart)


def _trial(rows: pd.DataFrame) -> rules.Tried:
    chosen, naive = rows[rows["chosen"]].iloc[0], rows[rows["rule"]]
    gains = zip(naive["model"], naive["lost_more"], naive["lost_more_error"], strict=True)
    return rules.Tried(
        int(chosen["customers"]),
        float(chosen["calibration_error"]),
        {str(rule): (float(gained), float(error)) for rule, gained, error in gains},
        float(chosen["churn_rate"]),
    )


def _values(score_drift: float, judged: Judged, days: int) -> Mapping[str, object]:
    """What the sentences on what speaks against scores may name."""
    return {
        "days": days,
        "least": (rules.HORIZONS_BEFORE_A_TRIAL + 1) * days,
        "apart": round(100 * judged.apart, 1),
        "care": round(100 * rules.CARE_CALIBRATION_BELOW),
        "use": round(100 * rules.USE_CALIBRATION_BELOW),
        "index": round(score_drift, 2),
        "limit": rules.USE_DRIFT_BELOW,
        "rule": model_named(judged.better_rule or ALIKE),
    }


def _code(reason: str, judged: Judged) -> str:
    """The end of a message's key: that one chance for all does as well has its own words."""
    return "alike" if reason == "no_better" and judged.better_rule == ALIKE else reason


def _together(sentences: Sequence[Sentence]) -> Sentence:
    first, *others = sentences
    for other in others:
        first = Sentence("churn.against.and", {"first": first, "then": other})
    return first


def _told(each: pd.DataFrame, asked: Asked) -> Sentence:
    """Of the tenth that was scored highest, how many left, and of all."""
    chosen = each[each["chosen"]]
    top = (chosen["lift_at_10"] * chosen["churn_rate"]).fillna(0.0)
    weights = chosen["customers"]
    values = {
        "times": len(chosen),
        "days": asked.horizon_days,
        "top": Share(float(np.average(top, weights=weights)), 0),
        "all": Share(float(np.average(chosen["churn_rate"], weights=weights)), 0),
    }
    return Sentence("churn.tried.once" if len(chosen) == 1 else "churn.tried.often", values)


def _means(each: pd.DataFrame, model: str) -> pd.DataFrame:
    """Measures over all days, each day as often as it has customers."""
    columns = ["model", *MEASURES, "rule", "used"]
    if each.empty:
        return pd.DataFrame(columns=columns)
    weights = each["customers"].astype("float64")
    measures = each[list(MEASURES)].astype("float64")
    sums = measures.mul(weights, axis="index").groupby(each["model"]).sum(min_count=1)
    known = measures.notna().mul(weights, axis="index").groupby(each["model"]).sum()
    means = sums / known.where(known > 0)
    means["rule"] = each.groupby("model")["rule"].first().astype(bool)
    means["used"] = means.index == model
    ordered = means.sort_values(["used", "log_loss"], ascending=[False, True], kind="stable")
    return ordered.reset_index()[columns]
