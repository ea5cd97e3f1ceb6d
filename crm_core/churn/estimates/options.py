"""The options that the tables of this room share, each a type that says what it means."""

from __future__ import annotations

from typing import Annotated

from crm_core.churn.metrics import Churn
from crm_core.tables import Estimate

HorizonDays = Annotated[
    int,
    "Over how many days it is asked whether a customer leaves, up to 3,650; 0 for the horizon that fits the "
    "rhythm of purchases.",
]
ChurnOf = Annotated[
    Churn, "`purchases`: who does not buy within the horizon leaves; `contract`: whose contract ends."
]
NoPurchase = Annotated[
    Estimate | None,
    "Gives each customer's chance of no purchase by a model of repeat purchases, as one more feature; "
    "without it there is none.",
]
