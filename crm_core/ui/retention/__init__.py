"""Who comes back, as it is shown: the cohorts, their mean, what to do, and how long it takes; in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from crm_core.base import Sentence
from crm_core.i18n import language
from crm_core.looks import Look
from crm_core.retention.answers import cohorts, comeback
from crm_core.ui.plot import kept, look_of
from crm_core.ui.report import Picture, ShownFigure, ShownHighlight, Undrawn
from crm_core.ui.retention.acting import what_to_do
from crm_core.ui.retention.ages import ages_picture
from crm_core.ui.retention.channels import channels_picture
from crm_core.ui.retention.choices import Chosen, splits
from crm_core.ui.retention.ladder import ladder_picture
from crm_core.ui.retention.mean import curve_picture, figures, of_whom
from crm_core.ui.retention.overdue import overdue_picture
from crm_core.ui.retention.staying import contract_money_picture, returns_picture
from crm_core.ui.retention.survival import survival_picture
from crm_core.ui.retention.triangle import matrix_picture
from crm_core.ui.shell import Reader


@dataclass(frozen=True)
class View:
    """What the page opens with.

    `won_from` is the day from which on first purchases are those of new customers; None where all are.
    """

    headline: Sentence
    context: Sentence
    few: bool
    won_from: dt.date | None
    figures: tuple[ShownFigure, ...]
    of_whom: str
    splits: tuple[str, ...]
    with_margin: bool
    cohorts: Picture | Undrawn
    curve: Picture | Undrawn
    what_to_do: tuple[ShownHighlight, ...]


@dataclass(frozen=True)
class Lasting:
    """What stands below it: how long it takes, and who is overdue."""

    curves: tuple[Picture | Undrawn, ...]
    ladder: Picture | Undrawn
    overdue: Picture | Undrawn
    channels: Picture | Undrawn
    returns: Picture | Undrawn
    contracts: tuple[Picture | Undrawn, ...]


def view(reader: Reader, chosen: Chosen) -> View | None:
    """What the page opens with for a reader; None when there is no customer."""
    return kept(reader, lambda: _view(reader, chosen), "view", *chosen.parts)


def lasting(reader: Reader, chosen: Chosen, won_from: dt.date | None) -> Lasting:
    """What stands below the cohorts, of customers who were won from a day on."""
    parted = chosen.parted
    return kept(
        reader, lambda: _lasting(reader, chosen, won_from), "lasting", parted.name, parted.circular, won_from
    )


def _view(reader: Reader, chosen: Chosen) -> View | None:
    found = cohorts(reader.ask, as_of=reader.as_of, shape=chosen.shape)
    if found is None:
        return None
    look = look_of(reader)
    said = comeback(reader.ask, as_of=reader.as_of, won_from=found.won_from, customers=found.customers)
    return View(
        headline=said.headline,
        context=said.context if said.share is None else _in_months(reader, said.context),
        few=found.few,
        won_from=found.won_from,
        figures=figures(reader, found, look),
        of_whom=of_whom(reader, found, chosen),
        splits=splits(reader),
        with_margin=found.with_margin,
        cohorts=matrix_picture(reader, found, chosen, look),
        curve=curve_picture(reader, found, chosen, look),
        what_to_do=_what_to_do(reader, chosen, look),
    )


def _in_months(reader: Reader, context: Sentence) -> Sentence:
    """The context and, where new customers depend on it, by whose months they are counted."""
    calendar = reader.language.calendar
    if calendar != "jalali" and calendar == language(reader.language.code).calendar:
        return context
    months = "jalali" if calendar == "jalali" else "gregorian"
    counted = Sentence(f"retention.context.months.{months}")
    return Sentence("retention.context.and", {"context": context, "counted": counted})


def _lasting(reader: Reader, chosen: Chosen, won_from: dt.date | None) -> Lasting:
    look = look_of(reader)
    return Lasting(
        curves=(
            survival_picture(reader, look, "purchase", won_from, chosen.parted),
            ages_picture(reader, look, "purchase", won_from),
        ),
        ladder=ladder_picture(reader, look, won_from, chosen.parted),
        overdue=overdue_picture(reader),
        channels=channels_picture(reader, look, won_from),
        returns=returns_picture(reader, look),
        contracts=_contracts(reader, look),
    )


def _what_to_do(reader: Reader, chosen: Chosen, look: Look) -> tuple[ShownHighlight, ...]:
    """Whom to win back: who has not bought since, whichever way the matrix counts."""
    shape = replace(chosen.shape, counting="on_or_after", brackets=())
    found = cohorts(reader.ask, as_of=reader.as_of, shape=shape)
    return () if found is None else what_to_do(reader, found, replace(chosen, shape=shape), look)


def _contracts(reader: Reader, look: Look) -> tuple[Picture | Undrawn, ...]:
    """Only where the base has contracts: nobody misses the pictures of what a company does not do."""
    if reader.workspace.tables.get("contracts") is None:
        return ()
    return (
        survival_picture(reader, look, "contract"),
        ages_picture(reader, look, "contract"),
        contract_money_picture(reader, look),
    )
