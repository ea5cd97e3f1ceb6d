"""From order lines to one row a customer, and back down to the lines."""

from crm_core.customers.metrics.contact import channel_consents, customer_owners
from crm_core.customers.metrics.derivations import (
    NO_DAY_AFTER,
    NO_DAY_BEFORE,
    customer_totals,
    divided_lines,
    in_own_currency,
    margin_of,
    order_lines,
    order_totals,
    purchase_days,
    sales_days,
)
from crm_core.customers.metrics.groupings import (
    GROUPINGS,
    FirstPurchase,
    Grouping,
    acquisition_channel,
    customers_grouped,
    customers_in_groups,
    first_category,
    first_channel,
    kind,
)
from crm_core.customers.metrics.summaries import (
    customer_summary,
    customers_named,
    lines_of_order,
    listed_customers,
    one_customer,
    orders_of_customer,
)
from crm_core.customers.metrics.winning import winning_contacts
from crm_core.tables import Metric

__all__ = [
    "GROUPINGS",
    "METRICS",
    "NO_DAY_AFTER",
    "NO_DAY_BEFORE",
    "FirstPurchase",
    "Grouping",
    "acquisition_channel",
    "channel_consents",
    "customer_owners",
    "customer_summary",
    "customer_totals",
    "customers_grouped",
    "customers_in_groups",
    "customers_named",
    "divided_lines",
    "first_category",
    "first_channel",
    "in_own_currency",
    "kind",
    "lines_of_order",
    "listed_customers",
    "margin_of",
    "one_customer",
    "order_lines",
    "order_totals",
    "orders_of_customer",
    "purchase_days",
    "sales_days",
    "winning_contacts",
]

METRICS = (Metric(customer_summary, order=("customer_id",), money=("revenue", "margin")),)
