"""What a feature is when there is nothing to count, and what a base must provide for it to be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import ibis
import ibis.expr.types as ir

from crm_core.tables import Tables


@dataclass(frozen=True)
class Feature:
    """A column that says something of a customer.

    Args:
        datatype: Its Ibis type.
        needs: The `table.column` without which it is null for everybody; empty where orders suffice.
        empty: What it is for a customer of whom there are no rows; None for null.
    """

    datatype: str
    needs: str = ""
    empty: int | None = None


Features = Mapping[str, Feature]


def count(needs: str = "") -> Feature:
    """A number of things, or a sum: 0 where there are none."""
    return Feature("int64", needs, 0)


def days(needs: str = "") -> Feature:
    """A whole number that is null where there is nothing to tell it of."""
    return Feature("int64", needs)


def ratio(needs: str = "") -> Feature:
    """A fraction that is null where there is nothing to tell it of."""
    return Feature("float64", needs)


def name(needs: str) -> Feature:
    """A text."""
    return Feature("string", needs)


def beside(people: ir.Table, rows: ir.Table | None, features: Features, tables: Tables) -> ir.Table:
    """Customers with some more of their features; with nothing but nulls where the base has no such rows.

    Args:
        people: One row a customer.
        rows: At most one row a customer, by `customer_id`, with the columns in `features`.
        features: What is taken of the rows.
        tables: What the base provides.
    """
    if rows is None:
        return people.mutate(**{one: ibis.null(feature.datatype) for one, feature in features.items()})
    joined = people.left_join(rows, "customer_id")
    return joined.select(*people.columns, **told(joined, features, tables))


def told(rows: ir.Table, features: Features, tables: Tables) -> dict[str, ir.Value]:
    """The columns of rows as their features say: of one type, and empty or null where there is nothing."""
    return {one: _told(rows, one, feature, tables) for one, feature in features.items()}


def _told(rows: ir.Table, column: str, feature: Feature, tables: Tables) -> ir.Value:
    if feature.needs and feature.needs not in tables.provided:
        return ibis.null(feature.datatype)
    value = rows[column].cast(feature.datatype)
    return value if feature.empty is None else value.coalesce(feature.empty)


def divided(value: ir.IntegerValue, by: ir.IntegerValue) -> ir.FloatingValue:
    """A quotient, null where there is nothing to divide by."""
    some = ibis.ifelse(by == 0, ibis.null("int64"), by)
    return cast("ir.FloatingValue", value.cast("float64") / some.cast("float64"))


def total(value: ir.IntegerValue, where: ir.BooleanValue | None = None) -> ir.IntegerScalar:
    """A sum of whole numbers, of those rows alone of which something holds."""
    counted = value if where is None else ibis.ifelse(where, value, 0)
    return cast("ir.IntegerScalar", counted.sum().cast("int64"))
