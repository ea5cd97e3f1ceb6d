"""A mapping in the making: what a reader has said so far of where each column comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from crm_core.schemas import SCHEMAS
from crm_core.sources.guessing import quoted
from crm_core.sources.headers import SourceColumns
from crm_core.sources.mapping import Mapping, SourceOptions, TableMapping

_OF_CUSTOMERS: Final = ("name", "email", "phone", "city", "region", "country", "acquisition_channel")
"""What a file of orders often says of its customers, too."""
PRICED: Final = "quantity"
"""The column by which a unit price is multiplied where a file has no amount of the line."""


@dataclass(frozen=True)
class MappingDraft:
    """What a reader has said of a file.

    Args:
        table: The canonical table that it is for.
        mapping: What fills what, with those options that were stated, not those that were recognised.
        priced: Whether the amount is to be a unit price times a quantity.
        price: The column of the unit price, as an expression; empty while none was chosen.
    """

    table: str
    mapping: Mapping
    priced: bool = False
    price: str = ""

    @classmethod
    def of(cls, table: str, mapping: Mapping, columns: tuple[str, ...]) -> MappingDraft:
        """The draft of a mapping that was guessed or written by hand for a file of these columns."""
        filled = mapping.tables.get(table, TableMapping()).columns
        amount, quantity = filled.get("amount"), filled.get(PRICED)
        if table == "orders" and amount and quantity:
            first = quoted(column_of(quantity, columns))
            for price in columns:
                if amount == f"{first} * {quoted(price)}":
                    return cls(table, mapping, priced=True, price=price)
        return cls(table, mapping)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns without which the table cannot be."""
        schema = SCHEMAS[self.table]
        return tuple(column for column in schema.columns if column in schema.required)

    @property
    def optional(self) -> tuple[tuple[str, str], ...]:
        """The other columns that are worth asking for, each with its table."""
        own = tuple((self.table, column) for column in SCHEMAS[self.table].columns)
        rest = tuple(pair for pair in own if pair[1] not in self.required)
        if self.table != "orders":
            return rest
        priced = {("orders", PRICED)} if self.priced else set()
        others = tuple(("customers", column) for column in _OF_CUSTOMERS)
        return tuple(pair for pair in rest + others if pair not in priced)

    def source_of(self, table: str, column: str) -> str:
        """What fills a column: an expression, or nothing."""
        return self.mapping.tables.get(table, TableMapping()).columns.get(column, "")

    def with_source(self, table: str, column: str, expression: str) -> MappingDraft:
        """The draft with another source of a column; nothing lets it go."""
        if (table, column) == ("orders", "amount"):
            return replace(self, priced=False, price="")._filled(table, column, expression)
        changed = self._filled(table, column, expression)
        return (
            changed.by_price(self.price) if self.priced and (table, column) == ("orders", PRICED) else changed
        )

    def by_price(self, price: str) -> MappingDraft:
        """The draft whose amount is a unit price times the quantity, as soon as both are chosen."""
        quantity = self.source_of("orders", PRICED)
        amount = f"{quoted(quantity)} * {quoted(price)}" if quantity and price else ""
        return replace(self, priced=True, price=price)._filled("orders", "amount", amount)

    def with_option(self, name: str, value: str | None) -> MappingDraft:
        """The draft with a stated option; None leaves it to be recognised."""
        return replace(
            self, mapping=replace(self.mapping, source=replace(self.mapping.source, **{name: value}))
        )

    def with_mapping(
        self, mapping: Mapping, recognised: SourceOptions, columns: tuple[str, ...]
    ) -> MappingDraft:
        """The draft of a mapping that was written by hand, where what was recognised anyway is not stated."""
        kept = {
            name: value
            for name, value in mapping.source.stated().items()
            if getattr(recognised, name) != value or getattr(self.mapping.source, name) == value
        }
        table = self.table if self.table in mapping.tables else next(iter(mapping.tables), self.table)
        return MappingDraft.of(table, replace(mapping, source=SourceOptions(**kept)), columns)

    def _filled(self, table: str, column: str, expression: str) -> MappingDraft:
        tables = dict(self.mapping.tables)
        before = tables.get(table, TableMapping())
        columns = {name: source for name, source in before.columns.items() if name != column}
        constants = {name: value for name, value in before.constants.items() if name != column}
        tables[table] = TableMapping({**columns, **({column: expression} if expression else {})}, constants)
        if self.table == "orders":
            # Customers come out of orders by the orders' own customer, where something is said of them.
            customer = tables["orders"].columns.get("customer_id") if "orders" in tables else None
            told = tables.pop("customers", TableMapping())
            about = {name: source for name, source in told.columns.items() if name != "customer_id"}
            if customer and (about or told.constants):
                tables["customers"] = TableMapping({"customer_id": customer, **about}, told.constants)
        tables = {name: told for name, told in tables.items() if told.columns or told.constants}
        return replace(self, mapping=replace(self.mapping, tables=tables))


def column_of(expression: str, columns: tuple[str, ...]) -> str:
    """The column of the file that an expression is, or the expression where it is more than one column."""
    if expression in columns:
        return expression
    return SourceColumns(columns).find(expression.strip('`"')) or expression
