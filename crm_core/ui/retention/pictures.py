"""Cohorts as they are shown: the matrix, the curve of their mean, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

import pandas as pd

from crm_core.looks import Look, shades, text_on
from crm_core.retention.answers import Cell, Cohorts, Row
from crm_core.retention.charts import mean_curve
from crm_core.retention.rules import Measure, standing
from crm_core.ui.plot import behind_row
from crm_core.ui.report import Column, Picture, ShownFigure, ShownHighlight, Table, Undrawn, Way
from crm_core.ui.retention import matrix
from crm_core.ui.retention.choices import Chosen
from crm_core.ui.retention.phrases import cohort_name, definition, heading, later, row_name
from crm_core.ui.shell import Reader

MOST_ROWS: Final = 60
MOST_COLUMNS: Final = 60
"""More than these stand in the table file only."""

_FIGURES_AT: Final = (1, 3, 6, 12)
_MONEY: Final = ("revenue", "margin", "cumulative")
_OF_NEW_CUSTOMERS: Final = ("rate", "customers")
"""Measures that say nothing of the period of the first purchase itself, in which everybody bought."""

_AGES_TO_ACT_ON: Final = (1, 3, 6)
"""Periods since the first one."""


def figures(reader: Reader, found: Cohorts, look: Look) -> tuple[ShownFigure, ...]:
    """The mean some periods after the first purchase, with its interval."""
    cells = [one for one in found.mean if one.period and not one.few]
    picked = [one for one in cells if one.period in _FIGURES_AT and one.period == one.last_period]
    picked = cells if len(picked) < min(len(cells), 3) else picked
    return tuple(
        ShownFigure(
            later(reader.language, one.period, one.last_period, found.shape),
            look.percent(one.rate),
            _interval(reader, one),
        )
        for one in picked[: len(_FIGURES_AT)]
    )


def _interval(reader: Reader, cell: Cell) -> str:
    return reader.say(
        "retention.interval",
        low=reader.language.percent(cell.low, 1),
        high=reader.language.percent(cell.high, 1),
        count=cell.customers,
    )


def matrix_picture(reader: Reader, found: Cohorts, now: Chosen, look: Look) -> Picture:
    """The cohorts, or the groups, each with what became of it period by period."""
    unit = found.shape.unit
    skipped = 1 if now.measure in _OF_NEW_CUSTOMERS else 0
    rows = found.rows[-MOST_ROWS:] if found.rows[0].cohort is not None else found.rows[:MOST_ROWS]
    heads = max((row.cells for row in rows), key=len)
    heads = tuple(one for one in heads if one.period >= skipped)[:MOST_COLUMNS]
    sizes = [
        _size(one, now.measure)
        for row in rows
        if not row.old
        for one in row.cells[: skipped + MOST_COLUMNS]
        if one.period >= skipped and one.complete and not one.few
    ]
    ends = (min(sizes), max(sizes)) if sizes else (0.0, 0.0)
    drawing = matrix.drawn(
        reader.say(f"retention.{'periods' if rows[0].cohort is None else 'matrix.corner'}.{unit}"),
        [heading(reader.language, one) for one in heads],
        [_line(reader, found, now, row, skipped, ends, look) for row in rows],
        _mean_line(reader, found, now, skipped, look),
        hint=reader.say("retention.matrix.hint"),
        sideways=reader.say("retention.matrix.sideways"),
    )
    return Picture(
        name="cohorts",
        title=_title(reader, found, look),
        subtitle=_subtitle(reader, found, now, len(heads)),
        figure=None,
        drawing=drawing,
        n=reader.say("picture.n_customers", count=sum(row.customers for row in found.rows)),
        definition=definition(reader, found, _counted(reader, found)),
        table=_table(reader, found, now),
        leads_to=behind_row,
    )


def _title(reader: Reader, found: Cohorts, look: Look) -> str:
    """What the mean says, from its first period after the first purchase to a later one."""
    cells = [one for one in found.mean if one.period and not one.few]
    if not cells:
        return reader.say("retention.matrix.title.short")

    def told(one: Cell) -> str:
        return later(reader.language, one.period, one.last_period, found.shape)

    last = max((one for one in cells if one.period <= _FIGURES_AT[-1]), key=lambda one: one.period)
    if last is cells[0]:
        return reader.say("retention.matrix.title.one", share=look.percent(last.rate), when=told(last))
    return reader.say(
        "retention.matrix.title",
        share=look.percent(cells[0].rate),
        when=told(cells[0]),
        later_share=look.percent(last.rate),
        later_when=told(last),
    )


def _subtitle(reader: Reader, found: Cohorts, now: Chosen, columns: int) -> str:
    parts = [reader.say(f"retention.measure.{now.measure}.told")]
    if now.measure in _MONEY and found.currency:
        currency = reader.language.currencies.get(found.currency, found.currency)
        parts.append(reader.say("retention.matrix.currency", currency=currency))
    if now.split is not None and now.shape.within is None:
        parts.append(reader.say("retention.matrix.groups"))
    if len(found.rows) > MOST_ROWS or columns == MOST_COLUMNS:
        parts.append(reader.say("retention.matrix.cut", rows=MOST_ROWS, columns=MOST_COLUMNS))
    if found.old_cohorts and found.rows[0].cohort is not None:
        parts.append(reader.say("retention.matrix.old"))
    return " ".join(parts)


def _counted(reader: Reader, found: Cohorts) -> str:
    return " ".join(
        reader.say(key)
        for key in (
            "retention.definition",
            f"retention.counting.{found.shape.counting}.told",
            "retention.definition.mean",
            "retention.definition.marks",
        )
    )


def _size(cell: Cell, measure: Measure) -> float:
    """What a cell shows, as a number."""
    sizes = {
        "rate": cell.rate,
        "customers": cell.retained,
        "revenue": cell.revenue,
        "margin": cell.margin or 0.0,
        "orders": cell.orders,
        "cumulative": cell.cumulative,
    }
    return sizes[measure]


def _written(reader: Reader, cell: Cell, measure: Measure, look: Look) -> str:
    if measure == "rate":
        return look.percent(cell.rate)
    if measure == "margin" and cell.margin is None:
        return reader.say("number.missing")
    size = _size(cell, measure)
    return look.number(round(size)) if measure in ("customers", "orders") else look.compact(size)


def _line(
    reader: Reader, found: Cohorts, now: Chosen, row: Row, skipped: int, ends: tuple[float, float], look: Look
) -> matrix.Line:
    name = row_name(reader, row, found.shape)
    colours = shades(look)
    least, most = ends
    squares = []
    for cell in row.cells[: skipped + MOST_COLUMNS]:
        if cell.period < skipped:
            continue
        sure = cell.complete and not cell.few
        part = (_size(cell, now.measure) - least) / (most - least) if sure and most > least else 0.0
        part = min(max(part, 0.0), 1.0)
        fill = colours[round(part * (len(colours) - 1))] if sure else ""
        squares.append(
            matrix.Square(
                shown=_written(reader, cell, now.measure, look),
                told=_told(reader, found, now, row, cell, name, look),
                address=_address(reader, now, row, cell),
                fill=fill,
                ink=text_on(fill, look) if fill else "",
            )
        )
    count = reader.language.number(row.customers)
    told = reader.say("retention.told.all", cohort=name, count=row.customers)
    mark = "† " if row.old else ""
    return matrix.Line(name, f"{mark}{count}", told, _row_address(reader, now, row), tuple(squares))


def _told(reader: Reader, found: Cohorts, now: Chosen, row: Row, cell: Cell, name: str, look: Look) -> str:
    """A cell in words: how many of how many, the interval, and what is wrong with it."""
    parts = [
        reader.say(
            "retention.told",
            cohort=name,
            when=later(reader.language, cell.period, cell.last_period, found.shape),
            share=reader.language.percent(cell.rate, 1),
            interval=_interval(reader, cell),
        )
    ]
    if now.measure == "cumulative":
        parts.append(reader.say("retention.told.cumulative", amount=look.money(cell.cumulative)))
    elif now.measure == "orders":
        parts.append(reader.say("retention.told.orders", count=round(cell.orders)))
    elif now.measure in ("revenue", "margin"):
        amount = cell.revenue if now.measure == "revenue" else cell.margin
        words = reader.say("number.missing") if amount is None else look.money(amount)
        parts.append(reader.say(f"retention.told.{now.measure}", amount=words))
    if not cell.complete:
        parts.append(reader.say("retention.told.incomplete"))
    if cell.few:
        parts.append(reader.say("retention.told.few"))
    return " ".join(parts)


def _state(now: Chosen, row: Row, cell: Cell | None = None, *, back: bool = True) -> dict[str, str]:
    """What an address says of the customers of a cohort, or of one of its cells."""
    state = {"cohort": str(row.cohort), **now.codes}
    if cell is not None:
        state |= {"after": str(cell.period), "back": "yes" if back else "no"}
    return state


def _address(reader: Reader, now: Chosen, row: Row, cell: Cell) -> str:
    if row.cohort is None:
        return _row_address(reader, now, row)
    return reader.link("customer", **_state(now, row, cell, back=cell.retained > 0))


def _row_address(reader: Reader, now: Chosen, row: Row) -> str:
    """A cohort leads to its customers, a group to its own cohorts; those who are in none lead nowhere."""
    if row.cohort is not None:
        return reader.link("customer", **_state(now, row))
    return reader.here(split=f"{now.split}:{row.group}") if row.group else ""


def _mean_line(reader: Reader, found: Cohorts, now: Chosen, skipped: int, look: Look) -> matrix.Line:
    name = reader.say("retention.mean")
    cells = {one.period: one for one in found.mean}
    squares = []
    for period in range(skipped, max(cells, default=-1) + 1):
        cell = cells.get(period)
        if cell is None:
            continue
        told = reader.say(
            "retention.told.mean",
            when=later(reader.language, cell.period, cell.last_period, found.shape),
            share=reader.language.percent(cell.rate, 1),
            interval=_interval(reader, cell),
        )
        squares.append(
            matrix.Square(
                _written(reader, cell, now.measure, look), told, "", look.colours.ground, look.colours.ink
            )
        )
    customers = max((one.customers for one in found.mean), default=0)
    return matrix.Line(name, reader.language.number(customers), "", "", tuple(squares[:MOST_COLUMNS]))


def _table(reader: Reader, found: Cohorts, now: Chosen) -> Table:
    rows = [
        {
            "name": row_name(reader, row, found.shape),
            "period": heading(reader.language, cell),
            "customers": cell.customers,
            "retained": cell.retained,
            "rate": cell.rate,
            "low": cell.low,
            "high": cell.high,
            "complete": cell.complete,
            "orders": cell.orders,
            "revenue": cell.revenue,
            "margin": cell.margin,
            "cumulative": cell.cumulative,
            "code": "" if row.cohort is None else urlencode(_state(now, row, cell)),
        }
        for row in found.rows
        for cell in row.cells
    ]
    columns = {
        "name": Column(reader.say("column.cohort")),
        "period": Column(reader.say(f"retention.periods.{found.shape.unit}")),
        "customers": Column(reader.say("column.cohort_size"), "count"),
        "retained": Column(reader.say("column.retained"), "count"),
        "rate": Column(reader.say("column.retention_rate"), "share"),
        "low": Column(reader.say("column.low"), "share"),
        "high": Column(reader.say("column.high"), "share"),
        "complete": Column(reader.say("column.complete"), "flag"),
        "orders": Column(reader.say("retention.measure.orders"), "count"),
        "revenue": Column(reader.say("column.revenue"), "money"),
        **({"margin": Column(reader.say("column.margin"), "money")} if found.with_margin else {}),
        "cumulative": Column(reader.say("retention.measure.cumulative"), "money"),
    }
    return Table(pd.DataFrame(rows), columns, found.currency)


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
                "when": later(reader.language, one.period, one.last_period, found.shape),
                "customers": one.customers,
                "rate": one.rate,
                "low": one.low,
                "high": one.high,
                "few": one.few,
                "told": reader.say(
                    "retention.told.mean",
                    when=later(reader.language, one.period, one.last_period, found.shape),
                    share=reader.language.percent(one.rate, 1),
                    interval=_interval(reader, one),
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
        title=_verdict(reader, cells, now.benchmark),
        subtitle=reader.say(f"retention.curve.subtitle.{found.shape.unit}"),
        figure=mean_curve(rows, now.benchmark, mark, look),
        n=reader.say("picture.n_customers", count=max(one.customers for one in cells)),
        definition=definition(reader, found, reader.say("retention.definition.mean")),
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


def what_to_do(reader: Reader, found: Cohorts, now: Chosen, look: Look) -> tuple[ShownHighlight, ...]:
    """Cohorts of several ages, and the way to those of them who have not bought since their first period.

    Args:
        reader: Who reads.
        found: Cohorts counted by who bought in a period or in any later one.
        now: What the address asks for, with the same counting.
        look: How it is written.
    """
    shown = []
    ages = {
        max((cell.period for cell in row.cells if cell.complete), default=0): row
        for row in found.rows
        if row.cohort is not None and not row.old
    }
    for age in _AGES_TO_ACT_ON:
        row = ages.get(age)
        cell = None if row is None else next((one for one in row.cells if one.period == 1), None)
        if row is None or cell is None or cell.few:
            continue
        missing = cell.customers - round(cell.retained)
        if not missing:
            continue
        cohort = cohort_name(reader.language, int(row.cohort or 0), found.shape, long=True)
        shown.append(
            ShownHighlight(
                label=cohort,
                headline=reader.say("retention.act", share=look.percent(1 - cell.rate)),
                text=reader.say("retention.act.told", cohort=cohort, count=missing, all=cell.customers),
                way=Way(reader.say("retention.act.way"), "customer", _state(now, row, cell, back=False)),
            )
        )
    return tuple(shown)
