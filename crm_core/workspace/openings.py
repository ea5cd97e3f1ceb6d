"""Opening balances: what members have when a programme takes over, kept beside it in versions of their own.

BASE/programmes/<name>-<sum>/openings/000001.csv    as of when, then customer_id, points, tier
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crm_core.base import BaseDamaged, InputError, NotProvided
from crm_core.engine.sealed import SealedTexts, told
from crm_core.loyalty.metrics import loyalty_members
from crm_core.loyalty.rules import Openings, Programme
from crm_core.periods import FIRST_DAY, date_of, day_of
from crm_core.sources import numbers
from crm_core.sources.child import read_plain_in_child
from crm_core.sources.headers import OPENINGS, normalise
from crm_core.sources.states import OK
from crm_core.workspace import programmes

if TYPE_CHECKING:
    from crm_core.workspace import Workspace

_COLUMNS: Final = ("customer_id", "points", "tier")
_MOST_POINTS: Final = 1_000_000_000
_MOST_BYTES: Final = 2**30
_EXAMPLES: Final = 3


@dataclass(frozen=True)
class Balance:
    """What one member has: points, and the name of a tier, empty for none."""

    customer_id: str
    points: int
    tier: str


@dataclass(frozen=True)
class KeptOpenings:
    """Opening balances that are kept.

    Args:
        version: Their number, from 1.
        as_of: The day at whose end members have them.
        balances: In the order of ids.
    """

    version: int
    as_of: dt.date
    balances: tuple[Balance, ...]


def bring_openings(workspace: Workspace, name: str, file: Path, as_of: dt.date) -> KeptOpenings:
    """Keep the opening balances of a programme, all of them or none.

    Args:
        workspace: The base.
        name: Of a programme that is kept beside it.
        file: CSV, packed or not, or Parquet, with the columns customer_id, points and, where it is wanted,
            tier.
        as_of: The day at whose end members have them.

    Raises:
        InputError: The file cannot be read, or a balance cannot be: says what, how many, and the first ones.
    """
    programme = programmes.read(workspace.location, name).programme
    if not FIRST_DAY <= day_of(as_of) < day_of(workspace.as_of):
        allowed = f"… {date_of(day_of(workspace.as_of) - 1)}"
        raise InputError("metric.bad_option", option="as-of", value=str(as_of), allowed=allowed)
    balances = _checked(_table(file), programme, _members(workspace, programme, as_of))
    texts = _texts(workspace.location, name)
    with told(texts.directory), texts.writing():
        kept = texts.add(_written(as_of, balances), texts.newest() + 1)
    return KeptOpenings(kept.number, as_of, balances)


def openings(location: str, name: str) -> KeptOpenings | None:
    """The opening balances of a programme that were kept last; None where there are none.

    Raises:
        BaseDamaged: They are not what was written.
    """
    if "://" in location:
        return None
    texts = _texts(location, name)
    with told(texts.directory):
        newest = texts.newest()
        return _read(texts, newest) if newest else None


def with_openings(location: str, programme: Programme) -> Programme:
    """A programme with what its members bring.

    Raises:
        InputError: Members bring a tier that the programme does not have.
        BaseDamaged: The balances are not what was written.
    """
    kept = openings(location, programme.name)
    if kept is None:
        return programme
    return replace(programme, openings=_placed(kept, _steps(programme)))


def count_strangers(workspace: Workspace, programme: Programme, kept: KeptOpenings) -> int:
    """How many have a balance that does not count, as they are no members of the programme any more."""
    try:
        members = _members(workspace, programme, workspace.as_of)
    except NotProvided:
        # Then nothing is told of the programme at all, and why.
        return 0
    return sum(one.customer_id not in members for one in kept.balances)


@lru_cache(maxsize=16)
def _placed(kept: KeptOpenings, steps: tuple[str, ...]) -> Openings:
    gone = [one.tier for one in kept.balances if one.tier and one.tier not in steps]
    if gone:
        raise InputError("loyalty.openings.tier_gone", count=len(gone), name=gone[0])
    places = {"": 0, **{name: place for place, name in enumerate(steps, 1)}}
    return Openings(
        kept.as_of, tuple((one.customer_id, one.points, places[one.tier]) for one in kept.balances)
    )


def _steps(programme: Programme) -> tuple[str, ...]:
    return tuple(step.name for step in programme.tiers.steps) if programme.tiers else ()


def _members(workspace: Workspace, programme: Programme, as_of: dt.date) -> frozenset[str]:
    rows = workspace.ask()(loyalty_members, as_of=as_of, members=programme.members, begin=as_of)
    return frozenset(rows["customer_id"])


def _table(file: Path) -> pa.Table:
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "rows.parquet"
        ragged = read_plain_in_child(file, target)
        table = pq.read_table(target)
    found = {column: _called(column, table.column_names) for column in _COLUMNS}
    for column in _COLUMNS[:2]:
        if found[column] is None:
            raise InputError("loyalty.openings.no_column", file=file.name, column=column)
    if ragged:
        raise InputError("loyalty.openings.ragged", file=file.name, count=ragged)
    return pa.table({column: table[name] for column, name in found.items() if name is not None})


def _called(column: str, names: Sequence[str]) -> str | None:
    """What a file calls a column, in any of three languages; None where it has none."""
    if column in names:
        return column
    return next((one for word in OPENINGS[column] for one in names if normalise(one) == word), None)


def _checked(table: pa.Table, programme: Programme, members: frozenset[str]) -> tuple[Balance, ...]:
    ids: Sequence[str | None] = table["customer_id"].to_pylist()
    read = numbers.parse(pc.fill_null(table["points"].combine_chunks(), ""), ".")
    points = np.where(read.states == OK, numbers.as_floats(read), np.nan)
    tiers = table["tier"].to_pylist() if "tier" in table.column_names else [None] * len(ids)
    steps = _steps(programme)
    whole = np.nan_to_num(points, nan=0.5, posinf=0.5, neginf=0.5)
    faults: Mapping[str, Iterator[str]] = {
        "no_customer": (str(row) for row, one in enumerate(ids, 2) if one is None),
        "twice": (str(one) for one in _again(ids)),
        "no_points": (
            str(one)
            for one, number in zip(ids, whole, strict=True)
            if number % 1 or abs(number) > _MOST_POINTS
        ),
        "negative": (str(one) for one, number in zip(ids, whole, strict=True) if number < 0),
        "no_tier": (
            f"{one}: {tier}" for one, tier in zip(ids, tiers, strict=True) if tier and tier not in steps
        ),
        "no_member": (str(one) for one in ids if one not in members),
    }
    for fault, found in faults.items():
        whom = list(found)
        if whom:
            examples = ", ".join(whom[:_EXAMPLES])
            raise InputError(f"loyalty.openings.{fault}", count=len(whom), examples=examples)
    rows = zip(ids, points, tiers, strict=True)
    return tuple(sorted((Balance(str(one), int(n), tier or "") for one, n, tier in rows), key=_id))


def _id(balance: Balance) -> str:
    return balance.customer_id


def _again(ids: Sequence[str | None]) -> Iterator[str]:
    """Ids that stood before."""
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            yield one
        elif one is not None:
            seen.add(one)


def _texts(location: str, name: str) -> SealedTexts:
    parts = (programmes.DIRECTORY, programmes.directory_of(name), "openings")
    return SealedTexts(Path(location), parts, "csv", _MOST_BYTES)


def _written(as_of: dt.date, balances: Sequence[Balance]) -> str:
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow([*_COLUMNS, as_of.isoformat()])
    writer.writerows((one.customer_id, one.points, one.tier) for one in balances)
    return rows.getvalue()


def _read(texts: SealedTexts, number: int) -> KeptOpenings:
    kept = texts.read(number)
    try:
        return _parsed(kept.number, kept.text)
    except ValueError as error:
        part = str(texts.directory.relative_to(texts.base))
        raise BaseDamaged("base.damaged", part=part) from error


@lru_cache(maxsize=16)
def _parsed(number: int, text: str) -> KeptOpenings:
    heading, *rows = csv.reader(io.StringIO(text))
    as_of = dt.date.fromisoformat(heading[-1])
    return KeptOpenings(number, as_of, tuple(Balance(one, int(points), tier) for one, points, tier in rows))
