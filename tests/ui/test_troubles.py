"""No base, a damaged base, and what nobody foresaw: a sentence and a way on, never a stack trace."""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from crm_core.i18n import language
from crm_core.sources.mapping import load_mapping
from crm_core.ui import bases
from crm_core.ui.location import LOCATION_VARIABLE, location, own_beside
from crm_core.workspace import current_version
from crm_core.workspace.bringing import bring
from tests.servers.app import REPOSITORY

SAY = language("en").say


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """What the app moved out of the collector's way comes back when a test ends."""
    yield
    gc.unfreeze()


def app_on(base: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv(LOCATION_VARIABLE, str(base))
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=60)
    app.query_params["lang"] = "en"
    return app


def shown(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(str(element.proto.body) for element in app.get("html"))


def two_versions(base: Path, directory: Path) -> None:
    mapping = load_mapping("orders: {columns: {customer_id: customer, ordered_at: date, amount: amount}}")
    for number in (1, 2):
        file = directory / f"orders{number}.csv"
        file.write_text(f"customer,date,amount\n{number},2024-01-05,10\n", "utf-8")
        bring(base, file, mapping, source_name=file.name)


def test_without_a_base_there_is_a_way_to_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_on(tmp_path / "none", monkeypatch).run()
    assert SAY("empty.base") in shown(app)
    assert 'href="data?' in shown(app)
    assert app.button(key="mo-demonstration").label == SAY("demo.look")


def test_a_damaged_base_says_which_part_and_goes_back_to_the_version_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "base"
    two_versions(base, tmp_path)
    manifest = base / "versions" / "000002.json"
    manifest.write_text(manifest.read_text("utf-8").replace("orders2", "orders3"), "utf-8")
    app = app_on(base, monkeypatch).run()
    assert "versions/000002.json" in shown(app)
    button = app.button(key="mo-restore")
    assert button.label == SAY("base.restore_sound", version=1)
    button.click().run()
    assert current_version(str(base)) == 3
    assert "1 customer bought" in shown(app)


def test_a_base_that_nothing_of_is_whole_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tmp_path / "base"
    two_versions(base, tmp_path)
    for manifest in (base / "versions").glob("*.json"):
        manifest.write_text("{", "utf-8")
    app = app_on(base, monkeypatch).run()
    assert SAY("base.nothing_to_restore") in shown(app)


def test_what_nobody_foresaw_is_a_sentence_with_a_number_that_stands_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object = None) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(bases, "opened", fail)
    with caplog.at_level(logging.ERROR):
        app = app_on(tmp_path, monkeypatch).run()
    assert SAY("error.unexpected") in shown(app)
    assert "secret" not in shown(app)
    reference = re.search(r"[0-9a-f]{8}", shown(app).split(SAY("error.unexpected"))[1])
    assert reference is not None
    logged = next(record for record in caplog.records if reference.group() in record.getMessage())
    assert logged.exc_info is not None


def test_own_files_never_go_into_a_demonstration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "demonstration"
    monkeypatch.setenv(LOCATION_VARIABLE, str(told))
    assert location() == str(told)
    two_versions(Path(own_beside(str(told))), tmp_path)
    assert location() == f"{told}-own"


@pytest.mark.parametrize("page", ["segments", "churn"])
def test_what_the_base_does_not_have_is_named_with_a_way_out(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = load_mapping(
        "orders: {columns: {customer_id: customer, ordered_at: date, amount: amount, channel: channel}}"
    )
    file = tmp_path / "orders.csv"
    file.write_text("customer,date,amount,channel\n1,2024-01-05,10,Store\n", "utf-8")
    bring(tmp_path / "base", file, mapping, source_name=file.name)
    app = app_on(tmp_path / "base", monkeypatch)
    app.query_params["page"] = page
    app.query_params["channel"] = ["Store", "Pigeon"]
    html = re.sub("[\u2066-\u2069]|</?bdi[^>]*>", "", shown(app.run()))
    assert SAY("filter.unknown_channel", name="Pigeon") in html
    (way,) = re.findall(r'class="mo-way" href="([^"]*)"', html)
    assert "channel=Store" in way
    assert "Pigeon" not in way


@pytest.mark.parametrize(("day", "warned"), [("2024-01-05", False), ("2098-01-05", True)])
def test_orders_dated_after_today_are_told(
    day: str, warned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = load_mapping("orders: {columns: {customer_id: customer, ordered_at: date, amount: amount}}")
    file = tmp_path / "orders.csv"
    file.write_text(f"customer,date,amount\n1,2024-01-05,10\n2,{day},10\n", "utf-8")
    bring(tmp_path / "base", file, mapping, source_name=file.name)
    html = shown(app_on(tmp_path / "base", monkeypatch).run())
    assert ("which is after today" in html) == warned
