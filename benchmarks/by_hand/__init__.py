"""The questions of the pages as one would write them by hand in DuckDB's SQL, straight from the order lines.

Each reads only the columns that its question needs, from the very file that ours is asked of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from benchmarks.asked import Question
from benchmarks.by_hand import customers, overview, retention, segments
from benchmarks.by_hand.lines import Lines

_WRITTEN: Final[tuple[Callable[[Lines, dict[str, Any]], str], ...]] = (
    customers.lines_of_order,
    customers.listed_customers,
    customers.orders_of_customer,
    overview.lifecycle,
    overview.revenue_by_period,
    overview.span_figures,
    retention.cohort_retention,
    segments.abc_summary,
    segments.pareto_curve,
    segments.rfm_grid,
    segments.segment_moves,
    segments.segment_summary,
)


def sql_of(question: Question, lines: Lines) -> str:
    """The statement that answers a question; it bears the name of the question's metric.

    Raises:
        KeyError: Nobody has written one for it.
    """
    written = {write.__name__: write for write in _WRITTEN}
    return written[question.build.__name__](lines, question.options)
