"""Forecasts against what came, as they are shown."""

from __future__ import annotations

from typing import Final

import pandas as pd

from crm_core.looks import Look
from crm_core.periods import period_of
from crm_core.ui.report import Column, Picture, Table, Twin, Undrawn, definition
from crm_core.ui.shell import Reader
from crm_core.ui.tables import Kind
from crm_core.value.answers import Value, forecast_named
from crm_core.value.charts import calibration, course

_LABELS: Final = 2
"""Labels of the time axis for which there is room on a telephone, the longest names of months included."""

_LEAST_STEPS: Final = 3
"""Steps that it takes to see a course in them."""

_MEASURES: Final[dict[str, Kind]] = {
    "error_of_total": "change",
    "mae": "ratio",
    "rmse": "ratio",
    "rank_correlation": "ratio",
}


def _names(reader: Reader) -> tuple[str, str]:
    return reader.say("value.past.expected"), reader.say("value.past.actual")


def course_picture(reader: Reader, found: Value, look: Look) -> Picture | Undrawn:
    """Purchases after the last day of trial, as forecast and as they came."""
    rows = found.tried.course
    if rows.empty:
        return Undrawn(reader.say("value.course.title.undrawn"), reader.say("value.verdict.untried"))
    if len(rows) < _LEAST_STEPS:
        return Undrawn(reader.say("value.course.title.undrawn"), reader.say("value.course.too_short"))
    language = reader.language
    season = "in_season" if found.tried.in_season else "no_season"
    off = float(rows["expected"].sum()) / float(rows["actual"].sum()) - 1 if rows["actual"].sum() else 0.0
    return Picture(
        name="course",
        title=reader.say(
            "value.course.title", change=language.change(off), date=language.date(rows["cut_off"].iloc[0])
        ),
        subtitle=reader.say(f"value.course.subtitle.{season}"),
        figure=course(_paces(reader, rows), _names(reader), look),
        n=reader.say("picture.n_purchases", count=int(rows["actual"].sum())),
        definition=definition(
            reader,
            reader.say("value.course.definition", count=len(rows)),
            reader.say(f"value.course.{season}"),
        ),
        table=Table(
            rows,
            {
                "last_day": Column(reader.say("value.course.until"), "date"),
                "days": Column(reader.say("value.course.days"), "count"),
                "expected": Column(reader.say("value.past.expected"), "count"),
                "actual": Column(reader.say("value.past.actual"), "count"),
            },
        ),
    )


def _paces(reader: Reader, rows: pd.DataFrame) -> pd.DataFrame:
    """Purchases a week, as the last step is a longer one, with what is told of each step."""
    language, count = reader.language, len(rows)
    days = [language.date(int(day)) for day in rows["last_day"]]
    every = -(-count // _LABELS)
    weeks = rows["days"].astype("float64") / 7
    drawn = rows.assign(
        expected=rows["expected"].astype("float64") / weeks,
        actual=rows["actual"].astype("float64") / weeks,
        label=[
            language.period(period_of(int(day), "month", reader.calendar), "month")
            if (count - 1 - place) % every == 0
            else ""
            for place, day in enumerate(rows["last_day"])
        ],
    )
    return drawn.assign(
        told=[
            reader.say("value.course.told", date=day, expected=round(expected), actual=round(actual))
            for day, expected, actual in zip(days, drawn["expected"], drawn["actual"], strict=True)
        ]
    )


def calibration_picture(reader: Reader, found: Value, look: Look) -> Picture | Undrawn:
    """Purchases per customer in tenths by forecast, as forecast and as they came."""
    rows = found.tried.tenths
    if rows.empty:
        return Undrawn(reader.say("value.calibration.title.undrawn"), reader.say("value.verdict.untried"))
    language = reader.language
    drawn = rows.assign(
        label=[look.number(one) for one in rows["tenth"]],
        told=[
            reader.say(
                "value.calibration.told",
                tenth=int(str(row["tenth"])),
                expected=language.number(float(str(row["expected"])), 2),
                actual=language.number(float(str(row["actual"])), 2),
            )
            for row in rows.to_dict("records")
        ],
    )
    best = rows.iloc[0]
    return Picture(
        name="calibration",
        title=reader.say(
            "value.calibration.title",
            expected=language.number(float(best["expected"]), 1),
            actual=language.number(float(best["actual"]), 1),
        ),
        subtitle=reader.say("value.calibration.subtitle"),
        figure=calibration(drawn, _names(reader), look),
        n=reader.say("picture.n_customers", count=round(float(rows["customers"].sum()))),
        definition=definition(
            reader,
            reader.say(
                "value.calibration.definition",
                date=rows["cut_off"].iloc[0],
                days=found.tried.horizon_days,
            ),
        ),
        table=Table(
            rows,
            {
                "tenth": Column(reader.say("value.tenth"), "count"),
                "customers": Column(reader.say("column.customers"), "count"),
                "expected": Column(reader.say("value.past.expected"), "ratio"),
                "actual": Column(reader.say("value.past.actual"), "ratio"),
            },
        ),
    )


def _measures(reader: Reader) -> dict[str, Column]:
    return {name: Column(reader.say(f"column.{name}"), kind) for name, kind in _MEASURES.items()}


def forecasts_table(reader: Reader, found: Value) -> Table:
    """All forecasts that were tried, over all cut-offs."""
    rows = found.tried.forecasts
    names = [reader.tell(forecast_named(one)) for one in rows["forecast"]]
    return Table(
        rows.assign(
            name=[
                reader.say("value.forecasts.chosen", forecast=name) if chosen else name
                for name, chosen in zip(names, rows["chosen"], strict=True)
            ]
        ),
        {
            "name": Column(reader.say("column.forecast")),
            **_measures(reader),
            "error_of_total": Column(reader.say("value.forecasts.error_of_total"), "share"),
        },
    )


def every_trial(reader: Reader, found: Value) -> Twin | None:
    """Every forecast at every cut-off; None where there was none."""
    rows = found.tried.each
    if rows.empty:
        return None
    return Twin(
        name="trials",
        title=reader.say("value.trials.each"),
        n=reader.say("picture.n_purchases", count=int(rows.groupby("cut_off")["purchases"].first().sum())),
        definition=definition(reader, reader.say("value.trials.definition")),
        table=Table(
            rows.assign(name=[reader.tell(forecast_named(one)) for one in rows["forecast"]]),
            {
                "cut_off": Column(reader.say("column.cut_off"), "date"),
                "name": Column(reader.say("column.forecast")),
                "customers": Column(reader.say("column.customers"), "count"),
                "purchases": Column(reader.say("column.purchases"), "count"),
                **_measures(reader),
                "error_of_money": Column(reader.say("column.error_of_money"), "change"),
            },
        ),
    )
