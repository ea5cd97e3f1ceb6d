"""The demonstration base: same seed, same bytes; a sound base; and the known truth is true of it."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from crm_core.base import InputError
from crm_core.periods import year_month_day
from crm_core.schemas import MONEY_SCALE, QUANTITY_SCALE, SCHEMAS
from crm_core.sources.demonstration import (
    Demonstration,
    demonstration,
    settings_from_file,
)
from crm_core.sources.demonstration.reading import SETTINGS_FILE
from crm_core.sources.values import ARROW_TYPES

SIGMAS = 3.5
"""Seeds are fixed, so a test either always holds or never; estimates may miss the truth by this much."""


def tables_of(base: Demonstration) -> dict[str, pa.Table]:
    pieces = defaultdict(list)
    for name, piece in base.batches():
        pieces[name].append(piece)
    return {name: pa.concat_tables(piece) for name, piece in pieces.items()}


def fingerprint(base: Demonstration) -> str:
    """Hash of everything that the generator hands out, serialised."""
    digest = hashlib.sha256()
    for name, table in [*base.batches(), *(("truth", table) for table in base.truth_customers())]:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        digest.update(name.encode() + sink.getvalue())
    digest.update(json.dumps(base.truth()).encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Loaded:
    """A base as data frames (`orders` with `revenue` in the base currency and `day`), and its truth."""

    base: Demonstration
    tables: dict[str, pa.Table]
    frames: dict[str, Any]
    truth: dict[str, Any]
    customers: Any

    @property
    def end(self) -> pd.Timestamp:
        return pd.Timestamp(self.base.settings.last_day) + pd.Timedelta(days=1)


def load(base: Demonstration) -> Loaded:
    tables = tables_of(base)
    frames: dict[str, Any] = {name: table.to_pandas() for name, table in tables.items()}
    orders, rates = frames["orders"], frames["rates"]
    orders["day"] = orders["ordered_at"].dt.normalize()
    rates["day"] = pd.to_datetime(rates["valid_from"])
    orders = orders.merge(rates[["currency", "day", "rate"]], on=["currency", "day"], how="left")
    foreign = orders["currency"] != base.settings.base_currency
    orders["revenue"] = orders["amount"] / MONEY_SCALE * orders["rate"].where(foreign, 1.0)
    frames["orders"] = orders
    truth: dict[str, Any] = json.loads(json.dumps(base.truth()))
    return Loaded(base, tables, frames, truth, pa.concat_tables(base.truth_customers()).to_pandas())


@pytest.fixture(scope="module")
def default_base() -> Loaded:
    return load(demonstration())


@pytest.fixture(scope="module")
def evenly_paced() -> Loaded:
    """A base without season, dip, campaigns and planted reasons: exposure is calendar time."""
    settings = settings_from_file()
    even = (1.0,) * 12
    reasons = settings.reasons
    return load(
        demonstration(
            12_000,
            seed=4,
            settings=replace(
                settings,
                markets={
                    name: replace(market, months=even, weekdays=even[:7], peaks=())
                    for name, market in settings.markets.items()
                },
                hours=(1.0,) * 24,
                dip=replace(settings.dip, arrivals=1.0, purchases=1.0),
                campaigns=(),
                reasons=replace(
                    reasons,
                    late_delivery=replace(reasons.late_delivery, excess=0.0),
                    price_rise=replace(reasons.price_rise, excess=0.0),
                    many_returns=replace(reasons.many_returns, excess=0.0),
                    competitor=replace(reasons.competitor, excess=0.0),
                ),
            ),
        )
    )


def purchases_of(loaded: Loaded) -> Any:
    """Purchases of known customers: moment and value in the base currency."""
    sold = loaded.frames["orders"].query("amount > 0 and customer_id.notna()")
    grouped = sold.groupby(["customer_id", "order_id"], as_index=False)
    return grouped.agg(moment=("ordered_at", "min"), value=("revenue", "sum"))


def test_same_seed_gives_the_same_bytes() -> None:
    settings = replace(settings_from_file(), chunk_customers=400)
    first = fingerprint(demonstration(1_000, 7, settings))
    assert first == fingerprint(demonstration(1_000, 7, settings))
    assert first != fingerprint(demonstration(1_000, 8, settings))


@pytest.mark.parametrize("customers", [1, 2, 10])
def test_a_tiny_base_is_whole(customers: int) -> None:
    base = demonstration(customers, seed=3)
    tables = tables_of(base)
    assert set(tables) == set(SCHEMAS)
    assert tables["customers"].num_rows == customers
    assert tables["orders"].num_rows >= customers
    assert base.truth()["customers"] == customers
    json.dumps(base.truth())


def test_chunks_share_no_id_and_keep_their_order() -> None:
    tables = tables_of(demonstration(1_000, 7, replace(settings_from_file(), chunk_customers=300)))
    ids = tables["customers"]["customer_id"].to_pylist()
    assert ids == [f"C{number:07d}" for number in range(1, 1_001)]
    orders = tables["orders"].to_pandas()
    assert orders.groupby("order_id")["customer_id"].nunique(dropna=False).max() == 1
    for name, key in (("complaints", "case_id"), ("payments", "invoice_id")):
        assert tables[name].to_pandas()[key].is_unique
    known = orders["customer_id"].dropna()
    assert known.is_monotonic_increasing


def test_tables_have_exactly_the_canonical_columns(default_base: Loaded) -> None:
    assert set(default_base.tables) == set(SCHEMAS)
    for name, table in default_base.tables.items():
        assert {field.name: field.type for field in table.schema} == {
            column: ARROW_TYPES[kind] for column, kind in SCHEMAS[name].columns.items()
        }
        for column in SCHEMAS[name].required - ({"customer_id"} if name == "orders" else set()):
            assert table[column].null_count == 0, f"{name}.{column}"


def test_references_hold(default_base: Loaded) -> None:
    frames = default_base.frames
    customers = frames["customers"].set_index("customer_id")
    for name in set(SCHEMAS) - {"rates", "customers"}:
        named = frames[name]["customer_id"].dropna()
        assert named.isin(customers.index).all(), name
    sent = customers["referred_by"].dropna()
    assert len(sent) > 0
    assert sent.isin(customers.index).all()
    assert not customers.loc[sent, "potential"].any()
    assert (sent != sent.index).all()
    orders = frames["orders"]
    foreign = orders["currency"] != default_base.base.settings.base_currency
    assert orders.loc[foreign, "rate"].notna().all()
    assert orders.loc[~foreign, "rate"].isna().all()
    assert orders["currency"].nunique() == 3
    assert frames["payments"]["order_id"].isin(orders["order_id"]).all()
    potential = customers.index[customers["potential"]]
    assert len(potential) == int(len(customers) * default_base.base.settings.potential_share)
    assert not orders["customer_id"].isin(potential).any()


def test_nothing_lies_outside_the_history(default_base: Loaded) -> None:
    begin = pd.Timestamp(default_base.base.settings.first_day)
    assert default_base.frames["orders"]["day"].max() == default_base.end - pd.Timedelta(days=1)
    for name, frame in default_base.frames.items():
        for column in frame.columns[frame.dtypes.astype(str).str.startswith("datetime")]:
            moments = frame[column].dropna()
            assert (moments >= begin).all(), f"{name}.{column}"
            # An invoice may fall due after the day on which the base ends; nothing else may be known by then.
            if column != "due_at":
                assert (moments < default_base.end).all(), f"{name}.{column}"
    first = purchases_of(default_base).groupby("customer_id")["moment"].min()
    created = default_base.frames["customers"].set_index("customer_id")["created_at"]
    assert (created.loc[first.index] <= first).all()


def test_returns_are_smaller_than_what_was_bought_and_of_both_kinds(default_base: Loaded) -> None:
    orders = default_base.frames["orders"]
    back = orders[orders["quantity"] < 0]
    assert (back["amount"] <= 0).all()
    assert (back["cost"] < 0).all()
    own = back["order_id"].str.startswith("R")
    assert 0.4 < own.mean() < 0.6
    keys = ["order_id", "product_id"]
    sold = orders[orders["quantity"] > 0].groupby(keys)[["quantity", "amount"]].sum()
    gone = (
        back.assign(order_id=back["order_id"].str.replace("R", "O"))
        .groupby(keys)[["quantity", "amount"]]
        .sum()
    )
    both = gone.join(sold, suffixes=("", "_sold"))
    assert (-both["quantity"] <= both["quantity_sold"]).all()
    assert (-both["amount"] <= both["amount_sold"]).all()
    assert 0.005 < -back["revenue"].sum() / orders["revenue"].sum() < 0.05
    assert (orders["quantity"] % QUANTITY_SCALE == 0).all()


def test_it_looks_like_a_business(default_base: Loaded) -> None:
    orders = default_base.frames["orders"]
    known = orders.dropna(subset="customer_id")
    by_customer = known.groupby("customer_id")["revenue"].sum().sort_values(ascending=False)
    share = by_customer.head(len(by_customer) // 5).sum() / by_customer.sum()
    assert 0.65 < share < 0.85
    assert 15 < len(known) / len(default_base.customers) < 25
    assert 0.02 < orders["customer_id"].isna().mean() < 0.08
    margin = 1 - (orders["cost"] / orders["amount"] * orders["revenue"]).sum() / orders["revenue"].sum()
    assert 0.4 < margin < 0.6
    monthly = orders.groupby(orders["ordered_at"].dt.to_period("M"))["revenue"].sum()
    assert monthly["2025-03":"2025-05"].mean() < 0.9 * monthly["2024-09":"2024-11"].mean()
    assert monthly["2025-11":"2026-10"].sum() > 1.15 * monthly["2024-11":"2025-10"].sum()
    assert monthly["2025-12"] > 1.2 * monthly["2026-01"]
    for column, kinds in (("channel", 4), ("category", 8), ("brand", 6), ("product_id", 60)):
        assert orders[column].nunique() == kinds, column


def test_iran_buys_before_nowruz(default_base: Loaded) -> None:
    customers = default_base.frames["customers"]
    persians = customers.loc[customers["country"] == "IR", "customer_id"]
    purchases = purchases_of(default_base)
    moments = purchases.loc[purchases["customer_id"].isin(persians), "moment"]
    days = (moments.dt.normalize() - pd.Timestamp(0)).dt.days.to_numpy()
    year, month, _ = year_month_day(days, "jalali")
    counts = pd.DataFrame({"year": year, "month": month}).value_counts()
    assert counts[1404, 12] > 1.3 * counts[1404, 11]
    assert counts[1405, 1] < 0.8 * counts[1404, 12]


def test_names_are_in_three_scripts_and_addresses_reach_nobody(default_base: Loaded) -> None:
    customers = default_base.frames["customers"]
    scripts = {"IR": r"[\u0600-\u06ff]", "TH": r"[\u0e00-\u0e7f]", "DE": r"[A-Za-z]"}
    for country, letters in scripts.items():
        names = customers.loc[customers["country"] == country, "name"]
        assert len(names) > 1_000
        assert names.str.contains(letters).all()
    assert not customers["name"].str.contains("[\u064a\u0643]").any(), "Arabic yeh or kaf in a Persian name"
    assert customers["email"].dropna().str.fullmatch(r"c\d{7}@example\.(com|org|net)").all()
    assert customers["phone"].dropna().str.fullmatch(r"\+\d\d000\d{7}").all()
    companies = customers[customers["kind"] == "company"]
    assert companies["owner"].notna().all()
    assert companies["department"].notna().all()
    assert customers.loc[customers["kind"] == "person", "owner"].isna().all()


def test_customers_buy_and_leave_by_the_process(evenly_paced: Loaded) -> None:
    """Repeat purchases are rate x weeks alive (x the club's effect), leavings purchases x probability."""
    settings, truth = evenly_paced.base.settings, evenly_paced.customers.query("purchases > 0")
    ends = truth["left_at"].fillna(evenly_paced.end)
    joins = truth["club_member_since"].fillna(evenly_paced.end).clip(upper=ends)
    week = pd.Timedelta(weeks=1)
    weeks = {"others": (joins - truth["first_purchase_at"]) / week, "members": (ends - joins) / week}
    purchases = purchases_of(evenly_paced).merge(truth, on="customer_id")
    repeat = purchases[purchases["moment"] > purchases["first_purchase_at"]]
    after_joining = repeat["moment"] > repeat["club_member_since"]
    for group in settings.groups:
        rate = truth["purchase_rate"].where(truth["group"] == group, 0.0)
        # Whole returns under the same order id still count here: their positive lines are a purchase.
        counted = (repeat["group"] == group) & ~after_joining
        expected = (rate * weeks["others"]).sum()
        assert counted.sum() == pytest.approx(expected, abs=SIGMAS * np.sqrt(expected)), group
        ours = truth[truth["group"] == group]
        leaving = (ours["purchases"] * ours["leave_probability"]).sum()
        assert ours["left_at"].notna().sum() == pytest.approx(leaving, abs=SIGMAS * np.sqrt(leaving)), group
        mean = settings.groups[group].rate_mean
        spread = mean / np.sqrt(settings.groups[group].rate_shape * len(ours))
        assert ours["purchase_rate"].mean() == pytest.approx(mean, abs=SIGMAS * spread), group
    expected = (truth["purchase_rate"] * weeks["members"]).sum() * settings.club.rate_factor
    assert after_joining.sum() == pytest.approx(expected, abs=SIGMAS * np.sqrt(expected))
    without_effect = expected / settings.club.rate_factor
    assert after_joining.sum() > without_effect + SIGMAS * np.sqrt(without_effect)


def test_purchases_come_to_the_spend_of_the_truth(default_base: Loaded) -> None:
    bought = purchases_of(default_base).merge(default_base.customers, on="customer_id")
    ratio = bought.groupby("group")["value"].sum() / bought.groupby("group")["mean_spend"].sum()
    assert ratio.between(0.97, 1.03).all(), ratio
    for name, group in default_base.base.settings.groups.items():
        spend = default_base.customers.query("group == @name and purchases > 0")["mean_spend"]
        inverse = group.spend_p / spend
        assert inverse.mean() == pytest.approx(group.spend_q / group.spend_gamma, rel=0.1), name


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("arm", ["control", "treatment"])
def test_who_buys_nothing_after_a_campaign_is_as_expected(
    default_base: Loaded, number: int, arm: str
) -> None:
    campaign = default_base.base.settings.campaigns[number]
    people = default_base.customers
    chosen = people[people[f"{campaign.id}_arm"] == arm]
    factor = chosen[f"{campaign.id}_rate_factor"] if arm == "treatment" else 1.0
    silent = np.exp(-factor * chosen[f"{campaign.id}_expected_purchases"])
    assert silent.notna().all()
    nothing = (chosen[f"{campaign.id}_purchases"] == 0).sum()
    assert nothing == pytest.approx(silent.sum(), abs=SIGMAS * np.sqrt((silent * (1 - silent)).sum()))
    sent = pd.Timestamp(campaign.sent)
    gone = people[people["left_at"] < sent]
    assert (gone[f"{campaign.id}_expected_purchases"] == 0).all()
    assert people[f"{campaign.id}_expected_purchases"].isna().equals(~(people["first_purchase_at"] < sent))


@pytest.mark.parametrize("number", [0, 1])
def test_campaigns_show_their_true_effect_by_group(default_base: Loaded, number: int) -> None:
    """Purchases per treated customer over those per control customer, from contacts and orders alone."""
    campaign = default_base.base.settings.campaigns[number]
    contacts = default_base.frames["contacts"].query("campaign_id == @campaign.id")
    sent = pd.Timestamp(campaign.sent)
    window = purchases_of(default_base)["moment"].between(
        sent, sent + pd.Timedelta(days=campaign.window_days)
    )
    counts = purchases_of(default_base)[window].groupby("customer_id").size()
    arms = contacts.assign(
        purchases=contacts["customer_id"].map(counts).fillna(0),
        arm=np.where(contacts["outcome"] == "control", "control", "treatment"),
    ).merge(default_base.customers[["customer_id", "group", f"{campaign.id}_arm"]], on="customer_id")
    assert (arms["arm"] == arms[f"{campaign.id}_arm"]).all()
    assert (arms["arm"] == "control").mean() == pytest.approx(campaign.control_share, abs=0.02)
    assert (arms.loc[arms["arm"] == "control", "cost"] == 0).all()
    summary = arms.groupby(["group", "arm"])["purchases"].agg(["mean", "var", "size"]).unstack("arm")
    checked = told = 0
    for group, factor in campaign.rate_factors.items():
        mean, variance, size = (summary.loc[group, part] for part in ("mean", "var", "size"))
        if (mean * size).min() < 20:
            continue  # the logarithm of so small a count is no normal estimate
        spread = np.sqrt((variance / size / mean**2).sum())
        effect = np.log(mean["treatment"] / mean["control"])
        assert effect == pytest.approx(np.log(factor), abs=SIGMAS * spread), group
        checked += 1
        told += effect > SIGMAS * spread
    assert checked >= 4
    assert told >= 1, "no effect can be told from chance"


def test_the_naive_comparison_makes_the_club_look_better_than_it_is(default_base: Loaded) -> None:
    settings = default_base.base.settings
    begins = default_base.end - pd.Timedelta(days=settings.truth.comparison_days)
    contacts = default_base.frames["contacts"].query("outcome == 'joined'")
    assert len(contacts) == default_base.customers["club_member_since"].notna().sum()
    joined = contacts.loc[contacts["contacted_at"] < begins, "customer_id"]
    purchases = purchases_of(default_base)
    before = purchases.loc[purchases["moment"] < begins, "customer_id"].unique()
    late = purchases[purchases["moment"] >= begins].groupby("customer_id").size()
    counts = pd.Series(late.reindex(before).fillna(0))
    member = counts.index.isin(joined)
    naive = counts[member].mean() / counts[~member].mean()
    assert naive > 1.5 * settings.club.rate_factor
    assert default_base.truth["club"]["true"]["rate_factor"] == settings.club.rate_factor
    told = default_base.truth["club"]["realised"]["naive_comparison"]["ratio"]
    assert told == pytest.approx(naive, rel=0.02)


def test_planted_reasons_make_customers_leave(default_base: Loaded) -> None:
    leaving = default_base.truth["leaving"]
    counts = default_base.customers["leaving_reason"].value_counts()
    assert counts.sum() == leaving["left"]
    purchases = default_base.customers["purchases"].sum()
    for name, reason in leaving["reasons"].items():
        assert reason["realised"]["left"] == counts[name]
        exposed = reason["realised"]["purchases_exposed"]
        assert 0 < exposed < purchases
        assert counts[name] / exposed > 0.5 * counts["by itself"] / purchases, name


def test_a_late_delivery_costs_the_customer_and_another_complaint_does_not(default_base: Loaded) -> None:
    complaints = default_base.frames["complaints"]
    complaints = complaints[complaints["opened_at"] < default_base.end - pd.Timedelta(days=200)]
    last = purchases_of(default_base).groupby("customer_id")["moment"].max()
    never_back = complaints["opened_at"] > complaints["customer_id"].map(last)
    late = complaints["topic"] == default_base.base.settings.complaints.late_topic
    assert never_back[late].mean() > 1.5 * never_back[~late].mean()


def test_acquisition_channels_differ_in_stay_and_cost(default_base: Loaded) -> None:
    settings, channels = default_base.base.settings, default_base.truth["acquisition_channels"]
    stay = pd.Series({name: told["realised"]["alive_later"] for name, told in channels.items()})
    factor = pd.Series(
        {name: channel.leave_factor for name, channel in settings.acquisition_channels.items()}
    )
    assert stay.idxmax() == factor.idxmin()
    assert stay.idxmin() == factor.idxmax()
    won = default_base.frames["contacts"].query("outcome == 'acquired'")
    cost = won.groupby("channel")["cost"].mean() / MONEY_SCALE
    for name, channel in settings.acquisition_channels.items():
        assert cost[name] == pytest.approx(channel.cost, rel=0.05)


def test_consents_are_kept_and_withdrawn(default_base: Loaded) -> None:
    consents = default_base.frames["consents"].sort_values(
        ["customer_id", "channel", "changed_at"], kind="stable"
    )
    key = [consents["customer_id"], consents["channel"]]
    before = consents.groupby(key)["allowed"].shift()
    changed = before.notna()
    assert changed.any()
    assert (consents.loc[changed, "allowed"] != before[changed].astype(bool)).all()
    campaign = default_base.base.settings.campaigns[0]
    until = consents[consents["changed_at"] < pd.Timestamp(campaign.sent)]
    mail = until[until["channel"] == campaign.channel].groupby("customer_id")["allowed"].last()
    written = default_base.frames["contacts"].query("campaign_id == @campaign.id")["customer_id"]
    assert mail.loc[written].all()


def test_the_other_tables_say_something(default_base: Loaded) -> None:
    frames = default_base.frames
    payments = frames["payments"]
    assert 0.2 < (payments["paid_at"] > payments["due_at"] + pd.Timedelta(days=1)).mean() < 0.6
    assert payments["paid_at"].isna().any()
    contracts = frames["contracts"]
    assert contracts["ended_at"].isna().any()
    assert not (contracts["ended_at"] < contracts["started_at"]).any()
    surveys = frames["surveys"].groupby("question")["score"].agg(["min", "max", "mean"])
    scales = default_base.base.settings.surveys.scales
    for question, scale in scales.items():
        assert surveys.loc[question, "min"] >= scale.lowest
        assert surveys.loc[question, "max"] <= scale.highest
    gap = surveys.loc["perception:reliability", "mean"] - surveys.loc["expectation:reliability", "mean"]
    assert gap < -0.5
    complaints = frames["complaints"]
    assert not (complaints["resolved_at"] < complaints["opened_at"]).any()
    rated = complaints["satisfaction"].notna()
    assert rated.any()
    assert complaints.loc[rated, "resolved_at"].notna().all()


def broken(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("potential_share: 0.04", "", "potential_share"),
        ("potential_share: 0.04", "potential_share: many", "potential_share"),
        ("potential_share: 0.04", "potential_share: 0.04\nunknown: 1", "unknown"),
        ("calendar: jalali", "calendar: lunar", "markets.Iran.peaks[0].calendar"),
        ("rate_shape: 2.4", "rate_shape: true", "groups.regulars.rate_shape"),
        ("base_currency: EUR", "base_currency: USD", "base_currency"),
        ("hours: [0.3,", "hours: [", "hours"),
        ("sent: 2025-10-06", "sent: 2025-03-06", "campaigns[1].sent"),
        ("city: Berlin", "city: Atlantis", "reasons.competitor.city"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(broken(SETTINGS_FILE.read_text(encoding="utf-8"), old, new), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        settings_from_file(file)
    assert raised.value.key == "demonstration.setting_wrong"
    assert raised.value.values == {"name": named}


def test_unreadable_settings_and_impossible_sizes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "no.yaml").write_text("a: [", encoding="utf-8")
    for name in ("no.yaml", "missing.yaml"):
        with pytest.raises(InputError) as raised:
            settings_from_file(tmp_path / name)
        assert raised.value.values == {"file": name}
    with pytest.raises(InputError):
        demonstration(0)
    with pytest.raises(InputError):
        demonstration(10, seed=-1)
