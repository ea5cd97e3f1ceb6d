"""How much a benchmark takes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from crm_core.engine.connection import Limits

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


@dataclass(frozen=True)
class Settings:
    """Sizes of a run; the limits are meant for these defaults, on two cores.

    Args:
        directory: Where data is made that nobody needs afterwards.
        cache: Where bases are made that another run can use again.
        shared_data: The public data sets.
        customers: Of the large demonstration base: 475,000 have 10 million order lines.
        shop_customers: Of the base that the server shows.
        fitted_customers: Of the base to which models are fitted while others read.
        file_rows: Rows of the imported file at the most; the public one has as many as stand here.
        rows: Rows of the large file.
        appended_orders: Orders that come on top of the large base.
        pairs: How often two things are timed in turn.
        sessions: Open sessions.
        seconds: How long they act.
        pause: Seconds between two actions of a session.
        threads: Of the engine.
        effect_seeds: So many bases are drawn in which the effect of a club is looked for.
    """

    directory: Path
    cache: Path
    shared_data: Path = SHARED_DATA
    customers: int = 475_000
    shop_customers: int = 20_000
    fitted_customers: int = 1_000_000
    file_rows: int = 1_067_370
    rows: int = 10_000_000
    appended_orders: int = 20_000
    pairs: int = 5
    sessions: int = 50
    seconds: float = 60.0
    pause: float = 5.0
    threads: int = 2
    effect_seeds: int = 200

    def limits(self) -> Limits:
        """What the embedded engine may use."""
        return Limits(Limits.from_environment().memory, self.threads)

    def share(self, share: float) -> Settings:
        """The same on a part of the data, with as many sessions and seconds less."""

        def part(count: int) -> int:
            return max(round(count * share), 1)

        return replace(
            self,
            customers=part(self.customers),
            shop_customers=part(self.shop_customers),
            fitted_customers=part(self.fitted_customers),
            file_rows=part(self.file_rows),
            rows=part(self.rows),
            appended_orders=part(self.appended_orders),
            sessions=part(self.sessions),
            effect_seeds=part(self.effect_seeds),
            seconds=self.seconds * share,
        )
