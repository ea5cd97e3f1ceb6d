"""A loyalty programme worked out day by day in plain Python, from files as people write them.

Of the product it knows the texts alone: `docs/metrics.md` and the programme's schema. It reads the rows of
CSV files and the programme as its file says it, walks from one day to the next and keeps each member's
points in a queue, the oldest first.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from tests.loyalty.plain_files import (
    DAY,
    Files,
    Row,
    Terms,
    day_of,
    ends_period,
    month_begin,
    month_of,
    months_back,
)


@dataclass
class Lot:
    """Points that were earned on one day, and what became of them."""

    day: dt.date
    issued: int
    redeemed: int = 0
    expired: int = 0
    taken_back: int = 0

    @property
    def left(self) -> int:
        """Those outstanding."""
        return self.issued - self.redeemed - self.expired - self.taken_back


@dataclass
class DayTold:
    """What one member was given on a day, and has at its end."""

    issued: int = 0
    by_purchases: int = 0
    redeemed: int = 0
    expired: int = 0
    taken_back: int = 0
    reward_cost: Fraction = Fraction(0)
    discount: int = 0
    balance: int = 0
    tier: int = 0


@dataclass
class Walked:
    """A member walked through the days of a replay."""

    since: dt.date
    before: DayTold
    days: dict[dt.date, DayTold]
    lots: list[Lot]
    measure: Fraction


@dataclass
class Done:
    """What a member did on a day."""

    multiplied: int = 0
    flat: int = 0
    taken_back: int = 0
    purchases: int = 0
    spent: int = 0
    returned: int = 0


class Club:
    """A programme over a company's files up to a day.

    Args:
        files: What the company has.
        terms: The programme as its file says it.
        as_of: The last day.
        months: How many up to it are told.
        openings: The day at whose end members have points and tiers by name, and which.
        keep: Which order lines a reader has narrowed the base down to.
        regions: To whose customers; empty for all.
    """

    def __init__(
        self,
        files: Files,
        terms: Terms,
        as_of: dt.date,
        months: int = 12,
        *,
        openings: tuple[dt.date, Mapping[str, tuple[int, str]]] | None = None,
        keep: Callable[[Row], bool] = lambda row: True,
        regions: Sequence[str] = (),
    ) -> None:
        self.files, self.terms, self.as_of, self.months = files, terms, as_of, months
        self.opened = openings
        of = {row["customer_id"]: row["region"] for row in files.customers if regions}
        self.regions, self.region_of = regions, of
        self.calendar: str = terms.get("calendar", "gregorian")
        self.orders = [one for one in files.orders_until(as_of, keep) if self._lives_here(one.customer)]
        self.tiers: Terms | None = terms.get("tiers")
        self.steps: Sequence[Terms] = self.tiers["steps"] if self.tiers else ()
        self.start = max(months_back(as_of + DAY, months, self.calendar), files.first_day)
        self.openings: Mapping[str, tuple[int, str]] = {}
        if openings is not None and openings[0] < self.start:
            self.begin, self.openings = openings[0] + DAY, openings[1]
        else:
            first = max(self.start - self._lead() * DAY, min(files.first_day, self.start))
            self.begin = month_begin(first, self.calendar)
        self.since = self._members()

    @cached_property
    def bought(self) -> dict[str, list[dt.date]]:
        """The days on which each customer bought."""
        found: dict[str, list[dt.date]] = defaultdict(list)
        for order in self.orders:
            if order.amount > 0:
                found[order.customer].append(order.day)
        return {customer: sorted(days) for customer, days in found.items()}

    def _lives_here(self, customer: str) -> bool:
        return not self.regions or self.region_of.get(customer, "") in self.regions

    def _lead(self) -> int:
        expiry = self.terms.get("expiry")
        if not self.terms.get("earn"):
            return 366
        if expiry is None:
            return 3 * 366
        lasting: int = 366 * (expiry.get("years", 0) + 1) if expiry["kind"] == "year_end" else expiry["days"]
        return min(max(lasting, 366), 3 * 366)

    def _members(self) -> dict[str, dt.date]:
        members = self.terms["members"]
        since: dict[str, dt.date] = {}
        if members["who"] == "everybody":
            since = {customer: days[0] for customer, days in self.bought.items()}
        else:
            for row in self.files.contacts:
                day, customer = day_of(row["contacted_at"]), row["customer_id"]
                if row["outcome"] != "joined" or row["campaign_id"] != members["campaign"]:
                    continue
                if customer and day <= self.as_of and self._lives_here(customer):
                    since[customer] = min(day, since.get(customer, day))
        kinds = members.get("kinds")
        if kinds:
            of = {row["customer_id"]: row["kind"] for row in self.files.customers}
            since = {customer: day for customer, day in since.items() if of.get(customer, "") in kinds}
        return since

    def units(self, amount: float) -> Fraction:
        """Money as people write it, in units of the base."""
        return Fraction(str(amount)) * self.files.scale

    def _points(self, rule: Terms, amount: int) -> int:
        if "unit" not in rule:
            return int(rule["points"])
        return int(amount // self.units(rule["unit"])) * int(rule["points"])

    @cached_property
    def done(self) -> dict[str, dict[dt.date, Done]]:
        """What each member did, day by day, from joining on."""
        found: dict[str, dict[dt.date, Done]] = defaultdict(lambda: defaultdict(Done))
        earn: Sequence[Terms] = self.terms.get("earn", ())
        most = self.terms.get("caps", {}).get("purchase")
        for order in self.orders:
            if order.day < self.since.get(order.customer, dt.date.max):
                continue
            points = 0
            for rule in earn:
                amount = order.of(rule.get("channels", ()), rule.get("categories", ()))
                if order.amount <= 0:
                    amount = -amount if rule["for"] == "amount" else 0
                elif rule["for"] not in ("amount", "purchase"):
                    amount = 0
                if amount > 0 and amount >= self.units(rule.get("at_least", 0)):
                    points += self._points(rule, amount)
            points = min(points, most) if most else points
            day = found[order.customer][order.day]
            if order.amount > 0:
                day.multiplied += points
                day.purchases += 1
                day.spent += order.amount
            else:
                day.taken_back += points
                day.returned -= order.amount
        for customer, paid_on, points in self._flat(earn):
            if paid_on >= self.since.get(customer, dt.date.max):
                found[customer][paid_on].flat += points
        return found

    def _flat(self, earn: Sequence[Terms]) -> Iterable[tuple[str, dt.date, int]]:
        for rule in earn:
            if rule["for"] == "joining":
                for customer, day in self.since.items():
                    yield customer, day, rule["points"]
            if rule["for"] == "repeat":
                for customer, since in self.since.items():
                    days = sorted({day for day in self.bought.get(customer, ()) if day >= since})
                    if len(days) >= rule["number"]:
                        yield customer, days[rule["number"] - 1], rule["points"]
            if rule["for"] == "variety":
                for customer, day in self._new_categories():
                    yield customer, day, rule["points"]
            if rule["for"] == "referral":
                for row in self.files.customers:
                    by = row.get("referred_by")
                    if by and by != row["customer_id"] and row["customer_id"] in self.bought:
                        yield by, self.bought[row["customer_id"]][0], rule["points"]
        punctual = [rule for rule in earn if rule["for"] == "punctual"]
        for row in self.files.payments if punctual else ():
            if not row["paid_at"] or day_of(row["paid_at"]) > self.as_of:
                continue
            paid = day_of(row["paid_at"])
            early = (day_of(row["due_at"]) - paid).days
            amount = self.files.money(row["amount"], row.get("currency", ""), paid)
            met = [rule for rule in reversed(punctual) if early >= rule["days_early"]]
            if met and amount is not None and amount > 0:
                yield (
                    row["customer_id"],
                    paid,
                    self._points(max(met, key=lambda one: one["days_early"]), amount),
                )

    def _new_categories(self) -> Iterable[tuple[str, dt.date]]:
        begun: dict[tuple[str, str], dt.date] = {}
        for order in self.orders:
            for (_, category, amount, _), day in zip(order.lines, order.days, strict=True):
                if category and amount > 0:
                    name = (order.customer, category)
                    begun[name] = min(day, begun.get(name, day))
        for (customer, _), day in begun.items():
            if day > self.since.get(customer, dt.date.max):
                yield customer, day

    def walk(self, customer: str, *, redeems: bool, until: dt.date | None = None) -> Walked:
        """One member through all days of the replay, and on to a later day on which nobody does anything."""
        return _Walk(self, customer, redeems).through(until or self.as_of)

    def next_review(self) -> dt.date:
        """The next day on which members may fall."""
        assert self.tiers is not None
        day = self.as_of + DAY
        while not ends_period(day, self.tiers.get("review", "month"), self.calendar):
            day += DAY
        return day


class _Walk:
    """What is known of a member while the days go by."""

    def __init__(self, club: Club, customer: str, redeems: bool) -> None:
        self.club, self.customer, self.redeems = club, customer, redeems
        self.since = club.since[customer]
        self.done = club.done.get(customer, {})
        self.expiry = club.terms.get("expiry")
        self.lots: deque[Lot] = deque()
        self.all_lots: list[Lot] = []
        self.tier, self.misses = 0, 0
        self.earned: dict[dt.date, int] = {}
        self.in_month: Counter[tuple[int, int]] = Counter()
        self.active, self.discounts = self.since, 0
        for day in club.bought.get(customer, ()):
            if self.since <= day < club.begin:
                self.active = max(self.active, day)

    def through(self, until: dt.date) -> Walked:
        """From the first day on."""
        club = self.club
        told: dict[dt.date, DayTold] = {}
        day = club.begin
        self._open()
        before = DayTold(balance=self.balance, tier=self.tier)
        while day <= until:
            if day >= self.since:
                told[day] = self._day(day)
            day += DAY
        return Walked(self.since, before, told, self.all_lots, self.measure(until))

    def _open(self) -> None:
        club = self.club
        before = club.begin - DAY
        if self.since <= before and self.club.tiers:
            self.tier = self.reached(before)
        if self.customer in club.openings:
            points, tier = club.openings[self.customer]
            names = [step["name"] for step in club.steps]
            self.tier = max(self.tier, names.index(tier) + 1 if tier else 0)
            if points:
                self._add(before, points)

    def _add(self, day: dt.date, points: int) -> None:
        lot = Lot(day, points)
        self.lots.append(lot)
        self.all_lots.append(lot)
        self.active = max(self.active, day)

    @property
    def balance(self) -> int:
        """Points outstanding."""
        return sum(lot.left for lot in self.lots)

    def _day(self, day: dt.date) -> DayTold:
        club, done, told = self.club, self.done.get(day, Done()), DayTold()
        began = club.steps[self.tier - 1] if self.tier else {}
        told.expired = self._expire(day)
        told.issued = self._earn(day, done, began)
        told.by_purchases = min(told.issued, self._multiplied(done, began))
        told.taken_back = self._take(done.taken_back, "taken_back")
        share = Fraction(str(began.get("discount", 0))) / 100
        given = done.spent * share // 1
        told.discount = given - min(done.returned * share // 1, self.discounts + given)
        self.discounts += told.discount
        if club.tiers and self.reached(day) > self.tier:
            self.tier, self.misses = self.reached(day), 0
        if self.redeems and done.purchases:
            can = [one for one in club.terms.get("rewards", ()) if one["points"] <= self.balance]
            if can:
                reward = max(can, key=lambda one: (one["points"], one["cost"]))
                told.redeemed = self._take(reward["points"], "redeemed")
                told.reward_cost = club.units(reward["cost"])
        if club.tiers and ends_period(day, club.tiers.get("review", "month"), club.calendar):
            self._review(day)
        told.balance, told.tier = self.balance, self.tier
        return told

    def _expire(self, day: dt.date) -> int:
        if self.expiry is None:
            return 0
        kind, gone = self.expiry["kind"], 0
        if kind == "inactivity" and (day - self.active).days < self.expiry["days"]:
            return 0
        for lot in self.lots:
            if kind == "fixed" and (day - lot.day).days < self.expiry["days"]:
                continue
            if kind == "year_end":
                years = month_of(day, self.club.calendar)[0] - month_of(lot.day, self.club.calendar)[0]
                if years <= self.expiry.get("years", 0):
                    continue
            gone += lot.left
            lot.expired += lot.left
        return gone

    def _multiplied(self, done: Done, began: Terms) -> int:
        return int(done.multiplied * Fraction(str(began.get("multiplier", 1))))

    def _earn(self, day: dt.date, done: Done, began: Terms) -> int:
        caps = self.club.terms.get("caps", {})
        points = self._multiplied(done, began) + done.flat
        month = month_of(day, self.club.calendar)
        if "day" in caps:
            points = min(points, caps["day"])
        if "month" in caps:
            points = min(points, caps["month"] - self.in_month[month])
        self.in_month[month] += points
        self.earned[day] = points
        if points:
            self._add(day, points)
        if done.purchases:
            self.active = max(self.active, day)
        return points

    def _take(self, points: int, what: str) -> int:
        taken = 0
        for lot in self.lots:
            some = min(lot.left, points - taken)
            setattr(lot, what, getattr(lot, what) + some)
            taken += some
        return taken

    def measure(self, day: dt.date) -> Fraction:
        """What tiers are by, at the end of a day: units of the currency, purchases, points, days."""
        tiers = self.club.tiers
        if tiers is None:
            return Fraction(0)
        if tiers["by"] == "tenure":
            return Fraction((day - self.since).days)
        within = tiers.get("within_days")
        first = day - (within - 1) * DAY if within else dt.date.min
        if tiers["by"] == "points":
            return Fraction(sum(points for on, points in self.earned.items() if first <= on <= day))
        mine = [one for on, one in self.done.items() if first <= on <= day]
        if tiers["by"] == "purchases":
            return Fraction(sum(one.purchases for one in mine))
        return Fraction(sum(one.spent - one.returned for one in mine), self.club.files.scale)

    def reached(self, day: dt.date) -> int:
        """The highest tier whose threshold is met."""
        came_to = self.measure(day)
        return sum(came_to >= Fraction(str(step["from"])) for step in self.club.steps)

    def _review(self, day: dt.date) -> None:
        tiers = self.club.tiers
        assert tiers is not None
        reached = self.reached(day)
        if reached >= self.tier:
            self.misses = 0
            return
        self.misses += 1
        if self.misses > tiers.get("grace", 0):
            self.tier = reached if tiers.get("way_down") == "straight" else self.tier - 1
            self.misses = 0
