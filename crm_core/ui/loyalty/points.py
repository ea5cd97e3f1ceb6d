"""Points and what is outstanding, month by month, as they are shown."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from crm_core.looks import Look
from crm_core.loyalty.answers import MONTHS_MONEY, Club
from crm_core.loyalty.charts import ABOVE, BELOW, FATES, fates, outstanding, points_by_month
from crm_core.ui import report
from crm_core.ui.loyalty.months import told_of, with_labels
from crm_core.ui.report import Column, Picture, Table, definition
from crm_core.ui.shell import Reader

_COUNTED: Final = ("members", "issued", "redeemed", "expired", "taken_back", "balance")


def draw(reader: Reader, by_month: Sequence[Picture], became: Picture | None) -> None:
    """The section on points and liability; nothing for a programme without points."""
    if became is None:
        return
    report.section(reader.say("loyalty.points.section"))
    report.side_by_side(reader, by_month)
    report.picture(reader, became)


def points_picture(reader: Reader, found: Club, look: Look) -> Picture:
    """Points issued, used, expired and taken back in each month."""
    months = with_labels(reader, likely_months(found))
    names = {name: reader.say(f"loyalty.points.{name}") for name in (ABOVE, *BELOW)}
    for name, words in names.items():
        months[f"told_{name}"] = told_of(reader, "loyalty.points.told", months, name, words)
    issued = int(months["issued"].sum())
    used = months["redeemed"].sum() / issued if issued else 0.0
    return Picture(
        name="loyalty-points",
        title=reader.say("loyalty.points.title", count=issued, used=look.percent(used)),
        subtitle=reader.say("loyalty.points.subtitle"),
        figure=points_by_month(months, names, look),
        n=reader.say("loyalty.n_members", count=found.members),
        definition=definition(reader, reader.say("loyalty.points.definition")),
        table=_table(reader, found),
    )


def outstanding_picture(reader: Reader, found: Club, look: Look) -> Picture:
    """What the points outstanding at the end of each month will cost, and what all of them would."""
    months = with_labels(reader, likely_months(found))
    by_month = found.months.groupby("month")
    months["least"] = by_month["expected_use_low"].min().to_numpy()
    months["most"] = by_month["expected_use_high"].max().to_numpy()
    months["told"] = [_owed_told(reader, row, look) for row in months.to_dict("records")]
    names = (reader.say("loyalty.figure.expected_use"), reader.say("loyalty.figure.all_used"))
    return Picture(
        name="loyalty-outstanding",
        title=_owed_title(reader, found, int(months["balance"].iloc[-1]), look),
        subtitle=reader.say("loyalty.outstanding.subtitle"),
        figure=outstanding(months, names, look),
        n=reader.say("loyalty.n_members", count=found.members),
        definition=definition(reader, reader.say("loyalty.outstanding.definition")),
        table=_table(reader, found),
    )


def _owed_title(reader: Reader, found: Club, count: int, look: Look) -> str:
    def short(units: float) -> str:
        return reader.language.money(units, found.currency, compact=True, digits=2)

    most = short(found.outstanding.likely)
    expected = found.expected_use
    if expected is None or found.use_chance is None:
        return reader.say("loyalty.outstanding.title.open", count=count, amount=most)
    return reader.say(
        "loyalty.outstanding.title",
        count=count,
        share=look.percent(found.use_chance),
        amount=short(expected.likely),
        low=short(expected.low),
        high=short(expected.high),
        most=most,
    )


def _owed_told(reader: Reader, row: Mapping[Hashable, Any], look: Look) -> str:
    values = {
        "month": reader.language.period(int(row["month"]), "month", style="long"),
        "count": int(row["balance"]),
        "all": look.money(row["outstanding"]),
    }
    if row["expected_use"] != row["expected_use"]:
        return reader.say("loyalty.outstanding.told.open", **values)
    amounts = {"amount": "expected_use", "low": "least", "high": "most"}
    return reader.say(
        "loyalty.outstanding.told",
        **values,
        **{name: look.money(row[column]) for name, column in amounts.items()},
    )


def fates_picture(reader: Reader, found: Club, look: Look) -> Picture:
    """What became of the points issued in each month."""
    rows = found.breakage[found.breakage["redeeming"] == "likely"].reset_index(drop=True)
    names = {name: reader.say(f"loyalty.fate.{name}") for name in FATES}
    return Picture(
        name="loyalty-fates",
        title=_fates_title(reader, found, look),
        subtitle=reader.say("loyalty.fate.subtitle"),
        figure=fates(_fates_told(reader, rows, names, look), names, look),
        n=reader.say("loyalty.n_points", count=int(rows["issued"].sum())),
        definition=definition(reader, reader.say("loyalty.fate.definition")),
        table=Table(
            rows,
            {
                "month": Column(reader.say("column.month"), "month"),
                **{name: Column(reader.say(f"column.{name}"), "count") for name in ("issued", *FATES)},
                "breakage": Column(reader.say("column.breakage"), "share"),
                "complete": Column(reader.say("loyalty.fate.final"), "flag"),
            },
            found.currency,
        ),
    )


def _fates_title(reader: Reader, found: Club, look: Look) -> str:
    """The share that expired of the points of which no share will change."""
    final = found.breakage[found.breakage["complete"]]
    by_share = final.groupby("redeeming")[["issued", "expired"]].sum()
    shares = by_share["expired"] / by_share["issued"]
    if "likely" not in shares:
        return reader.say("loyalty.fate.title.open")
    return reader.say(
        "loyalty.fate.title",
        month=reader.language.period(int(final["month"].max()), "month", style="long"),
        share=look.percent(shares["likely"]),
        low=look.percent(shares.min()),
        high=look.percent(shares.max()),
    )


def _fates_told(reader: Reader, rows: pd.DataFrame, names: Mapping[str, str], look: Look) -> pd.DataFrame:
    """Months with what became of points as shares, and what is told of each."""
    months = with_labels(reader, rows)
    for name, words in names.items():
        months[name] = rows[name] / rows["issued"]
        months[f"told_{name}"] = [
            reader.say(
                "loyalty.fate.told",
                month=reader.language.period(int(month), "month", style="long"),
                what=words,
                count=int(count),
                share=look.percent(count / issued),
            )
            for month, count, issued in zip(rows["month"], rows[name], rows["issued"], strict=True)
        ]
    return months


def likely_months(found: Club) -> pd.DataFrame:
    """Month by month where as many members use points as is likely, oldest first."""
    months = found.months
    return months[months["redeeming"] == "likely"].reset_index(drop=True)


def _table(reader: Reader, found: Club) -> Table:
    return Table(
        likely_months(found),
        {
            "month": Column(reader.say("column.month"), "month"),
            **{name: Column(reader.say(f"column.{name}"), "count") for name in _COUNTED},
            **{name: Column(reader.say(f"column.{name}"), "money") for name in MONTHS_MONEY},
        },
        found.currency,
    )
