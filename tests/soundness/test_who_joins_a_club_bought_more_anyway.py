"""Members of a club that does nothing were told to buy twice as often for it as others alike.

Who joins at a purchase has a higher rate than who does not, whatever both have bought; matching on that
leaves the difference in. Nor may purchases since the opening be the time before: who has not joined at any of
them has fewer of them the likelier joining is.
"""

from __future__ import annotations

from benchmarks.club_histories import club_histories, with_club
from crm_core.sources.demonstration import settings_from_file


def test_a_club_that_does_nothing_is_found_to_do_nothing() -> None:
    nothing = with_club(settings_from_file(), rate_factor=1.0, elasticity=2.0)
    found = {one.method: one for one in club_histories(nothing, 6_000, 1).effects("purchases")}
    assert found["naive"].low > 3
    assert found["matched"].low > 1.5
    assert found["difference"].low <= 1 <= found["difference"].high
