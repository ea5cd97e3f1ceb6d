"""A mapping: for each canonical table, which source column or expression fills which of its columns."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from crm_core.base import InputError
from crm_core.periods import CALENDARS
from crm_core.plain_yaml import PlainLoader
from crm_core.sources import expressions
from crm_core.sources.headers import SourceColumns
from crm_core.sources.schemas import NUMERIC_TYPES, SCHEMAS, Schema

DAY_ORDERS: Final = ("ymd", "dmy", "mdy")
DECIMALS: Final = (".", ",")
DELIMITERS: Final = (",", ";", "\t", "|")
VALID_AT: Final = "valid_at"
"""Column of `customers` beside the schema's: the moment at which the row was known to be so."""

_LONGEST = 65_536


@dataclass(frozen=True)
class SourceOptions:
    """How a file is written. None: to be recognised from its content.

    Args:
        encoding: Name of a text encoding, such as `utf-8`, `cp1256`, `cp874`.
        delimiter: One of `,` `;` tab `|`.
        calendar: Calendar of its dates: `gregorian`, `jalali` or `buddhist`.
        day_order: Order of day, month and year where the year does not come first with four digits.
        decimal: `.` or `,`; the other one separates thousands.
        time_zone: Name of the time zone into which moments with an offset are converted.
    """

    encoding: str | None = None
    delimiter: str | None = None
    calendar: str | None = None
    day_order: str | None = None
    decimal: str | None = None
    time_zone: str | None = None

    def stated(self) -> dict[str, str]:
        """The options that are not left open."""
        values = {option.name: getattr(self, option.name) for option in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class TableMapping:
    """What fills one canonical table.

    Args:
        columns: Expression of source columns by canonical column.
        constants: Value of every row by canonical column, as a text.
    """

    columns: Dictionary[str, str] = field(default_factory=dict)
    constants: Dictionary[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mapping:
    """From a file to canonical tables."""

    source: SourceOptions = field(default_factory=SourceOptions)
    tables: Dictionary[str, TableMapping] = field(default_factory=dict)

    def to_yaml(self) -> str:
        """The mapping as text: the same text for the same mapping, in whatever order it was written."""
        told: dict[str, Any] = {}
        if self.source.stated():
            told["source"] = self.source.stated()
        for name, schema in SCHEMAS.items():
            if name not in self.tables:
                continue
            table = self.tables[name]
            order = list(columns_of(name, schema))
            told[name] = {
                "columns": {column: table.columns[column] for column in order if column in table.columns},
                **{column: table.constants[column] for column in order if column in table.constants},
            }
        return yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=1_000)

    def missing(self) -> tuple[tuple[str, str], ...]:
        """Required (table, column) pairs that nothing fills."""
        return tuple(
            (name, column)
            for name, table in self.tables.items()
            for column in SCHEMAS[name].columns
            if column in SCHEMAS[name].required and column not in {**table.columns, **table.constants}
        )

    def validate(self, columns: Sequence[str]) -> None:
        """Hold the mapping against the columns of a file.

        Raises:
            InputError: It maps nothing, leaves a required column open, names a column that the file does not
                have, or has an expression that cannot be read or cannot fill its column.
        """
        self.parsed(SourceColumns(columns))

    def parsed(self, columns: SourceColumns) -> dict[str, dict[str, expressions.Node]]:
        """The expressions by table and canonical column; raises as `validate` does."""
        if not self.tables:
            raise InputError("import.mapping_empty")
        for table, column in self.missing():
            raise InputError("import.required_unmapped", table=table, column=column)
        found: dict[str, dict[str, expressions.Node]] = {}
        for name, mapped in self.tables.items():
            found[name] = {}
            for column, expression in mapped.columns.items():
                node = expressions.parse(expression, column, columns)
                numeric = columns_of(name, SCHEMAS[name])[column] in NUMERIC_TYPES
                expressions.require_kind(node, expression, column, numeric=numeric)
                found[name][column] = node
        return found


def columns_of(name: str, schema: Schema) -> dict[str, str]:
    """Type by column of a canonical table, `valid_at` of the customers among them."""
    extra = {VALID_AT: "timestamp"} if name == "customers" else {}
    return {**schema.columns, **extra}


def load_mapping(text: str) -> Mapping:
    """A mapping from its YAML text.

    Every scalar is a text, whatever YAML would make of it (`no`, `2010-12-01`, `1e3`); aliases are refused.

    Raises:
        InputError: It is no mapping, or names a table, a column or an option that does not exist.
    """
    if len(text) > _LONGEST:
        raise InputError("import.mapping_unreadable", line=0)
    try:
        told = yaml.load(text, Loader=_Texts)  # noqa: S506 - a SafeLoader that refuses more
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise InputError("import.mapping_unreadable", line=line) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError("import.mapping_unreadable", line=0) from error
    if not isinstance(told, dict):
        raise InputError("import.mapping_unreadable", line=1)
    source = _options(told.pop("source", {}))
    return Mapping(source, {name: _table(name, content) for name, content in told.items()})


class _Texts(PlainLoader):
    """Builds texts, lists and dictionaries."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's stubs declare it of instances


def _options(told: object) -> SourceOptions:
    if not isinstance(told, dict):
        raise InputError("import.mapping_unreadable", line=1)
    known = [option.name for option in fields(SourceOptions)]
    for name, value in told.items():
        if name not in known:
            raise InputError("import.mapping_unknown_option", option=name, options=", ".join(known))
        if not isinstance(value, str):
            raise InputError("import.mapping_bad_option", option=name, value=str(value))
    told = {name: value for name, value in told.items() if value != ""}
    if told.get("delimiter") in ("tab", "\\t"):
        told["delimiter"] = "\t"
    allowed: dict[str, tuple[str, ...]] = {
        "delimiter": DELIMITERS,
        "calendar": CALENDARS,
        "day_order": DAY_ORDERS,
        "decimal": DECIMALS,
    }
    for name, choices in allowed.items():
        if name in told and told[name] not in choices:
            raise InputError("import.mapping_bad_option", option=name, value=told[name])
    if "time_zone" in told:
        time_zone(told["time_zone"])
    return SourceOptions(**told)


def time_zone(name: str) -> ZoneInfo:
    """The time zone of this name.

    Raises:
        InputError: There is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InputError("import.mapping_bad_option", option="time_zone", value=name) from error


def _table(name: str, told: object) -> TableMapping:
    if name not in SCHEMAS:
        raise InputError("import.mapping_unknown_table", table=name, tables=", ".join(SCHEMAS))
    if not isinstance(told, dict):
        raise InputError("import.mapping_unreadable", line=1)
    columns = told.pop("columns", {})
    if not isinstance(columns, dict):
        raise InputError("import.mapping_unreadable", line=1)
    known = columns_of(name, SCHEMAS[name])
    for part in (columns, told):
        for column, value in part.items():
            if column not in known:
                raise InputError(
                    "import.mapping_unknown_column", table=name, column=column, columns=", ".join(known)
                )
            if not isinstance(value, str) or not value.strip():
                raise InputError("import.mapping_bad_column", table=name, column=column)
            if column in columns and column in told:
                raise InputError("import.mapping_bad_column", table=name, column=column)
    return TableMapping(dict(columns), dict(told))
