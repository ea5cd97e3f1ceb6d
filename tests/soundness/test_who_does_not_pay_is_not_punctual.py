"""Who had paid one invoice of ten, and that one early, was ranked among those who pay best.

Invoices that are overdue and not paid were left out of the mean, so not to pay at all cost nothing;
credit notes counted as invoices paid in time.
"""

from __future__ import annotations

import datetime as dt

from crm_core.loyalty.metrics import Looked, loyalty_indicators
from tests.engines import Engine
from tests.loyalty.plain_asking import put
from tests.loyalty.plain_files import Files

AS_OF = dt.date(2024, 6, 30)


def invoice(customer: str, due: str, paid: str, amount: str = "100.00") -> dict[str, str]:
    moments = {"due_at": f"{due} 12:00:00", "paid_at": f"{paid} 09:00:00" if paid else ""}
    return {"customer_id": customer, "amount": amount, **moments}


PAYMENTS = [
    *(invoice("owes", "2024-06-10", paid) for paid in ("2024-05-31", "", "")),
    invoice("waits", "2024-06-10", "2024-06-08"),
    # Due today, paid tomorrow, and due next month: nothing is overdue yet.
    *(invoice("waits", due, paid) for due, paid in (("2024-06-30", "2024-07-01"), ("2024-07-20", ""))),
    invoice("credited", "2024-06-10", "2024-06-12"),
    invoice("credited", "2024-06-30", "2024-06-01", "-100.00"),
    invoice("later", "2024-06-20", "2024-07-05"),
]


def test_what_is_overdue_counts_as_paid_today(engine: Engine) -> None:
    names = ("owes", "waits", "credited", "later", "never invoiced")
    orders = [{"customer_id": one, "ordered_at": "2024-05-01 12:00:00", "amount": "9.00"} for one in names]
    ask = put(engine, Files(orders, PAYMENTS))
    for within_days in (0, 25):
        looked = (Looked("days_early", within_days=within_days),)
        rows = ask(loyalty_indicators, as_of=AS_OF, looked=looked).set_index("customer_id")["value_0"]
        assert rows["owes"] == (-20.0 if within_days else (10 - 20 - 20) / 3)
        assert rows["waits"] == 2.0
        assert rows["credited"] == -2.0
        assert rows["later"] == -10.0
        assert rows.isna()["never invoiced"]
