"""The overview's answer as it is shown: figures, two pictures and what stands out, in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.base import Sentence
from crm_core.overview.answers import overview
from crm_core.ui.overview.bridge import bridge_picture
from crm_core.ui.overview.figures import FIGURES, figure, other_figures
from crm_core.ui.overview.lifecycle import lifecycle_picture
from crm_core.ui.overview.standing_out import highlights, nothing, rule
from crm_core.ui.plot import kept, look_of
from crm_core.ui.report import Definition, Picture, ShownFigure, ShownHighlight, Twin, Undrawn
from crm_core.ui.shell import Reader

__all__ = ["View", "view"]


@dataclass(frozen=True)
class View:
    """All that the page shows.

    Args:
        headline: The answer in one sentence.
        context: What stands below it.
        figures: How the base is doing.
        other_figures: The others, beside those before.
        pictures: Side by side; none with too few customers.
        highlights: What stands out.
        rule: From where on something does.
        nothing: That nothing stands out; empty when something does.
        few: Whether there are too few customers to compare and to draw.
    """

    headline: Sentence
    context: Sentence
    figures: tuple[ShownFigure, ...]
    other_figures: Twin
    pictures: tuple[Picture | Undrawn, ...]
    highlights: tuple[ShownHighlight, ...]
    rule: Definition
    nothing: str
    few: bool


def view(reader: Reader) -> View | None:
    """What the page shows to a reader; None when nobody bought anything."""
    return kept(reader, lambda: _view(reader))


def _view(reader: Reader) -> View | None:
    found = overview(reader.ask, as_of=reader.as_of, choice=reader.choice, calendar=reader.calendar)
    if found is None:
        return None
    look = look_of(reader)
    drawn = () if found.few else (bridge_picture(reader, found, look), lifecycle_picture(reader, found, look))
    return View(
        headline=found.headline,
        context=found.context,
        figures=tuple(figure(reader, found, name) for name in FIGURES),
        other_figures=other_figures(reader, found),
        pictures=tuple(one for one in drawn if one is not None),
        highlights=highlights(reader, found),
        rule=rule(reader, found),
        nothing="" if found.highlights else nothing(reader, found),
        few=found.few,
    )
