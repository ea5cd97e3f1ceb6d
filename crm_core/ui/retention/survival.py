"""How long until customers buy again or leave their contract, as it is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import pandas as pd

from crm_core.base import NotProvided
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.looks import Look
from crm_core.retention.answers.survival import Course, Survival, survival
from crm_core.retention.charts.survival import Line, survival_curves
from crm_core.retention.rules.survival import Kind
from crm_core.ui.report import Column, Definition, Picture, Table, Undrawn, definition
from crm_core.ui.retention import phrases
from crm_core.ui.retention.choices import Parted
from crm_core.ui.retention.phrases import between, days, ends
from crm_core.ui.shell import Reader

WORDS: Final[Mapping[Kind, str]] = {"purchase": "", "contract": "contract."}
_TINY: Final = 0.001
_MANY: Final = 100_000
"""From so many on there is no room for every digit below the time axis."""


def survival_picture(
    reader: Reader,
    look: Look,
    kind: Kind,
    won_from: dt.date | None = None,
    parted: Parted = Parted(),  # noqa: B008 - frozen
) -> Picture | Undrawn:
    """Survival curves of everybody or of groups, with their bands and the numbers at risk.

    Args:
        reader: Who reads.
        look: How pictures look to the reader.
        kind: What is waited for.
        won_from: From when on first purchases are those of new customers.
        parted: By what customers are parted.
    """
    words = WORDS[kind]
    title = reader.say(f"retention.survival.title.{words}undrawn")
    try:
        found = survival(reader.ask, kind, as_of=reader.as_of, group=parted.group, won_from=won_from)
    except NotProvided as error:
        return Undrawn(title, reader.language.explain(error))
    if found is None:
        return Undrawn(title, reader.say(f"retention.survival.{words}too_few", least=ENOUGH_CUSTOMERS))
    names = [phrases.part_name(reader.language, parted.name, one.group) for one in found.groups]
    lines = [
        _line(reader, look, found, one, called)
        for one, called in zip(found.groups or (found.whole,), names or [""], strict=True)
    ]
    return Picture(
        name="survival" if kind == "purchase" else "contracts",
        title=_title(reader, look, found, names),
        subtitle=parted.told(reader, _subtitle(reader, found)),
        figure=survival_curves(
            lines,
            found.days,
            {
                "median": _median_told(reader, found.whole),
                "at_risk": reader.say(f"retention.survival.{words}at_risk"),
            },
            look,
        ),
        n=how_many(reader, found),
        definition=_definition(reader, found, won_from),
        table=_groups_table(reader, found, names) if found.groups else _table(reader, found),
    )


def _line(reader: Reader, look: Look, found: Survival, one: Course, name: str) -> Line:
    points = one.curve.copy()
    told = [
        reader.say(
            f"retention.survival.{WORDS[found.kind]}told",
            days=days(reader, row["day"]),
            share=look.percent(row["share"]),
            interval=between(reader, look, row["low"], row["high"]),
        )
        for row in points.to_dict("records")
    ]
    points["told"] = (
        [reader.say("retention.survival.told_group", group=name, told=each) for each in told]
        if name
        else told
    )
    return Line(
        name=name,
        points=points,
        median=None if one.median is None else one.median.value,
        at_risk=tuple((look.number if many < _MANY else look.compact)(many) for many in one.at_risk),
        grey=one.rest,
    )


def _title(reader: Reader, look: Look, found: Survival, names: list[str]) -> str:
    words = f"retention.survival.title.{WORDS[found.kind]}"
    horizon = found.horizon
    shares = {
        at: one.within[horizon].value
        for at, one in enumerate(found.groups)
        if horizon is not None and horizon in one.within and not one.rest
    }
    far = phrases.told_apart(shares, found.unlike)
    if far is not None and horizon is not None:
        best, worst = far
        return reader.say(
            f"{words}groups",
            best=names[best],
            best_share=look.percent(shares[best]),
            worst=names[worst],
            worst_share=look.percent(shares[worst]),
            days=days(reader, horizon),
        )
    if found.whole.median is not None:
        return reader.say(f"{words}half", days=days(reader, found.whole.median.value))
    last = found.whole.curve.iloc[-1]
    share, day = 1.0 - float(last["share"]), float(last["day"])
    if horizon is not None:
        share, day = found.whole.within[horizon].value, horizon
    return reader.say(f"{words}share", share=look.percent(share), days=days(reader, day))


def _subtitle(reader: Reader, found: Survival) -> str:
    subtitle = reader.say(f"retention.survival.{WORDS[found.kind]}subtitle")
    if found.unlike is None:
        return subtitle
    key = "retention.survival.differ" if found.unlike.differ else "retention.survival.alike"
    return reader.say(
        "retention.survival.with_test",
        subtitle=subtitle,
        test=reader.say(key, p=_p(reader, found.unlike.p_value)),
    )


def _p(reader: Reader, p_value: float) -> str:
    if p_value < _TINY:
        return reader.say("retention.p_tiny", p=reader.language.number(_TINY, 3))
    return reader.say("retention.p", p=reader.language.number(p_value, 3))


def _median_told(reader: Reader, one: Course) -> str:
    median = one.median
    if median is None:
        return ""
    low, value = reader.language.number(median.low), days(reader, median.value)
    if median.high is None:
        return reader.say("retention.survival.median_open", days=value, low=low)
    high = reader.language.number(median.high)
    return reader.say("retention.survival.median", days=value, low=low, high=high)


def how_many(reader: Reader, found: Survival) -> str:
    key = "picture.n_customers" if found.kind == "purchase" else "retention.survival.n_contracts"
    return reader.say(key, count=found.whole.count)


def _definition(reader: Reader, found: Survival, won_from: dt.date | None) -> Definition:
    text = reader.say(f"retention.survival.{WORDS[found.kind]}definition")
    if found.groups:
        text = reader.say("retention.survival.definition.groups", definition=text)
    mean = reader.say("retention.survival.definition.mean")
    return definition(reader, text, mean, phrases.marks(reader), *phrases.of_new(reader, won_from))


def _table(reader: Reader, found: Survival) -> Table:
    curve = found.whole.curve.set_index("day")
    low, high = reader.say("column.low"), reader.say("column.high")
    rows = pd.DataFrame(
        [
            {
                "day": day,
                "at_risk": many,
                **curve.loc[_drawn_day(curve, day)].to_dict(),
                **ends("mean", mean),
            }
            for day, many, mean in zip(found.days, found.whole.at_risk, found.whole.means, strict=True)
        ]
    )
    return Table(
        rows,
        {
            "day": Column(reader.say("retention.column.days"), "count"),
            "at_risk": Column(reader.say("retention.column.at_risk"), "count"),
            "share": Column(reader.say(f"retention.column.{WORDS[found.kind]}waiting"), "share"),
            "low": Column(low, "share"),
            "high": Column(high, "share"),
            "mean": Column(reader.say("retention.column.mean_so_far"), "count"),
            "mean_low": Column(low, "count"),
            "mean_high": Column(high, "count"),
        },
    )


def _drawn_day(curve: pd.DataFrame, day: int) -> int:
    return int(curve.index[curve.index <= day][-1])


def _groups_table(reader: Reader, found: Survival, names: list[str]) -> Table:
    horizon = found.horizon
    low, high = reader.say("column.low"), reader.say("column.high")
    within = {}
    if horizon is not None:
        heading = reader.say("retention.column.within", days=days(reader, horizon))
        within = {
            "within": Column(heading, "share"),
            "within_low": Column(low, "share"),
            "within_high": Column(high, "share"),
        }
    count = "column.customers" if found.kind == "purchase" else "retention.column.contracts"
    return Table(
        _groups(reader, found, names),
        {
            "group": Column(reader.say("retention.column.group")),
            "count": Column(reader.say(count), "count"),
            "ended": Column(reader.say(f"retention.column.{WORDS[found.kind]}ended"), "count"),
            "median": Column(reader.say("retention.column.median"), "count"),
            "median_low": Column(low, "count"),
            "median_high": Column(high, "count"),
            **within,
            "mean": Column(
                reader.say("retention.column.mean_within", days=days(reader, found.mean_days)), "count"
            ),
            "mean_low": Column(low, "count"),
            "mean_high": Column(high, "count"),
            "differs": Column(reader.say("retention.column.differs")),
        },
    )


def _groups(reader: Reader, found: Survival, names: list[str]) -> pd.DataFrame:
    """All together and then each group, with the names of those that it differs from."""
    horizon = found.horizon
    pairs = () if found.unlike is None else found.unlike.pairs
    differs = [
        [other for pair in pairs if at in pair for other in pair if other != at] for at in range(len(names))
    ]
    return pd.DataFrame(
        [
            {
                "group": called,
                "count": one.count,
                "ended": one.ended,
                **ends("median", one.median),
                **ends("within", None if horizon is None else one.within.get(horizon)),
                **ends("mean", one.mean),
                "differs": ", ".join(names[other] for other in others),
            }
            for one, called, others in zip(
                (found.whole, *found.groups),
                (reader.say("retention.mean.all"), *names),
                ([], *differs),
                strict=True,
            )
        ]
    )
