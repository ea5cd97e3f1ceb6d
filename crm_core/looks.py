"""What all pictures share: how they look to one reader, and the paper that every room draws on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

if TYPE_CHECKING:
    import pandas as pd

MARK_TEXT: Final = 13
"""Pixels of the text at a mark."""
AXIS_TEXT: Final = 12
"""Pixels of the text at an axis; nothing is smaller."""
FEW_CUSTOMERS: Final = 5
"""A group of fewer customers than this is hatched: what it shows may be chance."""

_READABLE: Final = 4.5
_STEPS: Final = 100


@dataclass(frozen=True)
class Palette:
    """Colours of one ground, light or dark, each as `#rrggbb`.

    Args:
        ground: What everything is drawn on.
        ink: Text and the mark that matters most.
        muted: Text that steps back.
        rule: Grid lines.
        grey: Marks that are there to compare with.
        accent: What comes or grows.
        accent_light: Its companion, never alone.
        warm: What goes down or away.
        warm_light: Its companion, never alone.
        series: For names without an order, most important first.
        amounts: One hue from little to much.
    """

    ground: str
    ink: str
    muted: str
    rule: str
    grey: str
    accent: str
    accent_light: str
    warm: str
    warm_light: str
    series: tuple[str, ...]
    amounts: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """How pictures look to one reader.

    Args:
        colours: Those of the reader's ground.
        font: Font families, the first one that is there.
        rtl: Whether lines and time run from right to left.
        number: Writes a number in full.
        compact: Writes a number in short form.
        percent: Writes a share of 1.
        money: Writes an amount of the base's currency in full.
        money_compact: Writes it in short form.
    """

    colours: Palette
    font: str
    rtl: bool
    number: Callable[[float], str]
    compact: Callable[[float], str]
    percent: Callable[[float], str]
    money: Callable[[float], str]
    money_compact: Callable[[float], str]

    @property
    def start(self) -> str:
        """The side where lines begin."""
        return "right" if self.rtl else "left"

    @property
    def end(self) -> str:
        """The side where lines end."""
        return "left" if self.rtl else "right"

    def line(self, text: str) -> str:
        """A line of text as one run in the reader's direction; Plotly itself writes from left to right."""
        return f"\u2067{text}\u2069" if self.rtl and text else text

    def across(self, low: float, high: float) -> list[float]:
        """The range of a horizontal axis that runs in the reader's direction."""
        return [high, low] if self.rtl else [low, high]


def paper(
    look: Look, height: int, *, start: int = 8, end: int = 8, top: int = 8, bottom: int = 8
) -> go.Figure:
    """An empty picture: no axes, no legend, transparent, in the reader's font.

    Args:
        look: How it looks.
        height: Pixels.
        start: Margin on the side where lines begin, pixels.
        end: Margin on the other side.
        top: Margin above.
        bottom: Margin below.
    """
    quiet = {
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "fixedrange": True,
        "automargin": False,
        "tickfont": {"size": AXIS_TEXT, "color": look.colours.muted},
    }
    sides = {"l": end, "r": start} if look.rtl else {"l": start, "r": end}
    return go.Figure(
        layout={
            "height": height,
            "margin": {**sides, "t": top, "b": bottom, "pad": 0},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": look.font, "size": MARK_TEXT, "color": look.colours.ink},
            "showlegend": False,
            "dragmode": False,
            "hovermode": "closest",
            "hoverlabel": {
                "bgcolor": look.colours.ground,
                "bordercolor": look.colours.muted,
                "font": {"family": look.font, "size": MARK_TEXT, "color": look.colours.ink},
                "align": look.start,
                "namelength": 0,
            },
            "colorway": list(look.colours.series),
            "xaxis": quiet,
            "yaxis": {**quiet, "side": look.start},
            "uniformtext": {"mode": "show", "minsize": AXIS_TEXT},
        }
    )


