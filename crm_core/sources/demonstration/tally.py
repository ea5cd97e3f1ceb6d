"""What became of the process, counted chunk by chunk: the realised part of the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from crm_core.sources.demonstration.draws import Flags, Floats, Ints
from crm_core.sources.demonstration.history import BY_ITSELF, CONTROL, STAYED, TREATMENT, History
from crm_core.sources.demonstration.people import People
from crm_core.sources.demonstration.settings import DemonstrationSettings
from crm_core.sources.demonstration.settings.contact import Campaign
from crm_core.sources.demonstration.settings.leaving import REASONS

ARMS: Final = {TREATMENT: "treatment", CONTROL: "control"}


def purchases_in_window(
    settings: DemonstrationSettings, campaign: Campaign, history: History, customers: int
) -> Ints:
    """How often each customer bought in a campaign's window."""
    sent = settings.day(campaign.sent)
    within = (history.moment >= sent) & (history.moment < sent + campaign.window_days)
    return np.bincount(history.customer[within], minlength=customers)


@dataclass
class Tally:
    """Counts over the chunks, from which the realised part of the truth follows.

    Args:
        buyers, purchases, left: By group x acquisition channel.
        known, stayed: Buyers whose first `retention_days` lie within the history, and those alive after them;
            likewise.
        reasons: Customers who left, by reason (`REASONS`, then by itself).
        exposed: Purchases at which each reason held.
        assigned, answered: Customers and their purchases in the window, by campaign x group x arm
            (0 treatment, 1 control).
        members: Members at the end by group.
        naive_customers, naive_purchases: Customers who had bought before the last `comparison_days` and their
            purchases in them, by others / members.
    """

    settings: DemonstrationSettings
    buyers: Floats
    purchases: Floats
    left: Floats
    known: Floats
    stayed: Floats
    reasons: Floats
    exposed: Floats
    assigned: Floats
    answered: Floats
    members: Floats
    naive_customers: Floats
    naive_purchases: Floats

    @classmethod
    def empty(cls, settings: DemonstrationSettings) -> Tally:
        cells = (len(settings.groups), len(settings.acquisition_channels))
        arms = (len(settings.campaigns), len(settings.groups), len(ARMS))
        return cls(
            settings,
            buyers=np.zeros(cells),
            purchases=np.zeros(cells),
            left=np.zeros(cells),
            known=np.zeros(cells),
            stayed=np.zeros(cells),
            reasons=np.zeros(len(REASONS) + 1),
            exposed=np.zeros(len(REASONS)),
            assigned=np.zeros(arms),
            answered=np.zeros(arms),
            members=np.zeros(len(settings.groups)),
            naive_customers=np.zeros(2),
            naive_purchases=np.zeros(2),
        )

    def add(self, people: People, history: History) -> None:
        """Count one chunk."""
        counts = np.bincount(history.customer, minlength=len(people))
        bought = counts > 0
        left = np.isfinite(history.left)
        year = self.settings.truth.retention_days
        known = bought & (people.arrived + year <= self.settings.days)
        stayed = known & (history.left > people.arrived + year)
        for total, chosen in (
            (self.buyers, bought),
            (self.left, left),
            (self.known, known),
            (self.stayed, stayed),
        ):
            np.add.at(total, (people.group[chosen], people.acquisition[chosen]), 1)
        np.add.at(self.purchases, (people.group, people.acquisition), counts)
        self.reasons += np.bincount(history.reason[history.reason != STAYED], minlength=BY_ITSELF + 1)
        self.exposed += history.exposed
        for number, campaign in enumerate(self.settings.campaigns):
            within = purchases_in_window(self.settings, campaign, history, len(people))
            for place, arm in enumerate(ARMS):
                chosen = history.arms[number] == arm
                np.add.at(self.assigned[number, :, place], people.group[chosen], 1)
                np.add.at(self.answered[number, :, place], people.group[chosen], within[chosen])
        self.members += np.bincount(
            people.group[np.isfinite(history.member_since)], minlength=len(self.members)
        )
        self._compare_naively(people, history, bought)

    def _compare_naively(self, people: People, history: History, bought: Flags) -> None:
        begins = self.settings.days - self.settings.truth.comparison_days
        before = bought & (people.arrived < begins)
        member = (history.member_since < begins).astype(np.int64)
        late = history.customer[history.moment >= begins]
        purchases = np.bincount(late, minlength=len(people))
        self.naive_customers += np.bincount(member[before], minlength=2)
        self.naive_purchases += np.bincount(member[before], weights=purchases[before], minlength=2)
