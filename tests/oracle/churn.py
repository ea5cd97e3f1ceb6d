"""What is known of each customer on a day, and who left after it: customer by customer, row by row."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.oracle.history import Base, Customer, History, Order, Rates, Row, half_away_from_zero

WINDOWS = (30, 90, 180, 365)
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Around:
    """What a base holds besides orders; rows by column of the canonical tables."""

    payments: Rows = ()
    complaints: Rows = ()
    surveys: Rows = ()
    contacts: Rows = ()
    consents: Rows = ()
    contracts: Rows = ()
    customers: Rows = ()

    def up_to(self, as_of: dt.date) -> Around:
        """What would be there had nobody written down what came after a day."""
        return Around(
            payments=_until(self.payments, as_of, "due_at", "paid_at"),
            complaints=[
                {**row, "satisfaction": None if row["resolved_at"] is None else row["satisfaction"]}
                for row in _until(self.complaints, as_of, "opened_at", "resolved_at")
            ],
            surveys=_until(self.surveys, as_of, "answered_at"),
            contacts=_until(self.contacts, as_of, "contacted_at"),
            consents=_until(self.consents, as_of, "changed_at"),
            contracts=_until(self.contracts, as_of, "started_at", "ended_at"),
            customers=[
                {**row, "created_at": _unless_later(row["created_at"], as_of)} for row in self.customers
            ],
        )


def _until(rows: Rows, as_of: dt.date, happened: str, *later: str) -> list[Mapping[str, Any]]:
    return [
        {**row, **{name: _unless_later(row[name], as_of) for name in later}}
        for row in rows
        if row[happened].date() <= as_of
    ]


def _unless_later(moment: dt.datetime | None, as_of: dt.date) -> dt.datetime | None:
    return None if moment is None or moment.date() > as_of else moment


def churn_features(base: Base, around: Around, as_of: dt.date, churn: str) -> list[Row]:
    """One row a customer, of those who have bought or of those under contract."""
    history, past = History(base, as_of), around.up_to(as_of)
    names = set(history.customers)
    if churn == "contract":
        names = {row["customer_id"] for row in past.contracts if _runs(row, as_of)}
    return [{"customer_id": name, **_features(name, history, past)} for name in names]


def churn_labels(
    base: Base, around: Around, as_of: dt.date, cut_off: dt.date, horizon: int, churn: str
) -> list[Row]:
    """Who left within the horizon."""
    last = cut_off + dt.timedelta(horizon)
    if churn == "contract":
        known = around.up_to(last)
        running = {row["customer_id"] for row in around.up_to(cut_off).contracts if _runs(row, cut_off)}
        left = {name for name in running if _ends(name, known, cut_off, last)}
    else:
        running, later = set(History(base, cut_off).customers), History(base, as_of)
        left = {name for name in running if not _bought(later.customers.get(name), cut_off, last)}
    return [{"customer_id": name, "churned": int(name in left)} for name in running]


def campaign_effects(base: Base, around: Around, as_of: dt.date, horizon: int) -> list[Row]:
    """Each campaign that is over, with who stayed of the contacted and of the held back."""
    campaigns: dict[str, dict[str, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in around.up_to(as_of).contacts:
        if row["campaign_id"] is not None and row["direction"] != "inbound":
            campaigns[row["campaign_id"]][row["customer_id"]].append(row)
    customers, rows = History(base, as_of).customers, []
    for campaign, people in campaigns.items():
        first = {name: min(row["contacted_at"].date() for row in theirs) for name, theirs in people.items()}
        if max(first.values()) + dt.timedelta(horizon) > as_of:
            continue
        stayed: dict[bool, list[bool]] = {True: [], False: []}
        for name, theirs in people.items():
            last = first[name] + dt.timedelta(horizon)
            if _bought(customers.get(name), dt.date.min, first[name]):
                held_back = any(row["direction"] == "none" for row in theirs)
                stayed[held_back].append(_bought(customers[name], first[name], last))
        treatment, control = stayed[False], stayed[True]
        if treatment and control:
            rows.append(
                {
                    "campaign_id": campaign,
                    "sent_on": min(first.values()),
                    "treatment_customers": len(treatment),
                    "control_customers": len(control),
                    "treatment_stayed": sum(treatment),
                    "control_stayed": sum(control),
                    "uplift": sum(treatment) / len(treatment) - sum(control) / len(control),
                    "standard_error": math.sqrt(_spread(treatment) + _spread(control)),
                }
            )
    return rows


def _spread(stayed: Sequence[bool]) -> float:
    share = (sum(stayed) + 1) / (len(stayed) + 2)
    return share * (1 - share) / (len(stayed) + 2)


def purchase_rhythm(history: History) -> list[Row]:
    """How many days lie between two days with a purchase, one after the other."""
    counts: Counter[int] = Counter()
    for customer in history.customers.values():
        counts.update(_gaps(_days(customer.purchases)))
    return [{"gap_days": gap, "gaps": times} for gap, times in counts.items()]


def _bought(customer: Customer | None, after: dt.date, last: dt.date) -> bool:
    return customer is not None and any(after < one.date <= last for one in customer.purchases)


def _runs(row: Mapping[str, Any], day: dt.date) -> bool:
    """Whether a contract runs on the last day of which anything is known."""
    return row["ended_at"] is None or row["started_at"].date() <= day == row["ended_at"].date()


def _ends(name: str, known: Around, cut_off: dt.date, last: dt.date) -> bool:
    """Whether a day comes up to the last one on which no contract runs."""
    own = [
        (row["started_at"].date(), None if row["ended_at"] is None else row["ended_at"].date())
        for row in known.contracts
        if row["customer_id"] == name
    ]
    own = [(begun, end) for begun, end in own if end is None or begun <= end]
    day = cut_off + dt.timedelta(1)
    while day <= last:
        if not any(begun <= day and (end is None or end >= day) for begun, end in own):
            return True
        day += dt.timedelta(1)
    return False


def _features(name: str, history: History, past: Around) -> Row:
    def own(rows: Rows) -> list[Mapping[str, Any]]:
        return [row for row in rows if row["customer_id"] == name]

    today, rates, customer = history.as_of, Rates(history.base), history.customers.get(name)
    last = None if customer is None else max(_days(customer.purchases))
    return {
        **_orders(customer, today),
        **_prices(name, history),
        **_basket(name, history),
        **_payments(own(past.payments), today, rates),
        **_complaints(own(past.complaints), today, last),
        **_surveys(own(past.surveys), today),
        **_contacts(own(past.contacts), today),
        **_consents(own(past.consents), today),
        **_contracts(own(past.contracts), today, rates),
        **_attributes(own(past.customers), today),
    }


def _days(purchases: Sequence[Order]) -> list[dt.date]:
    return sorted({one.date for one in purchases})


def _gaps(days: list[dt.date]) -> list[int]:
    return [(after - before).days for before, after in itertools.pairwise(days)]


def _orders(customer: Customer | None, today: dt.date) -> Row:
    purchases = [] if customer is None else customer.purchases
    orders = [] if customer is None else customer.orders
    returns = [one for one in orders if not one.is_purchase]
    days = _days(purchases)
    gaps, silent = _gaps(days), (today - days[-1]).days if days else None
    age = (today - days[0]).days if days else None

    def bought(first: int, last: int) -> int:
        return sum(first <= (today - one.date).days < last for one in purchases)

    def revenue(first: int, last: int) -> int:
        return sum(one.revenue for one in orders if first <= (today - one.date).days < last)

    purchased = sum(one.revenue for one in purchases)
    in_channels = Counter(channel for one in purchases if (channel := _channel(one)) is not None)
    mean = None if not gaps else sum(gaps) / len(gaps)
    return {
        "days_since_last_order": silent,
        "days_since_first_order": age,
        "order_count": len(purchases),
        **{f"order_count_{window}": bought(0, window) for window in WINDOWS},
        "revenue": sum(one.revenue for one in orders),
        **{f"revenue_{window}": revenue(0, window) for window in WINDOWS},
        "average_order_value": math.floor(purchased / len(purchases) + 0.5) if purchases else None,
        "orders_per_year": None if age is None else len(purchases) * 365 / (age + 1),
        "silent_share": silent / age if age and silent is not None else None,
        "purchase_days": len(days),
        "gap_days": mean,
        "gap_deviation_days": _deviation(gaps),
        "last_gap_days": gaps[-1] if gaps else None,
        "longest_gap_days": max(gaps, default=None),
        "overdue_ratio": None if silent is None or not gaps else silent * len(gaps) / sum(gaps),
        **{f"order_trend_{n}": _trend(bought(0, n), bought(n, 2 * n)) for n in (90, 180)},
        **{f"revenue_trend_{n}": _trend(revenue(0, n), revenue(n, 2 * n)) for n in (90, 180)},
        "return_count": len(returns),
        "return_count_365": sum((today - one.date).days < 365 for one in returns),
        "returned": sum(one.revenue for one in returns),
        "days_since_last_return": _since((one.date for one in returns), today),
        "returned_order_count": sum(any(sale.amount < 0 for sale in one.sales) for one in orders),
        "channel_count": len(in_channels),
        **_main("channel", in_channels),
    }


def _channel(order: Order) -> str | None:
    return min((sale.line.channel for sale in order.sales if sale.line.channel is not None), default=None)


def _deviation(gaps: list[int]) -> float | None:
    """Of whole numbers: one division and one root, as doubles do them."""
    n = len(gaps)
    if n < 2:
        return None
    return math.sqrt((n * sum(gap * gap for gap in gaps) - sum(gaps) ** 2) / (n * (n - 1)))


def _trend(late: int, early: int) -> float | None:
    return (late - early) / (abs(late) + abs(early)) if late or early else None


def _since(dates: Any, today: dt.date) -> int | None:
    last = max(dates, default=None)
    return None if last is None else (today - last).days


def _main(what: str, amounts: Mapping[str, int]) -> Row:
    """Of which there is most, the first by name of several, and its share."""
    if not amounts:
        return {f"main_{what}": None, f"main_{what}_share": None}
    first = min(amounts, key=lambda one: (-amounts[one], one))
    return {f"main_{what}": first, f"main_{what}_share": amounts[first] / sum(amounts.values())}


def _basket(name: str, history: History) -> Row:
    bought = [sale for sale in history.sales if sale.customer_id == name and sale.amount > 0]
    by_category: dict[str, int] = defaultdict(int)
    for sale in bought:
        if sale.line.category is not None:
            by_category[sale.line.category] += sale.amount

    def discount_share(days: float) -> float | None:
        kept = [sale for sale in bought if (history.as_of - sale.date).days < days]
        taken = sum(sale.discount or 0 for sale in kept)
        return taken / (sum(sale.amount for sale in kept) + taken) if kept else None

    known = name in {sale.customer_id for sale in bought}
    return {
        "category_count": len(by_category) if known else 0,
        **_main("category", by_category),
        "discount_share": discount_share(math.inf),
        "discount_share_90": discount_share(90),
    }


def _prices(name: str, history: History) -> Row:
    """Each product's price in two times of 180 days, and how that changed what the customer bought."""
    times: dict[str, list[list[int]]] = defaultdict(lambda: [[0, 0], [0, 0]])
    for sale in history.sales:
        product, pieces, ago = sale.line.product_id, sale.line.quantity, (history.as_of - sale.date).days
        if product is not None and pieces is not None and pieces > 0 and sale.amount > 0 and ago < 360:
            sums = times[product][ago >= 180]
            sums[0] += sale.amount + (sale.discount or 0)
            sums[1] += pieces
    changes = {
        product: _scaled(min((late[0] / late[1]) / (early[0] / early[1]), 10.0) - 1)
        for product, (late, early) in times.items()
        if late[0] > 0 and early[0] > 0
    }
    spent = [
        (sale.amount, changes[sale.line.product_id])
        for sale in history.sales
        if sale.customer_id == name and sale.amount > 0 and sale.line.product_id in changes
    ]
    total = sum(amount for amount, _ in spent)
    return {
        "price_change_180": sum(amount * change for amount, change in spent) / (total * 10_000)
        if spent
        else None
    }


