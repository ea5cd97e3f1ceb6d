"""How well it would have been told who leaves, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd
import streamlit as st

from crm_core.base import Money, Sentence, Share
from crm_core.churn import rules
from crm_core.churn.answers import Asked, Before, Deal, Terms, Tried, earned_before, model_named
from crm_core.churn.charts import calibration, lift
from crm_core.churn.estimates.drift import SCORE
from crm_core.looks import Look
from crm_core.ui import bars, report
from crm_core.ui.plot import kept, look_of
from crm_core.ui.report import Column, Picture, Table, Twin, Undrawn
from crm_core.ui.shell import Reader
from crm_core.ui.tables import Kind

DRIFTED: Final = 8
"""Features of which it is drawn how far they have changed."""
SMALL_DRIFT: Final = 0.1
"""Stability index above which a feature is said to have changed; from `USE_DRIFT_BELOW` on much."""
_FIRST_ON_A_TELEPHONE: Final = 1
_MEASURES: Final[dict[str, Kind]] = {
    "auc": "ratio",
    "pr_auc": "ratio",
    "brier": "number",
    "log_loss": "number",
    "calibration_error": "share",
    "lift_at_10": "ratio",
}


@dataclass(frozen=True)
class ShownTried:
    """All that is shown of trials.

    Args:
        why: Which model it is, and the thresholds of the verdict.
        pictures: Expected against actual, and the lift.
        drift: How far customers have changed.
        models: Models and rules of thumb over all days; None where nothing could be tried.
        trials: Every one of them on every day.
    """

    why: str
    pictures: tuple[Picture | Undrawn, ...]
    drift: Picture
    models: Table | None
    trials: Twin | None


def shown(reader: Reader, found: Tried, asked: Asked) -> ShownTried:
    """Trials in the reader's words, whatever the offer."""
    return kept(reader, lambda: _shown(reader, found), "tried", asked.horizon_days, asked.churn)


def _shown(reader: Reader, found: Tried) -> ShownTried:
    look = look_of(reader)
    return ShownTried(
        why=f"{reader.tell(found.why)} {reader.tell(_thresholds(reader))}",
        pictures=(calibration_picture(reader, found, look), lift_picture(reader, found, look)),
        drift=drift_picture(reader, found),
        models=models_table(reader, found) if found.trials else None,
        trials=every_trial(reader, found) if found.trials else None,
    )


@dataclass(frozen=True)
class ShownEarned:
    """What lists of earlier days would have earned: in a sentence, and day by day."""

    told: str
    table: Table


def earned(reader: Reader, asked: Asked, deal: Deal, terms: Terms) -> ShownEarned | None:
    """What acting on the lists of earlier days would have earned with an offer; None without any."""

    def make() -> ShownEarned | None:
        found = earned_before(reader.ask, as_of=reader.as_of, asked=asked, deal=deal, terms=terms)
        return None if found is None else _earned(reader, found, asked, deal)

    return kept(reader, make, "earned", asked.horizon_days, asked.churn, deal, terms)


def draw(reader: Reader, one: ShownTried, before: ShownEarned | None) -> None:
    """The section on how well it would have been told who leaves.

    Args:
        reader: Who reads.
        one: The trials.
        before: What lists of earlier days would have earned.
    """
    report.section(reader.say("churn.tried.title"))
    with report.folded("tried", reader.say("churn.tried.show")):
        for place, each in zip(st.columns(2, gap="large"), one.pictures, strict=True):
            with place:
                report.picture(reader, each)
        with report.shut("models", reader.say("churn.tried.models")):
            report.text(one.why)
            if one.models is not None:
                report.table(reader, one.models)
            if one.trials is not None:
                report.twin(reader, one.trials)
            report.picture(reader, one.drift)
    if before is not None:
        report.section(reader.say("churn.earned.title"))
        report.text(before.told)
        report.table(reader, before.table, name="earned-before", first=_FIRST_ON_A_TELEPHONE)


def _thresholds(reader: Reader) -> Sentence:
    """From where on scores are used, with care, or not: stated with the verdict."""
    return Sentence(
        "churn.verdict.rule",
        {
            "gain": reader.language.number(rules.LEAST_GAIN, 3),
            "use": Share(rules.USE_CALIBRATION_BELOW, 0),
            "care": Share(rules.CARE_CALIBRATION_BELOW, 0),
            "index": rules.USE_DRIFT_BELOW,
            "trials": rules.ENOUGH_TRIALS,
        },
    )


def _names(reader: Reader) -> tuple[str, str]:
    return reader.say("churn.tried.expected"), reader.say("churn.tried.actual")


