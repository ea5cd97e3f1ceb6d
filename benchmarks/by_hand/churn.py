# ruff: noqa: S608 - the names and values in the statements are ours
"""What is known of each customer on a day, for models of who leaves."""

from __future__ import annotations

from benchmarks.by_hand.lines import Lines


def churn_features(lines: Lines) -> str:
    """The statement that answers `churn_features` of who has bought, over a base that provides everything."""
    last = lines.last
    return f"""
        WITH {_of_orders(lines)}, {_of_baskets(lines)}, {_of_service(lines, last)},
        {_of_contracts(lines, last)},
        attributes AS (
            SELECT customer_id, kind, {lines.tables.region_column} AS region, city, acquisition_channel,
                CASE WHEN {_day("birth_date")} <= {last}
                    THEN floor(({last} - {_day("birth_date")}) / 365.25)::BIGINT END AS age_years,
                CASE WHEN {_day("created_at")} <= {last} THEN {last} - {_day("created_at")} END AS known_days
            FROM base.main.customers)
        SELECT customer_id,
            {last} - last_day AS days_since_last_order, {last} - first_day AS days_since_first_order,
            order_count, order_count_30, order_count_90, order_count_180, order_count_365,
            revenue, revenue_30, revenue_90, revenue_180, revenue_365,
            floor(purchased::DOUBLE / order_count + 0.5)::BIGINT AS average_order_value,
            (order_count * 365)::DOUBLE / ({last} - first_day + 1) AS orders_per_year,
            ({last} - last_day)::DOUBLE / nullif({last} - first_day, 0) AS silent_share,
            purchase_days,
            (last_day - first_day)::DOUBLE / nullif(purchase_days - 1, 0) AS gap_days,
            CASE WHEN purchase_days > 2 THEN sqrt(
                ((purchase_days - 1) * gap_squares - (last_day - first_day) * (last_day - first_day))::DOUBLE
                / ((purchase_days - 1) * (purchase_days - 2))) END AS gap_deviation_days,
            last_gap_days, longest_gap_days,
            (({last} - last_day) * (purchase_days - 1))::DOUBLE / nullif(last_day - first_day, 0)
                AS overdue_ratio,
            {_trend("order_count", 90, 180)}, {_trend("order_count", 180, 360)},
            {_trend("revenue", 90, 180)}, {_trend("revenue", 180, 360)},
            return_count, return_count_365, revenue - purchased AS returned,
            {last} - last_return_day AS days_since_last_return,
            {_or_none("returned_order_count")},
            coalesce(channel_count, 0) AS channel_count, main_channel, main_channel_share,
            coalesce(category_count, 0) AS category_count, main_category, main_category_share,
            discount_share, discount_share_90, price_change_180,
            {_or_none("invoice_count", "unpaid_count", "unpaid_amount")},
            oldest_unpaid_days, payment_delay_days, late_share,
            {_or_none("complaint_count", "complaint_count_90", "complaint_count_365")},
            {_or_none("complaint_count_since_order", "open_complaint_count")},
            days_since_last_complaint, resolution_days, complaint_satisfaction,
            {_or_none("survey_answer_count")},
            days_since_last_answer, last_nps, last_csat, last_ces, perception_gap,
            {_or_none("contact_count_30", "contact_count_90", "contact_count_365")},
            {_or_none("inbound_contact_count_90")}, days_since_last_contact,
            {_or_none("consent_count", "refusal_count", "refusal_count_365")},
            {_or_none("contract_count", "ended_contract_count")}, contract_days, contract_plan,
            {_or_none("contract_monthly_amount")},
            kind, region, city, acquisition_channel, age_years, known_days
        FROM totals JOIN rhythms USING (customer_id) LEFT JOIN channels USING (customer_id)
            LEFT JOIN given_back USING (customer_id) LEFT JOIN dearer USING (customer_id)
            LEFT JOIN baskets USING (customer_id) LEFT JOIN categories USING (customer_id)
            LEFT JOIN invoices USING (customer_id) LEFT JOIN cases USING (customer_id)
            LEFT JOIN answers USING (customer_id) LEFT JOIN last_scores USING (customer_id)
            LEFT JOIN contacted USING (customer_id) LEFT JOIN consenting USING (customer_id)
            LEFT JOIN terms USING (customer_id) LEFT JOIN attributes USING (customer_id)"""


