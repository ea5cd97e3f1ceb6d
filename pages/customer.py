"""Who are these customers, and who is this one?"""

from __future__ import annotations

from crm_core.base import Id, Sentence
from crm_core.customers.answers import customer
from crm_core.segments.metrics import rfm
from crm_core.ui import behind, listed, one_customer, report, shell, state
from crm_core.ui.report import Way

FILTERS = ("as_of", "channel", "category", "region")


def render() -> None:
    """The customers that the address asks for, or the one that it names."""
    reader = shell.open_page("customer", filters=FILTERS)
    customer_id = state.read("customer")
    if customer_id is None:
        listed.draw(reader, behind.asked(reader))
        return
    found = customer(reader.ask, customer_id, as_of=reader.as_of, beside=rfm)
    if found is None:
        report.empty(reader, Sentence("customer.unknown", {"customer": Id(customer_id)}))
    else:
        one_customer.draw(reader, found)
    report.ways(reader, [Way(reader.say("customer.all"), "customer")])
