"""Pages as the server draws them."""

from __future__ import annotations

import ast
import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from crm_core.i18n import LANGUAGES, language
from crm_core.segments.rules import SEGMENTS
from crm_core.sources.mapping import load_mapping
from crm_core.workspace.bringing import bring
from tests.servers.app import REPOSITORY, AppServer, Drawn, app_server, headers_of, session

PAGES = sorted(path.stem for path in (REPOSITORY / "pages").glob("*.py"))
FILTERED = ("overview", "segments", "customer")

HOSTILE = ("<img src=x onerror=alert(1)>", "![](http://127.0.0.1:9/x.png)", '"><script>alert(1)</script>')
ORDERS = "order,customer,date,amount,channel,product\n" + "".join(
    f'{number},"{name.replace(chr(34), chr(34) * 2)}",2024-0{number}-05,{number * 10},"{name}",=1+1\n'
    for number, name in enumerate(HOSTILE[:2], 1)
)
MAPPING = """
orders:
  columns: {order_id: order, customer_id: customer, ordered_at: date, amount: amount, channel: channel,
            product: product}
"""


def addresses(drawn: Drawn) -> list[str]:
    return [unescape(found) for found in re.findall(r'href="([^"]*)"', drawn.text)]


def headline(drawn: Drawn) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", drawn.headline)
    return unescape(found.group(1)) if found else ""


@pytest.mark.parametrize("page", ["", *PAGES])
def test_a_deep_link_on_a_cold_server_shows_that_page(
    page: str, demonstration_base: Path, tmp_path: Path
) -> None:
    with app_server(demonstration_base, tmp_path) as server, session(server) as reader:
        drawn = reader.read(page, lang="en")
    assert not drawn.missing
    assert not drawn.errors
    current = re.findall(r'<a href="([a-z]+)\?[^"]*" aria-current="page">', drawn.text)
    assert current == [page or "overview"]
    assert headline(drawn)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_file_does_nothing_by_itself(page: str) -> None:
    path = REPOSITORY / "pages" / f"{page}.py"
    alone = AppTest.from_file(str(path), default_timeout=30).run()
    assert not alone.exception
    assert not alone.main.children
    kinds = {type(statement) for statement in ast.parse(path.read_text("utf-8")).body}
    assert kinds <= {ast.Expr, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Assign, ast.AnnAssign, ast.If}


def test_an_address_without_a_page_says_so(demonstration_app: AppServer) -> None:
    with session(demonstration_app) as reader:
        assert reader.read("nothing_here").missing


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_speaks_the_language_of_its_address(
    page: str, code: str, demonstration_app: AppServer
) -> None:
    with session(demonstration_app) as reader:
        drawn = reader.read(page, lang=code)
    assert not drawn.errors
    assert language(code).say(f"page.{page}") in drawn.text
    script = next(part for part in drawn.html if part.startswith("<script"))
    assert f'page.lang = "{code}"' in script


def test_an_unknown_language_or_code_in_the_address_is_passed_over(demonstration_app: AppServer) -> None:
    with session(demonstration_app) as reader:
        plain = reader.read("overview", lang="en")
    with session(demonstration_app) as reader:
        odd = reader.read("overview", lang="xx", cal="x", period="x", as_of="2024-13-40")
    assert not odd.errors
    assert headline(odd) == headline(plain)


@pytest.mark.parametrize("page", FILTERED)
def test_every_way_on_keeps_language_and_filters(page: str, demonstration_app: AppServer) -> None:
    kept = {"lang": ["th"], "cal": ["jalali"], "as_of": ["2026-03-31"], "channel": ["App", "Store"]}
    with session(demonstration_app) as reader:
        drawn = reader.read(page, **kept)
    assert not drawn.errors
    navigation = next(part for part in drawn.html if '<nav class="mo-nav"' in part)
    ways = [unescape(found) for found in re.findall(r'href="([^"]*)"', navigation)]
    assert {urlsplit(way).path for way in ways} == set(PAGES)
    for way in ways:
        assert parse_qs(urlsplit(way).query) == kept


