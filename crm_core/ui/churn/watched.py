"""Who is newly at risk, and in which groups the risk rises, as it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from crm_core.base import Money
from crm_core.churn.answers import Asked, Watched, changes_told, together, watched
from crm_core.churn.rules import LEAST_WARNED, SURELY
from crm_core.ui import report, state
from crm_core.ui.ahead import USUAL_GROUP
from crm_core.ui.contact import channels_column, with_ways
from crm_core.ui.frame import Choice
from crm_core.ui.groups import group_name, groupings
from crm_core.ui.plot import kept
from crm_core.ui.report import Column, Table, Twin, Way
from crm_core.ui.shell import Reader
from crm_core.workspace.catalogue import GROUPINGS

FIRST: Final = 10
_FIRST_ON_A_TELEPHONE: Final = 3
_MOST_NAMED: Final = 3
"""Groups that a sentence names."""


@dataclass(frozen=True)
class ShownWatched:
    """All that is shown of who is newly at risk.

    Args:
        told: How many they are, and what would go with them.
        first: Those with whom most would go; None where there is nobody.
        all: All of them; None likewise.
        warning: In which groups the risk rises.
        warned: Whether there is any.
        groups: All groups.
        definition: How the groups are compared.
        offered: By what customers may be parted.
    """

    told: str
    first: Table | None
    all: Twin | None
    warning: str
    warned: bool
    groups: Table
    definition: report.Definition
    offered: Mapping[str, tuple[Choice, ...]]


def shown(reader: Reader, asked: Asked) -> ShownWatched:
    """Who is newly at risk, in the reader's words."""
    by = parted_by(reader)
    return kept(reader, lambda: _shown(reader, asked, by), "watched", asked.horizon_days, asked.churn, by)


def parted_by(reader: Reader) -> str:
    """By what customers are parted: what the address says, or else the usual."""
    return state.read("by", groupings(reader)) or USUAL_GROUP


def draw(reader: Reader, one: ShownWatched, leads_to: Callable[[Mapping[str, object]], Way]) -> None:
    """The section on who is newly at risk, and the early warnings.

    Args:
        reader: Who reads.
        one: What is shown.
        leads_to: To a row's customer.
    """
    report.section(reader.say("churn.watch.title"))
    report.text(one.told)
    if one.first is not None:
        report.table(reader, one.first, leads_to=leads_to, first=_FIRST_ON_A_TELEPHONE)
        report.note(reader.say("churn.step.why"))
    if one.all is not None:
        report.twin(reader, one.all)
    report.section(reader.say("churn.warning.title"))
    report.offers(reader, one.offered)
    report.text(one.warning)
    if one.warned:
        report.table(reader, one.groups, name="churn-warnings", first=_FIRST_ON_A_TELEPHONE)
    else:
        with report.shut("warnings", reader.say("churn.warning.show")):
            report.table(reader, one.groups, name="churn-warnings")
    report.how_counted(reader, "churn-warnings-rule", one.definition)


def _shown(reader: Reader, asked: Asked, grouping: str) -> ShownWatched:
    found = watched(reader.ask, as_of=reader.as_of, asked=asked, group=GROUPINGS[grouping])
    count, days = len(found.newly), found.days_before
    told = reader.say("churn.watch.nobody", days=days)
    if count:
        amount = Money(found.margin, found.currency)
        told = reader.say("churn.watch.told", count=count, days=days, amount=amount)
    rule = reader.say(
        "churn.watch.definition",
        days=days,
        horizon=asked.horizon_days,
        threshold=reader.language.percent(found.threshold),
    )
    listed = _listed(reader, found, asked)
    return ShownWatched(
        told=told,
        first=Table(listed.rows.head(FIRST), listed.columns, listed.currency) if count else None,
        all=Twin(
            "churn-watch",
            reader.say("churn.watch.all"),
            reader.say("picture.n_customers", count=count),
            report.definition(reader, rule),
            listed,
        )
        if count
        else None,
        warning=f"{_warning(reader, found, grouping)} {_compared(reader, found)}".strip(),
        warned=not found.warned.empty,
        groups=_groups(reader, found, grouping),
        definition=report.definition(
            reader,
            reader.say(
                "churn.warning.definition",
                days=days,
                least=LEAST_WARNED,
                surely=reader.language.percent(SURELY),
            ),
        ),
        offered=_offered(reader, grouping),
    )


