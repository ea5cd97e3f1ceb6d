"""The answer on what the customer club costs and brings as it is shown, in the reader's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crm_core.base import Sentence
from crm_core.loyalty.answers import Club, club
from crm_core.loyalty.estimates import loyalty_cost
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.loyalty.phrases import context, figures, headline
from crm_core.ui.loyalty.points import outstanding_picture, points_picture
from crm_core.ui.plot import kept, look_of
from crm_core.ui.report import Picture, ShownFigure
from crm_core.ui.shell import Reader


@dataclass(frozen=True)
class View:
    """All that the page shows of one programme.

    Args:
        club: The answer itself.
        headline: The answer in one sentence.
        context: Of whom and over which days.
        figures: The figures.
        points: Points by month, and what is outstanding; none for a programme without points.
    """

    club: Club
    headline: Sentence
    context: Sentence
    figures: tuple[ShownFigure, ...]
    points: tuple[Picture, ...]


def steps(reader: Reader, chosen: Chosen) -> tuple[tuple[str, Callable[[], object]], ...]:
    """What is worked out before a view can be shown, each in words, in order; what is known takes no time."""
    ask, options = reader.ask, {"programme": chosen.programme, "months": chosen.months}
    return (
        (
            reader.say("loyalty.work.replaying"),
            lambda: ask(loyalty_cost, as_of=reader.as_of, calendar=reader.calendar, **options),
        ),
        (reader.say("loyalty.work.counting"), lambda: None),
    )


def view(reader: Reader, chosen: Chosen) -> View:
    """What the page shows of a programme.

    Raises:
        CrmError: Nobody would be a member, or members bought nothing.
        NotProvided: The base lacks what the programme is about.
    """
    return kept(reader, lambda: _view(reader, chosen), "view", chosen)


def _view(reader: Reader, chosen: Chosen) -> View:
    found = club(
        reader.ask,
        as_of=reader.as_of,
        programme=chosen.programme,
        months=chosen.months,
        calendar=reader.calendar,
    )
    look = look_of(reader)
    points = (points_picture(reader, found, look), outstanding_picture(reader, found, look))
    return View(
        club=found,
        headline=headline(found, chosen),
        context=context(reader, found),
        figures=figures(reader, found, look),
        points=points if chosen.programme.earn else (),
    )