def test_what_the_base_cannot_serve_is_not_offered(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("customer,date,amount\n1,2024-01-05,10\n", "utf-8")
    mapping = load_mapping("orders: {columns: {customer_id: customer, ordered_at: date, amount: amount}}")
    bring(tmp_path / "base", file, mapping, source_name="orders.csv")
    with app_server(tmp_path / "base", tmp_path) as server, session(server) as reader:
        drawn = reader.read("overview", lang="en")
    assert "Last 12 months" in drawn.labels
    assert not {"All channels", "All categories", "All regions"} & set(drawn.labels)


def test_a_filter_with_nobody_behind_it_offers_to_show_everything(demonstration_app: AppServer) -> None:
    with session(demonstration_app) as reader:
        drawn = reader.read("overview", lang="en", as_of="1950-01-01")
    assert headline(drawn) == language("en").say("empty.for_filters")
    assert any(
        parse_qs(urlsplit(way).query) == {"lang": ["en"]} for way in addresses(drawn) if "overview" in way
    )


def test_the_customers_behind_an_address(demonstration_app: AppServer) -> None:
    with session(demonstration_app) as reader:
        everybody = reader.read("customer", lang="en")
        champions = reader.read("customer", lang="en", segment="champions")
        cell = reader.read("customer", lang="en", r="5", v="5")
        unknown = reader.read("customer", lang="en", customer="nobody")
        way = next(one for one in addresses(everybody) if "customer=" in one)
        one = reader.read(
            "customer", **{name: each[0] for name, each in parse_qs(urlsplit(way).query).items()}
        )
    assert headline(everybody).endswith("customers have bought from us.")
    assert "Champions" in headline(champions)
    assert "5 of 5 on recency" in headline(cell)
    assert "nobody" in headline(unknown)
    assert re.match(r"Customer \S+ has bought", headline(one))
    assert any("order=" in each for each in addresses(one))


def listed(drawn: Drawn) -> list[str]:
    """The ids on a list, in its order."""
    return [
        query["customer"][0]
        for way in addresses(drawn)
        if "customer" in (query := parse_qs(urlsplit(way).query))
    ]


def test_a_list_is_sorted_and_searched_by_its_address(demonstration_app: AppServer) -> None:
    with session(demonstration_app) as reader:
        by_revenue = reader.read("customer", lang="en", segment="at_risk")
        by_id = reader.read("customer", lang="en", segment="at_risk", sort="customer_id")
        falling = reader.read("customer", lang="en", segment="at_risk", sort="-customer_id")
        ids = listed(by_id)
        some = reader.read("customer", lang="en", segment="at_risk", id=ids[0][:-1].lower())
        nobody = reader.read("customer", lang="en", segment="at_risk", id="no such")
        odd = reader.read("customer", lang="en", segment="at_risk", sort="phone")
    assert ids == sorted(ids)
    assert listed(falling) == ids[::-1]
    assert sorted(listed(by_revenue)) == ids
    assert listed(odd) == listed(by_revenue)
    assert sorted(listed(some)) == [one for one in ids if one.startswith(ids[0][:-1])]
    assert not listed(nobody)
    assert {headline(each) for each in (by_id, some, nobody)} == {headline(by_revenue)}
    assert "No ID on this list begins with “no such”." in unescape(nobody.text)
    assert 'aria-sort="ascending"><a href="customer?lang=en&amp;segment=at_risk&amp;sort=-customer_id"' in (
        by_id.text
    )
    assert ">At risk<" in by_id.text


def test_the_list_of_everybody_is_sorted_from_the_most_to_the_least_engaged(
    demonstration_app: AppServer,
) -> None:
    with session(demonstration_app) as reader:
        drawn = reader.read("customer", lang="en", sort="segment")
    names = re.findall(r'segment=([a-z_]+)"><bdi>', drawn.text)
    assert len(names) == 100
    assert names == sorted(names, key=SEGMENTS.index)


def test_a_customer_is_in_a_segment_for_reasons_in_words(demonstration_app: AppServer) -> None:
    with session(demonstration_app) as reader:
        everybody = reader.read("customer", lang="en", segment="champions")
        one = reader.read("customer", lang="en", customer=listed(everybody)[0])
    text = re.sub("[\u2066-\u2069]", "", unescape(one.text))
    assert "In the segment “Champions”, because" in text
    assert "5 of 5: very many purchases" in text
    assert "5 of 5: very much revenue" in text
    assert "customer?lang=en&segment=champions" in addresses(one)


def test_names_in_a_base_are_text_on_every_page(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS, "utf-8")
    bring(tmp_path / "base", file, load_mapping(MAPPING), source_name="![](x) <b>orders.csv</b>")
    with app_server(tmp_path / "base", tmp_path) as server, session(server) as reader:
        drawn = [reader.read(page, lang="en", channel=HOSTILE[1]) for page in PAGES]
        drawn.append(reader.read("customer", lang="en", customer=HOSTILE[0], order="1"))
        drawn.append(reader.read("customer", lang="en", customer=HOSTILE[2]))
        drawn.append(reader.read("customer", lang="en", id=HOSTILE[0], sort=HOSTILE[2]))
    for page in drawn:
        assert not page.errors
        for told in HOSTILE:
            assert not any(told in label for label in page.labels)
        assert not re.search(r"<(img src=x|script>alert|b>orders)", page.text)


def test_a_new_version_of_the_base_is_shown_without_a_restart(tmp_path: Path) -> None:
    mapping = load_mapping("orders: {columns: {customer_id: customer, ordered_at: date, amount: amount}}")
    for number in (1, 2):
        file = tmp_path / f"orders{number}.csv"
        file.write_text(f"customer,date,amount\n{number},2024-01-05,10\n", "utf-8")
    bring(tmp_path / "base", tmp_path / "orders1.csv", mapping, source_name="orders1.csv")
    with app_server(tmp_path / "base", tmp_path) as server, session(server) as reader:
        assert headline(reader.read("customer", lang="en")).startswith("1 customer ")
        bring(tmp_path / "base", tmp_path / "orders2.csv", mapping, source_name="orders2.csv")
        assert headline(reader.read("customer", lang="en")).startswith("2 customers ")


@pytest.mark.parametrize("path", ["", "overview", "healthz", "app/static/favicon.svg"])
def test_every_answer_carries_the_security_headers(path: str, demonstration_app: AppServer) -> None:
    headers = headers_of(demonstration_app.url + path)
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_the_demonstration_says_so_and_offers_to_bring_a_file(demonstration_app: AppServer) -> None:
    with session(demonstration_app) as reader:
        drawn = reader.read("", lang="en")
    assert language("en").say("demo.notice") in unescape(drawn.text)
    assert language("en").say("demo.bring_own") in drawn.text
