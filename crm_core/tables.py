"""The canonical tables of one base as lazy expressions, and how metrics are made of them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import update_wrapper
from typing import TYPE_CHECKING, Annotated, Final, Literal, Protocol, Union, cast

from crm_core.base import NotProvided
from crm_core.periods import FIRST_DAY, LAST_DAY, date_of, day_of
from crm_core.schemas import MONEY_SCALE

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

Grain = Literal["line", "customer", "base"]
Values = Union[tuple[str, ...], "ir.Column"]
"""Some texts, or the column of a table that holds them."""

AsOf = Annotated[datetime.date, "Only what happened up to the end of this day exists."]
"""An option that several metrics share is a type that says what it means; their docstrings leave it out."""


@dataclass(frozen=True)
class Selection:
    """What a reader has narrowed the base down to; an empty tuple narrows nothing.

    `channels` and `categories` keep the order lines that carry one of them, `regions` the customers who live
    in one of them. Every definition then holds within what is kept: a new customer is one who is new to it.
    """

    channels: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.channels or self.categories or self.regions)

    @property
    def values(self) -> Mapping[str, Values]:
        """What is kept, by `channel`, `category` or `region`; only of those by which it narrows."""
        kept = {"channel": self.channels, "category": self.categories, "region": self.regions}
        return {name: values for name, values in kept.items() if values}


@dataclass(frozen=True)
class Tables:
    """The canonical tables of one base as lazy expressions, and the derived ones that lie ready beside them.

    Args:
        orders: Order lines, with every column of the schema (null where the base does not provide it).
        others: The other canonical tables that the base provides, by name.
        provided: Which `table.column` the base really fills.
        currency: The base's currency, by its code; empty when none was ever stated.
        money_scale: Units of stored money in one unit of the base's currency.
        derived: Tables that were materialised, by the name of the function whose expression they hold.
        first_day: Day number of the first order line; no calendar that a metric lays out begins before it.
        last_day: Day number of the last order line that can be among them; a column expression in tables
            that end on a day which a statement is told when it is run.
        kept: What they are narrowed down to, as `Selection.values`.
        whole: The tables of which these are a part; None for those of the whole base.
    """

    orders: ir.Table
    others: Mapping[str, ir.Table] = field(default_factory=dict)
    provided: frozenset[str] = frozenset()
    currency: str = ""
    money_scale: int = MONEY_SCALE
    derived: Mapping[str, ir.Table] = field(default_factory=dict)
    first_day: int = FIRST_DAY
    last_day: int = LAST_DAY
    kept: Mapping[str, Values] = field(default_factory=dict)
    whole: Tables | None = None

    def get(self, name: str) -> ir.Table | None:
        """The canonical table of this name, or None when the base does not provide it."""
        return self.orders if name == "orders" else self.others.get(name)

    def need(self, name: str, *columns: str) -> ir.Table:
        """The canonical table of this name, of which some columns are needed.

        Raises:
            NotProvided: The base does not have it, or does not fill one of them.
        """
        table = self.get(name)
        if table is None:
            raise NotProvided("base.table_not_provided", table=name)
        for column in columns:
            if f"{name}.{column}" not in self.provided:
                raise NotProvided("base.column_not_provided", table=name, column=column)
        return table

    @property
    def region_column(self) -> str | None:
        """By what customers are placed: the first of region, country, city that the base fills, or None."""
        for column in ("region", "country", "city"):
            if f"customers.{column}" in self.provided:
                return column
        return None

    @property
    def ended(self) -> bool:
        """Whether the whole base goes on after their last day."""
        if self.whole is None:
            return False
        return _is_told_later(self.last_day) or self.last_day < self.whole.last_day

    def until(self, as_of: datetime.date) -> Tables:
        """These tables as they stood at the end of a day: order lines that came later do not exist."""
        day = day_of(as_of)
        if _is_told_later(day):
            return self if _is_told_later(self.last_day) else self._cut(self.kept, day)
        return self if day >= self.last_day else self._cut(self.kept, day)

    def select(self, selection: Selection) -> Tables:
        """These tables narrowed down to a selection.

        Raises:
            NotProvided: The selection is by something that the base does not know.
        """
        return self.keep(selection.values)

    def keep(self, values: Mapping[str, Values]) -> Tables:
        """As `select`; what was kept before of the same column is forgotten."""
        return self._cut({**self.kept, **values}, self.last_day) if values else self

    def within(self, lines: ir.Table) -> ir.Table:
        """Those order lines of the whole base, stored or derived, that belong to these tables."""
        if self.ended:
            lines = lines.filter(lines.ordered_at < _moment_after(self.last_day))
        for column in ("channel", "category"):
            if column in self.kept:
                lines = lines.filter(lines[column].isin(self.kept[column]))
        return self.of_residents(lines)

    def of_residents(self, rows: ir.Table) -> ir.Table:
        """Those rows, by `customer_id`, whose customers live in a region that is kept.

        Raises:
            NotProvided: Only some are kept, and the base does not know where customers live.
        """
        if "region" not in self.kept:
            return rows
        if self.region_column is None:
            raise NotProvided("base.column_not_provided", table="customers", column="region")
        customers = self.need("customers")
        residents = customers.filter(customers[self.region_column].isin(self.kept["region"]))
        return rows.filter(rows.customer_id.isin(residents.customer_id))

    def _cut(self, kept: Mapping[str, Values], last_day: int) -> Tables:
        whole = self.whole or self
        cut = replace(whole, derived={}, whole=whole, kept=kept, last_day=last_day)
        return replace(cut, orders=cut.within(whole.orders))


def _moment_after(day: int) -> datetime.datetime | ir.TimestampValue:
    if not _is_told_later(day):
        return datetime.datetime.combine(date_of(day + 1), datetime.time())
    import ibis

    days = cast("ir.IntegerScalar", day + 1)
    return cast("ir.TimestampValue", ibis.timestamp("1970-01-01") + days.as_interval("D"))


def _is_told_later(day: object) -> bool:
    """Whether a number of a day is an expression, whose value a statement is told when it is run."""
    return not isinstance(day, int)


Narrow = Callable[["ir.Table", Tables], "ir.Table | None"]


@dataclass(frozen=True)
class Metric:
    """A number that has a name.

    Args:
        build: Defines it: takes `Tables` and keyword options, `as_of` always among them, and returns one lazy
            table expression; or an `Estimate`. Its docstring is the definition that people read.
        order: Columns that tell its rows apart, by which they are put in order for other programs; a leading
            minus puts the highest first.
        money: Which of its columns are money.
    """

    build: Build
    order: tuple[str, ...]
    money: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name by which pages, the command line and the documents call it."""
        return self.build.__name__