def steps(low: float, high: float, lines: int = 4, *, whole: bool = False) -> list[float]:
    """Round numbers between a low and a high one, as many as there may be grid lines.

    Args:
        low: The lowest value shown.
        high: The highest value shown.
        lines: How many at the most, low and high counted.
        whole: Whether what is counted has no fractions.
    """
    if not high > low:
        return [low]
    rough = (high - low) / max(lines - 1, 1)
    power = 10.0 ** floor(log10(rough))
    for factor in (1, 2, 2.5, 5, 10, 20, 25):
        step = factor * power
        if whole and step % 1:
            continue
        first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
        if last - first + 1 <= lines:
            return [round(index * step, 12) for index in range(first, last + 1)]
    return [low, high]


def grid_line(look: Look, **where: float) -> dict[str, object]:
    """A thin rule across the picture at one `x` or `y`, below the marks."""
    ((axis, at),) = where.items()
    other = "y" if axis == "x" else "x"
    return {
        "type": "line",
        "layer": "below",
        f"{axis}0": at,
        f"{axis}1": at,
        f"{other}ref": "paper",
        f"{other}0": 0,
        f"{other}1": 1,
        "line": {"color": look.colours.rule, "width": 1},
    }


def zero_line(look: Look) -> dict[str, object]:
    """The line from which bars go up and down."""
    return {**grid_line(look, y=0), "layer": "above", "line": {"color": look.colours.ink, "width": 1}}


def months_axis(figure: go.Figure, months: pd.DataFrame, look: Look) -> None:
    """Months as their `label` (empty for none) and `year` say, in the direction in which time runs."""
    named = [place for place, text in enumerate(months["label"]) if text]
    figure.update_xaxes(
        range=look.across(-0.6, len(months) - 0.4),
        tickvals=named,
        ticktext=[f"{months['label'].iloc[place]}<br>{months['year'].iloc[place]}" for place in named],
    )


def bars_of_months(colour: str, whole: pd.Series[bool], look: Look) -> dict[str, object]:
    """How bars of a colour look, hatched where they are not of a whole month."""
    return {
        "color": colour,
        "line": {"width": 1, "color": look.colours.ground},
        "pattern": {
            "shape": ["" if one else "/" for one in whole],
            "fillmode": "replace",
            "fgcolor": colour,
            "bgcolor": "rgba(0,0,0,0)",
            "size": 5,
            "solidity": 0.45,
        },
    }


def whiskers(look: Look, rows: pd.DataFrame, width: int = 4, colour: str | None = None) -> dict[str, object]:
    """Whiskers over the intervals of `share`, `low`, `high`; none where an interval is not known.

    Args:
        look: How it looks.
        rows: The marks in order.
        width: Of their ends, in pixels.
        colour: Ink if none is said.
    """
    share, low, high = (rows[name].astype("float64") for name in ("share", "low", "high"))
    return {
        "type": "data",
        "symmetric": False,
        "array": (high - share).clip(lower=0).fillna(0.0).tolist(),
        "arrayminus": (share - low).clip(lower=0).fillna(0.0).tolist(),
        "color": colour or look.colours.ink,
        "thickness": 1.25,
        "width": width,
    }


def reach(rows: pd.DataFrame) -> pd.Series[float]:
    """As far as marks reach with their whiskers: `high`, and `share` where that is not known."""
    return rows["high"].astype("float64").fillna(rows["share"])


def band(
    places: Sequence[float], low: pd.Series[float], high: pd.Series[float], colour: str, share: float
) -> dict[str, object]:
    """A line's interval as a field of its colour, for `add_scatter`; `share` as in `faded`."""
    return {
        "x": [*places, *reversed(places)],
        "y": [*high, *reversed(low.tolist())],
        "fill": "toself",
        "fillcolor": faded(colour, share),
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
    }


