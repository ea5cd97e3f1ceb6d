"""What the pages ask of 10 million order lines: at default filters, and under one that touches every line.

Under a filter each question is put as the first one: the base was just opened, and nothing is narrowed yet.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final, cast

import pandas as pd
from pandas.api.types import is_float_dtype

from benchmarks.asked import Question, questions_of_pages
from benchmarks.bases import demonstration_base, engine_of, fresh, warm
from benchmarks.by_hand import sql_of
from benchmarks.by_hand.lines import Lines
from benchmarks.report import Check, Figure, Report
from benchmarks.settings import Settings
from benchmarks.timing import alternating, seconds_of
from crm_core.overview.answers import overview
from crm_core.retention.metrics import cohort_retention
from crm_core.segments.answers import segments
from crm_core.tables import Selection
from crm_core.workspace import Workspace, open_base

SECONDS_AT_DEFAULT: Final = 0.3
SECONDS_OF_COHORTS: Final = 1.5
"""The first time; again it is a known answer, as `sessions` measures."""
SECONDS_WITH_FILTER: Final = 1.5
RATIO: Final = 1.5
"""To the statement by hand: of every question under a filter, and of the cohorts without one, too."""

FILTERS: Final = ("channels", "categories", "regions", "earlier")

WHOLE: Final = "all that three pages ask at first, one after the other"

_EARLIER_DAYS: Final = 100
_MOST_PAIRS: Final = 3
"""A question about a filter is timed so often at the most: each time the base is opened and warmed first."""


def run(settings: Settings, filters: Sequence[str] = FILTERS) -> Report:
    """Time every question and compare every answer with the one written by hand."""
    base = demonstration_base(settings, settings.customers)
    workspace = open_base(str(base), limits=settings.limits())
    warm(workspace)
    questions = questions_of_pages(fresh(workspace), workspace.as_of)
    lines = _at_default(workspace, questions, settings.pairs)
    rows = workspace.passport.tables[0].rows
    narrowings = {name: _narrowing(workspace, name) for name in filters}
    workspace.close()
    answers = len(questions)
    for name, (selection, day) in narrowings.items():
        asked = _asked_at(base, settings, day)
        answers += len(asked)
        for question in asked:
            about = f"{name}: {question.name}"
            # One customer's lines are few under any filter: that is no question that touches all of them.
            limit = None if question.about == "one customer" else RATIO
            lines += _FirstAbout(base, settings, [question], selection, day).lines(about, limit)
        views = [question for question in asked if not question.about]
        answers += len(views)
        lines += _FirstAbout(base, settings, views, selection, day).lines(f"{name}: {WHOLE}", RATIO)
    unlike = [line for line in lines if isinstance(line, Check)]
    equal = Check(f"all {answers} answers equal those by hand", not unlike, f"{len(unlike)} do not")
    about = f"{rows:,} order lines, {settings.threads} threads, median of {settings.pairs}"
    return Report("questions", about, (*lines, equal))


def _narrowing(workspace: Workspace, name: str) -> tuple[Selection, dt.date]:
    """What touches every line: half of the channels, some categories, half of the regions, an earlier day."""
    choices, as_of = workspace.choices, workspace.as_of
    selections = {
        "channels": Selection(channels=choices.channels[:2]),
        "categories": Selection(categories=choices.categories[:3]),
        "regions": Selection(regions=choices.regions[: len(choices.regions) // 2]),
        "earlier": Selection(),
    }
    return selections[name], as_of - dt.timedelta(days=_EARLIER_DAYS) if name == "earlier" else as_of


def _asked_at(base: Path, settings: Settings, day: dt.date) -> list[Question]:
    """The questions as of a day; those in another calendar are the same over other months, and left out."""
    workspace = open_base(str(base), limits=settings.limits())
    try:
        questions = questions_of_pages(fresh(workspace), day)
    finally:
        workspace.close()
    return [question for question in questions if question.about != "jalali"]


def _at_default(workspace: Workspace, questions: Sequence[Question], rounds: int) -> list[Figure | Check]:
    as_of = workspace.as_of
    lines: list[Figure | Check] = []
    for question in questions:
        found = question.put(fresh(workspace), as_of)
        times = [_seconds_to_ask(workspace, question, as_of) for _ in range(rounds)]
        cohorts = question.build is cohort_retention
        limit = SECONDS_OF_COHORTS if cohorts else SECONDS_AT_DEFAULT
        lines.append(Figure(question.name, median(times), limit=limit))
        statement = sql_of(question, Lines(workspace.tables, Selection(), as_of))
        lines += _unlike(question.name, found, _by_hand(workspace, statement))
        if cohorts:
            pairs = alternating(
                rounds,
                partial(_seconds_to_ask, workspace, question, as_of),
                partial(seconds_of, partial(_by_hand, workspace, statement)),
            )
            name = f"{question.name} / by hand ({pairs.peer_seconds:.3f} s)"
            lines.append(Figure(name, pairs.ratio, "x", RATIO))
    for name, view in (
        ("the overview as a whole", lambda: overview(fresh(workspace), as_of=as_of, choice="last_12_months")),
        ("the segments as a whole", lambda: segments(fresh(workspace), as_of=as_of)),
    ):
        lines.append(Figure(name, median(seconds_of(view) for _ in range(rounds))))
    return lines


def _seconds_to_ask(workspace: Workspace, question: Question, as_of: dt.date) -> float:
    ask = fresh(workspace)
    return seconds_of(lambda: question.put(ask, as_of))


class _FirstAbout:
    """Questions as the first ones about a filter, and the same by hand on the same file."""

    def __init__(
        self,
        base: Path,
        settings: Settings,
        questions: Sequence[Question],
        selection: Selection,
        day: dt.date,
    ) -> None:
        self._base = base
        self._settings = settings
        self._questions = questions
        self._selection = selection
        self._day = day
        self._workspace = self._opened()
        narrowed = Lines(self._workspace.tables, selection, day)
        self._statements = [sql_of(question, narrowed) for question in questions]
        self._found: list[pd.DataFrame] = []
        self._expected: list[pd.DataFrame] = []

    def lines(self, name: str, limit: float | None) -> list[Figure | Check]:
        """Seconds, the ratio to the statements by hand, and how the answers differ if they do."""
        pairs = alternating(min(self._settings.pairs, _MOST_PAIRS), self._ours, self._theirs)
        self._workspace.close()
        return [
            Figure(name, pairs.seconds, limit=SECONDS_WITH_FILTER * len(self._questions)),
            Figure(f"{name} / by hand ({pairs.peer_seconds:.3f} s)", pairs.ratio, "x", limit),
            *(
                unlike
                for mine, theirs in zip(self._found, self._expected, strict=True)
                for unlike in _unlike(name, mine, theirs)
            ),
        ]

    def _opened(self) -> Workspace:
        workspace = open_base(str(self._base), limits=self._settings.limits())
        warm(workspace)
        return workspace

    def _ours(self) -> float:
        self._workspace.close()
        self._workspace = self._opened()
        ask = self._workspace.ask(self._selection)

        def put() -> None:
            self._found = [question.put(ask, self._day) for question in self._questions]

        return seconds_of(put)

    def _theirs(self) -> float:
        def put() -> None:
            self._expected = [_by_hand(self._workspace, statement) for statement in self._statements]

        return seconds_of(put)


def _by_hand(workspace: Workspace, statement: str) -> pd.DataFrame:
    frame: pd.DataFrame = engine_of(workspace).sql(statement).to_arrow_table().to_pandas()
    return frame


def _unlike(name: str, found: pd.DataFrame, expected: pd.DataFrame) -> Iterator[Check]:
    """A failed check when an answer is not the one written by hand; nothing when it is."""
    difference = difference_between(found, expected)
    if difference:
        yield Check(f"{name} equals by hand", holds=False, found=difference)


def difference_between(found: pd.DataFrame, expected: pd.DataFrame) -> str:
    """How two answers differ: in columns, rows or a value; empty when they are equal in any order of rows.

    Whole numbers must be equal; shares may differ in the last digits of a double.
    """
    columns = sorted(found.columns)
    if columns != sorted(expected.columns):
        return f"columns {columns} for {sorted(expected.columns)}"
    if len(found) != len(expected):
        return f"{len(found)} rows for {len(expected)}"
    fractions = {name for frame in (found, expected) for name in columns if is_float_dtype(frame[name])}
    keys = [name for name in columns if name not in fractions]
    for mine, theirs in zip(_sorted(found, keys), _sorted(expected, keys), strict=True):
        for column in columns:
            if not _same(mine[column], theirs[column]):
                return f"{column} {mine[column]} for {theirs[column]}"
    return ""


def _sorted(frame: pd.DataFrame, keys: list[str]) -> list[Mapping[str, Any]]:
    rows = cast(list[Mapping[str, Any]], frame.to_dict("records"))
    return sorted(rows, key=lambda row: [str(row[key]) for key in keys])


def _same(mine: Any, theirs: Any) -> bool:
    if pd.isna(mine) or pd.isna(theirs):
        return bool(pd.isna(mine) and pd.isna(theirs))
    if isinstance(mine, float) or isinstance(theirs, float):
        return math.isclose(mine, theirs, rel_tol=1e-12)
    return bool(mine == theirs)
