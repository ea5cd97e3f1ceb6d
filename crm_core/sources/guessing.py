"""What the columns of a file probably mean, and how its dates and numbers are probably written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa

from crm_core.periods import CALENDARS, Calendar
from crm_core.sources import numbers
from crm_core.sources.characters import plain
from crm_core.sources.columns import Block
from crm_core.sources.expressions import columns_of, parse
from crm_core.sources.headers import QUANTITY, UNIT_PRICE, WORDS, SourceColumns, normalise
from crm_core.sources.mapping import Mapping as SourceMapping
from crm_core.sources.mapping import SourceOptions, TableMapping
from crm_core.sources.mapping import columns_of as columns_of_table
from crm_core.sources.moments import date_parts
from crm_core.sources.schemas import NUMERIC_TYPES, SCHEMAS
from crm_core.sources.states import BAD

_SAME_NAME: Final = 1.0
_KNOWN_NAME: Final = 0.9
_DERIVED: Final = 0.8
_VALUES_DO_NOT_FIT: Final = 0.3
_DATED: Final = frozenset({"timestamp", "date"})
_FITS: Final = 0.5
_BY_VALUES: Final = 0.6


@dataclass(frozen=True)
class Guess:
    """A mapping that a person should look at.

    Args:
        mapping: What the names and values suggest; it may leave required columns open.
        confidence: From 0 to 1 by `table.column`.
    """

    mapping: SourceMapping
    confidence: Mapping[str, float]


def guess(columns: Sequence[str], samples: Sequence[Sequence[str]], table: str | None = None) -> Guess:
    """Suggest a mapping from the names of columns in English, Persian or Thai and the shape of their values.

    Args:
        columns: Names of the source columns.
        samples: Some rows, each with a text for every column.
        table: The canonical table that the file is for; None: to be guessed, too.

    Raises:
        InputError: Two columns have the same name.
    """
    SourceColumns(columns)
    texts = {
        name: [row[place] for row in samples if row[place].strip()] for place, name in enumerate(columns)
    }
    chosen = table or _table_for(columns)
    found = {chosen: _matches(chosen, columns, texts)}
    if chosen == "orders":
        customers = _matches("customers", columns, texts)
        taken = {name for name, _ in found["orders"].values()}
        about = {
            column: match
            for column, match in customers.items()
            if column == "customer_id" or match[0] not in taken
        }
        if len(about) > 1 and "customer_id" in about:
            found["customers"] = about
    tables = {
        name: TableMapping({column: match[0] for column, match in matches.items()})
        for name, matches in found.items()
        if matches
    }
    confidence = {
        f"{name}.{column}": match[1] for name, matches in found.items() for column, match in matches.items()
    }
    mapping = SourceMapping(tables=tables)
    return Guess(replace(mapping, source=recognise(mapping, columns, samples)), confidence)


def guess_mapping(
    columns: Sequence[str], samples: Sequence[Sequence[str]], table: str | None = None
) -> SourceMapping:
    """The mapping of `guess`."""
    return guess(columns, samples, table).mapping


def _table_for(columns: Sequence[str]) -> str:
    """The table whose required columns are all there and say most about it; else orders or customers."""
    names = {normalise(name) for name in columns}

    def has(table: str, column: str) -> bool:
        if column == "amount" and table == "orders" and names & set(UNIT_PRICE):
            return True
        return bool(names & {normalise(column), *WORDS[table][column]})

    complete = [
        table
        for table, schema in SCHEMAS.items()
        if table != "customers" and all(has(table, column) for column in schema.required)
    ]
    if complete:
        return max(complete, key=lambda table: (_exact(table, names), table == "orders"))
    return "customers" if any(has("customers", column) for column in ("customer_id", "email")) else "orders"


def _exact(table: str, names: set[str]) -> int:
    """How many columns are called as this table's own, and no other table's, are."""
    others = {word for name in SCHEMAS if name != table for words in WORDS[name].values() for word in words}
    own = {word for words in WORDS[table].values() for word in words} - others
    return len(names & own)


def _matches(
    table: str, columns: Sequence[str], texts: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, float]]:
    """By canonical column the expression that should fill it and how sure that is."""
    found: dict[str, tuple[str, float]] = {}
    taken: set[str] = set()
    for column, kind in SCHEMAS[table].columns.items():
        match = _match(column, (normalise(column), *WORDS[table][column]), columns, taken)
        if match is None:
            continue
        name, confidence = match
        taken.add(name)
        found[column] = name, confidence if _fits(kind, texts[name]) else _VALUES_DO_NOT_FIT
    if table == "orders" and "ordered_at" not in found:
        dated = [name for name in columns if name not in taken and texts[name] and _all_dated(texts[name])]
        if len(dated) == 1:
            taken.add(dated[0])
            found["ordered_at"] = quoted(dated[0]), _BY_VALUES
    if table == "orders" and "amount" not in found:
        price = _match("price", UNIT_PRICE, columns, taken)
        quantity = _match("quantity", QUANTITY, columns, set())
        if price and quantity:
            found["amount"] = f"{quoted(quantity[0])} * {quoted(price[0])}", _DERIVED
        elif price:
            found["amount"] = price
    return found


def _match(
    column: str, words: Iterable[str], columns: Sequence[str], taken: set[str]
) -> tuple[str, float] | None:
    by_name: dict[str, str] = {}
    for name in columns:
        if name not in taken:
            by_name.setdefault(normalise(name), name)
    for word in words:
        if word in by_name:
            return by_name[word], _SAME_NAME if word == normalise(column) else _KNOWN_NAME
    return None


def quoted(name: str) -> str:
    """A column's name as it may stand in an expression."""
    if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        return name
    return f'"{name}"' if "`" in name else f"`{name}`"


