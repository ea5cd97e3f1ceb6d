"""All cohorts together: the figures of a few periods, and the curve of all of them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from crm_core.looks import Look
from crm_core.retention.answers import Cell, Cohorts
from crm_core.retention.charts import mean_curve
from crm_core.retention.rules import standing
from crm_core.ui.report import Column, Picture, ShownFigure, Table, Undrawn, definition
from crm_core.ui.retention.choices import Chosen
from crm_core.ui.retention.phrases import cohort_name, heading, interval, marks, of_group, when
from crm_core.ui.retention.triangle import FIGURES_AT, MOST_COLUMNS
from crm_core.ui.shell import Reader


def figures(reader: Reader, found: Cohorts, look: Look) -> tuple[ShownFigure, ...]:
    """All cohorts together some periods after the first purchase, with the interval."""
    cells = [one for one in found.mean if one.period and one.sure]
    picked = [one for one in cells if one.period in FIGURES_AT and one.period == one.last_period]
    picked = cells if len(picked) < min(len(cells), 3) else picked
    return tuple(
        ShownFigure(_label(reader, one, found), look.percent(one.retention_rate), interval(reader, one))
        for one in picked[: len(FIGURES_AT)]
    )


def _label(reader: Reader, cell: Cell, found: Cohorts) -> str:
    """Which periods after the first purchase a figure tells of."""
    unit = found.shape.unit
    if cell.period == cell.last_period:
        label = reader.say(f"retention.figure.{unit}", count=cell.period)
    else:
        label = reader.say(f"retention.figure_range.{unit}", first=cell.period, last=cell.last_period)
    if found.shape.counting == "on_or_after":
        return reader.say("retention.or_after", when=label)
    return label


def of_whom(reader: Reader, found: Cohorts, now: Chosen) -> str:
    """Of which cohorts the figures speak; empty where there are none."""
    shape = found.shape
    told = [row for row in found.rows if row.cohort is not None and not row.old]
    if not any(one.period and one.sure for one in found.mean):
        return ""
    if not told:
        return reader.say("retention.figures.groups")
    first, last = (
        cohort_name(reader.language, int(row.cohort or 0), shape, long=True) for row in (told[0], told[-1])
    )
    words = reader.say("retention.figures", first=first if told[0].won is None else found.won_from, last=last)
    return of_group(reader, now.split, shape.within, words)


def curve_picture(reader: Reader, found: Cohorts, now: Chosen, look: Look) -> Picture | Undrawn:
    """The mean of all cohorts as a curve with its interval, and the mark that the company has set."""
    cells = [one for one in found.mean if one.period][:MOST_COLUMNS]
    if len(cells) < 2:
        return Undrawn(
            reader.say("retention.curve.title.undrawn"), reader.say("retention.curve.too_short", least=2)
        )
    rows = pd.DataFrame(
        [
            {
                "name": heading(reader.language, one),
                "when": when(reader.language, one, found.shape),
                "customers": one.customers,
                "rate": one.retention_rate,
                "low": one.low,
                "high": one.high,
                "few": not one.sure,
                "told": reader.say(
                    "retention.told.mean",
                    when=when(reader.language, one, found.shape),
                    share=reader.language.percent(one.retention_rate, 1),
                    interval=interval(reader, one),
                ),
            }
            for one in cells
        ]
    )
    mark = ""
    if now.benchmark is not None:
        mark = reader.say("retention.curve.mark", share=reader.language.percent(now.benchmark, None))
    return Picture(
        name="mean-retention",
        title=of_group(reader, now.split, now.shape.within, _verdict(reader, cells, now.benchmark)),
        subtitle=reader.say(f"retention.curve.subtitle.{found.shape.unit}"),
        figure=mean_curve(rows, now.benchmark, mark, look),
        n=reader.say("picture.n_customers", count=max(one.customers for one in cells)),
        definition=definition(reader, reader.say("retention.definition.mean"), marks(reader)),
        table=Table(
            rows,
            {
                "when": Column(reader.say("column.period")),
                "customers": Column(reader.say("column.customers"), "count"),
                "rate": Column(reader.say("column.retention_rate"), "share"),
                "low": Column(reader.say("column.low"), "share"),
                "high": Column(reader.say("column.high"), "share"),
            },
        ),
    )


def _verdict(reader: Reader, cells: Sequence[Cell], benchmark: float | None) -> str:
    """How the mean lies to the mark; without one, how it goes."""
    if benchmark is None:
        return reader.say("retention.curve.title")
    stands = [standing(one.low, one.high, benchmark) for one in cells]
    return reader.say(
        "retention.curve.verdict",
        share=reader.language.percent(benchmark, None),
        above=stands.count("above"),
        below=stands.count("below"),
        count=len(stands),
    )
