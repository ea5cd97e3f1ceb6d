"""A loyalty programme in the making: what a reader has said so far, by a form or as text; nothing is lost."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, Literal

from crm_core.base import InputError
from crm_core.loyalty.rules import Programme, check_shape, plain_of, programme_of, write_plain

Place = tuple[str | int, ...]
"""Where in a programme: names, and places in lists from 0."""

NEW: Final[Mapping[str, Mapping[str, Any]]] = {
    "amount": {"for": "amount", "points": 1, "unit": 1},
    "purchase": {"for": "purchase", "points": 1},
    "repeat": {"for": "repeat", "points": 1, "number": 2},
    "variety": {"for": "variety", "points": 1},
    "punctual": {"for": "punctual", "points": 1, "days_early": 0},
    "referral": {"for": "referral", "points": 1},
    "joining": {"for": "joining", "points": 1},
}
"""The least that a rule of each kind says."""


@dataclass(frozen=True)
class ProgrammeDraft:
    """What a reader has made of a programme.

    Args:
        text: As it stands, whether it can be read or not.
        kept: The text of the version that it began with.
        after: The number of that version; 0 where none is kept.
        begun: What that version says.
        told: What the last text said that is in the shape of a programme; what a form shows.
        programme: The last one that held together.
        is_shaped: Whether `told` is what `text` says, so that a form can show it.
        error: Why `text` is no programme.
    """

    text: str
    kept: str
    after: int
    begun: Mapping[str, Any]
    told: Mapping[str, Any]
    programme: Programme
    is_shaped: bool = True
    error: InputError | None = None

    @classmethod
    def of(cls, text: str, after: int) -> ProgrammeDraft:
        """The draft that begins with the text of a programme.

        Raises:
            InputError: It is none.
        """
        told = plain_of(text)
        return cls(text, text, after, told, told, programme_of(told, kept=after > 0))

    @property
    def changed(self) -> bool:
        """Whether it says anything else than the version that it began with."""
        return self.text != self.kept

    def written(self, text: str) -> ProgrammeDraft:
        """The draft with another text."""
        try:
            told = plain_of(text)
            check_shape(told)
        except InputError as error:
            return replace(self, text=text, is_shaped=False, error=error)
        draft = replace(self, text=text, told=told, is_shaped=True, error=None)
        try:
            kept = self.after > 0 and text == self.kept
            return replace(draft, programme=programme_of(told, kept=kept))
        except InputError as error:
            return replace(draft, error=error)

    def put(self, place: Place, value: Any) -> ProgrammeDraft:
        """The draft with another value in a place of the form; None takes it out.

        Raises:
            InputError: No programme can have this value there; the draft is as it was.
        """
        told = copy.deepcopy(dict(self.told))
        within: Any = told
        for part, following in pairwise(place):
            if isinstance(within, dict) and part not in within:
                within[part] = [] if isinstance(following, int) else {}
            within = within[part]
        last: Any = place[-1]
        if value is not None and isinstance(within, list) and last == len(within):
            within.append(value)
        elif value is not None:
            within[last] = value
        elif isinstance(within, list) or last in within:
            del within[last]
        told = tidied(told)
        check_shape(told)
        return self.written(write_plain(told))


def tidied(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a programme says, without parts that say nothing any more."""
    gone = {
        name for name in ("earn", "caps", "rewards", "running_cost", "indicators") if not told.get(name, True)
    }
    if not told.get("tiers", {"steps": True}).get("steps"):
        gone.add("tiers")
    return {name: value for name, value in told.items() if name not in gone}


@dataclass(frozen=True)
class Line:
    """A line of two texts: in both, only in the earlier (`gone`), or only in the later one (`new`)."""

    kind: Literal["same", "gone", "new"]
    text: str


def changes(earlier: str, later: str) -> tuple[Line, ...]:
    """What has changed from one text to another, line by line, with a line around it."""
    kinds: Mapping[str, Literal["same", "gone", "new"]] = {" ": "same", "-": "gone", "+": "new"}
    lines = list(difflib.unified_diff(earlier.splitlines(), later.splitlines(), n=1, lineterm=""))
    return tuple(Line(kinds[line[0]], line[1:]) for line in _bodies(lines))


def _bodies(lines: Sequence[str]) -> list[str]:
    """Without the two lines that name files, and those that number lines."""
    return [line for line in lines[2:] if not line.startswith("@@")]
