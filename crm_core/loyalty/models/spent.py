"""What members did with their points while a ledger runs."""

from __future__ import annotations

from typing import Final

import numpy as np

from crm_core.loyalty.models.accounts import Flags, Held, Integers
from crm_core.loyalty.models.fates import Use, used_since

USES: Final = ("redeemed", "expired", "taken_back")
"""What uses points."""


class Spent:
    """What was done with the points of members while the ledger runs, for one set of those who use points.

    Args:
        redeems: Whether each member uses points.
        issued: Points that each brings in.
        rewards: How many rewards there are.
    """

    def __init__(self, redeems: Flags, issued: Integers, rewards: int) -> None:
        members = redeems.size
        self.redeems = redeems
        self.consumed = np.zeros(members, np.int64)
        self.sums = {name: np.zeros(members, np.int64) for name in USES}
        self.uses: dict[str, list[Use]] = {name: [] for name in USES}
        self.rewards = np.zeros((members, rewards), np.int64)
        self.balance_before = issued
        self.closed: list[dict[str, int]] = []
        self.rewards_closed: list[Integers] = []
        self._told = dict.fromkeys(USES, 0)
        self._rewards_told = np.zeros(rewards, np.int64)
        self.begin_following(issued)

    def begin_telling(self, issued: Integers) -> None:
        """What is told begins now, with balances as they are."""
        for sums in (*self.sums.values(), self.rewards):
            sums[:] = 0
        self.balance_before = issued - self.consumed
        self._forget()

    def begin_following(self, issued: Integers) -> None:
        """What becomes of the points that are held now is followed."""
        self._followed = issued.copy(), issued - self.consumed
        self._used_before = {name: len(uses) for name, uses in self.uses.items()}

    def close(self, issued: Integers) -> None:
        """The end of a calendar period."""
        balance = issued - self.consumed
        usable = int(balance[self.redeems].sum())
        self.closed.append(self._told | {"balance": int(balance.sum()), "usable": usable})
        self.rewards_closed.append(self._rewards_told)
        self._forget()

    def redeem(self, member: Integers, issued: Integers, asked: Integers, order: Integers) -> None:
        """Each takes the reward of most points that the balance allows; rewards are in their order."""
        member = member[self.redeems[member]]
        place = np.searchsorted(asked, issued[member] - self.consumed[member], side="right") - 1
        member, place = member[place >= 0], place[place >= 0]
        self.use("redeemed", member, asked[place])
        taken = order[place]
        self.rewards[member, taken] += 1
        self._rewards_told += np.bincount(taken, minlength=order.size)

    def use(self, name: str, member: Integers, points: Integers) -> None:
        """Points of some members are used for one thing on one day."""
        some = points > 0
        if not some.any():
            return
        member, points = member[some], points[some]
        self.uses[name].append(Use(member, self.consumed[member], points))
        self.consumed[member] += points
        self.sums[name][member] += points
        self._told[name] += int(points.sum())

    def held(self) -> Held:
        """The points that were held when following began, and what became of them."""
        issued, balance = self._followed
        used = {
            name: used_since(uses[self._used_before[name] :], issued, self.redeems)
            for name, uses in self.uses.items()
        }
        return Held(
            points=int(balance[self.redeems].sum()),
            redeemed=used["redeemed"],
            lost=used["expired"] + used["taken_back"],
        )

    def _forget(self) -> None:
        self._told = dict.fromkeys(USES, 0)
        self._rewards_told = np.zeros_like(self._rewards_told)
