"""What the expressions of derived tables say before anything is built: a fingerprint, and what they read."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from crm_core.engine.canonical import canonical_table
from crm_core.engine.filling import resolved
from crm_core.schemas import SCHEMAS
from crm_core.tables import Derivation, Tables


@cache
def fingerprint(derivations: tuple[Derivation, ...]) -> str:
    """What decides the contents of a file beyond its parts: every expression, as the engine would read it."""
    digest = hashlib.sha256(duckdb.__version__.encode())
    canonical = (resolved(name, [_as_stored(name)] * count) for name in SCHEMAS for count in (1, 2))
    for expression in (*canonical, *_expressions(derivations)):
        digest.update(ibis.to_sql(expression, dialect="duckdb").encode())
    digest.update(repr([(one.name, one.grain) for one in derivations]).encode())
    return digest.hexdigest()[:16]


@cache
def tables_read(derivations: tuple[Derivation, ...]) -> frozenset[str]:
    """The canonical tables that the derivations read."""
    leaves = (leaf for one in _expressions(derivations) for leaf in one.op().find(ops.UnboundTable))
    return frozenset(leaf.name for leaf in leaves if leaf.name in SCHEMAS)


@cache
def _expressions(derivations: tuple[Derivation, ...]) -> tuple[ir.Table, ...]:
    """The derivations over tables that lie nowhere."""
    canonical = {name: resolved(name, [_as_stored(name)]) for name in SCHEMAS}
    provided = frozenset(f"{name}.{column}" for name, schema in SCHEMAS.items() for column in schema.columns)
    orders = canonical.pop("orders")
    # XXX is ISO 4217's "no currency": what a base's own is must not decide whether its file fits.
    tables = Tables(orders=orders, others=canonical, provided=provided, currency="XXX")
    found = []
    for derivation in derivations:
        expression = derivation(tables)
        found.append(expression)
        unbound = ibis.table(expression.schema(), name=derivation.name)
        tables = replace(tables, derived={**tables.derived, derivation.name: unbound})
    return tuple(found)


def _as_stored(name: str) -> ir.Table:
    """A part as imports write it, that lies nowhere."""
    texts = ibis.table(dict.fromkeys(SCHEMAS[name].columns, "string"), name=name)
    columns = dict(canonical_table(name, texts).schema().items())
    moments = [f"{column}_valid_at" for column in columns] if name == "customers" else []
    return ibis.table({**columns, **dict.fromkeys(("valid_at", *moments), "timestamp")}, name=name)
