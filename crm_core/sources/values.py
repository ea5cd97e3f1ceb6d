"""From source columns to a canonical column: texts, moments, days, money, quantities, numbers and flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm_core.periods import Calendar
from crm_core.sources import numbers
from crm_core.sources.characters import EDGES, plain
from crm_core.sources.columns import Coded, coded
from crm_core.sources.expressions import Column, Negation, Node, Number, Operation, Text, columns_of
from crm_core.sources.moments import MICROSECONDS_A_DAY, MomentReader
from crm_core.sources.states import BAD, MISSING, NULL_WORDS, OK, States

_TRUE: Final = "true t yes y 1 on بله بلی آری درست دارد ใช่ จริง มี ตกลง ยินยอม"
_FALSE: Final = "false f no n 0 off خیر نه نادرست ندارد ไม่ ไม่ใช่ เท็จ ไม่มี ไม่ยินยอม"
TRUE_WORDS: Final = frozenset(_TRUE.split())
FALSE_WORDS: Final = frozenset(_FALSE.split())

ARROW_TYPES: Final[Mapping[str, Any]] = {
    "text": pa.string(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
    "money": pa.int64(),
    "quantity": pa.int64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
}
"""The Arrow type in which a canonical column lies in a part."""


@dataclass(frozen=True)
class Parsed:
    """A canonical column of a block: null wherever its state is not OK."""

    array: Any
    states: States


@dataclass(frozen=True)
class Reading:
    """How the texts of a file are to be read: every option decided."""

    calendar: Calendar
    day_order: str
    decimal: str
    zone: ZoneInfo | None


NATIVE: Final = Reading("gregorian", "ymd", ".", None)
"""How columns are written that the file itself knew as dates and numbers."""


def text_of(node: Node, columns: Mapping[str, Coded], count: int) -> Coded:
    """The texts that an expression makes."""
    if isinstance(node, Column):
        return columns[node.name]
    joined = pc.binary_join_element_wise(*_pieces(node, columns, count), "")
    native = all(columns[name].native for name in columns_of(node))
    return coded(joined, native=native)


def _pieces(node: Node, columns: Mapping[str, Coded], count: int) -> list[Any]:
    if isinstance(node, Operation):
        return _pieces(node.left, columns, count) + _pieces(node.right, columns, count)
    if isinstance(node, Column):
        return [columns[node.name].texts()]
    if isinstance(node, Text | Number):
        value = node.value if isinstance(node, Text) else node.digits
        return [pa.repeat(value, count)]
    raise TypeError(node)


def number_of(
    node: Node, columns: Mapping[str, Coded], count: int, decimal: str, read: dict[str, numbers.Fractions]
) -> numbers.Fractions:
    """The numbers that an expression makes; `read` keeps the distinct numbers of each source column."""
    if isinstance(node, Column):
        column = columns[node.name]
        if node.name not in read:
            read[node.name] = numbers.parse(column.values, NATIVE.decimal if column.native else decimal)
        return read[node.name].take(column.codes)
    if isinstance(node, Number):
        return numbers.constant(node.digits, count)
    if isinstance(node, Negation):
        return numbers.negate(number_of(node.operand, columns, count, decimal, read))
    if isinstance(node, Operation):
        left = number_of(node.left, columns, count, decimal, read)
        right = number_of(node.right, columns, count, decimal, read)
        if node.operator == "-":
            return numbers.add(left, numbers.negate(right))
        return {"+": numbers.add, "*": numbers.multiply, "/": numbers.divide}[node.operator](left, right)
    raise TypeError(node)


def parse_text(column: Coded, nulls: frozenset[str]) -> Parsed:
    """Texts without white space around them; the words in `nulls` stand for nothing.

    The result is dictionary-encoded, and each text is there once.
    """
    cleaned = pc.utf8_trim(column.values, characters=EDGES)
    nothing = pc.is_in(pc.utf8_lower(cleaned), value_set=pa.array(sorted(nulls)))
    encoded = pc.if_else(nothing, pa.scalar(None, pa.string()), cleaned).dictionary_encode()
    indices = _indices(encoded, column)
    array = pa.DictionaryArray.from_arrays(indices, encoded.dictionary, safe=False)
    states = np.zeros(len(array), np.int8)
    if indices.null_count:
        states[indices.is_null().to_numpy(zero_copy_only=False)] = MISSING
    return Parsed(array, states)


def parse_currency(column: Coded) -> Parsed:
    """Currency codes: three Latin letters, in capitals."""
    codes = pc.utf8_upper(pc.utf8_trim(column.values, characters=EDGES))
    good = pc.match_substring_regex(codes, "^[A-Z]{3}$")
    nothing = pc.is_in(pc.utf8_lower(codes), value_set=pa.array(sorted(NULL_WORDS)))
    states = _states_of(good, nothing)[column.codes]
    encoded = pc.if_else(good, codes, pa.scalar(None, pa.string())).dictionary_encode()
    array = pa.DictionaryArray.from_arrays(_indices(encoded, column), encoded.dictionary, safe=False)
    return Parsed(array, states)


def _indices(encoded: Any, column: Coded) -> Any:
    """The place of each row's text in a dictionary that was made of the column's distinct texts."""
    codes = pa.array(column.codes)
    if len(encoded.dictionary) == len(column.values):
        return codes  # none became nothing or equal to another: each is where it was
    return encoded.indices.take(codes)


def _states_of(good: Any, nothing: Any) -> States:
    states = np.where(good.to_numpy(zero_copy_only=False), OK, BAD)
    return np.where(nothing.to_numpy(zero_copy_only=False), MISSING, states).astype(np.int8)


def parse_flag(column: Coded) -> Parsed:
    """Yes and no, in words of the three languages or as 1 and 0."""
    words = [plain(text).casefold() for text in column.values.to_pylist()]
    flags = pa.array(
        [True if word in TRUE_WORDS else False if word in FALSE_WORDS else None for word in words]
    )
    states = np.fromiter(
        (
            OK if word in TRUE_WORDS or word in FALSE_WORDS else MISSING if word in NULL_WORDS else BAD
            for word in words
        ),
        np.int8,
        len(words),
    )
    return Parsed(flags.cast(pa.bool_()).take(pa.array(column.codes)), states[column.codes])


def parse_moment(column: Coded, reader: MomentReader) -> Parsed:
    """Moments, as local wall-clock time."""
    moments, states = reader.parse(column.values)
    return _dated(moments, states, column.codes, pa.timestamp("us"))


def parse_day(column: Coded, reader: MomentReader) -> Parsed:
    """Days; of a moment, the day that it lies in."""
    moments, states = reader.parse(column.values)
    days = (moments // MICROSECONDS_A_DAY).astype(np.int32)
    return _dated(days, states, column.codes, pa.date32())


def _dated(values: NDArray[Any], states: States, codes: NDArray[np.int32], kind: Any) -> Parsed:
    states = states[codes]
    bare = pa.array(values[codes], mask=states != OK) if states.any() else pa.array(values[codes])
    return Parsed(bare.view(kind), states)


def parse_whole(values: numbers.Fractions, scale: int) -> Parsed:
    """Money or quantities as whole numbers of 1/scale, halves away from zero."""
    whole, states = numbers.rounded(values, scale)
    return Parsed(_masked(whole, states), states)


def parse_money(
    values: numbers.Fractions, scale: int, foreign_scale: int, foreign: NDArray[np.bool_]
) -> Parsed:
    """Amounts, of which those in a foreign currency have a scale of their own."""
    if scale == foreign_scale or not foreign.any():
        return parse_whole(values, scale)
    at_home, home_states = numbers.rounded(values, scale)
    abroad, foreign_states = numbers.rounded(values, foreign_scale)
    states = np.where(foreign, foreign_states, home_states)
    return Parsed(_masked(np.where(foreign, abroad, at_home), states), states)


def parse_number(values: numbers.Fractions) -> Parsed:
    """Floats, each the nearest to what was written."""
    return Parsed(_masked(numbers.as_floats(values), values.states), values.states)


def _masked(values: NDArray[Any], states: States) -> Any:
    return pa.array(values, mask=states != OK) if states.any() else pa.array(values)