def _payments(rows: Rows, today: dt.date, rates: Rates) -> Row:
    told = [(row, rates.of(row["currency"], row["due_at"].date())) for row in rows]
    due = [(row, rate) for row, rate in told if rate is not None]
    unpaid = [(row, rate) for row, rate in due if row["paid_at"] is None]
    delays = [(row["paid_at"].date() - row["due_at"].date()).days for row, _ in due if row["paid_at"]]
    late = sum(delay > 0 for delay in delays) + sum(row["due_at"].date() < today for row, _ in unpaid)
    return {
        "invoice_count": len(due),
        "unpaid_count": len(unpaid),
        "unpaid_amount": sum(half_away_from_zero(row["amount"] * rate) for row, rate in unpaid),
        "oldest_unpaid_days": max(((today - row["due_at"].date()).days for row, _ in unpaid), default=None),
        "payment_delay_days": _mean(delays),
        "late_share": late / len(due) if due else None,
    }


def _mean(values: Sequence[int], scale: int = 1) -> float | None:
    return sum(values) / (len(values) * scale) if values else None


def _complaints(rows: Rows, today: dt.date, last: dt.date | None) -> Row:
    ages = [(today - row["opened_at"].date()).days for row in rows]
    closed = [row for row in rows if row["resolved_at"] is not None]
    return {
        "complaint_count": len(rows),
        **{f"complaint_count_{n}": sum(age < n for age in ages) for n in (90, 365)},
        "complaint_count_since_order": sum(
            last is not None and row["opened_at"].date() >= last for row in rows
        ),
        "open_complaint_count": len(rows) - len(closed),
        "days_since_last_complaint": min(ages, default=None),
        "resolution_days": _mean(
            [(row["resolved_at"].date() - row["opened_at"].date()).days for row in closed]
        ),
        "complaint_satisfaction": _mean(
            [_scaled(row["satisfaction"]) for row in closed if row["satisfaction"] is not None], 10_000
        ),
    }


