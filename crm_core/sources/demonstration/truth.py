"""The known truth behind the demonstration base: of each customer, and of the whole."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa

from crm_core.sources.demonstration.columns import customer_ids, looked_up, moments
from crm_core.sources.demonstration.draws import Floats
from crm_core.sources.demonstration.history import (
    BY_ITSELF,
    History,
    join_probability,
    rate_factors,
)
from crm_core.sources.demonstration.people import People
from crm_core.sources.demonstration.settings import DemonstrationSettings
from crm_core.sources.demonstration.settings.contact import Campaign
from crm_core.sources.demonstration.settings.leaving import REASONS
from crm_core.sources.demonstration.tally import ARMS, Tally, purchases_in_window


def customer_truth(settings: DemonstrationSettings, people: People, history: History) -> pa.Table:
    """What is true of each customer of a chunk.

    Returns:
        `customer_id`; `group`; `market`; `acquisition_channel`; `favourite_category`; `potential`;
        `first_purchase_at`; `purchases`, those that the process made (one whose every piece goes back under
        the same order id is none by the canonical definition); `purchase_rate`, a week at mean season;
        `leave_probability` after each purchase, without planted reasons; `mean_spend`, base currency;
        `left_at`, moment of the last purchase of those who left, null while alive; `leaving_reason`, a
        planted reason or `by itself`; `club_member_since`; `club_join_probability` at a purchase. For each
        campaign, named by its id: `<id>_arm` (`treatment`, `control`, null), `<id>_rate_factor`, the true
        effect that treatment has or would have on the customer's rate while alive, `<id>_purchases` in the
        window, and `<id>_expected_purchases`, e, those that the rate expects in it without treatment (0 for
        who had left by then, null for who was yet to buy): without treatment nothing is bought in the window
        with probability exp(-e), with it with exp(-rate_factor e), so that of who would buy nothing
        treatment keeps 1 - exp(-(rate_factor - 1) e).
    """
    counts = np.bincount(history.customer, minlength=len(people))
    bought = counts > 0
    first = np.full(len(people), np.inf)
    np.minimum.at(first, history.customer, history.moment)
    columns = {
        "customer_id": customer_ids(people.first, np.arange(len(people))),
        "group": looked_up(settings.groups, people.group),
        "market": looked_up(settings.markets, people.market),
        "acquisition_channel": looked_up(settings.acquisition_channels, people.acquisition),
        "favourite_category": looked_up(settings.categories, people.favourite),
        "potential": pa.array(people.potential),
        "first_purchase_at": moments(settings.first_day, first),
        "purchases": pa.array(counts),
        "purchase_rate": pa.array(people.rate, mask=~bought),
        "leave_probability": pa.array(people.leave, mask=~bought),
        "mean_spend": pa.array(people.mean_spend, mask=~bought),
        "left_at": moments(settings.first_day, history.left),
        "leaving_reason": looked_up([*REASONS, "by itself"], history.reason),
        "club_member_since": moments(settings.first_day, history.member_since),
        "club_join_probability": pa.array(join_probability(settings, people.rate), mask=~bought),
    }
    for campaign, arms, expected in zip(settings.campaigns, history.arms, history.expected, strict=True):
        columns[f"{campaign.id}_arm"] = looked_up(["", *ARMS.values()], np.where(arms == 0, -1, arms))
        columns[f"{campaign.id}_rate_factor"] = pa.array(rate_factors(settings, campaign)[people.group])
        columns[f"{campaign.id}_purchases"] = pa.array(
            purchases_in_window(settings, campaign, history, len(people))
        )
        columns[f"{campaign.id}_expected_purchases"] = pa.array(expected, mask=np.isnan(expected))
    return pa.table(columns)


def truth_of(settings: DemonstrationSettings, customers: int, seed: int, tally: Tally) -> dict[str, object]:
    """The whole base's truth, ready for JSON: parameters (`true`) and what became of them (`realised`)."""
    return {
        "customers": customers,
        "seed": seed,
        "first_day": settings.first_day.isoformat(),
        "last_day": settings.last_day.isoformat(),
        "alive_later_days": settings.truth.retention_days,
        "base_currency": settings.base_currency,
        "time_zone": settings.time_zone,
        "groups": _groups(settings, tally),
        "acquisition_channels": _acquisition(settings, tally),
        "leaving": _leaving(settings, tally),
        "campaigns": {
            c.id: _campaign(settings, c, tally, number) for number, c in enumerate(settings.campaigns)
        },
        "club": _club(settings, tally),
        "seasons": _seasons(settings),
        "rates": {code: _plain(asdict(currency)) for code, currency in settings.currencies.items()},
        "bought_together": [_plain(asdict(pair)) for pair in settings.pairs],
    }


