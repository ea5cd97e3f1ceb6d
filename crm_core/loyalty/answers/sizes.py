"""Of which size the amounts of templates are in a base."""

from __future__ import annotations

import datetime as dt

from crm_core.loyalty.metrics import loyalty_usual_purchase
from crm_core.loyalty.rules import template_size
from crm_core.tables import Ask


def size_of_templates(ask: Ask, *, as_of: dt.date) -> float:
    """By how many times the amounts of a template are multiplied to be of the size of a base's purchases.

    Args:
        ask: The whole base.
        as_of: Its last day, so that a template is the same on whatever day it is replayed.
    """
    (bought,) = ask(loyalty_usual_purchase, as_of=as_of).to_dict("records")
    if not bought["purchases"]:
        return 1.0
    return template_size(float(bought["revenue"]) / int(bought["purchases"]) / ask.tables.money_scale)
