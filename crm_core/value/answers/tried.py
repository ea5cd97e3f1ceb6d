"""How far the forecast can be relied on: what it said on earlier days, and what came."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from crm_core.base import Change, Sentence, Share
from crm_core.tables import Ask
from crm_core.value import rules
from crm_core.value.estimates import (
    forecast_by_tenth,
    forecast_over_time,
    money_trials,
    value_trials,
)
from crm_core.value.estimates.fitted import fitted_models, purchase_models_of
from crm_core.value.estimates.forms import Form
from crm_core.value.estimates.tried import trials_of
from crm_core.value.models.forecasts import EVERYBODY, NAIVE
from crm_core.value.rules import Verdict


@dataclass(frozen=True)
class Tried:
    """Trials of forecasts on the base's own past.

    Args:
        verdict: Whether to rely on the forecast.
        told: How it did, and the verdict with its reason.
        why: Why this forecast and no other.
        forecast: Its name.
        problems: Codes of what keeps its model from being determined by the history.
        instead: What can be said where it is not to be used: how the best simple rule did, and whether the
            order of customers held; empty where it may be used.
        trials: How many cut-offs there were.
        horizon_days: How many days after each were compared.
        forecasts: A row for each forecast over all cut-offs, the best first: `forecast`, `error_of_total`
            (mean of its size), `mae`, `rmse`, `rank_correlation` (means), `chosen`.
        each: Rows of `value_trials`, with `error_of_money` where it is known.
        tenths: Rows of `forecast_by_tenth`.
        course: Rows of `forecast_over_time`.
    """

    verdict: Verdict
    told: Sentence
    why: Sentence
    forecast: str
    problems: tuple[str, ...]
    instead: tuple[Sentence, ...]
    trials: int
    horizon_days: int
    forecasts: pd.DataFrame
    each: pd.DataFrame
    tenths: pd.DataFrame
    course: pd.DataFrame

    @property
    def in_season(self) -> bool:
        """Whether the forecast knows the season."""
        return Form.named(self.forecast).in_season


def tried(ask: Ask, *, as_of: dt.date, horizon_months: int, forecast: str, width: float) -> Tried:
    """How the forecast that is relied on did on the base's own past.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        horizon_months: For how many months it is wanted.
        forecast: Its name.
        width: Of the interval of the total, over the total.
    """
    rows = ask(value_trials, as_of=as_of, horizon_months=horizon_months)
    plan = trials_of(ask, as_of, horizon_months)
    own = rows[rows["forecast"] == forecast]
    # A forecast that knows the season could not be made on every day on which others were.
    alike = rows[rows["cut_off"].isin(own["cut_off"])] if len(own) else rows
    everywhere = alike.groupby("forecast")["cut_off"].transform("nunique") == alike["cut_off"].nunique()
    alike = alike[everywhere]
    errors = tuple(own["error_of_total"].astype("float64"))
    in_money = ask(money_trials, as_of=as_of, horizon_months=horizon_months)
    of_money = tuple(in_money["error_of_money"].dropna().astype("float64"))
    beats = _beats_everybody(alike, forecast)
    simple = _better_rule(alike, forecast)
    problems = _problems(ask, as_of, forecast)
    verdict = rules.verdict(
        errors,
        beats_everybody=beats,
        beats_simple=simple is None,
        whole_horizon=plan.whole_horizon,
        identified=not problems,
        errors_of_money=of_money,
        width=width,
    )
    reason = _reason(
        (*errors, *of_money),
        verdict,
        beats=beats,
        simple=simple,
        whole=plan.whole_horizon,
        problems=problems,
        width=width,
    )
    return Tried(
        verdict=verdict,
        told=_and_verdict(errors, of_money, plan.horizon_days, reason),
        why=_why(alike, forecast),
        forecast=forecast,
        problems=problems,
        instead=_instead(alike, forecast) if verdict == "do_not_use" else (),
        trials=len(own),
        horizon_days=plan.horizon_days,
        forecasts=_forecasts(alike, forecast),
        each=_with_money(rows, in_money),
        tenths=ask(forecast_by_tenth, as_of=as_of, horizon_months=horizon_months),
        course=ask(forecast_over_time, as_of=as_of, horizon_months=horizon_months),
    )


def _problems(ask: Ask, as_of: dt.date, forecast: str) -> tuple[str, ...]:
    """What keeps the model in a forecast from being determined by the history."""
    model = purchase_models_of(ask(fitted_models, as_of=as_of))[Form.named(forecast).model]
    return tuple(code for code in model.problems if code in rules.UNIDENTIFYING)


def _with_money(rows: pd.DataFrame, in_money: pd.DataFrame) -> pd.DataFrame:
    columns = (in_money[name] for name in ("cut_off", "forecast", "error_of_money"))
    known = {(cut_off, forecast): error for cut_off, forecast, error in zip(*columns, strict=True)}
    pairs = zip(rows["cut_off"], rows["forecast"], strict=True)
    errors = pd.Series([known.get(pair) for pair in pairs], index=rows.index, dtype="float64")
    return rows.assign(error_of_money=errors)


def _and_verdict(
    errors: tuple[float, ...], of_money: tuple[float, ...], days: int, reason: Sentence
) -> Sentence:
    if not errors:
        return reason
    told = {"tried": _told(errors, days), "money": _told_of_money(of_money), "verdict": reason}
    return Sentence("value.tried.and_verdict", told)


def _told(errors: tuple[float, ...], days: int) -> Sentence:
    if len(errors) == 1:
        return Sentence("value.tried.once", {"error": Change(errors[0]), "days": days})
    return Sentence("value.tried.often", {"times": len(errors), **_range(errors), "days": days})


def _told_of_money(errors: tuple[float, ...]) -> Sentence:
    if not errors:
        return Sentence("value.tried.money.never")
    if len(errors) == 1:
        return Sentence("value.tried.money.once", {"error": Change(errors[0])})
    return Sentence("value.tried.money.often", _range(errors))


def _range(errors: tuple[float, ...]) -> dict[str, object]:
    return {"low": Change(min(errors)), "high": Change(max(errors))}


def _reason(
    errors: tuple[float, ...],
    verdict: Verdict,
    *,
    beats: bool,
    simple: str | None,
    whole: bool,
    problems: tuple[str, ...],
    width: float,
) -> Sentence:
    reason = _reason_of_trials(
        errors, verdict, beats=beats, simple=simple, whole=whole, identified=not problems, width=width
    )
    for code in problems:
        told = {"verdict": reason, "problem": Sentence(f"value.problem.{code}")}
        reason = Sentence("value.verdict.and_problem", told)
    return reason


def _reason_of_trials(
    errors: tuple[float, ...],
    verdict: Verdict,
    *,
    beats: bool,
    simple: str | None,
    whole: bool,
    identified: bool,
    width: float,
) -> Sentence:
    if not errors:
        return Sentence("value.verdict.untried")
    if verdict == "use":
        return Sentence("value.verdict.use")
    if verdict == "do_not_use":
        if not beats:
            return Sentence("value.verdict.no_better")
        far_off = any(not abs(one) <= rules.CARE_BELOW for one in errors)
        return Sentence("value.verdict.too_far_off" if far_off else "value.verdict.too_wide")
    if width > rules.WIDE:
        return Sentence("value.verdict.care_wide")
    if not identified:
        return Sentence("value.verdict.care_undetermined")
    if simple is not None:
        return Sentence("value.verdict.care_simple", {"rule": forecast_named(simple)})
    if not whole:
        return Sentence("value.verdict.care_shorter")
    far = any(abs(one) > rules.USE_BELOW for one in errors)
    return Sentence("value.verdict.care_error" if far else "value.verdict.care_once")


def _beats_everybody(rows: pd.DataFrame, forecast: str) -> bool:
    losses = rows.pivot_table("loss", "cut_off", "forecast", aggfunc="first")
    if forecast not in losses or EVERYBODY not in losses:
        return False
    return bool((losses[forecast] < losses[EVERYBODY]).all())


def _better_rule(rows: pd.DataFrame, forecast: str) -> str | None:
    """The naive rule that did best over all trials, if it did better than the forecast."""
    losses = rows.pivot_table("loss", "forecast", "cut_off", aggfunc="first")
    means = (losses / losses.min()).mean(axis="columns")
    if forecast not in means:
        return None
    best = str(means[means.index.isin(NAIVE)].idxmin())
    return best if means[best] < means[forecast] else None


def _instead(rows: pd.DataFrame, forecast: str) -> tuple[Sentence, ...]:
    """How the best simple rule did at the same dates, and whether the order of customers held."""
    found = []
    simple = rows[rows["forecast"].isin(NAIVE)]
    if len(simple):
        off = simple["error_of_total"].astype("float64").abs().groupby(simple["forecast"]).max()
        best = str(off.idxmin())
        told = {"rule": forecast_named(best), "error": Share(float(off[best]))}
        better = off[best] <= rules.CARE_BELOW
        found.append(Sentence("value.instead.rule_held" if better else "value.instead.rule", told))
    ranks = rows.loc[rows["forecast"] == forecast, "rank_correlation"].astype("float64")
    if len(ranks) and ranks.min() >= rules.RANKED_FROM:
        found.append(Sentence("value.instead.ranking", {"correlation": float(ranks.min())}))
    return tuple(found)


def _forecasts(rows: pd.DataFrame, forecast: str) -> pd.DataFrame:
    rows = rows.assign(
        error_of_total=rows["error_of_total"].astype("float64").abs(),
        rank_correlation=rows["rank_correlation"].astype("float64"),
    )
    measures = ["error_of_total", "mae", "rmse", "rank_correlation", "loss"]
    means = rows.groupby("forecast", sort=True)[measures].mean()
    means["chosen"] = means.index == forecast
    # The chosen one is the best relative to each trial; the mean of all may tell of another order.
    ordered = means.sort_values(["chosen", "loss"], ascending=[False, True], kind="stable")
    return ordered.drop(columns="loss").reset_index()


def forecast_named(name: str) -> Sentence:
    """What a forecast is called, with what it knows besides."""
    form = Form.named(name)
    plain = Sentence(f"forecast.{form.plain}")
    if not (form.by_channel or form.in_season):
        return plain
    besides = "_".join(["by_channel"] * form.by_channel + ["in_season"] * form.in_season)
    return Sentence(f"forecast.with.{besides}", {"forecast": plain})


def _why(rows: pd.DataFrame, forecast: str) -> Sentence:
    """Why this forecast was chosen."""
    if not (rows["forecast"] == forecast).any():
        return Sentence("value.why.likeliest", {"forecast": forecast_named(forecast)})
    best = str(rows.loc[rows["chosen"].astype(bool), "forecast"].iloc[0])
    if best != forecast:
        named = {"forecast": forecast_named(forecast), "best": forecast_named(best)}
        return Sentence("value.why.next_best", named)
    cut_offs = int(rows["cut_off"].nunique())
    key = "value.why.best_once" if cut_offs == 1 else "value.why.best"
    return Sentence(key, {"forecast": forecast_named(forecast), "times": cut_offs})
