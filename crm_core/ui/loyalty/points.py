"""Points and what is outstanding, month by month, as they are shown."""

from __future__ import annotations

from typing import Final

import pandas as pd

from crm_core.looks import Look
from crm_core.loyalty.answers import Club
from crm_core.loyalty.charts import ABOVE, BELOW, FATES, fates, outstanding, points_by_month
from crm_core.ui.report import Column, Picture, Table, definition
from crm_core.ui.shell import Reader

_LABELS: Final = 6
"""Labels of the time axis, at the most."""
_COUNTED: Final = ("members", "issued", "redeemed", "expired", "taken_back", "balance")


def points_picture(reader: Reader, found: Club, look: Look) -> Picture:
    """Points issued, used, expired and taken back in each month."""
    months = with_labels(reader, likely_months(found))
    names = {name: reader.say(f"loyalty.points.{name}") for name in (ABOVE, *BELOW)}
    for name, words in names.items():
        months[f"told_{name}"] = [
            reader.say(
                "loyalty.points.told",
                month=reader.language.period(int(month), "month", style="long"),
                what=words,
                count=int(count),
            )
            for month, count in zip(months["month"], months[name], strict=True)
        ]
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
    """What the points outstanding at the end of each month would cost."""
    months = with_labels(reader, likely_months(found))
    by_month = found.months.groupby("month")["outstanding"]
    months["least"], months["most"] = by_month.min().to_numpy(), by_month.max().to_numpy()
    months["told"] = [
        reader.say(
            "loyalty.outstanding.told",
            month=reader.language.period(int(row["month"]), "month", style="long"),
            count=int(row["balance"]),
            amount=look.money(row["outstanding"]),
            low=look.money(row["least"]),
            high=look.money(row["most"]),
        )
        for _, row in months.iterrows()
    ]
    last = months.iloc[-1]
    return Picture(
        name="loyalty-outstanding",
        title=reader.say(
            "loyalty.outstanding.title",
            count=int(last["balance"]),
            amount=reader.language.money(last["outstanding"], found.currency, compact=True, digits=2),
        ),
        subtitle=reader.say("loyalty.outstanding.subtitle"),
        figure=outstanding(months, look),
        n=reader.say("loyalty.n_members", count=found.members),
        definition=definition(reader, reader.say("loyalty.outstanding.definition")),
        table=_table(reader, found),
    )


def fates_picture(reader: Reader, found: Club, look: Look) -> Picture:
    """What became of the points issued in each month."""
    rows = found.breakage[found.breakage["redeeming"] == "likely"].reset_index(drop=True)
    final = found.breakage[found.breakage["complete"]]
    by_share = final.groupby("redeeming")[["issued", "expired"]].sum()
    shares = by_share["expired"] / by_share["issued"]
    months = with_labels(reader, rows)
    for name in FATES:
        words = reader.say(f"loyalty.fate.{name}")
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
    title = reader.say("loyalty.fate.title.open")
    if "likely" in shares:
        title = reader.say(
            "loyalty.fate.title",
            share=look.percent(shares["likely"]),
            low=look.percent(shares.min()),
            high=look.percent(shares.max()),
        )
    return Picture(
        name="loyalty-fates",
        title=title,
        subtitle=reader.say("loyalty.fate.subtitle"),
        figure=fates(months, {name: reader.say(f"loyalty.fate.{name}") for name in FATES}, look),
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


def likely_months(found: Club) -> pd.DataFrame:
    """Month by month where as many members use points as is likely, oldest first."""
    months = found.months
    return months[months["redeeming"] == "likely"].reset_index(drop=True)


def with_labels(reader: Reader, months: pd.DataFrame) -> pd.DataFrame:
    """Months with what stands under some of them: the month, and the year where it is a new one."""
    numbers = [int(month) for month in months["month"]]
    every = -(-len(numbers) // _LABELS)
    labelled = {one for at, one in enumerate(reversed(numbers)) if at % every == 0}
    language = reader.language
    labels = [language.period(one, "month", style="narrow") if one in labelled else "" for one in numbers]
    years = [language.digits(str(one // 12)) if one in labelled else "" for one in numbers]
    first = [year if year not in years[:at] else "" for at, year in enumerate(years)]
    return months.assign(label=labels, year=first)


def _table(reader: Reader, found: Club) -> Table:
    return Table(
        likely_months(found),
        {
            "month": Column(reader.say("column.month"), "month"),
            **{name: Column(reader.say(f"column.{name}"), "count") for name in _COUNTED},
            **{
                name: Column(reader.say(f"column.{name}"), "money")
                for name in ("outstanding", "reward_cost", "discount")
            },
        },
        found.currency,
    )
