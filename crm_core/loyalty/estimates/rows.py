"""What members did as arrays, and replays as rows of whole numbers, in which they are kept, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

import numpy as np
import pandas as pd

from crm_core.loyalty.models import Entries, Fates, Flows, Held, Replay
from crm_core.loyalty.models.accounts import Integers

MEMBER, PERIOD, MOVE, FATE, HELD = range(5)
"""What a row tells of: a member, a calendar period, a move in it, the points issued in it; the points that
were held on a day."""

_OWN: Final = (
    "redeemed",
    "expired",
    "taken_back",
    "outstanding",
    "balance_before",
    "balance",
    "usable",
    "points",
    "lost",
)
"""What depends on who uses points, and has a column for each set of these; the rest is the same for all."""


def _columns(kind: type[Any]) -> tuple[str, ...]:
    return tuple(
        one.name for one in fields(kind) if one.name not in ("rewards", "moves", "flows", "fates", "held")
    )


_MEMBERS: Final = _columns(Replay)
_PERIODS: Final = _columns(Flows)
_FATES: Final = _columns(Fates)
_HELD: Final = _columns(Held)
_MOVES: Final = ("period", "tier_before", "tier", "members")


def entries_of(rows: pd.DataFrame) -> Entries:
    """What members did, of rows of `loyalty_entries`."""
    return Entries(**{column.name: rows[column.name].to_numpy(np.int64) for column in fields(Entries)})


def rows_of(found: Sequence[Replay]) -> pd.DataFrame:
    """A row for each member, each period, each move in a period, each period of issue and what was held."""
    flows = found[0].flows
    period, before, after = np.nonzero(flows.moves)
    moves = (flows.period[period], before, after, flows.moves[period, before, after])
    parts: list[Mapping[str, Integers]] = [
        _told(found, _MEMBERS) | _numbered([one.rewards for one in found]),
        _told([one.flows for one in found], _PERIODS) | _numbered([one.flows.rewards for one in found]),
        dict(zip(_MOVES, moves, strict=True)),
        _told([one.fates for one in found], _FATES),
        _told([one.held for one in found], _HELD),
    ]
    sizes = [len(next(iter(part.values()))) for part in parts]
    names = dict.fromkeys(name for part in parts for name in part)
    columns = {"of": np.repeat(np.arange(len(parts)), sizes)}
    for name in names:
        pieces = [part.get(name, np.zeros(size, np.int64)) for part, size in zip(parts, sizes, strict=True)]
        columns[name] = np.concatenate(pieces)
    return pd.DataFrame(columns)


def replays_of(rows: pd.DataFrame, sets: Iterable[int], tiers: int, rewards: int) -> list[Replay]:
    """The replays of a programme with so many tiers and rewards, for some of the sets of who uses points."""
    of = rows["of"].to_numpy()
    ends = np.searchsorted(of, np.arange(HELD + 1), side="right")
    begins = np.concatenate((np.zeros(1, np.int64), ends[:-1]))

    def told(kind: int, name: str) -> Integers:
        return np.asarray(rows[name].to_numpy(np.int64)[begins[kind] : ends[kind]])

    def all_told(kind: int, names: Iterable[str], place: int) -> dict[str, Integers]:
        return {name: told(kind, f"{name}_{place}" if name in _OWN else name) for name in names}

    def taken(kind: int, place: int) -> Integers:
        columns = [told(kind, f"reward_{place}_{number}") for number in range(rewards)]
        return np.stack(columns, axis=1) if columns else np.zeros((ends[kind] - begins[kind], 0), np.int64)

    periods = told(PERIOD, "period")
    moves = np.zeros((len(periods), tiers + 2, tiers + 1), np.int64)
    period, before, after, members = (told(MOVE, name) for name in _MOVES)
    moves[np.searchsorted(periods, period), before, after] = members
    return [
        Replay(
            **all_told(MEMBER, _MEMBERS, place),
            rewards=taken(MEMBER, place),
            flows=Flows(**all_told(PERIOD, _PERIODS, place), rewards=taken(PERIOD, place), moves=moves),
            fates=Fates(**all_told(FATE, _FATES, place)),
            held=Held(**{name: int(one[0]) for name, one in all_told(HELD, _HELD, place).items()}),
        )
        for place in sets
    ]


def _told(found: Sequence[object], names: Iterable[str]) -> dict[str, Integers]:
    """Columns of replays: one for all, or one for each where it depends on who uses points."""
    columns: dict[str, Integers] = {}
    for name in names:
        if name in _OWN:
            columns |= {
                f"{name}_{place}": np.atleast_1d(getattr(one, name)) for place, one in enumerate(found)
            }
        else:
            columns[name] = getattr(found[0], name)
    return columns


def _numbered(rewards: Sequence[Integers]) -> dict[str, Integers]:
    return {
        f"reward_{place}_{number}": taken[:, number]
        for place, taken in enumerate(rewards)
        for number in range(taken.shape[1])
    }
