"""How much of what customers did earns points by a rule, before there is a programme."""

from __future__ import annotations

import datetime as dt

import ibis.expr.types as ir

from crm_core.loyalty.metrics.entries import loyalty_entries
from crm_core.loyalty.rules import Members, Rule
from crm_core.tables import Tables


def loyalty_rule_met(
    tables: Tables, *, as_of: dt.date, members: Members, rule: Rule, begin: dt.date
) -> ir.Table:
    """How many members a rule would have given points, and how many.

    Args:
        tables: As for `loyalty_entries`.
        as_of: Only what happened up to the end of this day exists.
        members: Who takes part.
        rule: By which points are earned.
        begin: The first day that counts.

    Returns:
        Grain: one row.

        - `members`: how many were given points, 0 or more
        - `points`: how many they were given, without tiers and caps, 0 or more

    Raises:
        NotProvided: The base lacks what the rule is about.
    """
    rows = loyalty_entries(tables, as_of=as_of, members=members, earn=(rule,), begin=begin)
    given = rows.filter(rows.multiplied + rows.flat > 0)
    return given.agg(
        members=given.place.nunique().cast("int64"),
        points=(given.multiplied + given.flat).sum().coalesce(0).cast("int64"),
    )