def _listed(reader: Reader, found: Watched, asked: Asked) -> Table:
    rows = found.newly
    told = [
        together(changes_told(_named(row), found.currency, found.days_before))
        for row in rows.to_dict("records")
    ]
    brought = "contract"
    if asked.churn == "purchases":
        brought = "margin" if rows["by_margin"].any() else "revenue"
    owner = {"owner": Column(reader.say("column.owner"), "id")} if rows["owner"].notna().any() else {}
    return Table(
        with_ways(reader, rows).assign(
            reasons=["" if one is None else reader.tell(one) for one in told],
            step=[reader.say(f"churn.step.{one}") for one in rows["next_step"]],
            owner=rows["owner"].fillna(""),
        ),
        {
            "customer_id": Column(reader.say("column.customer_id"), "id"),
            "churn_probability_before": Column(reader.say("column.churn_probability_before"), "share"),
            "churn_probability": Column(reader.say("churn.watch.now"), "share"),
            "reasons": Column(reader.say("churn.watch.changed")),
            "margin": Column(reader.say(f"churn.column.margin.{brought}"), "money"),
            **owner,
            "step": Column(reader.say("column.next_step")),
            **channels_column(reader, rows),
        },
        found.currency,
    )


def _named(row: Mapping[object, object]) -> dict[str, object]:
    return {str(name): value for name, value in row.items()}


def _warning(reader: Reader, found: Watched, grouping: str) -> str:
    rows, days = found.warned, found.days_before
    if rows.empty:
        return reader.say("churn.warning.none", days=days)
    names = [group_name(reader.language, grouping, one) for one in rows["group"]]
    named, *others = names[:_MOST_NAMED]
    for other in others:
        named = reader.say("churn.warning.and", first=named, then=other)
    return reader.say("churn.warning.told", count=len(rows), groups=named, days=days)


def _compared(reader: Reader, found: Watched) -> str:
    """How many customers are compared with themselves; empty where nobody is."""
    count = int(found.warnings["customers"].sum())
    return reader.say("churn.warning.of", count=count, days=found.days_before) if count else ""


def _groups(reader: Reader, found: Watched, grouping: str) -> Table:
    rows = found.warnings
    rise = rows["mean_now"] - rows["mean_before"]
    said = [
        reader.say(_said(float(chance), warned=bool(warned)))
        for chance, warned in zip(rows["p_value"], rows["warned"], strict=True)
    ]
    return Table(
        rows.assign(
            name=[group_name(reader.language, grouping, one) for one in rows["group"]],
            rise=rise,
            said=pd.Series(said, index=rows.index, dtype="str"),
        ),
        {
            "name": Column(reader.say(f"grouping.{grouping}")),
            "customers": Column(reader.say("column.customers"), "count"),
            "mean_before": Column(reader.say("column.mean_before"), "share"),
            "mean_now": Column(reader.say("column.mean_now"), "share"),
            "rise": Column(reader.say("churn.warning.rise"), "points"),
            "usual_rise": Column(reader.say("column.usual_rise"), "points"),
            "said": Column(reader.say("column.warned")),
        },
    )


def _said(chance: float, *, warned: bool) -> str:
    if chance != chance:
        return "churn.warning.too_few"
    return "churn.warning.more" if warned else "churn.warning.usual"


def _offered(reader: Reader, grouping: str) -> Mapping[str, tuple[Choice, ...]]:
    choices = [
        Choice(reader.say(f"grouping.{name}"), "by", None if name == USUAL_GROUP else name, name == grouping)
        for name in groupings(reader)
    ]
    return {reader.say("churn.warning.by"): tuple(choices)}
