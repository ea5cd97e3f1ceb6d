"""What is worked out before anything can be shown of who leaves, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crm_core.churn.answers import Asked
from crm_core.churn.estimates import (
    churn_backtest,
    churn_calibration,
    churn_drift,
    churn_drivers,
    churn_warnings,
    churn_watch_list,
    risks_tried,
    trained_churn,
)
from crm_core.churn.estimates.effects import offer_effect
from crm_core.churn.estimates.risks import customer_risks
from crm_core.churn.estimates.stakes import customer_stakes
from crm_core.tables import Estimate
from crm_core.ui import work
from crm_core.ui.churn import watched
from crm_core.ui.plot import kept_for_all
from crm_core.ui.shell import Reader
from crm_core.ui.work import Step
from crm_core.workspace.catalogue import GROUPINGS

_Part = tuple[str, tuple[Estimate, ...], Mapping[str, object]]
"""What is being done, what is asked for it, and options of that alone."""


@dataclass
class _Known:
    """Whether something has been worked out: what is kept of it need not be looked for at every move."""

    known: bool = False


def done_for_all(reader: Reader, asked: Asked) -> bool:
    """Work out what the page on who leaves shows for any offer; whether it was done."""
    by = watched.parted_by(reader)
    more: tuple[_Part, ...] = (
        ("comparing", (churn_warnings,), {"group": GROUPINGS[by]}),
        ("counting", (churn_drivers, churn_calibration, risks_tried), {}),
    )
    return _done(reader, asked, (*_OF_ANYBODY, *more), by, title=reader.say("churn.one.page"))


def done_for_one(reader: Reader, asked: Asked) -> bool:
    """Work out what is to be known of all customers before anything is said of one; whether it was done."""
    return _done(reader, asked, _OF_ANYBODY, "")


_OF_ANYBODY: Final[tuple[_Part, ...]] = (
    ("learning", (trained_churn,), {}),
    ("scoring", (customer_risks, customer_stakes, offer_effect), {}),
    ("trying", (churn_backtest, churn_drift), {}),
    ("watching", (churn_watch_list,), {}),
)


def _done(reader: Reader, asked: Asked, parts: Sequence[_Part], by: str, *, title: str = "") -> bool:
    so_far = kept_for_all(reader, _Known, "learning", asked.horizon_days, asked.churn, by)
    note, stopped = reader.say("churn.work.first_time"), reader.say("churn.work.stopped")
    steps = [_step(reader, asked, *one) for one in parts]
    so_far.known = so_far.known or work.done(reader, steps, note=note, stopped=stopped, title=title)
    return so_far.known


def _step(
    reader: Reader, asked: Asked, name: str, builds: Sequence[Estimate], more: Mapping[str, object]
) -> Step:
    ask, as_of, options = reader.ask, reader.as_of, {**asked.options, **more}
    words = reader.say(f"churn.work.{name}")
    return Step(words, lambda: [ask(one, as_of=as_of, **options) for one in builds])
