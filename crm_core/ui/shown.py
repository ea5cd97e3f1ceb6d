"""What stands on a page as values, in the reader's words: figures, pictures, what stands out, ways on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from crm_core.ui.state import Value
from crm_core.ui.tables import Table

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class ShownChange:
    """A change beside a figure: how much, against what, where to, and whether that is good news.

    `good` is None where it is neither (unchanged, or nothing to compare with).
    """

    amount: str
    against: str
    direction: Literal["up", "down", "level"]
    good: bool | None


@dataclass(frozen=True)
class ShownFigure:
    """A figure: its name, its value in short and in full, its changes, and its course, oldest value first.

    `trend_label` says in words what the small line shows; a figure without `trend` has no line. `notes` stand
    below the value: its range, or what it is a part of.
    """

    label: str
    value: str
    full: str
    changes: tuple[ShownChange, ...] = ()
    trend: tuple[float, ...] = ()
    trend_label: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definition:
    """How a number is counted, where from, and over which days; all in the reader's words."""

    text: str
    source: str
    period: str


@dataclass(frozen=True)
class Picture:
    """A picture and its table twin.

    Args:
        name: A name that stays the same in every language, unique on the page.
        title: What it shows.
        subtitle: Unit, and where the axis begins if not at zero.
        figure: The Plotly figure; None where there is none.
        n: How many it speaks of, in words.
        definition: How it is counted.
        table: The numbers behind it.
        on_click: Told the Plotly point that was clicked, in a callback; it may call `reader.go`.
        drawing: A picture as markup, where there is no figure.
        ways: Where its marks lead, in words.
        leads_to: Where a row of the table leads, if anywhere; of the way only page and state matter.
    """

    name: str
    title: str
    subtitle: str
    figure: go.Figure | None
    n: str
    definition: Definition
    table: Table
    on_click: Callable[[dict[str, object]], None] | None = None
    drawing: str = ""
    ways: Sequence[Way] = ()
    leads_to: Callable[[Mapping[str, object]], Way | None] | None = None


@dataclass(frozen=True)
class Undrawn:
    """A picture that the base cannot carry: its title, and what it takes in one sentence."""

    title: str
    why: str


@dataclass(frozen=True)
class Twin:
    """Numbers that stand in a table one click away, with how they are counted.

    Args:
        name: A name that stays the same in every language, unique on the page.
        title: What opens the table.
        n: How many it speaks of, in words; empty where what stands above it says so already.
        definition: How it is counted.
        table: The numbers.
    """

    name: str
    title: str
    n: str
    definition: Definition
    table: Table


@dataclass(frozen=True)
class Way:
    """A way on: its words, the page, and what its address says besides language and filters."""

    label: str
    page: str
    state: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class ShownHighlight:
    """Something that stands out or is to be done: the figure that carries it, a sentence, a way, its name.

    `also` are ways to what the same holds for, after the word `further`.
    """

    headline: str
    text: str
    way: Way | None = None
    label: str = ""
    further: str = ""
    also: Sequence[Way] = ()