def _ratio(numerator: float, denominator: float) -> float | None:
    return float(numerator) / float(denominator) if denominator else None


def _groups(settings: DemonstrationSettings, tally: Tally) -> dict[str, object]:
    result: dict[str, object] = {}
    for number, (name, group) in enumerate(settings.groups.items()):
        buyers = tally.buyers[number].sum()
        result[name] = {
            "true": {
                "purchase_rate": {
                    "distribution": "gamma",
                    "shape": group.rate_shape,
                    "rate_weeks": group.rate_shape / group.rate_mean,
                    "mean_per_week": group.rate_mean,
                },
                "leave_probability": {
                    "distribution": "beta",
                    "a": group.leave_a,
                    "a_times": "leave_factor of the acquisition channel",
                    "b": group.leave_b,
                    "after_first_purchase": True,
                },
                "spend": {
                    "distribution": "gamma-gamma",
                    "p": group.spend_p,
                    "q": group.spend_q,
                    "gamma": group.spend_gamma,
                    "mean": group.mean_spend,
                },
                "return_probability": group.return_probability,
                "season_exponent": group.season,
            },
            "realised": {
                "buyers": int(buyers),
                "purchases": int(tally.purchases[number].sum()),
                "left": int(tally.left[number].sum()),
                "members": int(tally.members[number]),
                "alive_later": _ratio(tally.stayed[number].sum(), tally.known[number].sum()),
            },
        }
    return result


def _acquisition(settings: DemonstrationSettings, tally: Tally) -> dict[str, object]:
    return {
        name: {
            "true": {"cost": channel.cost, "leave_factor": channel.leave_factor},
            "realised": {
                "buyers": int(tally.buyers[:, number].sum()),
                "purchases_per_buyer": _ratio(
                    tally.purchases[:, number].sum(), tally.buyers[:, number].sum()
                ),
                "left": int(tally.left[:, number].sum()),
                "alive_later": _ratio(tally.stayed[:, number].sum(), tally.known[:, number].sum()),
            },
        }
        for number, (name, channel) in enumerate(settings.acquisition_channels.items())
    }


def _leaving(settings: DemonstrationSettings, tally: Tally) -> dict[str, object]:
    reasons: dict[str, object] = {
        name: {
            "true": _plain(asdict(getattr(settings.reasons, name))),
            "realised": {"purchases_exposed": int(tally.exposed[number]), "left": int(tally.reasons[number])},
        }
        for number, name in enumerate(REASONS)
    }
    return {
        "rule": "after each purchase with probability 1 - (1 - p) ** (1 + excess of all reasons that hold)",
        "buyers": int(tally.buyers.sum()),
        "left": int(tally.left.sum()),
        "left_by_itself": int(tally.reasons[BY_ITSELF]),
        "reasons": reasons,
    }


def _campaign(
    settings: DemonstrationSettings, campaign: Campaign, tally: Tally, number: int
) -> dict[str, object]:
    def arms(customers: Floats, purchases: Floats) -> dict[str, object]:
        return {
            arm: {"customers": int(customers[place]), "purchases": int(purchases[place])}
            for place, arm in enumerate(ARMS.values())
        }

    assigned, answered = tally.assigned[number], tally.answered[number]
    return {
        "sent": campaign.sent.isoformat(),
        "window_days": campaign.window_days,
        "control_share": campaign.control_share,
        "true": {"rate_factors": dict(campaign.rate_factors)},
        "realised": {
            "all": arms(assigned.sum(axis=0), answered.sum(axis=0)),
            **{group: arms(assigned[place], answered[place]) for place, group in enumerate(settings.groups)},
        },
    }


def _club(settings: DemonstrationSettings, tally: Tally) -> dict[str, object]:
    others, members = (
        _ratio(bought, among)
        for bought, among in zip(tally.naive_purchases, tally.naive_customers, strict=True)
    )
    return {
        "true": _plain(asdict(settings.club)),
        "realised": {
            "members": int(tally.members.sum()),
            "naive_comparison": {
                "days": settings.truth.comparison_days,
                "purchases_per_member": members,
                "purchases_per_other": others,
                "ratio": members / others if members is not None and others else None,
            },
        },
    }


def _seasons(settings: DemonstrationSettings) -> dict[str, object]:
    return {
        "hours": list(settings.hours),
        "dip": _plain(asdict(settings.dip)),
        "markets": {
            name: {
                "weekdays": list(market.weekdays),
                "months": list(market.months),
                "peaks": [asdict(peak) for peak in market.peaks],
            }
            for name, market in settings.markets.items()
        },
    }


def _plain(values: dict[str, Any]) -> dict[str, object]:
    """Dates as ISO text, everything else as it is."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()
    }
