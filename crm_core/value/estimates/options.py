"""The options that the tables of this room share, each a type that says what it means."""

from __future__ import annotations

from typing import Annotated

HorizonMonths = Annotated[int, "How many Gregorian months to come count."]
ForecastMonths = Annotated[int, "Gregorian months for which a forecast is wanted."]
DiscountRate = Annotated[float, "By which money loses worth in a year; 0.1 is 10 %."]