def _fits(kind: str, texts: Sequence[str]) -> bool:
    """Whether most values look like what the column holds; an empty column fits."""
    if not texts:
        return True
    if kind in NUMERIC_TYPES:
        good = sum(
            bool((numbers.parse(pa.array([text]), mark).states != BAD)[0]) for text in texts for mark in ".,"
        )
        return good >= _FITS * len(texts)
    if kind in _DATED:
        return sum(_looks_dated(text) for text in texts) >= _FITS * len(texts)
    return True


def _all_dated(texts: Sequence[str]) -> bool:
    return all(_looks_dated(text) for text in texts)


def _looks_dated(text: str) -> bool:
    return _date_of(text) is not None


def _date_of(text: str) -> tuple[str, str, str] | None:
    """The date in front of a time, in its three parts."""
    date = re.split(r"[T\s]\s*[0-9]{1,2}:", plain(text), maxsplit=1)[0]
    parts = date_parts(date)
    return parts if parts and (len(parts[0]) == 4 or len(parts[2]) == 4) else None


def recognise(
    mapping: SourceMapping, columns: Sequence[str], samples: Sequence[Sequence[str]]
) -> SourceOptions:
    """The options of a mapping, those left open recognised from some rows as far as they can be."""
    evidence = Evidence(mapping, columns)
    evidence.add({name: [row[place] for row in samples] for place, name in enumerate(columns)})
    return evidence.options()


