"""Arrow columns out of numpy arrays: ids, moments, amounts, and text looked up by index."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_core.periods import day_of
from crm_core.schemas import MONEY_SCALE, SCHEMAS
from crm_core.sources.demonstration.draws import Flags, Floats, Ints
from crm_core.sources.demonstration.seasons import SECONDS_PER_DAY
from crm_core.sources.values import ARROW_TYPES

ID_DIGITS: Final = 7
MICROSECONDS: Final = 1_000_000


def canonical(name: str, columns: Mapping[str, Any]) -> pa.Table:
    """A canonical table of these columns, in the schema's order and types; every column must be there."""
    schema = pa.schema([(column, ARROW_TYPES[kind]) for column, kind in SCHEMAS[name].columns.items()])
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column)
        for column in map(columns.get, schema.names)
    ]
    return pa.Table.from_arrays(
        [array.cast(kind.type) for array, kind in zip(arrays, schema, strict=True)], schema=schema
    )


def numbered(prefix: str, numbers: Ints, absent: Flags | None = None) -> pa.Array:
    """Ids such as C0000001: a prefix and a number of at least seven digits; null where `absent`."""
    digits = pc.utf8_lpad(pa.array(numbers, mask=absent).cast(pa.string()), ID_DIGITS, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def customer_ids(first: int, customers: Ints) -> pa.Array:
    """Ids of customers by index in a chunk whose first customer has number `first`; null where negative."""
    return numbered("C", customers + first, customers < 0)


def moments(first_day: dt.date, moment: Floats) -> pa.Array:
    """Timestamps, whole seconds, of moments in days since `first_day`; null where infinite."""
    happened = np.isfinite(moment)
    seconds = np.floor(np.where(happened, moment, 0.0) * SECONDS_PER_DAY).astype(np.int64)
    stamps = (seconds + day_of(first_day) * SECONDS_PER_DAY) * MICROSECONDS
    return pa.array(stamps, mask=~happened).cast(pa.timestamp("us"))


def looked_up(names: Iterable[str], index: Ints) -> pa.Array:
    """The name at each index; null where the index is negative."""
    return pa.array(list(names), pa.string()).take(pa.array(index, mask=index < 0))


def constant(value: str | None, size: int) -> pa.Array:
    """The same text `size` times."""
    return pa.array([value], pa.string()).take(pa.array(np.zeros(size, dtype=np.int64)))


def rounded_money(amount: Floats, smallest: float) -> Ints:
    """Stored money: amounts of a currency rounded to its smallest amount, in 1/10,000."""
    step = round(smallest * MONEY_SCALE)
    result: Ints = np.round(amount * MONEY_SCALE / step).astype(np.int64) * step
    return result