def _scaled(score: float) -> int:
    return math.floor(abs(score * 10_000.0) + 0.5) * (-1 if score < 0 else 1)


def _surveys(rows: Rows, today: dt.date) -> Row:
    def last(question: str) -> float | None:
        found = [(row["answered_at"], -row["score"]) for row in rows if row["question"] == question]
        return -max(found)[1] if found else None

    perceived, expected = (
        _mean([_scaled(row["score"]) for row in rows if row["question"].startswith(sort)], 10_000)
        for sort in ("perception:", "expectation:")
    )
    return {
        "survey_answer_count": len(rows),
        "days_since_last_answer": _since((row["answered_at"].date() for row in rows), today),
        **{f"last_{question}": last(question) for question in ("nps", "csat", "ces")},
        "perception_gap": None if perceived is None or expected is None else perceived - expected,
    }


def _contacts(rows: Rows, today: dt.date) -> Row:
    made = [row for row in rows if row["direction"] != "none"]
    ages = [(today - row["contacted_at"].date()).days for row in made]
    inbound = [age for age, row in zip(ages, made, strict=True) if row["direction"] == "inbound"]
    return {
        **{f"contact_count_{n}": sum(age < n for age in ages) for n in (30, 90, 365)},
        "inbound_contact_count_90": sum(age < 90 for age in inbound),
        "days_since_last_contact": min(ages, default=None),
    }


