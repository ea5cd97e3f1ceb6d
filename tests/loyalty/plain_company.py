"""A company's files made by chance, as it would bring them: every value is text."""

from __future__ import annotations

import datetime as dt
import random

from tests.loyalty.plain_files import Files

CHANNELS = ("web", "shop", "phone", "")
CATEGORIES = ("tea", "rice", "soap", "")
JOINING = ("club", "other club")


def company(chance: random.Random, *, first: dt.date, days: int, customers: int = 9) -> Files:
    """Orders of some hundred days, with whatever else a club may be about.

    Among them are orders of several days, returns, guests, lines without an order, foreign money before and
    after its first rate, invoices that are paid late or never and fall due after all orders, and customers
    who joined before they ever bought.
    """
    names = [f"c{number}" for number in range(customers)]

    def moment(day: int) -> str:
        at = dt.datetime.combine(
            first + dt.timedelta(day), dt.time(chance.randrange(24), chance.randrange(60))
        )
        return at.isoformat(sep=" ")

    costed = chance.random() < 0.5
    orders = []
    for number in range(customers * 22):
        day = chance.randrange(days) if number else 0
        customer = chance.choice((*names, "")) if number else names[0]
        sign = "-" if number and chance.random() < 0.15 else ""
        for line in range(chance.choice((1, 1, 1, 2, 3))):
            amount = chance.choice((5, 20, 80, 300)) * chance.random()
            later = chance.choice((0, 0, 0, 0, 3, 40)) if line else 0
            orders.append(
                {
                    "order_id": f"o{number}" if number % 7 else "",
                    "customer_id": customer,
                    "ordered_at": moment(min(day + later, days - 1)),
                    "amount": f"{'-' if line and chance.random() < 0.2 else sign}{amount:.2f}",
                    "currency": chance.choice(("EUR", "EUR", "EUR", "USD", "")),
                    "channel": chance.choice(CHANNELS),
                    "category": chance.choice(CATEGORIES),
                    "cost": f"{amount / 2:.2f}" if costed or sign == "" else "",
                }
            )
    payments = []
    for _ in range(customers * 8):
        due = chance.randrange(-20, days + 60)
        paid = due - chance.randrange(-30, 40)
        payments.append(
            {
                "customer_id": chance.choice(names),
                "due_at": moment(due),
                "amount": f"{chance.choice((10, 50, 250)) * chance.random():.2f}",
                "paid_at": moment(paid) if chance.random() < 0.9 else "",
                "currency": chance.choice(("EUR", "USD", "")),
            }
        )
    people = [
        {
            "customer_id": name,
            "kind": chance.choice(("person", "company", "")),
            "region": chance.choice(("north", "south")),
            "referred_by": chance.choice((*names, "", "")),
        }
        for name in names[:-1]
    ]
    contacts = [
        {
            "customer_id": chance.choice(names),
            "contacted_at": moment(chance.randrange(-30, days)),
            "channel": "email",
            "campaign_id": chance.choice(JOINING),
            "outcome": chance.choice(("joined", "joined", "refused", "")),
        }
        for _ in range(customers * 2)
    ]
    rates = [
        {
            "currency": "USD",
            "valid_from": (first + dt.timedelta(day)).isoformat(),
            "rate": f"{0.8 + 0.4 * chance.random():.3f}",
        }
        for day in sorted(chance.sample(range(20, days + 50), 12))
    ]
    return Files(orders, payments, people, contacts, rates, own="EUR")


def terms(chance: random.Random) -> dict[str, object]:
    """A programme that holds together, as its file says it."""

    def some(likely: float = 0.5) -> bool:
        return chance.random() < likely

    told: dict[str, object] = {"name": "By chance", "calendar": chance.choice(("gregorian", "jalali"))}
    members: dict[str, object] = {"who": "everybody"}
    if some(0.4):
        members = {"who": "joined", "campaign": JOINING[0]}
    if some(0.25):
        members["kinds"] = chance.choice((["person"], ["company"], ["person", "company"]))
    told["members"] = members
    earn: list[dict[str, object]] = []
    kinds = (
        "amount",
        "amount",
        "purchase",
        "punctual",
        "punctual",
        "referral",
        "joining",
        "repeat",
        "variety",
    )
    for kind in chance.sample(kinds, 4):
        rule: dict[str, object] = {"for": kind, "points": chance.choice((1, 2, 5, 30))}
        if kind == "amount" or (kind == "punctual" and some()):
            rule["unit"] = chance.choice((0.5, 1, 2.55, 10))
        if kind == "repeat":
            rule["number"] = chance.choice((1, 2, 5))
        if kind == "punctual":
            rule["days_early"] = chance.choice((-10, 0, 0, 7))
        if kind in ("amount", "purchase"):
            if some(0.3):
                rule["channels"] = chance.sample(CHANNELS[:3], 2)
            if some(0.3):
                rule["categories"] = chance.sample(CATEGORIES[:3], 2)
            if some(0.3):
                rule["at_least"] = chance.choice((3, 20.5, 99.99))
        earn.append(rule)
    told["earn"] = earn
    caps = {name: most for name, most in (("purchase", 60), ("day", 90), ("month", 150)) if some(0.3)}
    if caps:
        told["caps"] = caps
    if some(0.8):
        told["expiry"] = chance.choice(
            (
                {"kind": "fixed", "days": chance.choice((2, 40, 365, 500))},
                {"kind": "year_end"},
                {"kind": "year_end", "years": 1},
                {"kind": "inactivity", "days": chance.choice((25, 60, 180))},
            )
        )
    if some(0.8):
        by = chance.choice(("amount", "purchases", "points", "tenure"))
        lowest = {"amount": (0, 50.5), "purchases": (0, 1, 2), "points": (0, 10), "tenure": (0, 33, 200)}[by]
        low = chance.choice(lowest)
        apart = {"amount": 210, "purchases": 3, "points": 60, "tenure": 130}[by]
        steps: list[dict[str, object]] = []
        for place in range(chance.choice((1, 2, 3))):
            step: dict[str, object] = {"name": f"tier {place}", "from": low + place * apart}
            if some():
                step["multiplier"] = chance.choice((1.25, 1.5, 2, 3.33))
            if some():
                step["discount"] = chance.choice((2, 3.75, 10))
            steps.append(step)
        tiers: dict[str, object] = {"by": by, "steps": steps}
        if by != "tenure" and some(0.7):
            tiers["within_days"] = chance.choice((30, 90, 365))
        if some(0.8):
            tiers["review"] = chance.choice(("month", "quarter", "year"))
        if some():
            tiers["grace"] = chance.choice((1, 2))
        if some():
            tiers["way_down"] = chance.choice(("one_step", "straight"))
        told["tiers"] = tiers
    if some(0.8):
        prices = chance.choices((15, 20, 33, 60, 100), k=3)
        told["rewards"] = [
            {"name": f"gift {place}", "points": points, "cost": chance.choice((0.5, 1.25, 7))}
            for place, points in enumerate(prices)
        ]
        told["redemption"] = {"low": 0, "likely": 0.5, "high": 1}
    if some():
        told["running_cost"] = {"year": 100, "member_year": 2.5}
    return told
