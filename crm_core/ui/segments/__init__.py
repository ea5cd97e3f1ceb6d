"""The segments' answer as it is shown: four pictures and what to do, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crm_core.base import Sentence
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.looks import Look
from crm_core.segments.answers import Segment, Segments, segments
from crm_core.segments.rules import STRATEGIES, Strategy
from crm_core.ui.plot import kept, look_of
from crm_core.ui.report import Picture, ShownChange, ShownFigure, ShownHighlight, Undrawn, Way
from crm_core.ui.segments.moved import moves_picture
from crm_core.ui.segments.named import foremost, shares_picture, way_of
from crm_core.ui.segments.phrases import capital, since
from crm_core.ui.segments.scored import curve_picture, grid_picture
from crm_core.ui.shell import Reader

_WELCOME: Final = {"invest": "up", "win_back": "down", "let_go": "down"}
"""Where the share of a strategy's customers should go; of those to be held neither way is better."""


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
    """For each strategy how many customers it is for, and how their share of all changed over the year."""
    shown = []
    for strategy in STRATEGIES:
        those = [one for one in found.segments if one.strategy == strategy]
        now, share = sum(one.customers for one in those), sum(one.revenue_share for one in those)
        label = reader.say(
            "segments.strategy_label",
            strategy=capital(reader.say(f"strategy.{strategy}")),
            share=look.percent(share),
        )
        count = reader.language.number(now)
        shown.append(ShownFigure(label, count, count, _changes(reader, found, strategy, those, look)))
    return tuple(shown)


def _changes(
    reader: Reader, found: Segments, strategy: Strategy, those: Sequence[Segment], look: Look
) -> tuple[ShownChange, ...]:
    """How the share of the customers changed that a strategy is for."""
    earlier = [one.customer_share_before for one in those if one.customer_share_before is not None]
    if not earlier or found.since is None:
        return ()
    share = sum(one.customer_share for one in those)
    change = share - sum(earlier)
    against = reader.say("segments.share_changed", share=look.percent(share), date=since(reader, found))
    way = way_of(change)
    welcome = _WELCOME.get(strategy)
    good = None if welcome is None or way == "level" else way == welcome
    return (ShownChange(reader.language.points(change), against, way, good),)


def what_to_do(reader: Reader, found: Segments, look: Look) -> tuple[ShownHighlight, ...]:
    """For each strategy the segment with most revenue, what to do with it, and a way to its customers."""
    shown = []
    for strategy in STRATEGIES:
        those = [one for one in found.segments if one.strategy == strategy and one.customers]
        if not those:
            continue
        one = foremost(those)
        shown.append(
            ShownHighlight(
                label=reader.say(f"segment.{one.name}"),
                headline=reader.say(
                    "segments.act", count=one.customers, share=look.percent(one.revenue_share)
                ),
                text=reader.say(f"segment.{one.name}.strategy"),
                way=Way(
                    reader.say("customer.of_segment", segment=one.name), "customer", {"segment": one.name}
                ),
                further=reader.say("segments.also"),
                also=tuple(
                    Way(reader.say(f"segment.{each.name}"), "customer", {"segment": each.name})
                    for each in those
                    if each is not one
                ),
            )
        )
    return tuple(shown)
