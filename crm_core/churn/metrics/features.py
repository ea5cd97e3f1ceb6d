"""What is known of each customer on a day, in the columns that models of leaving learn from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final, Literal

import ibis.expr.types as ir

from crm_core.base import InputError
from crm_core.churn.metrics import contracts, prices, purchases, service
from crm_core.churn.metrics.columns import Features, beside, told
from crm_core.churn.metrics.draws import drawn, of_customers
from crm_core.periods import day_of
from crm_core.tables import Tables

Churn = Literal["purchases", "contract"]
"""What ends when a customer leaves."""

_Block = tuple[Callable[[Tables, int], "ir.Table | None"], Features]

_BESIDE_PURCHASES: Final[tuple[_Block, ...]] = (
    (service.payment_features, service.PAYMENT_FEATURES),
    (service.complaint_features, service.COMPLAINT_FEATURES),
    (service.survey_features, service.SURVEY_FEATURES),
    (service.contact_features, service.CONTACT_FEATURES),
    (service.consent_features, service.CONSENT_FEATURES),
    (contracts.contract_features, contracts.FEATURES),
    (service.customer_attributes, service.CUSTOMER_FEATURES),
)


def churn_features(
    tables: Tables, *, as_of: dt.date, churn: Churn = "purchases", most_customers: int = 0
) -> ir.Table:
    """What is known of each customer on a day: the columns from which it is learnt who leaves.

    The columns are the same for every base and day. A column is null for everybody where the base does not
    provide what it is made of; a number of things is 0, and anything else null, for a customer who has none
    of them. "The last n days" are those up to `as_of`, with that day.

    Args:
        tables: `orders` (order line), `rates` (currency x day) where amounts are in other currencies, and as
            far as the base has them `payments` (invoice), `complaints` (case), `surveys` (answer),
            `contacts` (contact), `consents` (change), `contracts` (contract), `customers` (customer).
        as_of: Only what happened up to the end of this day exists: a complaint that was resolved later is
            open, an invoice that was paid later is unpaid, a contract that ended later runs. Only
            `customers` holds what is known now, without a day; of it only what seldom changes is told.
        churn: `purchases` for customers who have bought, `contract` for those under contract.
        most_customers: Of more than so many a fair draw of about as many, others every day; 0 for all.

    Returns:
        Grain: a customer with a purchase up to `as_of`; with `churn` `contract` one with a contract that had
        begun by then and had not ended.

        - `customer_id`: text
        - `days_since_last_order`: days from the last purchase to `as_of`, 0 or more
        - `days_since_first_order`: days from the first purchase to `as_of`, 0 or more
        - `order_count`: purchases
        - `order_count_30`, `order_count_90`, `order_count_180`, `order_count_365`: purchases in the last so
            many days
        - `revenue`: money, all the customer's orders, returns included
        - `revenue_30`, `revenue_90`, `revenue_180`, `revenue_365`: money, orders of the last so many days
        - `average_order_value`: money, sum of the purchases by their number, rounded
        - `orders_per_year`: 365 `order_count` / (`days_since_first_order` + 1), above 0
        - `silent_share`: `days_since_last_order` / `days_since_first_order`, 0 to 1; null on the first day
        - `purchase_days`: days with a purchase
        - `gap_days`: mean of the days from one day with a purchase to the next, 1 or more
        - `gap_deviation_days`: their standard deviation, 0 or more; null with fewer than two
        - `last_gap_days`: days between the last two days with a purchase, 1 or more
        - `longest_gap_days`: days between the two that lie farthest apart, 1 or more
        - `overdue_ratio`: `days_since_last_order` / `gap_days`, 0 or more; above 1 one is overdue
        - `order_trend_90`, `order_trend_180`: purchases of the last so many days less those of as many days
            before, by their sum, -1 to 1; null where there are none
        - `revenue_trend_90`, `revenue_trend_180`: the same of revenue, by the sum of both without their signs
        - `return_count`: orders that sum to 0 or less
        - `return_count_365`: those of the last 365 days
        - `returned`: money, sum of those orders, 0 or less
        - `days_since_last_return`: days from the last of them to `as_of`
        - `returned_order_count`: orders that have a line below 0, be it the purchase or an order of its own
        - `channel_count`: channels of the purchases
        - `main_channel`: text, the channel of most purchases; of several the first by name
        - `main_channel_share`: its share of the purchases that have a channel, above 0 up to 1
        - `price_change_180`: by what share the list prices of what the customer bought rose in the last 180
            days against the 180 before; below 0 where they fell. A product's price of a time is (amount +
            discount) by the pieces of all that was sold of it, to anybody. Mean over the products sold in
            both times, each by what the customer spent on it; a tenfold price at the most; null without any
        - `category_count`: categories of what was bought: lines of more than 0
        - `main_category`: text, the category on which most was spent; of several the first by name
        - `main_category_share`: its share of the spending that has a category, above 0 up to 1
        - `discount_share`: discount / (amount + discount) of what was bought
        - `discount_share_90`: the same of the last 90 days
        - `invoice_count`: invoices that fell due up to `as_of`, paid or not
        - `unpaid_count`: those of them that were not paid by then
        - `unpaid_amount`: money, sum of these
        - `oldest_unpaid_days`: days from the due date of the oldest of these to `as_of`
        - `payment_delay_days`: mean days from due date to payment of those paid; below 0 before it
        - `late_share`: share of the invoices that were paid after their due date, or were due before `as_of`
            and not paid by then, 0 to 1
        - `complaint_count`: complaints
        - `complaint_count_90`, `complaint_count_365`: those opened in the last so many days
        - `complaint_count_since_order`: those opened on or after the day of the last purchase; 0 without one
        - `open_complaint_count`: those not resolved by `as_of`
        - `days_since_last_complaint`: days from the opening of the last one to `as_of`
        - `resolution_days`: mean days from opening to resolution of those resolved, to 0 or more
        - `complaint_satisfaction`: mean satisfaction with those resolved
        - `survey_answer_count`: answers to surveys
        - `days_since_last_answer`: days from the last of them to `as_of`
        - `last_nps`, `last_csat`, `last_ces`: score given last; of several at a moment the lowest
        - `perception_gap`: mean score of perceptions less that of expectations
        - `contact_count_30`, `contact_count_90`, `contact_count_365`: contacts in the last so many days, with
            whoever was held back from a campaign not counted
        - `inbound_contact_count_90`: those of the last 90 days that the customer began
        - `days_since_last_contact`: days from the last one to `as_of`
        - `consent_count`: channels, by purpose, in which contact is allowed on `as_of`
        - `refusal_count`: those in which it is refused
        - `refusal_count_365`: refusals written down in the last 365 days
        - `contract_count`: contracts that have begun and run on `as_of`, be it their last day
        - `ended_contract_count`: contracts whose last day lies before `as_of`
        - `contract_days`: days from the beginning of the oldest that runs to `as_of`
        - `contract_plan`: text, plan of the one that runs and began last; of several the first by name
        - `contract_monthly_amount`: money a month of those that run, at the rates of their beginnings
        - `kind`: text, person or company
        - `region`: text, by what the base places customers
        - `city`: text
        - `acquisition_channel`: text
        - `age_years`: whole years from the date of birth to `as_of`
        - `known_days`: days from when the customer became known to `as_of`

    Raises:
        InputError: `most_customers` is below 0.
        NotProvided: `churn` is `contract`, and the base has no contracts or does not know when they end.
    """
    if most_customers < 0:
        raise InputError("metric.bad_option", option="most_customers", value=most_customers, allowed="0 …")
    past, today = tables.until(as_of), day_of(as_of)
    # Prices are everybody's, whoever is drawn.
    changes = prices.price_changes(past, today)
    if most_customers:
        contracted = churn == "contract"
        known = contracts.customers_under_contract(past, today) if contracted else purchases.buyers(past)
        past = of_customers(past, drawn(known, most_customers, today))
    bought = purchases.purchase_features(past, today)
    if churn == "contract":
        people = contracts.customers_under_contract(past, today)
        people = beside(people, bought, purchases.FEATURES, tables)
    else:
        people = bought.select("customer_id", **told(bought, purchases.FEATURES, tables))
    baskets = purchases.basket_features(past, today, changes)
    people = beside(people, baskets, purchases.BASKET_FEATURES, tables)
    for build, features in _BESIDE_PURCHASES:
        people = beside(people, build(past, today), features, tables)
    return people
