"""Whom to win back, as it is shown."""

from __future__ import annotations

from typing import Final

from crm_core.looks import Look
from crm_core.retention.answers import Cohorts
from crm_core.ui.report import ShownHighlight, Way
from crm_core.ui.retention.choices import Chosen
from crm_core.ui.retention.phrases import cohort_name
from crm_core.ui.retention.triangle import state_of
from crm_core.ui.shell import Reader

_AGES_TO_ACT_ON: Final = (3, 6, 12)
"""Periods since the first one: of younger cohorts many come back unasked."""


def what_to_do(reader: Reader, found: Cohorts, now: Chosen, look: Look) -> tuple[ShownHighlight, ...]:
    """Cohorts of several ages, and the way to those of them who have bought nothing after their first period.

    Args:
        reader: Who reads.
        found: Cohorts counted by who bought in a period or in any later one.
        now: What the address asks for, with the same counting.
        look: How it is written.
    """
    shown = []
    ages = {
        max((cell.period for cell in row.cells if cell.complete), default=0): row
        for row in found.rows
        if row.cohort is not None and not row.old
    }
    for age in _AGES_TO_ACT_ON:
        row = ages.get(age)
        cell = None if row is None else next((one for one in row.cells if one.period == 1), None)
        if row is None or cell is None or cell.few:
            continue
        missing = cell.customers - round(cell.retained)
        if not missing:
            continue
        cohort = cohort_name(reader.language, int(row.cohort or 0), found.shape, row.won, long=True)
        shown.append(
            ShownHighlight(
                label=cohort,
                headline=reader.say("retention.act", share=look.percent(1 - cell.retention_rate)),
                text=reader.say("retention.act.told", cohort=cohort, count=missing, all=cell.customers),
                way=Way(reader.say("retention.act.way"), "customer", state_of(now, row, cell, back=False)),
            )
        )
    return tuple(shown)
