"""By what customers can be parted, and what the groups are called on every page."""

from __future__ import annotations

from crm_core.base import NotProvided
from crm_core.customers.metrics import Grouping
from crm_core.i18n import Language
from crm_core.segments.rules import SEGMENTS
from crm_core.ui.ahead import USUAL_GROUP
from crm_core.ui.shell import Reader
from crm_core.workspace.catalogue import GROUPINGS


def groupings(reader: Reader) -> dict[str, Grouping]:
    """Those that the base can serve, the usual one first."""
    found = {USUAL_GROUP: GROUPINGS[USUAL_GROUP]}
    for name, grouping in GROUPINGS.items():
        try:
            grouping(reader.workspace.tables)
        except NotProvided:
            continue
        found.setdefault(name, grouping)
    return found


def group_name(language: Language, grouping: str | None, group: object) -> str:
    """A group in the reader's words where they are ours, else as the base has it.

    Args:
        language: The reader's.
        grouping: By what customers are parted; None where they are not.
        group: The group as the base has it; missing or "" for those who are in none.
    """
    if group is None or group != group or group == "":
        return language.say("grouping.nobody")
    if grouping == "segment" and group in SEGMENTS:
        return language.say(f"segment.{group}")
    if grouping == "kind" and group in ("person", "company"):
        return language.say(f"kind.{group}")
    if grouping == "country":
        return language.territories.get(str(group), str(group))
    return str(group)
