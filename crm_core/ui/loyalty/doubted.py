"""What nobody would meet of a programme, worked out once for all who look at it."""

from __future__ import annotations

from contextlib import suppress

from crm_core.base import NotProvided
from crm_core.loyalty.answers import Doubt, doubts
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.plot import kept_for_all
from crm_core.ui.shell import Reader


def doubted(reader: Reader, chosen: Chosen) -> tuple[Doubt, ...]:
    """What nobody would meet, of the whole base: a filter makes no rule one that nobody meets.

    Raises:
        NotProvided: The base lacks what the programme is about.
    """
    known = reader.workspace.choices

    def found() -> tuple[Doubt, ...]:
        return doubts(
            reader.workspace.ask(),
            as_of=reader.as_of,
            programme=chosen.programme,
            months=chosen.months,
            calendar=reader.calendar,
            channels=known.channels,
            categories=known.categories,
        )

    return kept_for_all(reader, found, "doubts", chosen.programme, chosen.months)


def learn(reader: Reader, chosen: Chosen) -> None:
    """Work it out, so that it is known when it is asked for; nothing where it cannot be."""
    with suppress(NotProvided):
        doubted(reader, chosen)