def _of_orders(lines: Lines) -> str:
    last = lines.last
    counts = ", ".join(
        f"count(*) FILTER (revenue > 0 AND day > {last - days}) AS order_count_{days},"
        f" coalesce(sum(revenue) FILTER (day > {last - days}), 0)::BIGINT AS revenue_{days}"
        for days in (30, 90, 180, 360, 365)
    )
    return f"""
        orders AS MATERIALIZED ({lines.orders("min(channel) AS channel")}),
        totals AS (
            SELECT customer_id, count(*) FILTER (revenue > 0) AS order_count, {counts},
                sum(revenue)::BIGINT AS revenue,
                coalesce(sum(revenue) FILTER (revenue > 0), 0)::BIGINT AS purchased,
                count(*) FILTER (revenue <= 0) AS return_count,
                count(*) FILTER (revenue <= 0 AND day > {last - 365}) AS return_count_365,
                max(day) FILTER (revenue <= 0) AS last_return_day
            FROM orders GROUP BY customer_id HAVING count(*) FILTER (revenue > 0) > 0),
        days AS (
            SELECT customer_id, day, day - lag(day) OVER (PARTITION BY customer_id ORDER BY day) AS gap
            FROM (SELECT DISTINCT customer_id, day FROM orders WHERE revenue > 0)),
        rhythms AS (
            SELECT customer_id, count(*) AS purchase_days, min(day) AS first_day, max(day) AS last_day,
                coalesce(sum(gap * gap), 0)::BIGINT AS gap_squares, max(gap) AS longest_gap_days,
                arg_max(gap, day) FILTER (gap IS NOT NULL) AS last_gap_days
            FROM days GROUP BY customer_id),
        by_channel AS (
            SELECT customer_id, channel, count(*) AS n FROM orders
            WHERE revenue > 0 AND channel IS NOT NULL GROUP BY ALL),
        channels AS (
            SELECT customer_id, count(*) AS channel_count,
                arg_min(channel, (-n, channel)) AS main_channel, max(n)::DOUBLE / sum(n) AS main_channel_share
            FROM by_channel GROUP BY customer_id)"""


def _of_baskets(lines: Lines) -> str:
    lately = f"day > {lines.last - 90}"
    lately_180, before_180 = f"day > {lines.last - 180}", f"day <= {lines.last - 180}"
    return f"""
        by_category AS MATERIALIZED (
            SELECT customer_id, category, sum(amount) AS spent, sum(discount) AS discount,
                sum(amount) FILTER ({lately}) AS spent_90, sum(discount) FILTER ({lately}) AS discount_90
            {lines.where("customer_id IS NOT NULL", "amount > 0")} GROUP BY ALL),
        baskets AS (
            SELECT customer_id,
                coalesce(sum(discount), 0)::DOUBLE / (sum(spent) + coalesce(sum(discount), 0))
                    AS discount_share,
                coalesce(sum(discount_90), 0)::DOUBLE / (sum(spent_90) + coalesce(sum(discount_90), 0))
                    AS discount_share_90
            FROM by_category GROUP BY customer_id),
        categories AS (
            SELECT customer_id, count(*) AS category_count,
                arg_min(category, (-spent, category)) AS main_category,
                max(spent)::DOUBLE / sum(spent) AS main_category_share
            FROM by_category WHERE category IS NOT NULL GROUP BY customer_id),
        given_back AS (
            SELECT customer_id, count(DISTINCT order_id) AS returned_order_count
            {lines.where("customer_id IS NOT NULL", "amount < 0")} GROUP BY customer_id),
        prices AS (
            SELECT product_id, {_price(lately_180)} AS late, {_price(before_180)} AS early
            {lines.where("amount > 0", "quantity > 0", f"day > {lines.last - 360}")} GROUP BY product_id),
        changes AS (
            SELECT product_id, floor((least(late / early, 10) - 1) * 10000 + 0.5)::BIGINT AS change
            FROM prices WHERE late > 0 AND early > 0),
        dearer AS (
            SELECT customer_id, sum(amount * change)::DOUBLE / (sum(amount) * 10000) AS price_change_180
            FROM (SELECT customer_id, product_id, amount
                {lines.where("customer_id IS NOT NULL", "amount > 0")}) JOIN changes USING (product_id)
            GROUP BY customer_id)"""


def _price(when: str) -> str:
    sums = [f"sum({one}) FILTER ({when})" for one in ("amount + coalesce(discount, 0)", "quantity")]
    return f"{sums[0]}::DOUBLE / {sums[1]}"


