"""What models of who leaves learn from, of 10 million order lines, against the same by hand.

As of the last day, and as the first question about an earlier one, as each snapshot is that a model is
trained on.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import pyarrow as pa

from benchmarks.bases import demonstration_base, engine_of, warm
from benchmarks.by_hand.churn import churn_features as by_hand
from benchmarks.by_hand.lines import Lines
from benchmarks.questions import difference_between
from benchmarks.report import Check, Figure, Report
from benchmarks.settings import Settings
from benchmarks.timing import alternating, seconds_of
from crm_core.churn.metrics import churn_features
from crm_core.tables import Selection
from crm_core.workspace import Workspace, open_base

RATIO: Final = 2.0
_EARLIER_DAYS: Final = 90
_MOST_COMPARED: Final = 20_000
"""Customers whose every column is compared; of all of them the sums are."""


def run(settings: Settings) -> Report:
    """Time both as of two days, and compare what they say of the customers."""
    base = demonstration_base(settings, settings.customers)
    lines: list[Figure | Check] = []
    for about, days in (("the last day", 0), (f"{_EARLIER_DAYS} days earlier", _EARLIER_DAYS)):
        lines += _Snapshot(base, settings, days).lines(about)
    return Report(
        "churn_features", f"{settings.customers:,} customers, {settings.threads} threads", tuple(lines)
    )


class _Snapshot:
    """The features as of a day, ours as the first question about it, and by hand on the same file."""

    def __init__(self, base: Path, settings: Settings, days: int) -> None:
        self._base = base
        self._settings = settings
        self._days = days
        self._workspace = self._opened()
        self._found = self._expected = pa.table({})

    def lines(self, about: str) -> list[Figure | Check]:
        """Seconds, the ratio, and how the answers differ if they do."""
        pairs = alternating(self._settings.pairs, self._ours, self._theirs)
        self._workspace.close()
        difference = difference_between(_some(self._found), _some(self._expected))
        return [
            Figure(f"as of {about}", pairs.seconds),
            Figure(f"as of {about} / by hand ({pairs.peer_seconds:.1f} s)", pairs.ratio, "x", RATIO),
            Check(f"as of {about}: equal", not difference, difference),
        ]

    @property
    def _day(self) -> dt.date:
        return self._workspace.as_of - dt.timedelta(days=self._days)

    def _opened(self) -> Workspace:
        workspace = open_base(str(self._base), limits=self._settings.limits())
        warm(workspace)
        return workspace

    def _ours(self) -> float:
        self._workspace.close()
        self._workspace = self._opened()
        answers = self._workspace.ask(Selection()).answers
        day = self._day

        def put() -> None:
            self._found = answers.ask(churn_features, Selection(), day, {})

        return seconds_of(put)

    def _theirs(self) -> float:
        statement = by_hand(Lines(self._workspace.tables, Selection(), self._day))
        engine = engine_of(self._workspace)

        def put() -> None:
            self._expected = engine.sql(statement).to_arrow_table()

        return seconds_of(put)


def _some(rows: pa.Table) -> pa.Table:
    return rows.sort_by("customer_id").slice(0, _MOST_COMPARED).to_pandas()
