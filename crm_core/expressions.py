"""Pieces of expressions that give the same on every engine."""

from __future__ import annotations

from typing import cast

import ibis
import ibis.expr.types as ir

from crm_core.base import NORMAL_QUANTILE
from crm_core.periods import day_of_second


def wilson_interval(count: ir.IntegerValue, of: ir.IntegerValue) -> tuple[ir.FloatingValue, ir.FloatingValue]:
    """The 95 % Wilson interval of the share that `count` is of `of`, 1 or more; it lies within 0 and 1."""
    counted, size = count.cast("float64"), of.cast("float64")
    square = NORMAL_QUANTILE * NORMAL_QUANTILE
    spread = (counted * (size - counted) / size + square / 4).sqrt() * NORMAL_QUANTILE
    low = (counted + square / 2 - spread) / (size + square)
    high = (counted + square / 2 + spread) / (size + square)
    return (
        cast("ir.FloatingValue", (count == 0).ifelse(0.0, low)),
        cast("ir.FloatingValue", (count == of).ifelse(1.0, high)),
    )


def day_number(moment: ir.TimestampValue) -> ir.IntegerValue:
    """The day number of a moment."""
    return cast("ir.IntegerValue", day_of_second(moment.epoch_seconds()))


def date_of_day(day: ir.IntegerValue) -> ir.DateValue:
    """The date of a day number, for a column that leaves the engine."""
    # Through a double, because DuckDB multiplies small whole numbers in 32 bits, which end in 2038.
    seconds = (day.cast("float64") * 86_400).cast("int64")
    return cast("ir.DateValue", seconds.cast("timestamp('UTC')").date())


def rounded(value: ir.FloatingValue) -> ir.IntegerValue:
    """The nearest whole number, halves away from zero; `round` of engines differs on them."""
    nearest = (value < 0).ifelse(-((-value + 0.5).floor()), (value + 0.5).floor())
    return cast("ir.IntegerValue", nearest.cast("int64"))


def integers(count: int) -> ir.Table:
    """The numbers 0 to count - 1 in a column `n`, without touching stored data."""
    numbers = ibis.literal(0, "int64").name("n").as_table()
    digits = ibis.union(*(ibis.literal(digit, "int64").name("digit").as_table() for digit in range(10)))
    for power in range(len(str(max(count - 1, 0)))):
        crossed = numbers.cross_join(digits.view())
        numbers = crossed.select(n=crossed.n + 10**power * crossed.digit)
    return numbers.filter(numbers.n < count)
