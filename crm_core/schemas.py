"""The canonical schemas: the columns of a customer base, whichever engine holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

ColumnType = Literal["text", "timestamp", "date", "money", "quantity", "number", "flag"]

MONEY_SCALE: Final = 10_000
"""Units of stored money in one unit of currency; 1 in a base whose currency needs no fractions."""
QUANTITY_SCALE: Final = 10_000
"""Units of stored quantity in one piece."""

HELD_BACK: Final = "none"
"""The direction of a contact that was not made: it says who was held back from a campaign."""

DATATYPES: Final[Mapping[ColumnType, str]] = MappingProxyType(
    {
        "text": "string",
        "timestamp": "timestamp",
        "date": "date",
        "money": "int64",
        "quantity": "int64",
        "number": "float64",
        "flag": "boolean",
    }
)
"""Ibis types by kind of column."""


@dataclass(frozen=True)
class Schema:
    """Columns of a canonical table by type, and which of them it cannot do without.

    `timestamp` is local wall-clock time of the base's time zone, without a zone. `money` is a whole number of
    1/money_scale of the base's currency; an amount in another currency is a whole number of 1/10,000 of that
    currency. `quantity` is a whole number of 1/10,000 piece.
    """

    columns: Mapping[str, ColumnType]
    required: frozenset[str]


def _schema(required: str, **columns: ColumnType) -> Schema:
    return Schema(MappingProxyType(columns), frozenset(required.split()))


SCHEMAS: Final[Mapping[str, Schema]] = MappingProxyType(
    {
        "orders": _schema(
            "customer_id ordered_at amount",
            order_id="text",
            customer_id="text",
            ordered_at="timestamp",
            amount="money",
            currency="text",
            quantity="quantity",
            product_id="text",
            product="text",
            category="text",
            cost="money",
            discount="money",
            channel="text",
            brand="text",
        ),
        "customers": _schema(
            "customer_id",
            customer_id="text",
            name="text",
            kind="text",
            email="text",
            phone="text",
            city="text",
            region="text",
            country="text",
            language="text",
            birth_date="date",
            created_at="timestamp",
            acquisition_channel="text",
            owner="text",
            department="text",
            referred_by="text",
            potential="flag",
        ),
        "consents": _schema(
            "customer_id channel allowed changed_at",
            customer_id="text",
            channel="text",
            allowed="flag",
            changed_at="timestamp",
            purpose="text",
            source="text",
        ),
        "contacts": _schema(
            "customer_id contacted_at channel",
            customer_id="text",
            contacted_at="timestamp",
            channel="text",
            direction="text",
            campaign_id="text",
            outcome="text",
            cost="money",
            currency="text",
        ),
        "payments": _schema(
            "customer_id due_at amount",
            customer_id="text",
            due_at="timestamp",
            amount="money",
            invoice_id="text",
            order_id="text",
            paid_at="timestamp",
            currency="text",
        ),
        "complaints": _schema(
            "customer_id opened_at",
            customer_id="text",
            opened_at="timestamp",
            case_id="text",
            resolved_at="timestamp",
            topic="text",
            severity="text",
            satisfaction="number",
        ),
        "surveys": _schema(
            "customer_id answered_at question score",
            customer_id="text",
            answered_at="timestamp",
            question="text",
            score="number",
        ),
        "contracts": _schema(
            "customer_id started_at",
            customer_id="text",
            started_at="timestamp",
            ended_at="timestamp",
            plan="text",
            monthly_amount="money",
            currency="text",
        ),
        "rates": _schema(
            "currency valid_from rate",
            currency="text",
            valid_from="date",
            rate="number",
        ),
    }
)