class Ask(Protocol):
    """How a room asks its metrics of the base that a reader has opened, narrowed as the reader has it."""

    @property
    def tables(self) -> Tables:
        """What the base provides: its currency, its days, its columns."""

    def __call__(self, build: Build, *, as_of: datetime.date, **options: object) -> pd.DataFrame:
        """The rows of a metric; money still in whole units of the base's scale."""


class Estimate:
    """A table that a model makes of what metrics say: asked for, kept and exported like a metric.

    Args:
        build: Takes `Ask` and keyword options, `as_of` always among them, and returns the rows; its name is
            the table's, and its docstring the definition that people read.
        lasting: Whether its rows are few and dear, so that they outlast the process that worked them out.
    """

    __name__: str

    def __init__(self, build: Callable[..., pd.DataFrame], *, lasting: bool = False) -> None:
        update_wrapper(self, build)
        self.lasting: Final = lasting
        self._build = build

    def __reduce__(self) -> str:
        # Another process finds it by its name, as it does functions.
        return self.__name__

    def __call__(self, ask: Ask, *, as_of: datetime.date, **options: object) -> pd.DataFrame:
        """The rows; money in whole units of the base's scale, as that of metrics."""
        return self._build(ask, as_of=as_of, **options)


def lasting(build: Callable[..., pd.DataFrame]) -> Estimate:
    """Make of a function an estimate whose rows outlast the process; see `Estimate`."""
    return Estimate(build, lasting=True)


Build = Union["Callable[..., ir.Table]", Estimate]
"""What makes the rows of a metric."""


class Derivation:
    """A table that is read where it lies materialised, and elsewhere is the expression that would fill it.

    Args:
        build: The expression over the canonical tables and other derived ones; its name is the table's.
        grain: `line`: each row is made of one order line, of rates and of nothing else; `customer`: each row
            belongs to one customer and depends on no other's lines; `base`: a row may depend on all lines.
    """

    def __init__(self, build: Callable[[Tables], ir.Table], grain: Grain) -> None:
        update_wrapper(self, build)
        self.name = build.__name__
        self.grain: Final = grain
        self._build = build
        self._narrow: Narrow | None = None

    def __call__(self, tables: Tables) -> ir.Table:
        """The table, where it lies or as an expression."""
        ready = tables.derived.get(self.name)
        return self.expression(tables) if ready is None else ready

    def expression(self, tables: Tables) -> ir.Table:
        """What would fill the table, made of the whole base's rows where that is less than all lines."""
        whole = None if tables.whole is None else tables.whole.derived.get(self.name)
        narrowed = None if whole is None or self._narrow is None else self._narrow(whole, tables)
        return self._build(tables) if narrowed is None else narrowed

    def narrowed(self, narrow: Narrow) -> Narrow:
        """Register how the rows of a part of the base follow from those of the whole.

        Args:
            narrow: A function of the table over the whole base and of the narrowed tables; it returns the
                rows that `build` would make of the latter, or None where the whole does not tell them.
        """
        self._narrow = narrow
        return narrow


def derivation(grain: Grain) -> Callable[[Callable[[Tables], ir.Table]], Derivation]:
    """Make a derived table of the function that builds it; see `Derivation`."""
    return lambda build: Derivation(build, grain)