def calibration_picture(reader: Reader, found: Tried, look: Look) -> Picture | Undrawn:
    """Shares who leave by tenth of customers, as expected and as they came."""
    rows = found.tenths
    if rows.empty:
        return Undrawn(reader.say("churn.calibration.undrawn"), reader.tell(found.reliance.told))
    percent = look.percent
    drawn = pd.DataFrame(
        {
            "expected": rows["mean_probability"],
            "actual": rows["churn_rate"],
            "low": rows["low"],
            "high": rows["high"],
            "label": [look.number(one) for one in rows["decile"]],
            "told": [
                reader.say(
                    "churn.calibration.told",
                    tenth=int(str(row["decile"])),
                    expected=percent(float(str(row["mean_probability"]))),
                    actual=percent(float(str(row["churn_rate"]))),
                    low=percent(float(str(row["low"]))),
                    high=percent(float(str(row["high"]))),
                )
                for row in rows.to_dict("records")
            ],
        }
    )
    apart = found.each.loc[found.each["chosen"]].iloc[0]["calibration_error"]
    return Picture(
        name="churn-calibration",
        title=reader.say("churn.calibration.title", apart=reader.language.number(100 * float(apart), 1)),
        subtitle=reader.say("churn.calibration.subtitle", date=rows["cut_off"].iloc[0]),
        figure=calibration(drawn, _names(reader), look),
        n=_n(reader, rows),
        definition=_definition(reader, found, "churn.calibration.definition"),
        table=_tenths(reader, rows, ("mean_probability", "churn_rate", "low", "high")),
    )


def lift_picture(reader: Reader, found: Tried, look: Look) -> Picture | Undrawn:
    """How many times as many left as among all, by tenth of customers."""
    rows = found.tenths
    if rows.empty or rows["lift"].isna().any():
        return Undrawn(reader.say("churn.lift.undrawn"), reader.tell(found.reliance.told))
    number = reader.language.number
    drawn = pd.DataFrame(
        {
            "lift": rows["lift"],
            "low": rows["lift_low"],
            "high": rows["lift_high"],
            "label": [look.number(one) for one in rows["decile"]],
            "text": [number(float(one), 2) for one in rows["lift"]],
            "told": [
                reader.say(
                    "churn.lift.told",
                    tenth=int(str(row["decile"])),
                    lift=number(float(str(row["lift"])), 2),
                    low=number(float(str(row["lift_low"])), 2),
                    high=number(float(str(row["lift_high"])), 2),
                )
                for row in rows.to_dict("records")
            ],
        }
    )
    return Picture(
        name="churn-lift",
        title=reader.say("churn.lift.title", lift=number(float(rows["lift"].iloc[0]), 2)),
        subtitle=reader.say("churn.lift.subtitle", date=rows["cut_off"].iloc[0]),
        figure=lift(drawn, reader.say("churn.lift.average"), look),
        n=_n(reader, rows),
        definition=_definition(reader, found, "churn.lift.definition"),
        table=_tenths(reader, rows, ("lift", "lift_low", "lift_high")),
    )


def drift_picture(reader: Reader, found: Tried) -> Picture:
    """How far customers differ from those it was learnt from: the scores, and the features that did most."""
    rows = found.drift.assign(name=[reader.say(f"column.{one}") for one in found.drift["feature"]])
    scores = rows["feature"] == SCORE
    most = pd.concat([rows[scores], rows[~scores].head(DRIFTED)], ignore_index=True)
    number = reader.language.number
    drawn = tuple(
        _drifted(reader, str(row["name"]), float(str(row["stability_index"])), judges=row["feature"] == SCORE)
        for row in most.to_dict("records")
    )
    index = float(most["stability_index"].iloc[0])
    return Picture(
        name="churn-drift",
        title=reader.say(f"churn.drift.title.{_changed(index)}", index=number(index, 2)),
        subtitle=reader.say("churn.drift.subtitle", date=found.drift["trained_on"].iloc[0]),
        figure=None,
        drawing=bars.drawn([reader.say("column.stability_index")], [bars.Group("", drawn)], ""),
        n=reader.say("churn.drift.n", count=len(rows) - 1),
        definition=_definition(reader, found, "churn.drift.definition"),
        table=Table(
            rows,
            {
                "name": Column(reader.say("churn.drift.feature")),
                "stability_index": Column(reader.say("column.stability_index"), "number"),
                "median_before": Column(reader.say("column.median_before"), "ratio"),
                "median": Column(reader.say("column.median"), "ratio"),
                "missing_before": Column(reader.say("column.missing_before"), "share"),
                "missing": Column(reader.say("column.missing"), "share"),
            },
        ),
    )


