"""One row a customer out of many: for each column the value that was known last.

Of two values of a column the one with the later moment wins, of two with the same moment the greater one, and
nothing never wins over something. The moment stands beside each value, so that the result does not depend on
the order of rows, nor on how they were divided before they came together.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm_core.sources.mapping import VALID_AT

_SAFE: Final = 1 << 62
MOMENT_SUFFIX: Final = "_valid_at"
"""`city_valid_at` is the moment at which the customer's `city` was known to be so."""
_KEY: Final = "customer_id"


def with_moments(customers: Any) -> Any:
    """Rows with `valid_at`, and beside each other column the moment of its value (null where it has none)."""
    valid_at = customers[VALID_AT]
    columns = {name: customers[name] for name in customers.schema.names}
    for name in customers.schema.names:
        if name not in (_KEY, VALID_AT):
            known = pc.is_valid(customers[name])
            columns[name + MOMENT_SUFFIX] = pc.if_else(known, valid_at, pa.scalar(None, valid_at.type))
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def latest_values(customers: Any) -> Any:
    """One row a customer.

    Args:
        customers: Table as `with_moments` makes it, one chunk a column.

    Returns:
        A table with the same columns: `valid_at` is the latest of each customer.
    """
    whose, _ = _ranks(customers[_KEY])
    count = int(whose.max(initial=-1)) + 1
    first = np.full(count, -1, np.int64)
    first[whose[::-1]] = np.arange(len(whose))[::-1]
    present = first >= 0  # a dictionary may hold more customers than there are rows of
    columns: dict[str, Any] = {_KEY: customers[_KEY].take(pa.array(first[present]))}
    ends = _whole(customers[VALID_AT])
    latest = np.full(count, np.iinfo(np.int64).min)
    np.maximum.at(latest, whose, ends)
    columns[VALID_AT] = pa.array(latest[present]).view(pa.timestamp("us"))
    for name in customers.schema.names:
        moment = name + MOMENT_SUFFIX
        if moment in customers.schema.names:
            row = _winners(customers[name], customers[moment], whose, count)[present]
            winner = pa.array(row, mask=row < 0)
            columns[name] = customers[name].take(winner)
            columns[moment] = customers[moment].take(winner)
    return pa.table({name: columns[name] for name in customers.schema.names})


def _winners(column: Any, moments: Any, whose: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """For each customer the row whose value wins, or -1 where there is no value."""
    values, distinct = _ranks(column)
    known = np.flatnonzero(values >= 0)
    packed = _moment_ranks(_whole(moments)[known], distinct) * distinct + values[known]
    best = np.full(count, -1, np.int64)
    np.maximum.at(best, whose[known], packed)
    row = np.full(count, -1, np.int64)
    wins = packed == best[whose[known]]
    row[whose[known][wins]] = known[wins]
    return row


def _moment_ranks(moments: NDArray[np.int64], distinct: int) -> NDArray[np.int64]:
    """Numbers from 0 in the order of the moments, that times `distinct` still fit into 64 bits."""
    if not len(moments):
        return moments
    since_first = moments - moments.min()
    if int(since_first.max()) * distinct < _SAFE:
        return np.asarray(since_first)
    # At most the square of the rows of a run.
    ranked: NDArray[np.int64] = np.unique(moments, return_inverse=True)[1]
    return ranked


def _whole(moments: Any) -> NDArray[np.int64]:
    whole: NDArray[np.int64] = _flat(moments).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return whole


def _flat(column: Any) -> Any:
    if isinstance(column, pa.ChunkedArray):
        return column.combine_chunks()
    return column


def _ranks(column: Any) -> tuple[NDArray[np.int64], int]:
    """Place of each value among the distinct ones in ascending order, -1 for null, and how many there are."""
    return ranks(_flat(column))


def ranks(array: Any) -> tuple[NDArray[np.int64], int]:
    """Place of each value of an array among its distinct values in ascending order; -1 for null.

    Returns:
        int64 array, and the number of distinct values (of the dictionary, where the array has one).
    """
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    place = np.empty(len(order) + 1, np.int64)
    place[order] = np.arange(len(order))
    place[-1] = -1
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return place[indices], len(order)