def faded(colour: str, share: float) -> str:
    """A colour that is seen through, but for a share of it."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"


def benchmark_line(look: Look, **where: float) -> dict[str, object]:
    """A dashed line across the picture, above the marks, at one `x` or `y`: a share that somebody has set."""
    line = {"color": look.colours.warm, "width": 1.5, "dash": "dash"}
    return {**grid_line(look, **where), "line": line, "layer": "above"}


def label(
    look: Look, text: str, size: int = MARK_TEXT, yshift: float = 0, **where: object
) -> list[dict[str, object]]:
    """A text at a place: an annotation for each line, since Plotly misplaces several from right to left.

    Args:
        look: How it looks.
        text: The text; `<br>` ends a line.
        size: Pixels.
        yshift: Pixels upward from the place.
        **where: Place and anchors as Plotly's annotations take them, and what else they should be.
    """
    lines = text.split("<br>")
    height = round(1.25 * size)
    anchor = where.get("yanchor", "middle")
    above = {"top": 0.0, "bottom": len(lines) - 1.0}.get(str(anchor), (len(lines) - 1) / 2)
    return [
        {
            "text": look.line(line),
            "yshift": yshift + round((above - number) * height),
            "showarrow": False,
            "captureevents": False,
            "font": {"size": size, "color": look.colours.ink},
            **where,
        }
        for number, line in enumerate(lines)
    ]


def row_labels(
    look: Look, labels: Sequence[str], places: Sequence[float], margin: int, size: int = MARK_TEXT
) -> list[dict[str, object]]:
    """Names of rows, each where lines begin, in the margin that was left for them (pixels)."""
    where: dict[str, Any] = {
        "x": 1 if look.rtl else 0,
        "xref": "paper",
        "xanchor": look.start,
        "xshift": margin if look.rtl else -margin,
    }
    return [
        one
        for text, place in zip(labels, places, strict=True)
        for one in label(look, text, size, y=place, yanchor="middle", **where)
    ]


def on_hover(look: Look, texts: Iterable[str]) -> dict[str, object]:
    """What is told of each mark of a trace, and nothing else of it."""
    return {"hovertext": [look.line(text) for text in texts], "hovertemplate": "%{hovertext}<extra></extra>"}


def linked(text: str, address: str, style: str) -> str:
    """A text that leads to an address, line by line; `style` as in a style sheet."""
    return "<br>".join(
        f'<a href="{address}" target="_self" style="{style}">{line}</a>' for line in text.split("<br>")
    )


def square(colour: str) -> str:
    """A small square of a colour, to stand before what is drawn in it."""
    return f'<span style="color:{colour}">■</span>'


def text_on(fill: str, look: Look) -> str:
    """The colour of text that can be read on a fill: the ink or the ground, or else black or white."""
    best = max((look.colours.ink, look.colours.ground), key=lambda colour: contrast(colour, fill))
    if contrast(best, fill) >= _READABLE:
        return best
    return max(("#000000", "#ffffff"), key=lambda colour: contrast(colour, fill))


def contrast(first: str, second: str) -> float:
    """How well two colours are told apart, 1 to 21 (WCAG 2 contrast ratio)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def shade(share: float, ramp: Sequence[str]) -> str:
    """The colour of an amount, 0 to 1, on a ramp of one hue."""
    place = min(max(share, 0.0), 1.0) * (len(ramp) - 1)
    at = min(int(place), len(ramp) - 2)
    part = place - at
    low, high = ramp[at], ramp[at + 1]
    mixed = (round(int(low[k : k + 2], 16) * (1 - part) + int(high[k : k + 2], 16) * part) for k in (1, 3, 5))
    return "#" + "".join(f"{each:02x}" for each in mixed)


@lru_cache(maxsize=32)
def shades(look: Look) -> tuple[str, ...]:
    """The colours of amounts from little to much, none left out: a jump would look like an event.

    `text_on` writes on each of them so that it can be read.
    """
    return tuple(shade(step / _STEPS, look.colours.amounts) for step in range(_STEPS + 1))
