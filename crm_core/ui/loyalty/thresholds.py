"""What happens at the thresholds of tiers, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.base import Id, NotProvided
from crm_core.loyalty.answers import NothingToCompare, Thresholds, thresholds
from crm_core.ui import report
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.plot import kept
from crm_core.ui.report import Column, Table, Twin, definition
from crm_core.ui.shell import Reader


@dataclass(frozen=True)
class Shown:
    """All that is shown of what happens at the thresholds of tiers.

    Args:
        told: What can be said of each tier, a sentence each.
        table: The comparison in numbers.
    """

    told: tuple[str, ...]
    table: Twin


def shown(reader: Reader, chosen: Chosen) -> Shown | NotProvided | NothingToCompare:
    """What happens at the thresholds of tiers, in the reader's words, or why that cannot be told."""
    try:
        return kept(reader, lambda: _shown(reader, chosen), "effect-thresholds", chosen.programme)
    except (NotProvided, NothingToCompare) as error:
        return error


def draw(reader: Reader, one: Shown) -> None:
    """What can be said, and the comparison in numbers."""
    for words in one.told:
        report.text(words)
    report.twin(reader, one.table)


def _shown(reader: Reader, chosen: Chosen) -> Shown:
    found = thresholds(reader.ask, as_of=reader.as_of, programme=chosen.programme)
    names = {name: Column(reader.say(f"column.{name}")) for name in ("tier", "outcome")}
    numbers: dict[str, Column] = {
        name: Column(reader.say(f"column.{name}"), "ratio")
        for name in ("at", "below", "above", "difference", "low", "high")
    }
    counts: dict[str, Column] = {
        name: Column(reader.say(f"column.{name}"), "count")
        for name in ("members_below", "members_above", "heap_below", "heap_above")
    }
    outcomes = [reader.say(f"loyalty.effect.outcome.{one}") for one in found.rows["outcome"]]
    return Shown(
        told=tuple(reader.say(one.key, **one.values) for one in found.sentences),
        table=Twin(
            name="loyalty-thresholds",
            title=reader.say("loyalty.effect.thresholds.title"),
            n=" · ".join(_sides(reader, found)),
            definition=definition(
                reader, reader.say("loyalty.effect.thresholds.definition", days=found.days)
            ),
            table=Table(found.rows.assign(outcome=outcomes), names | numbers | counts, found.currency),
        ),
    )


def _sides(reader: Reader, found: Thresholds) -> list[str]:
    rows = found.rows[found.rows["outcome"] == "purchases"]
    return [
        reader.say("loyalty.effect.thresholds.n", tier=Id(tier), below=int(below), above=int(above))
        for tier, below, above in zip(rows["tier"], rows["members_below"], rows["members_above"], strict=True)
    ]
