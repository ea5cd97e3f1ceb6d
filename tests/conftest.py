"""Fixtures that all tests share: engines to run on, real data, a browser."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.browser_launch import CHROMIUM_FLAGS, find_chromium
from tests.engines import ENGINES, Engine, open_engine
from tests.left_out import LeftOut, in_ci
from tests.servers.postgres import PostgresServer, PostgresUnavailable, shared_server, stop_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REPOSITORY = Path(__file__).resolve().parent.parent

# Two cores are shared by whatever else runs: a deadline would measure the machine.
hypothesis.settings.register_profile("here", deadline=None, print_blob=True)
hypothesis.settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
hypothesis.settings.load_profile("ci" if in_ci() else "here")

_MARK_OF_FIXTURE = {"postgres_server": "postgres", "chromium": "browser", "shared_data": "shared_data"}
_server_home = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(LeftOut(), "left-out")
    worker_input = getattr(config, "workerinput", None)
    if worker_input is not None:
        config.stash[_server_home] = Path(worker_input["server_home"])
    else:
        config.stash[_server_home] = Path(tempfile.mkdtemp(prefix="moshtari-postgres-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["server_home"] = str(node.config.stash[_server_home])


def pytest_unconfigure(config: pytest.Config) -> None:
    # Pages that were drawn in this process have frozen what they loaded, which then could not end in order.
    gc.unfreeze()
    if not hasattr(config, "workerinput"):
        stop_server(config.stash[_server_home])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if mark := _MARK_OF_FIXTURE.get(fixture):
                item.add_marker(mark)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The directory of public data sets, `../shared/data` beside the repository."""
    directory = REPOSITORY.parent / "shared" / "data"
    if not directory.is_dir():
        pytest.skip("there is no ../shared/data beside the repository")
    return directory


@pytest.fixture(scope="session")
def peers_python() -> Path:
    """The Python of the libraries that figures are held against, to be run as another process."""
    python = REPOSITORY / ".venv-peers" / "bin" / "python"
    if not python.exists():
        # Loud all the same: with CI set, whatever is left out is a failure (tests/left_out.py).
        pytest.skip("there is no .venv-peers: run `make .venv-peers/ready`")
    return python


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> PostgresServer:
    """The PostgreSQL server of this run, started when first asked for."""
    try:
        return shared_server(pytestconfig.stash[_server_home])
    except PostgresUnavailable as unavailable:
        pytest.skip(str(unavailable))


OpenEngine = Callable[..., AbstractContextManager[Engine]]


@pytest.fixture(scope="session")
def open_engine_named(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> OpenEngine:
    """Opens engines for fixtures of their own scope: `with open_engine_named("postgres") as engine:`.

    Takes `icu_locale=` too, for PostgreSQL.
    """

    def open_named(name: str, icu_locale: str | None = None) -> AbstractContextManager[Engine]:
        server = request.getfixturevalue("postgres_server") if name == "postgres" else None
        return open_engine(name, tmp_path_factory.mktemp("engine"), server, icu_locale)

    return open_named


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, open_engine_named: OpenEngine) -> Iterator[Engine]:
    """An empty engine; the test runs on DuckDB, on SQLite and on PostgreSQL."""
    with open_engine_named(request.param) as opened:
        yield opened


@pytest.fixture
def collated_engine(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Engine]:
    """PostgreSQL ordering text as people do (ICU, en-US): `a` < `B`, unlike the other engines."""
    with open_engine("postgres", tmp_path, postgres_server, icu_locale="en-US") as opened:
        yield opened


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium, driven by Playwright; tests open their own contexts in it.

    One for each module: while Playwright's loop runs, nothing else in the process may start one.
    """
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium is installed (on Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()
