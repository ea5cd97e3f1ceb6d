"""What members did as arrays, and a replay as rows of whole numbers, in which it is kept, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

import numpy as np
import pandas as pd

from crm_core.loyalty.models import Entries, Fates, Flows, Held, Replay
from crm_core.loyalty.models.accounts import Integers

MEMBER, PERIOD, MOVE, FATE, HELD = range(5)
"""What a row tells of: a member, a calendar period, a move in it, the points issued in it; the points that
were held on a day."""

_MEMBERS: Final = tuple(
    column.name for column in fields(Replay) if column.name not in ("rewards", "flows", "fates", "held")
)
_PERIODS: Final = tuple(column.name for column in fields(Flows) if column.name not in ("rewards", "moves"))
_FATES: Final = tuple(column.name for column in fields(Fates))
_HELD: Final = tuple(column.name for column in fields(Held))
_MOVES: Final = ("period", "tier_before", "tier", "members")


def entries_of(rows: pd.DataFrame) -> Entries:
    """What members did, of rows of `loyalty_entries`."""
    return Entries(**{column.name: rows[column.name].to_numpy(np.int64) for column in fields(Entries)})


def rows_of(found: Replay) -> pd.DataFrame:
    """A row for each member, each period, each move in a period, each period of issue and what was held."""
    flows = found.flows
    period, before, after = np.nonzero(flows.moves)
    moves = (flows.period[period], before, after, flows.moves[period, before, after])
    parts: list[Mapping[str, Integers]] = [
        {name: getattr(found, name) for name in _MEMBERS} | _numbered(found.rewards),
        {name: getattr(flows, name) for name in _PERIODS} | _numbered(flows.rewards),
        dict(zip(_MOVES, moves, strict=True)),
        {name: getattr(found.fates, name) for name in _FATES},
        {name: np.array([getattr(found.held, name)], np.int64) for name in _HELD},
    ]
    sizes = [len(next(iter(part.values()))) for part in parts]
    names = dict.fromkeys(name for part in parts for name in part)
    columns = {"of": np.repeat(np.arange(len(parts)), sizes)}
    for name in names:
        pieces = [part.get(name, np.zeros(size, np.int64)) for part, size in zip(parts, sizes, strict=True)]
        columns[name] = np.concatenate(pieces)
    return pd.DataFrame(columns)


def replay_of(rows: pd.DataFrame, tiers: int, rewards: int) -> Replay:
    """The replay of a programme with so many tiers and rewards."""
    of = rows["of"].to_numpy()

    def told(kind: int, name: str) -> Integers:
        return np.asarray(rows[name].to_numpy(np.int64)[of == kind])

    def taken(kind: int) -> Integers:
        columns = [told(kind, f"reward_{place}") for place in range(rewards)]
        return np.stack(columns, axis=1) if columns else np.zeros((int((of == kind).sum()), 0), np.int64)

    periods = told(PERIOD, "period")
    moves = np.zeros((len(periods), tiers + 2, tiers + 1), np.int64)
    period, before, after, members = (told(MOVE, name) for name in _MOVES)
    moves[np.searchsorted(periods, period), before, after] = members
    return Replay(
        **{name: told(MEMBER, name) for name in _MEMBERS},
        rewards=taken(MEMBER),
        flows=Flows(**{name: told(PERIOD, name) for name in _PERIODS}, rewards=taken(PERIOD), moves=moves),
        fates=Fates(**{name: told(FATE, name) for name in _FATES}),
        held=Held(**{name: int(told(HELD, name)[0]) for name in _HELD}),
    )


def _numbered(rewards: Integers) -> dict[str, Integers]:
    return {f"reward_{place}": rewards[:, place] for place in range(rewards.shape[1])}