class Evidence:
    """What the values of a file say about how its dates and numbers are written.

    Args:
        mapping: Says which source columns are dates and which numbers; what its options state is not asked.
        columns: The columns of the file.
    """

    def __init__(self, mapping: SourceMapping, columns: Sequence[str]) -> None:
        known = SourceColumns(columns)
        self._source = mapping.source
        self._dated: set[str] = set()
        self._numeric: set[str] = set()
        for name, table in mapping.tables.items():
            kinds = columns_of_table(name, SCHEMAS[name])
            for column, expression in table.columns.items():
                read = columns_of(parse(expression, column, known))
                if kinds[column] in _DATED:
                    self._dated.update(read)
                elif kinds[column] in NUMERIC_TYPES:
                    self._numeric.update(read)
        self._calendars: Counter[Calendar] = Counter()
        self._year_last = self._day_first = self._month_first = 0
        self._decimal: Counter[str] = Counter()
        self._decimal_or_thousands: Counter[str] = Counter()
        self._ungrouped = 0
        self.examples: dict[str, str] = {}
        """By option a text that is read by it, one that could be read in two ways before any other."""

    @property
    def columns(self) -> frozenset[str]:
        """The source columns that are asked."""
        return frozenset(self._dated | self._numeric)

    def add_block(self, block: Block) -> None:
        """Take in the rows of a block."""
        texts = {name: column for name, column in block.columns.items() if not column.native}
        self.add({name: column.values.to_pylist() for name, column in texts.items()})

    def add(self, texts: Mapping[str, Iterable[str]]) -> None:
        """Take in values by source column."""
        for name, values in texts.items():
            if name in self._dated:
                for text in dict.fromkeys(values):
                    self._add_date(text)
            if name in self._numeric:
                for text in dict.fromkeys(values):
                    self._add_number(text)

    def _add_date(self, text: str) -> None:
        parts = _date_of(text)
        if parts is None:
            return
        first, second, third = parts
        year = int(first if len(first) == 4 else third)
        for calendar, (earliest, latest) in _YEARS.items():
            self._calendars[calendar] += earliest <= year <= latest
        if len(first) < 4 and second.isdecimal():
            self._year_last += 1
            if first != second and max(int(first), int(second)) <= 12:
                self.examples.setdefault("day_order", text)
            self._day_first += int(first) > 12
            self._month_first += int(second) > 12

    def _add_number(self, text: str) -> None:
        match = _MARKED.fullmatch(plain(text))
        if match is None:
            return
        marks = [letter for letter in match[1] if letter in ".,"]
        self._ungrouped += len(match[1].strip()) > 3 and match[1].strip().isdecimal()
        if len(set(marks)) == 2:
            self._decimal[marks[-1]] += 1
        elif len(marks) > 1:
            self._decimal["," if marks[0] == "." else "."] += 1
        elif marks:
            whole, part = match[1].split(marks[0])
            if len(part) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
                self._decimal_or_thousands[marks[0]] += 1
                self.examples.setdefault("decimal", text)
            else:
                self._decimal[marks[0]] += 1

    def options(self) -> SourceOptions:
        """The options by what was seen so far.

        `day_order` stays open where days and months could be either, `decimal` where a single mark could be
        both.
        """
        source = self._source
        calendar = source.calendar or max(CALENDARS, key=lambda name: self._calendars[name])
        return replace(
            source,
            calendar=calendar,
            day_order=source.day_order or self._day_order(calendar),
            decimal=source.decimal or self._decimal_mark(),
        )

    def _day_order(self, calendar: str) -> str | None:
        if not self._year_last:
            return "ymd"
        if self._day_first == self._month_first:
            # Nobody writes the month first in the other calendars.
            return "dmy" if calendar != "gregorian" and not self._day_first else None
        return "dmy" if self._day_first > self._month_first else "mdy"

    def _decimal_mark(self) -> str | None:
        if self._decimal:
            return max(".,", key=lambda mark: self._decimal[mark])
        # 1,234 could be both, but for a file that parts its cells by commas; 1.234 could be both anywhere.
        by_commas = self._source.delimiter == ","
        open_marks = set(self._decimal_or_thousands) - ({","} if by_commas else set())
        if self._ungrouped and len(open_marks) == 1:
            return open_marks.pop()  # thousands are not parted in this file, so the mark is the other one
        return None if open_marks else "."


_YEARS: Final[dict[Calendar, tuple[int, int]]] = {
    "gregorian": (1_700, 2_299),
    "jalali": (1_200, 1_499),
    "buddhist": (2_300, 2_699),
}
_MARKED: Final = re.compile(r"[-+(]?\s*([0-9][0-9.,' ]*)[-)]?")
