"""How well it would have been told who leaves, as pictures."""

from __future__ import annotations

from typing import Final, Literal

import pandas as pd

from crm_core.base import Sentence
from crm_core.churn import rules
from crm_core.churn.answers import Tried
from crm_core.churn.charts import calibration, lift
from crm_core.churn.estimates.drift import SCORE
from crm_core.looks import Look
from crm_core.ui import bars, report
from crm_core.ui.report import Column, Picture, Table, Undrawn
from crm_core.ui.shell import Reader

DRIFTED: Final = 8
"""Features of which it is drawn how far they have changed."""
SMALL_DRIFT: Final = 0.1
"""Stability index above which a feature is said to have changed; from `USE_DRIFT_BELOW` on much."""


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
        definition=tried_definition(reader, found, "churn.calibration.definition"),
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
        definition=tried_definition(reader, found, "churn.lift.definition"),
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
        definition=tried_definition(reader, found, "churn.drift.definition"),
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


def tried_definition(reader: Reader, found: Tried, key: str) -> report.Definition:
    """What a picture of trials shows, with the day on which customers were scored and the horizon."""
    date = found.tenths["cut_off"].iloc[0] if len(found.tenths) else reader.as_of
    told = Sentence(key, {"date": date, "days": found.horizon_days})
    return report.definition(reader, reader.tell(told))
