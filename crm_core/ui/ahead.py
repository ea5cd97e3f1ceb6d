"""How far ahead a reader looks, how much less later money counts, and by what customers are parted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from crm_core.ui import state

HORIZONS_MONTHS: Final = ("6", "12", "24", "36")
RATES_PERCENT: Final = ("0", "5", "10", "15", "20")
USUAL_HORIZON: Final = "12"
USUAL_RATE: Final = "10"
USUAL_GROUP: Final = "segment"


@dataclass(frozen=True)
class Ahead:
    """What the address says of the time to come.

    Args:
        horizon: Months, one of `HORIZONS_MONTHS`.
        rate: By which money loses worth in a year, per cent, one of `RATES_PERCENT`.
    """

    horizon: str
    rate: str

    @property
    def horizon_months(self) -> int:
        """Months to come that count."""
        return int(self.horizon)

    @property
    def discount_rate(self) -> float:
        """The rate as a share."""
        return int(self.rate) / 100

    @property
    def parts(self) -> dict[str, str]:
        """What an address says of it, where it is not the usual."""
        usual = {"horizon": USUAL_HORIZON, "rate": USUAL_RATE}
        said = {"horizon": self.horizon, "rate": self.rate}
        return {name: value for name, value in said.items() if value != usual[name]}


def ahead() -> Ahead:
    """What the address says, or else twelve months at ten per cent."""
    return Ahead(
        state.read("horizon", HORIZONS_MONTHS) or USUAL_HORIZON,
        state.read("rate", RATES_PERCENT) or USUAL_RATE,
    )
