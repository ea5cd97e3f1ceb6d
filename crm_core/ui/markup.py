"""Small pieces of HTML; whatever comes in as text is escaped."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from crm_core.ui.shown import ShownChange, ShownFigure

_ARROWS: Final = {"up": "▲", "down": "▼", "level": "–"}
_TREND_WIDTH: Final = 150
_TREND_HEIGHT: Final = 30


_LEFT_TO_RIGHT: Final = re.compile("\u2066([^\u2066-\u2069]*)\u2069")
_FIRST_STRONG: Final = re.compile("\u2068([^\u2066-\u2069]*)\u2069")


def text(words: str) -> str:
    """Words as markup, escaped; what keeps its own direction is an element of its own.

    No line begins with the dot between two things. The style sheet draws such an element as it is: in Persian
    the page's font has Persian shapes for ASCII digits, in which an id could not be read back.
    """
    inner = _LEFT_TO_RIGHT.sub(r'<bdi dir="ltr">\1</bdi>', escape(words).replace(" · ", "\u00a0· "))
    return _FIRST_STRONG.sub(r"<bdi>\1</bdi>", inner)


def plain(words: str) -> str:
    """Words for a label that is read as Markdown: every sign stands for itself."""
    return "".join(f"\\{sign}" if sign in string.punctuation else sign for sign in " ".join(words.split()))


def tag(name: str, words: str, kind: str = "") -> str:
    """An element that holds words."""
    classes = f' class="{kind}"' if kind else ""
    return f"<{name}{classes}>{text(words)}</{name}>"


def way(label: str, address: str) -> str:
    """A link that leads on to another view."""
    return f'<a class="mo-way" href="{escape(address)}">{escape(label)}</a>'


def link(label: str, address: str, title: str = "") -> str:
    """A link within a line; `title` is shown on hover."""
    told = f' title="{escape(title)}"' if title else ""
    return f'<a href="{escape(address)}"{told}>{escape(label)}</a>'


def named(label: str, title: str) -> str:
    """A name within a line that leads nowhere; `title` is shown on hover."""
    return f'<b class="mo-name" title="{escape(title)}">{escape(label)}</b>'


def more(words: str) -> str:
    """What asks, on a narrow screen, for what stands folded there."""
    return f'<details class="mo-more"><summary>{escape(words)}</summary></details>'


def note(words: str, kind: str) -> str:
    """A sentence set apart from the rest."""
    return f'<p class="mo-note {kind}" role="status">{text(words)}</p>'


def uploader(words: str) -> str:
    """What the buttons that take a file say: Streamlit's speak English, and the style sheet says these."""
    told = json.dumps(words, ensure_ascii=False)
    return f"<style>:root {{ --mo-choose: {told}; }}</style>"


def facts(pairs: Mapping[str, str]) -> str:
    """Names and what stands for them."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{text(value)}</dd>" for name, value in pairs.items())
    return f'<dl class="mo-facts">{rows}</dl>'


def figure(shown: ShownFigure, *, rtl: bool) -> str:
    """A figure with its changes and its small line."""
    notes = "".join(tag("p", one, "mo-change") for one in shown.notes)
    changes = "".join(_change(one) for one in shown.changes)
    line = trend(shown.trend, shown.trend_label, rtl=rtl) if len(shown.trend) > 1 else ""
    value = f'<p class="mo-value" title="{escape(shown.full)}">{escape(shown.value)}</p>'
    return f"<section>{tag('h2', shown.label, 'mo-label')}{value}{notes}{changes}{line}</section>"


def _change(change: ShownChange) -> str:
    mood = "" if change.good is None else " mo-good" if change.good else " mo-bad"
    amount = f'<span class="mo-amount{mood}"><i aria-hidden="true">{_ARROWS[change.direction]}</i> '
    return f'<p class="mo-change">{amount}{escape(change.amount)}</span> {escape(change.against)}</p>'


def trend(values: Sequence[float], label: str, *, rtl: bool) -> str:
    """A small line of a course, its last point marked; time runs as the language does.

    The line is a mask: Streamlit lets no drawing into its HTML, and a mask takes the colours of the theme.
    """
    low, high = min(values), max(values)
    points = []
    for index, value in enumerate(values):
        along = index / (len(values) - 1)
        across = 1 - along if rtl else along
        down = 1 - (value - low) / (high - low) if high > low else 0.5
        points.append((4 + (_TREND_WIDTH - 8) * across, 4 + (_TREND_HEIGHT - 8) * down))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    line = quote(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_TREND_WIDTH} {_TREND_HEIGHT}"'
        f' preserveAspectRatio="none"><polyline points="{path}" fill="none" stroke="#000" stroke-width="1.4"'
        ' stroke-linejoin="round"/></svg>'
    )
    x, y = points[-1]
    place = f"left: {100 * x / _TREND_WIDTH:.1f}%; top: {100 * y / _TREND_HEIGHT:.1f}%"
    return (
        f'<span class="mo-trend" role="img" aria-label="{escape(label)}">'
        f'<i style="mask-image: url(\'data:image/svg+xml,{line}\')"></i><b style="{place}"></b></span>'
    )