def _of_service(lines: Lines, last: int) -> str:
    return f"""
        due AS (
            SELECT customer_id, {_own_money(lines, "amount")} AS amount, {_day("due_at")} AS due,
                CASE WHEN {_day("paid_at")} <= {last} THEN {_day("paid_at")} END AS paid
            FROM base.main.payments AS rows LEFT JOIN base.main.rates AS rates
                ON rates.currency = rows.currency AND rates.valid_from = rows.due_at::DATE
            WHERE {_day("due_at")} <= {last}),
        invoices AS (
            SELECT customer_id, count(*) AS invoice_count, count(*) FILTER (paid IS NULL) AS unpaid_count,
                sum(amount) FILTER (paid IS NULL)::BIGINT AS unpaid_amount,
                {last} - min(due) FILTER (paid IS NULL) AS oldest_unpaid_days,
                sum(paid - due)::DOUBLE / nullif(count(paid), 0) AS payment_delay_days,
                count(*) FILTER (paid > due OR (paid IS NULL AND due < {last}))::DOUBLE / count(*)
                    AS late_share
            FROM due GROUP BY customer_id),
        cases AS (
            SELECT customer_id, count(*) AS complaint_count,
                count(*) FILTER (day > {last - 90}) AS complaint_count_90,
                count(*) FILTER (day > {last - 365}) AS complaint_count_365,
                count(*) FILTER (day >= last_day) AS complaint_count_since_order,
                count(*) - count(resolved) AS open_complaint_count,
                {last} - max(day) AS days_since_last_complaint,
                sum(resolved - day)::DOUBLE / nullif(count(resolved), 0) AS resolution_days,
                avg(satisfaction) FILTER (resolved IS NOT NULL) AS complaint_satisfaction
            FROM (
                SELECT *, {_day("opened_at")} AS day,
                    CASE WHEN {_day("resolved_at")} <= {last} THEN {_day("resolved_at")} END AS resolved
                FROM base.main.complaints) LEFT JOIN rhythms USING (customer_id)
            WHERE day <= {last} GROUP BY customer_id),
        answered AS (
            SELECT *, {_day("answered_at")} AS day FROM base.main.surveys
            WHERE {_day("answered_at")} <= {last}),
        answers AS (
            SELECT customer_id, count(*) AS survey_answer_count, {last} - max(day) AS days_since_last_answer,
                avg(score) FILTER (starts_with(question, 'perception:'))
                    - avg(score) FILTER (starts_with(question, 'expectation:')) AS perception_gap
            FROM answered GROUP BY customer_id),
        last_scores AS (
            SELECT customer_id, {_last_score("nps")}, {_last_score("csat")}, {_last_score("ces")}
            FROM answered GROUP BY customer_id),
        contacted AS (
            SELECT customer_id, count(*) FILTER (day > {last - 30}) AS contact_count_30,
                count(*) FILTER (day > {last - 90}) AS contact_count_90,
                count(*) FILTER (day > {last - 365}) AS contact_count_365,
                count(*) FILTER (day > {last - 90} AND direction = 'inbound') AS inbound_contact_count_90,
                {last} - max(day) AS days_since_last_contact
            FROM (SELECT *, {_day("contacted_at")} AS day FROM base.main.contacts)
            WHERE day <= {last} AND direction IS DISTINCT FROM 'none' GROUP BY customer_id),
        standing AS (
            SELECT customer_id, arg_max(allowed, (changed_at, NOT allowed)) AS allowed,
                count(*) FILTER (NOT allowed AND {_day("changed_at")} > {last - 365}) AS refusals
            FROM base.main.consents WHERE {_day("changed_at")} <= {last}
            GROUP BY customer_id, channel, purpose),
        consenting AS (
            SELECT customer_id, count(*) FILTER (allowed) AS consent_count,
                count(*) FILTER (NOT allowed) AS refusal_count, sum(refusals)::BIGINT AS refusal_count_365
            FROM standing GROUP BY customer_id)"""


def _of_contracts(lines: Lines, last: int) -> str:
    return f"""
        begun AS (
            SELECT rows.*, {_own_money(lines, "monthly_amount")} AS amount, {_day("started_at")} AS day,
                ended_at IS NULL OR {_day("ended_at")} >= {last} AS running
            FROM base.main.contracts AS rows LEFT JOIN base.main.rates AS rates
                ON rates.currency = rows.currency AND rates.valid_from = rows.started_at::DATE
            WHERE {_day("started_at")} <= {last}
                AND (ended_at IS NULL OR {_day("ended_at")} >= {_day("started_at")})),
        terms AS (
            SELECT customer_id, count(*) FILTER (running) AS contract_count,
                count(*) FILTER (NOT running) AS ended_contract_count,
                {last} - min(day) FILTER (running) AS contract_days,
                arg_min(plan, (-day, plan)) FILTER (running) AS contract_plan,
                sum(amount) FILTER (running)::BIGINT AS contract_monthly_amount
            FROM begun GROUP BY customer_id)"""


def _own_money(lines: Lines, column: str) -> str:
    """An amount in the base's currency; the demonstration base knows the rate of every day."""
    own = f"rows.currency = '{lines.tables.currency}'"
    scale = lines.tables.money_scale / 10_000
    exact = f"rows.{column}::DOUBLE * rate * {scale}::DOUBLE"
    return f"CASE WHEN {own} THEN rows.{column} ELSE floor({exact} + 0.5)::BIGINT END"


def _day(moment: str) -> str:
    return f"({moment}::DATE - DATE '1970-01-01')"


def _trend(what: str, late: int, all_in: int) -> str:
    rest = f"({what}_{all_in} - {what}_{late})"
    name = f"{what.removesuffix('_count')}_trend_{late}"
    return f"({what}_{late} - {rest})::DOUBLE / nullif(abs({what}_{late}) + abs({rest}), 0) AS {name}"


def _last_score(question: str) -> str:
    return f"arg_max(score, (answered_at, -score)) FILTER (question = '{question}') AS last_{question}"


def _or_none(*names: str) -> str:
    return ", ".join(f"coalesce({name}, 0)::BIGINT AS {name}" for name in names)
