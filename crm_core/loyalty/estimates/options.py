"""The options that the tables of this room share, each a type that says what it means."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from crm_core.customers.metrics import Grouping
from crm_core.loyalty.rules import Programme
from crm_core.periods import Calendar

Until = Annotated[dt.date, "Only what happened up to the end of this day exists; the last day of the replay."]
AnyProgramme = Annotated[Programme, "Which, as a file of it or one of the templates by name."]
JoinedProgramme = Annotated[
    Programme, "Which, as a file of it or one of the templates by name; one that customers joined."
]
RankingProgramme = Annotated[Programme, "Whose indicators, as a file of it or one of the templates by name."]
OtherProgramme = Annotated[Programme, "The one that it is set against."]
Months = Annotated[int, "How many months up to `as_of` are told, 1 to 60; none before the base begins."]
MonthsOf = Annotated[Calendar, "Whose months these are."]
ByMembers = Annotated[Grouping, "By what members are parted, as they are at the end."]
