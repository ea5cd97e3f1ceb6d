"""Who is at risk, when a group is warned of, and what to do first about a customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from crm_core.customers.rules import way_of

LIKELY: Final = 0.5
"""A probability of leaving above which a customer is more likely to leave than to stay."""

WATCHED_DAYS: Final = 30
"""How far back customers are looked at again, to find who is newly at risk."""
LEAST_WARNED: Final = 30
"""Of fewer customers in a group no early warning is given."""
SURELY: Final = 0.05
"""A warning is given where chance alone would give one, among all groups, at most so often."""

NextStep = Literal[
    "settle_complaint",
    "settle_invoice",
    "renew_contract",
    "ask_what_is_wrong",
    "visit",
    "call",
    "write",
    "no_contact",
]
_DISCONTENT: Final = frozenset(("complaints", "surveys", "returns"))
_SILENT: Final = frozenset(("silence", "frequency", "spending"))
_PHONES: Final = frozenset(
    ("phone", "telephone", "call", "calls", "tel", "mobile", "voice", "تلفن", "تماس", "โทรศัพท์", "โทร")
)
"""What bases call the telephone, in small letters."""
_WRITTEN: Final = frozenset(
    (
        *("email", "mail", "post", "letter", "sms", "text", "whatsapp", "line", "telegram"),
        *("ایمیل", "پیامک", "پست", "อีเมล", "ไปรษณีย์", "ไลน์"),
    )
)
"""And what is written to somebody."""
_VISITS: Final = frozenset(("visit", "visits", "in person", "ویزیت", "حضوری", "ملاقات", "เข้าพบ", "เยี่ยม"))
"""And coming to see somebody."""


class May(NamedTuple):
    """In which ways a customer may be contacted."""

    call: bool = True
    write: bool = True
    visit: bool = True


def ways_open(channels: Mapping[str, bool]) -> May:
    """In which ways a customer may be contacted.

    A phone refused is no; all that is written is, and visits where they are a channel; where they are none,
    everything refused is.

    Args:
        channels: The channels that a base knows of, and whether the customer refuses each.
    """
    named = {way_of(name): refused for name, refused in channels.items()}
    written = [refused for name, refused in named.items() if name in _WRITTEN]
    visits = [refused for name, refused in named.items() if name in _VISITS] or [*named.values()]
    return May(
        call=not any(named.get(name, False) for name in _PHONES),
        write=not written or not all(written),
        visit=not visits or not all(visits),
    )


_ALL_WAYS: Final = May()
_OFFERS: Final = frozenset(("renew_contract", "ask_what_is_wrong"))


def next_step(
    subject: str | None,
    *,
    open_complaints: float,
    unpaid: float,
    contract: bool,
    company: bool,
    may: May = _ALL_WAYS,
) -> NextStep:
    """What to do first about a customer who is newly at risk; the first of these that holds.

    An open complaint is settled before anything is offered, then an invoice that is overdue. Whose contract
    is at stake, or is the strongest reason, is spoken to about renewing it; who had cause to complain is
    asked what is wrong. Of all others a company is visited, who has fallen silent is called, and the rest are
    written to. Who refuses the one gets the other. Who refuses every way is left alone, but for what is owed:
    a complaint and an invoice are settled all the same.

    Args:
        subject: What the strongest reason tells of, as in `SUBJECTS`; None where there is none.
        open_complaints: Complaints not resolved.
        unpaid: Invoices overdue.
        contract: Whether it is asked whose contract ends.
        company: Whether the customer is a company.
        may: In which ways the customer may be contacted.
    """
    holds: tuple[tuple[NextStep, bool], ...] = (
        ("settle_complaint", open_complaints > 0),
        ("settle_invoice", unpaid > 0),
        ("renew_contract", contract or subject == "contract"),
        ("ask_what_is_wrong", subject in _DISCONTENT),
        ("visit", company),
        ("call", subject in _SILENT),
    )
    wanted: NextStep = next((step for step, true in holds if true), "write")
    visit = company and may.visit
    open_ways: Mapping[NextStep, bool] = {"call": may.call, "write": may.write, "visit": visit}
    allowed = open_ways.get(wanted, wanted not in _OFFERS or any(open_ways.values()))
    if allowed:
        return wanted
    return next((way for way, is_open in open_ways.items() if is_open), "no_contact")
