"""Months of pictures of the club: what stands under them, and what is told of each on hover."""

from __future__ import annotations

from typing import Final

import pandas as pd

from crm_core.ui.shell import Reader

_LABELS: Final = 6
"""Labels of the time axis, at the most."""


def with_labels(reader: Reader, months: pd.DataFrame) -> pd.DataFrame:
    """Months with what stands under some of them: the month, and the year where it is a new one."""
    numbers = [int(month) for month in months["month"]]
    every = -(-len(numbers) // _LABELS)
    labelled = {one for at, one in enumerate(reversed(numbers)) if at % every == 0}
    language = reader.language
    labels = [language.period(one, "month", style="narrow") if one in labelled else "" for one in numbers]
    years = [language.digits(str(one // 12)) if one in labelled else "" for one in numbers]
    first = [year if year not in years[:at] else "" for at, year in enumerate(years)]
    return months.assign(label=labels, year=first)


def told_of(reader: Reader, key: str, months: pd.DataFrame, column: str, what: str) -> list[str]:
    """Of each month how many there were of something, in a message that says month, what and count."""
    return [
        reader.say(
            key, month=reader.language.period(int(month), "month", style="long"), what=what, count=int(count)
        )
        for month, count in zip(months["month"], months[column], strict=True)
    ]
