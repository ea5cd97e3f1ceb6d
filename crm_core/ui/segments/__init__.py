"""The segments' answer as it is shown: four pictures and what to do, in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from crm_core.base import Sentence
from crm_core.customers.charts import Look
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.segments.answers import Segments, segments
from crm_core.segments.rules import STRATEGIES
from crm_core.ui.plot import kept, look_of
from crm_core.ui.report import Picture, ShownChange, ShownFigure, ShownHighlight, Undrawn, Way
from crm_core.ui.segments.moved import moves_picture
from crm_core.ui.segments.named import shares_picture
from crm_core.ui.segments.phrases import capital
from crm_core.ui.segments.scored import curve_picture, grid_picture
from crm_core.ui.shell import Reader


@dataclass(frozen=True)
class View:
    """All that the page shows."""

    headline: Sentence
    context: Sentence
    few: bool
    strategies: tuple[ShownFigure, ...]
    shares: Picture
    grid: Picture
    curve: Picture
    moves: Picture | Undrawn
    what_to_do: tuple[ShownHighlight, ...]


def view(reader: Reader) -> View | None:
    """What the page shows to a reader; None when there is no customer."""
    return kept(reader, lambda: _view(reader))


def _view(reader: Reader) -> View | None:
    found = segments(reader.ask, as_of=reader.as_of)
    if found is None:
        return None
    look = look_of(reader)
    return View(
        headline=found.headline,
        context=found.context,
        few=found.few,
        strategies=strategy_figures(reader, found, look),
        shares=shares_picture(reader, found, look),
        grid=grid_picture(reader, found, look),
        curve=curve_picture(reader, found, look),
        moves=moves_picture(reader, found, look) or _nobody_moved(reader, found),
        what_to_do=what_to_do(reader, found, look),
    )


def _nobody_moved(reader: Reader, found: Segments) -> Undrawn:
    why = reader.say("segments.moves.too_few", least=ENOUGH_CUSTOMERS)
    if found.since is not None:
        why = reader.say("segments.moves.nobody", date=found.since)
    return Undrawn(reader.say("segments.moves.title.undrawn"), why)


def strategy_figures(reader: Reader, found: Segments, look: Look) -> tuple[ShownFigure, ...]:
    """For each strategy how many customers it is for, and how that changed over the year."""
    shown = []
    for strategy in STRATEGIES:
        those = [one for one in found.segments if one.strategy == strategy]
        now, share = sum(one.customers for one in those), sum(one.revenue_share for one in those)
        label = reader.say(
            "segments.strategy_label",
            strategy=capital(reader.say(f"strategy.{strategy}")),
            share=look.percent(share),
        )
        before = None if found.since is None else sum(one.customers_before or 0 for one in those)
        changes = () if not before else (_change(reader, now / before - 1),)
        shown.append(ShownFigure(label, reader.language.number(now), reader.language.number(now), changes))
    return tuple(shown)


def _change(reader: Reader, change: float) -> ShownChange:
    """How a number of customers changed; more of them is neither good nor bad news by itself."""
    way: Literal["up", "down", "level"] = "up" if change > 0 else "down" if change < 0 else "level"
    return ShownChange(reader.language.change(change), reader.say("overview.against.year_earlier"), way, None)


def what_to_do(reader: Reader, found: Segments, look: Look) -> tuple[ShownHighlight, ...]:
    """For each strategy the segment with most revenue, what to do with it, and a way to its customers."""
    shown = []
    for strategy in STRATEGIES:
        those = [one for one in found.segments if one.strategy == strategy and one.customers]
        if not those:
            continue
        one = max(those, key=lambda each: each.revenue)
        shown.append(
            ShownHighlight(
                label=reader.say(f"segment.{one.name}"),
                headline=reader.say(
                    "segments.act", count=one.customers, share=look.percent(one.revenue_share)
                ),
                text=reader.say(f"segment.{one.name}.strategy"),
                way=Way(reader.say("customer.see"), "customer", {"segment": one.name}),
            )
        )
    return tuple(shown)
