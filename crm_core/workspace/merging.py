"""Two programmes that began as one: what differs, field by field, and both changes put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from crm_core.base import InputError
from crm_core.loyalty.rules import programme_of
from crm_core.workspace.programme_drafts import Place, tidied

Side = Literal["mine", "theirs"]

_KINDS: Final = ("kind", "for", "who", "indicator")
"""What says which thing a part is: with another kind it is another thing, whatever else it says."""


@dataclass(frozen=True)
class Difference:
    """A field that two programmes say differently; None where one says nothing there.

    Args:
        place: Where: an item that is gone by its number in the earlier one, a new one by that in the later.
        was: What the earlier one says.
        now: What the later one says.
    """

    place: Place
    was: Any
    now: Any


@dataclass(frozen=True)
class Clash:
    """A field that both have changed, each to something else; None where it is taken out.

    Args:
        place: Where in the version with which both began.
        was: What that says.
        mine: What the one says.
        theirs: What the other one says.
    """

    place: Place
    was: Any
    mine: Any
    theirs: Any


@dataclass(frozen=True)
class Merged:
    """Both changes in one programme.

    Args:
        told: What it says; in a clash that is not decided, `mine`.
        clashes: What both have changed, decided or not.
        error: Why it is no programme.
    """

    told: Mapping[str, Any]
    clashes: tuple[Clash, ...]
    error: InputError | None


def merged(
    base: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    decided: Mapping[Place, Side] | None = None,
) -> Merged:
    """Both changes of a programme put together.

    What one of the two has changed is as that one says. Items of a list go by their places, or by their
    names where some are taken out; a list in which it cannot be told which item is which is one field.

    Args:
        base: What the version says with which both began, as `plain_of` reads it.
        mine: What the one has made of it.
        theirs: What the other one has.
        decided: Whose field stays in a clash, by its place.
    """
    merging = _Merging(decided or {})
    told = merging.value(base, mine, theirs, ())
    if told not in (mine, theirs):
        told = tidied(told)
    error = None
    try:
        programme_of(told)
    except InputError as found:
        error = found
    return Merged(told, tuple(merging.clashes), error)


def differences(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What the later of two programmes says differently."""
    return tuple(_differences(earlier, later, ()))


class _Merging:
    def __init__(self, decided: Mapping[Place, Side]) -> None:
        self.decided, self.clashes = decided, list[Clash]()

    def value(self, base: Any, mine: Any, theirs: Any, place: Place) -> Any:
        if mine == theirs or base == theirs:
            return mine
        if base == mine:
            return theirs
        both = mine is not None and theirs is not None
        is_item = bool(place) and isinstance(place[-1], int)
        replaced = both and is_item and (_is_replaced(base, mine) or _is_replaced(base, theirs))
        if both and not replaced and _are_one_thing(base, mine, theirs):
            return self.fields(base or {}, mine, theirs, place)
        if isinstance(mine, list) and isinstance(theirs, list):
            items = self.items(base or [], mine, theirs, place)
            if items is not None:
                return items
        self.clashes.append(Clash(place, base, mine, theirs))
        return theirs if self.decided.get(place) == "theirs" else mine

    def fields(self, base: Any, mine: Any, theirs: Any, place: Place) -> dict[str, Any]:
        found = {
            name: self.value(base.get(name), mine.get(name), theirs.get(name), (*place, name))
            for name in dict.fromkeys([*theirs, *mine, *base])
        }
        return {name: value for name, value in found.items() if value is not None}

    def items(self, base: list[Any], mine: list[Any], theirs: list[Any], place: Place) -> list[Any] | None:
        one, other = _aligned(base, mine), _aligned(base, theirs)
        if one is None or other is None or (one.added and other.added and one.added != other.added):
            return None
        kept = [
            self.value(*versions, (*place, number))
            for number, versions in enumerate(zip(base, one.kept, other.kept, strict=True))
        ]
        return [item for item in kept if item is not None] + (one.added or other.added)


@dataclass(frozen=True)
class _Aligned:
    """A list beside an earlier one: each earlier item as it is now, None where it is gone, and new ones."""

    kept: list[Any]
    added: list[Any]


def _aligned(base: list[Any], side: list[Any]) -> _Aligned | None:
    """Which item is which one of an earlier list; None where that cannot be told."""
    if not all(isinstance(item, dict) for item in (*base, *side)):
        return None
    known = [item["name"] for item in base if "name" in item]
    if len(base) <= len(side) and all(
        _is_same(was, now) or (now not in base and now.get("name") not in known)
        for was, now in zip(base, side, strict=False)
    ):
        kept, added = side[: len(base)], side[len(base) :]
    else:
        kept, added = _by_name(base, side)
    if any(item in base or item.get("name") in known for item in added):
        return None
    return _Aligned(kept, added)


def _is_same(was: Any, now: Any) -> bool:
    return bool(was == now or ("name" in was and was["name"] == now.get("name")))


def _by_name(base: list[Any], side: list[Any]) -> tuple[list[Any], list[Any]]:
    kept, place = [], 0
    for was in base:
        now = side[place] if place < len(side) else None
        here = now is not None and _is_same(was, now)
        kept.append(now if here else None)
        place += here
    return kept, side[place:]


def _are_one_thing(*versions: Any) -> bool:
    """Whether versions of a part, None where there is none, can be told field by field."""
    there = [one for one in versions if one is not None]
    return all(isinstance(one, dict) for one in there) and not any(
        len({one.get(kind) for one in there}) > 1 for kind in _KINDS
    )


def _is_replaced(was: Any, now: Any) -> bool:
    """Whether an item may be another one: with another name, and something else that is new."""
    return "name" in was and was["name"] != now.get("name") and {**was, "name": now.get("name")} != now


def _differences(was: Any, now: Any, place: Place) -> Iterator[Difference]:
    if was == now:
        return
    if was and now and _are_one_thing(was, now):
        for name in dict.fromkeys([*was, *now]):
            yield from _differences(was.get(name), now.get(name), (*place, name))
        return
    found = _aligned(was, now) if isinstance(was, list) and isinstance(now, list) else None
    if found is None:
        yield Difference(place, was, now)
        return
    for number, (before, after) in enumerate(zip(was, found.kept, strict=True)):
        yield from _differences(before, after, (*place, number))
    first = len(now) - len(found.added)
    for number, item in enumerate(found.added, first):
        yield Difference((*place, number), None, item)
