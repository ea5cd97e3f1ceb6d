"""From a block of source columns to rows of the canonical tables, and the rows that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crm_core.sources import values
from crm_core.sources.columns import Block, Coded, coded
from crm_core.sources.expressions import Column, Node, columns_of
from crm_core.sources.mapping import VALID_AT
from crm_core.sources.mapping import Mapping as SourceMapping
from crm_core.sources.mapping import columns_of as columns_of_table
from crm_core.sources.moments import MomentReader
from crm_core.sources.numbers import Fractions
from crm_core.sources.schemas import FOREIGN_MONEY_SCALE, QUANTITY_SCALE, SCHEMAS, moment_of
from crm_core.sources.states import (
    BAD,
    DIVISION_BY_ZERO,
    MISSING,
    NULL_IDS,
    NULL_TEXTS,
    OK,
    OUT_OF_RANGE,
)
from crm_core.sources.values import ARROW_TYPES, Parsed, Reading

WRONG_COLUMN_COUNT: Final = "reject.wrong_column_count"

_DATED: Final = frozenset({"timestamp", "date"})
_BAD: Final = {
    "timestamp": "reject.bad_date",
    "date": "reject.bad_date",
    "money": "reject.bad_number",
    "quantity": "reject.bad_number",
    "number": "reject.bad_number",
    "flag": "reject.bad_flag",
    "text": "reject.bad_currency",
}


@dataclass(frozen=True)
class Fault:
    """Rows of a block that one canonical column keeps out, and why.

    Args:
        reason: Key of the reason's sentence.
        table, column: The canonical column.
        rows: Mask over the block's rows.
    """

    reason: str
    table: str
    column: str
    rows: NDArray[np.bool_]


@dataclass(frozen=True)
class CanonicalRows:
    """What a block has become.

    Args:
        tables: Accepted rows by table. Texts are dictionary-encoded, columns that nothing fills are absent.
        faults: Why the other rows were not accepted.
        accepted: Mask over the block's rows.
        guests: Accepted order lines without a customer.
    """

    tables: Mapping[str, Any]
    faults: tuple[Fault, ...]
    accepted: NDArray[np.bool_]
    guests: int


@dataclass(frozen=True)
class Units:
    """What money is counted in.

    Args:
        money_scale: Units of stored money in one unit of the base's currency.
        base_currency: Its code; empty while none was stated.
    """

    money_scale: int
    base_currency: str


class CanonicalReader:
    """Applies a mapping to block after block.

    Args:
        mapping: What fills what.
        nodes: Its expressions by table and canonical column.
        reading: How the file's texts are to be read.
        units: What money is counted in.
        import_id: Gives order lines without an order number an order of their own.
    """

    def __init__(
        self,
        mapping: SourceMapping,
        nodes: Mapping[str, Mapping[str, Node]],
        reading: Reading,
        units: Units,
        import_id: str,
    ) -> None:
        self._mapping = mapping
        self._nodes = nodes
        self._reading = reading
        self._units = units
        self._prefix = f"{import_id[:12]}:"
        self._moments: dict[tuple[str, str, bool], MomentReader] = {}
        self._dated = next((name for name in mapping.tables if name != "customers" and moment_of(name)), None)

    def read(self, block: Block) -> CanonicalRows:
        """The canonical rows of a block."""
        count = len(block.rows)
        numbers: dict[str, Fractions] = {}
        parsed = {name: self._table(name, block, count, numbers) for name in self._mapping.tables}
        faults = tuple(fault for name in parsed for fault in self._faults(name, parsed[name]))
        accepted = np.ones(count, bool)
        for fault in faults:
            accepted &= ~fault.rows
        if "orders" in parsed:
            self._fill_order_ids(parsed["orders"], block.rows)
        if "customers" in parsed:
            self._fill_valid_at(parsed, count)
        tables = {name: self._rows(name, columns, accepted) for name, columns in parsed.items()}
        guests = 0
        if "orders" in parsed:
            guests = int((parsed["orders"]["customer_id"].states[accepted] == MISSING).sum())
        return CanonicalRows(tables, faults, accepted, guests)

    def _table(self, name: str, block: Block, count: int, numbers: dict[str, Fractions]) -> dict[str, Parsed]:
        mapped = self._mapping.tables[name]
        kinds = columns_of_table(name, SCHEMAS[name])
        parsed: dict[str, Parsed] = {}
        foreign = np.zeros(count, bool)
        # The currency goes first: it decides in which units the money of its row is counted.
        for column in sorted(kinds, key=lambda column: column != "currency"):
            if column in mapped.columns:
                node, columns = self._nodes[name][column], block.columns
            elif column in mapped.constants:
                node, columns = Column(column), {column: _constant(mapped.constants[column], count)}
            else:
                continue
            own_numbers = numbers if column in mapped.columns else {}
            parsed[column] = self._column(name, column, node, columns, count, foreign, own_numbers)
            if column == "currency":
                foreign = self._foreign(parsed[column])
        return {column: parsed[column] for column in kinds if column in parsed}

    def _column(
        self,
        table: str,
        column: str,
        node: Node,
        columns: Mapping[str, Coded],
        count: int,
        foreign: NDArray[np.bool_],
        numbers: dict[str, Fractions],
    ) -> Parsed:
        kind = columns_of_table(table, SCHEMAS[table])[column]
        if kind in ("money", "quantity", "number"):
            found = values.number_of(node, columns, count, self._reading.decimal, numbers)
            if kind == "money":
                return values.parse_money(found, self._units.money_scale, FOREIGN_MONEY_SCALE, foreign)
            if kind == "quantity":
                return values.parse_whole(found, QUANTITY_SCALE)
            return values.parse_number(found)
        texts = values.text_of(node, columns, count)
        if kind in _DATED:
            reader = self._moment_reader(table, column, native=texts.native)
            parse = values.parse_moment if kind == "timestamp" else values.parse_day
            return parse(texts, reader)
        if kind == "flag":
            return values.parse_flag(texts)
        if column == "currency":
            return values.parse_currency(texts)
        return values.parse_text(texts, NULL_IDS if column.endswith("_id") else NULL_TEXTS)

    def _moment_reader(self, table: str, column: str, *, native: bool) -> MomentReader:
        key = (table, column, native)
        if key not in self._moments:
            reading = replace(values.NATIVE, zone=self._reading.zone) if native else self._reading
            self._moments[key] = MomentReader(reading.calendar, reading.day_order, reading.zone, column)
        return self._moments[key]

    def _foreign(self, currency: Parsed) -> NDArray[np.bool_]:
        if not self._units.base_currency:
            return np.zeros(len(currency.states), bool)
        codes = currency.array
        different = np.array(
            [code != self._units.base_currency for code in codes.dictionary.to_pylist()], bool
        )
        indices = codes.indices.fill_null(0).to_numpy(zero_copy_only=False)
        found: NDArray[np.bool_] = currency.states == OK
        if len(different):
            found &= different[indices]
        return found

    def _faults(self, name: str, columns: Mapping[str, Parsed]) -> list[Fault]:
        schema = SCHEMAS[name]
        kinds = columns_of_table(name, schema)
        found: list[Fault] = []
        for column, parsed in columns.items():
            if not parsed.states.any():
                continue
            for state in (MISSING, BAD, DIVISION_BY_ZERO, OUT_OF_RANGE):
                rows = parsed.states == state
                if not rows.any() or (state == MISSING and self._may_miss(name, column)):
                    continue
                found.append(Fault(_reason(state, column, kinds[column]), name, column, rows))
        return found

    def _may_miss(self, name: str, column: str) -> bool:
        if column not in SCHEMAS[name].required:
            return True
        # A guest's order counts; a guest is no customer, so the row says nothing about customers.
        return column == "customer_id" and (
            name == "orders" or (name == "customers" and self._dated is not None)
        )

    def _fill_order_ids(self, orders: dict[str, Parsed], rows: NDArray[np.int64]) -> None:
        stated = orders.get("order_id")
        if stated is not None and not stated.states.any():
            return
        numbers = pa.array(rows).cast(pa.string())
        own = pa.compute.binary_join_element_wise(self._prefix, numbers, "")
        if stated is not None:
            own = pa.compute.coalesce(stated.array.cast(pa.string()), own)
        orders["order_id"] = Parsed(own.dictionary_encode(), np.zeros(len(rows), np.int8))

    def _fill_valid_at(self, parsed: Mapping[str, dict[str, Parsed]], count: int) -> None:
        """Say when each customer's row held.

        As mapped, else when the row's order or the like happened, else when the customer was registered, else
        1970-01-01.
        """
        customers = parsed["customers"]
        moments = [customers.get(VALID_AT)]
        if self._dated is not None:
            moments.append(parsed[self._dated].get(moment_of(self._dated) or ""))
        moments.append(customers.get("created_at"))
        array = pa.nulls(count, pa.timestamp("us"))
        for moment in moments:
            if moment is not None:
                array = pa.compute.coalesce(array, moment.array.cast(pa.timestamp("us")))
        array = array.fill_null(pa.scalar(0, pa.timestamp("us")))
        customers[VALID_AT] = Parsed(array, np.zeros(count, np.int8))

    def _rows(self, name: str, columns: Mapping[str, Parsed], accepted: NDArray[np.bool_]) -> Any:
        if name == "customers":
            accepted = accepted & (columns["customer_id"].states == OK)
        order = columns_of_table(name, SCHEMAS[name])
        names = [column for column in order if column in columns]
        batch = pa.RecordBatch.from_arrays([columns[column].array for column in names], names=names)
        return batch if accepted.all() else batch.filter(pa.array(accepted))


def _constant(text: str, count: int) -> Coded:
    return Coded(np.zeros(count, np.int32), pa.array([text]), native=True)


def _reason(state: int, column: str, kind: str) -> str:
    if state == MISSING:
        return "reject.missing_customer" if column == "customer_id" else "reject.missing_value"
    if state == DIVISION_BY_ZERO:
        return "reject.division_by_zero"
    if state == OUT_OF_RANGE:
        return "reject.date_out_of_range" if kind in _DATED else "reject.number_out_of_range"
    if state == BAD:
        return _BAD[kind]
    raise ValueError(state)


def source_columns(nodes: Mapping[str, Mapping[str, Node]]) -> tuple[str, ...]:
    """The source columns that a mapping reads."""
    read = {name for table in nodes.values() for node in table.values() for name in columns_of(node)}
    return tuple(sorted(read))


def arrow_schema(table: str) -> Any:
    """The columns of a part of this table, in order, with their Arrow types."""
    schema = SCHEMAS[table]
    return pa.schema(
        [(column, ARROW_TYPES[kind]) for column, kind in columns_of_table(table, schema).items()]
    )


def empty_column(rows: NDArray[np.int64]) -> Coded:
    """A column of empty texts, for a file that has rows and lacks the column."""
    return coded(pa.array([""] * len(rows), pa.string()))