def _drifted(reader: Reader, name: str, index: float, *, judges: bool) -> bars.Row:
    number, changed = reader.language.number, _changed(index)
    said = {"none": "", "some": reader.say("churn.drift.some"), "much": reader.say("churn.drift.much")}
    return bars.Row(
        name=name,
        address="",
        told=reader.say("churn.drift.told", feature=name, index=number(index, 3)),
        beside=said[changed],
        bars=(bars.Bar(index, number(index, 2)),),
        leading=True,
        warns=judges and changed == "much",
    )


def _changed(index: float) -> Literal["none", "some", "much"]:
    """What a stability index says of how much has changed."""
    return "much" if index > rules.USE_DRIFT_BELOW else "some" if index > SMALL_DRIFT else "none"


def models_table(reader: Reader, found: Tried) -> Table:
    """Models and rules of thumb over all days, the one that is used first."""
    rows = found.models
    names = [reader.tell(model_named(one)) for one in rows["model"]]
    marked = [
        reader.say("churn.model.used", model=name) if used else name
        for name, used in zip(names, rows["used"], strict=True)
    ]
    return Table(
        rows.assign(name=marked),
        {"name": Column(reader.say("column.model")), **_measures(reader)},
    )


def every_trial(reader: Reader, found: Tried) -> Twin:
    """Every model and rule of thumb on every day."""
    rows = found.each
    return Twin(
        name="churn-trials",
        title=reader.say("churn.tried.each"),
        n=reader.say("picture.n_customers", count=int(rows.groupby("cut_off")["customers"].first().sum())),
        definition=_definition(reader, found, "churn.tried.definition"),
        table=Table(
            rows.assign(name=[reader.tell(model_named(one)) for one in rows["model"]]),
            {
                "cut_off": Column(reader.say("column.cut_off"), "date"),
                "name": Column(reader.say("column.model")),
                "customers": Column(reader.say("column.customers"), "count"),
                "churn_rate": Column(reader.say("column.churn_rate"), "share"),
                **_measures(reader),
                "lift_low": Column(reader.say("column.lift_low"), "ratio"),
                "lift_high": Column(reader.say("column.lift_high"), "ratio"),
            },
        ),
    )


def _earned(reader: Reader, found: Before, asked: Asked, deal: Deal) -> ShownEarned:
    rows, currency = found.days, reader.workspace.tables.currency
    sums = {name: float(rows[name].sum()) for name in ("naive", "everybody")}
    sums |= {"earned": found.together.profit, "low": found.together.low, "high": found.together.high}
    told = Sentence(
        "churn.earned.told_given" if deal.sure or deal.effect is None else "churn.earned.told",
        {
            "times": len(rows),
            "days": asked.horizon_days,
            **{name: Money(amount, currency) for name, amount in sums.items()},
        },
    )
    columns: dict[str, Kind] = {
        "contacted": "count",
        "earned": "money",
        "low": "money",
        "high": "money",
        "naive": "money",
        "everybody": "money",
        "foresight": "money",
    }
    table = Table(
        rows,
        {
            "cut_off": Column(reader.say("column.cut_off"), "date"),
            "customers": Column(reader.say("churn.earned.customers"), "count"),
            **{name: Column(reader.say(f"churn.earned.{name}"), kind) for name, kind in columns.items()},
        },
        currency,
    )
    return ShownEarned(reader.tell(told), table)


def _measures(reader: Reader) -> dict[str, Column]:
    return {name: Column(reader.say(f"column.{name}"), kind) for name, kind in _MEASURES.items()}


def _tenths(reader: Reader, rows: pd.DataFrame, columns: tuple[str, ...]) -> Table:
    shares: dict[str, Column] = {
        name: Column(
            reader.say("churn.tried.expected" if name == "mean_probability" else f"column.{name}"),
            "ratio" if name.startswith("lift") else "share",
        )
        for name in columns
    }
    return Table(
        rows,
        {
            "decile": Column(reader.say("churn.tenth"), "count"),
            "customers": Column(reader.say("column.customers"), "count"),
            **shares,
        },
    )


def _n(reader: Reader, rows: pd.DataFrame) -> str:
    return reader.say("picture.n_customers", count=int(rows["customers"].sum()))


def _definition(reader: Reader, found: Tried, key: str) -> report.Definition:
    date = found.tenths["cut_off"].iloc[0] if len(found.tenths) else reader.as_of
    told = Sentence(key, {"date": date, "days": found.horizon_days})
    return report.definition(reader, reader.tell(told))
