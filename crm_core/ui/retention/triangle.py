"""The matrix of cohorts, or of groups of customers, as it is shown."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import pandas as pd

from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.looks import Look, shades, text_on
from crm_core.periods import day_of
from crm_core.retention.answers import Cell, Cohorts, Row
from crm_core.ui.groups import group_name
from crm_core.ui.plot import behind_row
from crm_core.ui.report import Column, Picture, Table, Undrawn, definition
from crm_core.ui.retention import matrix, phrases
from crm_core.ui.retention.choices import Chosen
from crm_core.ui.retention.phrases import cohort_name, heading, interval, of_group, when
from crm_core.ui.retention.sizes import PER_CUSTOMER, size_of, written
from crm_core.ui.shell import Reader

MOST_ROWS: Final = 60
MOST_COLUMNS: Final = 60
"""More than these stand in the table file only."""

FIGURES_AT: Final = (1, 3, 6, 12)
"""Periods after the first purchase that are told in figures and titles."""

_OF_NEW_CUSTOMERS: Final = ("rate", "customers")
"""Measures that say nothing of the period of the first purchase itself, in which everybody bought."""


def matrix_picture(reader: Reader, found: Cohorts, now: Chosen, look: Look) -> Picture | Undrawn:
    """The cohorts, the latest first, or the groups, each with what became of it period by period."""
    if not any(cell.period for row in found.rows for cell in row.cells):
        return Undrawn(reader.say("retention.matrix.title.short"), reader.say("retention.matrix.too_short"))
    unit = found.shape.unit
    skipped = 1 if now.measure in _OF_NEW_CUSTOMERS else 0
    grouped = found.rows[0].cohort is None
    rows = found.rows[:MOST_ROWS] if grouped else found.rows[: -MOST_ROWS - 1 : -1]
    heads = max((row.cells for row in rows), key=len)
    heads = tuple(one for one in heads if one.period >= skipped)[:MOST_COLUMNS]
    sizes = [
        size_of(one, now.measure, grouped=grouped)
        for row in rows
        if not row.old
        for one in row.cells[: skipped + MOST_COLUMNS]
        if one.period >= skipped and one.sure
    ]
    ends = (min(sizes), max(sizes)) if sizes else (0.0, 0.0)
    drawing = matrix.drawn(
        reader.say(f"retention.matrix.{'groups_corner' if grouped else 'corner'}.{unit}"),
        [heading(reader.language, one) for one in heads],
        [_line(reader, found, now, row, skipped, ends, look) for row in rows],
        _mean_line(reader, found, now, skipped, look),
        hint=reader.say("retention.matrix.hint", least=ENOUGH_CUSTOMERS),
        sideways=reader.say("retention.matrix.sideways"),
        way=reader.say("retention.matrix.way"),
    )
    return Picture(
        name="cohorts",
        title=of_group(reader, now.split, now.shape.within, _title(reader, found, now, look)),
        subtitle=_subtitle(reader, found, now, len(heads)),
        figure=None,
        drawing=drawing,
        n=reader.say("picture.n_customers", count=sum(row.customers for row in found.rows)),
        definition=definition(
            reader,
            reader.say("retention.definition"),
            reader.say(f"retention.counting.{found.shape.counting}.told"),
            reader.say("retention.definition.mean"),
            phrases.marks(reader),
            reader.say("retention.definition.cohorts"),
        ),
        table=_table(reader, found, now),
        leads_to=behind_row,
    )


def _title(reader: Reader, found: Cohorts, now: Chosen, look: Look) -> str:
    """What the measure says of groups side by side, or of all cohorts in an early period and a later."""
    cells = [one for one in found.mean if one.period and one.sure]
    if not cells:
        return reader.say("retention.matrix.title.short")
    last = max(
        (one for one in cells if one.period <= FIGURES_AT[-1]), key=lambda one: one.period, default=cells[0]
    )
    if found.rows[0].cohort is None and not now.circular:
        title = _groups_title(reader, found, now, last, look)
        if title:
            return title
    first_told, last_told = (when(reader.language, one, found.shape) for one in (cells[0], last))
    if now.measure == "rate":
        if last is cells[0]:
            return reader.say(
                "retention.matrix.title.one", share=look.percent(last.retention_rate), when=last_told
            )
        return reader.say(
            "retention.matrix.title",
            share=look.percent(cells[0].retention_rate),
            when=first_told,
            later_share=look.percent(last.retention_rate),
            later_when=last_told,
        )
    per = reader.say(f"retention.measure.{now.measure}.{PER_CUSTOMER[now.measure]}")
    amount, later_amount = (
        written(reader, one, now.measure, look, grouped=True, money=True) for one in (cells[0], last)
    )
    if last is cells[0]:
        return reader.say(
            "retention.matrix.title.measure_one", measure=per, amount=later_amount, when=last_told
        )
    return reader.say(
        "retention.matrix.title.measure",
        measure=per,
        amount=amount,
        when=first_told,
        later_amount=later_amount,
        later_when=last_told,
    )


def _groups_title(reader: Reader, found: Cohorts, now: Chosen, at: Cell, look: Look) -> str:
    """The highest group and the lowest, in the latest period that is told; empty where there are not two."""
    cells = {
        place: cell
        for place, row in enumerate(found.rows)
        if row.group
        for cell in row.cells
        if cell.period == at.period and cell.sure
    }
    sizes = {place: size_of(cell, now.measure, grouped=True) for place, cell in cells.items()}
    if len(sizes) < 2:
        return ""
    best, worst = (choose(sizes, key=lambda place: sizes[place]) for choose in (max, min))
    names = [group_name(reader.language, now.split, found.rows[place].group) for place in (best, worst)]
    amounts = [
        written(reader, cells[place], now.measure, look, grouped=True, money=True) for place in (best, worst)
    ]
    told = {
        "measure": reader.say(f"retention.measure.{now.measure}.{PER_CUSTOMER[now.measure]}"),
        "when": when(reader.language, at, found.shape),
    }
    if amounts[0] == amounts[1]:
        return reader.say("retention.matrix.title.groups_alike", amount=amounts[0], **told)
    return reader.say(
        "retention.matrix.title.groups",
        **told,
        best=names[0],
        best_amount=amounts[0],
        worst=names[1],
        worst_amount=amounts[1],
    )


def _subtitle(reader: Reader, found: Cohorts, now: Chosen, columns: int) -> str:
    grouped = found.rows[0].cohort is None
    key = f"{PER_CUSTOMER[now.measure]}.told" if grouped else "told"
    parts = [reader.say(f"retention.measure.{now.measure}.{key}")]
    if now.measure in ("revenue", "margin", "cumulative") and found.currency:
        currency = reader.language.currencies.get(found.currency, found.currency)
        parts.append(reader.say("retention.matrix.currency", currency=currency))
    if grouped:
        parts.append(reader.say("retention.matrix.groups"))
        if now.circular:
            parts.append(reader.say("retention.matrix.circular"))
    if len(found.rows) > MOST_ROWS or columns == MOST_COLUMNS:
        parts.append(reader.say("retention.matrix.cut", rows=MOST_ROWS, columns=MOST_COLUMNS))
    if found.old_cohorts and not grouped:
        parts.append(reader.say("retention.matrix.old"))
    if any(row.won for row in found.rows):
        parts.append(reader.say("retention.matrix.parted", first=found.won_from))
    return " ".join(parts)


def _line(
    reader: Reader, found: Cohorts, now: Chosen, row: Row, skipped: int, ends: tuple[float, float], look: Look
) -> matrix.Line:
    grouped = row.cohort is None
    name = _row_name(reader, found, now, row)
    colours = shades(look)
    least, most = ends
    squares = []
    for cell in row.cells[: skipped + MOST_COLUMNS]:
        if cell.period < skipped:
            continue
        fill = ""
        if cell.sure:
            size = size_of(cell, now.measure, grouped=grouped)
            part = min(max((size - least) / (most - least), 0.0), 1.0) if most > least else 0.0
            fill = colours[round(part * (len(colours) - 1))]
        squares.append(
            matrix.Square(
                shown=written(reader, cell, now.measure, look, grouped=grouped),
                told=_told(reader, found, now, cell, name, look, grouped=grouped),
                address=_address(reader, now, row, cell),
                fill=fill,
                ink=text_on(fill, look) if fill else "",
            )
        )
    count = reader.language.number(row.customers)
    told = reader.say("retention.told.all", cohort=name, count=row.customers)
    mark = "† " if row.old else ""
    return matrix.Line(name, f"{mark}{count}", told, _row_address(reader, now, row), tuple(squares))


def _row_name(reader: Reader, found: Cohorts, now: Chosen, row: Row) -> str:
    if row.cohort is not None:
        return cohort_name(reader.language, row.cohort, found.shape, row.won)
    return group_name(reader.language, now.split, row.group)


def _told(
    reader: Reader, found: Cohorts, now: Chosen, cell: Cell, name: str, look: Look, *, grouped: bool
) -> str:
    """A cell in words: how many of how many, the interval, what it brought, and what is wrong with it."""
    parts = [
        reader.say(
            "retention.told",
            cohort=name,
            when=when(reader.language, cell, found.shape),
            share=reader.language.percent(cell.retention_rate, 1),
            interval=interval(reader, cell),
        )
    ]
    if now.measure == "cumulative" or (grouped and now.measure not in ("rate", "customers")):
        per = reader.say(f"retention.measure.{now.measure}.{PER_CUSTOMER[now.measure]}")
        amount = written(reader, cell, now.measure, look, grouped=True, money=True)
        parts.append(reader.say("retention.told.measure", measure=per, amount=amount))
    elif now.measure == "orders":
        parts.append(reader.say("retention.told.orders", count=round(cell.orders)))
    elif now.measure in ("revenue", "margin"):
        amounts = {"revenue": cell.revenue, "margin": cell.margin}
        known = amounts[now.measure]
        words = reader.say("number.missing") if known is None else look.money(known)
        parts.append(reader.say(f"retention.told.{now.measure}", amount=words))
    if not cell.complete:
        parts.append(reader.say("retention.told.incomplete"))
    if cell.few:
        parts.append(reader.say("retention.told.few"))
    return " ".join(parts)


def state_of(now: Chosen, row: Row, cell: Cell | None = None, *, back: bool = True) -> dict[str, str]:
    """What an address says of the customers of a cohort, or of one of its cells."""
    state = {"cohort": str(row.cohort), **now.codes}
    if row.won is not None:
        since, until = row.won
        state |= {"since": str(day_of(since)), "until": str(day_of(until))}
    if cell is not None:
        state |= {"after": str(cell.period), "back": "yes" if back else "no"}
    return state


def _address(reader: Reader, now: Chosen, row: Row, cell: Cell) -> str:
    if row.cohort is None:
        return _row_address(reader, now, row)
    return reader.link("customer", **state_of(now, row, cell, back=cell.retained > 0))


def _row_address(reader: Reader, now: Chosen, row: Row) -> str:
    """A cohort leads to its customers, a group to its own cohorts; those who are in none lead nowhere."""
    if row.cohort is not None:
        return reader.link("customer", **state_of(now, row))
    return reader.here(split=f"{now.split}:{row.group}") if row.group else ""


def _mean_line(reader: Reader, found: Cohorts, now: Chosen, skipped: int, look: Look) -> matrix.Line:
    """All together, shares of all; but below the counts and money of cohorts those of a cohort on average."""
    grouped = found.rows[0].cohort is None
    together = grouped or now.measure in ("rate", "cumulative")
    name = reader.say("retention.mean.all" if together else "retention.mean")
    squares = []
    for cell in found.mean:
        if not skipped <= cell.period:
            continue
        told = _told(reader, found, now, cell, name, look, grouped=True)
        squares.append(
            matrix.Square(
                shown=written(reader, cell, now.measure, look, grouped=grouped),
                told=told,
                address="",
                fill=look.colours.ground if cell.sure else "",
                ink=look.colours.ink,
            )
        )
    sizes = [row.customers for row in found.rows if not row.old]
    customers = sum(sizes) if together else round(sum(sizes) / max(len(sizes), 1))
    return matrix.Line(name, reader.language.number(customers), "", "", tuple(squares[:MOST_COLUMNS]))


def _table(reader: Reader, found: Cohorts, now: Chosen) -> Table:
    rows = [
        {
            "name": _row_name(reader, found, now, row),
            "period": heading(reader.language, cell),
            "customers": cell.customers,
            "retained": cell.retained,
            "rate": cell.retention_rate,
            "low": cell.low,
            "high": cell.high,
            "complete": cell.complete,
            "orders": cell.orders,
            "revenue": cell.revenue,
            "margin": cell.margin,
            "cumulative": cell.cumulative,
            "code": "" if row.cohort is None else urlencode(state_of(now, row, cell)),
        }
        for row in found.rows
        for cell in row.cells
    ]
    first = "column.cohort" if now.split is None or now.shape.within is not None else f"grouping.{now.split}"
    columns = {
        "name": Column(reader.say(first)),
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