def _consents(rows: Rows, today: dt.date) -> Row:
    by_key: dict[object, list[tuple[dt.datetime, bool]]] = defaultdict(list)
    for row in rows:
        by_key[row["channel"], row["purpose"] or ""].append((row["changed_at"], not row["allowed"]))
    refused = [max(changes)[1] for changes in by_key.values()]
    return {
        "consent_count": refused.count(False),
        "refusal_count": refused.count(True),
        "refusal_count_365": sum(
            not row["allowed"] and (today - row["changed_at"].date()).days < 365 for row in rows
        ),
    }


def _contracts(rows: Rows, today: dt.date, rates: Rates) -> Row:
    rows = [
        row for row in rows if row["ended_at"] is None or row["started_at"].date() <= row["ended_at"].date()
    ]
    running = [row for row in rows if _runs(row, today)]
    latest = max((row["started_at"].date() for row in running), default=None)
    amounts = [
        half_away_from_zero(row["monthly_amount"] * rate)
        for row in running
        if row["monthly_amount"] is not None
        and (rate := rates.of(row["currency"], row["started_at"].date())) is not None
    ]
    plans = [row["plan"] for row in running if row["started_at"].date() == latest and row["plan"] is not None]
    return {
        "contract_count": len(running),
        "ended_contract_count": len(rows) - len(running),
        "contract_days": max(((today - row["started_at"].date()).days for row in running), default=None),
        "contract_plan": min(plans, default=None),
        "contract_monthly_amount": sum(amounts),
    }


def _attributes(rows: Rows, today: dt.date) -> Row:
    row: Mapping[str, Any] = rows[0] if rows else defaultdict(lambda: None)
    born, created = row["birth_date"], row["created_at"]
    return {
        "kind": row["kind"],
        "region": row["region"],
        "city": row.get("city"),
        "acquisition_channel": row["acquisition_channel"],
        "age_years": None if born is None or born > today else math.floor((today - born).days / 365.25),
        "known_days": None if created is None else (today - created.date()).days,
    }
