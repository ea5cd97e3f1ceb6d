"""How well it would have been told who leaves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from crm_core.base import Sentence, Share
from crm_core.churn.answers.leaving import Asked
from crm_core.churn.answers.reliance import Reliance, model_named, reliance_of
from crm_core.churn.estimates import churn_backtest, churn_calibration, churn_drift, trained_churn
from crm_core.churn.rules import Verdict
from crm_core.tables import Ask

MEASURES: Final = ("auc", "pr_auc", "brier", "log_loss", "calibration_error", "lift_at_10")


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
    found = reliance_of(each, drift, asked.horizon_days)
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
