"""From a fresh clone to the first page, with nothing but the README's command."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from pathlib import Path
from typing import Final

from benchmarks.browser import Browser, Painted
from benchmarks.report import Check, Figure, Report
from benchmarks.server import free_port, started, tail_of, wait_for
from benchmarks.settings import REPOSITORY, Settings

SECONDS: Final = 120.0

_PATIENCE_SECONDS: Final = 600.0


def run(settings: Settings, repository: Path = REPOSITORY) -> Report:
    """Clone the last commit of a repository into an empty directory and start it there.

    Installers get an empty cache, so that everything is fetched as on a machine that has never seen it.
    """
    clone = settings.directory / "clone"
    shutil.rmtree(clone, ignore_errors=True)
    begin = time.perf_counter()
    subprocess.run(["git", "clone", "--quiet", repository.as_uri(), str(clone)], check=True)  # noqa: S607 - on the path
    cloned = time.perf_counter() - begin
    port, log = free_port(), settings.directory / "run.log"
    caches = {name: str(settings.directory / "installers") for name in ("UV_CACHE_DIR", "PIP_CACHE_DIR")}
    with started(["make", "run", f"PORT={port}"], clone, log, **caches) as process:
        listens = wait_for(port, process, _PATIENCE_SECONDS)
        listening = time.perf_counter() - begin
        painted = asyncio.run(_first(port)) if listens else Painted(failures=[tail_of(log)])
    shutil.rmtree(clone)
    lines = (
        Figure("git clone", cloned),
        Figure("the server listens", listening if listens else float("nan")),
        Figure("the first page has text", listening + painted.first_text, limit=SECONDS),
        Check("the first page shows no failure", not painted.failures, "; ".join(painted.failures)[:300]),
    )
    return Report("first_page", "a fresh clone of the last commit, installers with empty caches", lines)


async def _first(port: int) -> Painted:
    async with Browser(port) as browser:
        return await browser.go("", {})
