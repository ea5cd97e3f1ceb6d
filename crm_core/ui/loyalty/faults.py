"""What is wrong with a programme in the reader's words, and where: by the names of fields, not of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crm_core.base import CrmError
from crm_core.ui.loyalty.fields import field_of, label_of, place_of, words_of
from crm_core.ui.shell import Reader
from crm_core.workspace.programme_drafts import Place

_OF_A_PROGRAMME: Final = "loyalty.programme."


def place_of_fault(error: CrmError) -> Place:
    """The field that a fault is about; nothing where it is about the whole."""
    if not error.key.startswith(_OF_A_PROGRAMME):
        return ()
    place = place_of(str(error.values.get("place", "programme")))
    is_field = error.key in ("loyalty.programme.missing", "loyalty.programme.not_for")
    return (*place, str(error.values["name"])) if is_field else place


def explained(reader: Reader, error: CrmError) -> str:
    """What is wrong, in one sentence."""
    if not error.key.startswith(_OF_A_PROGRAMME) or "place" not in error.values:
        return reader.language.explain(error)
    values = dict(error.values)
    place = place_of(str(values["place"]))
    values["place"] = words_of(reader, place)
    if error.key in ("loyalty.programme.missing", "loyalty.programme.not_for"):
        values["name"] = label_of(reader, (*place, str(values["name"])))
    if error.key == "loyalty.programme.not_for":
        kind = values["kind"]
        expires = place == ("expiry",)
        values["kind"] = reader.say(f"loyalty.expiry.{kind}" if expires else f"loyalty.earn.{kind}")
    wanted = values.get("wanted")
    if isinstance(wanted, Mapping):
        values["allowed"] = _taken(reader, place, wanted)
    return reader.language.explain(CrmError(error.key, **values))


def _taken(reader: Reader, place: Place, wanted: Mapping[str, Any]) -> str:
    """What a field takes."""
    if "enum" in wanted:
        field = field_of(place)
        words = field.words if field else ""
        return ", ".join(reader.say(f"{words}{one}") if words else str(one) for one in wanted["enum"])
    kind = wanted.get("type")
    if kind in ("integer", "number"):
        if "exclusiveMinimum" in wanted:
            low, high = wanted["exclusiveMinimum"], wanted["maximum"]
            return reader.say("loyalty.takes.above", low=low, high=high)
        return reader.say(f"loyalty.takes.{kind}", low=wanted["minimum"], high=wanted["maximum"])
    if kind == "string":
        return reader.say("loyalty.takes.string", high=wanted["maxLength"])
    if kind == "array":
        return reader.say("loyalty.takes.array", high=wanted["maxItems"])
    return reader.say("loyalty.takes.object")
